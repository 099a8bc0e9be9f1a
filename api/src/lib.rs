//! culturegraph: a GraphQL content API for knowledge about the cultural industries.
pub mod changes;
pub mod content;
pub mod database;
pub mod error;
pub mod load;
pub mod progress;
pub mod record;
pub mod schema;
pub mod transfer;
pub mod value;
