//! Terms of vocabularies.

use sea_orm::entity::prelude::*;

crate::table! { "term", described {
    pub vocabulary_id: i64,
    /// Code, unique in the vocabulary.
    pub notation: String,
    /// Place in the vocabulary, from 1.
    pub list_position: i64,
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
    /// Term of a wider meaning; null when there is none.
    pub broader_id: Option<i64>,
    #[sea_orm(belongs_to, from = "vocabulary_id", to = "id")]
    pub vocabulary: BelongsTo<super::vocabulary::Entity>,
    #[sea_orm(self_ref, relation_enum = "Broader", from = "broader_id", to = "id")]
    pub broader: BelongsTo<Option<Entity>>,
}}
