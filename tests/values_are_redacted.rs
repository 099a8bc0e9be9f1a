//! What must not be known is taken out of records, of the log and of kept answers.

use std::time::Duration;

use axum::http::Method;
use culturegraph::{
    auth::Scope,
    changes::{self, Changeset, Once, Operation, Queue},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value as Json, json};

use crate::app::{Author, TestApp, caller, noon, replay::replayed};

on_both!(
    a_value_is_nowhere_any_more,
    what_every_record_has_is_not_blanked,
    what_is_gone_is_redacted_too,
    a_claim_goes_with_what_it_showed,
    a_field_goes_with_its_claims,
    a_claim_that_was_about_another_goes_there_too,
    a_quote_goes_with_its_place,
    a_redactor_who_leaves_has_redacted,
    an_answer_that_was_forgotten_is_not_put_back,
);

const REDACT: &str = "mutation ($id: ID!, $version: Int!, $field: String!) {
    redactRecord(id: $id, expectedVersion: $version, field: $field) {
        record { version } changeset { position } userErrors { code path message }
    }
}";
const APPLY: &str = "mutation ($operations: [OperationInput!]!) {
    applyChangeset(input: { operations: $operations }) {
        records { key id } userErrors { code path message }
    }
}";

fn named(name: &str) -> Json {
    json!([{ "lang": "vi", "value": name }])
}

/// What came of operations that were taken.
async fn apply(author: &Author<'_>, operations: Json) -> Json {
    author.write(APPLY, json!({ "operations": operations })).await
}

/// The ids of the records that a changeset made, by their keys.
fn ids(payload: &Json) -> impl Fn(&str) -> String + use<> {
    let records = payload["records"].as_array().unwrap().clone();
    move |key| {
        let record = records.iter().find(|it| it["key"] == key).expect("there is such a key");
        record["id"].as_str().unwrap().to_owned()
    }
}

async fn redact(author: &Author<'_>, id: &str, version: i64, field: &str) -> Json {
    author.write(REDACT, json!({ "id": id, "version": version, "field": field })).await
}

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
        "SELECT slug FROM record_slug",
        "SELECT slug FROM person",
        "SELECT CAST(population AS TEXT) FROM city WHERE population IS NOT NULL",
        "SELECT value_amount FROM claim WHERE value_amount IS NOT NULL",
        "SELECT quote FROM citation WHERE quote IS NOT NULL",
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
    let bytes = app.bytes_on_disk();
    assert!(bytes.is_empty() || String::from_utf8_lossy(&bytes).contains("số nhà"));
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
    let left = everything(&app).await;
    assert!(!left.contains("Nguyễn") && !left.contains("nguyen"), "{left}");
    let on_disk = String::from_utf8_lossy(&app.bytes_on_disk()).into_owned();
    assert!(!on_disk.contains("số nhà") && !on_disk.contains("Nguyễn"));
    replayed(&app.db.writer, 50).await;
}

async fn what_every_record_has_is_not_blanked(app: TestApp) {
    let author = Author::editor(&app).await;
    let create = "mutation { createPerson(input: { names: [{ lang: \"vi\", value: \"A\" }] }) {
        person { id } userErrors { code path message } } }";
    let id = author.write(create, json!({})).await["person"]["id"].clone();
    let redact = "mutation ($id: ID!, $version: Int!, $field: String!) {
        redactRecord(id: $id, expectedVersion: $version, field: $field) { userErrors { code path message } } }";

    for (version, field, path, code) in
        [(1, "nothing", "field", "FORMAT_INVALID"), (7, "names", "id", "STALE_VERSION")]
    {
        let variables = json!({ "id": id, "version": version, "field": field });
        let mistakes = author.mistakes(redact, variables).await;
        assert_eq!(mistakes, [(path.to_owned(), code.to_owned())], "{field}");
    }
}

