//! What is said over a socket, in order, and the codes that it is closed with when somebody says what may not be said.

use std::time::Duration;

use axum::{body::Body, http::Request};
use culturegraph::server::streams::Limits;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use crate::{
    app::{send, socket::Socket},
    counting::{Server, limits},
};

async fn server() -> Server {
    Server::start(limits(), 10).await
}

fn next(id: &str, data: Value) -> Value {
    json!({ "type": "next", "id": id, "payload": { "data": data } })
}

fn complete(id: &str) -> Value {
    json!({ "type": "complete", "id": id })
}

#[tokio::test]
async fn all_three_kinds_of_operations_are_answered() {
    let server = server().await;
    let mut socket = Socket::ready(server.port).await;

    socket.ask("q", "{ total }").await;
    assert_eq!(socket.hear().await, next("q", json!({ "total": 0 })));
    assert_eq!(socket.hear().await, complete("q"));

    socket.ask("m", "mutation { add(number: 2) }").await;
    assert_eq!(socket.hear().await, next("m", json!({ "add": 2 })));
    assert_eq!(socket.hear().await, complete("m"));

    socket.ask("s", "subscription { count(to: 2) }").await;
    assert_eq!(socket.hear().await, next("s", json!({ "count": 1 })));
    assert_eq!(socket.hear().await, next("s", json!({ "count": 2 })));
    assert_eq!(socket.hear().await, complete("s"));
}

#[tokio::test]
async fn operations_run_beside_each_other() {
    let server = server().await;
    let mut socket = Socket::ready(server.port).await;

    socket.ask("slow", "subscription { count(to: 1, delayMs: 100000) }").await;
    socket.ask("fast", "{ total }").await;

    assert_eq!(socket.hear().await, next("fast", json!({ "total": 0 })));
}

#[tokio::test]
async fn an_operation_that_does_not_run_is_an_error_and_nothing_more() {
    let server = server().await;
    let mut socket = Socket::ready(server.port).await;

    for (query, code) in [
        ("{ total", "SYNTAX_INVALID"),
        ("{ sum }", "DOCUMENT_INVALID"),
        ("subscription { counts }", "DOCUMENT_INVALID"),
        ("subscription { count(to: true) }", "DOCUMENT_INVALID"),
        ("query A { total } query B { total }", "OPERATION_UNKNOWN"),
    ] {
        socket.ask("1", query).await;

        let error = socket.hear().await;
        assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("1")));
        assert_eq!(error["payload"][0]["extensions"]["code"], code, "{query}");
    }
}

#[tokio::test]
async fn a_panic_ends_one_operation() {
    let server = server().await;
    let mut socket = Socket::ready(server.port).await;

    socket.ask("1", "{ one(over: 0) }").await;
    let error = socket.hear().await;
    assert_eq!(error["payload"][0]["extensions"]["code"], "INTERNAL");

    socket.ask("1", "{ total }").await;
    assert_eq!(socket.hear().await, next("1", json!({ "total": 0 })));
}

#[tokio::test]
async fn long_answers_arrive_whole() {
    let server = server().await;
    let mut socket = Socket::ready(server.port).await;

    socket.ask("1", "{ text(length: 300000) }").await;

    let answer = socket.hear().await;
    let text = answer["payload"]["data"]["text"].as_str().unwrap();
    assert_eq!(text, "ộ".repeat(300_000));
    assert_eq!(socket.hear().await, complete("1"));
}

#[tokio::test]
async fn a_client_pings_when_it_likes() {
    let server = server().await;
    let mut socket = Socket::open(server.port).await;

    socket.say(json!({ "type": "ping", "payload": { "n": 1 } })).await;
    assert_eq!(socket.hear().await, json!({ "type": "pong", "payload": { "n": 1 } }));
    socket.say(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.hear().await, json!({ "type": "connection_ack" }));
    socket.say(json!({ "type": "pong" })).await;
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await, json!({ "type": "pong" }));
}

#[tokio::test]
async fn who_calls_is_said_once() {
    let server = server().await;
    let mut socket = Socket::open(server.port).await;

    socket.say(json!({ "type": "connection_init", "payload": { "token": "ann" } })).await;
    socket.hear().await;
    socket.ask("1", "{ me }").await;

    assert_eq!(socket.hear().await, next("1", json!({ "me": "ann" })));
}

#[tokio::test]
async fn a_client_that_completes_hears_no_more_and_its_operation_is_dropped() {
    let server = server().await;
    let mut socket = Socket::ready(server.port).await;

    socket.ask("1", "subscription { count(to: 1000000) }").await;
    assert_eq!(socket.hear().await, next("1", json!({ "count": 1 })));
    socket.say(complete("1")).await;
    // What was under way may still arrive.
    socket.ask("2", "{ slow(ms: 100000) }").await;
    socket.say(complete("2")).await;
    socket.say(complete("never")).await;
    socket.ask("3", "{ total }").await;

    while socket.hear().await != next("3", json!({ "total": 0 })) {}
    assert_eq!(socket.hear().await, complete("3"));
    server.idle().await;
    // The id is free again.
    socket.ask("1", "{ total }").await;
    assert_eq!(socket.hear().await, next("1", json!({ "total": 0 })));
}

#[tokio::test]
async fn a_client_that_goes_leaves_nothing_behind() {
    let server = server().await;
    let (mut polite, mut rude) =
        (Socket::ready(server.port).await, Socket::ready(server.port).await);
    for socket in [&mut polite, &mut rude] {
        socket.ask("1", "subscription { count(to: 1000000, delayMs: 1000) }").await;
        socket.ask("2", "{ slow(ms: 100000) }").await;
        socket.ask("3", "{ total }").await;
        socket.hear().await;
    }
    assert_eq!(server.counting.running(), 4);

    polite.stream.close(None).await.unwrap();
    drop(rude);

    server.idle().await;
}

