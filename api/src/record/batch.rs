//! The way from one request to the database: a loader per relation and arguments, made on first use, gone with the request.
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use ::dataloader::{BatchFn, cached::Loader};
use sea_orm::{DatabaseConnection, DbErr};
use tokio::sync::OnceCell;

use super::{
    cell::Row,
    root::too_large,
    sql::Sql,
    tally::{Taken, Tally},
};
use crate::{auth::Caller, database::Session, error::ApiError, search::Service, value::lang::Lang};

/// The rows of one key, in the order of the statement.
pub type Rows = Arc<Vec<Row>>;
/// All keys of a failed batch share its error.
type Loaded = Result<Option<Rows>, Arc<DbErr>>;
/// The finished answer of a root field.
pub type Root = Result<Vec<u8>, ApiError>;

/// How often an answer is copied at most on its way: a record into its list, the list into its record, and so on.
const COPIES: usize = 16;

/// What reading needs to know of the request.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Languages the reader prefers, best first.
    pub langs: Vec<Lang>,
    /// Whether stored texts of third parties may be served whole.
    pub serve_full_text: bool,
    /// The current year (UTC).
    pub year: i64,
    /// Bytes of an answer.
    pub max_bytes: usize,
    /// The most that one operation may cost.
    pub max_cost: u64,
    /// Who asks.
    pub caller: Caller,
    /// What finds records by texts; none where there is no server.
    pub search: Option<Service>,
}

/// One request's way to the database.
pub struct Reader {
    session: Arc<Session>,
    /// For functions that read by entities.
    pub db: DatabaseConnection,
    pub postgres: bool,
    pub reading: Reading,
    loaders: Mutex<HashMap<String, Loader<i64, Loaded, Batch>>>,
    roots: Mutex<HashMap<String, Arc<OnceCell<Root>>>>,
    /// Bytes that were written so far.
    written: AtomicUsize,
    /// Shared with who waits for the answer.
    tally: Arc<Tally>,
}

impl Reader {
    pub fn new(
        session: Session,
        db: DatabaseConnection,
        reading: Reading,
        tally: Arc<Tally>,
    ) -> Self {
        let postgres = session.is_postgres();
        Reader {
            session: Arc::new(session),
            db,
            postgres,
            reading,
            loaders: Mutex::default(),
            roots: Mutex::default(),
            written: AtomicUsize::default(),
            tally,
        }
    }

    /// Where the answer under a response key of the root is kept: the engine asks once for each field that is merged there.
    pub fn root(&self, key: &str) -> Arc<OnceCell<Root>> {
        let mut roots = self.roots.lock().unwrap_or_else(|e| e.into_inner());
        roots.entry(key.to_owned()).or_default().clone()
    }

    /// Counts bytes that were written on the way to an answer, and refuses to go on where they are too many. Records that
    /// many others lead to are written for each of these, and so is what stands in them.
    pub fn write(&self, bytes: usize) -> Result<(), ApiError> {
        let most = self.reading.max_bytes;
        match self.written.fetch_add(bytes, Ordering::Relaxed) < most.saturating_mul(COPIES) {
            true => Ok(()),
            false => Err(too_large(most)),
        }
    }

    /// Tells of a value that fails while the field that it is in goes on.
    pub fn fail(&self, error: ApiError) {
        self.tally.fail(error);
    }

    /// Counts what a resolver has read by itself.
    pub fn count(&self, level: usize, taken: Taken) {
        self.tally.add(level, taken);
    }

    pub async fn rows(&self, sql: Sql) -> Result<Vec<Row>, ApiError> {
        Ok(rows(&self.session, &self.tally, &sql, None).await?)
    }

    /// As [`Reader::rows`], of a statement whose first parameter is these keys.
    pub async fn rows_of(&self, sql: Sql, keys: &[i64]) -> Result<Vec<Row>, ApiError> {
        Ok(rows(&self.session, &self.tally, &sql, Some(keys)).await?)
    }

    /// The rows of each key, by a statement whose first parameter is the keys; `key` is the place of the key in a row.
    /// Equal statements asked for at the same time, from wherever in the query, are one.
    pub async fn load(
        &self,
        sql: Sql,
        key: usize,
        keys: Vec<i64>,
    ) -> Result<HashMap<i64, Option<Rows>>, ApiError> {
        let mut name = sql.text.clone();
        if !sql.binds.is_empty() {
            name.push_str(&format!("{:?}", sql.binds));
        }
        let loader = {
            let mut loaders = self.loaders.lock().unwrap_or_else(|e| e.into_inner());
            let batch =
                || Batch { session: self.session.clone(), tally: self.tally.clone(), sql, key };
            // A lone yield is enough for all that was asked for in this turn; no batch is ever split.
            let loader =
                || Loader::new(batch()).with_yield_count(1).with_max_batch_size(usize::MAX);
            loaders.entry(name).or_insert_with(loader).clone()
        };
        let missing = |e: std::io::Error| ApiError::from(DbErr::Custom(e.to_string()));
        let loaded = loader.try_load_many(keys).await.map_err(missing)?;
        loaded.into_iter().map(|(key, rows)| Ok((key, rows?))).collect()
    }
}

async fn rows(
    session: &Session,
    tally: &Tally,
    sql: &Sql,
    keys: Option<&[i64]>,
) -> Result<Vec<Row>, DbErr> {
    let began = Instant::now();
    let rows = session.rows(&sql.text, keys, &sql.binds).await;
    let count = rows.as_ref().map_or(0, Vec::len) as u64;
    tally.add(sql.level, Taken { statements: 1, rows: count, time: began.elapsed() });
    rows
}

struct Batch {
    session: Arc<Session>,
    tally: Arc<Tally>,
    sql: Sql,
    key: usize,
}

impl BatchFn<i64, Loaded> for Batch {
    async fn load(&mut self, keys: &[i64]) -> HashMap<i64, Loaded> {
        let mut sorted = keys.to_vec();
        sorted.sort_unstable();
        let rows = match rows(&self.session, &self.tally, &self.sql, Some(&sorted)).await {
            Ok(rows) => rows,
            Err(error) => {
                let error = Arc::new(error);
                return keys.iter().map(|key| (*key, Err(error.clone()))).collect();
            }
        };
        let mut groups: HashMap<i64, Vec<Row>> = HashMap::with_capacity(keys.len());
        for row in rows {
            if let Some(key) = row.int(self.key) {
                groups.entry(key).or_default().push(row);
            }
        }
        keys.iter().map(|key| (*key, Ok(groups.remove(key).map(Arc::new)))).collect()
    }
}
