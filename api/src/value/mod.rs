//! The plain values that records are made of: folded names, sort keys, fuzzy dates, public ids, language tags, hashes.
//!
//! Everything here is a function of its arguments and refuses no input by panicking. What a value means to a record,
//! where it is stored and how it is shown in GraphQL is left to others.
pub mod day;
pub mod edtf;
pub mod fold;
pub mod hash;
pub mod lang;
pub mod near;
pub mod public_id;
pub mod sort;
