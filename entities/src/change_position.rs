//! The last position of the change log that was given out, in the only row.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change_position")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// 0 before the first change.
    pub position: i64,
}

impl ActiveModelBehavior for ActiveModel {}
