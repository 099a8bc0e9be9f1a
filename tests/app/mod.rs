//! What a test starts from: an empty database of its own, on the backend that it is run for.

mod author;
pub(crate) mod chance;
mod database;
pub(crate) mod fixtures;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod model;
mod postgres;
pub(crate) mod replay;
mod scratch;
pub(crate) mod served;
mod shipped;
pub(crate) mod socket;
mod test_app;
pub(crate) mod world;

pub(crate) use author::{Author, caller};
pub(crate) use database::{Backend, TestDatabase, database};
pub(crate) use shipped::{Shipped, noon, part};
pub(crate) use test_app::{Answer, Cost, KEEPER, TestApp, lenient, send};

/// What a test body can ask for as its argument.
pub(crate) trait OnDatabase {
    async fn on(database: TestDatabase) -> Self;
}

impl OnDatabase for TestDatabase {
    async fn on(database: TestDatabase) -> Self {
        database
    }
}

/// Runs a test body on an empty database. Without a PostgreSQL on this machine its turn is skipped.
pub(crate) async fn run<T: OnDatabase>(backend: Backend, test: impl AsyncFnOnce(T)) {
    if let Some(database) = database(backend).await {
        test(T::on(database).await).await;
    }
}

/// An app on SQLite, for what does not depend on the database.
pub(crate) async fn sqlite() -> TestApp {
    let database = database(Backend::Sqlite).await.expect("SQLite needs nothing");
    TestApp::on(database).await
}

/// Makes two tests of each body: `name::on_sqlite` and `name::on_postgres`.
///
/// A macro, since only a macro can make tests; the bodies stay plain functions.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {$(
        mod $test {
            use crate::app::{Backend, run};

            #[tokio::test]
            async fn on_sqlite() {
                run(Backend::Sqlite, super::$test).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                run(Backend::Postgres, super::$test).await;
            }
        }
    )+};
}
