//! Rows of a checked changeset.
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    iter,
};

use sea_orm::{ConnectionTrait, DbErr, Statement, Value as Bind};
use serde_json::Value as Json;

use super::{
    current::{self, CHUNK, ints, statement},
    keys::{all_identifiers, all_slugs, text},
    rows::{insert, update},
    work::{End, State, Work},
};
use crate::{
    content::organization::Organization,
    progress::Progress,
    record::{
        def::{Def, Record},
        write::Refs,
    },
    value::fold,
};

/// Columns that the fields of a record fill.
pub(super) fn own_columns(def: &Def) -> Vec<usize> {
    let head = ["public_id", "version", "created_at", "updated_at"];
    let mut columns = def.stored_columns();
    columns
        .retain(|column| *column != def.id && !head.contains(&def.columns[*column].name.as_str()));
    columns
}

/// Names of columns: some that all types have, and those that fields fill.
fn names<'d>(head: &[&'d str], def: &'d Def) -> Vec<&'d str> {
    let own = own_columns(def).into_iter().map(|column| def.columns[column].name.as_str());
    head.iter().copied().chain(own).collect()
}

impl State {
    /// Who asserts it and how, as the table of all records has it: null for records that nobody asserts.
    fn assertion(&self, ids: &HashMap<String, i64>) -> Vec<Bind> {
        let text = |name: &str| self.fields.get(name).and_then(Json::as_str);
        let or = |name: &str, default: &str| {
            self.def.is_citable().then(|| text(name).unwrap_or(default).to_owned())
        };
        let asserted_by = text("assertedBy").and_then(|id| ids.get(id)).copied();
        vec![asserted_by.into(), or("modality", "STATED").into(), or("rank", "NORMAL").into()]
    }
}

