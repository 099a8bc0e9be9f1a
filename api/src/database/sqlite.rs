//! Connections to an SQLite file that only read, through rusqlite: the driver of sqlx hands each statement to another thread
//! and each row back from it, which costs more than most rows.
use std::{
    future::Future,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rusqlite::{CachedStatement, Connection, OpenFlags, types::ValueRef};
use sea_orm::{DbErr, RuntimeErr, Value as Bind};
use tokio::{runtime::Handle, sync::Semaphore, task::spawn_blocking, time::timeout};

use super::{
    reads::unknown,
    row::{Cell, Row, Set},
};

/// How much of the file is read as memory; what is beyond it is read by calls. A limit of addresses, not of memory.
const MAPPED_BYTES: i64 = 1 << 30;
/// Between so many steps of a statement it is asked whether anybody still waits for it: some microseconds.
const STEPS: i32 = 1_000;

pub(super) struct Pool {
    path: PathBuf,
    /// As many as may be in use at the same time.
    permits: Semaphore,
    patience: Duration,
    statements: usize,
    idle: Mutex<Vec<Reader>>,
    /// Number of the last session.
    sessions: AtomicU64,
}

struct Reader {
    connection: Connection,
    marks: Arc<Marks>,
}

/// Numbers of sessions, from 1: that which has the connection, and the last that nobody waits for any more. A session that
/// ends at the moment in which it is given up must not take its successor with it, so it is not a flag.
#[derive(Default)]
struct Marks {
    current: AtomicU64,
    given_up: AtomicU64,
}

impl Marks {
    fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed) == self.current.load(Ordering::Relaxed)
    }
}

/// A connection for one session.
pub(super) struct Held {
    pool: Arc<Pool>,
    /// Nothing only while it is given back.
    reader: Mutex<Option<Reader>>,
}

impl Pool {
    /// Opens nothing yet.
    pub(super) fn new(
        path: PathBuf,
        connections: usize,
        statements: usize,
        patience: Duration,
    ) -> Self {
        let permits = Semaphore::new(connections);
        let (idle, sessions) = (Mutex::default(), AtomicU64::default());
        Pool { path, permits, patience, statements, idle, sessions }
    }

    /// Runs what reads on a thread that may wait, since the file is read there.
    pub(super) async fn run<T, F>(
        self: &Arc<Self>,
        what: impl FnOnce(Held) -> F + Send + 'static,
    ) -> Result<T, DbErr>
    where
        F: Future<Output = T> + Send,
        T: Send + 'static,
    {
        let permit = timeout(self.patience, self.permits.acquire()).await;
        let _permit = permit.map_err(|_| busy())?.map_err(|_| busy())?;
        let reader = match self.idle().pop() {
            Some(reader) => reader,
            None => self.open()?,
        };
        let marks = reader.marks.clone();
        let session = self.sessions.fetch_add(1, Ordering::Relaxed) + 1;
        marks.current.store(session, Ordering::Relaxed);
        let held = Held { pool: self.clone(), reader: Mutex::new(Some(reader)) };
        let runtime = Handle::current();
        // Dropped with this future, when nobody waits any more.
        let _end = OnDrop(|| marks.given_up.store(session, Ordering::Relaxed));
        match spawn_blocking(move || runtime.block_on(what(held))).await {
            Ok(done) => Ok(done),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(DbErr::Custom("the program ends".to_owned())),
            },
        }
    }

    /// Closes what is idle; what is in use is closed when the program ends.
    pub(super) fn close(&self) {
        self.idle().clear();
    }

    fn open(&self) -> Result<Reader, DbErr> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(failed)?;
        connection.busy_timeout(self.patience).map_err(failed)?;
        connection.pragma_update(None, "mmap_size", MAPPED_BYTES).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(self.statements);
        let marks = Arc::<Marks>::default();
        let handler = marks.clone();
        connection.progress_handler(STEPS, Some(move || handler.is_given_up())).map_err(failed)?;
        Ok(Reader { connection, marks })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "connections to {} that read", self.path.display())
    }
}

impl Held {
    pub(super) fn rows(
        &self,
        text: &str,
        keys: Option<&[i64]>,
        binds: &[Bind],
    ) -> Result<Vec<Row>, DbErr> {
        let reader = self.reader.lock().unwrap_or_else(|e| e.into_inner());
        let reader = reader.as_ref().filter(|reader| !reader.marks.is_given_up());
        let reader = reader.ok_or_else(|| DbErr::Custom("the request was given up".to_owned()))?;
        let mut statement = reader.connection.prepare_cached(text).map_err(failed)?;
        bind(&mut statement, keys, binds)?;
        read(&mut statement).map_err(failed)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let reader = self.reader.get_mut().unwrap_or_else(|e| e.into_inner());
        self.pool.idle().extend(reader.take());
    }
}

struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        self.0();
    }
}

/// Parameters are found by their names, `$1` and so on: SQLite numbers them as they come in the text.
fn bind(
    statement: &mut CachedStatement<'_>,
    keys: Option<&[i64]>,
    binds: &[Bind],
) -> Result<(), DbErr> {
    let mut number = 0;
    let mut next = |statement: &CachedStatement<'_>| {
        number += 1;
        let found = statement.parameter_index(&format!("${number}")).map_err(failed)?;
        found.ok_or_else(|| DbErr::Type(format!("the statement has no parameter {number}")))
    };
    if let Some(keys) = keys {
        let index = next(statement)?;
        statement.raw_bind_parameter(index, format!("{keys:?}")).map_err(failed)?;
    }
    for bind in binds {
        let index = next(statement)?;
        match bind {
            Bind::BigInt(value) => statement.raw_bind_parameter(index, value),
            Bind::Double(value) => statement.raw_bind_parameter(index, value),
            Bind::Bool(value) => statement.raw_bind_parameter(index, value),
            Bind::String(value) => statement.raw_bind_parameter(index, value.as_deref()),
            other => return Err(unknown(other)),
        }
        .map_err(failed)?;
    }
    Ok(())
}

fn read(statement: &mut CachedStatement<'_>) -> rusqlite::Result<Vec<Row>> {
    let mut set = Set { width: statement.column_count(), ..Set::default() };
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        for index in 0..set.width {
            let cell = match row.get_ref(index)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(value) => Cell::Int(value),
                ValueRef::Real(value) => Cell::Float(value),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                    let start = set.bytes.len();
                    set.bytes.extend_from_slice(bytes);
                    Cell::Text { start, end: set.bytes.len() }
                }
            };
            set.cells.push(cell);
        }
    }
    Ok(set.into_rows())
}

fn failed(error: rusqlite::Error) -> DbErr {
    DbErr::Query(RuntimeErr::Internal(error.to_string()))
}

fn busy() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("no connection became free in time".to_owned()))
}
