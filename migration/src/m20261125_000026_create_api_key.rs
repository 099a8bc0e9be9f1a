//! Keys of programs, by which it is known who calls.

use sea_orm_migration::prelude::*;

use crate::table::{self, Table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::create(manager, &[api_key()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["api_key"]).await
    }
}

/// A key. Its secret is not in it. Instants are microseconds since the Unix epoch.
fn api_key() -> Table {
    Table::with_key("api_key", &["public_id"])
        .text("public_id")
        .text("name")
        // What is seen of the secret, and what it is looked up by.
        .text("prefix")
        .unique()
        // SHA-256 of the secret, in hexadecimal digits.
        .text("secret_hash")
        // Names with blanks between them.
        .text("scopes")
        .reference("organization_id", "record")
        // Points; the server's default where there is none.
        .integer("cost_per_minute")
        .nullable()
        .check("cost_per_minute > 0")
        .integer("created_at")
        .integer("expires_at")
        .nullable()
        .integer("revoked_at")
        .nullable()
        .integer("last_used_at")
        .nullable()
}
