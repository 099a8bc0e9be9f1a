//! Documents of the index, made from the base: of each record its last entry in the change log, and what is taken from
//! elsewhere.
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement, Value as Bind};
use serde_json::Value as Json;
use tokio::task::spawn_blocking;

use super::{
    SearchError,
    document::{Document, Role, said},
    index::{Index, State},
    words::{Word, words},
};
use crate::{
    changes::{
        current::{ints, living, statement},
        feed,
    },
    content::country::Country,
    progress::Progress,
    record::{
        catalog,
        def::{Def, Record as _, Searched, type_code},
        pred::Test,
        write::Fields,
    },
};

/// So many records are read at once; of those with a text that is kept elsewhere fewer, since it can be long.
const CHUNK: usize = 500;
const CHUNK_OF_TEXTS: usize = 20;

/// Puts all records that can be found into an empty index; gives how far the log is followed with it.
pub async fn fill(
    index: &Arc<Index>,
    db: &DatabaseConnection,
    progress: &dyn Progress,
) -> Result<State, SearchError> {
    let state = state(db, feed::newest(db).await?).await?;
    let searched = catalog().defs().iter().filter(|def| def.searched.is_some());
    let ranges: Vec<String> = searched
        .map(|def| def.id_range())
        .map(|(first, last)| format!("r.id BETWEEN {first} AND {last}"))
        .collect();
    let there =
        format!("r.deleted_at IS NULL AND r.merged_into_id IS NULL AND ({})", ranges.join(" OR "));
    let count = number(db, &format!("SELECT count(*) FROM record r WHERE {there}")).await?;
    progress.begin("search index", u64::try_from(count).unwrap_or_default());
    let mut documents = Documents::default();
    let mut after = 0;
    loop {
        let sql = format!(
            "SELECT r.id FROM record r WHERE r.id > $1 AND {there} ORDER BY r.id LIMIT {CHUNK}"
        );
        let backend = db.get_database_backend();
        let asked = Statement::from_sql_and_values(backend, sql, [after.into()]);
        let rows = db.query_all_raw(asked).await?;
        let ids =
            rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<i64>, _>>()?;
        let Some(last) = ids.last() else { break };
        after = *last;
        documents.put(index, db, &ids).await?;
        progress.step(ids.len() as u64);
    }
    commit(index, state.clone()).await?;
    // One part is read faster than several.
    purge(index).await?;
    progress.end();
    Ok(state)
}

/// As [`Index::commit`], where it does not hold up others.
pub(super) async fn commit(index: &Arc<Index>, state: State) -> Result<(), SearchError> {
    let index = index.clone();
    spawn_blocking(move || index.commit(state)).await.map_err(|_| SearchError::Broken)?
}

/// As [`Index::purge`], where it does not hold up others.
pub(super) async fn purge(index: &Arc<Index>) -> Result<(), SearchError> {
    let index = index.clone();
    spawn_blocking(move || index.purge()).await.map_err(|_| SearchError::Broken)?
}

/// What an index says of the log that it has followed up to a position. An entry of the log never changes its record or its
/// time, so that these tell it from the log of another base.
pub(super) async fn state(db: &DatabaseConnection, position: i64) -> Result<State, DbErr> {
    let last = feed::after(db, position - 1, 1).await?;
    let mark = match last.first() {
        Some(entry) if entry.position == position => {
            format!("{} {}", entry.public_id, entry.recorded_at)
        }
        _ if position == 0 => "empty".to_owned(),
        _ => String::new(),
    };
    Ok(State { position, mark, is_purge_due: false })
}

/// Makes documents; what many of them share is read once.
#[derive(Default)]
pub(super) struct Documents {
    /// Words of the names of countries and fields.
    names: Names,
}

type Names = HashMap<i64, Vec<Word>>;

impl Documents {
    /// Puts these records into the index as they are now, and takes those out that are gone.
    pub(super) async fn put(
        &mut self,
        index: &Arc<Index>,
        db: &DatabaseConnection,
        ids: &[i64],
    ) -> Result<(), SearchError> {
        let mut types: BTreeMap<u16, Vec<i64>> = BTreeMap::new();
        for id in ids {
            types.entry(type_code(*id)).or_default().push(*id);
        }
        for ids in types.values() {
            let of_type = ids.first().and_then(|id| catalog().of_id(*id));
            let Some((def, searched)) = of_type.and_then(|def| Some((def, def.searched?))) else {
                continue;
            };
            let size = if searched.text.is_some() { CHUNK_OF_TEXTS } else { CHUNK };
            for ids in ids.chunks(size) {
                let mut records = living(db, ids).await?;
                records.retain(|_, fields| is_shown(def, fields));
                let mut facts = facts(db, def, searched, ids).await?;
                let named: Vec<i64> =
                    facts.values().flat_map(|it| [it.country, it.field]).flatten().collect();
                self.read_names(db, &named).await?;
                let names = named.iter().filter_map(|id| Some((*id, self.names.get(id)?.clone())));
                let names: Names = names.collect();
                let of_records =
                    ids.iter().map(|id| (*id, records.get(id).cloned(), facts.remove(id)));
                let of_records: Vec<(i64, Option<Fields>, Option<Facts>)> = of_records.collect();
                let index = index.clone();
                // Words are found in it for as long as a long text takes.
                let put = spawn_blocking(move || -> Result<(), SearchError> {
                    for (id, fields, facts) in of_records {
                        match fields {
                            Some(fields) => {
                                let facts = facts.unwrap_or_default();
                                let document = document(def, searched, &fields, facts, &names);
                                index.put(id, &document)?;
                            }
                            None => index.remove(id),
                        }
                    }
                    Ok(())
                });
                put.await.map_err(|_| SearchError::Broken)??;
            }
        }
        Ok(())
    }

