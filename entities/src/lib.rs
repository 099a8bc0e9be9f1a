//! The tables, one module each, as sea-orm entities.
//!
//! They say what is stored and know nothing of how it is shown. What all have in common:
//!
//! - Days are text, `YYYY-MM-DD`; instants are microseconds since the Unix epoch, in UTC.
//! - A date that a source gives is three columns: `…_date` in EDTF (ISO 8601-2) as written, and the
//!   first and last day that it can mean.
//! - A multilingual text is an array of `{lang, value, origin}`: a BCP 47 tag, the text in NFC, and
//!   `ORIGINAL`, `TRANSLATION` or `MACHINE`.
//! - Text is compared by bytes on both databases.
//! - Every record has a row in [`record`] with the same id.
//!
//! The tables themselves are made by the `migration` crate; a test compares the two.

mod table;

pub mod api_key;
pub mod challenge;
pub mod change;
pub mod change_entry;
pub mod change_position;
pub mod changeset;
pub mod citation;
pub mod city;
pub mod claim;
pub mod commitment;
pub mod conflict;
pub mod country;
pub mod dataset;
pub mod document;
pub mod document_version;
pub mod event;
pub mod event_series;
pub mod field_period;
pub mod goal;
pub mod heritage_property;
pub mod initiative;
pub mod kept_answer;
pub mod link;
pub mod membership;
pub mod mention;
pub mod monitoring_report;
pub mod network;
pub mod office_holding;
pub mod opportunity;
pub mod organization;
pub mod participation;
pub mod passage;
pub mod person;
pub mod position;
pub mod presentation;
pub mod qualifier;
pub mod record;
pub mod record_identifier;
pub mod record_name;
pub mod record_slug;
pub mod region;
pub mod stakeholder;
pub mod term;
pub mod vocabulary;
