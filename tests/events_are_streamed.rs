//! Operations that are answered with server-sent events, each on a connection of its own.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, BodyDataStream},
    http::{Request, Response, request},
};
use culturegraph::server::streams::Limits;
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::{
    app::{send, socket::LONG},
    counting::{Server, limits},
};

const SOON: Duration = Duration::from_millis(50);
const EVENTS: &str = "text/event-stream";

async fn server() -> Server {
    Server::start(limits(), 10).await
}

fn post(query: &str) -> Request<Body> {
    let body = json!({ "query": query }).to_string();
    asking(Request::post("/graphql").header("content-type", "application/json"), body)
}

fn get(query: &str) -> Request<Body> {
    asking(Request::get(format!("/graphql?query={query}")), "")
}

fn asking(request: request::Builder, body: impl Into<Body>) -> Request<Body> {
    request.header("accept", EVENTS).body(body.into()).unwrap()
}

async fn answer(router: &Router, request: Request<Body>) -> Response<Body> {
    router.clone().oneshot(request).await.unwrap()
}

/// The next piece of a body; `None` when it ends, and an error when it breaks off.
async fn piece(body: &mut BodyDataStream) -> Option<Result<String, axum::Error>> {
    let piece = timeout(LONG, body.next()).await.expect("the server says something");
    piece.map(|piece| piece.map(|bytes| String::from_utf8(bytes.into()).unwrap()))
}

#[tokio::test]
async fn all_three_kinds_of_operations_are_answered() {
    let server = server().await;
    let next = |data: &str| format!("event: next\ndata: {{\"data\":{{{data}}}}}\n\n");
    let complete = "event: complete\ndata:\n\n";
    for (request, expected) in [
        (post("{ total }"), vec![next("\"total\":0")]),
        (post("mutation { add(number: 2) }"), vec![next("\"add\":2")]),
        (get("%7B%20total%20%7D"), vec![next("\"total\":2")]),
        (post("subscription { count(to: 2) }"), vec![next("\"count\":1"), next("\"count\":2")]),
        (get("subscription%20%7B%20count(to:1)%20%7D"), vec![next("\"count\":1")]),
    ] {
        let answer = send(&server.router, request).await;

        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), EVENTS);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-accel-buffering"), "no");
        assert_eq!(answer.text(), expected.concat() + complete);
    }
}

#[tokio::test]
async fn a_document_that_is_wrong_is_said_so_in_the_stream() {
    let server = server().await;
    for (query, code) in [
        ("{ total", "SYNTAX_INVALID"),
        ("{ sum }", "DOCUMENT_INVALID"),
        ("subscription { counts }", "DOCUMENT_INVALID"),
    ] {
        let answer = send(&server.router, post(query)).await;

        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, EVENTS));
        assert!(
            answer.text().starts_with("event: next\ndata: {\"errors\":[{"),
            "{}",
            answer.text()
        );
        assert!(answer.text().contains(&format!("\"code\":\"{code}\"")), "{}", answer.text());
        assert!(answer.text().ends_with("}\n\nevent: complete\ndata:\n\n"));
    }
}

