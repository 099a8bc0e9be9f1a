//! All records, whatever their type. Relations that may lead to several types lead here.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record")]
pub struct Model {
    /// The type in the upper 16 bits, a number in the lower 48.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// What the world sees: the prefix of the type and a ULID.
    #[sea_orm(unique)]
    pub public_id: String,
    /// Record that took its place; null for all but merged ones.
    pub merged_into_id: Option<i64>,
    /// When it was deleted, in microseconds since the Unix epoch; null for all others.
    pub deleted_at: Option<i64>,
    /// Who asserts it; null for records that nobody asserts, and where nobody is named.
    pub asserted_by_id: Option<i64>,
    /// As in its own table; null for records that nobody asserts.
    pub modality: Option<String>,
    /// As in its own table; null for records that nobody asserts.
    pub rank: Option<String>,
    #[sea_orm(self_ref, relation_enum = "MergedInto", from = "merged_into_id", to = "id")]
    pub merged_into: BelongsTo<Option<Entity>>,
    #[sea_orm(self_ref, relation_enum = "AssertedBy", from = "asserted_by_id", to = "id")]
    pub asserted_by: BelongsTo<Option<Entity>>,
    #[sea_orm(has_many)]
    pub slugs: HasMany<super::record_slug::Entity>,
    #[sea_orm(has_many)]
    pub identifiers: HasMany<super::record_identifier::Entity>,
    #[sea_orm(has_many)]
    pub names: HasMany<super::record_name::Entity>,
    #[sea_orm(has_many, relation_enum = "Citations", via_rel = "Subject")]
    pub citations: HasMany<super::citation::Entity>,
    #[sea_orm(has_many, relation_enum = "Claims", via_rel = "Subject")]
    pub claims: HasMany<super::claim::Entity>,
    #[sea_orm(has_many, relation_enum = "Links", via_rel = "From")]
    pub links: HasMany<super::link::Entity>,
    #[sea_orm(has_many, relation_enum = "Changes", via_rel = "ChangedRecord")]
    pub changes: HasMany<super::change_entry::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
