//! Passages of document versions.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[passage()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["passage"]).await
    }
}

fn passage() -> Table {
    Table::record("passage")
        .reference("document_version_id", "document_version")
        .text("anchor")
        .reference("role_id", "term")
        .nullable()
        .span()
        .text("text")
        .json("translation")
        .nullable()
        .unique_index(&["document_version_id", "anchor"])
        .index(&["document_version_id", "char_start", "id"])
}
