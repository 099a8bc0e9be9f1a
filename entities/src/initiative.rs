//! Programmes that cities run for their cultural life.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "initiative")]
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
    /// For addresses, unique among the records of the type.
    #[sea_orm(unique)]
    pub slug: String,
    /// Array of `{lang, value, origin}`; the first is in the record's own language.
    pub names: Json,
    /// Array of `{value, lang, scope, document}`.
    pub alternate_names: Json,
    /// Array of `{lang, value, origin}`; empty when there is none.
    pub descriptions: Json,
    /// Sort key of the name in the record's own language.
    pub sort_name: String,
    /// Sort key of the name that a Vietnamese reader is shown.
    pub sort_vi: String,
    /// Sort key of the name that an English reader is shown.
    pub sort_en: String,
    /// `STATED`, `INFERRED` or `EDITORIAL`.
    pub modality: String,
    /// `PREFERRED`, `NORMAL` or `DEPRECATED`.
    pub rank: String,
    /// Person or organization; never null when `modality` is `EDITORIAL`.
    pub asserted_by_id: Option<i64>,
    pub city_id: i64,
    /// Planned, ongoing and so on; null when not said.
    pub status_id: Option<i64>,
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
    /// Place in the source's list, from 1; null when not from a list.
    pub list_position: Option<i64>,
    /// Initiative that it is a part of; null when of none.
    pub part_of_id: Option<i64>,
    /// Array of texts, each an array of `{lang, value, origin}`.
    pub outcomes: Json,
    #[sea_orm(belongs_to, from = "id", to = "id")]
    pub record: BelongsTo<super::record::Entity>,
    #[sea_orm(belongs_to, relation_enum = "AssertedBy", from = "asserted_by_id", to = "id")]
    pub asserted_by: BelongsTo<Option<super::record::Entity>>,
    #[sea_orm(belongs_to, from = "city_id", to = "id")]
    pub city: BelongsTo<super::city::Entity>,
    #[sea_orm(belongs_to, relation_enum = "Status", from = "status_id", to = "id")]
    pub status: BelongsTo<Option<super::term::Entity>>,
    #[sea_orm(self_ref, relation_enum = "PartOf", from = "part_of_id", to = "id")]
    pub part_of: BelongsTo<Option<Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
