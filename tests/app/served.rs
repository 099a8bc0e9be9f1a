//! The product on a port of its own, for what cannot be asked in memory.

use std::io;

use culturegraph::{
    config::Config,
    server::{
        self, App, Connections,
        shutdown::{self, Stop},
    },
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// Serves until it is told to stop.
pub(crate) async fn serve(app: App) -> (u16, watch::Sender<bool>, JoinHandle<io::Result<()>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("ports are left");
    let port = listener.local_addr().expect("it listens").port();
    let (stop, told) = watch::channel(false);
    let end = Stop { told, deadline: shutdown::DEADLINE };
    let (router, open) = (server::router(app.clone()), app.open().clone());
    let connections = Connections::of(&Config::default());
    (port, stop, tokio::spawn(server::serve(listener, router, open, connections, end)))
}

/// Status and body of what a server answers to a POST of JSON, over a connection of its own.
pub(crate) async fn post(port: u16, secret: &str, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\n\
         authorization: Bearer {secret}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the server listens");
    stream.write_all(head.as_bytes()).await.expect("the server reads");
    stream.write_all(body.as_bytes()).await.expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("the server answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("headers end");
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).expect("there is a status");
    (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}")))
}
