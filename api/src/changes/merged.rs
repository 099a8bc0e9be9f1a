//! Two records of one thing become one: all that led to the one leads to the other.
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr, Statement};
use serde_json::{Value as Json, json};

use super::{
    current::{CHUNK, Current, current, internal_ids, table},
    keys::all_slugs,
    lock,
    pointing::{MOST_FOLLOWING, Pointing, pointing_to},
    work::{End, State, Work},
};
use crate::record::write::Fields;

/// What makes a link the same as another one.
const OF_LINKS: [&str; 4] = ["from", "relation", "to", "startDate"];

/// An operation by which two records become one.
pub(super) struct Merge {
    pub(super) place: usize,
    pub(super) from: String,
    pub(super) into: String,
}

/// Records that go, by their public ids: which takes the place of each, and the place of the merge that it goes by.
pub(super) type Level = BTreeMap<String, (String, usize)>;

/// Links that say the same, by what they say: internal ids with public ones.
type Saying = HashMap<String, BTreeMap<i64, String>>;

impl Work<'_> {
    /// `into` takes over what `from` has and it lacks, and all that points to `from`. Links that come to say the same become
    /// one too, and then what points to these follows, and so on.
    pub(super) async fn merge(&mut self, merges: &[Merge]) -> Result<(), DbErr> {
        let of = merges.iter().enumerate();
        let mut level: Level =
            of.map(|(of, it)| (it.from.clone(), (it.into.clone(), of))).collect();
        for Merge { from, into, .. } in merges {
            let was = self.state(from).and_then(|state| state.before.clone()).unwrap_or_default();
            if let Some(state) = self.places.get(into).and_then(|at| self.states.get_mut(*at)) {
                let joined = joined(std::mem::take(&mut state.fields), was);
                state.fields = replaced(joined, &level);
            }
        }
        while !level.is_empty() {
            let ids: Vec<i64> = level.keys().map(|id| self.internal_id(id)).collect();
            lock::going(self.tx, &ids).await?;
            let pointing = pointing_to(self.tx, &ids).await?;
            let is_too_many = pointing.is_none();
            let links = self.lead_over(merges, &level, pointing.unwrap_or_default());
            if is_too_many || self.states.len() > MOST_FOLLOWING {
                let of: BTreeSet<usize> = level.values().map(|(_, of)| *of).collect();
                for it in of.into_iter().filter_map(|of| merges.get(of)) {
                    self.refuse_many(it.place, &it.from);
                }
                return Ok(());
            }
            self.take_loops(merges, &links).await?;
            level = self.join_links(merges, links).await?;
        }
        Ok(())
    }

    /// What pointed to records that go points to those that take their places; gives the links among it, in their order, each
    /// with the place of its merge.
    fn lead_over(
        &mut self,
        merges: &[Merge],
        level: &Level,
        pointing: Vec<Pointing>,
    ) -> Vec<(String, usize)> {
        let of_ids: HashMap<i64, usize> =
            level.iter().map(|(from, (_, of))| (self.internal_id(from), *of)).collect();
        let mut links = Vec::new();
        for it in pointing {
            let Some(of) = of_ids.get(&it.to) else { continue };
            if self.state(&it.from).is_some_and(|state| !mentions_any(&state.fields, level)) {
                continue;
            }
            let Some(state) = self.following(&it.from, &it.now) else { continue };
            state.cause = state.cause.or(merges.get(*of).map(|it| it.place));
            state.fields = replaced(std::mem::take(&mut state.fields), level);
            if it.def.name == "Link" {
                links.push((it.from, *of));
            }
        }
        links
    }

    /// Links that would lead from a record to itself go, and their citations with them, which would say nothing more.
    async fn take_loops(
        &mut self,
        merges: &[Merge],
        links: &[(String, usize)],
    ) -> Result<(), DbErr> {
        let mut loops = HashMap::new();
        for (id, of) in links {
            let Some(place) = merges.get(*of).map(|it| it.place) else { continue };
            let is_loop = |it: &State| it.fields.get("from") == it.fields.get("to");
            if self.state(id).is_some_and(is_loop) {
                loops.insert(self.internal_id(id), place);
                self.end(id, place, End::Deleted);
            }
        }
        if loops.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = loops.keys().copied().collect();
        for it in pointing_to(self.tx, &ids).await?.unwrap_or_default() {
            if let Some(place) = loops.get(&it.to) {
                self.ends(*place, &it, End::Deleted);
            }
        }
        Ok(())
    }

    /// Of links that have come to say the same, one stays: one that has said so before, if there is one, and the oldest.
    async fn join_links(
        &mut self,
        merges: &[Merge],
        links: Vec<(String, usize)>,
    ) -> Result<Level, DbErr> {
        let moved: Vec<(String, usize)> =
            links.into_iter().filter(|(id, _)| self.state(id).is_some_and(State::lives)).collect();
        let mut level = Level::new();
        if moved.is_empty() {
            return Ok(level);
        }
        let stored = self.stored_links(&moved).await?;
        let is_moved: HashSet<&String> = moved.iter().map(|(id, _)| id).collect();
        let (mut before, mut now) = (Saying::new(), Saying::new());
        for state in self.living().filter(|it| it.def.name == "Link" && !it.is_new()) {
            let of = match is_moved.contains(&state.public_id) {
                true => &mut now,
                false => &mut before,
            };
            let saying = of.entry(said(&state.fields)).or_default();
            saying.insert(state.id, state.public_id.clone());
        }
        for (id, link) in stored.iter().filter(|(id, _)| self.state(id).is_none()) {
            before.entry(said(&link.fields)).or_default().insert(link.id, id.clone());
        }
        for (id, of) in moved {
            let (Some(state), Some(merge)) = (self.state(&id), merges.get(of)) else { continue };
            let said = said(&state.fields);
            let first = |of: &Saying| {
                let (id, public_id) = of.get(&said)?.first_key_value()?;
                Some((*id, public_id.clone()))
            };
            let Some((kept_id, kept)) = first(&before).or_else(|| first(&now)) else { continue };
            if kept == id {
                continue;
            }
            if let Some(link) = stored.get(&kept) {
                self.following(&kept, link);
            }
            self.end(&id, merge.place, End::Merged(kept_id));
            level.insert(id, (kept, of));
        }
        Ok(level)
    }

    /// The links of the base that lead from and to the same records as these do now.
    async fn stored_links(
        &self,
        links: &[(String, usize)],
    ) -> Result<HashMap<String, Current>, DbErr> {
        let ends: Vec<[&str; 2]> = links
            .iter()
            .filter_map(|(id, _)| self.state(id))
            .filter_map(|it| Some([it.text("from")?, it.text("to")?]))
            .collect();
        let others: BTreeSet<&str> =
            ends.iter().flatten().copied().filter(|id| self.state(id).is_none()).collect();
        let others: Vec<String> = others.into_iter().map(str::to_owned).collect();
        let others = internal_ids(self.tx, &others).await?;
        let id = |it: &str| self.state(it).map(|it| it.id).or_else(|| others.get(it).copied());
        let ends: BTreeSet<(i64, i64)> =
            ends.into_iter().filter_map(|[from, to]| Some((id(from)?, id(to)?))).collect();
        let ends: Vec<Vec<Json>> =
            ends.into_iter().map(|(from, to)| vec![from.into(), to.into()]).collect();
        let mut found: Vec<String> = Vec::new();
        for ends in ends.chunks(CHUNK) {
            let (k, values) = table(self.tx, &["starts", "leads"], ends);
            let sql = format!(
                "SELECT l.public_id FROM {k} CROSS JOIN link l WHERE l.from_id = k.starts AND l.to_id = k.leads"
            );
            let backend = self.tx.get_database_backend();
            let asked = Statement::from_sql_and_values(backend, sql, values);
            for row in self.tx.query_all_raw(asked).await? {
                found.push(row.try_get_by_index(0)?);
            }
        }
        current(self.tx, &found).await
    }

    /// A record of the changeset goes with others.
    fn end(&mut self, id: &str, place: usize, end: End) {
        if let Some(state) = self.places.get(id).and_then(|at| self.states.get_mut(*at)) {
            state.operation.get_or_insert(place);
            state.ends(end);
        }
    }

    /// Records that take the place of others, by internal ids.
    pub(super) fn taken_over(&self) -> impl Iterator<Item = (&State, i64)> {
        self.states.iter().filter_map(|state| match &state.end {
            Some(End::Merged(into)) => Some((state, *into)),
            _ => None,
        })
    }
}

