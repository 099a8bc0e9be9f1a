//! The schema as a whole: the records' queries, and what is put beside them.
use async_graphql::{EmptyMutation, EmptySubscription, SDLExportOptions};

use crate::{
    content,
    record::{price::Prices, root::Query},
};

pub type Schema = async_graphql::Schema<Query, EmptyMutation, EmptySubscription>;

/// Builds the schema; what else would change between versions of async-graphql stands in `record::schema`.
pub fn build() -> Schema {
    content::define();
    // Its own limits stay off: the gate has refused what is too much before.
    Schema::build(Query, EmptyMutation, EmptySubscription).finish()
}

/// What the fields of the schema cost.
pub fn prices() -> Prices {
    content::define();
    Prices::of_catalog()
}

/// The SDL of what [`build`] builds.
pub fn sdl() -> String {
    print(&build())
}

/// The SDL, in an order that does not change with that of the definitions.
pub fn print(schema: &Schema) -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .prefer_single_line_descriptions()
        .include_specified_by()
        .use_space_ident()
        .indent_width(2);
    schema.sdl_with_options(options)
}
