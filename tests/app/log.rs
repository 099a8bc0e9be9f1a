//! Entries of the change log for tests that read it.

use culturegraph::{
    auth::Writer,
    changes::{self, Changeset, Operation},
    database::Database,
    progress::Silent,
    record::{catalog, write::Fields},
    value::public_id::PublicId,
};
use serde_json::{Value as Json, json};

use super::noon;

/// The id of a record that a test calls by a short key.
pub(crate) fn id(name: &str, key: &str) -> String {
    let def = catalog().named(name).expect("it is a record type");
    PublicId::derived(def.prefix, key).to_string()
}

/// A new record that people name, with whatever else it needs.
pub(crate) fn create(name: &str, key: &str, mut fields: Json) -> Operation {
    let def = catalog().named(name).expect("it is a record type");
    fields["slug"] = key.into();
    fields["names"] = json!([{ "lang": "en", "value": key }]);
    Operation::create(def, id(name, key), object(fields))
}

pub(crate) fn update(name: &str, key: &str, expected_version: i64, fields: Json) -> Operation {
    Operation::update(id(name, key), expected_version, object(fields))
}

fn object(fields: Json) -> Fields {
    let Json::Object(fields) = fields else { panic!("fields are an object: {fields}") };
    fields
}

/// Writes as one changeset.
pub(crate) async fn write(db: &Database, comment: &str, operations: Vec<Operation>) {
    let comment = Some(comment.to_owned());
    let changeset = Changeset { comment, operations, ..Changeset::default() };
    let writer = Writer::system("writer");
    changes::apply(&db.writer, &writer, changeset, noon(), &Silent)
        .await
        .expect("it is right")
        .expect("it is something");
}

/// Takes a record away.
pub(crate) async fn delete(db: &Database, name: &str, key: &str) {
    let [(id, expected_version)] = [now(db, id(name, key)).await];
    let delete = Operation::Delete { id, expected_version, takes_along: false };
    write(db, "it is gone", vec![delete]).await;
}

/// Makes one record another.
pub(crate) async fn merge(db: &Database, name: &str, key: &str, into: &str) {
    let (from, from_version) = now(db, id(name, key)).await;
    let (into, expected_version) = now(db, id(name, into)).await;
    let merge = Operation::Merge { into, expected_version, from, from_version };
    write(db, "they are one", vec![merge]).await;
}

/// A record with its version.
async fn now(db: &Database, id: String) -> (String, i64) {
    let known = changes::current(&db.writer, std::slice::from_ref(&id)).await;
    let version = known.expect("the database answers")[&id].version;
    (id, version)
}
