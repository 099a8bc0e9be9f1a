//! Reading for requests: connections that only read, and that no pool of sea-orm's holds. A request on SQLite has a connection
//! of its own; on PostgreSQL its statements go over whatever connection is free.
use std::sync::Arc;

use sea_orm::{DbErr, Value as Bind};

use super::{postgres, row::Row, sqlite};

/// All connections that read.
#[derive(Clone, Debug)]
pub enum Reads {
    Postgres(Arc<postgres::Pool>),
    Sqlite(Arc<sqlite::Pool>),
}

/// One request's way to the database. When it is dropped, a statement that is still under way is broken off.
pub enum Session {
    Postgres(Arc<postgres::Pool>),
    Sqlite(sqlite::Held),
}

impl Reads {
    pub async fn session(&self) -> Result<Session, DbErr> {
        Ok(match self {
            Reads::Postgres(pool) => Session::Postgres(pool.clone()),
            Reads::Sqlite(pool) => Session::Sqlite(pool.hold().await?),
        })
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
        matches!(self, Session::Postgres(_))
    }

    /// The rows of a statement. If it has keys, they are its first parameter, as one list; the others follow.
    pub async fn rows(
        &self,
        text: &str,
        keys: Option<&[i64]>,
        binds: &[Bind],
    ) -> Result<Vec<Row>, DbErr> {
        match self {
            Session::Postgres(pool) => pool.rows(text, keys, binds).await,
            Session::Sqlite(held) => held.rows(text, keys, binds).await,
        }
    }
}

/// A statement was given a value of a type that no column has.
pub(super) fn unknown(bind: &Bind) -> DbErr {
    DbErr::Type(format!("no statement takes {bind:?}"))
}

/// All connections are in use, and stay so.
pub(super) fn busy() -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::Internal("no connection became free in time".to_owned()))
}
