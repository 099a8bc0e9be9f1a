//! A changeset at work: what its records become, and whether they may.
use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement};
use serde_json::Value as Json;

use super::{
    Operation,
    current::{CHUNK, current, internal_ids, statement, texts},
    keys::{all_identifiers, all_slugs},
};
use crate::{
    record::{
        catalog,
        def::{Def, type_code},
        write::{Fields, Known, Mistake, MistakeCode},
    },
    value::public_id::PublicId,
};

/// A record as the changeset leaves it.
pub(super) struct State {
    /// Place of the operation in the changeset; `None` for a record that follows from others, such as the subject of a claim.
    pub(super) operation: Option<usize>,
    pub(super) def: &'static Def,
    pub(super) id: i64,
    pub(super) public_id: String,
    pub(super) version: i64,
    pub(super) fields: Fields,
    /// Its fields in the base; `None` for a new record.
    pub(super) before: Option<Fields>,
}

impl State {
    pub(super) fn is_new(&self) -> bool {
        self.version == 1
    }

    /// A mistake in this record's operation.
    pub(super) fn mistake(&self, mistake: Mistake) -> Mistake {
        match self.operation {
            Some(place) => mistake.below(self.public_id.clone()).below(place.to_string()),
            None => mistake.below(self.public_id.clone()),
        }
    }
}

/// A changeset at work.
pub(super) struct Work<'a> {
    pub(super) tx: &'a DatabaseTransaction,
    pub(super) states: Vec<State>,
    /// Place of a record among the states.
    pub(super) places: HashMap<String, usize>,
    pub(super) mistakes: Vec<Mistake>,
}

