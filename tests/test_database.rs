//! Tests can trust the databases that they are given.

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait, TryGetable};

use crate::app::{Backend, TestDatabase, database};

on_both!(a_test_has_a_database_of_its_own, what_a_test_leaves_is_gone_for_the_next);

const INSERT: &str = "INSERT INTO record (id, public_id) VALUES (1, 'record_1')";

async fn a_test_has_a_database_of_its_own(ours: TestDatabase) {
    let theirs = database(ours.backend()).await.expect("there was one before");

    ours.connect().await.execute_unprepared(INSERT).await.unwrap();
    let again = theirs.connect().await.execute_unprepared(INSERT).await;

    assert!(again.is_ok(), "{again:?}");
    assert_ne!(ours.url(), theirs.url());
}

async fn what_a_test_leaves_is_gone_for_the_next(mut database: TestDatabase) {
    let backend = database.backend();
    for _ in 0..3 {
        let db = database.connect().await;
        assert_eq!(one::<i64>(&db, "SELECT count(*) FROM record").await, 0);
        assert_eq!(one::<i64>(&db, "SELECT position FROM change_position").await, 0);
        if backend == Backend::Postgres {
            assert_eq!(one::<i64>(&db, "SELECT nextval('record_number')").await, 1);
        }

        db.execute_unprepared(INSERT).await.unwrap();
        let transaction = db.begin().await.unwrap();
        transaction.execute_unprepared("UPDATE change_position SET position = 7").await.unwrap();
        drop(database);
        database = crate::app::database(backend).await.expect("there was one before");
        drop(transaction);
    }
}

#[tokio::test]
async fn postgres_is_durable_in_tests_too() {
    let Some(database) = database(Backend::Postgres).await else { return };
    let db = database.connect().await;

    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let value: String = one(&db, &format!("SELECT current_setting('{setting}')")).await;
        assert_eq!(value, "on", "{setting}");
    }
}

async fn one<T: TryGetable>(db: &DatabaseConnection, query: &str) -> T {
    let statement = Statement::from_string(db.get_database_backend(), query);
    let row = db.query_one_raw(statement).await.unwrap().expect("one row");
    row.try_get_by_index(0).unwrap()
}
