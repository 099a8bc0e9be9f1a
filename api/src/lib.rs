//! culturegraph: a GraphQL content API for knowledge about the cultural industries.
pub mod auth;
pub mod changes;
pub mod clock;
pub mod commands;
pub mod config;
pub mod content;
pub mod database;
pub mod error;
pub mod gate;
pub mod load;
pub mod logs;
pub mod progress;
pub mod record;
pub mod schema;
pub mod server;
pub mod transfer;
pub mod value;
