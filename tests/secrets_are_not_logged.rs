//! The log tells of requests, and never of the secrets that come with them, however they come and at whatever level.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::{body::Body, http::Method};
use culturegraph::{auth::Scope, logs};
use serde_json::json;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer, fmt, layer::SubscriberExt};

use crate::app::{served::serve, socket::Socket, sqlite};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_level_of_the_log_has_a_secret() {
    let log = Log::default();
    let writer = log.clone();
    let layer = fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    let layer = layer.with_filter(logs::filter(LevelFilter::TRACE));
    let _log = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let app = sqlite().await;
    let known = app.key(&[Scope::Read]).await;
    let unknown = known.replacen("cg_", "cg_0", 1).replacen(&known[12..13], "", 1);
    let (port, _stop, _served) = serve(app.state()).await;

    for secret in [&known, &unknown] {
        let body = || Body::from(json!({ "query": "{ viewer { scopes } }" }).to_string());
        for authorization in [format!("Bearer {secret}"), format!("Basic {secret}"), secret.clone()]
        {
            for accept in ["*/*", "text/event-stream"] {
                let headers = [
                    ("content-type", "application/json"),
                    ("accept", accept),
                    ("authorization", &*authorization),
                ];
                app.send(Method::POST, "/graphql", &headers, body()).await;
            }
            let uri = format!("/graphql?query=%7B__typename%7D&key={secret}");
            app.send(Method::GET, &uri, &[("authorization", &*authorization)], Body::empty()).await;
            let socket = Socket::greeting(port, json!({ "Authorization": &*authorization })).await;
            over(socket).await;
            over(Socket::greeting(port, json!(authorization)).await).await;
            over(Socket::greeting(port, json!({ "Authorization": [&*authorization] })).await).await;
            let mut socket = Socket::with_header(port, Some(&authorization)).await;
            socket.say(json!({ "type": "connection_init" })).await;
            over(socket).await;
            let mut socket = Socket::open(port).await;
            socket.say(json!({ "type": "connection_init", "id": [&*authorization] })).await;
            over(socket).await;
        }
    }

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("request") && log.contains("a socket is closed"), "{log}");
    for secret in [known, unknown] {
        let chance = &secret[secret.len() - 40..];
        assert!(!log.contains(chance), "{log}");
    }
}

/// Lets a socket say what it says first, and leaves.
async fn over(mut socket: Socket) {
    let _ = socket.next().await;
}
