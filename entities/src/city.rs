//! Cities.

use sea_orm::entity::prelude::*;

crate::table! { "city", described {
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
}}
