//! A socket as messages in and out. No more of a message is held than is allowed, and nobody is waited for without end.
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Bytes, Error, Message, Utf8Bytes,
        protocol::{
            CloseFrame, Role, WebSocketConfig,
            frame::{
                Frame,
                coding::{Data, OpCode},
            },
        },
    },
};

use super::protocol::Close;
use crate::server::streams::PIECE;

/// Bytes of the buffer that a socket reads into; it has more while a message comes in.
const READ_BUFFER: usize = 4 * 1024;
/// How long a client may take to hear that the socket is closed.
const FAREWELL: Duration = Duration::from_secs(1);

pub(super) struct Socket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    /// Largest message that comes in.
    most: usize,
    /// How long a frame may take to leave.
    patience: Duration,
}

/// Why a talk ends.
#[derive(Debug)]
pub(super) enum End {
    /// We close the socket.
    Close(Close),
    /// The client has closed it, or it is broken.
    Gone,
}

impl From<Close> for End {
    fn from(close: Close) -> Self {
        End::Close(close)
    }
}

/// What comes in.
pub(super) enum Received {
    Text(Utf8Bytes),
    /// A ping or a pong of the socket itself.
    Life,
}

impl Socket {
    pub(super) async fn new(upgraded: Upgraded, most: usize, patience: Duration) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            // Each frame is sent at once.
            .write_buffer_size(0)
            .max_message_size(Some(most))
            .max_frame_size(Some(most));
        let upgraded = TokioIo::new(upgraded);
        let stream = WebSocketStream::from_raw_socket(upgraded, Role::Server, Some(config)).await;
        Socket { stream, most, patience }
    }

    /// The next thing that comes in. Nothing is lost if the future is dropped.
    pub(super) async fn receive(&mut self) -> Result<Received, End> {
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => Ok(Received::Text(text)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Received::Life),
            Some(Ok(Message::Binary(_))) => Err(Close::BINARY.into()),
            Some(Ok(Message::Close(_) | Message::Frame(_))) => {
                // The answer to the close waits to be sent.
                let _ = timeout(FAREWELL, self.stream.flush()).await;
                Err(End::Gone)
            }
            Some(Err(Error::Capacity(_))) => Err(Close::too_large(self.most).into()),
            Some(Err(Error::Utf8(_))) => Err(Close::NOT_UTF8.into()),
            Some(Err(Error::Protocol(error))) => {
                tracing::debug!(%error, "a client breaks the protocol of sockets");
                Err(Close::WRONG_FRAME.into())
            }
            Some(Err(_)) | None => Err(End::Gone),
        }
    }

    /// Sends a message. A client that does not read is gone.
    pub(super) async fn send(&mut self, message: Vec<u8>) -> Result<(), End> {
        let mut rest = Bytes::from(message);
        let mut code = OpCode::Data(Data::Text);
        loop {
            let frame = rest.split_to(rest.len().min(PIECE));
            let is_last = rest.is_empty();
            self.push(Message::Frame(Frame::message(frame, code, is_last))).await?;
            if is_last {
                return Ok(());
            }
            code = OpCode::Data(Data::Continue);
        }
    }

    pub(super) async fn ping(&mut self) -> Result<(), End> {
        self.push(Message::Ping(Bytes::new())).await
    }

    async fn push(&mut self, message: Message) -> Result<(), End> {
        match timeout(self.patience, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }

    /// Closes the socket. What the client still sends is read, since a connection that ends with unread bytes is reset, and
    /// then the client may never see the reason; it is thrown away as it comes, and not for long.
    pub(super) async fn close(mut self, close: Close) {
        let Close { code, reason } = close;
        let frame = CloseFrame { code: code.into(), reason: Utf8Bytes::from(&*reason) };
        let farewell = async {
            self.stream.send(Message::Close(Some(frame))).await.ok()?;
            let mut stream = self.stream.into_inner();
            stream.shutdown().await.ok()?;
            let mut thrown_away = [0; 4096];
            while stream.read(&mut thrown_away).await.ok()? > 0 {}
            Some(())
        };
        // Whoever does not hear us in time is left alone.
        let _ = timeout(FAREWELL, farewell).await;
    }
}
