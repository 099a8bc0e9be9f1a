//! Goals of cities and organizations. What a city or its membership is said to gain. What a city has promised a network or an organization.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[goal(), opportunity(), commitment()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["goal", "opportunity", "commitment"]).await
    }
}

/// Goals of cities and organizations.
fn goal() -> Table {
    Table::record("goal")
        .described()
        .citable()
        .reference("subject_id", "record")
        .json("horizon")
        .nullable()
        .fuzzy_date("target")
        .reference("scope_id", "region")
        .nullable()
        .json("importance")
        .nullable()
}

/// What a city or its membership is said to gain.
fn opportunity() -> Table {
    Table::record("opportunity")
        .described()
        .citable()
        .reference("city_id", "city")
        .reference("membership_id", "membership")
        .nullable()
        .reference("category_id", "term")
        .nullable()
        .integer("list_position")
        .nullable()
        .check("list_position >= 1")
        .index(&["city_id", "list_position", "sort_name", "id"])
}

/// What a city has promised a network or an organization.
fn commitment() -> Table {
    Table::record("commitment")
        .described()
        .citable()
        .reference("city_id", "city")
        .reference("recipient_id", "record")
        .nullable()
        .reference("membership_id", "membership")
        .nullable()
        .fuzzy_date("made")
        .fuzzy_date("due")
        .json("text")
        .nullable()
}
