//! Which document says what a record says, and where.

use sea_orm::entity::prelude::*;

crate::table! { "citation", record {
    /// Any record.
    pub subject_id: i64,
    pub document_id: i64,
    /// Null when the text of the document is not stored.
    pub passage_id: Option<i64>,
    /// Equals the text of the document version between the offsets, if there are any; null when
    /// none is given.
    pub quote: Option<String>,
    /// In code points, from 0; null without a place.
    pub char_start: Option<i64>,
    /// In code points, exclusive; null without a place.
    pub char_end: Option<i64>,
    /// In bytes of UTF-8, from 0; null without a place.
    pub byte_start: Option<i64>,
    /// In bytes of UTF-8, exclusive; null without a place.
    pub byte_end: Option<i64>,
    /// Page, table row and so on, for documents without a stored text; null when not needed.
    pub locator: Option<String>,
    /// Where the source was seen, if not at the address of the document; null otherwise.
    pub url: Option<String>,
    /// Array of `{lang, value, origin}`; null when there is none.
    pub note: Option<Json>,
    #[sea_orm(belongs_to, relation_enum = "Subject", from = "subject_id", to = "id")]
    pub subject: BelongsTo<super::record::Entity>,
    #[sea_orm(belongs_to, from = "document_id", to = "id")]
    pub document: BelongsTo<super::document::Entity>,
    #[sea_orm(belongs_to, from = "passage_id", to = "id")]
    pub passage: BelongsTo<Option<super::passage::Entity>>,
}}
