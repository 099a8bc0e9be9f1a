//! Passages of document versions.

use sea_orm::entity::prelude::*;

crate::table! { "passage", record {
    pub document_version_id: i64,
    /// Names it among the passages of its version.
    pub anchor: String,
    /// Headline, body, caption and so on; null when not said.
    pub role_id: Option<i64>,
    /// In code points, from 0.
    pub char_start: i64,
    /// In code points, exclusive.
    pub char_end: i64,
    /// In bytes of UTF-8, from 0.
    pub byte_start: i64,
    /// In bytes of UTF-8, exclusive.
    pub byte_end: i64,
    /// Equals the text of the version between the offsets.
    pub text: String,
    /// Array of `{lang, value, origin}`; null when there is none.
    pub translation: Option<Json>,
    #[sea_orm(belongs_to, from = "document_version_id", to = "id")]
    pub document_version: BelongsTo<super::document_version::Entity>,
    #[sea_orm(belongs_to, relation_enum = "Role", from = "role_id", to = "id")]
    pub role: BelongsTo<Option<super::term::Entity>>,
    #[sea_orm(has_many)]
    pub citations: HasMany<super::citation::Entity>,
}}
