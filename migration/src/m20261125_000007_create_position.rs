//! Positions in organizations, and who holds them when.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[position(), office_holding()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["position", "office_holding"]).await
    }
}

fn position() -> Table {
    Table::record("position")
        .described()
        .reference("organization_id", "organization")
        // 1 is the highest.
        .integer("seniority")
        .nullable()
        .check("seniority >= 1")
        .boolean("is_held_by_many")
        .index(&["organization_id", "seniority", "sort_name", "id"])
}

fn office_holding() -> Table {
    Table::record("office_holding")
        .citable()
        .reference("person_id", "person")
        .reference("position_id", "position")
        .fuzzy_date("start")
        .fuzzy_date("end")
        .text("end_kind")
        .one_of(&["ENDED", "OPEN", "UNKNOWN"])
        .json("attested_dates")
        .boolean("is_acting")
        .index(&["start_earliest", "id"])
}