async fn what_is_gone_is_redacted_too(app: TestApp) {
    let author = Author::editor(&app).await;
    let person = |key: &str, name: &str| json!({ "create": { "key": key, "record": { "person": { "names": named(name) } } } });
    let operations = json!([
        person("deleted", "Trần Mật"),
        person("merged", "Lê Kín"),
        person("stays", "Phạm Mở")
    ]);
    let id = ids(&apply(&author, operations).await);
    let gone = json!([
        { "delete": { "record": { "id": id("deleted") }, "expectedVersion": 1 } },
        { "merge": {
            "into": { "id": id("stays") }, "expectedVersion": 1, "from": { "id": id("merged") }, "fromVersion": 1,
        } },
    ]);
    apply(&author, gone).await;

    // Who may redact need not be one who decides.
    let redactor = Author::new(&app, &[Scope::Read, Scope::Admin]).await;
    let payload = redact(&redactor, &id("deleted"), 2, "names").await;
    redact(&redactor, &id("merged"), 2, "names").await;

    assert_eq!(payload["record"], Json::Null);
    let stale = json!({ "id": id("deleted"), "version": 2, "field": "names" });
    let stale = author.mistakes(REDACT, stale).await;
    assert_eq!(stale, [("id".to_owned(), "STALE_VERSION".to_owned())]);
    // What it gave to the one that stays is that one's now.
    redact(&author, &id("stays"), 2, "alternateNames").await;
    redact(&author, &id("stays"), 3, "slug").await;
    let left = everything(&app).await;
    for secret in ["Trần Mật", "tran-mat", "Lê Kín", "le-kin"] {
        assert!(!left.contains(secret), "{secret}: {left}");
    }
    assert!(left.contains("Phạm Mở"));
    let log = "query ($id: ID!) { changes(types: [PERSON]) { nodes { operation data } } node(id: $id) { id } }";
    let log = author.data(log, json!({ "id": id("deleted") })).await;
    let nodes = log["changes"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.iter().filter(|it| it["operation"] == "REDACT").count(), 4);
    assert_eq!(log["node"], Json::Null);
    replayed(&app.db.writer, 50).await;
}

/// A city with two claims about its population; the first is shown.
async fn counted(author: &Author<'_>) -> (String, [String; 2]) {
    let claim = |key: &str, amount: &str, rank: &str| {
        json!({ "create": { "key": key, "record": { "claim": {
            "subject": { "key": "city" }, "property": "POPULATION", "rank": rank,
            "value": { "quantity": { "amount": amount } },
        } } } })
    };
    let operations = json!([
        { "create": { "key": "city", "record": { "city": { "names": named("Huế") } } } },
        claim("first", "111222", "PREFERRED"), claim("second", "333444", "NORMAL"),
    ]);
    let id = ids(&apply(author, operations).await);
    (id("city"), [id("first"), id("second")])
}

async fn a_claim_goes_with_what_it_showed(app: TestApp) {
    let author = Author::editor(&app).await;
    let (_, [first, second]) = counted(&author).await;
    assert!(everything(&app).await.contains("111222"));

    redact(&author, &first, 1, "value").await;

    let left = everything(&app).await;
    assert!(!left.contains("111222") && left.contains("333444"), "{left}");
    replayed(&app.db.writer, 50).await;
    let city = author.data("{ cities { nodes { population } } }", json!({})).await;
    let shown = &city["cities"]["nodes"][0]["population"];
    assert_eq!(shown, 333_444, "one that says nothing does not stand against what others say");
    let gone = json!([{ "delete": { "record": { "id": second }, "expectedVersion": 1 } }]);
    apply(&author, gone).await;
    redact(&author, &second, 2, "value").await;
    assert!(!everything(&app).await.contains("333444"));
    replayed(&app.db.writer, 50).await;
}

async fn a_claim_that_was_about_another_goes_there_too(app: TestApp) {
    let author = Author::editor(&app).await;
    let (city, [first, _]) = counted(&author).await;
    let other =
        json!([{ "create": { "key": "other", "record": { "city": { "names": named("Vinh") } } } }]);
    let other = ids(&apply(&author, other).await)("other");
    let moved = json!([{ "update": { "record": { "id": first }, "expectedVersion": 1, "changes": {
        "claim": { "subject": { "id": other } },
    } } }]);
    apply(&author, moved).await;
    let now = author.data("{ cities { nodes { id version population } } }", json!({})).await;
    let nodes = now["cities"]["nodes"].as_array().unwrap();
    assert!(nodes.iter().any(|it| it["id"] == *other && it["population"] == 111_222), "{now}");
    let version = nodes.iter().find(|it| it["id"] == *city).unwrap()["version"].as_i64().unwrap();

    redact(&author, &city, version, "population").await;

    let left = everything(&app).await;
    assert!(!left.contains("111222") && !left.contains("333444"), "{left}");
    replayed(&app.db.writer, 50).await;
}

