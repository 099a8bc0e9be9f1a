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
    #[sea_orm(has_many)]
    pub cities: HasMany<super::city::Entity>,
}}
