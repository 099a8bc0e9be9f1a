//! Records as a test has written them, to compare answers with.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use culturegraph::{
    auth::Writer,
    changes::{self, Changeset, Operation},
    progress::Silent,
    record::{catalog, def::Def, write::Fields},
    value::public_id::PublicId,
};
use serde_json::{Value as Json, json};

use super::TestApp;

/// What a base holds, in the order in which it was written.
pub(crate) struct World {
    pub(crate) records: Vec<Made>,
    places: HashMap<String, usize>,
    now: DateTime<Utc>,
    steps: Vec<Step>,
}

/// A record as it is now. Its fields have the form in which they are written, without nulls.
pub(crate) struct Made {
    pub(crate) def: &'static Def,
    pub(crate) id: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    version: i64,
    pub(crate) fields: Fields,
}

struct Step {
    now: DateTime<Utc>,
    place: usize,
    expected_version: i64,
    fields: Fields,
}

impl Made {
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let now = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        World { records: Vec::new(), places: HashMap::new(), now, steps: Vec::new() }
    }

    /// What follows is written later than what was before.
    pub(crate) fn next_day(&mut self) {
        self.now += TimeDelta::days(1);
    }

    /// A record more; its id.
    pub(crate) fn add(&mut self, name: &str, fields: Json) -> String {
        let def = catalog().named(name).expect("it is a record type");
        let place = self.records.len();
        let id = PublicId::derived(def.prefix, &place.to_string()).to_string();
        let fields = without_nulls(fields);
        self.records.push(Made {
            def,
            id: id.clone(),
            created_at: self.now,
            updated_at: self.now,
            version: 1,
            fields: fields.clone(),
        });
        self.places.insert(id.clone(), place);
        self.steps.push(Step { now: self.now, place, expected_version: 0, fields });
        id
    }

    /// Other values for fields of a record, none of them null.
    pub(crate) fn change(&mut self, id: &str, fields: Json) {
        let place = self.places[id];
        let record = &mut self.records[place];
        let fields = without_nulls(fields);
        // What is the same already is no change.
        if fields.iter().all(|(name, value)| record.fields.get(name) == Some(value)) {
            return;
        }
        let expected_version = record.version;
        self.steps.push(Step { now: self.now, place, expected_version, fields: fields.clone() });
        record.fields.extend(fields);
        record.version += 1;
        record.updated_at = self.now;
    }

    pub(crate) fn get(&self, id: &str) -> &Made {
        &self.records[self.places[id]]
    }

    /// How many records were added before this one.
    pub(crate) fn place(&self, id: &str) -> f64 {
        u32::try_from(self.places[id]).map(f64::from).unwrap()
    }

    /// The records of a type.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &Made> {
        self.records.iter().filter(move |record| record.def.name == name)
    }

    pub(crate) fn ids(&self, name: &str) -> Vec<String> {
        self.all(name).map(|record| record.id.clone()).collect()
    }

    /// Writes it all as everyone writes: by changesets, one a day.
    pub(crate) async fn write(&self, app: &TestApp) {
        for day in self.steps.chunk_by(|a, b| a.now == b.now) {
            let operations = day.iter().map(|step| {
                let Made { def, id, .. } = &self.records[step.place];
                let (id, fields) = (id.clone(), step.fields.clone());
                match step.expected_version {
                    0 => Operation::create(def, id, fields),
                    expected_version => Operation::update(id, expected_version, fields),
                }
            });
            let operations = operations.collect();
            let changeset = Changeset { operations, ..Changeset::default() };
            changes::apply(&app.db.writer, &Writer::system("test"), changeset, day[0].now, &Silent)
                .await
                .unwrap();
        }
    }
}

fn without_nulls(fields: Json) -> Fields {
    let Json::Object(mut fields) = fields else { panic!("fields are an object: {fields}") };
    fields.retain(|_, value| !value.is_null());
    fields
}

/// A text in one language.
pub(crate) fn words(lang: &str, value: &str) -> Json {
    json!([{ "lang": lang, "value": value }])
}
