//! Rows of a checked changeset.
use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr, Statement, Value as Bind};
use serde_json::Value as Json;

use super::{
    current::{CHUNK, ints, statement},
    keys::{all_identifiers, all_slugs, text},
    rows::{insert, update},
    work::{End, State, Work},
};
use crate::{
    progress::Progress,
    record::{def::Def, write::Refs},
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
        for (state, into) in self.taken_over().filter(|(state, _)| state.redacted.is_none()) {
            for sql in [
                "UPDATE record_slug SET record_id = $1 WHERE record_id = $2",
                "UPDATE record SET merged_into_id = $1 WHERE id = $2 OR merged_into_id = $2",
                // Who wrote for the one writes for the other.
                "UPDATE api_key SET organization_id = $1 WHERE organization_id = $2",
            ] {
                let values = [into.into(), state.id.into()];
                let backend = tx.get_database_backend();
                tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
            }
        }
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

        let mut inserts: BTreeMap<u16, (&Def, Vec<Vec<Bind>>)> = BTreeMap::new();
        for (state, cells) in self.living().zip(cells) {
            let columns = own_columns(state.def);
            let names = columns.iter().map(|column| state.def.columns[*column].name.as_str());
            if state.is_new() {
                let head: Vec<Bind> = vec![
                    state.id.into(),
                    state.public_id.clone().into(),
                    1i64.into(),
                    now.into(),
                    now.into(),
                ];
                let rows =
                    &mut inserts.entry(state.def.code).or_insert_with(|| (state.def, Vec::new())).1;
                rows.push(head.into_iter().chain(cells).collect());
            } else {
                let names: Vec<&str> = ["version", "updated_at"].into_iter().chain(names).collect();
                let values =
                    [Bind::from(state.version), now.into()].into_iter().chain(cells).collect();
                update(tx, &state.def.table, &names, values, state.id).await?;
                let assertion = ["asserted_by_id", "modality", "rank"];
                if ["assertedBy", "modality", "rank"].iter().any(|it| state.has_other(it)) {
                    update(tx, "record", &assertion, state.assertion(ids), state.id).await?;
                }
                progress.step(1);
            }
        }
        for (def, rows) in inserts.into_values() {
            let columns = own_columns(def);
            let names = columns.iter().map(|column| def.columns[*column].name.as_str());
            let head = ["id", "public_id", "version", "created_at", "updated_at"];
            let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            insert(tx, &def.table, &head.into_iter().chain(names).collect::<Vec<_>>(), rows)
                .await?;
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
