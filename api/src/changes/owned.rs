//! Whose word a record is, and each of its fields. Who does not decide changes only what is their own.
use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr, Statement};
use serde_json::Value as Json;

use super::{
    Contradictions,
    current::fields,
    work::{End, State, Work},
};
use crate::record::write::{Fields, Mistake, MistakeCode};

/// Who has said what a record is.
#[derive(Debug, Default)]
pub(super) struct Owners {
    /// Public id of the organization by whose key a field got its value; `None` for the program itself and keys without one.
    of_fields: HashMap<String, Option<String>>,
    /// Likewise, of the record as a whole: who has made it.
    creator: Option<String>,
}

/// How a row is asserted, whether or not the log has a value for it: that is for who has made the row.
const OF_THE_ROW: [&str; 3] = ["assertedBy", "modality", "rank"];

impl Owners {
    pub(super) fn of(&self, field: &str) -> Option<&str> {
        match self.of_fields.get(field) {
            Some(owner) => owner.as_deref(),
            None if is_of_the_row(field) => self.creator.as_deref(),
            None => None,
        }
    }
}

/// Whether a field has a value for all rows, also for those of which the log does not say it.
pub(super) fn is_of_the_row(field: &str) -> bool {
    OF_THE_ROW.contains(&field)
}

impl Work<'_> {
    /// Public id of the organization that the writer speaks for.
    pub(super) fn own(&self) -> Option<&str> {
        self.writer.actor().organization.as_deref()
    }

    /// What a writer says is their organization's word, if they do not name another; and only who decides may rank, speak
    /// for others, and take away or put together what is not their own.
    pub(super) async fn speak(&mut self) -> Result<(), DbErr> {
        if self.contradictions == Contradictions::AsGiven {
            return Ok(());
        }
        let own = self.own().map(str::to_owned);
        for state in self.states.iter_mut().filter(|it| it.is_new() && it.def.is_citable()) {
            if let (Some(own), false) = (&own, state.fields.contains_key("assertedBy")) {
                state.fields.insert("assertedBy".to_owned(), own.as_str().into());
            }
        }
        if self.writer.decides() {
            return Ok(());
        }
        let mut mistakes = Vec::new();
        for state in &self.states {
            let changed = |field: &str| {
                state.before.as_ref().and_then(|it| it.get(field)) != state.fields.get(field)
            };
            let forbid = |field: &str, message: &str| {
                state.mistake(Mistake::new(MistakeCode::Forbidden, message).below(field))
            };
            let rank = state.cited.rank.as_deref().or(state.text("rank")).unwrap_or("NORMAL");
            if state.lives()
                && rank == "PREFERRED"
                && (changed("rank") || state.cited.rank.is_some())
            {
                mistakes.push(forbid(
                    "rank",
                    "who prefers one value to another needs the scope `PUBLISH`",
                ));
            }
            let speaker = state.text("assertedBy");
            if state.lives()
                && state.def.is_citable()
                && changed("assertedBy")
                && speaker != own.as_deref()
            {
                let message =
                    "who speaks for others than their own organization needs the scope `PUBLISH`";
                mistakes.push(forbid("assertedBy", message));
            }
        }
        for at in 0..self.states.len() {
            let state = &self.states[at];
            let message = match state.end {
                // It would lose what pointed to a record that goes.
                None if state.operation.is_none() && !self.is_own(state).await? => {
                    "others point to what goes: who takes that from them needs the scope `PUBLISH`"
                }
                None => continue,
                Some(End::Merged(_)) => "who makes two records one needs the scope `PUBLISH`",
                Some(End::Deleted) if self.is_own(state).await? => continue,
                Some(End::Deleted) => {
                    "others have a part in it: who takes it away needs the scope `PUBLISH`"
                }
            };
            let state = &self.states[at];
            mistakes.push(state.mistake(Mistake::new(MistakeCode::Forbidden, message)));
        }
        self.mistakes.extend(mistakes);
        Ok(())
    }

    /// Whether nobody else has written a record.
    async fn is_own(&self, state: &State) -> Result<bool, DbErr> {
        let Some(own) = self.own() else { return Ok(false) };
        let sql = "SELECT DISTINCT o.public_id FROM change_entry e JOIN changeset s ON s.id = e.changeset_id \
             LEFT JOIN record o ON o.id = s.organization_id WHERE e.record_id = $1";
        let backend = self.tx.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, [state.id.into()]);
        let rows = self.tx.query_all_raw(statement).await?;
        let writers: Result<HashSet<Option<String>>, DbErr> =
            rows.iter().map(|row| row.try_get_by_index(0)).collect();
        Ok(writers?.iter().all(|it| it.as_deref() == Some(own)))
    }

    /// Who has given each field the value that it has in the base.
    pub(super) async fn owners(&self, state: &State) -> Result<Owners, DbErr> {
        let sql = "SELECT o.public_id, CAST(e.record AS TEXT) FROM change_entry e \
             JOIN changeset s ON s.id = e.changeset_id LEFT JOIN record o ON o.id = s.organization_id \
             WHERE e.record_id = $1 AND e.record IS NOT NULL ORDER BY e.version";
        let backend = self.tx.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, [state.id.into()]);
        let mut owners = Owners::default();
        let mut before = Fields::new();
        for (place, row) in self.tx.query_all_raw(statement).await?.into_iter().enumerate() {
            let (owner, record): (Option<String>, String) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let after = fields(&record)?;
            if place == 0 {
                owners.creator.clone_from(&owner);
            }
            for (name, value) in &after {
                if before.get(name) != Some(value) {
                    owners.of_fields.insert(name.clone(), owner.clone());
                }
            }
            before = after;
        }
        Ok(owners)
    }
}

/// Whether a list has all that it had: what is only added takes nothing from anybody.
pub(super) fn only_adds(before: &Json, after: &Json) -> bool {
    match (before.as_array(), after.as_array()) {
        (Some(before), Some(after)) => before.iter().all(|it| after.contains(it)),
        _ => false,
    }
}
