//! The change log as a view, by the name of what it shows, and an index by which it is read for some types of records.
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 2] = [
    // The type of a record is in the upper 16 bits of its id.
    "CREATE INDEX change_entry_type_idx ON change_entry ((record_id >> 48), position)",
    "CREATE VIEW change AS SELECT position AS id, changeset_id, record_id, version, operation, record, schema_version, \
     recorded_at, merged_into_id FROM change_entry",
];

const DOWN: [&str; 2] = ["DROP VIEW change", "DROP INDEX change_entry_type_idx"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in UP {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in DOWN {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
