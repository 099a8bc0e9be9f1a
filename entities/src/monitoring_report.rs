//! Reports that members owe their network.

use sea_orm::entity::prelude::*;

crate::table! { "monitoring_report", citable {
    /// The membership reported on.
    pub membership_id: i64,
    /// Calendar year in which it falls due.
    pub due_year: i64,
    /// Day; null when it was not submitted or is not known.
    pub submitted_on: Option<String>,
    /// Null when not known.
    pub status_id: Option<i64>,
    /// The report; null when not in the base.
    pub document_id: Option<i64>,
    #[sea_orm(belongs_to, from = "membership_id", to = "id")]
    pub membership: BelongsTo<super::membership::Entity>,
    #[sea_orm(belongs_to, relation_enum = "Status", from = "status_id", to = "id")]
    pub status: BelongsTo<Option<super::term::Entity>>,
    #[sea_orm(belongs_to, from = "document_id", to = "id")]
    pub document: BelongsTo<Option<super::document::Entity>>,
}}
