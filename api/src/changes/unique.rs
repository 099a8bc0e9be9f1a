//! What no two records of a type may have in common: told with its place, before the database refuses it.
use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, Value as Bind};

use super::{
    current::{CHUNK, ints, statement, texts},
    work::{State, Work},
};
use crate::record::{
    def::{Def, Unique},
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
    /// Finds records with values that another one of their type has, in the base or in the changeset.
    pub(super) async fn unique_values(&mut self, rows: &[Option<Cells>]) -> Result<(), DbErr> {
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
                let keyed: Vec<(&State, Key)> = of_type
                    .iter()
                    .filter_map(|(state, cells)| Some((*state, unique.key(cells)?)))
                    .collect();
                let mut owners = self.having(def, unique, &keyed).await?;
                owners.retain(|_, owner| !ending.contains(owner));
                for (state, key) in keyed {
                    if *owners.entry(key).or_insert(state.id) != state.id {
                        let message = format!(
                            "another {} has the same {}",
                            def.one,
                            unique.fields(def).join(", ")
                        );
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
        let name = |column: &usize| def.columns[*column].name.as_str();
        let first = name(&unique.columns[0]);
        let columns = unique.columns.iter().chain(&unique.or_none);
        let texts_of: Vec<String> =
            columns.map(|column| format!("CAST({} AS TEXT)", name(column))).collect();
        let sql = format!(
            "SELECT id, {} FROM {} WHERE {first} = {{list}}",
            texts_of.join(", "),
            def.table
        );
        let mut firsts: Vec<&String> = keyed.iter().map(|(_, key)| &key[0]).collect();
        firsts.sort_unstable();
        firsts.dedup();
        let mut owners = HashMap::new();
        for chunk in firsts.chunks(CHUNK) {
            let list = match def.columns[unique.columns[0]].kind {
                crate::record::cell::Kind::Int => {
                    let ids: Vec<i64> = chunk.iter().filter_map(|it| it.parse().ok()).collect();
                    ints(self.tx, &ids)
                }
                _ => texts(self.tx, &chunk.iter().map(|it| (*it).clone()).collect::<Vec<_>>()),
            };
            for row in self.tx.query_all_raw(statement(self.tx, &sql, vec![list])).await? {
                let mut key = Vec::with_capacity(texts_of.len());
                for place in 1..=texts_of.len() {
                    let text: Option<String> = row.try_get_by_index(place)?;
                    let is_last = place == texts_of.len() && unique.or_none.is_some();
                    key.extend(text.or_else(|| is_last.then(String::new)));
                }
                // With a value missing, it is nobody's rival.
                if key.len() == texts_of.len() {
                    owners.insert(key, row.try_get_by_index(0)?);
                }
            }
        }
        Ok(owners)
    }
}
