//! What records are now, in the form that the log keeps.
use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, Value as Bind};
use serde_json::Value as Json;

use crate::record::write::Fields;

/// The newest state of a record.
#[derive(Clone, Debug)]
pub struct Current {
    pub id: i64,
    pub version: i64,
    pub fields: Fields,
    pub author: String,
}

/// A statement in the dialect of the connection: `{texts}` and `{ints}` stand for the values of a list parameter.
pub(crate) fn statement(db: &impl ConnectionTrait, sql: &str, values: Vec<Bind>) -> Statement {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => sql.replace("{list}", "ANY($1)"),
        _ => sql.replace("= {list}", "IN (SELECT value FROM json_each($1))"),
    };
    Statement::from_sql_and_values(backend, sql, values)
}

/// A list of texts as one parameter. One with NUL, which PostgreSQL does not take, is nowhere.
pub(crate) fn texts(db: &impl ConnectionTrait, texts: &[String]) -> Bind {
    match db.get_database_backend() {
        DbBackend::Postgres => {
            let askable = texts.iter().filter(|text| !text.contains('\0'));
            askable.cloned().collect::<Vec<_>>().into()
        }
        _ => serde_json::Value::from(texts).to_string().into(),
    }
}

/// A list of ids as one parameter.
pub(crate) fn ints(db: &impl ConnectionTrait, ids: &[i64]) -> Bind {
    match db.get_database_backend() {
        DbBackend::Postgres => ids.to_vec().into(),
        _ => format!("{ids:?}").into(),
    }
}

/// The records of these public ids that are there, as their last log entry has them.
pub async fn current(
    db: &impl ConnectionTrait,
    ids: &[String],
) -> Result<HashMap<String, Current>, DbErr> {
    let mut out = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        let sql = "SELECT r.public_id, r.id, e.version, CAST(e.record AS TEXT), s.author FROM record r \
             JOIN change_entry e ON e.record_id = r.id JOIN changeset s ON s.id = e.changeset_id \
             WHERE r.public_id = {list} AND e.record IS NOT NULL \
             AND e.version = (SELECT max(l.version) FROM change_entry l WHERE l.record_id = r.id)";
        for row in db.query_all_raw(statement(db, sql, vec![texts(db, ids)])).await? {
            let record: String = row.try_get_by_index(3)?;
            let fields = fields(&record)?;
            let current = Current {
                id: row.try_get_by_index(1)?,
                version: row.try_get_by_index(2)?,
                fields,
                author: row.try_get_by_index(4)?,
            };
            out.insert(row.try_get_by_index(0)?, current);
        }
    }
    Ok(out)
}

/// Rows of values as a table `k` of a statement, with the parameters that stand for it, its first ones. Each column has texts
/// or whole numbers. A row with NUL in it, which PostgreSQL does not take, leads to nothing.
pub(super) fn table(
    db: &impl ConnectionTrait,
    columns: &[&str],
    rows: &[Vec<Json>],
) -> (String, Vec<Bind>) {
    if db.get_database_backend() != DbBackend::Postgres {
        let columns = columns.iter().enumerate();
        let columns: Vec<String> =
            columns.map(|(n, it)| format!("value ->> {n} AS {it}")).collect();
        let sql = format!("(SELECT {} FROM json_each($1)) AS k", columns.join(", "));
        let rows: Json = rows.iter().map(|row| Json::from(row.clone())).collect();
        return (sql, vec![rows.to_string().into()]);
    }
    let can_be_asked =
        |row: &&Vec<Json>| !row.iter().filter_map(Json::as_str).any(|it| it.contains('\0'));
    let rows: Vec<&Vec<Json>> = rows.iter().filter(can_be_asked).collect();
    let column = |n: usize| -> Bind {
        let values = || rows.iter().filter_map(move |row| row.get(n));
        match values().any(Json::is_string) {
            true => values().filter_map(Json::as_str).map(str::to_owned).collect::<Vec<_>>().into(),
            false => values().filter_map(Json::as_i64).collect::<Vec<_>>().into(),
        }
    };
    let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
    let sql = format!("unnest({}) AS k ({})", places.join(", "), columns.join(", "));
    (sql, (0..columns.len()).map(column).collect())
}

