//! Who holds or held which position when.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "office_holding")]
pub struct Model {
    /// The type in the upper 16 bits, a number in the lower 48.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// What the world sees: the prefix of the type and a ULID.
    #[sea_orm(unique)]
    pub public_id: String,
    /// Number of changes, from 1.
    pub version: i64,
    /// Microseconds since the Unix epoch.
    pub created_at: i64,
    /// Microseconds since the Unix epoch.
    pub updated_at: i64,
    /// What others call it: an array of `{scheme, value, exactness}`.
    pub identifiers: Json,
    /// `STATED`, `INFERRED` or `EDITORIAL`.
    pub modality: String,
    /// `PREFERRED`, `NORMAL` or `DEPRECATED`.
    pub rank: String,
    /// Person or organization; never null when `modality` is `EDITORIAL`.
    pub asserted_by_id: Option<i64>,
    pub person_id: i64,
    pub position_id: i64,
    /// EDTF, as the source has it; null when no source says.
    pub start_date: Option<String>,
    /// First day that `start_date` can mean; null when it has no year.
    pub start_earliest: Option<String>,
    /// Last day that `start_date` can mean; null when it has no year.
    pub start_latest: Option<String>,
    /// EDTF, as the source has it; null when no source says or it has not ended.
    pub end_date: Option<String>,
    /// First day that `end_date` can mean; null when it has no year.
    pub end_earliest: Option<String>,
    /// Last day that `end_date` can mean; null when it has no year.
    pub end_latest: Option<String>,
    /// `ENDED`, `OPEN`, or `UNKNOWN` when no source says.
    pub end_kind: String,
    /// Dates on which a source shows it held: an array of EDTF strings.
    pub attested_dates: Json,
    /// Whether the position is held until somebody is appointed.
    pub is_acting: bool,
    #[sea_orm(belongs_to, from = "id", to = "id")]
    pub record: BelongsTo<super::record::Entity>,
    #[sea_orm(belongs_to, relation_enum = "AssertedBy", from = "asserted_by_id", to = "id")]
    pub asserted_by: BelongsTo<Option<super::record::Entity>>,
    #[sea_orm(belongs_to, from = "person_id", to = "id")]
    pub person: BelongsTo<super::person::Entity>,
    #[sea_orm(belongs_to, from = "position_id", to = "id")]
    pub position: BelongsTo<super::position::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
