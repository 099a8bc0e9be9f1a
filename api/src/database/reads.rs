//! Reading for requests: connections that only read, and that no pool of sea-orm's holds. A request on SQLite has a connection
//! of its own; on PostgreSQL its statements go over whatever connection is free.
use std::{sync::Arc, time::Duration};

use sea_orm::{DbErr, Value as Bind};
use tokio::sync::OnceCell;

use super::{postgres, row::Row, sqlite};

/// All connections that read.
#[derive(Clone, Debug)]
pub enum Reads {
    Postgres(Arc<postgres::Pool>),
    Sqlite(Arc<sqlite::Pool>),
}

/// One request's way to the database. When it is dropped, a statement that is still under way is broken off: at once on
/// SQLite, within a second on PostgreSQL.
pub struct Session {
    reads: Reads,
    /// Taken with the first statement, since not every request has one.
    held: OnceCell<sqlite::Held>,
}

impl Reads {
    pub fn session(&self) -> Session {
        Session { reads: self.clone(), held: OnceCell::new() }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self, Reads::Postgres(_))
    }

    /// Lets no statement run for longer, on connections that are opened from now on. Requests end their statements
    /// themselves; this ends those of which the request is gone without a word.
    pub fn limit(&self, time: Duration) {
        match self {
            Reads::Postgres(pool) => pool.limit(time),
            // A statement runs in our own process and ends with its session.
            Reads::Sqlite(_) => {}
        }
    }

    /// Closes the connections that nobody uses.
    pub fn close(&self) {
        match self {
            Reads::Postgres(pool) => pool.close(),
            Reads::Sqlite(pool) => pool.close(),
        }
    }
}

impl Session {
    pub fn is_postgres(&self) -> bool {
        self.reads.is_postgres()
    }

    /// The rows of a statement. If it has keys, they are its first parameter, as one list; the others follow.
    pub async fn rows(
        &self,
        text: &str,
        keys: Option<&[i64]>,
        binds: &[Bind],
    ) -> Result<Vec<Row>, DbErr> {
        match &self.reads {
            Reads::Postgres(pool) => pool.rows(text, keys, binds).await,
            Reads::Sqlite(pool) => {
                let held = self.held.get_or_try_init(|| pool.hold()).await?;
                held.rows(text, keys, binds).await
            }
        }
    }
}

/// A statement was given a value of a type that no column has.
pub(super) fn unknown(bind: &Bind) -> DbErr {
    DbErr::Type(format!("no statement takes {bind:?}"))
}
