//! Where changesets of this process go, each to be applied whether or not its writer still waits.
use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;

use super::{Applied, ChangeError, Changeset, apply};
use crate::{auth::Writer, progress::Silent};

/// The way to the base for all who write in this process. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Queue {
    db: DatabaseConnection,
}

impl Queue {
    pub fn new(db: DatabaseConnection) -> Queue {
        Queue { db }
    }

    /// The base that is written to.
    pub fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// As [`apply`]. Who stops waiting for it does not stop it.
    pub async fn apply(
        &self,
        writer: Writer,
        changeset: Changeset,
        now: DateTime<Utc>,
    ) -> Result<Option<Applied>, ChangeError> {
        let db = self.db.clone();
        let run = async move { apply(&db, &writer, changeset, now, &Silent).await };
        match tokio::spawn(run).await {
            Ok(applied) => applied,
            Err(error) => Err(sea_orm::DbErr::Custom(error.to_string()).into()),
        }
    }
}
