//! Countries.

use sea_orm::entity::prelude::*;

crate::table! { "country", described {
    /// ISO 3166-1 alpha-2.
    #[sea_orm(unique)]
    pub alpha2_code: String,
    /// ISO 3166-1 alpha-3.
    #[sea_orm(unique)]
    pub alpha3_code: String,
    /// ISO 3166-1 numeric: three digits; null for a code that has none.
    pub numeric_code: Option<String>,
    /// City; null when it has none or is not in the base.
    pub capital_id: Option<i64>,
    #[sea_orm(belongs_to, relation_enum = "Capital", from = "capital_id", to = "id")]
    pub capital: BelongsTo<Option<super::city::Entity>>,
    #[sea_orm(has_many, relation_enum = "Cities", via_rel = "Country")]
    pub cities: HasMany<super::city::Entity>,
}}
