//! What others call a record. An identifier leads to one record.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record_identifier")]
pub struct Model {
    /// Who gives the identifiers, e.g. `wikidata`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub scheme: String,
    /// As the scheme writes it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub value: String,
    pub record_id: i64,
    /// `EXACT`, or `NEAR` when it names something close to the record.
    pub exactness: String,
    #[sea_orm(belongs_to, from = "record_id", to = "id")]
    pub record: BelongsTo<super::record::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
