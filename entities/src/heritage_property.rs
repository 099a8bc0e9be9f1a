//! World Heritage properties.

use sea_orm::entity::prelude::*;

crate::table! { "heritage_property", described {
    /// Cultural, natural or mixed; null when not known.
    pub category_id: Option<i64>,
    /// Year of inscription; null when not known.
    pub inscription_year: Option<i64>,
    #[sea_orm(belongs_to, relation_enum = "Category", from = "category_id", to = "id")]
    pub category: BelongsTo<Option<super::term::Entity>>,
}}
