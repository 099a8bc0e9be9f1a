//! World Heritage properties.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[heritage_property()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["heritage_property"]).await
    }
}

/// World Heritage properties.
fn heritage_property() -> Table {
    Table::record("heritage_property")
        .described()
        .reference("category_id", "term")
        .nullable()
        .integer("inscription_year")
        .nullable()
}
