//! What has to be put into the index anew after changes: the records that were changed, and those that are found by what
//! these say.
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use serde_json::Value as Json;

use super::{
    SearchError,
    build::{self, Documents},
    index::{Index, State},
};
use crate::{
    changes::{
        current::{at_versions, ints, living, statement, texts},
        feed::{self, Entry},
    },
    content::{country::Country, term::Term},
    record::{
        catalog,
        def::{Def, Record as _},
        write::Fields,
    },
};

/// So many entries are read at once.
const CHUNK: u64 = 500;
/// From a record to one that is found by what it says, and from there on: a field period, its membership, the city.
const MOST_STEPS: usize = 3;
/// Fields that say where a record belongs, so that what refers to it moves with it.
const PLACES: [&str; 5] = ["country", "city", "jurisdiction", "organization", "subject"];

/// How far the log was followed.
pub(super) struct Followed {
    pub(super) position: i64,
    /// Whether something was taken out that must not be known.
    pub(super) is_redacted: bool,
}

/// Brings an index some entries of the log further; `None` where there was nothing new. Who keeps states of it is told to
/// forget those before a redaction, before anything can fail.
pub(super) async fn follow(
    index: &Arc<Index>,
    db: &DatabaseConnection,
    forget: impl Fn(i64),
) -> Result<Option<Followed>, SearchError> {
    let from = index.current().state.position;
    let mut entries = feed::after(db, from, CHUNK).await?;
    let Some(last) = entries.last().map(|it| it.position) else { return Ok(None) };
    let is_redacted = entries.iter().any(|it| it.operation == "REDACT");
    let mut ids: BTreeSet<i64> = entries.iter().map(|it| it.record_id).collect();
    ids.extend(entries.iter().filter_map(|it| it.merged_into_id));
    let before = before(db, &entries).await?;
    ids.extend(told_of(db, &mut entries, &before).await?);
    ids.extend(moved(index, db, &entries, &before).await?);
    let ids: Vec<i64> = ids.into_iter().collect();
    Documents::default().put(index, db, &ids).await?;
    let state = State { is_purge_due: is_redacted, ..build::state(db, last).await? };
    if is_redacted {
        forget(last);
    }
    build::commit(index, state).await?;
    if is_redacted {
        build::purge(index).await?;
    }
    Ok(Some(Followed { position: last, is_redacted }))
}

/// The records as they were before the entries.
type Before = HashMap<(String, i64), Fields>;

async fn before(db: &DatabaseConnection, entries: &[Entry]) -> Result<Before, DbErr> {
    let asked: Vec<(String, i64)> = entries
        .iter()
        .filter(|it| it.version > 1)
        .map(|it| (it.public_id.clone(), it.version - 1))
        .collect();
    at_versions(db, &asked).await
}

fn of_entry<'b>(entry: &Entry, before: &'b Before) -> Option<&'b Fields> {
    before.get(&(entry.public_id.clone(), entry.version - 1))
}

fn references<'f>(def: &Def, fields: &'f Fields) -> impl Iterator<Item = &'f str> {
    def.tells_of.iter().filter_map(|field| fields.get(*field).and_then(Json::as_str))
}

/// Records that others tell of, before or after the change, and that these tell of in turn.
async fn told_of(
    db: &DatabaseConnection,
    entries: &mut [Entry],
    before: &Before,
) -> Result<Vec<i64>, DbErr> {
    let mut told: HashSet<String> = HashSet::new();
    for entry in &*entries {
        let Some(def) = catalog().of_id(entry.record_id) else { continue };
        for fields in [of_entry(entry, before), entry.fields.as_ref()].into_iter().flatten() {
            told.extend(references(def, fields).map(str::to_owned));
        }
    }
    let mut all = Vec::new();
    for _ in 0..MOST_STEPS {
        if told.is_empty() {
            break;
        }
        let public_ids: Vec<String> = told.drain().collect();
        let sql = "SELECT id FROM record WHERE public_id = {list}";
        let rows = db.query_all_raw(statement(db, sql, vec![texts(db, &public_ids)])).await?;
        let ids =
            rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<i64>, _>>()?;
        let tells = |id: &i64| catalog().of_id(*id).is_some_and(|def| !def.tells_of.is_empty());
        let telling: Vec<i64> = ids.iter().copied().filter(tells).collect();
        all.extend(ids);
        for (id, fields) in living(db, &telling).await? {
            let Some(def) = catalog().of_id(id) else { continue };
            told.extend(references(def, &fields).map(str::to_owned));
        }
    }
    Ok(all)
}

/// Records that belong to what has moved to another place, or to a country or a field that is called otherwise now.
async fn moved(
    index: &Arc<Index>,
    db: &DatabaseConnection,
    entries: &[Entry],
    before: &Before,
) -> Result<Vec<i64>, SearchError> {
    let (mut renamed, mut places) = (Vec::new(), Vec::new());
    for entry in entries {
        let (Some(now), Some(was)) = (&entry.fields, of_entry(entry, before)) else { continue };
        // What it was is redacted in all that is left of it.
        let is_redacted = entry.operation == "REDACT";
        match catalog().of_id(entry.record_id) {
            Some(def) if [Country::NAME, Term::NAME].contains(&def.name) => {
                let said = |fields| build::names(def, fields);
                if is_redacted || said(now).ne(said(was)) {
                    renamed.push(entry.record_id);
                }
            }
            Some(_) if is_redacted || PLACES.iter().any(|it| now.get(*it) != was.get(*it)) => {
                places.push(entry.record_id);
            }
            _ => {}
        }
    }
    let mut all = index.current().records_of(&renamed);
    for _ in 0..MOST_STEPS {
        if places.is_empty() {
            break;
        }
        places = belonging(db, &places).await?;
        all.extend(&places);
    }
    Ok(all)
}

/// Records whose place is that of one of these.
async fn belonging(db: &DatabaseConnection, to: &[i64]) -> Result<Vec<i64>, DbErr> {
    let mut each = Vec::new();
    for def in catalog().defs() {
        let has_country = def.searched.is_some_and(|searched| searched.country.is_some());
        if !has_country {
            continue;
        }
        for field in PLACES {
            let column = def.references().find(|column| def.field_of(*column) == field);
            if let Some(column) = column {
                let (table, column) = (&def.table, &def.columns[column].name);
                each.push(format!("SELECT id FROM {table} WHERE {column} = {{list}}"));
            }
        }
        each.extend(def.searched.and_then(|searched| searched.of_place).map(str::to_owned));
    }
    let sql = each.join(" UNION ");
    let rows = db.query_all_raw(statement(db, &sql, vec![ints(db, to)])).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