impl<'a> Work<'a> {
    /// The records as the operations leave them; numbers for the new ones are drawn first, which on SQLite takes the lock.
    pub(super) async fn open(
        tx: &'a DatabaseTransaction,
        operations: Vec<Operation>,
    ) -> Result<Work<'a>, DbErr> {
        let created = operations.iter().filter(|it| matches!(it, Operation::Create { .. })).count();
        let mut numbers = draw_numbers(tx, created).await?;
        let updated = operations.iter().filter_map(|operation| match operation {
            Operation::Update { id, .. } => Some(id.clone()),
            Operation::Create { .. } => None,
        });
        let updated: Vec<String> = updated.collect();
        lock(tx, &operations, &updated).await?;
        let before = current(tx, &updated).await?;
        let mut work =
            Work { tx, states: Vec::new(), places: HashMap::new(), mistakes: Vec::new() };
        for (place, operation) in operations.into_iter().enumerate() {
            let refuse = |code, id: &str, message: String| {
                Mistake::new(code, message).below(id.to_owned()).below(place.to_string())
            };
            let state = match operation {
                Operation::Create { def, id, fields } => {
                    let number = numbers.pop().unwrap_or_default();
                    let fields = merged(Fields::new(), fields);
                    State {
                        operation: Some(place),
                        def,
                        id: def.internal_id(number),
                        public_id: id,
                        version: 1,
                        fields,
                        before: None,
                    }
                }
                Operation::Update { id, expected_version, fields } => {
                    let Some(now) = before.get(&id) else {
                        let message = format!("there is no record `{id}` to update");
                        work.mistakes.push(refuse(MistakeCode::UnknownReference, &id, message));
                        continue;
                    };
                    if now.version != expected_version {
                        let message = format!(
                            "the record is at version {}, not {expected_version}: read it again",
                            now.version
                        );
                        work.mistakes.push(refuse(MistakeCode::StaleVersion, &id, message));
                        continue;
                    }
                    let Some(def) = catalog().of_id(now.id) else { continue };
                    let fields = merged(now.fields.clone(), fields);
                    State {
                        operation: Some(place),
                        def,
                        id: now.id,
                        public_id: id,
                        version: now.version + 1,
                        fields,
                        before: Some(now.fields.clone()),
                    }
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

    pub(super) fn add(&mut self, state: State) {
        self.places.insert(state.public_id.clone(), self.states.len());
        self.states.push(state);
    }

    pub(super) fn state(&self, public_id: &str) -> Option<&State> {
        self.places.get(public_id).map(|place| &self.states[*place])
    }

    /// Internal ids of all records that the states refer to, themselves included.
    pub(super) async fn referenced(&self) -> Result<HashMap<String, i64>, DbErr> {
        let mut ids: HashMap<String, i64> =
            self.states.iter().map(|it| (it.public_id.clone(), it.id)).collect();
        let mut asked = HashSet::new();
        for state in &self.states {
            state.fields.values().for_each(|value| references(value, &mut asked));
        }
        let asked: Vec<String> =
            asked.into_iter().filter(|id| !ids.contains_key(*id)).map(str::to_owned).collect();
        ids.extend(internal_ids(self.tx, &asked).await?);
        Ok(ids)
    }

    /// The rules that types have of their own.
    pub(super) async fn check(&mut self) -> Result<(), DbErr> {
        let mut known: HashMap<String, Fields> = HashMap::new();
        let mut asked: HashSet<&str> = HashSet::new();
        for state in self.states.iter().filter(|state| state.def.check.is_some()) {
            state.fields.values().for_each(|value| references(value, &mut asked));
        }
        // What records refer to, and what that refers to: a rule looks no further.
        let mut ids: Vec<String> =
            asked.into_iter().filter(|id| self.state(id).is_none()).map(str::to_owned).collect();
        for _ in 0..2 {
            let found = current(self.tx, &ids).await?;
            let mut next = HashSet::new();
            found
                .values()
                .flat_map(|it| it.fields.values())
                .for_each(|value| references(value, &mut next));
            ids =
                next.into_iter().filter(|id| self.state(id).is_none()).map(str::to_owned).collect();
            known.extend(found.into_iter().map(|(id, now)| (id, now.fields)));
        }
        let look = |id: &str| self.state(id).map(|state| &state.fields).or_else(|| known.get(id));
        let mut mistakes = Vec::new();
        for state in &self.states {
            let is_editorial = state.fields.get("modality").is_some_and(|it| it == "EDITORIAL");
            if is_editorial && !state.fields.contains_key("assertedBy") {
                let message = "what no source says is asserted by an editor, who is named";
                let mistake = Mistake::new(MistakeCode::Required, message).below("assertedBy");
                mistakes.push(state.mistake(mistake));
            }
            if let Some(check) = state.def.check {
                let found = check(&state.fields, &Known { look: &look });
                mistakes.extend(found.into_iter().map(|it| state.mistake(it)));
            }
        }
        self.mistakes.extend(mistakes);
        Ok(())
    }

    /// Slugs and identifiers lead to one record each.
    pub(super) async fn unique(&mut self) -> Result<(), DbErr> {
        let mut slugs: HashMap<(u16, String), i64> = HashMap::new();
        let mut identifiers: HashMap<(String, String), i64> = HashMap::new();
        for chunk in self.states.chunks(CHUNK) {
            let values: Vec<String> =
                chunk.iter().flat_map(|state| all_slugs(&state.fields)).collect();
            let sql = "SELECT type, slug, record_id FROM record_slug WHERE slug = {list}";
            for row in self
                .tx
                .query_all_raw(statement(self.tx, sql, vec![texts(self.tx, &values)]))
                .await?
            {
                let id: i64 = row.try_get_by_index(2)?;
                slugs.insert((type_code(id), row.try_get_by_index(1)?), id);
            }
            let values: Vec<String> = chunk
                .iter()
                .flat_map(|it| all_identifiers(&it.fields))
                .map(|(_, value, _)| value)
                .collect();
            let sql = "SELECT scheme, value, record_id FROM record_identifier WHERE value = {list}";
            for row in self
                .tx
                .query_all_raw(statement(self.tx, sql, vec![texts(self.tx, &values)]))
                .await?
            {
                identifiers.insert(
                    (row.try_get_by_index(0)?, row.try_get_by_index(1)?),
                    row.try_get_by_index(2)?,
                );
            }
        }
        for state in &self.states {
            let taken = |message: String, field: &str| {
                state.mistake(Mistake::new(MistakeCode::Duplicate, message).below(field))
            };
            for slug in all_slugs(&state.fields) {
                let owner = *slugs.entry((state.def.code, slug.clone())).or_insert(state.id);
                if owner != state.id {
                    self.mistakes
                        .push(taken(format!("the slug `{slug}` leads to another record"), "slug"));
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
}

/// Lets other writers of the same records wait on PostgreSQL until the changeset is done: of those that it updates, and of
/// those whose claims it changes or cites, because they may have to show another one. All are locked at once and in one
/// order, so that no two changesets wait for each other.
async fn lock(
    tx: &DatabaseTransaction,
    operations: &[Operation],
    updated: &[String],
) -> Result<(), DbErr> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let subjects = |is_of: fn(&Operation) -> bool| {
        let of_type = operations.iter().filter(move |it| is_of(it));
        of_type.filter_map(|it| it.fields().get("subject")?.as_str().map(str::to_owned))
    };
    let is_citation =
        |it: &Operation| matches!(it, Operation::Create { def, .. } if def.name == "Citation");
    let is_other = |it: &Operation| match it {
        Operation::Create { def, .. } => def.name == "Claim",
        Operation::Update { .. } => true,
    };
    let records: Vec<String> = updated.iter().cloned().chain(subjects(is_other)).collect();
    let rows: Vec<String> = records.iter().cloned().chain(subjects(is_citation)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let sql = "SELECT r.id FROM record r WHERE r.id IN (SELECT i.id FROM record i WHERE i.public_id = ANY($1) \
         UNION SELECT c.subject_id FROM claim c WHERE c.public_id = ANY($2) \
         UNION SELECT c.subject_id FROM citation x JOIN claim c ON c.id = x.subject_id WHERE x.public_id = ANY($2)) \
         ORDER BY r.id FOR NO KEY UPDATE OF r";
    tx.query_all_raw(statement(tx, sql, vec![texts(tx, &records), texts(tx, &rows)])).await?;
    Ok(())
}

/// Numbers for new records, greatest first.
async fn draw_numbers(tx: &DatabaseTransaction, count: usize) -> Result<Vec<i64>, DbErr> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let backend = tx.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "SELECT nextval('record_number') FROM generate_series(1, $1)",
        _ => "UPDATE record_number SET last = last + $1 WHERE id = 1 RETURNING last",
    };
    let rows =
        tx.query_all_raw(Statement::from_sql_and_values(backend, sql, vec![count.into()])).await?;
    let mut numbers =
        rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<i64>, _>>()?;
    if backend == DbBackend::Sqlite {
        let last = numbers.first().copied().unwrap_or_default();
        numbers = (last - count + 1..=last).collect();
    }
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    Ok(numbers)
}

/// Fields after a change: what is null is gone.
pub(super) fn merged(mut fields: Fields, change: Fields) -> Fields {
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
