//! Cities.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[city()]).await?;
        table::extend(manager, &capital()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::shrink(manager, &capital()).await?;
        table::drop(manager, &["city"]).await
    }
}

fn city() -> Table {
    Table::record("city")
        .described()
        .reference("country_id", "country")
        .nullable()
        .reference("kind_id", "term")
        .nullable()
        .geo("latitude", "longitude")
        .integer("population")
        .nullable()
        .check("population > 0")
        .real("area_km2")
        .nullable()
        .check("area_km2 > 0")
        // ISO 3166-2.
        .text("subdivision_code")
        .nullable()
        // IANA time zone database.
        .text("time_zone")
        .nullable()
        .index(&["population", "id"])
        .index(&["country_id", "population", "id"])
}

/// Countries and cities refer to each other, so one of the references comes later.
fn capital() -> Table {
    Table::with_key("country", &["id"]).reference("capital_id", "city").nullable()
}
