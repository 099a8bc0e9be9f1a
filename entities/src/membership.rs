//! Memberships of cities in networks. Who leaves and joins again has two.

use sea_orm::entity::prelude::*;

crate::table! { "membership", described citable {
    pub city_id: i64,
    pub network_id: i64,
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
    /// Null when not known.
    pub status_id: Option<i64>,
    #[sea_orm(belongs_to, from = "city_id", to = "id")]
    pub city: BelongsTo<super::city::Entity>,
    #[sea_orm(belongs_to, from = "network_id", to = "id")]
    pub network: BelongsTo<super::network::Entity>,
    #[sea_orm(belongs_to, relation_enum = "Status", from = "status_id", to = "id")]
    pub status: BelongsTo<Option<super::term::Entity>>,
    #[sea_orm(has_many)]
    pub field_periods: HasMany<super::field_period::Entity>,
    #[sea_orm(has_many)]
    pub challenges: HasMany<super::challenge::Entity>,
}}
