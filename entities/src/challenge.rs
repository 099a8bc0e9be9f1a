//! Challenges that cities face, as somebody sees them.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "challenge")]
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
    /// `STATED`, `INFERRED` or `EDITORIAL`.
    pub modality: String,
    /// `PREFERRED`, `NORMAL` or `DEPRECATED`.
    pub rank: String,
    /// Person or organization; never null when `modality` is `EDITORIAL`.
    pub asserted_by_id: Option<i64>,
    pub city_id: i64,
    /// Null when it is not about a membership.
    pub membership_id: Option<i64>,
    /// Null when not sorted.
    pub category_id: Option<i64>,
    /// Place in the source's list, from 1; null when not from a list.
    pub list_position: Option<i64>,
    /// Whether the source's list ends in "…", so that there are more.
    pub is_from_open_list: bool,
    /// Array of texts, each an array of `{lang, value, origin}`.
    pub factors: Json,
    /// Array of `{lang, value, origin}`; null when the source gives none.
    pub context: Option<Json>,
    #[sea_orm(belongs_to, from = "id", to = "id")]
    pub record: BelongsTo<super::record::Entity>,
    #[sea_orm(belongs_to, relation_enum = "AssertedBy", from = "asserted_by_id", to = "id")]
    pub asserted_by: BelongsTo<Option<super::record::Entity>>,
    #[sea_orm(belongs_to, from = "city_id", to = "id")]
    pub city: BelongsTo<super::city::Entity>,
    #[sea_orm(belongs_to, from = "membership_id", to = "id")]
    pub membership: BelongsTo<Option<super::membership::Entity>>,
    #[sea_orm(belongs_to, relation_enum = "Category", from = "category_id", to = "id")]
    pub category: BelongsTo<Option<super::term::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
