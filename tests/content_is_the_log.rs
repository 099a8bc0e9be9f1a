//! Whatever several writers write at once, by chance: what the tables hold is what the log says, from its beginning.

use std::sync::{Arc, Mutex};

use culturegraph::{
    auth::{Scope, Writer},
    changes::{self, ChangeError, Changeset, Cited, Contradictions, Operation, Queue},
    database::Database,
    record::{catalog, write::Fields},
    value::public_id::PublicId,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value as Json, json};
use tokio::task::JoinSet;

use crate::app::{TestApp, caller, chance::Chance, noon, replay::replayed};

on_both!(what_many_write_by_chance_is_what_the_log_says);

const WRITERS: u64 = 4;
const CHANGESETS: usize = 60;

/// Who knows which records there were, of which type.
type Known = Arc<Mutex<Vec<(&'static str, String)>>>;

/// A writer who decides, or one who speaks for an organization.
fn writer(organization: &str, decides: bool) -> Writer {
    let scopes: &[Scope] = if decides { &[Scope::Write, Scope::Publish] } else { &[Scope::Write] };
    let caller = caller(organization, scopes);
    caller.writer().expect("it may")
}

/// What one writer does.
struct Author {
    chance: Chance,
    name: u64,
    made: u64,
    known: Known,
}

impl Author {
    fn new_id(&mut self, name: &str) -> String {
        self.made += 1;
        let def = catalog().named(name).expect("it is a type");
        PublicId::derived(def.prefix, &format!("{}/{}", self.name, self.made)).to_string()
    }

    /// A record of one of these types that there was at some time.
    fn one_of(&mut self, names: &[&str]) -> Option<String> {
        let known = self.known.lock().unwrap();
        let of_types: Vec<&String> =
            known.iter().filter(|(name, _)| names.contains(name)).map(|(_, id)| id).collect();
        match of_types.is_empty() {
            true => None,
            false => Some(self.chance.pick(&of_types).clone()),
        }
    }

    fn some(&mut self, names: &[&str]) -> Json {
        self.one_of(names).map_or(Json::Null, Json::from)
    }

    fn sources(&mut self) -> Cited {
        let document = self.some(&["Document"]);
        let is_cited = self.chance.one_in(3) && !document.is_null();
        let source = || serde_json::from_value(json!({ "document": document })).unwrap();
        let rank = self.chance.one_in(5).then(|| self.chance.pick(&["NORMAL", "PREFERRED"]));
        Cited {
            sources: if is_cited { vec![source()] } else { vec![] },
            rank: rank.map(str::to_owned),
        }
    }

    /// Fields by chance; those of a new record have what it must have.
    fn fields(&mut self, name: &str, is_new: bool) -> Fields {
        let number = self.made;
        let mut fields = json!({});
        if is_new && !matches!(name, "Claim" | "Link") {
            fields["slug"] = format!("{}-{}-{number}", name.to_lowercase(), self.name).into();
            fields["names"] = json!([{ "lang": "vi", "value": format!("Tên {number}") }]);
        }
        if self.chance.one_in(4) && !is_new {
            let slug = format!("s-{}-{number}-{}", self.name, self.chance.below(3));
            fields["slug"] = slug.into();
        }
        let population = 1 + self.chance.below(5);
        match name {
            "City" => {
                fields["population"] = self.chance.pick(&[Json::Null, json!(population)]);
                fields["timeZone"] = self.chance.pick(&[Json::Null, json!("A"), json!("B")]);
            }
            "Organization" => {
                let of = self.some(&["City"]);
                fields["jurisdiction"] = self.chance.pick(&[Json::Null, of]);
                fields["foundingDate"] =
                    self.chance.pick(&[Json::Null, json!("2019"), json!("2020")]);
            }
            "Initiative" => {
                fields["city"] = self.some(&["City"]);
                let part = self.some(&["Initiative"]);
                fields["partOf"] = self.chance.pick(&[Json::Null, part]);
            }
            "Document" => fields["inLanguage"] = "vi".into(),
            "Claim" => {
                fields["subject"] = self.some(&["City"]);
                fields["property"] = "POPULATION".into();
                fields["value"] = json!({ "quantity": { "amount": population.to_string() } });
                fields["rank"] = self.chance.pick(&["NORMAL", "PREFERRED", "DEPRECATED"]).into();
            }
            _ => {
                fields["from"] = self.some(&["Document"]);
                fields["to"] = self.some(&["City", "Organization", "Initiative"]);
                fields["relation"] = "ABOUT".into();
            }
        }
        serde_json::from_value(fields).unwrap()
    }

    async fn operation(&mut self, db: &Database) -> Option<Operation> {
        const TYPES: [&str; 7] =
            ["City", "Organization", "Initiative", "Document", "Claim", "Claim", "Link"];
        let name = self.chance.pick(&TYPES);
        let version = async |id: &String| {
            let now = changes::current(&db.writer, std::slice::from_ref(id)).await.unwrap();
            now.get(id).map_or(1, |now| now.version)
        };
        let kind = self.chance.below(10);
        if kind < 5 {
            let (def, id) = (catalog().named(name).unwrap(), self.new_id(name));
            let fields = self.fields(name, true);
            let cited = self.sources();
            return Some(Operation::Create { def, id, fields, cited });
        }
        let id = self.one_of(&[name])?;
        // Now and then one that is no longer right.
        let expected_version = version(&id).await - i64::from(self.chance.one_in(12));
        Some(match kind {
            5..8 => {
                let fields = self.fields(name, false);
                Operation::Update { id, expected_version, fields, cited: self.sources() }
            }
            8 => {
                let takes_along = self.chance.one_in(2);
                Operation::Delete { id, expected_version, takes_along }
            }
            _ => {
                let from = self.one_of(&[name])?;
                let from_version = version(&from).await;
                Operation::Merge { into: id, expected_version, from, from_version }
            }
        })
    }

    async fn changeset(&mut self, db: &Database) -> Changeset {
        let mut operations = Vec::new();
        for _ in 0..=self.chance.below(4) {
            operations.extend(self.operation(db).await);
        }
        let contradictions = self.chance.pick(&[
            Contradictions::AsGiven,
            Contradictions::KeepBoth,
            Contradictions::KeepBoth,
            Contradictions::Replace,
            Contradictions::Refuse,
        ]);
        Changeset { operations, contradictions, ..Changeset::default() }
    }

    /// Writes, and tells how often it was taken and refused.
    async fn write(mut self, db: Database, writer: Writer) -> (usize, usize) {
        let queue = Queue::new(db.writer.clone());
        let (mut taken, mut refused) = (0, 0);
        for _ in 0..CHANGESETS {
            let changeset = self.changeset(&db).await;
            let new: Vec<_> = changeset
                .operations
                .iter()
                .filter_map(|it| match it {
                    Operation::Create { def, id, .. } => Some((def.name, id.clone())),
                    _ => None,
                })
                .collect();
            match queue.apply(writer.clone(), changeset.clone(), noon()).await {
                Ok(_) => {
                    taken += 1;
                    self.known.lock().unwrap().extend(new);
                }
                Err(ChangeError::Refused(mistakes)) => {
                    assert!(!mistakes.is_empty());
                    refused += 1;
                }
                Err(error) => panic!("{error} {changeset:?}"),
            }
        }
        (taken, refused)
    }
}

async fn what_many_write_by_chance_is_what_the_log_says(app: TestApp) {
    let keeper = app.keeper().await;
    let db = Database::open(app.database().url(), 8).await.unwrap();
    let known: Known = Arc::default();
    let mut writers = JoinSet::new();
    for name in 0..WRITERS {
        let author = Author { chance: Chance::new(name), name, made: 0, known: known.clone() };
        let writer = match name {
            0 => Writer::system("test"),
            _ => writer(&keeper, name % 2 == 0),
        };
        writers.spawn(author.write(db.clone(), writer));
    }

    let told = writers.join_all().await;

    let taken: usize = told.iter().map(|(taken, _)| taken).sum();
    let refused: usize = told.iter().map(|(_, refused)| refused).sum();
    assert!(taken > 60 && refused > 20, "{taken} {refused}");
    replayed(&app.db.reader, 40).await.best_claims_are_shown();
    positions_are_consecutive(&app).await;
}

async fn positions_are_consecutive(app: &TestApp) {
    let sql = "SELECT position, recorded_at, operation FROM change_entry ORDER BY position";
    let db = &app.db.reader;
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let (mut before, mut time) = (0_i64, 0_i64);
    let mut operations = std::collections::BTreeSet::new();
    for row in db.query_all_raw(statement).await.unwrap() {
        let position: i64 = row.try_get_by_index(0).unwrap();
        let recorded_at: i64 = row.try_get_by_index(1).unwrap();
        assert_eq!(position, before + 1);
        assert!(recorded_at >= time);
        (before, time) = (position, recorded_at);
        operations.insert(row.try_get_by_index::<String>(2).unwrap());
    }
    assert_eq!(operations.into_iter().collect::<Vec<_>>(), ["CREATE", "DELETE", "MERGE", "UPDATE"]);
}
