//! Networks that cities are members of.

use sea_orm::entity::prelude::*;

crate::table! { "network", described {
    /// Null when not known.
    pub operator_id: Option<i64>,
    /// EDTF, as the source has it; null when no source says.
    pub founding_date: Option<String>,
    /// First day that `founding_date` can mean; null when it has no year.
    pub founding_earliest: Option<String>,
    /// Last day that `founding_date` can mean; null when it has no year.
    pub founding_latest: Option<String>,
    /// Vocabulary of the fields that members join in; null when it has none.
    pub field_vocabulary_id: Option<i64>,
    #[sea_orm(belongs_to, relation_enum = "Operator", from = "operator_id", to = "id")]
    pub operator: BelongsTo<Option<super::organization::Entity>>,
    #[sea_orm(
        belongs_to,
        relation_enum = "FieldVocabulary",
        from = "field_vocabulary_id",
        to = "id"
    )]
    pub field_vocabulary: BelongsTo<Option<super::vocabulary::Entity>>,
    #[sea_orm(has_many)]
    pub memberships: HasMany<super::membership::Entity>,
}}