/// The fields of a record with what another one of the same thing has and it lacks. Names of the other become other names,
/// its slugs lead here, and lists of identifiers and other names are put together.
fn joined(mut fields: Fields, other: Fields) -> Fields {
    let slugs: Vec<Json> = all_slugs(&other).into_iter().map(Json::from).collect();
    add_to(&mut fields, "formerSlugs", slugs);
    let items = |name: &str| other.get(name).and_then(Json::as_array).cloned().unwrap_or_default();
    add_to(&mut fields, "identifiers", items("identifiers"));
    let names = fields.get("names").and_then(Json::as_array).cloned().unwrap_or_default();
    let known = |it: &Json| names.iter().any(|name| name.get("value") == it.get("value"));
    let others = items("names").into_iter().filter(|it| !known(it));
    let others = others.map(|it| json!({ "lang": it.get("lang"), "value": it.get("value") }));
    let others: Vec<Json> = others.chain(items("alternateNames")).collect();
    add_to(&mut fields, "alternateNames", others);
    for (name, value) in other {
        if name != "slug" && !fields.contains_key(&name) {
            fields.insert(name, value);
        }
    }
    fields
}

/// Adds to a list what is not in it.
fn add_to(fields: &mut Fields, name: &str, items: Vec<Json>) {
    let mut list = fields.get(name).and_then(Json::as_array).cloned().unwrap_or_default();
    for item in items {
        if !list.contains(&item) {
            list.push(item);
        }
    }
    if !list.is_empty() {
        fields.insert(name.to_owned(), list.into());
    }
}

