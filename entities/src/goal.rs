//! Goals of cities and organizations.

use sea_orm::entity::prelude::*;

crate::table! { "goal", described citable {
    /// City or organization.
    pub subject_id: i64,
    /// Time in the source's words, a text; null when not said.
    pub horizon: Option<Json>,
    /// EDTF, as the source has it; null when no source says.
    pub target_date: Option<String>,
    /// First day that `target_date` can mean; null when it has no year.
    pub target_earliest: Option<String>,
    /// Last day that `target_date` can mean; null when it has no year.
    pub target_latest: Option<String>,
    /// Region that it is about; null when not said.
    pub scope_id: Option<i64>,
    /// Weight in the source's words, a text; null when not said.
    pub importance: Option<Json>,
    #[sea_orm(belongs_to, relation_enum = "Subject", from = "subject_id", to = "id")]
    pub subject: BelongsTo<super::record::Entity>,
    #[sea_orm(belongs_to, from = "scope_id", to = "id")]
    pub scope: BelongsTo<Option<super::region::Entity>>,
}}
