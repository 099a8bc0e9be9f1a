//! What cannot be run is refused with a status and a code that clients can branch on, and never with `data`.

use axum::{body::Body, http::Method};
use culturegraph::config::Config;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::app::{Answer, Backend, TestApp, database, sqlite};

on_both!(our_own_failure_says_its_request_and_nothing_more);

fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.code(), code, "{}", answer.text());
    assert_eq!(answer.json().get("data"), None);
    let message = answer.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned();
    assert!(!message.is_empty() && message.len() < 600 && !message.contains('\n'), "{message}");
}

#[tokio::test]
async fn documents_and_variables_are_refused_by_what_is_wrong_with_them() {
    let app = sqlite().await;
    let two = "query A { __typename } query B { __typename }";
    let nested = |depth: usize| {
        let (open, close) = ("officials { nodes { ".repeat(depth), "} }".repeat(depth));
        format!("{{ cities {{ nodes {{ {open} id {close} }} }} }}")
    };
    for (code, body) in [
        ("SYNTAX_INVALID", json!({ "query": "" })),
        ("SYNTAX_INVALID", json!({ "query": "{" })),
        ("SYNTAX_INVALID", json!({ "query": "{ cities(first: ) { id } }" })),
        ("SYNTAX_INVALID", json!({ "query": "\0" })),
        ("SYNTAX_INVALID", json!({ "query": "fragment A on Query { __typename }" })),
        ("OPERATION_UNKNOWN", json!({ "query": two })),
        ("OPERATION_UNKNOWN", json!({ "query": two, "operationName": "C" })),
        ("OPERATION_UNKNOWN", json!({ "query": "{ __typename }", "operationName": "A" })),
        ("DOCUMENT_INVALID", json!({ "query": "{ nothing }" })),
        ("DOCUMENT_INVALID", json!({ "query": "{ cities }" })),
        ("DOCUMENT_INVALID", json!({ "query": "{ cities { totalCount { id } } }" })),
        ("DOCUMENT_INVALID", json!({ "query": "{ cities(first: \"1\") { totalCount } }" })),
        ("DOCUMENT_INVALID", json!({ "query": "{ city { id } }" })),
        ("DOCUMENT_INVALID", json!({ "query": "query ($a: Nothing) { __typename }" })),
        ("DOCUMENT_INVALID", json!({ "query": "{ cities @nothing { totalCount } }" })),
        ("DOCUMENT_INVALID", json!({ "query": "{ ...A } fragment A on Query { ...A }" })),
        ("DOCUMENT_INVALID", json!({ "query": "{ ...A }" })),
        ("DOCUMENT_INVALID", json!({ "query": "{ a: __typename a: cities { totalCount } }" })),
        ("DOCUMENT_INVALID", json!({ "query": "mutation { deleteAll }" })),
        ("DOCUMENT_INVALID", json!({ "query": "subscription { changed }" })),
        ("DOCUMENT_TOO_COMPLEX", json!({ "query": nested(13) })),
        (
            "DOCUMENT_TOO_LARGE",
            json!({ "query": format!("{{ __typename }} #{}", "x".repeat(15_000)) }),
        ),
        (
            "VARIABLES_INVALID",
            json!({ "query": "query ($n: Int) { cities(first: $n) { totalCount } }", "variables": { "n": "1" } }),
        ),
        ("VARIABLES_INVALID", json!({ "query": "query ($by: CityBy!) { city(by: $by) { id } }" })),
        (
            "VARIABLES_INVALID",
            json!({ "query": "query ($by: CityBy!) { city(by: $by) { id } }", "variables": { "by": { "name": 1 } } }),
        ),
    ] {
        let answer = app.post(body.clone()).await;
        assert_refused(&answer, 400, code);
    }
}