/// Those of these records that are there, by internal id, as their last log entry has them.
pub(crate) async fn living(
    db: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<HashMap<i64, Fields>, DbErr> {
    let mut out = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        let sql = "SELECT r.id, CAST(e.record AS TEXT) FROM record r JOIN change_entry e ON e.record_id = r.id \
             WHERE r.id = {list} AND r.deleted_at IS NULL AND r.merged_into_id IS NULL AND e.record IS NOT NULL \
             AND e.version = (SELECT max(l.version) FROM change_entry l WHERE l.record_id = r.id)";
        for row in db.query_all_raw(statement(db, sql, vec![ints(db, ids)])).await? {
            let record: String = row.try_get_by_index(1)?;
            out.insert(row.try_get_by_index(0)?, fields(&record)?);
        }
    }
    Ok(out)
}

/// Records as these versions of them were, by public id and version.
pub(crate) async fn at_versions(
    db: &impl ConnectionTrait,
    asked: &[(String, i64)],
) -> Result<HashMap<(String, i64), Fields>, DbErr> {
    let mut out = HashMap::with_capacity(asked.len());
    let rows: Vec<Vec<Json>> =
        asked.iter().map(|(id, version)| vec![id.as_str().into(), (*version).into()]).collect();
    for rows in rows.chunks(CHUNK) {
        let (k, values) = table(db, &["id", "version"], rows);
        let sql = format!(
            "SELECT r.public_id, e.version, CAST(e.record AS TEXT) FROM {k} CROSS JOIN record r CROSS JOIN change_entry e \
             WHERE r.public_id = k.id AND e.record_id = r.id AND e.version = k.version AND e.record IS NOT NULL"
        );
        let asked = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        for row in db.query_all_raw(asked).await? {
            let version = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            out.insert(version, fields(&row.try_get_by_index::<String>(2)?)?);
        }
    }
    Ok(out)
}

/// A record as a version of it was; `None` if there was none such.
pub async fn at_version(
    db: &impl ConnectionTrait,
    id: &str,
    version: i64,
) -> Result<Option<Fields>, DbErr> {
    let asked = (id.to_owned(), version);
    Ok(at_versions(db, std::slice::from_ref(&asked)).await?.remove(&asked))
}

/// Fields as the log keeps them.
pub(super) fn fields(record: &str) -> Result<Fields, DbErr> {
    serde_json::from_str(record).map_err(|error| DbErr::Json(error.to_string()))
}

/// Public ids of records.
pub(super) async fn public_ids(
    db: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<HashMap<i64, String>, DbErr> {
    let mut out = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        let sql = "SELECT id, public_id FROM record WHERE id = {list}";
        for row in db.query_all_raw(statement(db, sql, vec![ints(db, ids)])).await? {
            out.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
    }
    Ok(out)
}

/// Internal ids of those public ids that are a record's that is there. On PostgreSQL they stay there until the transaction
/// ends: whoever takes one away waits, and who changes one does not.
pub(super) async fn internal_ids(
    tx: &DatabaseTransaction,
    ids: &[String],
) -> Result<HashMap<String, i64>, DbErr> {
    let stay = match tx.get_database_backend() {
        DbBackend::Postgres => "ORDER BY id FOR KEY SHARE",
        _ => "",
    };
    let sql = format!(
        "SELECT public_id, id FROM record WHERE public_id = {{list}} \
         AND merged_into_id IS NULL AND deleted_at IS NULL {stay}"
    );
    let mut out = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        for row in tx.query_all_raw(statement(tx, &sql, vec![texts(tx, ids)])).await? {
            out.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
    }
    Ok(out)
}

/// So many keys go into one statement.
pub(super) const CHUNK: usize = 5_000;
