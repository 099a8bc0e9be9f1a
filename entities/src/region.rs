//! Regions of the world or of a country.

use sea_orm::entity::prelude::*;

crate::table! { "region", described {
    /// Null when not known.
    pub kind_id: Option<i64>,
    /// Next larger region; null when none is recorded.
    pub contained_in_id: Option<i64>,
    #[sea_orm(belongs_to, relation_enum = "Kind", from = "kind_id", to = "id")]
    pub kind: BelongsTo<Option<super::term::Entity>>,
    #[sea_orm(self_ref, relation_enum = "ContainedIn", from = "contained_in_id", to = "id")]
    pub contained_in: BelongsTo<Option<Entity>>,
}}