#[tokio::test]
async fn values_of_the_wrong_shape_are_refused_wherever_they_stand() {
    let app = sqlite().await;
    for (field, advice) in [
        ("city(by: \"ha-noi\") { id }", "`city(by:)`: expected CityBy, which is an object"),
        ("city(by: {}) { id }", "`city(by:)`: CityBy takes exactly one of id, slug, identifier"),
        ("city(by: { id: 1, slug: \"x\" }) { id }", "takes exactly one of id, slug, identifier"),
        ("city(by: { id: null }) { id }", "takes exactly one of id, slug, identifier"),
        ("cities(filter: \"x\") { totalCount }", "expected CityFilter, which is an object"),
        ("cities(filter: [{ name: {} }]) { totalCount }", "which is an object, not a list"),
        ("cities(filter: { country: \"VN\" }) { totalCount }", ".country: expected CountryFilter"),
        ("cities(filter: { not: true }) { totalCount }", ".not: expected CityFilter"),
        ("cities(filter: { and: [{ not: { nane: 1 } }] }) { totalCount }", "did you mean `name`?"),
        (
            "cities(filter: { identifier: {} }) { totalCount }",
            ".identifier.scheme: a value of type",
        ),
        ("cities(orderBy: NAME) { totalCount }", "expected CityOrder, which is an object"),
        ("cities(orderBy: { field: \"NAME\" }) { totalCount }", "write NAME without quotes"),
        ("cities(orderBy: [{ field: NAMES }]) { totalCount }", "`cities(orderBy:)`[0].field: "),
        ("cities(first: null, orderBy: [{ field: null }]) { totalCount }", "not null"),
        ("initiatives(filter: { startDate: { within: \"2021\" } }) { totalCount }", "DateRange"),
        ("initiatives(filter: { rank: \"NORMAL\" }) { totalCount }", "write NORMAL without quotes"),
        ("cities { nodes { claims(property: [NAMES]) { totalCount } } }", "did you mean NAME?"),
        ("node(id: 1.5) { id }", "`node(id:)`: expected ID, not this number"),
        ("node(id: \"x\") { ... on City { name(lang: 1) } }", "which is a string"),
        ("cities @include(if: 1) { totalCount }", "`@include(if:)`: expected Boolean"),
    ] {
        let query = format!("{{\n  {field} }}");

        let answer = app.post(json!({ "query": query })).await;

        assert_refused(&answer, 400, "DOCUMENT_INVALID");
        let error = &answer.json()["errors"][0];
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(advice), "{field}: {message}");
        assert_eq!(error["locations"][0]["line"], 2, "{field}");
    }
    for (declared, filter) in [
        ("$x: Int", "{ slug: { eq: $x } }"),
        ("$x: [CityFilter!]", "{ not: $x }"),
        ("$x: CityFilter = true", "$x"),
        ("$x: CityFilter = { nothing: 1 }", "$x"),
    ] {
        let query = format!("query({declared}) {{ cities(filter: {filter}) {{ totalCount }} }}");
        let answer = app.post(json!({ "query": query })).await;
        assert_eq!(answer.status, 400, "{declared} {filter} {}", answer.text());
        assert_refused(&answer, 400, "DOCUMENT_INVALID");
    }
}

#[tokio::test]
async fn mutations_that_there_are_not_are_refused() {
    let app = sqlite().await;

    let answer = app.post(json!({ "query": "mutation { a b }" })).await;

    assert_refused(&answer, 400, "DOCUMENT_INVALID");
    assert_eq!(answer.json()["errors"].as_array().map(Vec::len), Some(2), "{}", answer.text());
}

#[tokio::test]
async fn bodies_are_refused_by_what_is_wrong_with_them() {
    let app = sqlite().await;
    for (code, body) in [
        ("BODY_INVALID", &b""[..]),
        ("BODY_INVALID", b"NONSENSE"),
        ("BODY_INVALID", b"{\"query\":"),
        ("BODY_INVALID", b"{\"qeury\":\"{ __typename }\"}"),
        ("BODY_INVALID", b"{\"query\":\"{ __typename }\",\"variables\":[7]}"),
        ("BODY_INVALID", b"{\"query\":\"\xff\"}"),
        ("BATCH_NOT_ALLOWED", b"[{\"query\":\"{ __typename }\"}]"),
        ("PERSISTED_QUERY_NOT_SUPPORTED", b"{\"extensions\":{\"persistedQuery\":{}}}"),
    ] {
        assert_refused(&app.post_bytes(body).await, 400, code);
    }
}

#[tokio::test]
async fn other_content_types_are_refused() {
    let app = sqlite().await;
    for headers in [
        &[][..],
        &[("content-type", "text/plain")],
        &[("content-type", "application/graphql")],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[("content-type", "multipart/form-data; boundary=a")],
        &[("content-type", "application/json; charset=latin1")],
        &[("content-type", "application/json"), ("content-encoding", "gzip")],
    ] {
        let body = r#"{"query":"{ __typename }"}"#;
        let answer = app.send(Method::POST, "/graphql", headers, body).await;
        assert_refused(&answer, 415, "MEDIA_TYPE_NOT_SUPPORTED");
        // Its body was not read, so the connection cannot go on.
        assert_eq!(answer.header("connection"), "close");
    }
}

