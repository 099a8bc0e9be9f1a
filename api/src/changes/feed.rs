//! The change log for those who follow it: entries in their order, by position.
//!
//! Positions are consecutive and become visible in their order, so a follower that keeps the last one that it has seen finds
//! all that came after it and nothing twice, on any instance. It asks again from time to time ([`Follower`]): what wakes it
//! in between saves time and is never what it relies on.
use std::{
    mem::replace,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};
use tokio::{
    sync::{Notify, watch},
    time::sleep,
};

use crate::{
    database::row::Row,
    error::{ApiError, Code},
    record::{def::type_code, sql::Sql, write::Fields},
};

/// An entry of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub position: i64,
    pub changeset_id: i64,
    pub record_id: i64,
    /// What the world calls the record, which may be gone.
    pub public_id: String,
    /// Version that the change has made.
    pub version: i64,
    /// `CREATE`, `UPDATE`, `DELETE`, `MERGE` or `REDACT`.
    pub operation: String,
    /// The record after the change, in the API's field names; nothing when none is left.
    pub fields: Option<Fields>,
    pub schema_version: i64,
    /// Microseconds since the Unix epoch.
    pub recorded_at: i64,
    /// With `MERGE`: the record that stayed.
    pub merged_into_id: Option<i64>,
}

/// The newest position; 0 of an empty log.
pub async fn newest(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let sql = "SELECT position FROM change_position WHERE id = 1";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    row.ok_or_else(no_counter)?.try_get_by_index(0)
}

fn no_counter() -> DbErr {
    DbErr::Custom("the row of change_position is missing: run the migrations".to_owned())
}

/// The entries after a position, oldest first; `limit` of them at most.
pub async fn after(
    db: &impl ConnectionTrait,
    position: i64,
    limit: u64,
) -> Result<Vec<Entry>, DbErr> {
    let sql = "SELECT e.position, e.changeset_id, e.record_id, r.public_id, e.version, e.operation, \
         CAST(e.record AS TEXT), e.schema_version, e.recorded_at, e.merged_into_id \
         FROM change_entry e JOIN record r ON r.id = e.record_id \
         WHERE e.position > $1 ORDER BY e.position LIMIT $2";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let backend = db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [position.into(), limit.into()]);
    let mut entries = Vec::new();
    for row in db.query_all_raw(statement).await? {
        let record: Option<String> = row.try_get_by_index(6)?;
        let fields = record.map(|it| serde_json::from_str(&it)).transpose();
        entries.push(Entry {
            position: row.try_get_by_index(0)?,
            changeset_id: row.try_get_by_index(1)?,
            record_id: row.try_get_by_index(2)?,
            public_id: row.try_get_by_index(3)?,
            version: row.try_get_by_index(4)?,
            operation: row.try_get_by_index(5)?,
            fields: fields.map_err(|error| DbErr::Json(error.to_string()))?,
            schema_version: row.try_get_by_index(7)?,
            recorded_at: row.try_get_by_index(8)?,
            merged_into_id: row.try_get_by_index(9)?,
        });
    }
    Ok(entries)
}

/// Digits of a position as clients get it: all have as many, so that later is greater in the order of strings too.
const DIGITS: usize = 16;

/// A position as clients get it.
pub fn shown(position: i64) -> String {
    format!("{position:0DIGITS$}")
}

/// A position that a client has given.
pub fn read(position: &str) -> Option<i64> {
    let is_one = position.len() == DIGITS && position.bytes().all(|byte| byte.is_ascii_digit());
    is_one.then(|| position.parse().ok())?
}

/// Which entries are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only those of records of these types, by their numbers; all when absent.
    pub types: Option<Vec<u16>>,
    /// Only those of these records; all when absent.
    pub records: Option<Vec<i64>>,
}

/// Positions that one statement looks at for entries of some records: no index has these in their order.
const WINDOW: i64 = 5_000;

/// What one look at the log has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The newest position of the log.
    pub newest: i64,
    /// In their order.
    pub positions: Vec<i64>,
    /// Where to go on: there is nothing wanted between the last of the positions and this one.
    pub next: i64,
    /// Whether there is, or may be, more after that.
    pub has_more: bool,
}

impl Wanted {
    /// The types and records of which there can be entries at all.
    fn narrowed(&self) -> Wanted {
        let Wanted { types, records } = self;
        let Some(records) = records else { return self.clone() };
        let is_wanted = |id: &i64| types.as_ref().is_none_or(|it| it.contains(&type_code(*id)));
        let records = records.iter().copied().filter(is_wanted).collect();
        Wanted { types: None, records: Some(records) }
    }

