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
    let most = (MOST_VALUES / columns.len().max(1)).clamp(1, MOST_ROWS);
    let mut rows = rows.into_iter().peekable();
    let mut text = (0, String::new());
    while rows.peek().is_some() {
        let chunk: Vec<Vec<Bind>> = rows.by_ref().take(most).collect();
        if text.0 != chunk.len() {
            text = (chunk.len(), statement(db.get_database_backend(), table, columns, chunk.len()));
        }
        let values: Vec<Bind> = chunk.into_iter().flatten().collect();
        let statement =
            Statement::from_sql_and_values(db.get_database_backend(), text.1.clone(), values);
        db.execute_raw(statement).await?;
    }
    Ok(())
}

/// SQLite looks named parameters up one by one, which is slow for thousands of them: there they have no names.
fn statement(backend: DbBackend, table: &str, columns: &[&str], rows: usize) -> String {
    let mut sql = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
    let mut number = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns.len() {
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

/// Sets the columns of one row.
pub(super) async fn update(
    db: &impl ConnectionTrait,
    table: &str,
    columns: &[&str],
    mut values: Vec<Bind>,
    id: i64,
) -> Result<(), DbErr> {
    let set: Vec<String> =
        columns.iter().enumerate().map(|(i, column)| format!("{column} = ${}", i + 1)).collect();
    values.push(id.into());
    let sql = format!("UPDATE {table} SET {} WHERE id = ${}", set.join(", "), values.len());
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    Ok(())
}
