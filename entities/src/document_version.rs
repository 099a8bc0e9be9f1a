//! The text of a document as of a day. Never changed: another text is another version.

use sea_orm::entity::prelude::*;

crate::table! { "document_version", record {
    pub document_id: i64,
    /// Of the bytes of `text`, in lower case hexadecimal digits.
    #[sea_orm(unique)]
    pub sha256: String,
    /// In Unicode's form NFC.
    pub text: String,
    /// In bytes of UTF-8.
    pub byte_length: i64,
    /// In code points.
    pub character_length: i64,
    /// IANA media type.
    pub media_type: String,
    /// Day, `YYYY-MM-DD`; null when not known.
    pub retrieved_on: Option<String>,
    #[sea_orm(belongs_to, from = "document_id", to = "id")]
    pub document: BelongsTo<super::document::Entity>,
    #[sea_orm(has_many)]
    pub passages: HasMany<super::passage::Entity>,
}}