    /// A statement for the positions after one, `limit` of them at most; and its keys, where it has such. Each of its rows
    /// has the newest position first, since both must be of the same moment.
    pub fn statement(&self, postgres: bool, after: i64, limit: usize) -> (Sql, Option<Vec<i64>>) {
        let Wanted { types, records } = self.narrowed();
        let (mut sql, keys) = match records {
            Some(records) => (Sql::with_keys(postgres), Some(records)),
            None => (Sql::new(postgres), None),
        };
        let parameter = if keys.is_some() { 2 } else { 1 };
        sql.binds.push(after.into());
        let entries = |condition: &str| {
            format!(
                "SELECT e.position AS position FROM change_entry e WHERE e.position > ${parameter}{condition} \
                 ORDER BY e.position LIMIT {limit}"
            )
        };
        let found = match (&keys, types) {
            (Some(_), _) => {
                // The sign keeps databases from the index by record, which would give all that ever happened to it.
                let list = match postgres {
                    true => "+e.record_id = ANY($1)",
                    false => "+e.record_id IN (SELECT value FROM json_each($1))",
                };
                entries(&format!(" AND e.position <= ${parameter} + {WINDOW} AND {list}"))
            }
            (None, None) => entries(""),
            (None, Some(types)) if types.is_empty() => entries(" AND FALSE"),
            // Each type by itself, with a limit of its own: else a database reads all of a type to sort it.
            (None, Some(types)) => {
                let each = types.iter().map(|code| {
                    let of_type = entries(&format!(" AND e.record_id >> 48 = {code}"));
                    format!("SELECT * FROM ({of_type}) t{code}")
                });
                let all = each.collect::<Vec<_>>().join(" UNION ALL ");
                format!(
                    "SELECT u.position AS position FROM ({all}) u ORDER BY u.position LIMIT {limit}"
                )
            }
        };
        sql.text = format!(
            "SELECT n.position, p.position FROM change_position n LEFT JOIN ({found}) p ON TRUE \
             WHERE n.id = 1 ORDER BY p.position"
        );
        (sql, keys)
    }

    /// What the rows of the statement say: `size` positions at most, of which it was asked for `limit`.
    pub fn page(
        &self,
        rows: &[Row],
        after: i64,
        size: usize,
        limit: usize,
    ) -> Result<Page, ApiError> {
        let newest = rows.first().and_then(|row| row.int(0)).ok_or_else(no_counter)?;
        if newest < after {
            return Err(unknown(newest));
        }
        let mut positions: Vec<i64> = rows.iter().filter_map(|row| row.int(1)).collect();
        let is_cut = positions.len() > size;
        let is_full = positions.len() >= limit;
        positions.truncate(size);
        let end = match self.records {
            Some(_) => newest.min(after.saturating_add(WINDOW)),
            None => newest,
        };
        let next = match positions.last() {
            Some(last) if is_cut || is_full => *last,
            _ => end,
        };
        let has_more = is_cut || (is_full && next < newest) || end < newest;
        Ok(Page { newest, positions, next, has_more })
    }
}

/// The refusal of a position that the log has not reached.
pub fn unknown(newest: i64) -> ApiError {
    let message = format!(
        "the change log has not reached this position, it ends at {}: the position is of another base, or of this one \
         before a backup was restored; read all anew",
        shown(newest)
    );
    ApiError::new(Code::PositionUnknown, message)
}

/// Looks at the log for all who follow it in this process, as long as there are any, and tells them when it has grown.
/// Clones are the same one.
#[derive(Clone, Debug)]
pub struct Follower(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: DatabaseConnection,
    interval: Duration,
    newest: watch::Sender<i64>,
    written: Notify,
    is_running: Mutex<bool>,
}

impl Follower {
    /// One that looks so often, once somebody follows.
    pub fn new(db: DatabaseConnection, interval: Duration) -> Follower {
        Follower(Arc::new(Inner {
            db,
            interval,
            newest: watch::Sender::new(0),
            written: Notify::new(),
            is_running: Mutex::default(),
        }))
    }

    /// Tells when the newest position changes. Who follows looks at the log first, and then waits: the position that is
    /// known at the beginning may be an old one.
    pub fn follow(&self) -> watch::Receiver<i64> {
        let receiver = self.0.newest.subscribe();
        let mut is_running = self.is_running();
        if !replace(&mut *is_running, true) {
            tokio::spawn(self.clone().run());
        }
        receiver
    }

    /// Says that this process has written, so that nobody has to wait for the next look.
    pub fn wake(&self) {
        self.0.written.notify_one();
    }

    async fn run(self) {
        let mut is_failing = false;
        while self.is_followed() {
            match newest(&self.0.db).await {
                Ok(newest) => {
                    is_failing = false;
                    self.0.newest.send_if_modified(|known| replace(known, newest) != newest);
                }
                // Those who follow wait; once is enough in the log.
                Err(error) => {
                    if !replace(&mut is_failing, true) {
                        tracing::warn!(%error, "the change log cannot be read");
                    }
                }
            }
            tokio::select! {
                () = sleep(self.0.interval) => {}
                () = self.0.written.notified() => {}
            }
        }
    }

    /// Whether it should go on. Who follows from now on begins anew.
    fn is_followed(&self) -> bool {
        let mut is_running = self.is_running();
        *is_running = self.0.newest.receiver_count() > 0;
        *is_running
    }

    fn is_running(&self) -> MutexGuard<'_, bool> {
        self.0.is_running.lock().unwrap_or_else(|e| e.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_strings_in_their_order() {
        let positions = [0, 1, 9, 10, 4_711, 281_474_976_710_655];

        let texts = positions.map(shown);

        assert!(texts.is_sorted());
        assert_eq!(texts.each_ref().map(|text| read(text)), positions.map(Some));
        for wrong in [
            "",
            "1",
            "-000000000000001",
            "+000000000000001",
            "00000000000000001",
            "000000000000000x",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
