//! Challenges that cities face.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[challenge()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["challenge"]).await
    }
}

fn challenge() -> Table {
    Table::record("challenge")
        .described()
        .citable()
        .reference("city_id", "city")
        .reference("membership_id", "membership")
        .nullable()
        .reference("category_id", "term")
        .nullable()
        .integer("list_position")
        .nullable()
        .check("list_position >= 1")
        .boolean("is_from_open_list")
        .json("factors")
        .json("context")
        .nullable()
        .index(&["city_id", "list_position", "sort_name", "id"])
}
