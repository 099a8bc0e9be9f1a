//! Connections that read for requests: what they give, and what becomes of them when nobody waits any more.

use std::{future::ready, time::Duration};

use culturegraph::database::Database;
use sea_orm::{ConnectionTrait, Value as Bind};
use tokio::time::timeout;

use crate::app::{Backend, TestDatabase, database};

on_both!(
    keys_and_values_reach_a_statement,
    a_statement_that_fails_takes_nothing_with_it,
    a_statement_that_nobody_waits_for_leaves_its_place_to_others,
);

/// Counts for about a minute.
const LONG: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 500000000) SELECT count(*) FROM n";

async fn open(database: &TestDatabase) -> Database {
    Database::open(database.url(), 1).await.expect("the database answers")
}

async fn keys_and_values_reach_a_statement(database: TestDatabase) {
    let db = open(&database).await;
    let session = db.reads.session();
    let (keys, parameters) = match session.is_postgres() {
        true => ("SELECT id FROM unnest($1) k(id)", "$2::text, $3::bigint, $4::float8, $5::bool"),
        false => ("SELECT value AS id FROM json_each($1)", "$2, $3, $4, $5"),
    };
    let sql = format!("SELECT id, {parameters}, NULL FROM ({keys}) k ORDER BY id");
    let binds: [Bind; 4] = ["Hà Nội".into(), i64::MIN.into(), 0.5.into(), true.into()];

    let rows = session.rows(&sql, Some(&[7, -3]), &binds).await.unwrap();

    let ids: Vec<Option<i64>> = rows.iter().map(|row| row.int(0)).collect();
    assert_eq!(ids, [Some(-3), Some(7)]);
    for row in &rows {
        assert_eq!((row.text(1), row.int(2)), (Some("Hà Nội"), Some(i64::MIN)));
        assert_eq!((row.float(3), row.bool(4)), (Some(0.5), Some(true)));
        // Null, and past the end.
        assert_eq!((row.int(5), row.text(5), row.int(6)), (None, None, None));
    }
}

async fn a_statement_that_fails_takes_nothing_with_it(database: TestDatabase) {
    let db = open(&database).await;
    for _ in 0..3 {
        let session = db.reads.session();
        assert!(session.rows("SELECT nothing", None, &[]).await.is_err());
        assert!(session.rows("SELECT $1", None, &[Bind::Char(Some('x'))]).await.is_err());
        assert_eq!(session.rows("SELECT 1 WHERE 1 = 0", None, &[]).await.unwrap().len(), 0);
    }
}

async fn a_statement_that_nobody_waits_for_leaves_its_place_to_others(database: TestDatabase) {
    let db = open(&database).await;
    for _ in 0..2 {
        let asking = db.reads.session();
        let cut = timeout(Duration::from_millis(100), asking.rows(LONG, None, &[])).await;
        assert!(cut.is_err(), "it takes longer");
        drop(asking);

        let session = db.reads.session();
        let others = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() \
             AND datname = current_database()";
        let mut busy = session.is_postgres();
        // On SQLite there is one connection, so the statement must have ended for this one to begin. PostgreSQL looks for
        // its client twice a second.
        for _ in 0..20 {
            if !busy {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            busy = session.rows(others, None, &[]).await.unwrap()[0].int(0) != Some(0);
        }
        assert!(!busy, "the server still counts a second later");
        assert_eq!(session.rows("SELECT 2", None, &[]).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_statement_on_postgres_has_a_limit_of_its_own() {
    let Some(database) = database(Backend::Postgres).await else { return };
    let db = open(&database).await;
    db.reads.limit(Duration::from_millis(200));
    let session = db.reads.session();

    let cut = timeout(Duration::from_secs(20), session.rows(LONG, None, &[])).await;

    let error = cut.expect("the server cuts it").map(|rows| rows.len()).unwrap_err();
    assert!(error.to_string().contains("statement timeout"), "{error}");
    assert_eq!(session.rows("SELECT 1", None, &[]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_long_statement_on_sqlite_does_not_hold_others_up() {
    let database = database(Backend::Sqlite).await.expect("SQLite is always there");
    let db = open(&database).await;
    let session = db.reads.session();
    let short = LONG.replace("500000000", "500000");

    // Polled first: it gives way after some milliseconds, and the other one is ready.
    let others_run = tokio::select! {
        biased;
        _ = session.rows(&short, None, &[]) => false,
        () = ready(()) => true,
    };

    assert!(others_run);
    // What was moved to another thread is read there, and what is short is still read.
    let rows = session.rows(&short, None, &[]).await.unwrap();
    assert_eq!(rows[0].int(0), Some(500_000));
    assert_eq!(session.rows("SELECT 3", None, &[]).await.unwrap()[0].int(0), Some(3));
}

#[tokio::test]
async fn connections_that_postgres_has_ended_are_replaced() {
    let Some(database) = database(Backend::Postgres).await else { return };
    let db = open(&database).await;
    let session = db.reads.session();
    for _ in 0..2 {
        let rows = session.rows("SELECT pg_backend_pid()", None, &[]).await.unwrap();
        let pid = rows[0].int(0).unwrap();
        let end = format!("SELECT pg_terminate_backend({pid})");
        db.writer.execute_unprepared(&end).await.unwrap();

        let rows = session.rows("SELECT pg_backend_pid()", None, &[]).await.unwrap();

        assert_ne!(rows[0].int(0).unwrap(), pid);
    }
}
