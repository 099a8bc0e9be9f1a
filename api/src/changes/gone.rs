//! Records that go: what points to them is asked first, and goes along, is told of, or is left without.
use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr};
use serde_json::Value as Json;

use super::{
    current::{ints, statement},
    lock,
    pointing::{Pointing, pointing_to},
    work::{End, Going, State, Work},
};
use crate::record::write::{Fields, MistakeCode};

/// What is about a record goes along with it: type and field that says what it is about.
const ABOUT: [(&str, &str); 5] = [
    ("Citation", "subject"),
    ("Claim", "subject"),
    ("Link", "from"),
    ("Link", "to"),
    ("Mention", "named"),
];

/// A changeset changes at most so many records by what points to them: it is one transaction, which others wait for.
pub(super) const MOST_FOLLOWING: usize = 10_000;

/// So many of the records that are in the way are named.
const NAMED_MAX: usize = 3;

impl Pointing {
    fn is_about(&self) -> bool {
        ABOUT.contains(&(self.def.name, self.field.as_str()))
    }
}

impl Work<'_> {
    /// Does to others what the records that go ask for.
    pub(super) async fn go(&mut self) -> Result<(), DbErr> {
        for going in std::mem::take(&mut self.going) {
            match going {
                Going::Deleted { place, id, takes_along } => {
                    self.delete(place, id, takes_along).await?;
                }
                Going::Merged { place, from, into } => self.merge(place, from, into).await?,
            }
        }
        Ok(())
    }

    /// Whether a record would point to `to` when the changeset is done.
    pub(super) fn still_points(&self, pointing: &Pointing, to: &str) -> bool {
        self.state(&pointing.from).is_none_or(|state| mentions(&state.fields, to))
    }

    /// Too many records would follow.
    pub(super) fn too_many(&mut self, place: usize, id: &str) -> bool {
        let is_too_many = self.states.len() > MOST_FOLLOWING;
        if is_too_many {
            let message = format!(
                "more than {MOST_FOLLOWING} records would be changed with it: take some of them away first"
            );
            self.refuse(place, MistakeCode::TooMany, id, message);
        }
        is_too_many
    }

    async fn delete(&mut self, place: usize, id: String, takes_along: bool) -> Result<(), DbErr> {
        let mut going = HashMap::from([(self.internal_id(&id), id.clone())]);
        let mut in_the_way: Vec<String> = Vec::new();
        while !going.is_empty() {
            let ids: Vec<i64> = going.keys().copied().collect();
            let mut next = HashMap::new();
            lock::going(self.tx, &ids).await?;
            for pointing in pointing_to(self.tx, &ids).await? {
                let to = going.get(&pointing.to).cloned().unwrap_or_default();
                if !self.still_points(&pointing, &to) {
                    continue;
                }
                if pointing.is_about() || (takes_along && pointing.is_required) {
                    next.insert(pointing.now.id, pointing.from.clone());
                    self.ends(place, &pointing, End::Deleted);
                } else if takes_along {
                    if let Some(state) = self.following(&pointing.from, &pointing.now) {
                        leave(&mut state.fields, &pointing.field, &to);
                    }
                } else {
                    in_the_way.push(format!(
                        "`{}.{}` of {}",
                        pointing.def.name, pointing.field, pointing.from
                    ));
                }
            }
            if self.too_many(place, &id) {
                return Ok(());
            }
            going = next;
        }
        in_the_way.extend(self.new_that_mention(&id));
        in_the_way.extend(self.keys_of_those_that_go().await?);
        if let Some(message) = told(&in_the_way) {
            self.refuse(place, MistakeCode::InUse, &id, message);
        }
        Ok(())
    }

    /// API keys of organizations that go: what they write is the word of somebody.
    async fn keys_of_those_that_go(&self) -> Result<Vec<String>, DbErr> {
        let deleted = self.states.iter().filter(|state| state.end == Some(End::Deleted));
        let ids: Vec<i64> = deleted.map(|state| state.id).collect();
        let sql = "SELECT name FROM api_key WHERE revoked_at IS NULL AND organization_id = {list}";
        let rows =
            self.tx.query_all_raw(statement(self.tx, sql, vec![ints(self.tx, &ids)])).await?;
        rows.iter()
            .map(|row| Ok(format!("the API key `{}`", row.try_get_by_index::<String>(0)?)))
            .collect()
    }

    /// Records that the changeset makes or changes and that point to one that goes; what is refused for them has its own path.
    fn new_that_mention(&self, id: &str) -> Vec<String> {
        let mentions = |state: &&State| state.is_new() && mentions(&state.fields, id);
        self.living().filter(mentions).map(|state| format!("the new {}", state.public_id)).collect()
    }

    pub(super) fn internal_id(&self, id: &str) -> i64 {
        self.state(id).map(|state| state.id).unwrap_or_default()
    }

    /// A record goes with another one.
    pub(super) fn ends(&mut self, place: usize, pointing: &Pointing, end: End) {
        if let Some(state) = self.following(&pointing.from, &pointing.now) {
            state.operation.get_or_insert(place);
            state.ends(end);
        }
    }
}

/// What stands in the way of a deletion, and what to do; `None` if nothing does.
fn told(in_the_way: &[String]) -> Option<String> {
    let first = in_the_way.get(..in_the_way.len().min(NAMED_MAX))?;
    let more = match in_the_way.len().checked_sub(NAMED_MAX) {
        Some(0) | None => String::new(),
        Some(more) => format!(" and {more} more"),
    };
    (!first.is_empty()).then(|| {
        format!(
            "still pointed to by {}{more}: change these first, or say that they go along",
            first.join(", ")
        )
    })
}

/// A field without a record that it points to: of a list, only those items go that do.
fn leave(fields: &mut Fields, field: &str, id: &str) {
    if let Some(list) = fields.get_mut(field).and_then(Json::as_array_mut) {
        list.retain(|item| !mentions_in(item, id));
        if !list.is_empty() {
            return;
        }
    }
    fields.remove(field);
}

/// Whether any of the values is this text.
pub(super) fn mentions(fields: &Fields, id: &str) -> bool {
    fields.values().any(|value| mentions_in(value, id))
}

fn mentions_in(value: &Json, id: &str) -> bool {
    match value {
        Json::String(text) => text == id,
        Json::Array(list) => list.iter().any(|it| mentions_in(it, id)),
        Json::Object(map) => mentions(map, id),
        _ => false,
    }
}
