//! A write with an idempotency key is done once, however often it is sent.

use std::time::Duration;

use axum::http::Method;
use culturegraph::{auth::Scope, clock::Clock, config::Config};
use futures_util::future::join_all;
use serde_json::{Value as Json, json};

use crate::app::{Answer, Author, Backend, TestApp, TestDatabase, database};

on_both!(
    the_first_answer_is_given_again,
    one_name_is_for_one_request,
    many_at_once_write_once,
    what_was_refused_may_be_sent_again,
    a_request_with_a_name_is_one_write,
    a_name_is_visible_characters,
);

async fn send(app: &TestApp, author: &Author<'_>, name: &str, body: &Json) -> Answer {
    let authorization = format!("Bearer {}", author.secret);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", name),
    ];
    app.send(Method::POST, "/graphql", &headers, body.to_string()).await
}

fn create(name: &str) -> Json {
    let query = "mutation ($name: String!) { createCity(input: { names: [{ lang: \"vi\", value: $name }] }) {
        city { id version timeZone } changeset { id position } userErrors { code path message } } }";
    json!({ "query": query, "variables": { "name": name } })
}

async fn cities(app: &TestApp) -> u64 {
    let data = app.data("{ cities { totalCount } }", json!({})).await;
    data["cities"]["totalCount"].as_u64().unwrap()
}

async fn the_first_answer_is_given_again(app: TestApp) {
    let author = Author::editor(&app).await;
    let sent = send(&app, &author, "\"a\"", &create("Huế")).await;
    let first = sent.json();
    let id = &first["data"]["createCity"]["city"]["id"];
    let update = "mutation ($id: ID!) { updateCity(id: $id, expectedVersion: 1, input: { timeZone: \"A\" }) {
        userErrors { code path message } } }";
    author.write(update, json!({ "id": id })).await;

    let again = send(&app, &author, "a", &create("Huế")).await;
    let other = Author::editor(&app).await;
    let of_other = send(&app, &other, "a", &create("Khác")).await.json();

    // Letter by letter, fields in the order in which they were asked for.
    let data = |text: &str| text.split(",\"extensions\"").next().map(str::to_owned);
    assert_eq!(data(again.text()), data(sent.text()));
    assert_eq!(first["data"]["createCity"]["userErrors"], json!([]));
    // Names are each caller's own.
    assert_eq!(of_other["data"]["createCity"]["userErrors"], json!([]));
    assert_eq!(cities(&app).await, 2);
}

async fn one_name_is_for_one_request(app: TestApp) {
    let author = Author::editor(&app).await;
    send(&app, &author, "a", &create("Huế")).await;

    let other = send(&app, &author, "a", &create("Vinh")).await;

    assert_eq!(other.code(), "IDEMPOTENCY_KEY_REUSED", "{}", other.text());
    assert_eq!(cities(&app).await, 1);
}

async fn many_at_once_write_once(app: TestApp) {
    let author = Author::editor(&app).await;
    let body = create("Huế");

    let answers = join_all((0..8).map(|_| send(&app, &author, "a", &body))).await;

    let ids: Vec<Json> =
        answers.iter().map(|it| it.json()["data"]["createCity"]["city"]["id"].clone()).collect();
    assert!(ids[0].is_string() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(cities(&app).await, 1);
}

async fn what_was_refused_may_be_sent_again(app: TestApp) {
    let author = Author::editor(&app).await;
    let query = "mutation { createCity(input: { names: [{ lang: \"vi\", value: \"Huế\" }], country: { identifier: {
        scheme: \"TEST\", value: \"VN\" } } }) { city { id } userErrors { code } } }";
    let body = json!({ "query": query });
    let refused = send(&app, &author, "a", &body).await.json();
    let country = "mutation { createCountry(input: { names: [{ lang: \"en\", value: \"Viet Nam\" }], alpha2Code: \"VN\",
        alpha3Code: \"VNM\", identifiers: [{ scheme: \"TEST\", value: \"VN\" }] }) { userErrors { code path message } } }";
    author.write(country, json!({})).await;

    let taken = send(&app, &author, "a", &body).await.json();

    assert_eq!(refused["data"]["createCity"]["userErrors"], json!([{ "code": "NOT_FOUND" }]));
    assert_eq!(taken["data"]["createCity"]["userErrors"], json!([]));
}

async fn a_request_with_a_name_is_one_write(app: TestApp) {
    let author = Author::editor(&app).await;
    let one = "createCity(input: { names: [{ lang: \"vi\", value: \"Huế\" }] }) { city { id } }";
    let two = json!({ "query": format!("mutation {{ a: {one} b: {one} }}") });

    let answers = [
        (send(&app, &author, "a", &two).await, "BODY_INVALID"),
        (send(&app, &author, "", &create("Huế")).await, "BODY_INVALID"),
        (send(&app, &author, &"a".repeat(256), &create("Huế")).await, "BODY_INVALID"),
        (send(&app, &author, "a", &json!([create("Huế")])).await, "BATCH_NOT_ALLOWED"),
    ];

    for (answer, code) in answers {
        assert_eq!((answer.status.as_u16(), &*answer.code()), (400, code), "{}", answer.text());
    }
    assert_eq!(cities(&app).await, 0);
}

async fn a_name_is_visible_characters(app: TestApp) {
    let author = Author::editor(&app).await;
    let body = create("Huế");
    for name in [
        "a b",
        "\"a b\"",
        "a\tb",
        "\"",
        "\"\"",
        "\"a",
        "a\"",
        "\"\"a\"\"",
        "a\"b",
        "a\\b",
        "\"a\\\"b\"",
        "ế",
    ] {
        let answer = send(&app, &author, name, &body).await;

        assert_eq!((answer.status.as_u16(), &*answer.code()), (400, "BODY_INVALID"), "{name}");
        assert!(answer.text().contains("1 to 255 visible characters"), "{}", answer.text());
    }
    let authorization = format!("Bearer {}", author.secret);
    let twice = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "a"),
        ("idempotency-key", "b"),
    ];
    let answer = app.send(Method::POST, "/graphql", &twice, body.to_string()).await;
    assert_eq!(answer.code(), "BODY_INVALID", "{}", answer.text());
    assert_eq!(cities(&app).await, 0);
    // One key, in quotes or without.
    let uuid = "8e03978e-40d5-43dd-bc93-6894a57f9324";
    for name in [uuid, &format!("\"{uuid}\""), &format!("  {uuid} ")] {
        assert_eq!(send(&app, &author, name, &body).await.status, 200, "{name}");
    }
    assert_eq!(cities(&app).await, 1);
    for name in ["a;b=c,d", "'", &"~".repeat(255), &format!("\"{}\"", "!".repeat(255))] {
        assert_eq!(send(&app, &author, name, &create(name)).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn a_name_is_known_for_a_day() {
    let database: TestDatabase = database(Backend::Sqlite).await.unwrap();
    let clock = Clock::standing(1_767_225_600_000_000);
    let app = TestApp::at(database, Config::default(), clock.clone()).await;
    let author = Author::new(&app, &[Scope::Read, Scope::Write]).await;
    let first = send(&app, &author, "a", &create("Huế")).await.json();

    clock.advance(Duration::from_secs(24 * 60 * 60 - 1));
    let same = send(&app, &author, "a", &create("Huế")).await.json();
    clock.advance(Duration::from_secs(2));
    let new = send(&app, &author, "a", &create("Huế")).await.json();

    assert_eq!(same["data"], first["data"]);
    assert_ne!(new["data"], first["data"]);
}
