//! Whose word a record is, and each of its fields. Who does not decide changes only what is their own.
use std::collections::{HashMap, HashSet};

use futures_util::TryStreamExt as _;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, StreamTrait as _};
use serde_json::Value as Json;

use super::{
    Contradictions,
    current::{CHUNK, fields, internal_ids, ints, statement},
    work::{End, State, Work},
};
use crate::{
    content::{
        claim::Claim, document::Document, document_version::DocumentVersion, passage::Passage,
    },
    record::{
        catalog,
        def::{Def, Record as _, def, type_code},
        write::{Fields, Mistake, MistakeCode},
    },
};

/// Who has said what a record is.
#[derive(Debug, Default)]
pub(super) struct Owners {
    /// Public id of the organization by whose key a field got its value; `None` for the program itself and keys without one.
    of_fields: HashMap<String, Option<String>>,
    /// Likewise, of the items of lists: who adds one does not own the others.
    of_items: HashMap<String, Vec<(Json, Option<String>)>>,
    /// Likewise, of the record as a whole: who has made it.
    creator: Option<String>,
    /// Others cite it: what they rely on is not changed by who has brought it.
    is_relied_on: bool,
}

/// Lists that anybody may add to, also those of rows that others assert: translations, and what others call it.
const OPEN_LISTS: [&str; 4] = ["alternateNames", "descriptions", "identifiers", "names"];

/// Types of which a record is somebody's word as a whole although nobody is named: sources, and places in them.
const SOURCES: [&str; 4] = ["Citation", "DocumentVersion", "Mention", "Passage"];

/// Version of an entry, the organization by whose key it was written, and the one that asserts the record. What an
/// organization said that became another is the word of that one.
const WHOSE: &str = "e.version, coalesce(m.public_id, o.public_id), a.public_id FROM change_entry e \
     JOIN changeset s ON s.id = e.changeset_id LEFT JOIN record o ON o.id = s.organization_id \
     LEFT JOIN record m ON m.id = o.merged_into_id JOIN record r ON r.id = e.record_id \
     LEFT JOIN record a ON a.id = r.asserted_by_id";

/// Whose word an entry is. A row that is asserted is made in the name of who asserts it, whoever has caused that: what somebody
/// has said becomes a claim when another contradicts it.
fn whose(id: i64, row: &QueryResult) -> Result<Option<String>, DbErr> {
    let is_first = row.try_get_by_index::<i64>(1)? == 1;
    let is_asserted = catalog().of_id(id).is_some_and(Def::is_citable);
    row.try_get_by_index(if is_first && is_asserted { 3 } else { 2 })
}

/// So many histories are read at once, since each may be long.
const HISTORIES: usize = 1_000;

impl Owners {
    pub(super) fn of(&self, field: &str) -> Option<&str> {
        self.of_fields.get(field)?.as_deref()
    }

    /// Whether a field is given another value that was the word of others, in what it said or left unsaid.
    pub(super) fn are_others(
        &self,
        def: &Def,
        field: &str,
        [was, is]: [&Json; 2],
        own: Option<&str>,
    ) -> bool {
        // Of a claim others rely on what it says; its rank and all else is its asserter's.
        let is_relied_on = self.is_relied_on
            && (def.name != "Claim" || ["property", "subject", "value"].contains(&field));
        let is_others = |owner: Option<&str>| is_relied_on || owner.is_none() || owner != own;
        let is_row = def.is_citable() || SOURCES.contains(&def.name);
        let is_list = was.is_array() && (is.is_array() || is.is_null());
        match was {
            _ if OPEN_LISTS.contains(&field) || (is_list && !is_row) => {
                let kept: Vec<Json> = items(is).collect();
                let lost = items(was).filter(|item| !kept.contains(item));
                let of_items = self.of_items.get(field).map(Vec::as_slice).unwrap_or_default();
                let owner = |item: &Json| of_items.iter().find(|(it, _)| it == item);
                lost.into_iter().any(|item| is_others(owner(&item).and_then(|it| it.1.as_deref())))
            }
            // Who cleared it has said so.
            Json::Null if is_row && self.of_fields.contains_key(field) => is_others(self.of(field)),
            Json::Null => is_row && is_others(self.creator.as_deref()),
            _ => is_others(self.of(field)),
        }
    }

