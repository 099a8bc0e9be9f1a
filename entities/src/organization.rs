//! Organizations: committees, ministries, UN agencies, newspapers and so on.

use sea_orm::entity::prelude::*;

crate::table! { "organization", described {
    /// Null when not known.
    pub kind_id: Option<i64>,
    /// Array of `{lang, value, origin}`; null when none is recorded.
    pub abbreviation: Option<Json>,
    /// City or country that it is responsible for; null when none or not known.
    pub jurisdiction_id: Option<i64>,
    /// Null when it belongs to none or that is not known.
    pub parent_id: Option<i64>,
    /// EDTF, as the source has it; null when no source says.
    pub founding_date: Option<String>,
    /// First day that `founding_date` can mean; null when it has no year.
    pub founding_earliest: Option<String>,
    /// Last day that `founding_date` can mean; null when it has no year.
    pub founding_latest: Option<String>,
    /// EDTF, as the source has it; null when no source says or it goes on.
    pub dissolution_date: Option<String>,
    /// First day that `dissolution_date` can mean; null when it has no year.
    pub dissolution_earliest: Option<String>,
    /// Last day that `dissolution_date` can mean; null when it has no year.
    pub dissolution_latest: Option<String>,
    #[sea_orm(belongs_to, relation_enum = "Kind", from = "kind_id", to = "id")]
    pub kind: BelongsTo<Option<super::term::Entity>>,
    #[sea_orm(belongs_to, relation_enum = "Jurisdiction", from = "jurisdiction_id", to = "id")]
    pub jurisdiction: BelongsTo<Option<super::record::Entity>>,
    #[sea_orm(self_ref, relation_enum = "Parent", from = "parent_id", to = "id")]
    pub parent: BelongsTo<Option<Entity>>,
    #[sea_orm(has_many)]
    pub positions: HasMany<super::position::Entity>,
    #[sea_orm(has_many)]
    pub networks: HasMany<super::network::Entity>,
    #[sea_orm(has_many)]
    pub documents: HasMany<super::document::Entity>,
    #[sea_orm(has_many)]
    pub vocabularies: HasMany<super::vocabulary::Entity>,
}}
