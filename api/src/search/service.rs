//! The index of a server: made from the base when it is first needed, while the server answers, and then kept after the log.
use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
    time::Duration,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use tokio::{sync::watch, task::spawn_blocking, time::sleep};

use super::{Found, Index, SearchError, build, document::Document};
use crate::{changes, record::catalog};

/// How often the log is looked at, where nobody says that it has grown.
const INTERVAL: Duration = Duration::from_millis(250);
/// So many entries are read at once.
const CHUNK: i64 = 1_000;

/// Clones are one.
#[derive(Clone)]
pub struct Search(Arc<Inner>);

struct Inner {
    db: DatabaseConnection,
    index: OnceLock<Arc<Index>>,
    started: OnceLock<()>,
    /// Position of the log up to which all is findable; `None` until the index is made.
    position: watch::Sender<Option<i64>>,
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search").field("position", &*self.0.position.borrow()).finish()
    }
}

impl Search {
    pub fn new(db: DatabaseConnection) -> Search {
        let (index, started) = (OnceLock::new(), OnceLock::new());
        Search(Arc::new(Inner { db, index, started, position: watch::Sender::new(None) }))
    }

    /// Begins to make the index, if nobody has yet.
    pub fn start(&self) {
        self.0.started.get_or_init(|| {
            let inner = Arc::downgrade(&self.0);
            tokio::spawn(async move {
                loop {
                    // Nobody asks any more when the server is gone.
                    let Some(inner) = inner.upgrade() else { return };
                    if let Err(error) = inner.look().await {
                        tracing::warn!(%error, "the search index does not follow the log");
                    }
                    drop(inner);
                    sleep(INTERVAL).await;
                }
            });
        });
    }

    /// What is found, with the position that the index has come to; `None` while it is made.
    pub async fn search(
        &self,
        text: String,
        codes: Vec<u16>,
        limit: usize,
    ) -> Result<Option<(Found, i64)>, SearchError> {
        self.start();
        let position = *self.0.position.borrow();
        let Some((index, position)) = self.0.index.get().cloned().zip(position) else {
            return Ok(None);
        };
        // It computes, for as long as a hard query takes.
        let found = spawn_blocking(move || index.search(&text, &codes, limit)).await;
        found.map_err(|_| SearchError::Broken)?.map(|found| Some((found, position)))
    }

    /// Waits until the index has a position of the log, or the time is over; gives whether it has.
    pub async fn reaches(&self, position: i64, limit: Duration) -> bool {
        self.start();
        let mut reached = self.0.position.subscribe();
        let wait = reached.wait_for(|it| it.is_some_and(|it| it >= position));
        tokio::time::timeout(limit, wait).await.is_ok_and(|it| it.is_ok())
    }
}

impl Inner {
    async fn look(&self) -> Result<(), SearchError> {
        let index = match self.index.get() {
            Some(index) => index,
            None => {
                let index = Arc::new(Index::in_memory()?);
                let position = build::fill(&index, &self.db).await?;
                let index = self.index.get_or_init(|| index);
                self.position.send_replace(Some(position));
                index
            }
        };
        let mut position = (*self.position.borrow()).unwrap_or_default();
        loop {
            let sql = "SELECT e.position, r.public_id, e.record_id FROM change_entry e JOIN record r ON r.id = e.record_id \
                 WHERE e.position > $1 ORDER BY e.position LIMIT $2";
            let backend = self.db.get_database_backend();
            let values = [position.into(), CHUNK.into()];
            let rows = self.db.query_all_raw(Statement::from_sql_and_values(backend, sql, values));
            let mut changed: BTreeSet<(String, i64)> = BTreeSet::new();
            for row in rows.await? {
                let (at, public_id, id): (i64, String, i64) = row.try_get_many_by_index()?;
                position = at;
                changed.insert((public_id, id));
            }
            if changed.is_empty() {
                return Ok(());
            }
            let ids: Vec<String> = changed.iter().map(|(public_id, _)| public_id.clone()).collect();
            let now = changes::current(&self.db, &ids).await?;
            for (public_id, id) in changed {
                let def = catalog().of_id(id).filter(|def| build::is_searched(def));
                match (def, now.get(&public_id)) {
                    (Some(def), Some(now)) => {
                        let weight = build::weight(def, &now.fields, 0);
                        index.put(id, &Document::of(&now.fields), weight)?;
                    }
                    _ => index.remove(id),
                }
            }
            index.commit(position)?;
            self.position.send_replace(Some(position));
        }
    }
}
