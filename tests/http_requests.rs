//! Requests are taken as GraphQL over HTTP says, and answered in the type that the client accepts.

use axum::{body::Body, http::Method};
use serde_json::json;

use crate::app::{TestApp, sqlite};

on_both!(
    a_query_is_answered_by_post_and_by_get,
    an_empty_list_is_answered_with_the_statements_it_took,
    fields_of_the_answer_stand_in_the_order_of_the_document,
    defaults_of_variables_decide_what_is_included,
);

const GRAPHQL: &str = "application/graphql-response+json; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

async fn a_query_is_answered_by_post_and_by_get(app: TestApp) {
    let expected = json!({ "cities": { "nodes": [] } });

    let by_post = app.post(json!({ "query": "{ cities { nodes { id } } }" })).await;
    let by_get = app.get("/graphql?query=%7Bcities%7Bnodes%7Bid%7D%7D%7D").await;
    let with_all = app
        .get("/graphql?query=query+A($n:Int)%7Bcities(first:$n)%7Bnodes%7Bid%7D%7D%7D&operationName=A&variables=%7B%22n%22:5%7D&extensions=%7B%7D")
        .await;

    for answer in [by_post, by_get, with_all] {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["data"], expected);
        assert_eq!(answer.json().get("errors"), None);
        assert_eq!(answer.header("content-type"), JSON);
        assert_eq!(
            answer.header("vary"),
            "Accept, Accept-Encoding, Accept-Language, Authorization"
        );
    }
}

async fn an_empty_list_is_answered_with_the_statements_it_took(app: TestApp) {
    app.query("{ __typename }", json!({})).await;
    assert_eq!(app.statements(), 0);

    app.query("{ cities { nodes { name } totalCount } }", json!({})).await;
    assert_eq!(app.statements(), 2);
}

async fn fields_of_the_answer_stand_in_the_order_of_the_document(app: TestApp) {
    let query = r#"{
        z: cities { totalCount } a: __typename ...F m: city(by: {slug: "no"}) { id } b: cities { totalCount }
    } fragment F on Query { f: cities { nodes { id } } a: __typename }"#;

    let answer = app.post(json!({ "query": query })).await;

    let expected = r#"{"data":{"z":{"totalCount":0},"a":"Query","f":{"nodes":[]},"m":null,"b":{"totalCount":0}},"#;
    assert!(answer.text().starts_with(expected), "{}", answer.text());
}

async fn defaults_of_variables_decide_what_is_included(app: TestApp) {
    let query = r#"query ($yes: Boolean! = true) {
        a: city(by: {slug: "a"}) @include(if: $yes) { id } b: city(by: {slug: "b"}) @skip(if: $yes) { id }
    }"#;

    assert_eq!(app.query(query, json!({})).await["data"], json!({ "a": null }));
    let not = app.query(query, json!({ "yes": false })).await;
    assert_eq!(not["data"], json!({ "b": null }));
    let nothing = app.query("{ __typename @skip(if: true) }", json!({})).await;
    assert_eq!(nothing["data"], json!({}));
}

#[tokio::test]
async fn the_accepted_type_is_the_type_of_the_answer() {
    let app = sqlite().await;
    for (accept, status, ok_type) in [
        (None, 200, JSON),
        (Some("*/*"), 200, JSON),
        (Some("application/graphql-response+json"), 200, GRAPHQL),
        (Some("application/json"), 200, JSON),
        (Some("application/graphql-response+json, application/json;q=0.9"), 200, GRAPHQL),
        (Some("text/html"), 406, GRAPHQL),
        (Some("application/json;q=0"), 406, GRAPHQL),
    ] {
        let headers = accept.map(|accept| ("accept", accept));
        let headers: Vec<_> = headers.into_iter().collect();

        let answer =
            app.send(Method::GET, "/graphql?query=%7B__typename%7D", &headers, Body::empty()).await;

        assert_eq!(answer.status, status, "{accept:?}");
        assert_eq!(answer.header("content-type"), ok_type, "{accept:?}");
    }
}

#[tokio::test]
async fn what_is_refused_has_the_status_that_the_client_expects() {
    let app = sqlite().await;
    let (syntax, body) = (r#"{"query":"{"}"#, r#"{"query":"#);
    for (accept, sent, status, ty) in [
        ("application/graphql-response+json", syntax, 400, GRAPHQL),
        ("*/*", syntax, 400, GRAPHQL),
        // A client of the old kind reads JSON only where the status is 200.
        ("application/json", syntax, 200, JSON),
        ("application/json", r#"{"query":"{ nothing }"}"#, 200, JSON),
        ("application/json", r#"{"query":"query A { a }","operationName":"B"}"#, 200, JSON),
        ("application/json", body, 400, GRAPHQL),
        ("application/json", r#"{"query":1}"#, 400, GRAPHQL),
    ] {
        let headers = [("accept", accept), ("content-type", "application/json")];

        let answer = app.send(Method::POST, "/graphql", &headers, sent).await;

        let found = (answer.status.as_u16(), answer.header("content-type"));
        assert_eq!(found, (status, ty), "{accept} {sent}");
        assert!(!answer.code().is_empty() && answer.json().get("data").is_none());
    }
}

#[tokio::test]
async fn the_language_of_the_reader_may_be_anything() {
    let app = sqlite().await;
    for language in ["vi", "vi;q=0.1, en", "", "*", ";;;,,,q=9", "\u{e9}"] {
        let headers = [("accept-language", language), ("content-type", "application/json")];
        let body = r#"{"query":"{ cities { nodes { name } } }"}"#;

        let answer = app.send(Method::POST, "/graphql", &headers, body).await;

        assert_eq!(answer.status, 200, "{language}");
    }
}

#[tokio::test]
async fn head_is_answered_as_get_without_the_body() {
    let answer = sqlite()
        .await
        .send(Method::HEAD, "/graphql?query=%7B__typename%7D", &[], Body::empty())
        .await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), JSON);
    assert!(answer.body.is_empty());
}
