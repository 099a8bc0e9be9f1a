//! The change log says how its writers came in and for whom they wrote, and where merged records went; answers to writes
//! are kept for those who ask again.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::extend(manager, &record()).await?;
        table::extend(manager, &changeset()).await?;
        table::extend(manager, &change_entry()).await?;
        table::create(manager, &[kept_answer()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["kept_answer"]).await?;
        table::shrink(manager, &change_entry()).await?;
        table::shrink(manager, &changeset()).await?;
        table::shrink(manager, &record()).await
    }
}

/// When a record was deleted: its id is never used again. Microseconds since the Unix epoch.
fn record() -> Table {
    Table::with_key("record", &["id"]).integer("deleted_at").nullable()
}

/// How the author came in, for whom, and by which key. What was written before, the program itself has written.
fn changeset() -> Table {
    Table::with_key("changeset", &["id"])
        .text("actor_kind")
        .nullable()
        .text("actor_key")
        .nullable()
        .reference("organization_id", "record")
        .nullable()
}

/// The record that took the place of a merged one.
fn change_entry() -> Table {
    Table::with_key("change_entry", &["position"]).reference("merged_into_id", "record").nullable()
}

/// What came of a write that named itself by an idempotency key.
fn kept_answer() -> Table {
    Table::with_key("kept_answer", &["caller", "name"])
        // Public id of the API key.
        .text("caller")
        // The idempotency key.
        .text("name")
        // Hash of what was asked.
        .text("fingerprint")
        // What the changeset came to; null while it is at work.
        .json("outcome")
        .nullable()
        // The answer as it was given, once it was.
        .json("answer")
        .nullable()
        // Microseconds since the Unix epoch.
        .integer("created_at")
        .index(&["created_at"])
}
