//! Documents, and their texts as of a day.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[document(), document_version()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["document", "document_version"]).await
    }
}

fn document() -> Table {
    Table::record("document")
        .described()
        .reference("kind_id", "term")
        .nullable()
        .reference("publisher_id", "organization")
        .nullable()
        .fuzzy_date("published")
        .text("url")
        .nullable()
        // BCP 47.
        .text("in_language")
        .json("rights")
        .nullable()
        .index(&["published_earliest", "id"])
}

/// Never changed: another text is another version.
fn document_version() -> Table {
    Table::record("document_version")
        .reference("document_id", "document")
        // In hexadecimal digits.
        .text("sha256")
        .unique()
        .check("length(sha256) = 64")
        .text("text")
        .integer("byte_length")
        // In code points.
        .integer("character_length")
        .text("media_type")
        .text("retrieved_on")
        .nullable()
}