    async fn read_names(&mut self, db: &DatabaseConnection, of: &[i64]) -> Result<(), DbErr> {
        let unknown = of.iter().copied().filter(|it| !self.names.contains_key(it));
        let unknown: Vec<i64> = unknown.collect();
        if unknown.is_empty() {
            return Ok(());
        }
        for (id, fields) in living(db, &unknown).await? {
            if let Some(def) = catalog().of_id(id) {
                self.names.insert(id, names(def, &fields).flat_map(words).collect());
            }
        }
        Ok(())
    }
}

/// Whether lists of the type have the record without being asked for what they leave out: what is deprecated is not found.
fn is_shown(def: &Def, fields: &Fields) -> bool {
    match &def.implied {
        Some((column, Test::IsNot(value) | Test::Is("<>", value))) => {
            let Bind::String(Some(left_out)) = value else { return true };
            fields.get(&def.field_of(*column)).and_then(Json::as_str) != Some(left_out)
        }
        _ => true,
    }
}

/// What a record is called.
pub(super) fn names<'f>(def: &'static Def, fields: &'f Fields) -> impl Iterator<Item = &'f str> {
    let named = said(def, fields).into_iter().filter(|it| it.role <= Role::Identifier);
    named.map(|it| it.text)
}

/// What is said of a record elsewhere than in itself.
#[derive(Default)]
struct Facts {
    country: Option<i64>,
    field: Option<i64>,
    year: Option<i64>,
    text: Option<String>,
    /// How often it is linked to, memberships included.
    links: i64,
}

async fn facts(
    db: &DatabaseConnection,
    def: &Def,
    searched: Searched,
    ids: &[i64],
) -> Result<HashMap<i64, Facts>, DbErr> {
    let number = |sql: Option<&str>| format!("CAST({} AS BIGINT)", sql.unwrap_or("NULL"));
    let Searched { country, field, year, text, .. } = searched;
    let sql = format!(
        "SELECT {{t}}.id, {}, {}, {}, CAST({} AS TEXT), \
         (SELECT count(*) FROM link l WHERE l.to_id = {{t}}.id) + (SELECT count(*) FROM link l WHERE l.from_id = {{t}}.id) \
         + (SELECT count(*) FROM membership m WHERE m.city_id = {{t}}.id) FROM {} {{t}} WHERE {{t}}.id = {{list}}",
        number(country),
        number(field),
        number(year),
        text.unwrap_or("NULL"),
        def.table,
    );
    let rows = db.query_all_raw(statement(db, &sql.replace("{t}", "t"), vec![ints(db, ids)]));
    let mut out = HashMap::with_capacity(ids.len());
    for row in rows.await? {
        let facts = Facts {
            country: row.try_get_by_index(1)?,
            field: row.try_get_by_index(2)?,
            year: row.try_get_by_index(3)?,
            text: row.try_get_by_index(4)?,
            links: row.try_get_by_index(5)?,
        };
        out.insert(row.try_get_by_index(0)?, facts);
    }
    Ok(out)
}

fn document(
    def: &'static Def,
    searched: Searched,
    fields: &Fields,
    facts: Facts,
    names: &Names,
) -> Document {
    let Facts { country, field, year, text, links } = facts;
    let mut document = Document::of(def, fields);
    document.stored.extend(text.iter().flat_map(|text| words(text)));
    document.weight = weight(searched, fields, links);
    (document.country, document.field, document.year) = (country, field, year);
    // A country is found by its own names already.
    let country = country.filter(|_| def.name != Country::NAME);
    let of = [country, field].into_iter().flatten();
    document.context = of.filter_map(|id| names.get(&id)).flatten().cloned().collect();
    document.context.extend(year.iter().flat_map(|year| words(&year.to_string())));
    document
}

/// How many look for a record, from 0 to below 10: what decides between records of one name.
fn weight(searched: Searched, fields: &Fields, links: i64) -> f64 {
    let population = fields.get("population").and_then(Json::as_f64);
    let base = match population {
        Some(population) => (population + 1.0).log10().min(8.0) * 0.8,
        None => searched.weight,
    };
    // What is linked to is known.
    let links = links.clamp(0, 100) as f64;
    (base + (1.0 + links).ln() * 0.3).min(9.9)
}

async fn number(db: &DatabaseConnection, sql: &str) -> Result<i64, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
}
