//! What no two records of a type may have in common: told with its place, before the database refuses it.
use std::collections::{BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DbErr, Statement, Value as Bind};
use serde_json::Value as Json;

use super::{
    current::{CHUNK, statement, table, texts},
    keys::{all_identifiers, all_slugs},
    work::{State, Work},
};
use crate::record::{
    cell::Kind,
    def::{Def, Unique, type_code},
    write::{Cells, Mistake, MistakeCode},
};

/// The values of a record, as texts.
type Key = Vec<String>;

impl Unique {
    /// The record's values; `None` if one of them is missing, which can be so for many.
    fn key(&self, cells: &Cells) -> Option<Key> {
        let values = self.columns.iter().map(|column| text(cells.get(*column)));
        let or_none = self.or_none.map(|column| Some(text(cells.get(column)).unwrap_or_default()));
        values.chain(or_none).collect()
    }
}

fn text(value: Option<&Bind>) -> Option<String> {
    match value? {
        Bind::BigInt(Some(number)) => Some(number.to_string()),
        Bind::String(Some(text)) => Some(text.clone()),
        _ => None,
    }
}

impl Work<'_> {
    /// Slugs and identifiers lead to one record each.
    pub(super) async fn names_are_free(&mut self) -> Result<(), DbErr> {
        let mut slugs: HashMap<(u16, String), i64> = HashMap::new();
        let mut identifiers: HashMap<(String, String), i64> = HashMap::new();
        // What a record has had before is its own.
        let of_slugs =
            self.living().filter(|it| it.has_other("slug") || it.has_other("formerSlugs"));
        let values: Vec<String> = of_slugs.flat_map(|it| all_slugs(&it.fields)).collect();
        for chunk in values.chunks(CHUNK) {
            let sql = "SELECT type, slug, record_id FROM record_slug WHERE slug = {list}";
            let asked = statement(self.tx, sql, vec![texts(self.tx, chunk)]);
            for row in self.tx.query_all_raw(asked).await? {
                let id: i64 = row.try_get_by_index(2)?;
                slugs.insert((type_code(id), row.try_get_by_index(1)?), id);
            }
        }
        let of_identifiers = self.living().filter(|it| it.has_other("identifiers"));
        let values: Vec<String> = of_identifiers
            .flat_map(|it| all_identifiers(&it.fields))
            .map(|(_, value, _)| value)
            .collect();
        for chunk in values.chunks(CHUNK) {
            let sql = "SELECT scheme, value, record_id FROM record_identifier WHERE value = {list}";
            let asked = statement(self.tx, sql, vec![texts(self.tx, chunk)]);
            for row in self.tx.query_all_raw(asked).await? {
                let key = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                identifiers.insert(key, row.try_get_by_index(2)?);
            }
        }
        // What goes leaves its names free.
        let ending = self.ending();
        slugs.retain(|_, owner| !ending.contains(owner));
        identifiers.retain(|_, owner| !ending.contains(owner));
        let mut mistakes = Vec::new();
        for state in self.living() {
            let taken = |message: String, field: &str| {
                state.mistake(Mistake::new(MistakeCode::Duplicate, message).below(field))
            };
            for slug in all_slugs(&state.fields) {
                let owner = *slugs.entry((state.def.code, slug.clone())).or_insert(state.id);
                // One that was chosen was free then. Who has taken it since collides with it, and another is chosen.
                if owner != state.id && !self.chosen.contains(&state.public_id) {
                    mistakes
                        .push(taken(format!("the slug `{slug}` leads to another record"), "slug"));
                }
            }
            for (scheme, value, _) in all_identifiers(&state.fields) {
                let owner = *identifiers.entry((scheme.clone(), value.clone())).or_insert(state.id);
                if owner != state.id {
                    let message = format!("the identifier {scheme} `{value}` is another record's");
                    mistakes.push(taken(message, "identifiers"));
                }
            }
        }
        self.mistakes.extend(mistakes);
        Ok(())
    }

    /// Finds records with values that another one of their type has, in the base or in the changeset.
    pub(super) async fn values_are_free(&mut self, rows: &[Option<Cells>]) -> Result<(), DbErr> {
        let mut by_type: HashMap<u16, Vec<(&State, &Cells)>> = HashMap::new();
        for (state, cells) in self.living().zip(rows) {
            if let (Some(cells), false) = (cells, state.def.uniques.is_empty()) {
                by_type.entry(state.def.code).or_default().push((state, cells));
            }
        }
        let (mut mistakes, ending) = (Vec::new(), self.ending());
        for of_type in by_type.into_values() {
            let def = of_type[0].0.def;
            for unique in &def.uniques {
                let fields = unique.fields(def);
                // What is kept was unique before; whose rival takes it finds it in the base.
                let has_other = |state: &&State| fields.iter().any(|field| state.has_other(field));
                let keyed: Vec<(&State, Key)> = of_type
                    .iter()
                    .filter(|(state, _)| has_other(state))
                    .filter_map(|(state, cells)| Some((*state, unique.key(cells)?)))
                    .collect();
                let mut owners = self.having(def, unique, &keyed).await?;
                owners.retain(|_, owner| !ending.contains(owner));
                for (state, key) in keyed {
                    if *owners.entry(key).or_insert(state.id) != state.id {
                        let message =
                            format!("another {} has the same {}", def.one, fields.join(", "));
                        let mistake = Mistake::new(MistakeCode::Duplicate, message);
                        mistakes.push(state.mistake(mistake.below(unique.field)));
                    }
                }
            }
        }
        self.mistakes.extend(mistakes);
        Ok(())
    }

    /// The records of the base that have one of these keys. The database looks at a row at a time, so it counts too what
    /// the changeset is about to give other values.
    async fn having(
        &self,
        def: &Def,
        unique: &Unique,
        keyed: &[(&State, Key)],
    ) -> Result<HashMap<Key, i64>, DbErr> {
        let columns: Vec<usize> = unique.columns.iter().chain(&unique.or_none).copied().collect();
        // As the index has them: all of its columns are asked for, or a whole vocabulary would be read for a term.
        let indexed = columns.iter().map(|column| {
            let name = &def.columns[*column].name;
            match unique.or_none == Some(*column) {
                true => format!("coalesce(t.{name}, '')"),
                false => format!("t.{name}"),
            }
        });
        let indexed: Vec<String> = indexed.collect();
        let names: Vec<String> = (0..columns.len()).map(|n| format!("c{n}")).collect();
        let shown: Vec<String> = indexed.iter().map(|it| format!("CAST({it} AS TEXT)")).collect();
        let conditions: Vec<String> =
            indexed.iter().zip(&names).map(|(it, name)| format!("{it} = k.{name}")).collect();
        let keys: BTreeSet<&Key> = keyed.iter().map(|(_, key)| key).collect();
        let keys: Vec<Vec<Json>> = keys.into_iter().map(|key| asked(def, &columns, key)).collect();
        let mut owners = HashMap::new();
        for keys in keys.chunks(CHUNK) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let (k, values) = table(self.tx, &names, keys);
            let sql = format!(
                "SELECT t.id, {} FROM {k} CROSS JOIN {} t WHERE {}",
                shown.join(", "),
                def.table,
                conditions.join(" AND ")
            );
            let backend = self.tx.get_database_backend();
            let asked = Statement::from_sql_and_values(backend, sql, values);
            for row in self.tx.query_all_raw(asked).await? {
                let key = (1..=columns.len()).map(|place| row.try_get_by_index(place));
                owners.insert(key.collect::<Result<Key, DbErr>>()?, row.try_get_by_index(0)?);
            }
        }
        Ok(owners)
    }
}

/// A key as the columns have it.
fn asked(def: &Def, columns: &[usize], key: &Key) -> Vec<Json> {
    let value = |(column, text): (&usize, &String)| match def.columns[*column].kind {
        Kind::Int => text.parse::<i64>().map(Json::from).unwrap_or_default(),
        _ => text.as_str().into(),
    };
    columns.iter().zip(key).map(value).collect()
}
