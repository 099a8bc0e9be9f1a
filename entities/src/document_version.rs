//! The text of a document as of a day. Never changed: another text is another version.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "document_version")]
pub struct Model {
    /// The type in the upper 16 bits, a number in the lower 48.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// What the world sees: the prefix of the type and a ULID.
    #[sea_orm(unique)]
    pub public_id: String,
    /// Number of changes, from 1.
    pub version: i64,
    /// Microseconds since the Unix epoch.
    pub created_at: i64,
    /// Microseconds since the Unix epoch.
    pub updated_at: i64,
    /// What others call it: an array of `{scheme, value, exactness}`.
    pub identifiers: Json,
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
    #[sea_orm(belongs_to, from = "id", to = "id")]
    pub record: BelongsTo<super::record::Entity>,
    #[sea_orm(belongs_to, from = "document_id", to = "id")]
    pub document: BelongsTo<super::document::Entity>,
    #[sea_orm(has_many)]
    pub passages: HasMany<super::passage::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
