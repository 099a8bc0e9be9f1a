//! Talks and papers given at events.

use sea_orm::entity::prelude::*;

crate::table! { "presentation", described {
    /// Null when not known.
    pub kind_id: Option<i64>,
    /// Null when not known.
    pub event_id: Option<i64>,
    /// BCP 47 tag; null when not said.
    pub in_language: Option<String>,
    /// Its text; null when not in the base.
    pub document_id: Option<i64>,
    #[sea_orm(belongs_to, relation_enum = "Kind", from = "kind_id", to = "id")]
    pub kind: BelongsTo<Option<super::term::Entity>>,
    #[sea_orm(belongs_to, from = "event_id", to = "id")]
    pub event: BelongsTo<Option<super::event::Entity>>,
    #[sea_orm(belongs_to, from = "document_id", to = "id")]
    pub document: BelongsTo<Option<super::document::Entity>>,
}}
