//! The one way to write: what a changeset does, what it refuses, and what the log says of it.

mod concurrent;
mod durable;
mod log;
mod queued;
mod refused;
mod shown;

use chrono::{DateTime, Utc};
use culturegraph::{
    auth::Writer,
    changes::{self, Applied, ChangeError, Changeset, Operation},
    progress::Silent,
    record::{
        catalog,
        write::{Fields, Mistake, MistakeCode},
    },
    value::public_id::PublicId,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement};
use serde_json::{Value as Json, json};

use crate::app::{TestApp, noon};

/// The id of a record that a test calls by a short key.
fn id(name: &str, key: &str) -> String {
    let def = catalog().named(name).expect("it is a record type");
    PublicId::derived(def.prefix, key).to_string()
}

fn create(name: &str, key: &str, fields: Json) -> Operation {
    let def = catalog().named(name).expect("it is a record type");
    Operation::create(def, id(name, key), map(fields))
}

fn update(name: &str, key: &str, expected_version: i64, fields: Json) -> Operation {
    Operation::update(id(name, key), expected_version, map(fields))
}

fn map(fields: Json) -> Fields {
    let Json::Object(fields) = fields else { panic!("fields are an object: {fields}") };
    fields
}

/// Fields with a slug, and a name that is the same.
fn named(slug: &str, mut fields: Json) -> Json {
    fields["slug"] = slug.into();
    fields["names"] = json!([{ "lang": "en", "value": slug }]);
    fields
}

fn vocabulary(key: &str) -> Operation {
    create("Vocabulary", key, named(key, json!({})))
}

/// A city that is a member of a network, for claims about the three.
fn membership() -> Vec<Operation> {
    let [city, network] = [id("City", "hue"), id("Network", "uccn")];
    vec![
        create("City", "hue", named("hue", json!({}))),
        create("Network", "uccn", named("uccn", json!({}))),
        create("Membership", "m", named("m", json!({ "city": city, "network": network }))),
    ]
}

async fn apply_at(
    db: &DatabaseConnection,
    now: DateTime<Utc>,
    operations: Vec<Operation>,
) -> Result<Option<Applied>, ChangeError> {
    let changeset = Changeset { operations, ..Changeset::default() };
    changes::apply(db, &Writer::system("writer"), changeset, now, &Silent).await
}

async fn apply(app: &TestApp, operations: Vec<Operation>) -> Result<Option<Applied>, ChangeError> {
    apply_at(&app.db.writer, noon(), operations).await
}

/// Writes what is right.
async fn write(app: &TestApp, operations: Vec<Operation>) -> Applied {
    apply(app, operations).await.expect("it is right").expect("it is something")
}

/// The mistakes of what is wrong.
async fn refused(app: &TestApp, operations: Vec<Operation>) -> Vec<Mistake> {
    match apply(app, operations).await {
        Err(ChangeError::Refused(mistakes)) => mistakes,
        other => panic!("not refused, but {other:?}"),
    }
}

/// Place and code of each mistake, in the order of the places.
fn places(mistakes: &[Mistake]) -> Vec<(String, MistakeCode)> {
    let mut places: Vec<_> = mistakes.iter().map(|it| (it.path.join("."), it.code)).collect();
    places.sort_by(|a, b| a.0.cmp(&b.0));
    places
}

/// An entry of the log, with the id of its record.
#[derive(Debug, PartialEq)]
struct Entry {
    position: i64,
    record_id: String,
    version: i64,
    operation: String,
    record: Json,
    recorded_at: i64,
}

async fn entries(app: &TestApp) -> Vec<Entry> {
    let sql = "SELECT e.position, r.public_id, e.version, e.operation, CAST(e.record AS TEXT), e.recorded_at \
         FROM change_entry e JOIN record r ON r.id = e.record_id ORDER BY e.position";
    let entry = |row: &QueryResult| {
        let record: String = row.try_get_by_index(4)?;
        Ok(Entry {
            position: row.try_get_by_index(0)?,
            record_id: row.try_get_by_index(1)?,
            version: row.try_get_by_index(2)?,
            operation: row.try_get_by_index(3)?,
            record: serde_json::from_str(&record).expect("it is JSON"),
            recorded_at: row.try_get_by_index(5)?,
        })
    };
    let rows = query(&app.db.reader, sql).await;
    let entries: Result<Vec<Entry>, sea_orm::DbErr> = rows.iter().map(entry).collect();
    entries.expect("the columns are as they are")
}

async fn query(db: &DatabaseConnection, sql: &str) -> Vec<QueryResult> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_all_raw(statement).await.expect("the statement is right")
}

/// The number that a statement gives.
async fn number(app: &TestApp, sql: &str) -> i64 {
    query(&app.db.reader, sql).await[0].try_get_by_index(0).expect("it is a number")
}

/// The answer to a query, without errors.
async fn data(app: &TestApp, query: &str) -> Json {
    let mut answer = app.query(query, json!({})).await;
    assert_eq!(answer.get("errors"), None, "{query}");
    answer["data"].take()
}
