//! Entries of the change log for tests that read it.

use culturegraph::{
    auth::Writer,
    changes::{self, Changeset, Operation},
    database::Database,
    progress::Silent,
    record::{catalog, write::Fields},
    value::public_id::PublicId,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait, Value as Bind};
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
    Operation::Create { def, id: id(name, key), fields: object(fields) }
}

pub(crate) fn update(name: &str, key: &str, expected_version: i64, fields: Json) -> Operation {
    Operation::Update { id: id(name, key), expected_version, fields: object(fields) }
}

fn object(fields: Json) -> Fields {
    let Json::Object(fields) = fields else { panic!("fields are an object: {fields}") };
    fields
}

/// Writes as one changeset.
pub(crate) async fn write(db: &Database, comment: &str, operations: Vec<Operation>) {
    let changeset = Changeset { comment: Some(comment.to_owned()), operations };
    let writer = Writer::system("writer");
    changes::apply(&db.writer, &writer, changeset, noon(), &Silent)
        .await
        .expect("it is right")
        .expect("it is something");
}

/// Takes a record away.
pub(crate) async fn delete(db: &Database, name: &str, key: &str) {
    gone(&db.writer, name, key, None).await;
}

/// Makes one record another.
pub(crate) async fn merge(db: &Database, name: &str, key: &str, into: &str) {
    gone(&db.writer, name, key, Some(into)).await;
}

/// What leaves of a record no more than its history.
async fn gone(db: &DatabaseConnection, name: &str, key: &str, into: Option<&str>) {
    let table = &catalog().named(name).expect("it is a record type").table;
    let id = format!("(SELECT id FROM record WHERE public_id = '{}')", self::id(name, key));
    let (operation, stayed) = match into {
        Some(into) => {
            let into =
                format!("(SELECT id FROM record WHERE public_id = '{}')", self::id(name, into));
            ("MERGE", into)
        }
        None => ("DELETE", "NULL".to_owned()),
    };
    let statements = [
        "UPDATE change_position SET position = position + 1".to_owned(),
        "INSERT INTO changeset (id, public_id, author, recorded_at, first_position, last_position) \
             SELECT p.position, 'changeset_' || p.position, 'remover', e.recorded_at, p.position, p.position \
             FROM change_position p JOIN change_entry e ON e.position = p.position - 1"
            .to_owned(),
        format!(
            "INSERT INTO change_entry (position, changeset_id, record_id, version, operation, record, \
             schema_version, recorded_at, merged_into_id) \
             SELECT p.position, p.position, {id}, t.version + 1, '{operation}', NULL, 1, s.recorded_at, {stayed} \
             FROM change_position p JOIN changeset s ON s.id = p.position JOIN {table} t ON t.id = {id}"
        ),
        format!("UPDATE record SET merged_into_id = {stayed} WHERE id = {id}"),
        format!("DELETE FROM record_name WHERE record_id = {id}"),
        format!("DELETE FROM record_identifier WHERE record_id = {id}"),
        format!("DELETE FROM {table} WHERE id = {id}"),
    ];
    let tx = db.begin().await.expect("the database answers");
    for statement in statements {
        let statement = Statement::from_sql_and_values(
            db.get_database_backend(),
            statement,
            Vec::<Bind>::new(),
        );
        tx.execute_raw(statement).await.expect("the statement is right");
    }
    tx.commit().await.expect("nothing stands against it");
}