    /// Takes note of an entry of the record's history, in their order.
    fn note(&mut self, owner: Option<&String>, before: &Fields, after: &Fields) {
        for (name, value) in after {
            if before.get(name) != Some(value) {
                self.of_fields.insert(name.clone(), owner.cloned());
            }
            if value.is_array() {
                let known = self.of_items.remove(name).unwrap_or_default();
                let of = |item: Json| {
                    let before = known.iter().find(|(it, _)| *it == item);
                    let owner = before.map_or_else(|| owner.cloned(), |(_, owner)| owner.clone());
                    (item, owner)
                };
                self.of_items.insert(name.clone(), items(value).map(of).collect());
            }
        }
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            self.of_fields.insert(name.clone(), owner.cloned());
        }
        self.of_items.retain(|name, _| after.contains_key(name));
    }
}

/// The items of a list, each in one form: without what says no more than its absence does.
fn items(list: &Json) -> impl Iterator<Item = Json> {
    const DEFAULTS: [(&str, &str); 3] =
        [("exactness", "EXACT"), ("origin", "ORIGINAL"), ("scope", "GLOBAL")];
    list.as_array().into_iter().flatten().map(|item| {
        let mut item = item.clone();
        if let Json::Object(fields) = &mut item {
            fields.retain(|name, value| {
                !value.is_null()
                    && !DEFAULTS.iter().any(|(it, default)| it == name && value == default)
            });
        }
        item
    })
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
        for state in self.states.iter().filter(|it| it.operation.is_some()) {
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
            for field in ["subject", "property"] {
                if state.lives() && state.def.name == "Claim" && !state.is_new() && changed(field) {
                    let message = "a claim goes on to be about the same: make another one";
                    mistakes.push(forbid(field, message));
                }
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
        mistakes.extend(self.texts_of_others().await?);
        // What only follows would lose what pointed to a record that goes.
        let is_asked = |it: &&State| match it.end {
            None => it.operation.is_none(),
            Some(End::Deleted) => true,
            Some(End::Merged(_)) => false,
        };
        let asked: Vec<i64> = self.states.iter().filter(is_asked).map(|it| it.id).collect();
        let others = self.others_of(&asked).await?;
        // Who redacts decides over all, also over what is gone.
        for state in self.states.iter().filter(|it| it.redacted.is_none()) {
            let message = match state.end {
                Some(End::Merged(_)) => "who makes two records one needs the scope `PUBLISH`",
                _ if !is_asked(&state) || !others.contains(&state.id) => continue,
                None => {
                    "others point to what goes: who takes that from them needs the scope `PUBLISH`"
                }
                Some(End::Deleted) => {
                    "others have a part in it: who takes it away needs the scope `PUBLISH`"
                }
            };
            mistakes.push(state.mistake(Mistake::new(MistakeCode::Forbidden, message)));
        }
        self.mistakes.extend(mistakes);
        Ok(())
    }

    /// Texts that are given as those of documents that others have brought: what is cited of these is looked for in them.
    async fn texts_of_others(&self) -> Result<Vec<Mistake>, DbErr> {
        let texts: Vec<(&State, &str)> = self
            .living()
            .filter(|it| it.def.name == DocumentVersion::NAME && it.has_other("document"))
            .filter_map(|it| Some((it, it.text("document")?)))
            .filter(|(_, document)| self.state(document).is_none_or(|it| !it.is_new()))
            .collect();
        let documents: Vec<String> = texts.iter().map(|(_, it)| (*it).to_owned()).collect();
        let ids = internal_ids(self.tx, &documents).await?;
        let others = self.others_of(&ids.values().copied().collect::<Vec<_>>()).await?;
        let message = "others have brought the document: who says what stands in it needs the scope `PUBLISH`";
        let is_others = |document: &str| ids.get(document).is_some_and(|id| others.contains(id));
        let texts = texts.into_iter().filter(|(_, document)| is_others(document));
        let mistake = |(state, _): (&State, &str)| {
            state.mistake(Mistake::new(MistakeCode::Forbidden, message).below("document"))
        };
        Ok(texts.map(mistake).collect())
    }

    /// Those of these records, by their internal ids, that somebody else has written in.
    pub(super) async fn others_of(&self, ids: &[i64]) -> Result<HashSet<i64>, DbErr> {
        let Some(own) = self.own() else { return Ok(ids.iter().copied().collect()) };
        let sql = format!("SELECT DISTINCT e.record_id, {WHOSE} WHERE e.record_id = {{list}}");
        let mut others = HashSet::new();
        for ids in ids.chunks(CHUNK) {
            for row in
                self.tx.query_all_raw(statement(self.tx, &sql, vec![ints(self.tx, ids)])).await?
            {
                let id: i64 = row.try_get_by_index(0)?;
                if whose(id, &row)?.as_deref() != Some(own) {
                    others.insert(id);
                }
            }
        }
        Ok(others)
    }

    /// Who has given each field the value that it has in the base, by the internal ids of the records.
    pub(super) async fn owners(&self, ids: &[i64]) -> Result<HashMap<i64, Owners>, DbErr> {
        let sql = format!(
            "SELECT h.*, CAST(l.record AS TEXT) FROM (SELECT e.record_id, {WHOSE} WHERE e.record_id = {{list}}) h \
             JOIN change_entry l ON l.record_id = h.record_id AND l.version = h.version \
             WHERE l.record IS NOT NULL ORDER BY h.record_id, h.version"
        );
        let mut owners: HashMap<i64, Owners> = HashMap::new();
        for ids in ids.chunks(HISTORIES) {
            let mut before = Fields::new();
            let asked = statement(self.tx, &sql, vec![ints(self.tx, ids)]);
            // One after the other: together they may be as long as somebody has had the patience to write.
            let mut rows = self.tx.stream_raw(asked).await?;
            while let Some(row) = rows.try_next().await? {
                let id: i64 = row.try_get_by_index(0)?;
                let owner = whose(id, &row)?;
                let after = fields(&row.try_get_by_index::<String>(4)?)?;
                let of_record = owners.entry(id).or_insert_with(|| {
                    before = Fields::new();
                    Owners { creator: owner.clone(), ..Owners::default() }
                });
                of_record.note(owner.as_ref(), &before, &after);
                before = after;
            }
        }
        for id in self.relied_on(ids).await? {
            owners.entry(id).or_default().is_relied_on = true;
        }
        Ok(owners)
    }

    /// Sources among these that others than the writer have cited, and claims that others have given sources.
    async fn relied_on(&self, ids: &[i64]) -> Result<Vec<i64>, DbErr> {
        let own = self.own().unwrap_or_default();
        let mut relied_on = Vec::new();
        for (def, column) in [
            (def::<Document>(), "x.document_id"),
            (def::<Claim>(), "x.subject_id"),
            (def::<Passage>(), "x.passage_id"),
            (def::<DocumentVersion>(), "p.document_version_id"),
        ] {
            let of_type = ids.iter().filter(|id| type_code(**id) == def.code);
            let of_type: Vec<i64> = of_type.copied().collect();
            let sql = format!(
                "SELECT DISTINCT {column} FROM citation x LEFT JOIN passage p ON p.id = x.passage_id \
                 JOIN change_entry e ON e.record_id = x.id AND e.version = 1 JOIN changeset s ON s.id = e.changeset_id \
                 LEFT JOIN record o ON o.id = s.organization_id LEFT JOIN record m ON m.id = o.merged_into_id \
                 WHERE {column} = {{list}} AND coalesce(m.public_id, o.public_id, '') <> $2"
            );
            for ids in of_type.chunks(CHUNK) {
                let values = vec![ints(self.tx, ids), own.into()];
                for row in self.tx.query_all_raw(statement(self.tx, &sql, values)).await? {
                    relied_on.push(row.try_get_by_index(0)?);
                }
            }
        }
        Ok(relied_on)
    }
}
