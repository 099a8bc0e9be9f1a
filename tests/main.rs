//! What culturegraph promises, one file per behaviour, in one binary so that it links once.
//!
//! Tests listed in `on_both!` run on SQLite and on PostgreSQL. `app` has what they start from.

// Says to lints that all of it is tests, and not only the functions that a runner calls.
#![cfg(test)]

#[macro_use]
mod app;
#[path = "counting/server.rs"]
mod counting;

mod bad_input_is_answered;
mod budgets_are_spent;
mod callers_are_known;
mod changes_are_read;
mod changes_are_streamed;
mod changesets;
mod changesets_are_bounded;
mod changesets_by_chance;
mod connections_are_bounded;
mod content_is_the_log;
mod contradictions_are_kept;
mod cost_is_sound;
mod coverage_is_counted;
mod crashes_lose_nothing;
mod cursors_belong_to_their_list;
mod entities_match_tables;
mod events_are_streamed;
mod everything_is_described;
mod federation;
mod fields_show_what_was_written;
mod filters_agree;
mod filters_never_widen;
mod http_bad_input;
mod http_errors;
mod http_kept;
mod http_requests;
mod http_server;
mod keys_are_kept;
mod known_documents;
mod limits;
mod load_shipped;
mod migrations_go_both_ways;
mod pages_are_complete;
mod pages_of_keys;
mod questions;
mod readme;
mod reads;
mod records_are_refused;
mod records_are_written;
mod relevance;
mod root_fields_merge;
mod rows_follow_the_log;
mod search_answers;
mod search_follows;
mod search_takes_anything;
mod secrets_are_not_logged;
mod shipped_again;
mod sockets_are_bounded;
mod sockets_pass_the_gate;
mod sockets_speak_the_protocol;
mod sources_are_found;
mod statements_are_constant;
mod statements_of_writes;
mod strangers_write_nothing;
mod streams_end_with_the_server;
mod test_database;
mod translation_gaps;
mod values_are_checked;
mod values_are_redacted;
mod viewer;
mod writes_are_done_once;
