//! Initiatives of cities.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[initiative()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["initiative"]).await
    }
}

fn initiative() -> Table {
    Table::record("initiative")
        .described()
        .citable()
        .reference("city_id", "city")
        .reference("status_id", "term")
        .nullable()
        .fuzzy_date("start")
        .fuzzy_date("end")
        .integer("list_position")
        .nullable()
        .check("list_position >= 1")
        .reference("part_of_id", "initiative")
        .nullable()
        .json("outcomes")
        // Decimal digits, since a binary number would not keep the source's.
        .text("budget_amount")
        .nullable()
        .text("budget_currency")
        .nullable()
        .check("(budget_amount IS NULL) = (budget_currency IS NULL)")
        .integer("budget_year")
        .nullable()
        .reference("location_id", "record")
        .nullable()
        .index(&["city_id", "list_position", "sort_name", "id"])
}
