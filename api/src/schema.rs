//! The schema as a whole: the records' queries, and what is put beside them.
use async_graphql::SDLExportOptions;

use crate::{
    content,
    record::{federation, price::Prices, root::Query, streamed::Subscription, written::Mutation},
};

pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Builds the schema; what else would change between versions of async-graphql stands in `record::schema`.
pub fn build() -> Schema {
    content::define();
    // Its own limits stay off: the gate has refused what is too much before.
    Schema::build(Query, Mutation, Subscription).finish()
}

/// What the fields of the schema cost.
pub fn prices() -> Prices {
    content::define();
    Prices::of_catalog()
}

/// The SDL, in an order that does not change with that of the definitions. The fields and types of Apollo Federation are
/// not in it: only routers ask for them.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .prefer_single_line_descriptions()
        .include_specified_by()
        .use_space_ident()
        .indent_width(2);
    content::define();
    federation::sdl::<false>(options)
}
