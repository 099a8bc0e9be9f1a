//! Slugs that lead to a record: its current one and its former ones.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record_slug")]
pub struct Model {
    /// Type of the record, as in its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub r#type: i64,
    /// Lower case ASCII, unique among the records of the type.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    pub record_id: i64,
    #[sea_orm(belongs_to, from = "record_id", to = "id")]
    pub record: BelongsTo<super::record::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
