//! The index of a server: opened where it is kept, or made from the base while the server answers already, and then kept
//! after the log.
use std::{
    collections::VecDeque,
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    thread::available_parallelism,
    time::{Duration, Instant},
};

use sea_orm::DatabaseConnection;
use tokio::{
    sync::{Semaphore, watch},
    task::spawn_blocking,
    time::{sleep, timeout},
};

use super::{Index, SearchError, State, build, follow, snapshot::Snapshot};
use crate::{changes::feed::Follower, progress::Progress};

/// How long a state of the index is kept for those who page through what they have found, after their last page.
const KEPT_FOR: Duration = Duration::from_secs(120);
/// States that are kept at once.
const MOST_KEPT: usize = 128;
/// How long it waits where the log cannot be followed.
const PAUSE: Duration = Duration::from_secs(1);
/// Files by which the library knows an index of its own.
const META: &str = "meta.json";
const MANAGED: &str = ".managed.json";
/// Instances that share a folder.
const MOST_INSTANCES: usize = 64;

/// Where the index is kept, and what it may take.
#[derive(Clone, Debug)]
pub struct Settings {
    /// A folder, in which each instance has one of its own; in memory when absent.
    pub folder: Option<PathBuf>,
    /// Memory for what is not written yet.
    pub writer_bytes: usize,
}

/// Clones are one.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    db: DatabaseConnection,
    follower: Follower,
    settings: Settings,
    index: RwLock<Option<Arc<Index>>>,
    /// Held as long as the folder is in use.
    lock: Mutex<Option<File>>,
    kept: Mutex<VecDeque<Kept>>,
    /// States before this position have something in them that must not be known.
    redacted: AtomicI64,
    started: OnceLock<()>,
    /// Position of the log up to which all is findable; `None` until the index is made.
    position: watch::Sender<Option<i64>>,
    building: Counter,
    /// Searches that run at once: as many as there are processors, since they do nothing but compute.
    searching: Arc<Semaphore>,
}

/// A state of the index that somebody pages through.
struct Kept {
    used: Instant,
    snapshot: Arc<Snapshot>,
}

/// The index is being made: so many records of so many are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Building {
    pub done: u64,
    pub total: u64,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").field("position", &*self.0.position.borrow()).finish()
    }
}

impl Service {
    pub fn new(db: DatabaseConnection, follower: Follower, settings: Settings) -> Service {
        let processors = available_parallelism().map_or(1, usize::from);
        Service(Arc::new(Inner {
            db,
            follower,
            settings,
            index: RwLock::default(),
            lock: Mutex::default(),
            kept: Mutex::default(),
            redacted: AtomicI64::default(),
            started: OnceLock::new(),
            position: watch::Sender::new(None),
            building: Counter::default(),
            searching: Arc::new(Semaphore::new(processors)),
        }))
    }

    /// Begins to follow the log, if nobody has yet.
    pub fn start(&self) {
        self.0.started.get_or_init(|| {
            let inner = Arc::downgrade(&self.0);
            let mut newest = self.0.follower.follow();
            tokio::spawn(async move {
                loop {
                    // Nobody asks any more when the server is gone.
                    let Some(inner) = inner.upgrade() else { return };
                    if let Err(error) = inner.advance().await {
                        tracing::warn!(%error, "the search index does not follow the log");
                        // What is there is still right, as of its position.
                        if !matches!(error, SearchError::Database(_)) {
                            inner.close();
                        }
                        sleep(PAUSE).await;
                    }
                    drop(inner);
                    // The pause is for a server that is gone meanwhile; the log is looked at more often.
                    let _ = timeout(PAUSE, newest.changed()).await;
                }
            });
        });
    }

    /// The index as it is, or how far it is made.
    pub fn current(&self) -> Result<Arc<Snapshot>, Building> {
        self.start();
        let index = self.0.index.read().unwrap_or_else(PoisonError::into_inner);
        index.as_ref().map(|index| index.current()).ok_or_else(|| self.0.building.now())
    }

    /// The index as it was at a position, if somebody pages through that state of it.
    pub fn at(&self, position: i64) -> Option<Arc<Snapshot>> {
        let current = self.current().ok()?;
        if current.state.position == position {
            return Some(current);
        }
        let mut kept = self.0.kept();
        let at = kept.iter().position(|it| it.snapshot.state.position == position)?;
        let mut found = kept.remove(at)?;
        found.used = Instant::now();
        let snapshot = found.snapshot.clone();
        kept.push_back(found);
        Some(snapshot)
    }

    /// Keeps a state for who may want the next page of it.
    pub fn keep(&self, snapshot: &Arc<Snapshot>) {
        let mut kept = self.0.kept();
        if snapshot.state.position < self.0.redacted.load(Ordering::Acquire) {
            return;
        }
        kept.retain(|it| it.snapshot.state.position != snapshot.state.position);
        kept.push_back(Kept { used: Instant::now(), snapshot: snapshot.clone() });
        let excess = kept.len().saturating_sub(MOST_KEPT);
        kept.drain(..excess);
    }

    /// Computes something of a snapshot where it does not hold up others.
    pub async fn compute<T: Send + 'static>(
        &self,
        compute: impl FnOnce() -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, SearchError> {
        let place = self.0.searching.clone().acquire_owned().await;
        let place = place.map_err(|_| SearchError::Broken)?;
        let compute = move || {
            // Held until it has ended, whether somebody waits for it or not.
            let _place = place;
            compute()
        };
        spawn_blocking(compute).await.map_err(|_| SearchError::Broken)?
    }

