//! Two records of one thing become one: all that led to the one leads to the other.
use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value as Json, json};

use super::{
    current::{CHUNK, Current, current, internal_ids, ints, statement},
    keys::all_slugs,
    lock,
    pointing::{Pointing, pointing_to},
    work::{End, State, Work},
};
use crate::record::write::Fields;

/// What makes a link the same as another one.
const OF_LINKS: [&str; 4] = ["from", "relation", "to", "startDate"];

impl Work<'_> {
    /// `into` takes over what `from` has and it lacks, and all that points to `from`.
    pub(super) async fn merge(
        &mut self,
        place: usize,
        from: String,
        into: String,
    ) -> Result<(), DbErr> {
        let was = self.state(&from).and_then(|state| state.before.clone()).unwrap_or_default();
        if let Some(at) = self.places.get(&into) {
            let state = &mut self.states[*at];
            state.fields = joined(std::mem::take(&mut state.fields), was);
        }
        let mut pairs = vec![(from.clone(), into)];
        while let Some((from, into)) = pairs.pop() {
            let ids = [self.internal_id(&from)];
            lock::going(self.tx, &ids).await?;
            let Some(pointing) = pointing_to(self.tx, &ids).await? else {
                self.refuse_many(place, &from);
                return Ok(());
            };
            let links = self.links_of(&into, &pointing).await?;
            for it in pointing {
                if !self.still_points(&it.from, &from) {
                    continue;
                }
                let Some(state) = self.following(&it.from, &it.now) else { continue };
                state.cause.get_or_insert(place);
                state.fields = replaced(std::mem::take(&mut state.fields), &from, &into);
                if it.def.name != "Link" {
                    continue;
                }
                let said = OF_LINKS.map(|name| state.fields.get(name).cloned());
                if said[0] == said[2] {
                    // It would lead from the record to itself, and its citations would say nothing more.
                    self.ends(place, &it, End::Deleted);
                    let gone = self.internal_id(&it.from);
                    self.take_citations(place, gone).await?;
                } else if let Some((kept, now)) = self.same_link(&said, &it.from, &links) {
                    let (dropped, kept, now) = (it.from.clone(), kept.clone(), now.clone());
                    self.following(&kept, &now);
                    self.ends(place, &it, End::Merged(now.id));
                    pairs.push((dropped, kept));
                }
            }
            if self.too_many(place, &from) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Links of a record that may come to say the same as those that point to another one: they share an end.
    async fn links_of(
        &self,
        id: &str,
        pointing: &[Pointing],
    ) -> Result<HashMap<String, Current>, DbErr> {
        let mut ends = HashSet::new();
        for it in pointing.iter().filter(|it| it.def.name == "Link") {
            let state = self.state(&it.from).map(|state| &state.fields);
            let fields = [Some(&it.now.fields), state].into_iter().flatten();
            let of = fields.flat_map(|it| [it.get("from"), it.get("to")]).flatten();
            ends.extend(of.filter_map(Json::as_str).map(str::to_owned));
        }
        if ends.is_empty() {
            return Ok(HashMap::new());
        }
        let ends: Vec<String> = ends.into_iter().collect();
        let ends: Vec<i64> = internal_ids(self.tx, &ends).await?.into_values().collect();
        let sql = "SELECT public_id FROM link WHERE (from_id = $2 AND to_id = {list}) OR (to_id = $2 AND from_id = {list})";
        let mut links: Vec<String> = self
            .living()
            .filter(|it| it.def.name == "Link")
            .filter(|it| !it.is_new() && [it.text("from"), it.text("to")].contains(&Some(id)))
            .map(|it| it.public_id.clone())
            .collect();
        for ends in ends.chunks(CHUNK) {
            let values = vec![ints(self.tx, ends), self.internal_id(id).into()];
            for row in self.tx.query_all_raw(statement(self.tx, sql, values)).await? {
                links.push(row.try_get_by_index(0)?);
            }
        }
        current(self.tx, &links).await
    }

    /// Another one of these links that is there when the changeset is done, and says the same then.
    fn same_link<'l>(
        &self,
        said: &[Option<Json>; 4],
        but: &str,
        links: &'l HashMap<String, Current>,
    ) -> Option<(&'l String, &'l Current)> {
        let says = |fields: &Fields| OF_LINKS.map(|name| fields.get(name).cloned()) == *said;
        let is_same = |(id, now): &(&String, &Current)| match self.state(id) {
            Some(state) => state.lives() && says(&state.fields),
            None => says(&now.fields),
        };
        links.iter().filter(|(id, _)| *id != but).filter(is_same).min_by_key(|(_, now)| now.id)
    }

    /// Citations of a link that is no more.
    async fn take_citations(&mut self, place: usize, link: i64) -> Result<(), DbErr> {
        for it in pointing_to(self.tx, &[link]).await?.unwrap_or_default() {
            self.ends(place, &it, End::Deleted);
        }
        Ok(())
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

/// Fields in which one id stands for another.
pub(super) fn replaced(fields: Fields, from: &str, into: &str) -> Fields {
    fn value(it: Json, from: &str, into: &str) -> Json {
        match it {
            Json::String(text) if text == from => into.into(),
            Json::Array(list) => list.into_iter().map(|it| value(it, from, into)).collect(),
            Json::Object(map) => Json::Object(replaced(map, from, into)),
            it => it,
        }
    }
    fields.into_iter().map(|(name, it)| (name, value(it, from, into))).collect()
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
