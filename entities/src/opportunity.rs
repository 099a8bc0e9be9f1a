//! What a city or its membership is said to gain.

use sea_orm::entity::prelude::*;

crate::table! { "opportunity", described citable {
    /// City whose it is, itself or through its membership.
    pub city_id: i64,
    /// Membership that brings it; null when it is the city's own.
    pub membership_id: Option<i64>,
    /// Null when none is given.
    pub category_id: Option<i64>,
    /// Place in the source's list, from 1; null when there is no list.
    pub list_position: Option<i64>,
    #[sea_orm(belongs_to, from = "city_id", to = "id")]
    pub city: BelongsTo<super::city::Entity>,
    #[sea_orm(belongs_to, from = "membership_id", to = "id")]
    pub membership: BelongsTo<Option<super::membership::Entity>>,
    #[sea_orm(belongs_to, relation_enum = "Category", from = "category_id", to = "id")]
    pub category: BelongsTo<Option<super::term::Entity>>,
}}
