//! The change log: what was written, by whom and why.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[changeset(), change_entry(), change_position()]).await?;
        let first = "INSERT INTO change_position (id, position) VALUES (1, 0)";
        manager.get_connection().execute_unprepared(first).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["changeset", "change_entry", "change_position"]).await
    }
}

/// What was written together. Instants are microseconds since the Unix epoch.
fn changeset() -> Table {
    Table::new("changeset")
        .text("public_id")
        .unique()
        .text("author")
        .text("comment")
        .nullable()
        .integer("recorded_at")
        // Of its entries, which are consecutive.
        .integer("first_position")
        .integer("last_position")
}

/// One change of one record.
fn change_entry() -> Table {
    Table::with_key("change_entry", &["position"])
        .integer("position")
        .reference("changeset_id", "changeset")
        .reference("record_id", "record")
        .integer("version")
        .text("operation")
        // The record after the change, in the API's field names.
        .json("record")
        .nullable()
        .integer("schema_version")
        .integer("recorded_at")
        .unique_index(&["record_id", "version"])
}

/// The last position given out, in the only row. A counter in a row, unlike a sequence, has no holes
/// and is not seen to be ahead of the entries.
fn change_position() -> Table {
    Table::new("change_position").check("id = 1").integer("position")
}
