//! Where changesets of this process go, each to be applied whether or not its writer still waits.
//!
//! On SQLite one writes at a time, and what a commit costs is mostly the wait for the disk: those that wait share one
//! transaction, each in a savepoint of its own, and are acknowledged after its commit. PostgreSQL does the same by itself for
//! commits that come together: there several are at work, each in its own transaction.
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseConnection, DbBackend, DbErr, TransactionTrait};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    task::yield_now,
    time::sleep,
};

use super::{
    Applied, ChangeError, Changeset, Operation,
    apply::{apply, begin, in_transaction},
    collided::{has_collided, renew},
    redacted::scrub,
    sighted::Sighted,
};
use crate::{auth::Writer, progress::Silent};

/// So many changesets wait or are at work: about a second's, and more memory than that of their requests they do not take.
const MOST_WAITING: u32 = 1_024;
/// So many share a transaction: the wait for the disk is a small part of it then, and the first waits not long for the last.
const MOST_SHARING: usize = 64;
/// So often a changeset is tried that collides with others. Each time one of them was applied, so it comes to its turn.
const MOST_TRIES: u32 = 10;

/// The way to the base for all who write in this process. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Queue(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: DatabaseConnection,
    /// For what is read before a changeset's turn comes.
    reader: DatabaseConnection,
    places: Arc<Semaphore>,
    line: Mutex<Line>,
    most_at_work: usize,
    most_sharing: usize,
}

#[derive(Debug, Default)]
struct Line {
    waiting: VecDeque<Waiting>,
    /// How many tasks take from it. There is none while nobody waits, so that nothing is left when the queue goes.
    at_work: usize,
}

#[derive(Debug)]
struct Waiting {
    asked: Asked,
    answer: oneshot::Sender<Outcome>,
    /// Given back when it is answered.
    _place: OwnedSemaphorePermit,
}

#[derive(Clone, Debug)]
struct Asked {
    writer: Writer,
    changeset: Changeset,
    now: DateTime<Utc>,
}

type Outcome = Result<Option<Applied>, ChangeError>;

impl Asked {
    fn redacts(&self) -> bool {
        self.changeset.operations.iter().any(|it| matches!(it, Operation::Redact { .. }))
    }
}

impl Queue {
    pub fn new(db: DatabaseConnection) -> Queue {
        Queue::reading(db.clone(), db)
    }

    /// As [`Queue::new`], with another connection to read with: on SQLite, one writes and all who read need not wait for it.
    pub fn reading(reader: DatabaseConnection, db: DatabaseConnection) -> Queue {
        let (most_at_work, most_sharing) = match db.get_database_backend() {
            DbBackend::Postgres => {
                let pool = db.get_postgres_connection_pool().options();
                let connections = usize::try_from(pool.get_max_connections()).unwrap_or(1);
                // One is left to those who follow the log.
                (connections.saturating_sub(1).max(1), 1)
            }
            _ => (1, MOST_SHARING),
        };
        let places = Arc::new(Semaphore::new(MOST_WAITING as usize));
        let line = Mutex::default();
        Queue(Arc::new(Inner { db, reader, places, line, most_at_work, most_sharing }))
    }

    /// The base that is written to.
    pub fn db(&self) -> &DatabaseConnection {
        &self.0.db
    }

    /// The base as who reads it sees it, without waiting for those who write.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.0.reader
    }

    /// As [`apply`]. Who stops waiting once its quotes are found does not stop it.
    pub async fn apply(
        &self,
        writer: Writer,
        mut changeset: Changeset,
        now: DateTime<Utc>,
    ) -> Outcome {
        if changeset.operations.is_empty() && !changeset.is_refused {
            return Ok(None);
        }
        let place = self.0.places.clone().try_acquire_owned().map_err(|_| ChangeError::Busy)?;
        let contradictions = changeset.contradictions.of(&writer);
        let operations = &changeset.operations;
        let sighted = Sighted::of(&self.0.reader, operations, contradictions).await?;
        changeset.sighted = Arc::new(sighted);
        let (answer, answered) = oneshot::channel();
        let asked = Asked { writer, changeset, now };
        self.join(Waiting { asked, answer, _place: place });
        answered.await.unwrap_or_else(|_| Err(broken()))
    }

    /// Waits until all that was accepted is done, and takes no more.
    pub async fn finish(&self) {
        // Closed by another call, it is finished too.
        let _ = self.0.places.acquire_many(MOST_WAITING).await;
        self.0.places.close();
    }

    fn join(&self, waiting: Waiting) {
        let mut line = self.0.line();
        line.waiting.push_back(waiting);
        if line.at_work < self.0.most_at_work {
            line.at_work += 1;
            tokio::spawn(self.clone().work());
        }
    }

    async fn work(self) {
        while let Some(next) = self.0.next() {
            let db = self.0.db.clone();
            // A task of its own, whose panic leaves the line as it is: who waits for it is told.
            let done = tokio::spawn(async move {
                match db.get_database_backend() {
                    DbBackend::Postgres => each(&db, next).await,
                    _ => together(&db, next).await,
                }
            });
            if let Err(error) = done.await {
                tracing::error!(%error, "a changeset was broken off");
            }
            if self.0.most_sharing > 1 {
                // Those who were answered together come back together, if they write again.
                yield_now().await;
            }
        }
    }
}