#[tokio::test]
async fn large_bodies_are_refused_whether_announced_or_not() {
    let app = sqlite().await;
    let most = Config::default().max_body_bytes;
    let body = |length: usize| {
        let fill = "x".repeat(length - "{\"query\":\"{ __typename }\",\"a\":\"\"}".len());
        format!("{{\"query\":\"{{ __typename }}\",\"a\":\"{fill}\"}}")
    };

    assert_eq!(app.post_bytes(body(most)).await.status, 200);
    assert_refused(&app.post_bytes(body(most + 1)).await, 413, "BODY_TOO_LARGE");
    let announced = [("content-type", "application/json"), ("content-length", "1048577")];
    let answer = app.send(Method::POST, "/graphql", &announced, "{").await;
    assert_refused(&answer, 413, "BODY_TOO_LARGE");
    assert_eq!(answer.header("connection"), "close");
}

#[tokio::test]
async fn mutations_by_get_and_other_methods_are_refused() {
    let app = sqlite().await;

    let mutation = app.get("/graphql?query=mutation%7BdeleteAll%7D").await;
    assert_refused(&mutation, 405, "METHOD_NOT_ALLOWED");
    assert_eq!(mutation.header("allow"), "POST");

    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let other = app.send(method, "/graphql", &[], Body::empty()).await;
        assert_refused(&other, 405, "METHOD_NOT_ALLOWED");
        assert_eq!(other.header("allow"), "GET, HEAD, POST");
    }
}

#[tokio::test]
async fn an_error_of_a_field_leaves_the_others() {
    let app = sqlite().await;
    let query = r#"{ good: city(by: {slug: "a"}) { id } bad: city(by: {slug: "a"}) { citations(first: 0) { totalCount } } }"#;

    let answer = app.query(query, json!({})).await;

    assert_eq!(answer["data"], json!({ "good": null, "bad": null }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "PAGE_INVALID");
    assert_eq!(answer["errors"][0]["path"][0], "bad");
}

#[tokio::test]
async fn an_error_of_a_field_that_is_never_null_leaves_nothing() {
    let app = sqlite().await;

    let answer = app.query("{ __typename cities(first: 0) { totalCount } }", json!({})).await;

    assert_eq!(answer["data"], Value::Null);
    assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "PAGE_INVALID" }));
    assert_eq!(answer["errors"][0]["path"], json!(["cities"]));
}

async fn our_own_failure_says_its_request_and_nothing_more(app: TestApp) {
    // Behind the app's back.
    app.db.writer.execute_unprepared("ALTER TABLE city RENAME TO town").await.unwrap();
    let headers = [("content-type", "application/json"), ("x-request-id", "abc-1")];
    let body = r#"{"query":"{ a: city(by: {slug: \"a\"}) { id } __typename }"}"#;

    let answer = app.send(Method::POST, "/graphql", &headers, body).await;
    app.db.writer.execute_unprepared("ALTER TABLE town RENAME TO city").await.unwrap();

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-request-id"), "abc-1");
    let error = &answer.json()["errors"][0];
    assert_eq!(error["message"], "internal error");
    assert_eq!(error["path"], json!(["a"]));
    assert_eq!(error["extensions"], json!({ "code": "INTERNAL", "requestId": "abc-1" }));
    assert_eq!(answer.json()["data"], json!({ "a": null, "__typename": "Query" }));
}

/// Only PostgreSQL lets a reader wait for somebody; that any future is cut is tested beside the code.
#[tokio::test]
async fn an_operation_is_cut_in_time() {
    let Some(database) = database(Backend::Postgres).await else { return };
    let holder = database.connect().await;
    let lock = "BEGIN; LOCK TABLE city IN ACCESS EXCLUSIVE MODE";
    holder.execute_unprepared(lock).await.expect("nobody else has it");
    let timeout = std::time::Duration::from_millis(200);
    let app =
        TestApp::with(database, Config { request_timeout: timeout, ..Config::default() }).await;

    let answer = app.post(json!({ "query": "{ cities { totalCount } }" })).await;
    holder.execute_unprepared("ROLLBACK").await.expect("it was held");

    assert_eq!(answer.status, 200);
    assert_eq!(answer.code(), "TIMED_OUT");
    assert_eq!(answer.json().get("data"), Some(&Value::Null));
}

#[tokio::test]
async fn what_an_answer_took_is_told_only_when_that_is_set() {
    let database = database(Backend::Sqlite).await.expect("SQLite is always there");
    let app = TestApp::with(database, Config::default()).await;

    let answer = app.get("/graphql?query=%7Bcities%7BtotalCount%7D%7D").await;

    let cost = r#""extensions":{"cost":{"requested":1,"limit":100000}}"#;
    assert_eq!(answer.text(), format!(r#"{{"data":{{"cities":{{"totalCount":0}}}},{cost}}}"#));
}
