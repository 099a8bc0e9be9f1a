//! Citations: which document says what a record says.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[citation()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["citation"]).await
    }
}

fn citation() -> Table {
    Table::record("citation")
        .reference("subject_id", "record")
        .reference("document_id", "document")
        .reference("passage_id", "passage")
        .nullable()
        .text("quote")
        .nullable()
        // Of the quote, in the text of the document version.
        .nullable_span()
        .text("locator")
        .nullable()
        .text("url")
        .nullable()
        .json("note")
        .nullable()
        .index(&["subject_id", "id"])
}