async fn a_field_goes_with_its_claims(app: TestApp) {
    let author = Author::editor(&app).await;
    let (city, [first, _]) = counted(&author).await;
    let gone = json!([{ "delete": { "record": { "id": first }, "expectedVersion": 1 } }]);
    apply(&author, gone).await;

    redact(&author, &city, 2, "population").await;

    let left = everything(&app).await;
    assert!(!left.contains("111222") && !left.contains("333444"), "{left}");
    replayed(&app.db.writer, 50).await;
}

async fn a_quote_goes_with_its_place(app: TestApp) {
    let author = Author::editor(&app).await;
    let operations = json!([
        { "create": { "key": "doc", "record": { "document": { "names": named("Báo"), "inLanguage": "vi" } } } },
        { "create": { "key": "text", "record": { "documentVersion": {
            "document": { "key": "doc" }, "text": "Hà Nội có bí mật.", "mediaType": "text/plain",
        } } } },
        { "create": { "key": "city", "record": { "city": { "names": named("Hà Nội"), "citations": [
            { "source": { "quote": { "documentVersion": { "key": "text" }, "quote": "bí mật" } } },
        ] } } } },
    ]);
    let id = ids(&apply(&author, operations).await);
    let query = "{ citations { nodes { id quote passage { id } } } }";
    let of_city = author.data(query, json!({})).await;
    let [citation, passage] = ["/id", "/passage/id"].map(|it| {
        of_city["citations"]["nodes"][0].pointer(it).unwrap().as_str().unwrap().to_owned()
    });

    redact(&author, &citation, 1, "quote").await;
    // A text stays as it is while it is there.
    let text = json!({ "id": id("text"), "version": 1, "field": "text" });
    let kept = author.mistakes(REDACT, text).await;
    assert_eq!(kept, [("field".to_owned(), "REQUIRED".to_owned())]);
    let gone = json!([{ "delete": { "record": { "id": id("text") }, "expectedVersion": 1, "policy": "CASCADE" } }]);
    apply(&author, gone).await;
    redact(&author, &id("text"), 2, "text").await;
    redact(&author, &passage, 2, "text").await;

    let left = everything(&app).await;
    assert!(!left.contains("bí mật"), "{left}");
    replayed(&app.db.writer, 50).await;
}

async fn a_redactor_who_leaves_has_redacted(app: TestApp) {
    let author = Author::editor(&app).await;
    let create =
        "mutation { createPerson(input: { names: [{ lang: \"vi\", value: \"Trần Mật\" }] }) {
        person { id } userErrors { code path message } } }";
    let id = author.write(create, json!({})).await["person"]["id"].as_str().unwrap().to_owned();
    let queue = Queue::new(app.db.writer.clone());
    let keeper = caller("keeper", &[Scope::Admin]);
    let proof = keeper.redactor().unwrap();
    let writer = proof.writer().clone();
    let redact = Operation::Redact { id, expected_version: 1, field: "names".to_owned(), proof };
    let changeset = Changeset { operations: vec![redact], ..Changeset::default() };

    // Asked once, so that it is in the queue, and then left.
    let asked = queue.apply(writer, changeset, noon());
    let left = tokio::time::timeout(Duration::from_millis(1), asked).await;
    queue.finish().await;

    drop(left);
    assert!(!everything(&app).await.contains("Mật"));
    assert!(!String::from_utf8_lossy(&app.bytes_on_disk()).contains("Mật"));
}

async fn an_answer_that_was_forgotten_is_not_put_back(app: TestApp) {
    let author = Author::editor(&app).await;
    let create = "mutation { createPerson(input: { names: [{ lang: \"vi\", value: \"Mật\" }] }) {
        person { id } userErrors { code path message } } }";
    let headers = [
        ("authorization", &*format!("Bearer {}", author.secret)),
        ("content-type", "application/json"),
        ("idempotency-key", "a"),
    ];
    let body = json!({ "query": create }).to_string();
    let made = app.send(Method::POST, "/graphql", &headers, body).await.json();
    let id = made["data"]["createPerson"]["person"]["id"].as_str().unwrap();
    redact(&author, id, 1, "names").await;

    // As one who has made the answer before and comes late.
    let db = &app.db.writer;
    let sql = "SELECT caller, name, fingerprint FROM kept_answer";
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    let (caller, name, fingerprint) = row.try_get_many_by_index().unwrap();
    let once = Once { caller, name, fingerprint, outcome: Json::Null };
    changes::keep(db, &once, "\"Mật\"".to_owned()).await.unwrap();

    assert!(!everything(&app).await.contains("Mật"));
}
