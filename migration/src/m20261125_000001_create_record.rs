//! Key tables: a row per record of any type, and what leads to it.
//!
//! Foreign keys that may lead to several types point to `record`.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[record(), record_slug(), record_identifier(), record_name()])
            .await?;

        // Numbers for new records. PostgreSQL's may have holes; nothing depends on them being close.
        table::execute_on(manager, DbBackend::Postgres, "CREATE SEQUENCE record_number").await?;
        for statement in [
            "CREATE TABLE record_number (id INTEGER PRIMARY KEY CHECK (id = 1), last INTEGER NOT NULL)",
            "INSERT INTO record_number (id, last) VALUES (1, 0)",
        ] {
            table::execute_on(manager, DbBackend::Sqlite, statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::execute_on(manager, DbBackend::Postgres, "DROP SEQUENCE record_number").await?;
        table::execute_on(manager, DbBackend::Sqlite, "DROP TABLE record_number").await?;
        table::drop(manager, &["record", "record_slug", "record_identifier", "record_name"]).await
    }
}

/// All records. The upper 16 bits of `id` are the type, the lower 48 a number.
fn record() -> Table {
    Table::new("record")
        .text("public_id")
        .unique()
        // Where a record went that was merged into another.
        .reference("merged_into_id", "record")
        .nullable()
        // Of rows that somebody asserts, so that they are found whatever their type.
        .reference("asserted_by_id", "record")
        .nullable()
        .text("modality")
        .nullable()
        .text("rank")
        .nullable()
}

/// Slugs that lead to a record, its current and its former ones.
fn record_slug() -> Table {
    Table::with_key("record_slug", &["type", "slug"])
        // The type of the record, as in its id.
        .integer("type")
        .text("slug")
        .reference("record_id", "record")
}

/// Identifiers that others give to records.
fn record_identifier() -> Table {
    Table::with_key("record_identifier", &["scheme", "value"])
        .text("scheme")
        .text("value")
        .reference("record_id", "record")
        .text("exactness")
        .one_of(&["EXACT", "NEAR"])
}

/// Names by language, to find records by.
fn record_name() -> Table {
    Table::with_key("record_name", &["record_id", "lang"])
        .reference("record_id", "record")
        .text("lang")
        .text("value")
        // Without case and marks.
        .text("folded")
        .index(&["value"])
        .index(&["folded"])
}
