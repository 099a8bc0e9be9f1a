//! Connections to an SQLite file that only read, through rusqlite: the driver of sqlx hands each statement to another thread
//! and each row back from it, which costs more than most statements do. Here a statement runs where it is asked for; one
//! that takes longer than others may be kept waiting is broken off and begins again on a thread that may wait.
use std::{
    mem::take,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, Statement, types::ValueRef};
use sea_orm::{DbErr, RuntimeErr, Value as Bind};
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};

use super::{
    KEPT_MAX, busy,
    reads::unknown,
    row::{Cell, Row, Set},
};

/// How much of the file is read as memory; what is beyond it is read by calls. A limit of addresses, not of memory.
const MAPPED_BYTES: i64 = 1 << 30;
/// After so many steps of a statement, some microseconds each time, it is asked whether it should go on.
const STEPS: i32 = 1_000;
/// How long the statements of one request may run where they are asked for, in microseconds: a thread that serves others too.
const MICROS_IN_PLACE: u64 = 5_000;

pub struct Pool {
    path: PathBuf,
    /// As many as may be in use at the same time.
    permits: Arc<Semaphore>,
    patience: Duration,
    statements: usize,
    idle: Mutex<Vec<Reader>>,
}

struct Reader {
    connection: Connection,
    watch: Arc<Watch>,
}

/// What a running statement looks at to know whether it should go on.
struct Watch {
    began: Instant,
    /// Nobody waits for it any more.
    is_given_up: AtomicBool,
    /// Microseconds after the beginning at which it has been here for too long; 0 where it may take any time.
    until: AtomicU64,
}

impl Watch {
    fn micros(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn is_too_long(&self) -> bool {
        let until = self.until.load(Ordering::Relaxed);
        until != 0 && self.micros() >= until
    }

    fn should_end(&self) -> bool {
        self.is_given_up.load(Ordering::Relaxed) || self.is_too_long()
    }
}

/// A connection for one session.
pub(super) struct Held {
    home: Arc<Home>,
    watch: Arc<Watch>,
    /// Microseconds that its statements may still run in place.
    left: AtomicU64,
}

/// Gives the connection back when neither the session nor a thread uses it.
struct Home {
    pool: Arc<Pool>,
    /// Nothing only while it is given back.
    reader: Arc<AsyncMutex<Option<Reader>>>,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    /// Opens nothing yet.
    pub(super) fn new(
        path: PathBuf,
        connections: usize,
        statements: usize,
        patience: Duration,
    ) -> Self {
        let permits = Arc::new(Semaphore::new(connections));
        Pool { path, permits, patience, statements, idle: Mutex::default() }
    }

