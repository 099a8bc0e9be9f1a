//! A changeset at work: what its records become. Operations make them (`open`), and whether they may is asked last
//! (`checked`, `unique`).
use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement};
use serde_json::Value as Json;
use ulid::Ulid;

pub(super) use super::state::{End, State};
use super::{Cited, Contradictions, cited::Words, current::Current, redacted::Blanked};
use crate::{
    auth::Writer,
    record::{
        catalog,
        def::Def,
        write::{Fields, Mistake, MistakeCode},
    },
    value::public_id::PublicId,
};

/// A changeset at work.
pub(super) struct Work<'a> {
    pub(super) tx: &'a DatabaseTransaction,
    pub(super) writer: &'a Writer,
    pub(super) contradictions: Contradictions,
    pub(super) states: Vec<State>,
    /// Place of a record among the states.
    pub(super) places: HashMap<String, usize>,
    pub(super) mistakes: Vec<Mistake>,
    /// What goes by operations of the changeset.
    pub(super) going: Vec<Going>,
    /// Subject and property of the fields of which operations have said something that claims speak of.
    pub(super) spoken: BTreeSet<(String, String)>,
    /// Public ids of records whose slugs were chosen for them.
    pub(super) chosen: HashSet<String>,
    /// What is to be blanked in the log.
    pub(super) blanked: Vec<Blanked>,
    /// Words that were found where they are said to stand.
    pub(super) placed: HashSet<Words>,
}

/// An operation by which a record goes.
pub(super) enum Going {
    Deleted { place: usize, id: String, takes_along: bool },
    Merged { place: usize, from: String, into: String },
}

impl<'a> Work<'a> {
    /// Without records.
    pub(super) fn new(
        tx: &'a DatabaseTransaction,
        writer: &'a Writer,
        contradictions: Contradictions,
    ) -> Work<'a> {
        Work {
            tx,
            writer,
            contradictions,
            states: Vec::new(),
            places: HashMap::new(),
            mistakes: Vec::new(),
            going: Vec::new(),
            spoken: BTreeSet::new(),
            chosen: HashSet::new(),
            blanked: Vec::new(),
            placed: HashSet::new(),
        }
    }

    /// A mistake about a record that an operation names.
    pub(super) fn refuse(&mut self, place: usize, code: MistakeCode, id: &str, message: String) {
        let mistake = Mistake::new(code, message).below(id.to_owned()).below(place.to_string());
        self.mistakes.push(mistake);
    }

    /// A new record that follows from an operation; it is not numbered yet, see [`Work::number`].
    pub(super) fn new_record(
        &self,
        of: usize,
        part: Vec<String>,
        def: &'static Def,
        fields: Fields,
    ) -> State {
        State {
            operation: self.states[of].operation,
            cause: None,
            def,
            id: 0,
            public_id: PublicId { prefix: def.prefix, ulid: Ulid::generate() }.to_string(),
            version: 1,
            fields,
            before: None,
            part,
            cited: Cited::default(),
            end: None,
            redacted: None,
        }
    }

    /// Adds records that follow from operations, with numbers.
    pub(super) async fn add_new(&mut self, states: Vec<State>) -> Result<(), DbErr> {
        if states.is_empty() {
            return Ok(());
        }
        let mut numbers = draw_numbers(self.tx, states.len()).await?;
        for state in states {
            let number = numbers.pop().unwrap_or_default();
            self.add(State { id: state.def.internal_id(number), ..state });
        }
        Ok(())
    }

    /// The state of a record of the base, which is added if no operation has spoken of it.
    pub(super) fn following(&mut self, public_id: &str, now: &Current) -> Option<&mut State> {
        if !self.places.contains_key(public_id) {
            let def = catalog().of_id(now.id)?;
            self.add(State::following(def, public_id.to_owned(), now));
        }
        let place = self.places.get(public_id)?;
        self.states.get_mut(*place)
    }

    /// Forgets the records that stay as they are: what was given for them is there already, or has become a claim.
    pub(super) fn leave_unchanged(&mut self) {
        let is_same = |it: &State| it.before.as_ref() == Some(&it.fields);
        self.states.retain(|it| !it.lives() || it.redacted.is_some() || !is_same(it));
        self.put_places();
    }

    /// Takes note of where the states are.
    pub(super) fn put_places(&mut self) {
        self.place_states();
    }

    /// Takes note of where the states are, after some have gone.
    pub(super) fn place_states(&mut self) {
        let places = self.states.iter().enumerate();
        self.places = places.map(|(place, state)| (state.public_id.clone(), place)).collect();
    }

    /// The records that are there when the changeset is done.
    pub(super) fn living(&self) -> impl Iterator<Item = &State> {
        self.states.iter().filter(|state| state.lives())
    }

    /// Internal ids of the records that go.
    pub(super) fn ending(&self) -> HashSet<i64> {
        self.states.iter().filter(|state| !state.lives()).map(|state| state.id).collect()
    }

    pub(super) fn add(&mut self, state: State) {
        self.places.insert(state.public_id.clone(), self.states.len());
        self.states.push(state);
    }

    pub(super) fn state(&self, public_id: &str) -> Option<&State> {
        self.places.get(public_id).map(|place| &self.states[*place])
    }
}

/// Numbers for new records, greatest first.
pub(super) async fn draw_numbers(
    tx: &DatabaseTransaction,
    count: usize,
) -> Result<Vec<i64>, DbErr> {
    if count == 0 {
        return Ok(Vec::new());
    }
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