/// What a link says, to be compared.
fn said(fields: &Fields) -> String {
    Json::from_iter(OF_LINKS.map(|name| fields.get(name).cloned().unwrap_or_default())).to_string()
}

/// Whether any of the values is the id of a record that goes.
fn mentions_any(fields: &Fields, level: &Level) -> bool {
    fn value(it: &Json, level: &Level) -> bool {
        match it {
            Json::String(text) => level.contains_key(text),
            Json::Array(list) => list.iter().any(|it| value(it, level)),
            Json::Object(map) => mentions_any(map, level),
            _ => false,
        }
    }
    fields.values().any(|it| value(it, level))
}

/// Fields in which the ids of records that go are those of the records that take their places.
pub(super) fn replaced(fields: Fields, level: &Level) -> Fields {
    fn value(it: Json, level: &Level) -> Json {
        match it {
            Json::String(text) => match level.get(&text) {
                Some((into, _)) => into.as_str().into(),
                None => text.into(),
            },
            Json::Array(list) => list.into_iter().map(|it| value(it, level)).collect(),
            Json::Object(map) => Json::Object(replaced(map, level)),
            it => it,
        }
    }
    fields.into_iter().map(|(name, it)| (name, value(it, level))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(value: Json) -> Fields {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_record_takes_over_what_it_lacks() {
        let stays = map(json!({
            "slug": "ha-noi",
            "names": [{ "lang": "vi", "value": "Hà Nội" }],
            "population": 8,
        }));
        let goes = map(json!({
            "slug": "hanoi",
            "names": [{ "lang": "vi", "value": "Hà Nội" }, { "lang": "en", "value": "Hanoi" }],
            "population": 7,
            "timeZone": "Asia/Ho_Chi_Minh",
        }));

        let joined = joined(stays, goes);

        let expected = json!({
            "slug": "ha-noi",
            "formerSlugs": ["hanoi"],
            "names": [{ "lang": "vi", "value": "Hà Nội" }],
            "alternateNames": [{ "lang": "en", "value": "Hanoi" }],
            "population": 8,
            "timeZone": "Asia/Ho_Chi_Minh",
        });
        assert_eq!(Json::Object(joined), expected);
    }
}
