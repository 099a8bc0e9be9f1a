//! Changesets by chance, of several writers at once, and what came of them: the content is the log, replayed from empty.
//!
//! `CHANGESETS` and `CHANCE` in the environment make it longer and another.

use std::{
    collections::{BTreeMap, HashSet},
    env,
    str::FromStr,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use culturegraph::{
    auth::{Actor, ActorKind, Caller, Scope, Writer},
    changes::{self, ChangeError, Changeset, Cited, Contradictions, Operation, Queue},
    database::Database,
    record::{catalog, write::Fields},
    value::public_id::PublicId,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value as Json, json};
use tokio::task::JoinSet;

use crate::app::{TestApp, chance::Chance, noon, replay::replayed};

on_both!(what_is_there_is_what_was_logged);

const WRITERS: usize = 6;

async fn what_is_there_is_what_was_logged(app: TestApp) {
    let connections = u32::try_from(WRITERS).unwrap() + 2;
    let db = Database::open(app.database().url(), connections).await.unwrap();
    let (queue, known) = (Queue::new(db.writer.clone()), Known::default());
    let seed = from_environment("CHANCE", 1);
    let mut first = Maker::new(&db, &queue, &known, Chance::new(seed));
    first.found().await;
    let count = from_environment("CHANGESETS", 50);
    let mut makers = JoinSet::new();
    for number in 1..=WRITERS {
        let chance = Chance::new(seed * 1_000 + u64::try_from(number).unwrap());
        let mut maker = Maker::new(&db, &queue, &known, chance);
        makers.spawn(async move {
            for _ in 0..count {
                maker.write().await;
            }
            maker.came
        });
    }

    let came = makers.join_all().await;

    let replay = replayed(&app.db.reader, usize::MAX).await;
    replay.best_claims_are_shown();
    // It was worth it.
    let mut operations: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &replay.entries {
        *operations.entry(&entry.operation).or_default() += 1;
    }
    let came = came.iter().fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    if env::var_os("CHANGESETS").is_some() {
        println(&format!("applied {}, refused {}: {operations:?}", came.0, came.1));
    }
    assert!(came.0 > came.1 / 2, "{came:?}");
    for operation in ["CREATE", "UPDATE", "DELETE", "MERGE"] {
        assert!(operations[operation] > 5, "{operations:?}");
    }
}

fn from_environment<T: FromStr>(name: &str, or: T) -> T {
    env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(or)
}

/// Not by a macro, whose output the runner keeps for tests that fail.
fn println(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Types and ids of what was written. Some of it is gone by now, for mistakes.
type Known = Arc<Mutex<Vec<(&'static str, String)>>>;

struct Maker {
    db: Database,
    queue: Queue,
    known: Known,
    chance: Chance,
    /// New records of the changeset that is made.
    new: Vec<(&'static str, String)>,
    minutes: i64,
    /// How many were applied, and refused.
    came: (usize, usize),
}

const TYPES: [&str; 14] = [
    "City",
    "City",
    "Country",
    "Organization",
    "Organization",
    "Person",
    "Position",
    "OfficeHolding",
    "Network",
    "Membership",
    "Initiative",
    "Challenge",
    "Document",
    "Link",
];

impl Maker {
    fn new(db: &Database, queue: &Queue, known: &Known, chance: Chance) -> Self {
        let (db, queue, known) = (db.clone(), queue.clone(), known.clone());
        Maker { db, queue, known, chance, new: Vec::new(), minutes: 0, came: (0, 0) }
    }

    /// Whom the writers write for, and something of each type, which the others find.
    async fn found(&mut self) {
        let mut operations = Vec::new();
        for key in ["org-a", "org-b"] {
            let fields = json!({ "slug": key, "names": [{ "lang": "en", "value": key }] });
            let def = catalog().named("Organization").unwrap();
            operations.push(Operation::create(def, organization(key), map(fields)));
        }
        for name in TYPES.into_iter().chain(TYPES).chain(["Claim", "Claim", "Citation"]) {
            operations.extend(self.create(name));
        }
        let changeset = Changeset { operations, ..Changeset::default() };
        let system = Writer::system("founder");
        self.queue.apply(system, changeset, noon()).await.expect("it is right");
        self.known.lock().unwrap().append(&mut self.new);
    }

    /// Forgets what is gone.
    async fn look(&self) {
        let sql =
            "SELECT public_id FROM record WHERE merged_into_id IS NULL AND deleted_at IS NULL";
        let statement = Statement::from_string(self.db.reader.get_database_backend(), sql);
        let rows = self.db.reader.query_all_raw(statement).await.unwrap();
        let living: HashSet<String> =
            rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        self.known.lock().unwrap().retain(|(_, id)| living.contains(id));
    }

    async fn write(&mut self) {
        if !self.chance.one_in(4) {
            self.look().await;
        }
        let mut operations = Vec::new();
        for _ in 0..=self.chance.below(4) {
            operations.extend(self.operation().await);
        }
        let (writer, contradictions) = self.writer();
        if contradictions == Contradictions::AsGiven {
            // As given, also against the claims.
            operations.retain(|it| !gives_what_claims_say(it));
        }
        self.minutes += 1;
        // The clocks of the writers differ.
        let now = noon() + TimeDelta::minutes(self.minutes + 10 * i64::from(self.chance.one_in(3)));
        let told = format!("{operations:?}");
        let changeset = Changeset { operations, contradictions, ..Changeset::default() };
        match self.queue.apply(writer, changeset, now).await {
            Ok(_) => {
                self.came.0 += 1;
                self.known.lock().unwrap().append(&mut self.new);
            }
            Err(ChangeError::Refused(_)) => self.came.1 += 1,
            Err(error) => panic!("{error:?}: {told}"),
        }
        self.new.clear();
    }

    fn writer(&mut self) -> (Writer, Contradictions) {
        let key = self.chance.pick(&["org-a", "org-b"]);
        let kinds = [Contradictions::KeepBoth, Contradictions::Replace, Contradictions::Refuse];
        let contradictions = self.chance.pick(&kinds);
        let scopes: &[Scope] = match self.chance.below(6) {
            0 => return (Writer::system("system"), Contradictions::AsGiven),
            1 => &[Scope::Write],
            _ => &[Scope::Write, Scope::Publish],
        };
        let actor = Actor {
            kind: ActorKind::Key,
            name: key.to_owned(),
            key: None,
            organization: Some(organization(key)),
        };
        let caller = Caller::new(actor, scopes.iter().copied().collect());
        (caller.writer().unwrap(), contradictions)
    }

    async fn operation(&mut self) -> Option<Operation> {
        match self.chance.below(20) {
            0..6 => {
                let name = self.chance.pick(&TYPES);
                self.create(name)
            }
            6..9 => {
                let name = self.chance.pick(&["Claim", "Claim", "Citation"]);
                self.create(name)
            }
            9..14 => {
                let (name, id) = self.one(|_| true)?;
                let mut fields = self.fields(name)?;
                let names: Vec<String> = fields.keys().cloned().collect();
                for name in names {
                    match self.chance.below(12) {
                        0..6 => drop(fields.remove(&name)),
                        6 => drop(fields.insert(name, Json::Null)),
                        _ => {}
                    }
                }
                let expected_version = self.version(&id).await;
                let cited = self.cited();
                Some(Operation::Update { id, expected_version, fields, cited })
            }
            14..17 => {
                let (_, id) = self.one(|_| true)?;
                let takes_along = !self.chance.one_in(3);
                let expected_version = self.version(&id).await;
                Some(Operation::Delete { id, expected_version, takes_along })
            }
            _ => {
                let (name, into) = self.one(|_| true)?;
                let (_, from) = self.one(|other| other == name)?;
                let expected_version = self.version(&into).await;
                let from_version = self.version(&from).await;
                Some(Operation::Merge { into, expected_version, from, from_version })
            }
        }
    }

    /// As somebody has read it, perhaps a while ago.
    async fn version(&mut self, id: &str) -> i64 {
        let now = changes::current(&self.db.reader, &[id.to_owned()]).await.unwrap();
        let version = now.get(id).map_or(1, |it| it.version);
        if self.chance.one_in(20) { version - 1 } else { version }
    }

    /// A new record, if there is what it needs.
    fn create(&mut self, name: &'static str) -> Option<Operation> {
        let fields = self.fields(name)?;
        let def = catalog().named(name).unwrap();
        let id = PublicId::derived(def.prefix, &self.word()).to_string();
        self.new.push((name, id.clone()));
        Some(Operation::Create { def, id, fields, cited: self.cited() })
    }

    fn cited(&mut self) -> Cited {
        let document = self.one(|name| name == "Document").map(|it| it.1);
        match document.filter(|_| self.chance.one_in(4)) {
            Some(document) => {
                Cited { sources: vec![map(json!({ "document": document }))], rank: None }
            }
            None => Cited::default(),
        }
    }

    fn word(&mut self) -> String {
        (0..3).map(|_| self.chance.below(1_000_000).to_string()).collect::<Vec<_>>().join("-")
    }

    /// A record that was written, or is about to be by the same changeset.
    fn one(&mut self, is: impl Fn(&str) -> bool) -> Option<(&'static str, String)> {
        let known = self.known.clone();
        let known = known.lock().unwrap();
        let all: Vec<_> = known.iter().chain(&self.new).filter(|it| is(it.0)).collect();
        (!all.is_empty()).then(|| self.chance.pick(&all).clone())
    }

    fn id(&mut self, name: &str) -> Option<String> {
        self.one(|it| it == name).map(|it| it.1)
    }

    fn year(&mut self) -> String {
        self.chance.pick(&["2004", "2010", "2019", "2019", "2025"]).to_owned()
    }

    /// What a record of the type can hold. It may refer to what is gone, or be what another one is.
    fn fields(&mut self, name: &str) -> Option<Fields> {
        let mut fields = match name {
            "City" => json!({
                "country": self.id("Country"), "population": 1_000 * (1 + self.chance.below(3)),
                "timeZone": self.chance.pick(&["Asia/Bangkok", "Europe/London"]),
            }),
            "Country" => {
                let mut letter =
                    || char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[self.chance.below(26)]);
                let code: String = [letter(), letter(), letter()].iter().collect();
                json!({
                    "capital": self.id("City"), "alpha2Code": code[..2], "alpha3Code": code,
                })
            }
            "Organization" => json!({
                "jurisdiction": self.id("City"), "parentOrganization": self.id("Organization"),
                "foundingDate": self.year(),
            }),
            "Person" => json!({}),
            "Position" => json!({ "organization": self.id("Organization")?, "isHeldByMany": true }),
            "OfficeHolding" => json!({
                "person": self.id("Person")?, "position": self.id("Position")?,
                "endKind": "UNKNOWN", "attestedDates": [], "isActing": false,
            }),
            "Network" => {
                json!({ "operator": self.id("Organization"), "foundingDate": self.year() })
            }
            "Membership" => json!({
                "city": self.id("City")?, "network": self.id("Network")?, "startDate": self.year(),
            }),
            "Initiative" => json!({ "city": self.id("City")?, "partOf": self.id("Initiative") }),
            "Challenge" => json!({ "city": self.id("City")? }),
            "Document" => json!({ "publisher": self.id("Organization"), "inLanguage": "en" }),
            "Link" => {
                let (from, relation, to) = self.chance.pick(&[
                    ("Initiative", "ADDRESSES", "Challenge"),
                    ("Initiative", "LED_BY", "Organization"),
                    ("Organization", "PART_OF", "Organization"),
                    ("Document", "ABOUT", "City"),
                ]);
                let goal = self.id("City");
                let qualifiers = match self.chance.one_in(3) {
                    true => json!([{ "property": "GOAL", "value": { "record": goal } }]),
                    false => json!([]),
                };
                json!({
                    "from": self.id(from)?, "relation": relation, "to": self.id(to)?,
                    "qualifiers": qualifiers,
                })
            }
            "Claim" => {
                let (subject, property) = self.chance.pick(&[
                    ("City", "POPULATION"),
                    ("City", "POPULATION"),
                    ("City", "COUNTRY"),
                    ("Membership", "START_DATE"),
                    ("Organization", "FOUNDING_DATE"),
                ]);
                let amount = (1_000 * (1 + self.chance.below(3))).to_string();
                let value = match property {
                    "POPULATION" => json!({ "quantity": { "amount": amount } }),
                    "COUNTRY" => json!({ "record": self.id("Country")? }),
                    _ => json!({ "date": self.year() }),
                };
                let ranks = ["NORMAL", "NORMAL", "PREFERRED", "DEPRECATED"];
                json!({
                    "subject": self.id(subject)?, "property": property, "value": value,
                    "rank": self.chance.pick(&ranks),
                })
            }
            "Citation" => {
                let of = ["Claim", "Claim", "Link", "City", "Membership"];
                let subject = self.chance.pick(&of);
                json!({ "subject": self.id(subject)?, "document": self.id("Document")? })
            }
            _ => return None,
        };
        let def = catalog().named(name)?;
        if def.is_described() {
            let word = self.word();
            fields["slug"] = format!("s-{word}").into();
            fields["names"] = json!([{ "lang": "en", "value": word }]);
            let is_founded = !self.known.lock().unwrap().is_empty();
            if is_founded && self.chance.one_in(3) {
                let value = self.chance.below(200).to_string();
                fields["identifiers"] = json!([{ "scheme": "X", "value": value }]);
            }
        }
        let mut fields = map(fields);
        fields.retain(|_, value| !value.is_null());
        Some(fields)
    }
}

fn gives_what_claims_say(operation: &Operation) -> bool {
    match operation {
        Operation::Update { id, fields, .. } => {
            let id = PublicId::parse(id).expect("it is one");
            let def = catalog().defs().iter().find(|def| def.prefix == id.prefix);
            def.is_some_and(|def| def.claimed.values().any(|it| fields.contains_key(*it)))
        }
        _ => false,
    }
}

fn organization(key: &str) -> String {
    PublicId::derived("org", key).to_string()
}

fn map(fields: Json) -> Fields {
    let Json::Object(fields) = fields else { panic!("fields are an object: {fields}") };
    fields
}
