//! Who took part in an event.

use sea_orm::entity::prelude::*;

crate::table! { "participation", citable {
    /// The event.
    pub event_id: i64,
    /// Person or organization.
    pub agent_id: i64,
    /// Null when not said.
    pub role_id: Option<i64>,
    #[sea_orm(belongs_to, from = "event_id", to = "id")]
    pub event: BelongsTo<super::event::Entity>,
    #[sea_orm(belongs_to, relation_enum = "Agent", from = "agent_id", to = "id")]
    pub agent: BelongsTo<super::record::Entity>,
    #[sea_orm(belongs_to, relation_enum = "Role", from = "role_id", to = "id")]
    pub role: BelongsTo<Option<super::term::Entity>>,
}}
