//! Claims: what a source or an editor says of a property of a record.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[claim(), qualifier()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["claim", "qualifier"]).await
    }
}

fn claim() -> Table {
    value(Table::record("claim").citable().reference("subject_id", "record").text("property"))
        .fuzzy_date("start")
        .fuzzy_date("end")
        .fuzzy_date("observation")
        .json("note")
        .nullable()
        .index(&["subject_id", "property", "rank", "id"])
}

/// Further conditions of claims and links, which are parts of them. The id is the record's, times 32, and the place.
fn qualifier() -> Table {
    value(Table::new("qualifier").reference("subject_id", "record").text("property"))
}

/// The columns of a value of any kind.
fn value(table: Table) -> Table {
    table
        // Which of the value columns hold the value.
        .text("value_kind")
        .one_of(&[
            "RECORD",
            "TEXT",
            "STRING",
            "QUANTITY",
            "DATE",
            "GEO",
            "BOOLEAN",
            "IDENTIFIER",
            "ABSENT",
        ])
        .reference("value_record_id", "record")
        .nullable()
        .json("value_text")
        .nullable()
        .text("value_string")
        .nullable()
        // Decimal digits, since a binary number would not keep the source's.
        .text("value_amount")
        .nullable()
        .text("value_unit")
        .nullable()
        .fuzzy_date("value")
        .geo("value_latitude", "value_longitude")
        .boolean("value_boolean")
        .nullable()
        .text("value_scheme")
        .nullable()
        .text("value_absence")
        .nullable()
        .one_of(&["UNKNOWN", "NONE"])
}