#[tokio::test]
async fn what_http_has_a_status_for_gets_it() {
    let server = Server::start(Limits { message_bytes: 1000, ..limits() }, 10).await;
    let json = || Request::post("/graphql").header("content-type", "application/json");
    for (request, status, code) in [
        (asking(json(), "{"), 400, "BODY_INVALID"),
        (asking(json(), "x".repeat(1001)), 413, "BODY_TOO_LARGE"),
        (asking(Request::post("/graphql"), "{}"), 415, "MEDIA_TYPE_NOT_SUPPORTED"),
        (asking(Request::get("/graphql"), ""), 400, "BODY_INVALID"),
        (get("mutation%7Badd(number:1)%7D"), 405, "METHOD_NOT_ALLOWED"),
        (
            asking(json().header("authorization", "nobody"), r#"{"query":"{ me }"}"#),
            403,
            "VALUE_INVALID",
        ),
        (
            asking(json().header("authorization", "later"), r#"{"query":"{ me }"}"#),
            503,
            "UNAVAILABLE",
        ),
        (post("{ one(over: 0) }"), 500, "INTERNAL"),
    ] {
        let answer = send(&server.router, request).await;

        assert_eq!((answer.status.as_u16(), &*answer.code()), (status, code));
        assert!(answer.header("content-type").starts_with("application/graphql-response+json"));
    }
}

#[tokio::test]
async fn other_requests_go_on() {
    let server = server().await;
    let request = Request::get("/graphql").header("accept", "application/json, text/event-stream");

    let answer = send(&server.router, request.body(Body::empty()).unwrap()).await;

    assert_eq!(answer.text(), "neither a socket nor a stream");
}

#[tokio::test]
async fn a_caller_is_known_by_the_headers() {
    let server = server().await;
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("authorization", "ann");

    let answer = send(&server.router, asking(request, r#"{"query":"{ me }"}"#)).await;

    assert!(answer.text().contains(r#"{"data":{"me":"ann"}}"#), "{}", answer.text());
}

#[tokio::test]
async fn a_silent_stream_gives_signs_of_life_and_one_that_is_left_is_dropped() {
    let server = Server::start(Limits { keep_alive: SOON, ..limits() }, 10).await;

    let answer =
        answer(&server.router, post("subscription { count(to: 1, delayMs: 100000) }")).await;
    let mut body = answer.into_body().into_data_stream();
    for _ in 0..3 {
        assert_eq!(piece(&mut body).await.unwrap().unwrap(), ":\n\n");
    }
    assert_eq!(server.counting.running(), 1);
    drop(body);

    server.idle().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped() {
    let server = Server::start(Limits { patience: SOON, ..limits() }, 10).await;

    let answer = answer(&server.router, post("subscription { texts }")).await;
    server.idle().await;

    let mut body = answer.into_body().into_data_stream();
    assert!(piece(&mut body).await.unwrap().is_ok());
    // It is not taken for the end.
    assert!(piece(&mut body).await.unwrap().is_err());
}

#[tokio::test]
async fn long_answers_go_in_pieces_and_arrive_whole() {
    let server = server().await;

    let answer = answer(&server.router, post("{ text(length: 300000) }")).await;

    let mut body = answer.into_body().into_data_stream();
    let mut text = Vec::new();
    while let Some(piece) = body.next().await {
        let piece = piece.unwrap();
        assert!(piece.len() <= 64 * 1024);
        text.extend_from_slice(&piece);
    }
    let expected =
        format!("event: next\ndata: {{\"data\":{{\"text\":\"{}\"}}}}\n\n", "ộ".repeat(300_000));
    assert_eq!(String::from_utf8(text).unwrap(), expected + "event: complete\ndata:\n\n");
}

#[tokio::test]
async fn a_proof_that_expires_cuts_the_stream() {
    let server = server().await;
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("authorization", "ann 50");
    let query = r#"{"query":"subscription { count(to: 1, delayMs: 100000) }"}"#;

    let answer = answer(&server.router, asking(request, query)).await;

    let mut body = answer.into_body().into_data_stream();
    assert!(piece(&mut body).await.unwrap().is_err());
    server.idle().await;
}

#[tokio::test]
async fn a_stream_too_many_is_unavailable() {
    let server = Server::start(limits(), 1).await;
    let first =
        answer(&server.router, post("subscription { count(to: 1, delayMs: 100000) }")).await;

    let second = send(&server.router, post("{ total }")).await;
    assert_eq!((second.status.as_u16(), &*second.code()), (503, "UNAVAILABLE"));
    assert_eq!(second.header("retry-after"), "1");

    drop(first);
    server.idle().await;
    assert_eq!(send(&server.router, post("{ total }")).await.status, 200);
}
