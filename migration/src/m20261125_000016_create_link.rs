//! Links: one record stands in a relation to another.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[link()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["link"]).await
    }
}

fn link() -> Table {
    Table::record("link")
        .citable()
        .reference("from_id", "record")
        .text("relation")
        .reference("to_id", "record")
        .fuzzy_date("start")
        .fuzzy_date("end")
        .unique_index(&["from_id", "relation", "to_id", "coalesce(start_date, '')"])
        .index(&["from_id", "relation", "id"])
        .index(&["to_id", "relation", "id"])
}
