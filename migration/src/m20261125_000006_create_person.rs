//! Persons.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[person()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["person"]).await
    }
}

fn person() -> Table {
    Table::record("person")
        .described()
        .text("family_name")
        .nullable()
        .text("given_name")
        .nullable()
        // Without case and marks.
        .text("family_name_folded")
        .nullable()
        .text("name_order")
        .nullable()
        .one_of(&["FAMILY_FIRST", "GIVEN_FIRST"])
        .index(&["family_name_folded", "id"])
}
