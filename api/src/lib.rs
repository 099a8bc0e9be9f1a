//! culturegraph: a GraphQL content API for knowledge about the cultural industries.
pub mod content;
pub mod error;
pub mod record;
pub mod value;
