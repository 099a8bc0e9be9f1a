//! Reports that members owe their network.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[monitoring_report()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["monitoring_report"]).await
    }
}

/// Reports that members owe their network.
fn monitoring_report() -> Table {
    Table::record("monitoring_report")
        .citable()
        .reference("membership_id", "membership")
        .integer("due_year")
        .text("submitted_on")
        .nullable()
        .reference("status_id", "term")
        .nullable()
        .reference("document_id", "document")
        .nullable()
        .unique_index(&["membership_id", "due_year"])
}
