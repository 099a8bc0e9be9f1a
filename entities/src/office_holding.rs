//! Who holds or held which position when.

use sea_orm::entity::prelude::*;

crate::table! { "office_holding", citable {
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
    #[sea_orm(belongs_to, from = "person_id", to = "id")]
    pub person: BelongsTo<super::person::Entity>,
    #[sea_orm(belongs_to, from = "position_id", to = "id")]
    pub position: BelongsTo<super::position::Entity>,
}}
