//! Reading for requests: connections that only read, and that no pool of sea-orm's holds. A request on SQLite runs on a thread
//! that may wait, with one connection of its own, so that a statement costs no more than itself; on PostgreSQL its
//! statements go over whatever connection is free.
use std::{future::Future, sync::Arc};

use sea_orm::{DbErr, Value as Bind};

use super::{
    postgres,
    row::Row,
    sqlite::{self, Held},
};

/// All connections that read.
#[derive(Clone, Debug)]
pub struct Reads(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Postgres(Arc<postgres::Pool>),
    Sqlite(Arc<sqlite::Pool>),
}

/// One request's way to the database.
pub struct Session(Way);

enum Way {
    Postgres(Arc<postgres::Pool>),
    Sqlite(Box<Held>),
}

impl Reads {
    pub(super) fn postgres(pool: postgres::Pool) -> Self {
        Reads(Kind::Postgres(Arc::new(pool)))
    }

    pub(super) fn sqlite(pool: sqlite::Pool) -> Self {
        Reads(Kind::Sqlite(Arc::new(pool)))
    }

    /// Closes the connections that nobody uses.
    pub fn close(&self) {
        match &self.0 {
            Kind::Postgres(pool) => pool.close(),
            Kind::Sqlite(pool) => pool.close(),
        }
    }

    /// Runs what reads. When this future is dropped, so is what it runs, and a statement that is under way is broken off.
    pub async fn run<T, F>(
        &self,
        what: impl FnOnce(Session) -> F + Send + 'static,
    ) -> Result<T, DbErr>
    where
        F: Future<Output = T> + Send,
        T: Send + 'static,
    {
        match &self.0 {
            Kind::Postgres(pool) => Ok(what(Session(Way::Postgres(pool.clone()))).await),
            Kind::Sqlite(pool) => pool.run(|held| what(Session(Way::Sqlite(Box::new(held))))).await,
        }
    }
}

impl Session {
    pub fn is_postgres(&self) -> bool {
        matches!(self.0, Way::Postgres(_))
    }

    /// The rows of a statement. If it has keys, they are its first parameter, as one list; the others follow.
    pub async fn rows(
        &self,
        text: &str,
        keys: Option<&[i64]>,
        binds: &[Bind],
    ) -> Result<Vec<Row>, DbErr> {
        match &self.0 {
            Way::Postgres(pool) => pool.rows(text, keys, binds).await,
            Way::Sqlite(held) => held.rows(text, keys, binds),
        }
    }
}

/// A statement was given a value of a type that no column has.
pub(super) fn unknown(bind: &Bind) -> DbErr {
    DbErr::Type(format!("no statement takes {bind:?}"))
}
