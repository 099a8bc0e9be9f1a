//! Series of events.

use sea_orm::entity::prelude::*;

crate::table! { "event_series", described {
    #[sea_orm(has_many)]
    pub events: HasMany<super::event::Entity>,
}}
