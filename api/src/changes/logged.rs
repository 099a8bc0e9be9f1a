//! The entries of a changeset in the change log, its last statements.
//!
//! The row that counts positions is locked from when they are drawn until the commit, so that they have no holes and become
//! visible in their order. Everything before runs side by side with other writers; from then on they wait, so that little is
//! left to be done.
use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value as Bind};
use serde_json::Value as Json;

use super::{
    Applied, SCHEMA_VERSION,
    rows::insert,
    work::{End, State, Work},
};
use crate::value::public_id::PublicId;

/// What the clock of another writer has said may be later: the times of the log never go back.
const CHANGESET: &str = "INSERT INTO changeset (id, first_position, last_position, public_id, author, comment, actor_kind, \
     actor_key, organization_id, recorded_at) VALUES ($1, $1, $2, $3, $4, $5, $6, $7, $8, {greatest}($9, \
     coalesce((SELECT e.recorded_at FROM change_entry e WHERE e.position = $1 - 1), 0))) RETURNING recorded_at";

/// Empty texts and zeros stand for nothing here. A merged record has an id, and one that is there has fields.
const ENTRIES: &str = "INSERT INTO change_entry (position, changeset_id, record_id, version, operation, record, \
     merged_into_id, schema_version, recorded_at) \
     SELECT $1 + e.place - 1, $1, e.record_id, e.version, e.operation, CAST(NULLIF(e.record, '') AS JSON), \
     NULLIF(e.merged_into_id, 0), $15, c.recorded_at \
     FROM c, unnest($10, $11, $12, $13, $14) WITH ORDINALITY \
     AS e (record_id, version, operation, record, merged_into_id, place)";

impl Work<'_> {
    /// Draws positions and writes the entries. Nothing else follows, but for what is taken out of entries.
    pub(super) async fn log(
        &self,
        comment: Option<String>,
        ids: &HashMap<String, i64>,
        now: i64,
    ) -> Result<Applied, DbErr> {
        let (tx, actor) = (self.tx, self.writer.actor());
        let backend = tx.get_database_backend();
        let one =
            |sql: &str, values: Vec<Bind>| Statement::from_sql_and_values(backend, sql, values);
        if backend == DbBackend::Postgres {
            // References are checked now: at the commit that would wait for writers who wait for the counter.
            tx.execute_raw(one("SET CONSTRAINTS ALL IMMEDIATE", vec![])).await?;
        }
        let count = i64::try_from(self.states.len()).unwrap_or(i64::MAX);
        let drawn =
            "UPDATE change_position SET position = position + $1 WHERE id = 1 RETURNING position";
        let last: i64 = match tx.query_one_raw(one(drawn, vec![count.into()])).await? {
            Some(row) => row.try_get_by_index(0)?,
            None => {
                return Err(DbErr::Custom(
                    "the row of change_position is missing: run the migrations".to_owned(),
                ));
            }
        };
        let first = last - count + 1;
        let id = PublicId::derived("changeset", &first.to_string()).to_string();
        let organization = actor.organization.as_ref().and_then(|id| ids.get(id)).copied();
        let changeset: Vec<Bind> = vec![
            first.into(),
            last.into(),
            id.clone().into(),
            actor.name.clone().into(),
            comment.into(),
            actor.kind.as_str().into(),
            actor.key.clone().into(),
            organization.into(),
            now.into(),
        ];
        match backend {
            DbBackend::Postgres => self.log_at_once(changeset).await?,
            _ => self.log_in_turn(changeset, first).await?,
        }
        let versions = self.states.iter().map(|it| (it.public_id.clone(), it.version)).collect();
        Ok(Applied { id, position: last, entries: self.states.len(), versions })
    }

    /// All in one statement, since each takes the time of a way to the server and back.
    async fn log_at_once(&self, mut values: Vec<Bind>) -> Result<(), DbErr> {
        let each = |of: fn(&State) -> i64| self.states.iter().map(of).collect::<Vec<_>>();
        let text = |of: fn(&State) -> String| self.states.iter().map(of).collect::<Vec<_>>();
        values.extend([
            each(|it| it.id).into(),
            each(|it| it.version).into(),
            text(|it| it.operation_name().to_owned()).into(),
            text(|it| it.logged().map(|it| it.to_string()).unwrap_or_default()).into(),
            each(|it| it.merged_into().unwrap_or_default()).into(),
            SCHEMA_VERSION.into(),
        ]);
        let changeset = CHANGESET.replace("{greatest}", "greatest");
        let sql = format!("WITH c AS ({changeset}) {ENTRIES}");
        let backend = self.tx.get_database_backend();
        self.tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.map(drop)
    }

    /// SQLite inserts nothing within another statement, and has no way to go.
    async fn log_in_turn(&self, values: Vec<Bind>, first: i64) -> Result<(), DbErr> {
        let tx = self.tx;
        let sql = CHANGESET.replace("{greatest}", "max");
        let backend = tx.get_database_backend();
        let row = tx.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        let Some(row) = row else {
            return Err(DbErr::RecordNotInserted);
        };
        let recorded_at: i64 = row.try_get_by_index(0)?;
        let rows = self.states.iter().zip(first..).map(|(state, position)| {
            vec![
                position.into(),
                first.into(),
                state.id.into(),
                state.version.into(),
                state.operation_name().into(),
                state.logged().into(),
                SCHEMA_VERSION.into(),
                recorded_at.into(),
                state.merged_into().into(),
            ]
        });
        let columns = [
            "position",
            "changeset_id",
            "record_id",
            "version",
            "operation",
            "record",
            "schema_version",
            "recorded_at",
            "merged_into_id",
        ];
        insert(tx, "change_entry", &columns, rows.collect()).await
    }
}

impl State {
    /// The record after the change, in the API's field names; nothing when none is left.
    fn logged(&self) -> Option<Json> {
        self.lives().then(|| Json::Object(self.fields.clone()))
    }

    fn merged_into(&self) -> Option<i64> {
        match &self.end {
            Some(End::Merged(into)) => Some(*into),
            _ => None,
        }
    }
}
