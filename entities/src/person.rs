//! Persons, as far as they are public.

use sea_orm::entity::prelude::*;

crate::table! { "person", described {
    /// In its own script; null when not known.
    pub family_name: Option<String>,
    /// With middle names; null when not known.
    pub given_name: Option<String>,
    /// `family_name` without case and marks; null when that is.
    pub family_name_folded: Option<String>,
    /// `FAMILY_FIRST` or `GIVEN_FIRST`; null when not known.
    pub name_order: Option<String>,
    #[sea_orm(has_many)]
    pub office_holdings: HasMany<super::office_holding::Entity>,
}}
