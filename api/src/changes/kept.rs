//! What came of writes that name themselves, for those who ask again: kept in the transaction of the changeset, for a day.
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value as Bind};
use serde_json::Value as Json;

use super::ChangeError;

/// A write by its name: asked for again, it is not done again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// Public id of the key that was shown.
    pub caller: String,
    /// The idempotency key.
    pub name: String,
    /// Hash of what was asked: under one name, one thing.
    pub fingerprint: String,
    /// What the answer is made of, beside the changeset.
    pub outcome: Json,
}

/// What came of it the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub outcome: Json,
    /// The answer as it was given, letter by letter; `None` if the program ended before it was, and after a redaction.
    pub answer: Option<String>,
}

/// What stands for an answer that is not to be kept.
const FORGOTTEN: &str = "null";

/// For so long, what came of a write is known.
pub const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);

fn statement(db: &impl ConnectionTrait, sql: &str, values: Vec<Bind>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// Takes the name, or gives back what came of the write that had it before. On PostgreSQL this waits for one that has it now.
pub(super) async fn begin(
    tx: &impl ConnectionTrait,
    once: &Once,
    now: i64,
) -> Result<Option<Kept>, ChangeError> {
    let Once { caller, name, fingerprint, .. } = once;
    let kept_for = i64::try_from(KEPT_FOR.as_micros()).unwrap_or(i64::MAX);
    let old = "DELETE FROM kept_answer WHERE created_at < $1";
    tx.execute_raw(statement(tx, old, vec![now.saturating_sub(kept_for).into()])).await?;
    let take = "INSERT INTO kept_answer (caller, name, fingerprint, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (caller, name) DO NOTHING";
    let values = vec![caller.into(), name.into(), fingerprint.into(), now.into()];
    if tx.execute_raw(statement(tx, take, values)).await?.rows_affected() > 0 {
        return Ok(None);
    }
    let find = "SELECT fingerprint, CAST(outcome AS TEXT), CAST(answer AS TEXT) FROM kept_answer \
         WHERE caller = $1 AND name = $2";
    let found = tx.query_one_raw(statement(tx, find, vec![caller.into(), name.into()])).await?;
    let Some(row) = found else {
        return Err(DbErr::RecordNotFound("the kept answer is gone".to_owned()).into());
    };
    let known: String = row.try_get_by_index(0)?;
    if known != *fingerprint {
        return Err(ChangeError::NameReused);
    }
    let outcome: Option<String> = row.try_get_by_index(1)?;
    let outcome = outcome.map(|text| serde_json::from_str(&text)).transpose();
    let outcome = outcome.map_err(|error| DbErr::Json(error.to_string()))?.unwrap_or_default();
    let answer: Option<String> = row.try_get_by_index(2)?;
    Ok(Some(Kept { outcome, answer: answer.filter(|it| it != FORGOTTEN) }))
}

/// Keeps what came of it.
pub(super) async fn end(
    tx: &impl ConnectionTrait,
    once: &Once,
    position: Option<i64>,
) -> Result<(), DbErr> {
    let mut outcome = once.outcome.clone();
    if let Some(outcome) = outcome.as_object_mut() {
        outcome.insert("changeset".to_owned(), position.into());
    }
    let sql = "UPDATE kept_answer SET outcome = $1 WHERE caller = $2 AND name = $3";
    let values = vec![outcome.into(), (&once.caller).into(), (&once.name).into()];
    tx.execute_raw(statement(tx, sql, values)).await.map(drop)
}

/// Keeps the answer too, once it is there: whoever asks again reads the same, whatever has changed since. One that was to be
/// forgotten meanwhile is not put back.
pub async fn keep(db: &impl ConnectionTrait, once: &Once, answer: String) -> Result<(), DbErr> {
    let text = match db.get_database_backend() {
        DbBackend::Postgres => "CAST($1 AS JSON)",
        _ => "$1",
    };
    let sql = format!(
        "UPDATE kept_answer SET answer = {text} \
         WHERE caller = $2 AND name = $3 AND fingerprint = $4 AND answer IS NULL"
    );
    let Once { caller, name, fingerprint, .. } = once;
    let values = vec![answer.into(), caller.into(), name.into(), fingerprint.into()];
    db.execute_raw(statement(db, &sql, values)).await.map(drop)
}

/// Forgets all answers: any of them may show what is no longer to be known. Made anew, they show what is there now.
///
/// It must come after positions are drawn. Who has written before has then committed, and is seen here; who writes after it
/// reads what this transaction has left.
pub(super) async fn forget(tx: &impl ConnectionTrait) -> Result<(), DbErr> {
    let sql = format!("UPDATE kept_answer SET answer = '{FORGOTTEN}'");
    tx.execute_unprepared(&sql).await.map(drop)
}
