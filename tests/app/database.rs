//! Empty databases, copied from one that was migrated once.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use tokio::sync::OnceCell;

use super::{
    postgres::{self, Cluster},
    scratch,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// A migrated database without records, of one test alone for as long as it has this value.
pub(crate) struct TestDatabase {
    backend: Backend,
    url: String,
    place: Place,
}

enum Place {
    Folder(PathBuf),
    Cluster(&'static Cluster, String),
}

/// A database of one's own; none if there is no PostgreSQL on this machine and it may be missing.
pub(crate) async fn database(backend: Backend) -> Option<TestDatabase> {
    let (url, place) = match backend {
        Backend::Sqlite => {
            static COUNT: AtomicU64 = AtomicU64::new(0);
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            let folder = scratch::folder().join(format!("test_{number}"));
            let file = folder.join("culturegraph.db");
            fs::create_dir(&folder).expect("our folder is writable");
            fs::copy(sqlite_template().await, &file).expect("our folder is writable");
            (sqlite_url(&file), Place::Folder(folder))
        }
        Backend::Postgres => {
            let cluster = postgres::cluster().await?;
            let name = cluster.take_database().await;
            (cluster.url(&name), Place::Cluster(cluster, name))
        }
    };
    Some(TestDatabase { backend, url, place })
}

impl TestDatabase {
    pub(crate) fn backend(&self) -> Backend {
        self.backend
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A way to look behind the API's back.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        connect(&self.url).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.place {
            // What is left is removed at the end of the process.
            Place::Folder(folder) => drop(fs::remove_dir_all(folder)),
            Place::Cluster(cluster, name) => cluster.leave_database(name),
        }
    }
}

/// One connection, since a test that opens more wants to say so.
pub(super) async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.expect("the database answers")
}

async fn sqlite_template() -> &'static PathBuf {
    static TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();
    let make = async || {
        let file = scratch::folder().join("template.db");
        let db = connect(&format!("{}?mode=rwc", sqlite_url(&file))).await;
        migration::up(&db).await.expect("the migrations run on SQLite");
        db.close().await.expect("nobody else uses it");
        file
    };
    TEMPLATE.get_or_init(make).await
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}
