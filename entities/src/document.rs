//! Documents that say something: articles, decrees, reports, pages.

use sea_orm::entity::prelude::*;

crate::table! { "document", described {
    /// Null when not known.
    pub kind_id: Option<i64>,
    /// Null when not known.
    pub publisher_id: Option<i64>,
    /// EDTF, as the source has it; null when no source says.
    pub published_date: Option<String>,
    /// First day that `published_date` can mean; null when it has no year.
    pub published_earliest: Option<String>,
    /// Last day that `published_date` can mean; null when it has no year.
    pub published_latest: Option<String>,
    /// Null when it is not on the web.
    pub url: Option<String>,
    /// BCP 47 tag.
    pub in_language: String,
    /// Array of `{lang, value, origin}`; null when not known.
    pub rights: Option<Json>,
    #[sea_orm(belongs_to, relation_enum = "Kind", from = "kind_id", to = "id")]
    pub kind: BelongsTo<Option<super::term::Entity>>,
    #[sea_orm(belongs_to, relation_enum = "Publisher", from = "publisher_id", to = "id")]
    pub publisher: BelongsTo<Option<super::organization::Entity>>,
    #[sea_orm(has_many)]
    pub versions: HasMany<super::document_version::Entity>,
    #[sea_orm(has_many)]
    pub citations: HasMany<super::citation::Entity>,
}}
