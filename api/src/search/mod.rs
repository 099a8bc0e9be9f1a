//! Search: an index of all that has a name, and of texts, which follows the change log. It reads Vietnamese as people type it:
//! with marks or without, joined or split, with the keys of Telex left in.
//!
//! `fields` says what becomes a term, `index` is what is written, `snapshot` what is read of one commit. `resident` is what
//! of a segment is kept in memory: its `terms` with their documents, words that are `near` others, and `values`. `query`
//! reads a text in ways, best first, `find` finds the documents of each by `sets` and `bits`, `ranked` picks the best and
//! counts, `matched` says where they fit. `build` makes documents from the base, `service` keeps them after the log.
mod bits;
mod build;
mod document;
mod fields;
mod find;
mod follow;
mod index;

mod matched;
mod near;
mod query;
mod ranked;
mod resident;
mod service;
mod sets;
mod snapshot;
mod telex;
mod terms;
mod typo;
mod values;
mod words;

pub use self::{
    build::fill,
    document::{Document, Role, Said, said},
    index::{Index, SearchError, State},
    matched::{Match, matches},
    query::Asked,
    ranked::{Facets, Filter, Found, Hit, Question},
    service::{Building, Service, Settings},
    snapshot::Snapshot,
};
