//! In which field a member is in a network, and when: a city can change its field.

use sea_orm::entity::prelude::*;

crate::table! { "field_period", citable {
    pub membership_id: i64,
    /// Term of the network's vocabulary.
    pub field_id: i64,
    /// EDTF, as the source has it; null when no source says.
    pub start_date: Option<String>,
    /// First day that `start_date` can mean; null when it has no year.
    pub start_earliest: Option<String>,
    /// Last day that `start_date` can mean; null when it has no year.
    pub start_latest: Option<String>,
    /// EDTF, as the source has it; null when no source says or it has not ended.
    pub end_date: Option<String>,
    /// First day that `end_date` can mean; null when it has no year.
    pub end_earliest: Option<String>,
    /// Last day that `end_date` can mean; null when it has no year.
    pub end_latest: Option<String>,
    #[sea_orm(belongs_to, from = "membership_id", to = "id")]
    pub membership: BelongsTo<super::membership::Entity>,
    #[sea_orm(belongs_to, relation_enum = "Field", from = "field_id", to = "id")]
    pub field: BelongsTo<super::term::Entity>,
}}
