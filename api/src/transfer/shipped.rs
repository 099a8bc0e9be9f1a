//! Shipped data into a base: new records are created, changed ones updated, edited values left alone.
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, Statement};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use crate::{
    auth::Writer,
    changes::{self, ChangeError, Changeset, Current, Operation},
    content::claim::Claim,
    database::Database,
    load::{self, LoadError, Loaded, Put, SHIPPED, Source},
    progress::Progress,
    record::{
        catalog,
        def::{Def, def},
        write::{Fields, Mistake},
    },
    value::{hash, public_id::PublicId},
};

/// Author of changesets with shipped data.
pub const AUTHOR: &str = "data";

/// What became of the shipped data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub sources: Vec<SourceReport>,
    /// By statement of the article and of other sources on it, the records that say it.
    pub statements: BTreeMap<String, Vec<Went>>,
    /// Position of the change log after it.
    pub position: Option<i64>,
}

/// A record in which a statement is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Went {
    pub record_type: &'static str,
    /// Property of a claim or relation of a link.
    pub what: Option<String>,
    /// Key in the shipped data.
    pub key: String,
    /// Public id.
    pub id: String,
}

/// Numbers of records of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceReport {
    pub name: &'static str,
    pub read: usize,
    pub created: usize,
    pub updated: usize,
    pub unchanged: usize,
    /// Records of which an edited value was kept against a shipped one.
    pub kept: usize,
    /// Records with mistakes. If there is one, nothing was written, of any source.
    pub refused: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Data(#[from] LoadError),
    #[error("the shipped data do not fit the model: {}", first(mistakes))]
    Refused { mistakes: Vec<Mistake>, report: Box<Report> },
    #[error("{0} names a record type that this program does not have")]
    UnknownType(String),
    #[error(transparent)]
    Database(#[from] DbErr),
}

fn first(mistakes: &[Mistake]) -> String {
    let shown: Vec<String> = mistakes.iter().take(5).map(ToString::to_string).collect();
    format!("{} ({} in all)", shown.join("; "), mistakes.len())
}

/// Whether the base has these very data already, by the comment of the last changeset that brought some.
pub async fn is_loaded(db: &Database) -> Result<bool, DbErr> {
    let sql = "SELECT comment FROM changeset WHERE author = $1 AND actor_key IS NULL ORDER BY id DESC LIMIT 1";
    let statement =
        Statement::from_sql_and_values(db.reader.get_database_backend(), sql, [AUTHOR.into()]);
    let last = db.reader.query_one_raw(statement).await?;
    let comment: Option<String> = last.map_or(Ok(None), |row| row.try_get_by_index(0))?;
    Ok(comment == Some(comment_of_shipped()))
}

fn comment_of_shipped() -> String {
    let mut hash = Sha256::new();
    let files = SHIPPED;
    for text in [
        files.article,
        files.facts,
        files.countries,
        files.regions,
        files.cities,
        files.city_names,
        files.uccn_members,
        files.uccn_conflicts,
        files.uccn_field_history,
        files.uccn_sources,
        files.uccn_totals,
        files.vocabularies,
        files.world_heritage,
    ] {
        hash.update(text);
    }
    format!("shipped data {}", hash::digits(&hash.finalize()))
}

/// Loads the shipped data.
pub async fn run(
    db: &Database,
    progress: &dyn Progress,
    now: DateTime<Utc>,
) -> Result<Report, RunError> {
    let loaded = load::load(&SHIPPED)?;
    let statements = went(&loaded)?;
    let loaded = load(db, loaded.sources, comment_of_shipped(), progress, now).await;
    match loaded {
        Ok(report) => Ok(Report { statements, ..report }),
        Err(RunError::Refused { mistakes, mut report }) => {
            report.statements = statements;
            Err(RunError::Refused { mistakes, report })
        }
        Err(error) => Err(error),
    }
}

/// Where each statement went.
fn went(loaded: &Loaded) -> Result<BTreeMap<String, Vec<Went>>, RunError> {
    let ids = public_ids(&loaded.sources)?;
    let puts = loaded.sources.iter().flat_map(|source| &source.puts);
    let by_key: HashMap<&str, &Put> = puts.map(|put| (&*put.key, put)).collect();
    let went = |key: &String| {
        let (put, (_, id)) = (by_key.get(&**key)?, ids.get(key)?);
        let what = put.fields.get("property").or_else(|| put.fields.get("relation"));
        Some(Went {
            record_type: put.record_type,
            what: what.and_then(Json::as_str).map(str::to_owned),
            key: key.clone(),
            id: id.clone(),
        })
    };
    let statements = loaded.represented.iter();
    Ok(statements
        .map(|(statement, keys)| (statement.clone(), keys.iter().filter_map(went).collect()))
        .collect())
}

/// Loads the records of some sources, as one changeset.
pub async fn load(
    db: &Database,
    sources: Vec<Source>,
    comment: String,
    progress: &dyn Progress,
    now: DateTime<Utc>,
) -> Result<Report, RunError> {
    let count = sources.iter().map(|source| source.puts.len()).sum::<usize>();
    progress.begin("comparing data", u64::try_from(count).unwrap_or(u64::MAX));
    let ids = public_ids(&sources)?;
    let all: Vec<String> = ids.values().map(|(_, id)| id.clone()).collect();
    let current = changes::current(&db.writer, &all).await?;
    let shipped_before = last_shipped(&db.writer).await?;

    let mut report = Report::default();
    let mut operations = Vec::new();
    let mut claims = Vec::new();
    let places: HashMap<String, usize> = sources
        .iter()
        .enumerate()
        .flat_map(|(place, source)| source.puts.iter().map(move |put| (place, put)))
        .filter_map(|(place, put)| Some((ids.get(&put.key)?.1.clone(), place)))
        .collect();
    for source in sources {
        let mut numbers =
            SourceReport { name: source.name, read: source.puts.len(), ..SourceReport::default() };
        for put in source.puts {
            progress.step(1);
            let (def, id) = ids[&put.key].clone();
            let fields = with_ids(put.fields, &ids);
            let Some(now) = current.get(&id) else {
                numbers.created += 1;
                operations.push(Operation::create(def, id, fields));
                continue;
            };
            let before = shipped_before.get(&id).unwrap_or(&now.fields);
            let difference = Difference::new(def, now, before, fields);
            numbers.kept += usize::from(!difference.kept.is_empty());
            claims.extend(difference.claims(def, &id, &now.fields));
            if difference.change.is_empty() {
                numbers.unchanged += 1;
            } else {
                numbers.updated += 1;
                operations.push(Operation::update(id, now.version, difference.change));
            }
        }
        report.sources.push(numbers);
    }
    operations.extend(new_claims(db, claims).await?);
    progress.end();
    progress.begin("writing records", u64::try_from(operations.len()).unwrap_or(u64::MAX));
    let changeset = Changeset { comment: Some(comment), operations, ..Changeset::default() };
    let applied =
        changes::apply(&db.writer, &Writer::system(AUTHOR), changeset, now, progress).await;
    progress.end();
    match applied {
        Ok(applied) => report.position = applied.map(|applied| applied.position),
        Err(ChangeError::Refused(mistakes)) => {
            report.refuse(&mistakes, &places);
            return Err(RunError::Refused { mistakes, report: Box::new(report) });
        }
        Err(ChangeError::Database(error)) => return Err(error.into()),
        Err(error @ (ChangeError::Before(_) | ChangeError::NameReused | ChangeError::Busy)) => {
            return Err(DbErr::Custom(error.to_string()).into());
        }
    }
    Ok(report)
}

impl Report {
    /// Nothing was written; records with mistakes are counted where they came from.
    fn refuse(&mut self, mistakes: &[Mistake], sources: &HashMap<String, usize>) {
        for source in &mut self.sources {
            (source.created, source.updated) = (0, 0);
        }
        // The place of the operation comes first, where there is one, then the id.
        let ids: HashSet<&String> = mistakes
            .iter()
            .filter_map(|it| it.path.iter().take(2).find(|step| sources.contains_key(*step)))
            .collect();
        for id in ids {
            let source = sources.get(id).and_then(|place| self.sources.get_mut(*place));
            if let Some(source) = source {
                source.refused += 1;
            }
        }
    }
}

/// Those of the claims that are not in the base yet.
async fn new_claims(db: &Database, claims: Vec<(String, Fields)>) -> Result<Vec<Operation>, DbErr> {
    let def = def::<Claim>();
    let claims = claims
        .into_iter()
        .map(|(key, fields)| (PublicId::derived(def.prefix, &key).to_string(), fields));
    let claims: Vec<(String, Fields)> = claims.collect();
    let ids: Vec<String> = claims.iter().map(|(id, _)| id.clone()).collect();
    let known = changes::current(&db.writer, &ids).await?;
    let new = claims.into_iter().filter(|(id, _)| !known.contains_key(id));
    Ok(new.map(|(id, fields)| Operation::create(def, id, fields)).collect())
}

/// Type and public id of each key.
fn public_ids(sources: &[Source]) -> Result<HashMap<String, (&'static Def, String)>, RunError> {
    let puts = sources.iter().flat_map(|source| &source.puts);
    puts.map(|put| {
        let def = catalog()
            .named(put.record_type)
            .ok_or_else(|| RunError::UnknownType(put.key.clone()))?;
        Ok((put.key.clone(), (def, PublicId::derived(def.prefix, &put.key).to_string())))
    })
    .collect()
}

/// Fields whose references are ids, without those that are null.
fn with_ids(fields: Map<String, Json>, ids: &HashMap<String, (&'static Def, String)>) -> Fields {
    let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
    fields.map(|(name, value)| (name, with_id(value, ids))).collect()
}

fn with_id(value: Json, ids: &HashMap<String, (&'static Def, String)>) -> Json {
    match value {
        Json::Array(list) => list.into_iter().map(|it| with_id(it, ids)).collect(),
        Json::Object(map) => match map.get("key").and_then(Json::as_str).filter(|_| map.len() == 1)
        {
            Some(key) => ids.get(key).map_or(Json::Null, |(_, id)| id.as_str().into()),
            None => {
                Json::Object(map.into_iter().map(|(name, it)| (name, with_id(it, ids))).collect())
            }
        },
        value => value,
    }
}

/// What shipped data last made of each field, for records that others have changed too. A field that data never had, or took
/// away, is not there.
async fn last_shipped(db: &impl ConnectionTrait) -> Result<HashMap<String, Fields>, DbErr> {
    let backend = db.get_database_backend();
    let edited = "SELECT DISTINCT e.record_id FROM change_entry e JOIN changeset s ON s.id = e.changeset_id \
         WHERE (s.author <> $1 OR s.actor_key IS NOT NULL) AND e.record_id IN (SELECT o.record_id FROM change_entry o \
         JOIN changeset t ON t.id = o.changeset_id WHERE t.author = $1 AND t.actor_key IS NULL)";
    let edited = Statement::from_sql_and_values(backend, edited, [AUTHOR.into()]);
    let mut out = HashMap::new();
    for row in db.query_all_raw(edited).await? {
        let id: i64 = row.try_get_by_index(0)?;
        let history = "SELECT r.public_id, CASE WHEN s.actor_key IS NULL THEN s.author ELSE '' END, CAST(e.record AS TEXT) FROM change_entry e \
             JOIN changeset s ON s.id = e.changeset_id JOIN record r ON r.id = e.record_id \
             WHERE e.record_id = $1 AND e.record IS NOT NULL ORDER BY e.version";
        let history = Statement::from_sql_and_values(backend, history, [id.into()]);
        let (mut before, mut shipped, mut public_id) = (Fields::new(), Fields::new(), None);
        for row in db.query_all_raw(history).await? {
            let (author, record): (String, String) =
                (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            let after: Fields =
                serde_json::from_str(&record).map_err(|e| DbErr::Json(e.to_string()))?;
            // An entry has the whole record: what it changed is what its author said.
            if author == AUTHOR {
                let is_new = |name: &str, value| before.get(name) != Some(value);
                shipped.retain(|name, _| after.contains_key(name) || !before.contains_key(name));
                let new = after.iter().filter(|(name, value)| is_new(name, value));
                shipped.extend(new.map(|(name, value)| (name.clone(), value.clone())));
            }
            before = after;
            public_id = Some(row.try_get_by_index(0)?);
        }
        out.extend(public_id.map(|id| (id, shipped)));
    }
    Ok(out)
}

/// How shipped fields differ from those of the base.
struct Difference {
    /// What goes into the base: null for what the data no longer have.
    change: Fields,
    /// Shipped values that stand against edited ones.
    kept: Fields,
}

impl Difference {
    fn new(def: &Def, now: &Current, before: &Fields, shipped: Fields) -> Difference {
        let null = Json::Null;
        let is_claimed = |name: &str| def.claimed.values().any(|field| *field == name);
        let gone = before.keys().filter(|name| !shipped.contains_key(*name) && !is_claimed(name));
        let gone: Vec<(String, Json)> = gone.map(|name| (name.clone(), Json::Null)).collect();
        let (mut change, mut kept) = (Fields::new(), Fields::new());
        for (name, value) in shipped.into_iter().chain(gone) {
            let is = now.fields.get(&name).unwrap_or(&null);
            let was = before.get(&name).unwrap_or(&null);
            if *is == value || *was == value {
                continue;
            }
            let target = if is == was { &mut change } else { &mut kept };
            target.insert(name, value);
        }
        Difference { change, kept }
    }

    /// Claims for what was kept out of fields that claims are about: the edited value is the preferred one.
    fn claims(&self, def: &Def, subject: &str, now: &Fields) -> Vec<(String, Fields)> {
        let mut claims = Vec::new();
        for (property, field) in &def.claimed {
            let sides = [(self.kept.get(*field), "NORMAL"), (now.get(*field), "PREFERRED")];
            if sides[0].0.is_none_or(Json::is_null) {
                continue;
            }
            for (value, rank) in sides.into_iter().filter_map(|(value, rank)| Some((value?, rank)))
            {
                let Some(value) = changes::as_claimed(def, field, value) else { continue };
                let key = format!("{subject}/{field}/{value}");
                let fields = [
                    ("subject", json!(subject)),
                    ("property", json!(property)),
                    ("rank", json!(rank)),
                    ("value", value),
                ];
                claims.push((
                    key,
                    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                ));
            }
        }
        claims
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_load_has_written_nothing_and_says_which_source_is_wrong() {
        let source = |name, created| SourceReport { name, created, ..SourceReport::default() };
        let mut report =
            Report { sources: vec![source("a.csv", 5), source("b.csv", 7)], ..Report::default() };
        let mistake = |id: &str| Mistake::format("no").below("name").below(id).below("3");
        let places = HashMap::from([("city_1".to_owned(), 1), ("city_2".to_owned(), 1)]);

        let mistakes = [mistake("city_1"), mistake("city_1"), mistake("city_2"), mistake("other")];
        report.refuse(&mistakes, &places);

        let numbers: Vec<_> = report.sources.iter().map(|it| (it.created, it.refused)).collect();
        assert_eq!(numbers, [(0, 0), (0, 2)]);
    }
}