    pub(super) async fn hold(self: &Arc<Self>) -> Result<Held, DbErr> {
        let permit = timeout(self.patience, self.permits.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| busy())?.map_err(|_| busy())?;
        let idle = self.idle().pop();
        let reader = idle.map_or_else(|| self.open(), Ok)?;
        let watch = reader.watch.clone();
        watch.is_given_up.store(false, Ordering::Relaxed);
        let reader = Arc::new(AsyncMutex::new(Some(reader)));
        let home = Arc::new(Home { pool: self.clone(), reader, _permit: permit });
        Ok(Held { home, watch, left: AtomicU64::new(MICROS_IN_PLACE) })
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
        let watch = Arc::new(Watch {
            began: Instant::now(),
            is_given_up: AtomicBool::default(),
            until: AtomicU64::default(),
        });
        let watched = watch.clone();
        connection.progress_handler(STEPS, Some(move || watched.should_end())).map_err(failed)?;
        Ok(Reader { connection, watch })
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
    pub(super) async fn rows(
        &self,
        text: &str,
        keys: Option<&[i64]>,
        binds: &[Bind],
    ) -> Result<Vec<Row>, DbErr> {
        let reader = self.home.reader.clone().lock_owned().await;
        let Some(here) = &*reader else { return Err(gone()) };
        let left = self.left.load(Ordering::Relaxed);
        if left > 0 {
            let start = here.watch.micros();
            here.watch.until.store(start + left, Ordering::Relaxed);
            let rows = here.rows(text, keys, binds);
            let is_cut = here.watch.is_too_long() && matches!(&rows, Err(Failed::Ended));
            here.watch.until.store(0, Ordering::Relaxed);
            let took = here.watch.micros() - start;
            self.left.store(left.saturating_sub(took), Ordering::Relaxed);
            if !is_cut {
                return rows.map_err(DbErr::from);
            }
        }
        let (home, text) = (self.home.clone(), text.to_owned());
        let (keys, binds) = (keys.map(<[i64]>::to_vec), binds.to_vec());
        let elsewhere = spawn_blocking(move || {
            let rows = match &*reader {
                Some(there) => there.rows(&text, keys.as_deref(), &binds).map_err(DbErr::from),
                None => Err(gone()),
            };
            // The connection before what gives it back.
            drop((reader, home));
            rows
        });
        elsewhere.await.unwrap_or_else(|_| Err(gone()))
    }
}

/// Before the connection can be given back, so that the next session does not end with this one.
impl Drop for Held {
    fn drop(&mut self) {
        self.watch.is_given_up.store(true, Ordering::Relaxed);
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Ok(mut reader) = self.reader.try_lock() {
            self.pool.idle().extend(take(&mut *reader));
        }
    }
}

enum Failed {
    /// By our own watch.
    Ended,
    Of(DbErr),
}

impl From<Failed> for DbErr {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Ended => DbErr::Custom("the statement was given up".to_owned()),
            Failed::Of(error) => error,
        }
    }
}

impl Reader {
    fn rows(&self, text: &str, keys: Option<&[i64]>, binds: &[Bind]) -> Result<Vec<Row>, Failed> {
        // The watch ends the preparing of a statement too: the first one of a connection reads the whole schema.
        let failed = |error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Failed::Ended,
            _ => Failed::Of(failed(error)),
        };
        let (mut kept, mut once);
        let statement: &mut Statement<'_> = match text.len() > KEPT_MAX {
            false => {
                kept = self.connection.prepare_cached(text).map_err(failed)?;
                &mut kept
            }
            true => {
                once = self.connection.prepare(text).map_err(failed)?;
                &mut once
            }
        };
        bind(statement, keys, binds).map_err(Failed::Of)?;
        read(statement).map_err(failed)
    }
}

/// Parameters are found by their names, `$1` and so on: SQLite numbers them as they come in the text.
fn bind(statement: &mut Statement<'_>, keys: Option<&[i64]>, binds: &[Bind]) -> Result<(), DbErr> {
    let mut number = 0;
    let mut next = |statement: &Statement<'_>| {
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

fn read(statement: &mut Statement<'_>) -> rusqlite::Result<Vec<Row>> {
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

fn gone() -> DbErr {
    DbErr::Custom("the connection is gone".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_broken_off_while_it_is_prepared_begins_again_elsewhere() {
        let path =
            std::env::temp_dir().join(format!("culturegraph-{}-prepared.db", std::process::id()));
        let writer = Connection::open(&path).unwrap();
        let tables: String = (0..1_000).map(|n| format!("CREATE TABLE t{n} (id);")).collect();
        writer.execute_batch(&format!("BEGIN; {tables} COMMIT")).unwrap();
        let pool = Arc::new(Pool::new(path.clone(), 1, 10, Duration::from_secs(10)));

        let held = pool.hold().await.unwrap();
        // No more time than has passed when it is asked for the first time.
        held.left.store(1, Ordering::Relaxed);
        let rows = held.rows("SELECT count(*) FROM t7", None, &[]).await;
        std::fs::remove_file(path).unwrap();

        assert_eq!(rows.unwrap()[0].int(0), Some(0));
        assert_eq!(held.left.load(Ordering::Relaxed), 0);
    }
}
