//! Names of records by language, to find them by. What is shown are the names in the record.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record_name")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub record_id: i64,
    /// BCP 47 tag.
    #[sea_orm(primary_key, auto_increment = false)]
    pub lang: String,
    /// In Unicode's form NFC.
    pub value: String,
    /// `value` without case and marks.
    pub folded: String,
    #[sea_orm(belongs_to, from = "record_id", to = "id")]
    pub record: BelongsTo<super::record::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
