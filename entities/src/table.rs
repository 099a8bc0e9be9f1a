//! What the tables of all record types have in common, said once.

/// The entity of a record type: its table, what its records are beside `record` (`described`, `citable` or both), and the
/// columns and relations of its own.
#[macro_export]
macro_rules! table {
    ($table:tt, record { $($own:tt)* }) => {
        $crate::table! { @entity $table {} { $($own)* } }
    };
    ($table:tt, described { $($own:tt)* }) => {
        $crate::table! { @described $table {} { $($own)* } }
    };
    ($table:tt, citable { $($own:tt)* }) => {
        $crate::table! { @citable $table @entity {} { $($own)* } }
    };
    ($table:tt, described citable { $($own:tt)* }) => {
        $crate::table! { @citable $table @described {} { $($own)* } }
    };
    (@described $table:tt { $($shared:tt)* } { $($own:tt)* }) => {
        $crate::table! { @entity $table {
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
            $($shared)*
        } { $($own)* } }
    };
    (@citable $table:tt @$next:ident { $($shared:tt)* } { $($own:tt)* }) => {
        $crate::table! { @$next $table {
            /// `STATED`, `INFERRED` or `EDITORIAL`.
            pub modality: String,
            /// `PREFERRED`, `NORMAL` or `DEPRECATED`.
            pub rank: String,
            /// Person or organization; never null when `modality` is `EDITORIAL`.
            pub asserted_by_id: Option<i64>,
            #[sea_orm(belongs_to, relation_enum = "AssertedBy", from = "asserted_by_id", to = "id")]
            pub asserted_by: BelongsTo<Option<super::record::Entity>>,
            $($shared)*
        } { $($own)* } }
    };
    (@entity $table:tt { $($shared:tt)* } { $($own:tt)* }) => {
        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = $table)]
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
            $($shared)*
            #[sea_orm(belongs_to, from = "id", to = "id")]
            pub record: BelongsTo<super::record::Entity>,
            $($own)*
        }

        impl ActiveModelBehavior for ActiveModel {}
    };
}
