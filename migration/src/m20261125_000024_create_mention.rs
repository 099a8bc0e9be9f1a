//! Places in stored texts where known records are named.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[mention()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["mention"]).await
    }
}

/// Places in stored texts where known records are named.
fn mention() -> Table {
    Table::record("mention")
        .reference("named_id", "record")
        .reference("passage_id", "passage")
        .text("quote")
        .integer("char_start")
        .integer("char_end")
        .integer("byte_start")
        .integer("byte_end")
        .check("char_start < char_end")
        .check("byte_start < byte_end")
}
