//! Connections: one way to write and many to read, on either database.
mod postgres;
mod reads;
pub mod row;
mod sqlite;

use std::{str::FromStr, sync::Arc, time::Duration};

use sea_orm::{
    ConnAcquireErr, ConnectOptions, Database as Orm, DatabaseConnection, DbBackend, DbErr,
    RuntimeErr,
    sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

pub use self::reads::{Reads, Session};

/// A base that is open. On SQLite writing has a connection of its own, since there is one writer at a time, and readers
/// cannot write; on PostgreSQL both are one pool.
#[derive(Clone, Debug)]
pub struct Database {
    pub reader: DatabaseConnection,
    pub writer: DatabaseConnection,
    /// For requests, which the two others would cost too much.
    pub reads: Reads,
}

/// How long a statement waits for a connection or a lock.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a request waits for a connection to read with: less than it may take in all, so that it is told why.
const READER_PATIENCE: Duration = Duration::from_secs(5);
/// Statements vary with page sizes, columns and filters: more are kept prepared than the default of 100.
const STATEMENTS: usize = 300;
/// The longest of them, in bytes: longer ones are made from what somebody asks once, and take megabytes.
const KEPT_MAX: usize = 4 * 1024;

/// All connections are in use, and stay so.
fn busy() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)
}

impl Database {
    /// Opens the base of a URL: `sqlite://culturegraph.db` or `postgres://…`. A missing SQLite file is made.
    pub async fn open(url: &str, connections: u32) -> Result<Database, DbErr> {
        let places = usize::try_from(connections).unwrap_or(usize::MAX);
        if url.starts_with("sqlite:") {
            let writer = open_sqlite(url, 1, false).await?;
            let reader = open_sqlite(url, connections, true).await?;
            let options = SqliteConnectOptions::from_str(url)
                .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
            let reads =
                sqlite::Pool::new(options.get_filename().to_owned(), places, STATEMENTS, PATIENCE);
            return Ok(Database { reader, writer, reads: Reads::Sqlite(Arc::new(reads)) });
        }
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(connections)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .sqlx_logging(false)
            .map_sqlx_postgres_opts(|options| options.statement_cache_capacity(STATEMENTS));
        let pool = Orm::connect(options).await?;
        let reads = postgres::Pool::new(url, places, STATEMENTS, READER_PATIENCE)?;
        Ok(Database { reader: pool.clone(), writer: pool, reads: Reads::Postgres(Arc::new(reads)) })
    }

    pub fn is_postgres(&self) -> bool {
        self.reader.get_database_backend() == DbBackend::Postgres
    }
}

async fn open_sqlite(
    url: &str,
    connections: u32,
    read_only: bool,
) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    if !read_only {
        // Large changesets leave large statements prepared; an idle writer gives their memory back.
        options.idle_timeout(PATIENCE);
    }
    options
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| {
            let options = options
                .busy_timeout(PATIENCE)
                .foreign_keys(true)
                .statement_cache_capacity(STATEMENTS);
            match read_only {
                true => options.read_only(true).create_if_missing(false),
                // An acknowledged write survives a power cut.
                false => options
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    // What was taken out is not left in free pages.
                    .pragma("secure_delete", "ON"),
            }
        });
    Orm::connect(options).await
}
