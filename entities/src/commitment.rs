//! What a city has promised a network or an organization.

use sea_orm::entity::prelude::*;

crate::table! { "commitment", described citable {
    /// City that made it.
    pub city_id: i64,
    /// Network or organization; null when not said.
    pub recipient_id: Option<i64>,
    /// Membership that it arises from; null when none.
    pub membership_id: Option<i64>,
    /// EDTF, as the source has it; null when no source says.
    pub made_date: Option<String>,
    /// First day that `made_date` can mean; null when it has no year.
    pub made_earliest: Option<String>,
    /// Last day that `made_date` can mean; null when it has no year.
    pub made_latest: Option<String>,
    /// EDTF, as the source has it; null when no source says.
    pub due_date: Option<String>,
    /// First day that `due_date` can mean; null when it has no year.
    pub due_earliest: Option<String>,
    /// Last day that `due_date` can mean; null when it has no year.
    pub due_latest: Option<String>,
    /// Wording, a text; null when the source does not give it.
    pub text: Option<Json>,
    #[sea_orm(belongs_to, from = "city_id", to = "id")]
    pub city: BelongsTo<super::city::Entity>,
    #[sea_orm(belongs_to, relation_enum = "Recipient", from = "recipient_id", to = "id")]
    pub recipient: BelongsTo<Option<super::record::Entity>>,
    #[sea_orm(belongs_to, from = "membership_id", to = "id")]
    pub membership: BelongsTo<Option<super::membership::Entity>>,
}}