impl Inner {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(|error| error.into_inner())
    }

    /// Those whose turn it is; `None` if nobody waits.
    fn next(&self) -> Option<Vec<Waiting>> {
        let mut line = self.line();
        let count = line.waiting.len().min(self.most_sharing);
        if count == 0 {
            line.at_work -= 1;
            return None;
        }
        Some(line.waiting.drain(..count).collect())
    }
}

impl Waiting {
    fn answer(self, outcome: Outcome) {
        // Whoever asked may have gone.
        let _ = self.answer.send(outcome);
    }
}

fn broken() -> ChangeError {
    DbErr::Custom("a changeset was broken off by a panic".to_owned()).into()
}

/// In one transaction. Nobody is told anything before its commit, since each may have seen what those before have written.
async fn together(db: &DatabaseConnection, all: Vec<Waiting>) {
    if all.len() == 1 {
        return each(db, all).await;
    }
    let asked: Vec<&Asked> = all.iter().map(|it| &it.asked).collect();
    match shared(db, &asked).await {
        Ok(outcomes) => {
            if asked.iter().any(|it| it.redacts()) {
                scrub(db).await;
            }
            all.into_iter().zip(outcomes).for_each(|(it, outcome)| it.answer(outcome));
        }
        Err(error) => {
            // One of them may be to blame, and the others have nothing to do with it.
            tracing::warn!(%error, "changesets could not share a transaction");
            renew(db).await;
            each(db, all).await;
        }
    }
}

async fn shared(db: &DatabaseConnection, all: &[&Asked]) -> Result<Vec<Outcome>, DbErr> {
    let tx = begin(db).await?;
    let mut outcomes = Vec::with_capacity(all.len());
    for asked in all {
        let (savepoint, asked) = (tx.begin().await?, Asked::clone(asked));
        // A task of its own, whose panic leaves the transaction as it was at the savepoint.
        let run = tokio::spawn(async move {
            let Asked { writer, changeset, now } = asked;
            let now = now.timestamp_micros();
            let outcome = in_transaction(&savepoint, &writer, changeset, now, &Silent).await;
            (savepoint, outcome)
        });
        outcomes.push(match run.await {
            Ok((savepoint, Ok(applied))) => {
                savepoint.commit().await?;
                Ok(applied)
            }
            Ok((savepoint, Err(error))) => {
                savepoint.rollback().await?;
                Err(error)
            }
            Err(error) => {
                tracing::error!(%error, "a changeset was broken off");
                Err(broken())
            }
        });
    }
    tx.commit().await?;
    Ok(outcomes)
}

/// One after the other, each in a transaction of its own.
async fn each(db: &DatabaseConnection, all: Vec<Waiting>) {
    for waiting in all {
        let outcome = alone(db, &waiting.asked).await;
        if waiting.asked.redacts() && outcome.is_ok() {
            scrub(db).await;
        }
        waiting.answer(outcome);
    }
}

/// Tries again where it has collided with others: what they have written may change what is right.
async fn alone(db: &DatabaseConnection, asked: &Asked) -> Outcome {
    let mut tries = 1;
    loop {
        let Asked { writer, changeset, now } = asked.clone();
        match apply(db, &writer, changeset, now, &Silent).await {
            Err(ChangeError::Database(error)) if has_collided(&error) && tries < MOST_TRIES => {
                tracing::debug!(%error, tries, "a changeset is tried again");
                // Those who have collided come back at different times.
                sleep(Duration::from_millis(u64::from(tries * tries))).await;
                tries += 1;
            }
            Err(ChangeError::Database(error)) => {
                renew(db).await;
                return Err(error.into());
            }
            outcome => return outcome,
        }
    }
}
