//! One record stands in a relation to another: the relations without a type of their own.

use sea_orm::entity::prelude::*;

crate::table! { "link", citable {
    /// Any record.
    pub from_id: i64,
    /// A closed list in code.
    pub relation: String,
    /// Any record.
    pub to_id: i64,
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
    #[sea_orm(belongs_to, relation_enum = "From", from = "from_id", to = "id")]
    pub from: BelongsTo<super::record::Entity>,
    #[sea_orm(belongs_to, relation_enum = "To", from = "to_id", to = "id")]
    pub to: BelongsTo<super::record::Entity>,
}}
