//! Countries.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[country()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["country"]).await
    }
}

fn country() -> Table {
    Table::record("country")
        .described()
        // ISO 3166-1.
        .text("alpha2_code")
        .unique()
        .text("alpha3_code")
        .unique()
        .text("numeric_code")
        .nullable()
        .unique()
}
