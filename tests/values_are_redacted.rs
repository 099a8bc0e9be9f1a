//! What must not be known is taken out of records, of the log and of kept answers.

use axum::http::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::app::{Author, TestApp};

on_both!(a_value_is_nowhere_any_more, what_every_record_has_is_not_blanked);

/// What stands in whatever table that keeps what was written.
async fn everything(app: &TestApp) -> String {
    let db = &app.db.writer;
    let mut all = String::new();
    for sql in [
        "SELECT CAST(record AS TEXT) FROM change_entry WHERE record IS NOT NULL ORDER BY position",
        "SELECT CAST(answer AS TEXT) FROM kept_answer WHERE answer IS NOT NULL",
        "SELECT CAST(descriptions AS TEXT) FROM person",
        "SELECT CAST(names AS TEXT) FROM person",
        "SELECT value FROM record_name",
    ] {
        let statement = Statement::from_string(db.get_database_backend(), sql);
        for row in db.query_all_raw(statement).await.unwrap() {
            all += &row.try_get_by_index::<String>(0).unwrap();
        }
    }
    all
}

async fn a_value_is_nowhere_any_more(app: TestApp) {
    let author = Author::editor(&app).await;
    let create = "mutation { createPerson(input: {
        names: [{ lang: \"vi\", value: \"Nguyễn Văn A\" }], descriptions: [{ lang: \"vi\", value: \"số nhà 12\" }]
    }) { person { id description } userErrors { code path message } } }";
    let headers = [
        ("authorization", &*format!("Bearer {}", author.secret)),
        ("content-type", "application/json"),
        ("idempotency-key", "a"),
    ];
    let body = json!({ "query": create }).to_string();
    let made = app.send(Method::POST, "/graphql", &headers, body.clone()).await.json();
    let id = &made["data"]["createPerson"]["person"]["id"];
    let update = "mutation ($id: ID!) { updatePerson(id: $id, expectedVersion: 1, input: {
        descriptions: [{ lang: \"vi\", value: \"số nhà 34\" }] }) { userErrors { code path message } } }";
    author.write(update, json!({ "id": id })).await;
    assert!(everything(&app).await.matches("số nhà").count() >= 4);
    let redact = "mutation ($id: ID!, $version: Int!, $field: String!) {
        redactRecord(id: $id, expectedVersion: $version, field: $field, change: { comment: \"an address\" }) {
            record { ... on Person { version name description } } changeset { position } userErrors { code path message }
        }
    }";

    let payload =
        author.write(redact, json!({ "id": id, "version": 2, "field": "descriptions" })).await;

    let expected = json!({ "version": 3, "name": "Nguyễn Văn A", "description": null });
    assert_eq!(payload["record"], expected);
    let left = everything(&app).await;
    assert!(!left.contains("số nhà"), "{left}");
    let log =
        "{ changes(types: [PERSON]) { nodes { position operation recordVersion comment data } } }";
    let log = author.data(log, json!({})).await;
    let entries = log["changes"]["nodes"].as_array().unwrap();
    let operations: Vec<_> = entries.iter().map(|it| it["operation"].as_str().unwrap()).collect();
    assert_eq!(operations, ["CREATE", "UPDATE", "REDACT"]);
    assert_eq!(entries[2]["comment"], "an address");
    assert_eq!(payload["changeset"]["position"], entries[2]["position"]);
    // The write is still known, and its answer no longer says it.
    let again = app.send(Method::POST, "/graphql", &headers, body).await.json();
    let person = json!({ "id": id, "description": null });
    assert_eq!(again["data"]["createPerson"]["person"], person);

    // A name cannot be missing: a mark stands where it was.
    let payload = author.write(redact, json!({ "id": id, "version": 3, "field": "names" })).await;
    assert_eq!(payload["record"]["name"], "[redacted]");
    assert!(!everything(&app).await.contains("Nguyễn"));
}

async fn what_every_record_has_is_not_blanked(app: TestApp) {
    let author = Author::editor(&app).await;
    let create = "mutation { createPerson(input: { names: [{ lang: \"vi\", value: \"A\" }] }) {
        person { id } userErrors { code path message } } }";
    let id = author.write(create, json!({})).await["person"]["id"].clone();
    let redact = "mutation ($id: ID!, $version: Int!, $field: String!) {
        redactRecord(id: $id, expectedVersion: $version, field: $field) { userErrors { code path message } } }";

    for (version, field, path, code) in [
        (1, "slug", "slug", "FORMAT_INVALID"),
        (1, "nothing", "field", "FORMAT_INVALID"),
        (7, "names", "id", "STALE_VERSION"),
    ] {
        let variables = json!({ "id": id, "version": version, "field": field });
        let mistakes = author.mistakes(redact, variables).await;
        assert_eq!(mistakes, [(path.to_owned(), code.to_owned())], "{field}");
    }
}
