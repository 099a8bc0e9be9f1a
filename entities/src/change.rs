//! The change log as it is shown: a view of its entries.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    /// The position.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub changeset_id: i64,
    pub record_id: i64,
    /// Version of the record after the change.
    pub version: i64,
    /// What was done, e.g. `CREATE`.
    pub operation: String,
    /// The record after the change, in the API's field names; null when none is left.
    pub record: Option<Json>,
    /// Version of the field names in `record`.
    pub schema_version: i64,
    /// Microseconds since the Unix epoch.
    pub recorded_at: i64,
    /// With `MERGE`: the record that took its place.
    pub merged_into_id: Option<i64>,
    #[sea_orm(belongs_to, from = "changeset_id", to = "id")]
    pub changeset: BelongsTo<super::changeset::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
