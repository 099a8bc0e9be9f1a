//! The way from one request to the database: a loader per relation and arguments, made on first use, gone with the request.
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use ::dataloader::{BatchFn, cached::Loader};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr};
use tokio::sync::OnceCell;

use super::{cell::Row, sql::Sql};
use crate::{error::ApiError, value::lang::Lang};

/// The rows of one key, in the order of the statement.
pub type Rows = Arc<Vec<Row>>;
/// All keys of a failed batch share its error.
type Loaded = Result<Option<Rows>, Arc<DbErr>>;
/// The finished answer of a root field.
pub type Root = Result<Vec<u8>, ApiError>;

/// What reading needs to know of the request.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Languages the reader prefers, best first.
    pub langs: Vec<Lang>,
    /// Whether stored texts of third parties may be served whole.
    pub serve_full_text: bool,
    /// The current year (UTC).
    pub year: i64,
}

/// One request's way to the database.
pub struct Reader {
    pub db: DatabaseConnection,
    pub postgres: bool,
    pub reading: Reading,
    loaders: Mutex<HashMap<String, Loader<i64, Loaded, Batch>>>,
    roots: Mutex<HashMap<String, Arc<OnceCell<Root>>>>,
    statements: Arc<AtomicU64>,
}

impl Reader {
    pub fn new(db: DatabaseConnection, reading: Reading) -> Self {
        let postgres = db.get_database_backend() == DbBackend::Postgres;
        Reader {
            db,
            postgres,
            reading,
            loaders: Mutex::default(),
            roots: Mutex::default(),
            statements: Arc::default(),
        }
    }

    /// Where the answer under a response key of the root is kept: the engine asks once for each field that is merged there.
    pub fn root(&self, key: &str) -> Arc<OnceCell<Root>> {
        let mut roots = self.roots.lock().unwrap_or_else(|e| e.into_inner());
        roots.entry(key.to_owned()).or_default().clone()
    }

    /// Statements sent so far.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Counts a statement that a resolver has sent by itself.
    pub fn count_statement(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// The counter itself, for who wants to read it after the request.
    pub fn counter(&self) -> Arc<AtomicU64> {
        self.statements.clone()
    }

    pub async fn rows(&self, sql: Sql) -> Result<Vec<Row>, ApiError> {
        Ok(rows(&self.db, &self.statements, sql).await?)
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
        if sql.binds.len() > 1 {
            name.push_str(&format!("{:?}", &sql.binds[1..]));
        }
        let loader = {
            let mut loaders = self.loaders.lock().unwrap_or_else(|e| e.into_inner());
            let batch = || Batch {
                db: self.db.clone(),
                statements: self.statements.clone(),
                sql: Arc::new(sql),
                key,
            };
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
    db: &DatabaseConnection,
    statements: &AtomicU64,
    sql: Sql,
) -> Result<Vec<Row>, DbErr> {
    statements.fetch_add(1, Ordering::Relaxed);
    Ok(db.query_all_raw(sql.into_statement()).await?.into_iter().map(Row::new).collect())
}

struct Batch {
    db: DatabaseConnection,
    statements: Arc<AtomicU64>,
    sql: Arc<Sql>,
    key: usize,
}

impl BatchFn<i64, Loaded> for Batch {
    async fn load(&mut self, keys: &[i64]) -> HashMap<i64, Loaded> {
        let mut sql = Sql::clone(&self.sql);
        let mut sorted = keys.to_vec();
        sorted.sort_unstable();
        sql.set_keys(&sorted);
        let rows = match rows(&self.db, &self.statements, sql).await {
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
