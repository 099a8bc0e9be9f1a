//! What was written together: checked as a whole, applied in one transaction.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "changeset")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// What the world sees: a prefix and a ULID.
    #[sea_orm(unique)]
    pub public_id: String,
    /// Who wrote: name of the key, or of the part of the program.
    pub author: String,
    /// Why; null when the author did not say.
    pub comment: Option<String>,
    /// Microseconds since the Unix epoch.
    pub recorded_at: i64,
    /// Position of its first entry.
    pub first_position: i64,
    /// Position of its last entry; those between are its own too.
    pub last_position: i64,
    /// How the author came in, e.g. `KEY`; null for what was written before that was kept, by the program itself.
    pub actor_kind: Option<String>,
    /// Public id of the key; null for the program itself.
    pub actor_key: Option<String>,
    /// Organization that the key belongs to; null for none.
    pub organization_id: Option<i64>,
    #[sea_orm(belongs_to, relation_enum = "Organization", from = "organization_id", to = "id")]
    pub organization: BelongsTo<Option<super::record::Entity>>,
    #[sea_orm(has_many)]
    pub entries: HasMany<super::change_entry::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
