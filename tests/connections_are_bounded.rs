//! Clients that are slow, silent or many: none holds a connection for ever, and none keeps others from being answered.

use std::time::Duration;

use axum::{Router, body::Bytes, routing::get};
use culturegraph::{
    config::Config,
    server::{self, App, Connections, shutdown::Stop, streams::Open},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};

/// Nothing that a test waits for takes so long.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);
const GET: &[u8] = b"GET /live HTTP/1.1\r\nhost: a\r\n\r\n";

struct Server {
    port: u16,
    stop: watch::Sender<bool>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Server {
    async fn start(router: Router, connections: Connections) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, told) = watch::channel(false);
        let end = Stop { told, deadline: Duration::from_secs(10) };
        let served = server::serve(listener, router, Open::new(1), connections, end);
        Server { port, stop, served: tokio::spawn(served) }
    }

    /// The product, without its database.
    async fn product(connections: Connections) -> Self {
        let config = Config { request_timeout: SHORT, ..Config::default() };
        Self::start(server::router(App::starting(config)), connections).await
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.expect("the server listens")
    }
}

fn connections() -> Connections {
    Connections { most: 10, idle: SHORT, patience: SHORT }
}

/// All that comes until the server closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection may also end with a reset, after what was heard.
    let read = timeout(LONG, stream.read_to_end(&mut bytes)).await;
    let _ = read.expect("the server closes the connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn who_sends_no_headers_or_few_at_a_time_is_not_waited_for() {
    let server = Server::product(connections()).await;
    let (mut silent, mut slow) = (server.connect().await, server.connect().await);
    slow.write_all(b"GET /live HTTP/1.1\r\n").await.unwrap();

    let dripping = async {
        // Each of them alone comes early enough.
        while slow.write_all(b"a: b\r\n").await.is_ok() {
            sleep(SHORT / 10).await;
        }
    };
    timeout(LONG, dripping).await.expect("the server closes the connection");
    assert_eq!(rest(&mut silent).await, "");
}

#[tokio::test]
async fn a_connection_without_a_further_request_is_closed() {
    let server = Server::product(connections()).await;
    let mut stream = server.connect().await;
    for _ in 0..3 {
        stream.write_all(GET).await.unwrap();
        sleep(SHORT / 10).await;
    }

    let heard = rest(&mut stream).await;

    assert_eq!(heard.matches("HTTP/1.1 200 OK").count(), 3, "{heard}");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let server = Server::product(Connections { idle: LONG, ..connections() }).await;
    let mut stream = server.connect().await;
    let head = "POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();

    let heard = rest(&mut stream).await;

    assert!(heard.starts_with("HTTP/1.1 408 "), "{heard}");
    assert!(heard.contains("TIMED_OUT"), "{heard}");
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_dropped() {
    let body = Bytes::from(vec![b'x'; 64 * 1024 * 1024]);
    let long = Router::new().route("/live", get(async move || body));
    let server = Server::start(long, Connections { most: 1, ..connections() }).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();

    // There is one place, and whoever reads nothing gives it up.
    let mut other = server.connect().await;
    other
        .write_all(b"GET /nothing HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let heard = rest(&mut other).await;

    assert!(heard.starts_with("HTTP/1.1 404 "), "{heard}");
    assert!(rest(&mut stream).await.len() < 64 * 1024 * 1024);
}

#[tokio::test]
async fn who_comes_beyond_the_most_waits_until_one_has_gone() {
    let server = Server::product(Connections { most: 2, idle: LONG, patience: LONG }).await;
    let (one, _two) = (server.connect().await, server.connect().await);
    let mut three = server.connect().await;
    three.write_all(GET).await.unwrap();
    let mut byte = [0];
    assert!(timeout(SHORT, three.read(&mut byte)).await.is_err(), "it is answered");

    drop(one);

    let read = timeout(LONG, three.read(&mut byte)).await;
    assert_eq!(read.expect("it is answered now").unwrap(), 1);
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let server = Server::product(connections()).await;
    let mut stream = server.connect().await;
    let head = format!("GET /graphql?query={} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(80_000));
    // The server may have answered before all of it was sent.
    let _ = stream.write_all(head.as_bytes()).await;

    let heard = rest(&mut stream).await;

    assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 4"), "{heard}");
}

#[tokio::test]
async fn idle_connections_do_not_hold_a_server_that_stops() {
    let server = Server::product(Connections { idle: LONG, ..connections() }).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    let mut bytes = [0; 1024];
    assert!(stream.read(&mut bytes).await.unwrap() > 0);

    server.stop.send_replace(true);

    let ended = timeout(Duration::from_secs(5), server.served).await;
    ended.expect("nothing holds the server").unwrap().unwrap();
    assert_eq!(rest(&mut stream).await, "");
}
