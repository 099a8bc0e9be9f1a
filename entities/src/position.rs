//! Positions in organizations.

use sea_orm::entity::prelude::*;

crate::table! { "position", described {
    pub organization_id: i64,
    /// 1 is the highest of the organization; null when not known.
    pub seniority: Option<i64>,
    /// Whether several hold it at once, as with vice chairmen.
    pub is_held_by_many: bool,
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organization::Entity>,
    #[sea_orm(has_many)]
    pub office_holdings: HasMany<super::office_holding::Entity>,
}}