#[tokio::test]
async fn messages_that_are_none_close_with_4400() {
    let server = server().await;
    for message in [
        Message::text("hello"),
        Message::text("{}"),
        Message::text(r#"{"type":"start"}"#),
        Message::text(r#"{"type":"subscribe","payload":{"query":"{ total }"}}"#),
        Message::text(r#"{"type":"subscribe","id":"1","payload":{}}"#),
        Message::binary(r#"{"type":"connection_init"}"#),
    ] {
        for mut socket in [Socket::open(server.port).await, Socket::ready(server.port).await] {
            socket.send(message.clone()).await;

            let (code, reason) = socket.closed().await;
            assert_eq!(code, 4400, "{message}");
            assert!(!reason.is_empty());
        }
    }
}

#[tokio::test]
async fn who_asks_before_the_acknowledgement_is_closed_with_4401() {
    let server = server().await;
    let mut socket = Socket::open(server.port).await;

    socket.ask("1", "{ total }").await;

    assert_eq!(socket.closed().await, (4401, "Unauthorized".to_owned()));
}

#[tokio::test]
async fn who_may_not_come_in_is_closed_with_4403_and_who_may_later_with_1013() {
    let server = server().await;
    for (token, expected) in
        [("nobody", (4403, "Forbidden: nobody knows nobody")), ("later", (1013, "try again later"))]
    {
        let mut socket = Socket::open(server.port).await;

        socket.say(json!({ "type": "connection_init", "payload": { "token": token } })).await;

        let (code, reason) = socket.closed().await;
        assert_eq!((code, &*reason), expected);
    }
}

#[tokio::test]
async fn a_proof_that_expires_closes_with_4403() {
    let server = server().await;
    let mut socket = Socket::open(server.port).await;

    socket.say(json!({ "type": "connection_init", "payload": { "token": "ann 50" } })).await;
    socket.hear().await;
    socket.ask("1", "subscription { count(to: 1000000, delayMs: 100000) }").await;

    assert_eq!(socket.closed().await, (4403, "Forbidden: the proof has expired".to_owned()));
    server.idle().await;
}

#[tokio::test]
async fn another_protocol_is_closed_with_4406() {
    let server = server().await;

    let socket = Socket::speaking(server.port, None).await;

    assert_eq!(socket.closed().await, (4406, "Subprotocol not acceptable".to_owned()));
}

#[tokio::test]
async fn who_says_nothing_is_closed_with_4408() {
    let limits = Limits { init_timeout: Duration::from_millis(50), ..limits() };
    let server = Server::start(limits, 10).await;
    let mut socket = Socket::open(server.port).await;

    // Other messages are no greeting.
    socket.say(json!({ "type": "pong" })).await;

    assert_eq!(socket.closed().await, (4408, "Connection initialisation timeout".to_owned()));
}

#[tokio::test]
async fn an_id_that_runs_already_closes_with_4409() {
    let server = server().await;
    let mut socket = Socket::ready(server.port).await;

    for _ in 0..2 {
        socket.ask("a", "subscription { count(to: 1, delayMs: 100000) }").await;
    }

    assert_eq!(socket.closed().await, (4409, "Subscriber for a already exists".to_owned()));
    server.idle().await;
}

#[tokio::test]
async fn who_greets_twice_is_closed_with_4429() {
    let server = server().await;
    let mut socket = Socket::ready(server.port).await;

    socket.say(json!({ "type": "connection_init" })).await;

    assert_eq!(socket.closed().await, (4429, "Too many initialisation requests".to_owned()));
}

#[tokio::test]
async fn frames_that_break_the_protocol_below_have_codes_of_their_own() {
    let server = server().await;
    let text = |bytes: &'static [u8]| Frame::message(bytes, OpCode::Data(Data::Text), true);
    let more = Frame::message("", OpCode::Data(Data::Continue), true);
    for (frame, expected) in [(text(b"\xff"), 1007), (more, 1002)] {
        let mut socket = Socket::ready(server.port).await;

        socket.send(Message::Frame(frame)).await;

        assert_eq!(socket.closed().await.0, expected);
    }
}

#[tokio::test]
async fn pages_of_other_origins_open_no_socket() {
    let mine = "https://culture.example".parse().unwrap();
    let server = Server::start(Limits { origins: Some(vec![mine]), ..limits() }, 10).await;
    for (origin, status) in
        [(Some("https://culture.example"), 101), (Some("https://other.example"), 403), (None, 101)]
    {
        let mut request = Request::get("/graphql")
            .header("upgrade", "websocket")
            .header("connection", "upgrade")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }

        let answer = send(&server.router, request.body(Body::empty()).unwrap()).await;

        assert_eq!(answer.status, status, "{origin:?}");
    }
}

#[tokio::test]
async fn requests_that_cannot_become_a_socket_are_told_why() {
    let server = server().await;
    let right = [
        ("upgrade", "websocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    for (name, value, status) in [
        ("upgrade", "WebSocket", 101),
        ("connection", "close", 400),
        ("sec-websocket-version", "8", 426),
        ("sec-websocket-key", "short", 400),
    ] {
        let mut request = Request::get("/graphql").body(Body::empty()).unwrap();
        for (name, value) in right.iter().chain([&(name, value)]) {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }

        let answer = send(&server.router, request).await;

        assert_eq!(answer.status, status, "{name}: {value}");
        match status {
            101 => {
                assert_eq!(answer.header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            }
            _ => assert_eq!(answer.code(), "BODY_INVALID"),
        }
        if status == 426 {
            assert_eq!(answer.header("sec-websocket-version"), "13");
        }
    }
}
