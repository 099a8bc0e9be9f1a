//! Vocabularies, their terms, and organizations.
//!
//! They refer to each other in a circle: a vocabulary has a publisher, an organization a kind.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[vocabulary(), term(), organization()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["vocabulary", "term", "organization"]).await
    }
}

fn vocabulary() -> Table {
    Table::record("vocabulary")
        .described()
        .fuzzy_date("start")
        .fuzzy_date("end")
        .reference("superseded_by_id", "vocabulary")
        .nullable()
        .reference("publisher_id", "organization")
        .nullable()
}

fn term() -> Table {
    Table::record("term")
        .described()
        .reference("vocabulary_id", "vocabulary")
        .text("notation")
        .integer("list_position")
        .fuzzy_date("start")
        .fuzzy_date("end")
        .reference("broader_id", "term")
        .nullable()
        .unique_index(&["vocabulary_id", "notation"])
        .index(&["vocabulary_id", "list_position", "id"])
}

fn organization() -> Table {
    Table::record("organization")
        .described()
        .reference("kind_id", "term")
        .nullable()
        .json("abbreviation")
        .nullable()
        // A city, a country and so on.
        .reference("jurisdiction_id", "record")
        .nullable()
        .reference("parent_id", "organization")
        .nullable()
        .fuzzy_date("founding")
        .fuzzy_date("dissolution")
}
