//! Search: an index of all that has a name, and of texts, which follows the change log. It reads Vietnamese as people type it:
//! with marks or without, joined or split, with the keys of Telex left in.
mod build;
mod document;
mod index;
mod query;
mod service;
mod telex;
mod words;

pub use self::{
    build::fill,
    document::Document,
    index::{Found, Hit, Index, SearchError},
    service::Search,
};
