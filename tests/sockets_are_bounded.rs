//! What a socket may take of the server, and for how long a client is waited for that does not keep up.

use std::time::Duration;

use culturegraph::server::streams::Limits;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use crate::{
    app::socket::Socket,
    counting::{Server, limits},
};

const SOON: Duration = Duration::from_millis(50);

#[tokio::test]
async fn an_operation_too_many_is_refused_and_the_others_go_on() {
    let server = Server::start(Limits { socket_streams: 2, ..limits() }, 10).await;
    let mut socket = Socket::ready(server.port).await;
    for id in ["1", "2"] {
        socket.ask(id, "subscription { count(to: 1, delayMs: 100000) }").await;
    }

    socket.ask("3", "{ total }").await;
    let error = socket.hear().await;
    assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("3")));
    assert_eq!(error["payload"][0]["extensions"]["code"], "TOO_MANY_STREAMS");

    socket.say(json!({ "type": "complete", "id": "1" })).await;
    socket.ask("3", "{ total }").await;
    assert_eq!(socket.hear().await["payload"], json!({ "data": { "total": 0 } }));
}

#[tokio::test]
async fn a_message_too_large_closes_with_1009() {
    let server = Server::start(Limits { message_bytes: 1000, ..limits() }, 10).await;
    let reason = "a message is larger than 1000 bytes".to_owned();
    let ping = |length| json!({ "type": "ping", "payload": { "a": "x".repeat(length) } });
    let mut socket = Socket::ready(server.port).await;
    socket.say(ping(900)).await;
    socket.hear().await;

    socket.say(ping(1000)).await;
    assert_eq!(socket.closed().await, (1009, reason.clone()));

    let mut socket = Socket::ready(server.port).await;
    let mut code = OpCode::Data(Data::Text);
    for _ in 0..3 {
        socket.send(Message::Frame(Frame::message("x".repeat(400), code, false))).await;
        code = OpCode::Data(Data::Continue);
    }
    assert_eq!(socket.closed().await, (1009, reason));
}

#[tokio::test]
async fn a_client_that_still_sends_when_it_is_told_why_is_not_cut_off() {
    let server = Server::start(Limits { message_bytes: 1000, ..limits() }, 10).await;
    let mut socket = Socket::open(server.port).await;

    // More than the buffers on the way hold. A connection that is reset would fail here or below.
    socket.send(Message::text("x".repeat(20_000_000))).await;

    let mut heard = Vec::new();
    socket.stream.into_inner().read_to_end(&mut heard).await.expect("the connection ends in order");
    let heard = String::from_utf8_lossy(&heard);
    assert!(heard.ends_with("a message is larger than 1000 bytes"), "{heard}");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped() {
    let server = Server::start(Limits { patience: SOON, ..limits() }, 10).await;
    let mut socket = Socket::ready(server.port).await;

    socket.ask("1", "subscription { texts }").await;
    assert_eq!(socket.hear().await["type"], "next");

    server.idle().await;
}

#[tokio::test]
async fn a_client_is_pinged_and_stays_as_long_as_it_answers() {
    // Long enough for an answer on a machine that has much else to do.
    let keep_alive = Duration::from_millis(250);
    let server = Server::start(Limits { keep_alive, ..limits() }, 10).await;
    let mut socket = Socket::ready(server.port).await;
    socket.ask("1", "subscription { count(to: 1, delayMs: 1000) }").await;

    let mut pings = 0;
    let next = loop {
        match socket.next().await.expect("it stays") {
            Message::Ping(_) => pings += 1,
            next => break next,
        }
    };

    assert!(pings >= 2 && next.is_text(), "{pings} {next}");
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_dropped() {
    let server = Server::start(Limits { keep_alive: SOON, ..limits() }, 10).await;
    let mut socket = Socket::ready(server.port).await;
    socket.ask("1", "subscription { count(to: 1, delayMs: 100000) }").await;

    // It does not read, so it sees no ping.
    server.busy().await;
    server.idle().await;

    while let Some(message) = socket.next().await {
        assert!(message.is_ping(), "{message}");
    }
}

#[tokio::test]
async fn a_caller_who_is_never_known_is_told_to_try_again() {
    let server = Server::start(Limits { patience: SOON, ..limits() }, 10).await;
    let mut socket = Socket::open(server.port).await;

    socket.say(json!({ "type": "connection_init", "payload": { "token": "slow" } })).await;

    assert_eq!(socket.closed().await.0, 1013);
}

#[tokio::test]
async fn a_socket_too_many_is_closed_with_1013() {
    let server = Server::start(limits(), 1).await;
    let first = Socket::ready(server.port).await;

    let second = Socket::open(server.port).await;
    assert_eq!(second.closed().await, (1013, "try again later".to_owned()));

    drop(first);
    // The server has to see first that it is gone.
    let mut third = Socket::open(server.port).await;
    third.say(json!({ "type": "connection_init" })).await;
    while third.next().await.is_none_or(|message| message.is_close()) {
        third = Socket::open(server.port).await;
        third.say(json!({ "type": "connection_init" })).await;
    }
}
