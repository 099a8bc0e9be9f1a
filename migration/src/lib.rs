//! The steps that bring a database to today's tables, in their order.
//!
//! A step means in two years what it means today, so none imports the entities, and one that has
//! been released is not changed: a correction is a step of its own.

mod m20261125_000001_create_record;
mod m20261125_000002_create_change_log;
mod m20261125_000003_create_country;
mod m20261125_000004_create_vocabulary;
mod m20261125_000005_create_city;
mod m20261125_000006_create_person;
mod m20261125_000007_create_position;
mod m20261125_000008_create_network;
mod m20261125_000009_create_membership;
mod m20261125_000010_create_initiative;
mod m20261125_000011_create_challenge;
mod m20261125_000012_create_document;
mod m20261125_000013_create_passage;
mod m20261125_000014_create_citation;
mod m20261125_000015_create_claim;
mod m20261125_000016_create_link;
mod m20261125_000017_create_conflict;
mod m20261125_000018_create_region;
mod m20261125_000019_create_event;
mod m20261125_000020_create_goal;
mod m20261125_000021_create_monitoring_report;
mod m20261125_000022_create_heritage_property;
mod m20261125_000023_create_dataset;
mod m20261125_000024_create_mention;
mod m20261125_000025_name_writers;
mod m20261125_000026_create_api_key;
mod m20261125_000028_show_changes;
mod m20261125_000029_count_conflicts;
mod table;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{
    prelude::*,
    sea_orm::{
        DatabaseConnection, DbBackend, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    },
};

/// All steps. Use [`up`] to take them.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261125_000001_create_record::Migration),
            Box::new(m20261125_000002_create_change_log::Migration),
            Box::new(m20261125_000003_create_country::Migration),
            Box::new(m20261125_000004_create_vocabulary::Migration),
            Box::new(m20261125_000005_create_city::Migration),
            Box::new(m20261125_000006_create_person::Migration),
            Box::new(m20261125_000007_create_position::Migration),
            Box::new(m20261125_000008_create_network::Migration),
            Box::new(m20261125_000009_create_membership::Migration),
            Box::new(m20261125_000010_create_initiative::Migration),
            Box::new(m20261125_000011_create_challenge::Migration),
            Box::new(m20261125_000012_create_document::Migration),
            Box::new(m20261125_000013_create_passage::Migration),
            Box::new(m20261125_000014_create_citation::Migration),
            Box::new(m20261125_000015_create_claim::Migration),
            Box::new(m20261125_000016_create_link::Migration),
            Box::new(m20261125_000017_create_conflict::Migration),
            Box::new(m20261125_000018_create_region::Migration),
            Box::new(m20261125_000019_create_event::Migration),
            Box::new(m20261125_000020_create_goal::Migration),
            Box::new(m20261125_000021_create_monitoring_report::Migration),
            Box::new(m20261125_000022_create_heritage_property::Migration),
            Box::new(m20261125_000023_create_dataset::Migration),
            Box::new(m20261125_000024_create_mention::Migration),
            Box::new(m20261125_000025_name_writers::Migration),
            Box::new(m20261125_000026_create_api_key::Migration),
            Box::new(m20261125_000028_show_changes::Migration),
            Box::new(m20261125_000029_count_conflicts::Migration),
        ]
    }
}

/// Takes the steps that a database lacks: all of them or, if one fails, none.
///
/// Processes that start together wait for each other here; the later ones find nothing to do.
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let transaction = db.begin_with_options(options).await?;
    if db.get_database_backend() == DbBackend::Postgres {
        // The number has no meaning but to differ from those of other programs.
        let lock = "SELECT pg_advisory_xact_lock(4207026112500000001)";
        transaction.execute_unprepared(lock).await?;
    }
    Migrator::up(&transaction, None).await?;
    transaction.commit().await
}
