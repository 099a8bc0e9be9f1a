//! Migrations can be run again, by many at once, and taken back.

use migration::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;

use crate::app::TestDatabase;

on_both!(processes_that_start_together_migrate_once, what_is_taken_back_can_be_done_again);

async fn processes_that_start_together_migrate_once(database: TestDatabase) {
    let (one, two) = (database.connect().await, database.connect().await);
    Migrator::down(&one, None).await.unwrap();

    let (first, second) = tokio::join!(migration::up(&one), migration::up(&two));

    first.unwrap();
    second.unwrap();
    assert!(one.execute_unprepared("SELECT * FROM city").await.is_ok());
}

async fn what_is_taken_back_can_be_done_again(database: TestDatabase) {
    let db = database.connect().await;

    Migrator::down(&db, None).await.unwrap();
    assert!(db.execute_unprepared("SELECT * FROM record").await.is_err());

    migration::up(&db).await.unwrap();
    migration::up(&db).await.unwrap();
    assert!(db.execute_unprepared("SELECT * FROM record").await.is_ok());
}
