//! What came of writes that named themselves by an idempotency key, for those who ask again.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "kept_answer")]
pub struct Model {
    /// Public id of the API key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub caller: String,
    /// The idempotency key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Hash of what was asked.
    pub fingerprint: String,
    /// What the changeset came to; null while it is at work.
    pub outcome: Option<Json>,
    /// The answer as it was given; null until it was.
    pub answer: Option<Json>,
    /// Microseconds since the Unix epoch.
    pub created_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
