//! Programmes that cities run for their cultural life.

use sea_orm::entity::prelude::*;

crate::table! { "initiative", described citable {
    pub city_id: i64,
    /// Planned, ongoing and so on; null when not said.
    pub status_id: Option<i64>,
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
    /// Place in the source's list, from 1; null when not from a list.
    pub list_position: Option<i64>,
    /// Initiative that it is a part of; null when of none.
    pub part_of_id: Option<i64>,
    /// Array of texts, each an array of `{lang, value, origin}`.
    pub outcomes: Json,
    /// Exact decimal digits; null when no source says.
    pub budget_amount: Option<String>,
    /// ISO 4217; null without an amount.
    pub budget_currency: Option<String>,
    /// Year whose prices are meant; null when not said.
    pub budget_year: Option<i64>,
    /// City, region or country; null when not said.
    pub location_id: Option<i64>,
    #[sea_orm(belongs_to, from = "city_id", to = "id")]
    pub city: BelongsTo<super::city::Entity>,
    #[sea_orm(belongs_to, relation_enum = "Status", from = "status_id", to = "id")]
    pub status: BelongsTo<Option<super::term::Entity>>,
    #[sea_orm(self_ref, relation_enum = "PartOf", from = "part_of_id", to = "id")]
    pub part_of: BelongsTo<Option<Entity>>,
    #[sea_orm(belongs_to, relation_enum = "Location", from = "location_id", to = "id")]
    pub location: BelongsTo<Option<super::record::Entity>>,
}}
