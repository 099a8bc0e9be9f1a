//! Memberships of cities in networks, and the fields that they have had.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[membership(), field_period()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["membership", "field_period"]).await
    }
}

fn membership() -> Table {
    Table::record("membership")
        .described()
        .citable()
        .reference("city_id", "city")
        .reference("network_id", "network")
        .fuzzy_date("start")
        .fuzzy_date("end")
        .reference("status_id", "term")
        .nullable()
        .unique_index(&["city_id", "network_id", "coalesce(start_date, '')"])
        .index(&["start_earliest", "id"])
}

fn field_period() -> Table {
    Table::record("field_period")
        .citable()
        .reference("membership_id", "membership")
        .reference("field_id", "term")
        .fuzzy_date("start")
        .fuzzy_date("end")
}
