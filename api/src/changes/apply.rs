//! A changeset, checked and applied.
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait, Value as Bind,
};
use serde_json::Value as Json;

use super::{
    Applied, ChangeError, Changeset, Operation, SCHEMA_VERSION,
    best::{Side, best},
    current::{CHUNK, current, ints, statement, texts},
    rows::{insert, update},
};
use crate::{
    progress::Progress,
    record::{
        catalog,
        define::{Def, type_code},
        write::{Fields, Known, Mistake, MistakeCode, Refs},
    },
    value::{fold, public_id::PublicId},
};

/// A record as the changeset leaves it.
struct State {
    /// Place of the operation in the changeset; `None` for a record that follows from others, such as the subject of a claim.
    operation: Option<usize>,
    def: &'static Def,
    id: i64,
    public_id: String,
    version: i64,
    fields: Fields,
}

impl State {
    fn is_new(&self) -> bool {
        self.version == 1
    }

    /// A mistake in this record's operation.
    fn mistake(&self, mistake: Mistake) -> Mistake {
        match self.operation {
            Some(place) => mistake.below(self.public_id.clone()).below(place.to_string()),
            None => mistake.below(self.public_id.clone()),
        }
    }
}

/// Checks a changeset and applies it, in one transaction. An empty one changes nothing and is not logged.
pub async fn apply(
    db: &DatabaseConnection,
    changeset: Changeset,
    now: DateTime<Utc>,
    progress: &dyn Progress,
) -> Result<Option<Applied>, ChangeError> {
    if changeset.operations.is_empty() {
        return Ok(None);
    }
    // SQLite would refuse to turn a reading transaction into a writing one while another writes.
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = db.begin_with_options(options).await?;
    match in_transaction(&tx, changeset, now.timestamp_micros(), progress).await {
        Ok(applied) => {
            tx.commit().await?;
            Ok(Some(applied))
        }
        Err(error) => {
            tx.rollback().await?;
            Err(error)
        }
    }
}

async fn in_transaction(
    tx: &DatabaseTransaction,
    changeset: Changeset,
    now: i64,
    progress: &dyn Progress,
) -> Result<Applied, ChangeError> {
    let Changeset { author, comment, operations } = changeset;
    let mut work = Work::open(tx, operations).await?;
    work.show_best_claims().await?;
    let ids = work.referenced().await?;
    work.check().await?;
    let mut rows = Vec::with_capacity(work.states.len());
    for state in &work.states {
        match state.def.cells(&state.fields, &Refs { ids: &ids }) {
            Ok(cells) => rows.push(cells),
            Err(mistakes) => work.mistakes.extend(mistakes.into_iter().map(|it| state.mistake(it))),
        }
    }
    work.unique().await?;
    if !work.mistakes.is_empty() {
        return Err(ChangeError::Refused(work.mistakes));
    }
    let cells = rows.into_iter().zip(&work.states).map(|(cells, state)| cells.take(&own_columns(state.def))).collect();
    work.write(cells, now, progress).await?;
    Ok(work.log(author, comment, now).await?)
}

/// A changeset at work.
struct Work<'a> {
    tx: &'a DatabaseTransaction,
    states: Vec<State>,
    /// Place of a record among the states.
    places: HashMap<String, usize>,
    mistakes: Vec<Mistake>,
}

/// Columns that the fields of a record fill.
fn own_columns(def: &Def) -> Vec<usize> {
    let head = ["public_id", "version", "created_at", "updated_at"];
    let mut columns = def.stored_columns();
    columns.retain(|column| *column != def.id && !head.contains(&def.columns[*column].name.as_str()));
    columns
}

