//! Connections to PostgreSQL that only read, held outside sqlx's pool: that one sends a round trip and starts a task each time
//! that a connection comes back, which costs as much as a short statement.
use std::{
    str::FromStr,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    DbErr, RuntimeErr, Value as Bind,
    sqlx::{
        self, Arguments, AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection,
        postgres::{PgArguments, PgConnectOptions, PgRow},
    },
};
use tokio::{sync::Semaphore, time::timeout};

use super::{KEPT_MAX, busy, reads::unknown, row::Row};

pub struct Pool {
    options: PgConnectOptions,
    /// As many as may be in use at the same time.
    permits: Semaphore,
    patience: Duration,
    /// Milliseconds that a statement may take; 0 is any time.
    limit: AtomicU64,
    idle: Mutex<Vec<PgConnection>>,
}

impl Pool {
    /// Opens nothing yet.
    pub(super) fn new(
        url: &str,
        connections: usize,
        statements: usize,
        patience: Duration,
    ) -> Result<Self, DbErr> {
        let options = PgConnectOptions::from_str(url)
            .map_err(failed)?
            .disable_statement_logging()
            .statement_cache_capacity(statements);
        let permits = Semaphore::new(connections);
        let limit = AtomicU64::default();
        Ok(Pool { options, permits, patience, limit, idle: Mutex::default() })
    }

    pub(super) fn limit(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.limit.store(millis, Ordering::Relaxed);
    }

    pub(super) async fn rows(
        &self,
        text: &str,
        keys: Option<&[i64]>,
        binds: &[Bind],
    ) -> Result<Vec<Row>, DbErr> {
        let permit = timeout(self.patience, self.permits.acquire()).await;
        let _permit = permit.map_err(|_| busy())?.map_err(|_| busy())?;
        // Reading can be done again: a server that was started anew has dropped all that was idle.
        if let Some(connection) = self.take() {
            match self.ask(connection, text, arguments(keys, binds)?).await {
                Err(sqlx::Error::Io(_) | sqlx::Error::Protocol(_)) => self.idle().clear(),
                Err(sqlx::Error::Database(error)) if is_farewell(&*error) => self.idle().clear(),
                answer => return rows(answer),
            }
        }
        let connection = timeout(self.patience, self.connect()).await.map_err(|_| busy())?;
        rows(self.ask(connection.map_err(failed)?, text, arguments(keys, binds)?).await)
    }

    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        let limit = self.limit.load(Ordering::Relaxed);
        let settings =
            format!("SET default_transaction_read_only = on; SET statement_timeout = {limit}");
        connection.execute(AssertSqlSafe(settings)).await?;
        // Without it the server goes on with a statement whose client has left, to its end. Before version 14 it does.
        let _ = connection.execute("SET client_connection_check_interval = '500ms'").await;
        Ok(connection)
    }

    /// Asks over the connection, and gives it back when it has answered. If this future is dropped before, the connection is
    /// closed, and the server breaks the statement off when it sees that.
    async fn ask(
        &self,
        mut connection: PgConnection,
        text: &str,
        arguments: PgArguments,
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        // Statements are made from definitions; what comes from outside is in the arguments.
        let statement =
            sqlx::query_with(AssertSqlSafe(text), arguments).persistent(text.len() <= KEPT_MAX);
        let answer = connection.fetch_all(statement).await;
        if matches!(answer, Ok(_) | Err(sqlx::Error::Database(_))) {
            self.idle().push(connection);
        }
        answer
    }

    /// Closes what is idle; what is in use is closed when the program ends.
    pub(super) fn close(&self) {
        self.idle().clear();
    }

    fn take(&self) -> Option<PgConnection> {
        self.idle().pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<PgConnection>> {
        self.idle.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("connections to PostgreSQL that read")
    }
}

/// The server ends the connection: an administrator's command, or it stops (class 57P of its codes).
fn is_farewell(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.code().is_some_and(|code| code.starts_with("57P"))
}

fn rows(answer: Result<Vec<PgRow>, sqlx::Error>) -> Result<Vec<Row>, DbErr> {
    Ok(answer.map_err(failed)?.into_iter().map(Row::postgres).collect())
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

fn arguments(keys: Option<&[i64]>, binds: &[Bind]) -> Result<PgArguments, DbErr> {
    let mut arguments = PgArguments::default();
    if let Some(keys) = keys {
        arguments.add(keys).map_err(refused)?;
    }
    for bind in binds {
        match bind {
            Bind::BigInt(value) => arguments.add(value),
            Bind::Double(value) => arguments.add(value),
            Bind::Bool(value) => arguments.add(value),
            Bind::String(value) => arguments.add(value.as_deref()),
            other => return Err(unknown(other)),
        }
        .map_err(refused)?;
    }
    Ok(arguments)
}

fn refused(error: sqlx::error::BoxDynError) -> DbErr {
    DbErr::Type(error.to_string())
}
