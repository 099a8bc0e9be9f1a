//! What all requests share.
use std::sync::{Arc, LazyLock, OnceLock, RwLock};

use crate::{
    auth::{Budgets, Keys},
    changes::{Queue, feed::Follower},
    clock::Clock,
    config::Config,
    database::Database,
    gate::{Gate, Rules, Types},
    schema::{self, Schema},
    search::{Service, Settings},
};

use super::streams::Open;

/// The state of the server. Clones are the same server.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What the program says of itself: made once, since it takes a while, for as many servers as a process has.
static SCHEMA: LazyLock<(Schema, Arc<Types>)> = LazyLock::new(|| {
    let schema = schema::build();
    let types = Types::new(&schema.sdl(), &schema::prices());
    (schema, Arc::new(types.expect("a schema's own SDL parses")))
});

/// The schema as a text, once somebody has asked for it.
static SDL: LazyLock<String> = LazyLock::new(schema::sdl);

struct Inner {
    /// Made when it is first needed: it knows the whole schema.
    gate: OnceLock<Gate>,
    config: Config,
    open: Open,
    phase: RwLock<Phase>,
    database: OnceLock<Database>,
    /// Made with the first mutation.
    queue: OnceLock<Queue>,
    /// Made with the first subscription.
    follower: OnceLock<Follower>,
    search: OnceLock<Service>,
    clock: Clock,
    keys: Keys,
    budgets: Budgets,
}

/// How far the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It does this before it can answer queries.
    Starting(&'static str),
    Ready,
    Stopping,
}

impl App {
    /// A server that is alive and answers no query yet; see [`App::set_ready`].
    pub fn starting(config: Config) -> App {
        App::with_clock(config, Clock::default())
    }

    /// As [`App::starting`], by another clock than the system's.
    pub fn with_clock(config: Config, clock: Clock) -> App {
        let keys = Keys::new(clock.clone());
        let budgets = Budgets::new(config.key_cost, config.anonymous_cost, clock.clone());
        let phase = RwLock::new(Phase::Starting("starting"));
        let gate = OnceLock::new();
        let open = Open::new(config.max_streams);
        App(Arc::new(Inner {
            gate,
            config,
            open,
            phase,
            database: OnceLock::new(),
            queue: OnceLock::new(),
            follower: OnceLock::new(),
            search: OnceLock::new(),
            clock,
            keys,
            budgets,
        }))
    }

    /// A server that answers queries from a database that is migrated.
    pub fn new(config: Config, database: Database) -> App {
        let app = App::starting(config);
        app.set_ready(database);
        app
    }

    pub fn set_phase(&self, phase: Phase) {
        *self.0.phase.write().unwrap_or_else(|error| error.into_inner()) = phase;
    }

    /// Answers queries from now on. Only the first database counts.
    pub fn set_ready(&self, database: Database) {
        self.0.database.get_or_init(|| database);
        self.gate();
        self.set_phase(Phase::Ready);
    }

    pub fn phase(&self) -> Phase {
        *self.0.phase.read().unwrap_or_else(|error| error.into_inner())
    }

    /// The database, once queries can be answered. A server that stops still answers what it has accepted.
    pub fn database(&self) -> Option<&Database> {
        self.0.database.get()
    }

    /// What looks at the change log for all subscriptions.
    pub(super) fn follower(&self, database: &Database) -> &Follower {
        let interval = self.config().follow_interval;
        self.0.follower.get_or_init(|| Follower::new(database.reader.clone(), interval))
    }

    /// What finds records by texts.
    pub fn search(&self, database: &Database) -> &Service {
        self.0.search.get_or_init(|| {
            let config = self.config();
            let (folder, writer_bytes) = (config.search_folder(), config.search_memory_bytes);
            let settings = Settings { folder, writer_bytes };
            Service::new(database.reader.clone(), self.follower(database).clone(), settings)
        })
    }

    /// Says that this process has written, so that its subscriptions need not wait for the next look at the log.
    pub fn wrote(&self) {
        if let Some(follower) = self.0.follower.get() {
            follower.wake();
        }
    }

    /// Where changesets go.
    pub(super) fn queue(&self, database: &Database) -> &Queue {
        let (reader, writer) = (&database.reader, &database.writer);
        self.0.queue.get_or_init(|| Queue::reading(reader.clone(), writer.clone()))
    }

    /// Waits until all changesets that were accepted are done, and takes no more.
    pub async fn finish_writes(&self) {
        if let Some(queue) = self.0.queue.get() {
            queue.finish().await;
        }
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    pub(super) fn budgets(&self) -> &Budgets {
        &self.0.budgets
    }

    /// The connections that stay open.
    pub fn open(&self) -> &Open {
        &self.0.open
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub(super) fn schema(&self) -> &'static Schema {
        &SCHEMA.0
    }

    /// The schema as a text; `None` where it cannot be asked for.
    pub(super) fn sdl(&self) -> Option<&'static str> {
        self.config().introspection.then(|| SDL.as_str())
    }

    pub(super) fn gate(&self) -> &Gate {
        self.0.gate.get_or_init(|| {
            let config = self.config();
            let rules = Rules {
                limits: config.limits.clone(),
                introspection: config.introspection,
                document_bytes: config.document_cache_bytes,
            };
            Gate::new(SCHEMA.1.clone(), rules)
        })
    }
}