impl<'a> Work<'a> {
    /// The records as the operations leave them; numbers for the new ones are drawn first, which on SQLite takes the lock.
    async fn open(tx: &'a DatabaseTransaction, operations: Vec<Operation>) -> Result<Work<'a>, DbErr> {
        let created = operations.iter().filter(|it| matches!(it, Operation::Create { .. })).count();
        let mut numbers = draw_numbers(tx, created).await?;
        let updated = operations.iter().filter_map(|operation| match operation {
            Operation::Update { id, .. } => Some(id.clone()),
            Operation::Create { .. } => None,
        });
        let updated: Vec<String> = updated.collect();
        if tx.get_database_backend() == DbBackend::Postgres && !updated.is_empty() {
            let lock = "SELECT id FROM record WHERE public_id = {list} ORDER BY id {lock}";
            tx.query_all_raw(statement(tx, lock, vec![texts(tx, &updated)])).await?;
        }
        let before = current(tx, &updated).await?;
        let mut work = Work { tx, states: Vec::new(), places: HashMap::new(), mistakes: Vec::new() };
        for (place, operation) in operations.into_iter().enumerate() {
            let refuse = |code, id: &str, message: String| {
                Mistake::new(code, message).below(id.to_owned()).below(place.to_string())
            };
            let state = match operation {
                Operation::Create { def, id, fields } => {
                    let number = numbers.pop().unwrap_or_default();
                    let fields = merged(Fields::new(), fields);
                    State { operation: Some(place), def, id: def.internal_id(number), public_id: id, version: 1, fields }
                }
                Operation::Update { id, expected_version, fields } => {
                    let Some(now) = before.get(&id) else {
                        let message = format!("there is no record `{id}` to update");
                        work.mistakes.push(refuse(MistakeCode::UnknownReference, &id, message));
                        continue;
                    };
                    if now.version != expected_version {
                        let message = format!("the record is at version {}, not {expected_version}: read it again", now.version);
                        work.mistakes.push(refuse(MistakeCode::StaleVersion, &id, message));
                        continue;
                    }
                    let Some(def) = catalog().of_id(now.id) else { continue };
                    let fields = merged(now.fields.clone(), fields);
                    State { operation: Some(place), def, id: now.id, public_id: id, version: now.version + 1, fields }
                }
            };
            if work.places.contains_key(&state.public_id) {
                let message = "a changeset has one operation on a record".to_owned();
                work.mistakes.push(refuse(MistakeCode::Duplicate, &state.public_id, message));
                continue;
            }
            work.add(state);
        }
        Ok(work)
    }

    fn add(&mut self, state: State) {
        self.places.insert(state.public_id.clone(), self.states.len());
        self.states.push(state);
    }

    fn state(&self, public_id: &str) -> Option<&State> {
        self.places.get(public_id).map(|place| &self.states[*place])
    }

    /// Fields of which claims are the truth show the best one, also of subjects that the changeset does not name.
    async fn show_best_claims(&mut self) -> Result<(), DbErr> {
        let mut touched: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        let mut sources: HashMap<String, HashSet<String>> = HashMap::new();
        for (place, state) in self.states.iter().enumerate() {
            let field = |name: &str| state.fields.get(name).and_then(Json::as_str).map(str::to_owned);
            match (state.def.name, field("subject")) {
                ("Claim", Some(subject)) => {
                    touched.entry((subject, field("property").unwrap_or_default())).or_default().push(place);
                }
                ("Citation", Some(subject)) => {
                    sources.entry(subject).or_default().extend(field("document"));
                }
                _ => {}
            }
        }
        let outside: Vec<String> =
            touched.keys().map(|(subject, _)| subject.clone()).filter(|it| self.state(it).is_none_or(|it| !it.is_new())).collect();
        let known = current(self.tx, &outside).await?;
        let mut shown: Vec<(String, &'static str, Option<Json>)> = Vec::new();
        for ((subject, property), places) in touched {
            let id = self.state(&subject).map(|state| state.id).or_else(|| Some(known.get(&subject)?.id));
            let Some(def) = id.and_then(|id| catalog().of_id(id)) else { continue };
            let Some(field) = def.claimed.get(property.as_str()) else { continue };
            let mut sides: Vec<Side> = Vec::new();
            for place in places {
                let state = &self.states[place];
                sides.push(Side {
                    id: state.id,
                    rank: state.fields.get("rank").and_then(Json::as_str).unwrap_or("NORMAL").to_owned(),
                    value: state.fields.get("value").cloned().unwrap_or_default(),
                    sources: sources.get(&state.public_id).cloned().unwrap_or_default(),
                });
            }
            if known.contains_key(&subject) {
                let stored = stored_sides(self.tx, id.unwrap_or_default(), &property).await?;
                sides.extend(stored.into_iter().filter(|it| !sides.iter().any(|side| side.id == it.id)).collect::<Vec<_>>());
            }
            shown.push((subject, field, best(&sides)));
        }
        for (subject, field, value) in shown {
            let value = value.unwrap_or_default();
            if !self.places.contains_key(&subject) {
                let Some(now) = known.get(&subject) else { continue };
                if now.fields.get(field).unwrap_or(&Json::Null) == &value {
                    continue;
                }
                let Some(def) = catalog().of_id(now.id) else { continue };
                let (version, fields) = (now.version + 1, now.fields.clone());
                self.add(State { operation: None, def, id: now.id, public_id: subject.clone(), version, fields });
            }
            if let Some(place) = self.places.get(&subject) {
                let change = Fields::from_iter([(field.to_owned(), value)]);
                let state = &mut self.states[*place];
                state.fields = merged(std::mem::take(&mut state.fields), change);
            }
        }
        Ok(())
    }

    /// Internal ids of all records that the states refer to, themselves included.
    async fn referenced(&self) -> Result<HashMap<String, i64>, DbErr> {
        let mut ids: HashMap<String, i64> = self.states.iter().map(|it| (it.public_id.clone(), it.id)).collect();
        let mut asked = HashSet::new();
        for state in &self.states {
            state.fields.values().for_each(|value| references(value, &mut asked));
        }
        let asked: Vec<String> = asked.into_iter().filter(|id| !ids.contains_key(*id)).map(str::to_owned).collect();
        for chunk in asked.chunks(CHUNK) {
            let sql = "SELECT public_id, id FROM record WHERE public_id = {list}";
            for row in self.tx.query_all_raw(statement(self.tx, sql, vec![texts(self.tx, chunk)])).await? {
                ids.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            }
        }
        Ok(ids)
    }

    /// The rules that types have of their own.
    async fn check(&mut self) -> Result<(), DbErr> {
        let mut known: HashMap<String, Fields> = HashMap::new();
        let mut asked: HashSet<&str> = HashSet::new();
        for state in self.states.iter().filter(|state| state.def.check.is_some()) {
            state.fields.values().for_each(|value| references(value, &mut asked));
        }
        // What records refer to, and what that refers to: a rule looks no further.
        let mut ids: Vec<String> = asked.into_iter().filter(|id| self.state(id).is_none()).map(str::to_owned).collect();
        for _ in 0..2 {
            let found = current(self.tx, &ids).await?;
            let mut next = HashSet::new();
            found.values().flat_map(|it| it.fields.values()).for_each(|value| references(value, &mut next));
            ids = next.into_iter().filter(|id| self.state(id).is_none()).map(str::to_owned).collect();
            known.extend(found.into_iter().map(|(id, now)| (id, now.fields)));
        }
        let look = |id: &str| self.state(id).map(|state| &state.fields).or_else(|| known.get(id));
        let mut mistakes = Vec::new();
        for state in &self.states {
            if let Some(check) = state.def.check {
                let found = check(&state.fields, &Known { look: &look });
                mistakes.extend(found.into_iter().map(|it| state.mistake(it)));
            }
        }
        self.mistakes.extend(mistakes);
        Ok(())
    }

    /// Slugs and identifiers lead to one record each.
    async fn unique(&mut self) -> Result<(), DbErr> {
        let mut slugs: HashMap<(u16, String), i64> = HashMap::new();
        let mut identifiers: HashMap<(String, String), i64> = HashMap::new();
        for chunk in self.states.chunks(CHUNK) {
            let values: Vec<String> = chunk.iter().flat_map(|state| all_slugs(&state.fields)).collect();
            let sql = "SELECT type, slug, record_id FROM record_slug WHERE slug = {list}";
            for row in self.tx.query_all_raw(statement(self.tx, sql, vec![texts(self.tx, &values)])).await? {
                let id: i64 = row.try_get_by_index(2)?;
                slugs.insert((type_code(id), row.try_get_by_index(1)?), id);
            }
            let values: Vec<String> =
                chunk.iter().flat_map(|it| all_identifiers(&it.fields)).map(|(_, value, _)| value).collect();
            let sql = "SELECT scheme, value, record_id FROM record_identifier WHERE value = {list}";
            for row in self.tx.query_all_raw(statement(self.tx, sql, vec![texts(self.tx, &values)])).await? {
                identifiers.insert((row.try_get_by_index(0)?, row.try_get_by_index(1)?), row.try_get_by_index(2)?);
            }
        }
        for state in &self.states {
            let taken = |message: String, field: &str| {
                state.mistake(Mistake::new(MistakeCode::Duplicate, message).below(field))
            };
            for slug in all_slugs(&state.fields) {
                let owner = *slugs.entry((state.def.code, slug.clone())).or_insert(state.id);
                if owner != state.id {
                    self.mistakes.push(taken(format!("the slug `{slug}` leads to another record"), "slug"));
                }
            }
            for (scheme, value, _) in all_identifiers(&state.fields) {
                let owner = *identifiers.entry((scheme.clone(), value.clone())).or_insert(state.id);
                if owner != state.id {
                    let message = format!("the identifier {scheme} `{value}` is another record's");
                    self.mistakes.push(taken(message, "identifiers"));
                }
            }
        }
        Ok(())
    }

    /// Rows of the records and of the key tables.
    async fn write(&self, cells: Vec<Vec<Bind>>, now: i64, progress: &dyn Progress) -> Result<(), DbErr> {
        let tx = self.tx;
        let new = || self.states.iter().filter(|state| state.is_new());
        let rows = new().map(|state| vec![state.id.into(), state.public_id.clone().into()]).collect();
        insert(tx, "record", &["id", "public_id"], rows).await?;

        let mut inserts: BTreeMap<u16, (&Def, Vec<Vec<Bind>>)> = BTreeMap::new();
        for (state, cells) in self.states.iter().zip(cells) {
            let columns = own_columns(state.def);
            let names = columns.iter().map(|column| state.def.columns[*column].name.as_str());
            if state.is_new() {
                let head: Vec<Bind> =
                    vec![state.id.into(), state.public_id.clone().into(), 1i64.into(), now.into(), now.into()];
                let rows = &mut inserts.entry(state.def.code).or_insert_with(|| (state.def, Vec::new())).1;
                rows.push(head.into_iter().chain(cells).collect());
            } else {
                let names: Vec<&str> = ["version", "updated_at"].into_iter().chain(names).collect();
                let values = [Bind::from(state.version), now.into()].into_iter().chain(cells).collect();
                update(tx, &state.def.table, &names, values, state.id).await?;
                progress.step(1);
            }
        }
        for (def, rows) in inserts.into_values() {
            let columns = own_columns(def);
            let names = columns.iter().map(|column| def.columns[*column].name.as_str());
            let head = ["id", "public_id", "version", "created_at", "updated_at"];
            let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            insert(tx, &def.table, &head.into_iter().chain(names).collect::<Vec<_>>(), rows).await?;
            progress.step(count);
        }
        self.write_keys().await
    }

    async fn write_keys(&self) -> Result<(), DbErr> {
        let tx = self.tx;
        let changed: Vec<i64> = self.states.iter().filter(|state| !state.is_new()).map(|state| state.id).collect();
        let mut kept: HashSet<(i64, String)> = HashSet::new();
        for chunk in changed.chunks(CHUNK) {
            for table in ["record_name", "record_identifier"] {
                let sql = format!("DELETE FROM {table} WHERE record_id = {{list}}");
                tx.execute_raw(statement(tx, &sql, vec![ints(tx, chunk)])).await?;
            }
            let sql = "SELECT record_id, slug FROM record_slug WHERE record_id = {list}";
            for row in tx.query_all_raw(statement(tx, sql, vec![ints(tx, chunk)])).await? {
                kept.insert((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
            }
        }
        let (mut slugs, mut identifiers, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for state in &self.states {
            for slug in all_slugs(&state.fields) {
                if kept.insert((state.id, slug.clone())) {
                    slugs.push(vec![i64::from(state.def.code).into(), slug.into(), state.id.into()]);
                }
            }
            for (scheme, value, exactness) in all_identifiers(&state.fields) {
                identifiers.push(vec![scheme.into(), value.into(), state.id.into(), exactness.into()]);
            }
            for name in state.fields.get("names").and_then(Json::as_array).into_iter().flatten() {
                let (Some(lang), Some(value)) = (text(name, "lang"), text(name, "value")) else { continue };
                let value = fold::nfc(&value).into_owned();
                let folded = fold::fold(&value);
                names.push(vec![state.id.into(), lang.into(), value.into(), folded.into()]);
            }
        }
        insert(tx, "record_slug", &["type", "slug", "record_id"], slugs).await?;
        insert(tx, "record_identifier", &["scheme", "value", "record_id", "exactness"], identifiers).await?;
        insert(tx, "record_name", &["record_id", "lang", "value", "folded"], names).await
    }

    /// The entries of the log. Positions are drawn last: the counter's row is locked until the commit, so that positions have
    /// no holes and become visible in their order, and everything before runs side by side with other writers.
    async fn log(&self, author: String, comment: Option<String>, now: i64) -> Result<Applied, DbErr> {
        let tx = self.tx;
        let backend = tx.get_database_backend();
        let one = |sql: &str, values: Vec<Bind>| Statement::from_sql_and_values(backend, sql, values);
        let count = i64::try_from(self.states.len()).unwrap_or(i64::MAX);
        let drawn = "UPDATE change_position SET position = position + $1 WHERE id = 1 RETURNING position";
        let last: i64 = match tx.query_one_raw(one(drawn, vec![count.into()])).await? {
            Some(row) => row.try_get_by_index(0)?,
            None => return Err(DbErr::Custom("the row of change_position is missing: run the migrations".to_owned())),
        };
        let first = last - count + 1;
        // The clock of another writer may have been ahead; the times of the log never go back.
        let before = "SELECT recorded_at FROM change_entry WHERE position = $1";
        let before = tx.query_one_raw(one(before, vec![(first - 1).into()])).await?;
        let before: i64 = before.map_or(Ok(now), |row| row.try_get_by_index(0))?;
        let recorded_at = now.max(before);

        let changeset_id = first;
        let public_id = PublicId::derived("changeset", &first.to_string()).to_string();
        let row = vec![
            changeset_id.into(),
            public_id.into(),
            author.into(),
            comment.into(),
            recorded_at.into(),
            first.into(),
            last.into(),
        ];
        let columns = ["id", "public_id", "author", "comment", "recorded_at", "first_position", "last_position"];
        insert(tx, "changeset", &columns, vec![row]).await?;
        let rows = self.states.iter().zip(first..).map(|(state, position)| {
            vec![
                position.into(),
                changeset_id.into(),
                state.id.into(),
                state.version.into(),
                (if state.is_new() { "CREATE" } else { "UPDATE" }).into(),
                Json::Object(state.fields.clone()).into(),
                SCHEMA_VERSION.into(),
                recorded_at.into(),
            ]
        });
        let columns = [
            "position",
            "changeset_id",
            "record_id",
            "version",
            "operation",
            "record",
            "schema_version",
            "recorded_at",
        ];
        insert(tx, "change_entry", &columns, rows.collect()).await?;
        Ok(Applied { position: last, entries: self.states.len() })
    }
}

/// Numbers for new records, greatest first.
async fn draw_numbers(tx: &DatabaseTransaction, count: usize) -> Result<Vec<i64>, DbErr> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let backend = tx.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "SELECT nextval('record_number') FROM generate_series(1, $1)",
        _ => "UPDATE record_number SET last = last + $1 WHERE id = 1 RETURNING last",
    };
    let rows = tx.query_all_raw(Statement::from_sql_and_values(backend, sql, vec![count.into()])).await?;
    let mut numbers = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<i64>, _>>()?;
    if backend == DbBackend::Sqlite {
        let last = numbers.first().copied().unwrap_or_default();
        numbers = (last - count + 1..=last).collect();
    }
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    Ok(numbers)
}

/// The claims about a property of a stored subject, with their sources.
async fn stored_sides(tx: &DatabaseTransaction, subject: i64, property: &str) -> Result<Vec<Side>, DbErr> {
    let sql = "SELECT c.id, c.rank, CAST(e.record AS TEXT), (SELECT string_agg(d.public_id, ' ') FROM citation s \
         JOIN document d ON d.id = s.document_id WHERE s.subject_id = c.id) FROM claim c \
         JOIN change_entry e ON e.record_id = c.id AND e.version = c.version WHERE c.subject_id = $1 AND c.property = $2";
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, [subject.into(), property.into()]);
    let mut sides = Vec::new();
    for row in tx.query_all_raw(statement).await? {
        let record: String = row.try_get_by_index(2)?;
        let record: Json = serde_json::from_str(&record).map_err(|e| DbErr::Json(e.to_string()))?;
        let sources: Option<String> = row.try_get_by_index(3)?;
        sides.push(Side {
            id: row.try_get_by_index(0)?,
            rank: row.try_get_by_index(1)?,
            value: record.get("value").cloned().unwrap_or_default(),
            sources: sources.unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        });
    }
    Ok(sides)
}

/// Fields after a change: what is null is gone.
fn merged(mut fields: Fields, change: Fields) -> Fields {
    for (name, value) in change {
        match value {
            Json::Null => fields.remove(&name),
            value => fields.insert(name, value),
        };
    }
    fields
}

/// All texts in a value that have the form of a public id.
fn references<'v>(value: &'v Json, out: &mut HashSet<&'v str>) {
    match value {
        Json::String(text) if PublicId::parse(text).is_some() => {
            out.insert(text);
        }
        Json::Array(list) => list.iter().for_each(|it| references(it, out)),
        Json::Object(map) => map.values().for_each(|it| references(it, out)),
        _ => {}
    }
}

fn text(value: &Json, name: &str) -> Option<String> {
    value.get(name).and_then(Json::as_str).map(str::to_owned)
}

/// The current and the former slugs of a record.
fn all_slugs(fields: &Fields) -> Vec<String> {
    let former = fields.get("formerSlugs").and_then(Json::as_array).into_iter().flatten();
    fields.get("slug").into_iter().chain(former).filter_map(Json::as_str).map(str::to_owned).collect()
}

/// Scheme, value and exactness of a record's identifiers.
fn all_identifiers(fields: &Fields) -> Vec<(String, String, String)> {
    let list = fields.get("identifiers").and_then(Json::as_array).into_iter().flatten();
    let identifier = |it: &Json| {
        let value = fold::nfc(&text(it, "value")?).into_owned();
        Some((text(it, "scheme")?, value, text(it, "exactness").unwrap_or_else(|| "EXACT".to_owned())))
    };
    list.filter_map(identifier).collect()
}
