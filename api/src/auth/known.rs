//! Who calls with a key: keys by the prefixes of their secrets, remembered for a few seconds, so that a request with a known
//! key costs no statement and one that is revoked ends soon, on every instance.
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use quick_cache::sync::Cache;
use sea_orm::{ConnectionTrait, DbErr, Statement, Value as Bind};

use super::{Budgets, Caller, Key, Scopes, Secret, secret::SecretHash};
use crate::{
    clock::{Clock, in_micros},
    database::{Database, row::Row},
};

/// How long what is known of a key is believed.
const FRESH: Duration = Duration::from_secs(5);
/// How exact the last use of a key is.
const USES_APART: Duration = Duration::from_mins(1);
/// The most keys that are remembered, at about a kilobyte each.
const KEYS_MAX: usize = 10_000;

/// Why a secret proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum Unproven {
    #[error("this API key is not known: look whether all of it was copied")]
    Unknown,
    #[error("this API key was revoked: ask who gave it to you for another")]
    Revoked,
    #[error("this API key has expired: ask who gave it to you for another")]
    Expired,
    /// Nothing can be said of it now.
    #[error(transparent)]
    Failed(#[from] DbErr),
}

/// The keys that have been used lately.
#[derive(Debug)]
pub struct Keys {
    clock: Clock,
    known: Cache<String, Arc<Known>>,
}

/// What is known of a key.
struct Known {
    hash: SecretHash,
    caller: Caller,
    expires_at: Option<i64>,
    is_revoked: bool,
    read_at: i64,
    /// Its last use, as far as that was or will be noted.
    used_at: AtomicI64,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.caller.fmt(f)
    }
}

const SELECT: &str = "SELECT k.public_id, k.name, k.prefix, k.secret_hash, k.scopes, k.cost_per_minute, k.created_at, \
     k.expires_at, k.revoked_at, k.last_used_at, coalesce(m.public_id, r.public_id) \
     FROM api_key k JOIN record r ON r.id = k.organization_id LEFT JOIN record m ON m.id = r.merged_into_id \
     WHERE k.prefix = $1";

impl Keys {
    pub fn new(clock: Clock) -> Keys {
        Keys { clock, known: Cache::new(KEYS_MAX) }
    }

    /// Who calls with a secret. A key that there is none of takes as long as one with another secret.
    pub async fn caller(
        &self,
        database: &Database,
        budgets: &Budgets,
        secret: &str,
    ) -> Result<Caller, Unproven> {
        let secret = Secret::parse(secret).ok_or(Unproven::Unknown)?;
        let known = self.known(database, budgets, secret.prefix()).await?;
        let hash = known.as_ref().map_or(&SecretHash::NONE, |known| &known.hash);
        let is_proven = hash.is(&secret.hash());
        let Some(known) = known.filter(|_| is_proven) else { return Err(Unproven::Unknown) };
        self.check(&known)?;
        self.note_use(database, &known);
        Ok(known.caller.clone())
    }

    /// Whether what once proved who calls still does. If that cannot be said now, it does.
    pub async fn is_still(&self, database: &Database, budgets: &Budgets, key: &Key) -> bool {
        match self.known(database, budgets, &key.prefix).await {
            Ok(Some(known)) => self.check(&known).is_ok(),
            Ok(None) => false,
            Err(_) => true,
        }
    }

    fn check(&self, known: &Known) -> Result<(), Unproven> {
        if known.is_revoked {
            return Err(Unproven::Revoked);
        }
        match known.expires_at {
            Some(expires_at) if expires_at <= self.clock.micros() => Err(Unproven::Expired),
            _ => Ok(()),
        }
    }

    /// The key of a prefix. Who asks for one that is being read waits for that, instead of reading it too.
    async fn known(
        &self,
        database: &Database,
        budgets: &Budgets,
        prefix: &str,
    ) -> Result<Option<Arc<Known>>, DbErr> {
        let now = self.clock.micros();
        let is_fresh =
            |known: &Arc<Known>| (0..in_micros(FRESH)).contains(&now.saturating_sub(known.read_at));
        self.known.remove_if(prefix, |known| !is_fresh(known));
        let read = async {
            let known = read(database, budgets, prefix, now).await.map_err(Some)?;
            // What is not there is not remembered: anybody can ask for as much of that as they like.
            known.map(Arc::new).ok_or(None)
        };
        match self.known.get_or_insert_async(prefix, read).await {
            Ok(known) => Ok(Some(known)),
            Err(None) => Ok(None),
            Err(Some(error)) => Err(error),
        }
    }

    /// Notes that a key was used, unless that was noted a moment ago. Nobody waits for it, and a use that cannot be noted is
    /// not worth more than a line in the log.
    fn note_use(&self, database: &Database, known: &Known) {
        let now = self.clock.micros();
        let before = known.used_at.load(Ordering::Relaxed);
        let is_due = now.saturating_sub(before) >= in_micros(USES_APART);
        let is_ours = || {
            known
                .used_at
                .compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        };
        let Some(key) = known.caller.key().filter(|_| is_due && is_ours()) else { return };
        let (db, key) = (database.writer.clone(), key.public_id.clone());
        tokio::spawn(async move {
            let sql = "UPDATE api_key SET last_used_at = $1 WHERE public_id = $2 \
                       AND (last_used_at IS NULL OR last_used_at <= $3)";
            let latest = now - in_micros(USES_APART);
            let values = [now.into(), key.into(), latest.into()];
            let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
            if let Err(error) = db.execute_raw(statement).await {
                tracing::debug!(%error, "the use of a key was not noted");
            }
        });
    }
}

async fn read(
    database: &Database,
    budgets: &Budgets,
    prefix: &str,
    now: i64,
) -> Result<Option<Known>, DbErr> {
    let session = database.reads.session();
    let rows = session.rows(SELECT, None, &[Bind::from(prefix)]).await?;
    Ok(rows.first().and_then(|row| known_of(row, budgets, now)))
}

/// `None` for a row that nobody has written here.
fn known_of(row: &Row, budgets: &Budgets, read_at: i64) -> Option<Known> {
    let text = |index| row.text(index).map(str::to_owned);
    let key = Key {
        public_id: text(0)?,
        name: text(1)?,
        prefix: text(2)?,
        scopes: Scopes::parse(row.text(4)?),
        cost_per_minute: row.int(5).map(|it| u32::try_from(it).unwrap_or(u32::MAX)),
        created_at: row.int(6)?,
        expires_at: row.int(7),
        revoked_at: row.int(8),
        last_used_at: row.int(9),
    };
    Some(Known {
        hash: SecretHash::parse(row.text(3)?)?,
        expires_at: key.expires_at,
        is_revoked: key.revoked_at.is_some(),
        read_at,
        used_at: AtomicI64::new(key.last_used_at.unwrap_or(i64::MIN)),
        caller: Caller::of_key(budgets.of_key(&key.public_id, key.cost_per_minute), key, text(10)?),
    })
}
