//! Lists that records were read from.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[dataset()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["dataset"]).await
    }
}

/// Lists that records were read from.
fn dataset() -> Table {
    Table::record("dataset")
        .described()
        .reference("publisher_id", "organization")
        .nullable()
        .reference("network_id", "network")
        .nullable()
        .text("scheme")
        .nullable()
        .text("license_name")
        .text("license_spdx_id")
        .nullable()
        .text("license_url")
        .nullable()
        .text("attribution")
        .nullable()
        .text("edition")
        .nullable()
        .text("url")
        .nullable()
        .text("retrieved_on")
        .nullable()
        .integer("expected_count")
        .nullable()
}
