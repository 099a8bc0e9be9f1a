//! What a server that stops does with the connections that stay open: streams are completed, what else runs is answered.

use std::time::Duration;

use axum::{body::Body, http::Request};
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::{
    app::socket::{LONG, Socket},
    counting::{Server, limits},
};

#[tokio::test]
async fn streams_are_completed_and_operations_answered_before_a_socket_closes() {
    let server = Server::start(limits(), 10).await;
    let (mut busy, mut idle) = (Socket::ready(server.port).await, Socket::ready(server.port).await);
    let new = Socket::open(server.port).await;
    busy.ask("s", "subscription { count(to: 1000000, delayMs: 100000) }").await;
    busy.ask("q", "{ slow(ms: 1000) }").await;
    busy.ask("now", "{ total }").await;
    busy.hear().await;
    busy.hear().await;

    server.stop();

    assert_eq!(busy.hear().await, json!({ "type": "complete", "id": "s" }));
    // Not heard any more: whoever asks now asks again elsewhere.
    busy.ask("late", "{ total }").await;
    let answer = json!({ "type": "next", "id": "q", "payload": { "data": { "slow": 1000 } } });
    assert_eq!(busy.hear().await, answer);
    assert_eq!(busy.hear().await, json!({ "type": "complete", "id": "q" }));
    idle.say(json!({ "type": "pong" })).await;
    for socket in [busy, idle, new] {
        assert_eq!(socket.closed().await, (1001, "the server stops".to_owned()));
    }
    timeout(LONG, server.stopped()).await.expect("nothing holds the server");
}

#[tokio::test]
async fn streams_of_events_are_completed() {
    let server = Server::start(limits(), 10).await;
    let query = json!({ "query": "subscription { count(to: 1000000, delayMs: 100000) }" });
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .body(Body::from(query.to_string()))
        .unwrap();
    let answer = server.router.clone().oneshot(request).await.unwrap();

    server.stop();

    let mut body = answer.into_body().into_data_stream();
    let piece = timeout(LONG, body.next()).await.expect("the stream ends");
    assert_eq!(piece.unwrap().unwrap(), "event: complete\ndata:\n\n");
    assert!(body.next().await.is_none());
    timeout(LONG, server.stopped()).await.expect("nothing holds the server");
}

#[tokio::test]
async fn what_takes_too_long_is_cut() {
    let server = Server::with_deadline(limits(), 10, Duration::from_millis(50)).await;
    let mut socket = Socket::ready(server.port).await;
    socket.ask("1", "{ slow(ms: 100000) }").await;
    server.busy().await;

    server.stop();

    timeout(LONG, server.stopped()).await.expect("nothing holds the server");
}
