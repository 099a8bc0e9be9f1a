//! Keys of programs, by which it is known who calls. The secret itself is nowhere.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    /// What the world sees: a prefix and a ULID.
    #[sea_orm(primary_key, auto_increment = false)]
    pub public_id: String,
    /// What it is for.
    pub name: String,
    /// What is seen of the secret, and what it is looked up by.
    #[sea_orm(unique)]
    pub prefix: String,
    /// SHA-256 of the secret, in hexadecimal digits.
    pub secret_hash: String,
    /// What it allows, e.g. `READ WRITE`.
    pub scopes: String,
    /// Whose word it is that is written with it.
    pub organization_id: i64,
    /// Points that it may spend; null for the server's default.
    pub cost_per_minute: Option<i64>,
    /// Microseconds since the Unix epoch.
    pub created_at: i64,
    /// Microseconds since the Unix epoch; null for never.
    pub expires_at: Option<i64>,
    /// When it was ended before its time, in microseconds since the Unix epoch; null if it was not.
    pub revoked_at: Option<i64>,
    /// Microseconds since the Unix epoch, to a minute; null before the first use.
    pub last_used_at: Option<i64>,
    #[sea_orm(belongs_to, relation_enum = "Organization", from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::record::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