    /// Waits until the index has a position of the log, or the time is over; gives whether it has.
    pub async fn reaches(&self, position: i64, limit: Duration) -> bool {
        self.start();
        let mut reached = self.0.position.subscribe();
        let wait = reached.wait_for(|it| it.is_some_and(|it| it >= position));
        timeout(limit, wait).await.is_ok_and(|it| it.is_ok())
    }
}

impl Inner {
    fn kept(&self) -> std::sync::MutexGuard<'_, VecDeque<Kept>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|it| it.used.elapsed() < KEPT_FOR);
        kept
    }

    /// Brings the index to the end of the log; opens or makes it first where that was not done.
    async fn advance(&self) -> Result<(), SearchError> {
        let known = self.index.read().unwrap_or_else(PoisonError::into_inner).clone();
        let index = match known {
            Some(index) => index,
            None => {
                let index = self.open().await?;
                self.position.send_replace(Some(index.current().state.position));
                *self.index.write().unwrap_or_else(PoisonError::into_inner) = Some(index.clone());
                index
            }
        };
        let forget = |position| self.forget(position);
        while let Some(followed) = follow::follow(&index, &self.db, forget).await? {
            self.position.send_replace(Some(followed.position));
            if followed.is_redacted {
                self.remove_unused()?;
            }
        }
        // What nobody pages through any more.
        drop(self.kept());
        Ok(())
    }

    /// Lets go of states before a redaction: whoever pages through one begins anew.
    fn forget(&self, position: i64) {
        let mut kept = self.kept();
        self.redacted.store(position, Ordering::Release);
        kept.clear();
    }

    /// Indexes of instances that do not run have what was redacted too; they are made anew when these start.
    fn remove_unused(&self) -> Result<(), SearchError> {
        let Some(folder) = &self.settings.folder else { return Ok(()) };
        for number in 1..=MOST_INSTANCES {
            let own = folder.join(number.to_string());
            if !own.join(META).exists() {
                continue;
            }
            // Held until it is gone, so that no instance begins with it meanwhile.
            let lock = lock_of(folder, number)?;
            if lock.try_lock().is_ok() {
                fs::remove_dir_all(own)?;
            }
        }
        Ok(())
    }

    /// Lets go of an index that cannot be written any more; it is opened again.
    fn close(&self) {
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = None;
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.position.send_replace(None);
    }

    async fn open(&self) -> Result<Arc<Index>, SearchError> {
        let bytes = self.settings.writer_bytes;
        let Some(folder) = &self.settings.folder else {
            let index = Arc::new(Index::in_memory(bytes)?);
            build::fill(&index, &self.db, &self.building).await?;
            return Ok(index);
        };
        let (folder, lock) = own_folder(folder)?;
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = Some(lock);
        let place = folder.clone();
        let opened = spawn_blocking(move || Index::open(&place, bytes));
        // A panic is damage too: that is how the library takes a file that is cut off.
        if let Some(index) = opened.await.unwrap_or(Ok(None))? {
            let index = Arc::new(index);
            let state = index.current().state.clone();
            let is_purge_due = state.is_purge_due;
            if (State { is_purge_due, ..build::state(&self.db, state.position).await? }) == state {
                tracing::info!(folder = %folder.display(), position = state.position, "search index");
                if is_purge_due {
                    build::purge(&index).await?;
                    self.remove_unused()?;
                }
                return Ok(index);
            }
            tracing::info!(folder = %folder.display(), "the search index is of another base");
        }
        if fs::read_dir(&folder)?.next().is_some()
            && ![META, MANAGED].iter().any(|it| folder.join(it).exists())
        {
            let message = format!(
                "{} is no search index: the setting `search-folder` is for a folder of its own",
                folder.display()
            );
            return Err(std::io::Error::other(message).into());
        }
        tracing::info!(folder = %folder.display(), "the search index is made");
        fs::remove_dir_all(&folder)?;
        fs::create_dir(&folder)?;
        let index = Arc::new(Index::create(&folder, bytes)?);
        build::fill(&index, &self.db, &self.building).await?;
        tracing::info!(records = index.current().len(), "the search index is complete");
        Ok(index)
    }
}

/// The first folder that no other instance has, and the lock that says so.
fn own_folder(folder: &Path) -> Result<(PathBuf, File), SearchError> {
    for number in 1..=MOST_INSTANCES {
        let own = folder.join(number.to_string());
        fs::create_dir_all(&own)?;
        let lock = lock_of(folder, number)?;
        if lock.try_lock().is_ok() {
            return Ok((own, lock));
        }
    }
    let message = format!("{MOST_INSTANCES} instances have their indexes in {}", folder.display());
    Err(std::io::Error::other(message).into())
}

fn lock_of(folder: &Path, number: usize) -> std::io::Result<File> {
    File::create(folder.join(format!("{number}.lock")))
}

/// How far the index is made, for who asks and for the log.
#[derive(Debug, Default)]
struct Counter {
    done: AtomicU64,
    total: AtomicU64,
}

impl Counter {
    fn now(&self) -> Building {
        let [done, total] = [&self.done, &self.total].map(|it| it.load(Ordering::Relaxed));
        Building { done, total }
    }
}

impl Progress for Counter {
    fn begin(&self, _: &str, steps: u64) {
        self.done.store(0, Ordering::Relaxed);
        self.total.store(steps, Ordering::Relaxed);
    }

    fn step(&self, steps: u64) {
        let before = self.done.fetch_add(steps, Ordering::Relaxed);
        let total = self.total.load(Ordering::Relaxed).max(1);
        // A line for each tenth is enough.
        if (before + steps) * 10 / total > before * 10 / total {
            tracing::info!(done = before + steps, total, "search index");
        }
    }

    fn end(&self) {}
}
