//! Challenges that cities face, as somebody sees them.

use sea_orm::entity::prelude::*;

crate::table! { "challenge", described citable {
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
    #[sea_orm(belongs_to, from = "city_id", to = "id")]
    pub city: BelongsTo<super::city::Entity>,
    #[sea_orm(belongs_to, from = "membership_id", to = "id")]
    pub membership: BelongsTo<Option<super::membership::Entity>>,
    #[sea_orm(belongs_to, relation_enum = "Category", from = "category_id", to = "id")]
    pub category: BelongsTo<Option<super::term::Entity>>,
}}
