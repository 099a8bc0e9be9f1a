//! Groups that a text names without their being organizations.

use sea_orm::entity::prelude::*;

crate::table! { "stakeholder", described {
    /// Null when not known.
    pub kind_id: Option<i64>,
    /// Where it is found; null when not said.
    pub region_id: Option<i64>,
    #[sea_orm(belongs_to, relation_enum = "Kind", from = "kind_id", to = "id")]
    pub kind: BelongsTo<Option<super::term::Entity>>,
    #[sea_orm(belongs_to, from = "region_id", to = "id")]
    pub region: BelongsTo<Option<super::region::Entity>>,
}}
