//! A changeset, checked and applied.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

use super::{Applied, ChangeError, Changeset, kept, store::own_columns, work::Work};
use crate::{
    auth::Writer,
    progress::Progress,
    record::write::{Cells, Refs},
};

/// Checks a changeset and applies it, in one transaction. An empty one changes nothing and is not logged.
pub async fn apply(
    db: &DatabaseConnection,
    writer: &Writer,
    changeset: Changeset,
    now: DateTime<Utc>,
    progress: &dyn Progress,
) -> Result<Option<Applied>, ChangeError> {
    if changeset.operations.is_empty() && !changeset.is_refused {
        return Ok(None);
    }
    let tx = begin(db).await?;
    match in_transaction(&tx, writer, changeset, now.timestamp_micros(), progress).await {
        Ok(applied) => {
            tx.commit().await?;
            Ok(applied)
        }
        Err(error) => {
            // Why it was refused says more than that the connection is gone, with which the transaction is too.
            if let Err(error) = tx.rollback().await {
                tracing::warn!(%error, "a changeset was not rolled back");
            }
            Err(error)
        }
    }
}

/// A transaction that may write.
pub(super) async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    // SQLite would refuse to turn a reading transaction into a writing one while another writes.
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    db.begin_with_options(options).await
}

/// Checks a changeset and applies it in a transaction that is the caller's to end: after an error, by taking it back.
pub(super) async fn in_transaction(
    tx: &DatabaseTransaction,
    writer: &Writer,
    changeset: Changeset,
    now: i64,
    progress: &dyn Progress,
) -> Result<Option<Applied>, ChangeError> {
    let Changeset {
        comment,
        operations,
        contradictions,
        once,
        is_refused,
        addressed,
        keyed,
        sighted,
    } = changeset;
    if let Some(once) = &once
        && let Some(kept) = kept::begin(tx, once, now).await?
    {
        return Err(ChangeError::Before(Box::new(kept)));
    }
    let mut work = Work::open(tx, writer, contradictions.of(writer), operations).await?;
    work.share_documents(&addressed).await?;
    work.choose_slugs().await?;
    work.go().await?;
    work.redact().await?;
    work.find_quotes(sighted).await?;
    work.speak().await?;
    work.say().await?;
    work.cite_once(&keyed);
    work.stand_beside().await?;
    work.show_best_claims().await?;
    work.leave_unchanged();
    let ids = work.referenced().await?;
    work.check().await?;
    let mut rows = Vec::with_capacity(work.states.len());
    let (mut mistakes, mut of_others) = (Vec::new(), Vec::new());
    for state in work.living() {
        match state.def.cells(&state.fields, &Refs { ids: &ids }) {
            Ok(cells) => rows.push(Some(cells)),
            Err(found) => {
                rows.push(None);
                // What is wrong with a record that only follows is so because of what is wrong with another.
                let to = if state.operation.is_some() { &mut mistakes } else { &mut of_others };
                to.extend(found.into_iter().map(|it| state.mistake(it)));
            }
        }
    }
    work.mistakes.extend(mistakes);
    work.names_are_free().await?;
    work.values_are_free(&rows).await?;
    work.overlaps(&rows).await?;
    if work.mistakes.is_empty() {
        work.mistakes = of_others;
    }
    if is_refused || !work.mistakes.is_empty() {
        return Err(ChangeError::Refused(work.mistakes));
    }
    let applied = match work.states.is_empty() {
        true => None,
        false => Some(write(work, rows, &ids, comment, now, progress).await?),
    };
    if let Some(once) = &once {
        kept::end(tx, once, applied.as_ref().map(Applied::first_position)).await?;
    }
    Ok(applied)
}

/// Writes what was found to be right.
async fn write(
    work: Work<'_>,
    rows: Vec<Option<Cells>>,
    ids: &HashMap<String, i64>,
    comment: Option<String>,
    now: i64,
    progress: &dyn Progress,
) -> Result<Applied, DbErr> {
    let cells = rows
        .into_iter()
        .flatten()
        .zip(work.living())
        .map(|(cells, state)| cells.take(&own_columns(state.def)))
        .collect();
    work.bury(now).await?;
    work.write(cells, ids, now, progress).await?;
    let applied = work.log(comment, ids, now).await?;
    work.rewrite_history().await?;
    Ok(applied)
}
