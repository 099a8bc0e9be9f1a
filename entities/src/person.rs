//! Persons, as far as they are public.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
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
    /// In its own script; null when not known.
    pub family_name: Option<String>,
    /// With middle names; null when not known.
    pub given_name: Option<String>,
    /// `family_name` without case and marks; null when that is.
    pub family_name_folded: Option<String>,
    /// `FAMILY_FIRST` or `GIVEN_FIRST`; null when not known.
    pub name_order: Option<String>,
    #[sea_orm(belongs_to, from = "id", to = "id")]
    pub record: BelongsTo<super::record::Entity>,
    #[sea_orm(has_many)]
    pub office_holdings: HasMany<super::office_holding::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
