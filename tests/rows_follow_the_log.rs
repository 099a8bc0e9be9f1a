//! The tables hold what the log says, and nothing else: whoever has the log has it all.

use crate::app::{Shipped, TestApp, fixtures, replay::replayed};

on_both!(
    shipped_rows_are_the_records_of_their_last_entries,
    changed_rows_are_the_records_of_their_last_entries,
);

/// More of a type would say no more.
const OF_A_TYPE: usize = 40;

async fn shipped_rows_are_the_records_of_their_last_entries(app: Shipped) {
    let replay = replayed(&app.db.reader, OF_A_TYPE).await;

    assert!(!replay.living.is_empty());
}

async fn changed_rows_are_the_records_of_their_last_entries(app: TestApp) {
    fixtures::by_chance().write(&app).await;

    let replay = replayed(&app.db.reader, OF_A_TYPE).await;

    assert!(!replay.living.is_empty());
}
