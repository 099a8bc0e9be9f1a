//! A client of `graphql-transport-ws` that says what it is told to, also what no client should.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

/// Nothing that a test waits for takes so long.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) struct Socket {
    pub(crate) stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// A socket that has said nothing yet.
    pub(crate) async fn open(port: u16) -> Self {
        Self::speaking(port, Some("graphql-transport-ws")).await
    }

    /// A socket of another protocol, or of none.
    pub(crate) async fn speaking(port: u16, protocol: Option<&str>) -> Self {
        Self::connect(port, &[("sec-websocket-protocol", protocol)]).await
    }

    /// A socket whose request says who it is.
    pub(crate) async fn with_header(port: u16, authorization: Option<&str>) -> Self {
        let protocol = Some("graphql-transport-ws");
        let headers = [("sec-websocket-protocol", protocol), ("authorization", authorization)];
        Self::connect(port, &headers).await
    }

    async fn connect(port: u16, headers: &[(&'static str, Option<&str>)]) -> Self {
        let url = format!("ws://127.0.0.1:{port}/graphql");
        let mut request = url.into_client_request().expect("it is a URL");
        for (name, value) in headers {
            if let Some(value) = value {
                let value = value.parse().expect("it is a header's value");
                request.headers_mut().insert(*name, value);
            }
        }
        let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the server listens");
        let (stream, _) = client_async(request, stream).await.expect("the server takes sockets");
        Self { stream }
    }

    /// A socket that has said who it is.
    pub(crate) async fn greeting(port: u16, payload: Value) -> Self {
        let mut socket = Self::open(port).await;
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        socket
    }

    /// A socket on which operations may be asked.
    pub(crate) async fn ready(port: u16) -> Self {
        let mut socket = Self::open(port).await;
        socket.say(json!({ "type": "connection_init" })).await;
        assert_eq!(socket.hear().await, json!({ "type": "connection_ack" }));
        socket
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.stream.send(message).await.expect("the server listens");
    }

    pub(crate) async fn ask(&mut self, id: &str, query: &str) {
        let payload = json!({ "query": query });
        self.say(json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }

    /// The next message of the protocol.
    pub(crate) async fn hear(&mut self) -> Value {
        loop {
            match self.next().await {
                Some(Message::Text(text)) => {
                    return serde_json::from_str(&text).expect("messages are JSON");
                }
                Some(Message::Ping(_)) => {}
                other => panic!("{other:?} is no message of the protocol"),
            }
        }
    }

    /// The code that the server closes the socket with, and the reason; 1006 is none, as in browsers.
    pub(crate) async fn closed(mut self) -> (u16, String) {
        loop {
            match self.next().await {
                Some(Message::Close(Some(close))) => {
                    return (close.code.into(), close.reason.to_string());
                }
                Some(Message::Ping(_)) => {}
                None => return (1006, String::new()),
                Some(other) => panic!("{other:?} comes before the socket is closed"),
            }
        }
    }

    pub(crate) async fn next(&mut self) -> Option<Message> {
        let message = timeout(LONG, self.stream.next()).await.expect("the server says something");
        message.and_then(Result::ok)
    }
}
