//! Series of events. Conferences, festivals and other events. Who took part in an event. Talks and papers given at events.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[event_series(), event(), participation(), presentation()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["event_series", "event", "participation", "presentation"]).await
    }
}

/// Series of events.
fn event_series() -> Table {
    Table::record("event_series").described()
}

/// Conferences, festivals and other events.
fn event() -> Table {
    Table::record("event")
        .described()
        .reference("series_id", "event_series")
        .nullable()
        .integer("ordinal")
        .nullable()
        .check("ordinal >= 1")
        .reference("kind_id", "term")
        .nullable()
        .fuzzy_date("start")
        .fuzzy_date("end")
        .json("part_of_day")
        .nullable()
        .json("venue")
        .nullable()
        .reference("city_id", "city")
        .nullable()
        .reference("format_id", "term")
        .nullable()
        .json("scope")
        .nullable()
        .reference("super_event_id", "event")
        .nullable()
        .unique_index(&["series_id", "ordinal"])
        .index(&["start_earliest", "id"])
}

/// Who took part in an event.
fn participation() -> Table {
    Table::record("participation")
        .citable()
        .reference("event_id", "event")
        .reference("agent_id", "record")
        .reference("role_id", "term")
        .nullable()
}

/// Talks and papers given at events.
fn presentation() -> Table {
    Table::record("presentation")
        .described()
        .reference("kind_id", "term")
        .nullable()
        .reference("event_id", "event")
        .nullable()
        .text("in_language")
        .nullable()
        .reference("document_id", "document")
        .nullable()
}
