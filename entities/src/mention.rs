//! Places in stored texts where known records are named.

use sea_orm::entity::prelude::*;

crate::table! { "mention", record {
    /// What is named.
    pub named_id: i64,
    /// Passage that holds it.
    pub passage_id: i64,
    /// The words that name it.
    pub quote: String,
    /// First character, in code points from 0.
    pub char_start: i64,
    /// After the last character.
    pub char_end: i64,
    /// First byte of the UTF-8 text.
    pub byte_start: i64,
    /// After the last byte.
    pub byte_end: i64,
    #[sea_orm(belongs_to, relation_enum = "Named", from = "named_id", to = "id")]
    pub named: BelongsTo<super::record::Entity>,
    #[sea_orm(belongs_to, from = "passage_id", to = "id")]
    pub passage: BelongsTo<super::passage::Entity>,
}}
