//! Networks that cities are members of.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "network")]
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
    /// For addresses, unique among the records of the type.
    #[sea_orm(unique)]
    pub slug: String,
    /// Array of `{lang, value, origin}`; the first is in the record's own language.
    pub names: Json,
    /// Array of `{value, lang, scope, document}`.
    pub alternate_names: Json,
    /// Array of `{lang, value, origin}`; empty when there is none.
    pub descriptions: Json,
    /// Sort key of the name in the record's own language.
    pub sort_name: String,
    /// Sort key of the name that a Vietnamese reader is shown.
    pub sort_vi: String,
    /// Sort key of the name that an English reader is shown.
    pub sort_en: String,
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
    #[sea_orm(belongs_to, from = "id", to = "id")]
    pub record: BelongsTo<super::record::Entity>,
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
}

impl ActiveModelBehavior for ActiveModel {}
