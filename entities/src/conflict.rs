//! Properties of records about which claims differ: a view of the claims.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "conflict")]
pub struct Model {
    /// The type in the upper 16 bits, the number of its oldest claim in the lower 48.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// What the world sees: the prefix of the type and a ULID.
    pub public_id: String,
    pub subject_id: i64,
    /// A value of `ClaimProperty`.
    pub property: String,
    #[sea_orm(belongs_to, relation_enum = "Subject", from = "subject_id", to = "id")]
    pub subject: BelongsTo<super::record::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