impl Work<'_> {
    /// Takes away the rows of records that go, and leaves of merged ones where they went. Their ids stay, never to be used
    /// again.
    pub(super) async fn bury(&self, now: i64) -> Result<(), DbErr> {
        let tx = self.tx;
        let mut by_type: BTreeMap<u16, (&Def, Vec<i64>)> = BTreeMap::new();
        // What was gone before, and is only spoken of, is buried already.
        let going = |state: &&State| !state.lives() && state.redacted.is_none();
        for state in self.states.iter().filter(going) {
            let of_type = by_type.entry(state.def.code).or_insert_with(|| (state.def, Vec::new()));
            of_type.1.push(state.id);
        }
        self.lead_on().await?;
        for (def, ids) in by_type.into_values() {
            let parts = def
                .parts()
                .map(|(_, part, owner)| (part.table.as_str(), part.columns[owner].name.as_str()));
            let keys = ["record_name", "record_identifier", "record_slug"];
            let keys = keys.into_iter().map(|table| (table, "record_id"));
            let tables: Vec<(&str, &str)> =
                parts.chain(keys).chain([(def.table.as_str(), "id")]).collect();
            for chunk in ids.chunks(CHUNK) {
                for (table, owner) in &tables {
                    let sql = format!("DELETE FROM {table} WHERE {owner} = {{list}}");
                    tx.execute_raw(statement(tx, &sql, vec![ints(tx, chunk)])).await?;
                }
                let sql = "UPDATE record SET asserted_by_id = NULL, modality = NULL, rank = NULL WHERE id = {list}";
                tx.execute_raw(statement(tx, sql, vec![ints(tx, chunk)])).await?;
            }
        }
        let deleted =
            self.states.iter().filter(going).filter(|state| state.end == Some(End::Deleted));
        let deleted: Vec<i64> = deleted.map(|state| state.id).collect();
        for chunk in deleted.chunks(CHUNK) {
            let sql = format!("UPDATE record SET deleted_at = {now} WHERE id = {{list}}");
            tx.execute_raw(statement(tx, &sql, vec![ints(tx, chunk)])).await?;
        }
        Ok(())
    }

    /// What led to records that are merged leads to those that take their places.
    async fn lead_on(&self) -> Result<(), DbErr> {
        let taken: Vec<(&State, i64)> =
            self.taken_over().filter(|(state, _)| state.redacted.is_none()).collect();
        let is_organization = |(state, _): &&(&State, i64)| state.def.name == Organization::NAME;
        // What takes the place of one may be merged too, further on in the changeset.
        let next: HashMap<i64, i64> = taken.iter().map(|(state, into)| (state.id, *into)).collect();
        let last = |into: i64| {
            let further = iter::successors(Some(into), |id| next.get(id).copied());
            further.take(taken.len() + 1).last().unwrap_or(into)
        };
        let pair = |(state, into): &(&State, i64)| vec![state.id.into(), last(*into).into()];
        let all: Vec<Vec<Json>> = taken.iter().map(pair).collect();
        // Who wrote for the one writes for the other.
        let writing: Vec<Vec<Json>> = taken.iter().filter(is_organization).map(pair).collect();
        let tx = self.tx;
        for (pairs, table, set, of) in [
            (&all, "record_slug", "record_id", "record_id"),
            (&all, "record", "merged_into_id", "merged_into_id"),
            (&all, "record", "merged_into_id", "id"),
            (&writing, "api_key", "organization_id", "organization_id"),
        ] {
            for pairs in pairs.chunks(CHUNK) {
                let (k, values) = current::table(tx, &["gone", "stays"], pairs);
                let sql = format!(
                    "UPDATE {table} SET {set} = k.stays FROM {k} WHERE {table}.{of} = k.gone"
                );
                let backend = tx.get_database_backend();
                tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
            }
        }
        Ok(())
    }

    /// Rows of the records and of the key tables.
    pub(super) async fn write(
        &self,
        cells: Vec<Vec<Bind>>,
        ids: &HashMap<String, i64>,
        now: i64,
        progress: &dyn Progress,
    ) -> Result<(), DbErr> {
        let tx = self.tx;
        let new = || self.living().filter(|state| state.is_new());
        let rows = new().map(|state| {
            let head: [Bind; 2] = [state.id.into(), state.public_id.clone().into()];
            head.into_iter().chain(state.assertion(ids)).collect()
        });
        let columns = ["id", "public_id", "asserted_by_id", "modality", "rank"];
        insert(tx, "record", &columns, rows.collect()).await?;

        let has_other_assertion = |state: &&State| {
            let fields = ["assertedBy", "modality", "rank"];
            !state.is_new() && fields.iter().any(|field| state.has_other(field))
        };
        let rows = self
            .living()
            .filter(has_other_assertion)
            .map(|state| [Bind::from(state.id)].into_iter().chain(state.assertion(ids)).collect());
        update(tx, "record", &["asserted_by_id", "modality", "rank"], rows.collect()).await?;

        let mut updates: BTreeMap<u16, (&Def, Vec<Vec<Bind>>)> = BTreeMap::new();
        let mut inserts = updates.clone();
        for (state, cells) in self.living().zip(cells) {
            let (head, rows): (Vec<Bind>, _) = match state.is_new() {
                true => {
                    let public_id = state.public_id.clone();
                    let head = vec![
                        state.id.into(),
                        public_id.into(),
                        1i64.into(),
                        now.into(),
                        now.into(),
                    ];
                    (head, &mut inserts)
                }
                false => (vec![state.id.into(), state.version.into(), now.into()], &mut updates),
            };
            let of_type = rows.entry(state.def.code).or_insert_with(|| (state.def, Vec::new()));
            of_type.1.push(head.into_iter().chain(cells).collect());
        }
        for (def, rows) in updates.into_values() {
            let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            update(tx, &def.table, &names(&["version", "updated_at"], def), rows).await?;
            progress.step(count);
        }
        for (def, rows) in inserts.into_values() {
            let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            let head = ["id", "public_id", "version", "created_at", "updated_at"];
            insert(tx, &def.table, &names(&head, def), rows).await?;
            progress.step(count);
        }
        self.write_parts(ids).await?;
        self.write_keys().await
    }

    /// Rows that are parts of the records, in place of those that were.
    async fn write_parts(&self, ids: &HashMap<String, i64>) -> Result<(), DbErr> {
        let tx = self.tx;
        let mut changed: BTreeMap<(&str, &str), Vec<i64>> = BTreeMap::new();
        let mut inserts: BTreeMap<&str, (&Def, Vec<Vec<Bind>>)> = BTreeMap::new();
        for state in self.living() {
            for (_, def, owner) in state.def.parts().filter(|_| !state.is_new()) {
                let key = (def.table.as_str(), def.columns[owner].name.as_str());
                changed.entry(key).or_default().push(state.id);
            }
            for row in state.def.part_rows(state.id, &state.fields, &Refs { ids }) {
                let rows = inserts.entry(&row.def.table).or_insert_with(|| (row.def, Vec::new()));
                rows.1.push(row.cells);
            }
        }
        for ((table, owner), changed) in changed {
            for chunk in changed.chunks(CHUNK) {
                let sql = format!("DELETE FROM {table} WHERE {owner} = {{list}}");
                tx.execute_raw(statement(tx, &sql, vec![ints(tx, chunk)])).await?;
            }
        }
        for (table, (def, rows)) in inserts {
            let columns = def.stored_columns();
            let names: Vec<&str> = columns.iter().map(|it| &*def.columns[*it].name).collect();
            insert(tx, table, &names, rows).await?;
        }
        Ok(())
    }

    /// What leads to the records beside their ids, as far as that is another than before.
    pub(super) async fn write_keys(&self) -> Result<(), DbErr> {
        let tx = self.tx;
        for (table, field) in [("record_name", "names"), ("record_identifier", "identifiers")] {
            let sql = format!("DELETE FROM {table} WHERE record_id = {{list}}");
            for chunk in self.before_with_other(&[field]).chunks(CHUNK) {
                tx.execute_raw(statement(tx, &sql, vec![ints(tx, chunk)])).await?;
            }
        }
        let mut kept: HashSet<(i64, String)> = HashSet::new();
        for chunk in self.before_with_other(&["slug", "formerSlugs"]).chunks(CHUNK) {
            let sql = "SELECT record_id, slug FROM record_slug WHERE record_id = {list}";
            for row in tx.query_all_raw(statement(tx, sql, vec![ints(tx, chunk)])).await? {
                kept.insert((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
            }
        }
        let (mut slugs, mut identifiers, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for state in self.living() {
            if state.has_other("slug") || state.has_other("formerSlugs") {
                for slug in all_slugs(&state.fields) {
                    if kept.insert((state.id, slug.clone())) {
                        let code = i64::from(state.def.code);
                        slugs.push(vec![code.into(), slug.into(), state.id.into()]);
                    }
                }
            }
            if state.has_other("identifiers") {
                for (scheme, value, exactness) in all_identifiers(&state.fields) {
                    let id = state.id.into();
                    identifiers.push(vec![scheme.into(), value.into(), id, exactness.into()]);
                }
            }
            let all = state.fields.get("names").filter(|_| state.has_other("names"));
            for name in all.and_then(Json::as_array).into_iter().flatten() {
                let (Some(lang), Some(value)) = (text(name, "lang"), text(name, "value")) else {
                    continue;
                };
                let value = fold::nfc(&value).into_owned();
                let folded = fold::fold(&value);
                names.push(vec![state.id.into(), lang.into(), value.into(), folded.into()]);
            }
        }
        insert(tx, "record_slug", &["type", "slug", "record_id"], slugs).await?;
        let columns = ["scheme", "value", "record_id", "exactness"];
        insert(tx, "record_identifier", &columns, identifiers).await?;
        insert(tx, "record_name", &["record_id", "lang", "value", "folded"], names).await
    }

    /// Ids of the records that were there before and have another value in one of these fields.
    fn before_with_other(&self, fields: &[&str]) -> Vec<i64> {
        let has_other = |state: &&State| fields.iter().any(|field| state.has_other(field));
        let before = self.living().filter(|state| !state.is_new());
        before.filter(has_other).map(|state| state.id).collect()
    }
}
