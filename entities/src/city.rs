//! Cities.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "city")]
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
    pub country_id: Option<i64>,
    /// Municipality, town and so on; null when not known.
    pub kind_id: Option<i64>,
    /// Degrees north, WGS 84; null when not known.
    pub latitude: Option<f64>,
    /// Degrees east, WGS 84; null when not known.
    pub longitude: Option<f64>,
    /// Persons, by the best claim; null when not known, never 0.
    pub population: Option<i64>,
    /// Square kilometres; null when not known.
    pub area_km2: Option<f64>,
    /// ISO 3166-2, e.g. `VN-HN`; null when not known.
    pub subdivision_code: Option<String>,
    /// Name in the IANA time zone database; null when not known.
    pub time_zone: Option<String>,
    #[sea_orm(belongs_to, from = "id", to = "id")]
    pub record: BelongsTo<super::record::Entity>,
    #[sea_orm(belongs_to, from = "country_id", to = "id")]
    pub country: BelongsTo<Option<super::country::Entity>>,
    #[sea_orm(belongs_to, relation_enum = "Kind", from = "kind_id", to = "id")]
    pub kind: BelongsTo<Option<super::term::Entity>>,
    #[sea_orm(has_many)]
    pub memberships: HasMany<super::membership::Entity>,
    #[sea_orm(has_many)]
    pub initiatives: HasMany<super::initiative::Entity>,
    #[sea_orm(has_many)]
    pub challenges: HasMany<super::challenge::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
