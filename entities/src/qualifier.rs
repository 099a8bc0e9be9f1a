//! Further conditions of claims and links: rows that are parts of a record, written with it.
//!
//! `value_kind` tells which of the value columns hold the value; the others are null.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "qualifier")]
pub struct Model {
    /// That of the record, times 32, and the place in its list.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The claim or link.
    pub subject_id: i64,
    /// Which property; a closed list in code.
    pub property: String,
    /// `RECORD`, `TEXT`, `STRING`, `QUANTITY`, `DATE`, `GEO`, `BOOLEAN`, `IDENTIFIER` or
    /// `ABSENT`.
    pub value_kind: String,
    /// Of `RECORD`.
    pub value_record_id: Option<i64>,
    /// Of `TEXT`: an array of `{lang, value, origin}`.
    pub value_text: Option<Json>,
    /// Of `STRING`, and of `IDENTIFIER` what the scheme calls it.
    pub value_string: Option<String>,
    /// Of `QUANTITY`: a decimal number with the digits of the source.
    pub value_amount: Option<String>,
    /// Of `QUANTITY`; null when it counts.
    pub value_unit: Option<String>,
    /// Of `DATE`: EDTF, as the source has it.
    pub value_date: Option<String>,
    /// First day that `value_date` can mean; null when it has no year.
    pub value_earliest: Option<String>,
    /// Last day that `value_date` can mean; null when it has no year.
    pub value_latest: Option<String>,
    /// Of `GEO`: degrees north, WGS 84.
    pub value_latitude: Option<f64>,
    /// Of `GEO`: degrees east, WGS 84.
    pub value_longitude: Option<f64>,
    /// Of `BOOLEAN`.
    pub value_boolean: Option<bool>,
    /// Of `IDENTIFIER`.
    pub value_scheme: Option<String>,
    /// Of `ABSENT`: `UNKNOWN` when there is a value that nobody knows, `NONE` when there is none.
    pub value_absence: Option<String>,
    #[sea_orm(belongs_to, relation_enum = "Subject", from = "subject_id", to = "id")]
    pub subject: BelongsTo<super::record::Entity>,
    #[sea_orm(belongs_to, relation_enum = "ValueRecord", from = "value_record_id", to = "id")]
    pub value_record: BelongsTo<Option<super::record::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
