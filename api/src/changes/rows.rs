//! Rows into tables, many to a statement.
use std::fmt::Write;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value as Bind};

/// Values bound by one statement at most; SQLite takes 32,766, PostgreSQL 65,535.
const MOST_VALUES: usize = 30_000;
/// Longer statements are slower to prepare than they save.
const MOST_ROWS: usize = 100;

/// Inserts rows whose values are in the order of `columns`.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Bind>>,
) -> Result<(), DbErr> {
    let sql = |values: &str| format!("INSERT INTO {table} ({}) {values}", columns.join(", "));
    execute(db, columns.len(), rows, sql).await
}

/// Sets columns of rows that are there. The first value of each is its id, the others are in the order of `columns`.
pub(super) async fn update(
    db: &impl ConnectionTrait,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Bind>>,
) -> Result<(), DbErr> {
    // Both databases name the columns of values so.
    let set = columns.iter().zip(2..).map(|(column, n)| format!("{column} = k.column{n}"));
    let set = set.collect::<Vec<_>>().join(", ");
    let sql = |values: &str| {
        format!("UPDATE {table} SET {set} FROM ({values}) AS k WHERE {table}.id = k.column1")
    };
    execute(db, columns.len() + 1, rows, sql).await
}

/// Runs a statement for these rows, a number of them at a time.
async fn execute(
    db: &impl ConnectionTrait,
    columns: usize,
    rows: Vec<Vec<Bind>>,
    sql: impl Fn(&str) -> String,
) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    let most = (MOST_VALUES / columns.max(1)).clamp(1, MOST_ROWS);
    let mut rows = rows.into_iter().peekable();
    let mut text = (0, String::new());
    while rows.peek().is_some() {
        let chunk: Vec<Vec<Bind>> = rows.by_ref().take(most).collect();
        if text.0 != chunk.len() {
            text = (chunk.len(), sql(&values(backend, columns, chunk.len())));
        }
        let values: Vec<Bind> = chunk.into_iter().flatten().collect();
        db.execute_raw(Statement::from_sql_and_values(backend, text.1.clone(), values)).await?;
    }
    Ok(())
}

/// SQLite looks named parameters up one by one, which is slow for thousands of them: there they have no names.
fn values(backend: DbBackend, columns: usize, rows: usize) -> String {
    let mut sql = String::from("VALUES ");
    let mut number = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            number += 1;
            sql.push_str(if column == 0 { "" } else { ", " });
            // Writing into a string cannot fail.
            let _ = match backend {
                DbBackend::Postgres => write!(sql, "${number}"),
                _ => write!(sql, "?"),
            };
        }
        sql.push(')');
    }
    sql
}
