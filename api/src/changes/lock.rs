//! Who waits for whom on PostgreSQL, until a changeset is done. On SQLite one writes at a time.
//!
//! A record that is changed is locked against others who change it, one that goes also against those who refer to it, and one
//! that is referred to against those who take it away. Whatever this leaves open is found by the key of the log, by which a
//! record has each version once; the changeset is tried again then.
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

use super::{
    Operation,
    current::{CHUNK, ints, statement, texts},
};

/// Those that a changeset updates, and those whose claims it changes or cites, because they may have to show another one. All are locked at once and in one
/// order, so that no two changesets wait for each other.
pub(super) async fn changed(
    tx: &DatabaseTransaction,
    operations: &[Operation],
    seen: &[String],
) -> Result<(), DbErr> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let subjects = |is_of: fn(&Operation) -> bool| {
        let of_type = operations.iter().filter(move |it| is_of(it));
        of_type.filter_map(|it| it.fields()?.get("subject")?.as_str().map(str::to_owned))
    };
    let is_citation =
        |it: &Operation| matches!(it, Operation::Create { def, .. } if def.name == "Citation");
    let is_other = |it: &Operation| match it {
        Operation::Create { def, .. } => def.name == "Claim",
        _ => true,
    };
    let records: Vec<String> = seen.iter().cloned().chain(subjects(is_other)).collect();
    let rows: Vec<String> = records.iter().cloned().chain(subjects(is_citation)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let sql = "SELECT r.id FROM record r WHERE r.id IN (SELECT i.id FROM record i WHERE i.public_id = ANY($1) \
         UNION SELECT c.subject_id FROM claim c WHERE c.public_id = ANY($2) \
         UNION SELECT c.subject_id FROM citation x JOIN claim c ON c.id = x.subject_id WHERE x.public_id = ANY($2)) \
         ORDER BY r.id FOR NO KEY UPDATE OF r";
    tx.query_all_raw(statement(tx, sql, vec![texts(tx, &records), texts(tx, &rows)])).await?;
    Ok(())
}

/// Records that go, before it is asked what points to them.
pub(super) async fn going(tx: &DatabaseTransaction, ids: &[i64]) -> Result<(), DbErr> {
    lock(tx, ids, "FOR UPDATE").await
}

/// Records of which there may be one part at a time, before it is asked which there are.
pub(super) async fn owners(tx: &DatabaseTransaction, ids: &[i64]) -> Result<(), DbErr> {
    lock(tx, ids, "FOR NO KEY UPDATE").await
}

async fn lock(tx: &DatabaseTransaction, ids: &[i64], strength: &str) -> Result<(), DbErr> {
    let sql = format!("SELECT id FROM record WHERE id = {{list}} ORDER BY id {strength}");
    if tx.get_database_backend() == DbBackend::Postgres {
        for ids in ids.chunks(CHUNK) {
            tx.query_all_raw(statement(tx, &sql, vec![ints(tx, ids)])).await?;
        }
    }
    Ok(())
}

/// Records that may have to show another value, before their claims are read.
pub(super) async fn shown(tx: &DatabaseTransaction, ids: &[String]) -> Result<(), DbErr> {
    let sql = "SELECT id FROM record WHERE public_id = {list} ORDER BY id FOR NO KEY UPDATE";
    if tx.get_database_backend() == DbBackend::Postgres {
        for ids in ids.chunks(CHUNK) {
            tx.query_all_raw(statement(tx, sql, vec![texts(tx, ids)])).await?;
        }
    }
    Ok(())
}
