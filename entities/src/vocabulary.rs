//! Vocabularies: lists of terms that somebody keeps.

use sea_orm::entity::prelude::*;

crate::table! { "vocabulary", described {
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
    /// Vocabulary that took its place; null while it is in force.
    pub superseded_by_id: Option<i64>,
    /// Null when not known.
    pub publisher_id: Option<i64>,
    #[sea_orm(self_ref, relation_enum = "SupersededBy", from = "superseded_by_id", to = "id")]
    pub superseded_by: BelongsTo<Option<Entity>>,
    #[sea_orm(belongs_to, relation_enum = "Publisher", from = "publisher_id", to = "id")]
    pub publisher: BelongsTo<Option<super::organization::Entity>>,
    #[sea_orm(has_many)]
    pub terms: HasMany<super::term::Entity>,
    #[sea_orm(has_many)]
    pub networks: HasMany<super::network::Entity>,
}}
