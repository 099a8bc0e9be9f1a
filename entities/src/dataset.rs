//! Lists that records were read from.

use sea_orm::entity::prelude::*;

crate::table! { "dataset", described {
    /// Null when not known.
    pub publisher_id: Option<i64>,
    /// Network whose members it lists; null when it lists something else.
    pub network_id: Option<i64>,
    /// Scheme of the identifiers that records have from it; null when it gives none.
    pub scheme: Option<String>,
    /// Name of the license, e.g. Creative Commons Attribution 4.0.
    pub license_name: String,
    /// SPDX identifier, e.g. `CC-BY-4.0`; null when it has none.
    pub license_spdx_id: Option<String>,
    /// Its text; null when not known.
    pub license_url: Option<String>,
    /// Line to show beside the data; null when none is asked for.
    pub attribution: Option<String>,
    /// Version in the publisher's words; null when none is given.
    pub edition: Option<String>,
    /// Where it was read; null when not known.
    pub url: Option<String>,
    /// Day of retrieval; null when not known.
    pub retrieved_on: Option<String>,
    /// Rows that it should have by its publisher's own count; null when not announced.
    pub expected_count: Option<i64>,
    #[sea_orm(belongs_to, from = "publisher_id", to = "id")]
    pub publisher: BelongsTo<Option<super::organization::Entity>>,
    #[sea_orm(belongs_to, from = "network_id", to = "id")]
    pub network: BelongsTo<Option<super::network::Entity>>,
}}
