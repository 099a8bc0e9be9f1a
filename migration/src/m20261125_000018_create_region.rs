//! Regions of the world or of a country. Groups that a text names without their being organizations.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[region(), stakeholder()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["region", "stakeholder"]).await
    }
}

/// Regions of the world or of a country.
fn region() -> Table {
    Table::record("region")
        .described()
        .reference("kind_id", "term")
        .nullable()
        .reference("contained_in_id", "region")
        .nullable()
}

/// Groups that a text names without their being organizations.
fn stakeholder() -> Table {
    Table::record("stakeholder")
        .described()
        .reference("kind_id", "term")
        .nullable()
        .reference("region_id", "region")
        .nullable()
}
