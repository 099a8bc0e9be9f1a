//! Networks that cities are members of.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[network()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["network"]).await
    }
}

fn network() -> Table {
    Table::record("network")
        .described()
        .reference("operator_id", "organization")
        .nullable()
        .fuzzy_date("founding")
        .reference("field_vocabulary_id", "vocabulary")
        .nullable()
}
