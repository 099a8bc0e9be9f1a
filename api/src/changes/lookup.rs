//! What writers name records by, before a changeset is made: asked of the base as it is.
use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr, Statement};

use super::current::{CHUNK, statement, texts};

/// Where merged records went, by their public ids.
pub async fn merged_into(
    db: &impl ConnectionTrait,
    ids: &[String],
) -> Result<HashMap<String, String>, DbErr> {
    let sql = "SELECT r.public_id, m.public_id FROM record r JOIN record m ON m.id = r.merged_into_id \
         WHERE r.public_id = {list}";
    pairs(db, sql, ids).await
}

/// The documents of these addresses, each the oldest that has it.
pub async fn documents_at(
    db: &impl ConnectionTrait,
    urls: &[String],
) -> Result<HashMap<String, String>, DbErr> {
    // A later row takes the place of an earlier one.
    let sql = "SELECT url, public_id FROM document WHERE url = {list} ORDER BY id DESC";
    pairs(db, sql, urls).await
}

async fn pairs(
    db: &impl ConnectionTrait,
    sql: &str,
    keys: &[String],
) -> Result<HashMap<String, String>, DbErr> {
    let mut out = HashMap::new();
    for keys in keys.chunks(CHUNK) {
        for row in db.query_all_raw(statement(db, sql, vec![texts(db, keys)])).await? {
            out.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
    }
    Ok(out)
}

/// The records of identifiers elsewhere: public id by scheme and value.
pub async fn identified(
    db: &impl ConnectionTrait,
    keys: &HashSet<(String, String)>,
) -> Result<HashMap<(String, String), String>, DbErr> {
    let values: Vec<String> = keys.iter().map(|(_, value)| value.clone()).collect();
    let sql = "SELECT i.scheme, i.value, r.public_id FROM record_identifier i JOIN record r ON r.id = i.record_id \
         WHERE i.value = {list}";
    let mut out = HashMap::new();
    for values in values.chunks(CHUNK) {
        for row in db.query_all_raw(statement(db, sql, vec![texts(db, values)])).await? {
            let key = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            out.insert(key, row.try_get_by_index(2)?);
        }
    }
    Ok(out)
}

/// Which of these slugs lead to a record of the type already.
pub async fn taken_slugs(
    db: &impl ConnectionTrait,
    code: u16,
    slugs: &[String],
) -> Result<HashSet<String>, DbErr> {
    let sql = "SELECT slug FROM record_slug WHERE slug = {list} AND type = ";
    let sql = format!("{sql}{code}");
    let mut out = HashSet::new();
    for slugs in slugs.chunks(CHUNK) {
        for row in db.query_all_raw(statement(db, &sql, vec![texts(db, slugs)])).await? {
            out.insert(row.try_get_by_index(0)?);
        }
    }
    Ok(out)
}

/// The internal id of a changeset.
pub async fn changeset(db: &impl ConnectionTrait, id: &str) -> Result<Option<i64>, DbErr> {
    let sql = "SELECT id FROM changeset WHERE public_id = $1";
    let backend = db.get_database_backend();
    let row = db.query_one_raw(Statement::from_sql_and_values(backend, sql, [id.into()])).await?;
    row.map(|row| row.try_get_by_index(0)).transpose()
}
