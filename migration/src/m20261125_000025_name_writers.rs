//! The change log says how its writers came in, and for whom they wrote; entries say where merged records went.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let number = match manager.get_database_backend() {
            DbBackend::Sqlite => "INTEGER",
            _ => "BIGINT",
        };
        let record = format!("{number} REFERENCES record (id) DEFERRABLE INITIALLY DEFERRED");
        for statement in [
            // What was written so far, the program itself has written.
            "ALTER TABLE changeset ADD COLUMN actor_kind TEXT NOT NULL DEFAULT 'SYSTEM'",
            "ALTER TABLE changeset ADD COLUMN actor_key TEXT",
            &format!("ALTER TABLE changeset ADD COLUMN organization_id {record}"),
            &format!("ALTER TABLE change_entry ADD COLUMN merged_into_id {record}"),
            "CREATE INDEX changeset_organization_id ON changeset (organization_id)",
            "CREATE INDEX change_entry_merged_into_id ON change_entry (merged_into_id)",
        ] {
            db.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for statement in [
            "DROP INDEX change_entry_merged_into_id",
            "DROP INDEX changeset_organization_id",
            "ALTER TABLE change_entry DROP COLUMN merged_into_id",
            "ALTER TABLE changeset DROP COLUMN organization_id",
            "ALTER TABLE changeset DROP COLUMN actor_key",
            "ALTER TABLE changeset DROP COLUMN actor_kind",
        ] {
            db.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
