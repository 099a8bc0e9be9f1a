//! What the program does: serve, load, migrate and make keys. Each ends with why it could not.
mod key;

use std::{
    fs, hint::black_box, io, net::SocketAddr, path::PathBuf, str::FromStr, thread, time::Duration,
};

use chrono::{DateTime, Utc};
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DbErr, RuntimeErr, Statement,
    sqlx::{Connection, PgConnection, postgres::PgConnectOptions},
};
use tokio::{
    net::TcpListener,
    runtime,
    sync::{oneshot, watch},
};

pub use self::key::{Create, KeyCommand, Said, key};
use crate::{
    auth::KeyError,
    config::{Config, DatabaseUrl},
    content,
    database::Database,
    logs,
    progress::{self, Progress},
    server::{
        self, App, Connections, Phase,
        shutdown::{self, Stop},
    },
    transfer::shipped::{self, Report, RunError},
};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error("cannot listen on {0}")]
    Listen(SocketAddr, #[source] io::Error),
    #[error("cannot wait for signals")]
    Signal(#[source] io::Error),
    #[error("the server has failed")]
    Serve(#[source] io::Error),
    #[error("cannot open the database {0}")]
    Open(DatabaseUrl, #[source] DbErr),
    #[error("cannot bring the tables up to date")]
    Migrate(#[source] DbErr),
    #[error("{0} migrations are pending: run `culturegraph migrate`, or start with --migrate")]
    Pending(usize),
    #[error("cannot read the database")]
    Read(#[source] DbErr),
    #[error(transparent)]
    Key(KeyError),
    #[error("the key would have expired already: give `--expires` a later time")]
    Expired,
    #[error("cannot load the shipped data")]
    Load(#[source] RunError),
    #[error("setting `search-folder`: {} cannot be used as a folder", .0.display())]
    SearchFolder(PathBuf, #[source] io::Error),
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
    #[error("the start was broken off")]
    Broken,
}

/// Serves until a signal. The server is alive at once, and ready when the tables and the data are there.
pub async fn serve(config: Config, migrate: bool) -> Result<(), CommandError> {
    let address = config.listen;
    let listener =
        TcpListener::bind(address).await.map_err(|error| CommandError::Listen(address, error))?;
    let address = listener.local_addr().map_err(|error| CommandError::Listen(address, error))?;
    tracing::info!("listening on http://{address}");

    check_files(&config);
    if let Some(folder) = config.search_folder() {
        fs::create_dir_all(&folder).map_err(|error| CommandError::SearchFolder(folder, error))?;
    }
    let connections = Connections::of(&config);
    let app = App::starting(config);
    let (stop, told) = watch::channel(false);
    let (router, open) = (server::router(app.clone()), app.open().clone());
    let end = Stop { told, deadline: shutdown::DEADLINE };
    let mut served = tokio::spawn(server::serve(listener, router, open, connections, end));
    // A task, since what it does must not be dropped in the middle: a signal leaves it behind.
    let mut started = tokio::spawn(start(app.clone(), migrate));
    let signal = shutdown::signal();
    tokio::pin!(signal);

    let mut is_ready = false;
    let signal = loop {
        tokio::select! {
            signal = &mut signal => break signal.map_err(CommandError::Signal)?,
            result = &mut started, if !is_ready => match result {
                Ok(result) => { result?; is_ready = true; }
                Err(_) => return Err(CommandError::Broken),
            },
            result = &mut served => return match result {
                Ok(Err(error)) => Err(CommandError::Serve(error)),
                _ => Err(CommandError::Broken),
            },
        }
    };
    tracing::info!(signal, "stopping");
    app.set_phase(Phase::Stopping);
    stop.send_replace(true);
    let ended = async {
        let _ = served.await;
        // Also those whose writers have stopped waiting.
        app.finish_writes().await;
    };
    tokio::select! {
        () = ended => {}
        // Who signals twice does not want to wait.
        _ = shutdown::signal() => tracing::warn!("stopped at once"),
    }
    if let Some(database) = app.database() {
        close(database).await;
    }
    tracing::info!("stopped");
    Ok(())
}

/// Lets the process have as many files, which connections are too, as the system allows, and tells if that is too few.
fn check_files(config: &Config) {
    /// Each connection to the database has a few, and the program itself.
    const BESIDE: u64 = 100;
    let wanted = config.max_connections as u64 + u64::from(config.max_streams) + BESIDE;
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(allowed) if allowed >= wanted => {}
        Ok(allowed) => tracing::warn!(
            allowed,
            wanted,
            "the system allows fewer open files than max-connections and max-streams can take"
        ),
        Err(error) => tracing::warn!(%error, "it is not known how many files may be open"),
    }
}

/// Makes a server ready.
async fn start(app: App, migrate: bool) -> Result<(), CommandError> {
    let config = app.config();
    app.set_phase(Phase::Starting("opening the database"));
    let database = open(config).await?;
    app.set_phase(Phase::Starting("bringing the tables up to date"));
    prepare(&database, migrate).await?;
    if is_empty(&database).await.map_err(CommandError::Read)? {
        app.set_phase(Phase::Starting("loading the shipped data"));
        load_apart(config.clone()).await?;
        tokio::spawn(give_back_memory());
    }
    // Whoever searches first should not have to wait for the index.
    app.search(&database).start();
    app.set_ready(database);
    tracing::info!(database = %config.database_url, "ready: queries are answered at /graphql");
    Ok(())
}

/// Loads the shipped data on a thread of its own, with connections of its own. The data takes much memory while it is
/// loaded, which a thread gives back when it ends; one that goes on to serve would keep it.
async fn load_apart(config: Config) -> Result<(), CommandError> {
    let (end, ended) = oneshot::channel();
    let load = move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let result = match runtime {
            Ok(runtime) => runtime.block_on(async {
                let database = open(&config).await?;
                let progress = progress::beside(logs::format(&config));
                let result = load_shipped(&database, &*progress).await;
                close(&database).await;
                result
            }),
            Err(error) => Err(CommandError::Thread(error)),
        };
        // Nobody waits when the program stops, and then it does not matter.
        let _ = end.send(result);
    };
    thread::Builder::new().name("load".to_owned()).spawn(load).map_err(CommandError::Thread)?;
    // Without an answer the thread has panicked, which is in the log.
    ended.await.unwrap_or(Err(CommandError::Broken)).map(drop)
}

/// Loading takes memory that serving does not need. The allocator gives it back to the system when it frees a large piece a
/// while later, which an idle server would never do.
async fn give_back_memory() {
    tokio::time::sleep(Duration::from_secs(2)).await;
    drop(black_box(vec![1_u8; 4 * 1024 * 1024]));
}

/// Loads the shipped data into whatever database.
pub async fn load(config: &Config, migrate: bool) -> Result<Report, CommandError> {
    let database = open(config).await?;
    prepare(&database, migrate).await?;
    let report = load_shipped(&database, &*progress::beside(logs::format(config))).await?;
    close(&database).await;
    Ok(report)
}

/// Brings the tables up to date.
pub async fn migrate(config: &Config) -> Result<(), CommandError> {
    let database = open(config).await?;
    migration::up(&database.writer).await.map_err(CommandError::Migrate)?;
    tracing::info!(database = %config.database_url, "the tables are up to date");
    close(&database).await;
    Ok(())
}

async fn open(config: &Config) -> Result<Database, CommandError> {
    let url = &config.database_url;
    match Database::open(url.as_str(), config.connections).await {
        Ok(database) => {
            database.reads.limit(config.request_timeout);
            Ok(database)
        }
        Err(error) => {
            let error = reason(url.as_str()).await.unwrap_or(error);
            Err(CommandError::Open(url.clone(), error))
        }
    }
}

/// Why there is no connection to PostgreSQL. A pool tries again until its time is up, and then knows no more than that.
async fn reason(url: &str) -> Option<DbErr> {
    if url.starts_with("sqlite:") {
        return None;
    }
    let options = PgConnectOptions::from_str(url).ok()?;
    let error = PgConnection::connect_with(&options).await.err()?;
    Some(DbErr::Conn(RuntimeErr::SqlxError(error.into())))
}

/// No other version of the program uses an SQLite file while we do, so it is brought up to date without asking; on PostgreSQL other instances
/// may still run that know the old tables only.
async fn prepare(database: &Database, migrate: bool) -> Result<(), CommandError> {
    let pending = Migrator::get_pending_migrations_read_only(&database.writer)
        .await
        .map_err(CommandError::Migrate)?;
    match pending.len() {
        0 => Ok(()),
        _ if migrate || !database.is_postgres() => {
            migration::up(&database.writer).await.map_err(CommandError::Migrate)
        }
        count => Err(CommandError::Pending(count)),
    }
}

/// Whether nothing was ever written.
async fn is_empty(database: &Database) -> Result<bool, DbErr> {
    let db = &database.writer;
    let sql = "SELECT position FROM change_position WHERE id = 1 AND position > 0";
    let statement = Statement::from_string(db.get_database_backend(), sql);
    Ok(db.query_one_raw(statement).await?.is_none())
}

async fn load_shipped(
    database: &Database,
    progress: &dyn Progress,
) -> Result<Report, CommandError> {
    content::define();
    let report = shipped::run(database, progress, now()).await.map_err(CommandError::Load)?;
    for source in &report.sources {
        let shipped::SourceReport { name, read, created, updated, unchanged, kept, refused } =
            source;
        tracing::info!(source = name, read, created, updated, unchanged, kept, refused, "loaded");
    }
    Ok(report)
}

/// The clock, read at the edge of the program; everything below is told what time it is.
#[expect(clippy::disallowed_methods, reason = "here time comes in")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Lets SQLite put all that was written into the one file.
async fn close(database: &Database) {
    let Database { reader, writer, reads } = database.clone();
    reads.close();
    for pool in [reader, writer] {
        if let Err(error) = pool.close().await {
            tracing::warn!(%error, "a connection was not closed");
        }
    }
}
