//! Conferences, festivals and other events.

use sea_orm::entity::prelude::*;

crate::table! { "event", described {
    /// Null when none or not known.
    pub series_id: Option<i64>,
    /// Number in its series, from 1; null when not known.
    pub ordinal: Option<i64>,
    /// Null when not known.
    pub kind_id: Option<i64>,
    /// EDTF, as the source has it; null when no source says.
    pub start_date: Option<String>,
    /// First day that `start_date` can mean; null when it has no year.
    pub start_earliest: Option<String>,
    /// Last day that `start_date` can mean; null when it has no year.
    pub start_latest: Option<String>,
    /// EDTF, as the source has it; null when no source says.
    pub end_date: Option<String>,
    /// First day that `end_date` can mean; null when it has no year.
    pub end_earliest: Option<String>,
    /// Last day that `end_date` can mean; null when it has no year.
    pub end_latest: Option<String>,
    /// Text in the source's words; null when not said.
    pub part_of_day: Option<Json>,
    /// Building or hall, a text; null when not said.
    pub venue: Option<Json>,
    /// Null when not said.
    pub city_id: Option<i64>,
    /// In person, online or both; null when not said.
    pub format_id: Option<i64>,
    /// Reach in the source's words, a text; null when not said.
    pub scope: Option<Json>,
    /// Event that it is part of; null when none or not known.
    pub super_event_id: Option<i64>,
    #[sea_orm(belongs_to, from = "series_id", to = "id")]
    pub series: BelongsTo<Option<super::event_series::Entity>>,
    #[sea_orm(belongs_to, relation_enum = "Kind", from = "kind_id", to = "id")]
    pub kind: BelongsTo<Option<super::term::Entity>>,
    #[sea_orm(belongs_to, from = "city_id", to = "id")]
    pub city: BelongsTo<Option<super::city::Entity>>,
    #[sea_orm(belongs_to, relation_enum = "Format", from = "format_id", to = "id")]
    pub format: BelongsTo<Option<super::term::Entity>>,
    #[sea_orm(self_ref, relation_enum = "SuperEvent", from = "super_event_id", to = "id")]
    pub super_event: BelongsTo<Option<Entity>>,
}}
