//! GraphQL over WebSocket. `upgrade` makes a request a socket, `wire` is its messages as bytes, `protocol` what they say;
//! here is the talk.
mod operations;
mod protocol;
mod upgrade;
mod wire;

use std::{convert::Infallible, pin::pin};

use axum::{extract::Request, http::HeaderMap, response::Response};
use futures_util::{StreamExt, stream};
use serde_json::{Map, Value as Json};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use self::{
    operations::Operations,
    protocol::{Close, Incoming},
    upgrade::Upgrade,
    wire::{End, Received, Socket},
};
use super::{Streams, operation, operation::Bit, unknown, until};
use crate::{
    error::Code,
    gate::{Asked, Refusal},
    server::{
        accept,
        caller::Peer,
        request::RequestId,
        run::{Call, Connected, Hello, Run},
    },
    value::lang::Lang,
};
pub(super) use upgrade::is_asked_for;

/// Makes a request a socket, and talks on it until it ends.
pub(super) fn accept<R: Run>(streams: Streams<R>, mut request: Request) -> Response {
    let Upgrade { response, socket, speaks_graphql } =
        match upgrade::upgrade(&mut request, streams.limits.origins.as_deref()) {
            Ok(upgrade) => upgrade,
            Err(unfit) => return unfit.into_response(),
        };
    let (id, peer) = (RequestId::given(&request), Peer::of(&request));
    let headers = std::mem::take(request.headers_mut());
    // Taken before the socket is there, so that a server that stops waits for it.
    let place = streams.open.enter();
    tokio::spawn(async move {
        let Ok(upgraded) = socket.await else { return };
        let limits = &streams.limits;
        let mut socket = Socket::new(upgraded, limits.message_bytes, limits.patience).await;
        let end = match &place {
            _ if !speaks_graphql => Close::OTHER_PROTOCOL.into(),
            // A client reads the code of a socket, and cannot read the status of a request that would become one.
            None => Close::TRY_AGAIN.into(),
            Some(_) => {
                let Err(end) = Talk::new(&streams, &id, &headers, peer).run(&mut socket).await;
                end
            }
        };
        let request_id = id.as_str();
        match end {
            End::Close(close) => {
                let Close { code, reason } = &close;
                tracing::info!(request_id, code, ?reason, "a socket is closed");
                socket.close(close).await;
            }
            End::Gone => tracing::info!(request_id, "a socket has ended"),
        }
        drop(place);
    });
    response
}

/// What is said on one socket.
struct Talk<'s, R: Run> {
    streams: &'s Streams<R>,
    id: &'s RequestId,
    headers: &'s HeaderMap,
    peer: Option<Peer>,
    langs: Vec<Lang>,
    operations: Operations,
}

impl<'s, R: Run> Talk<'s, R> {
    fn new(
        streams: &'s Streams<R>,
        id: &'s RequestId,
        headers: &'s HeaderMap,
        peer: Option<Peer>,
    ) -> Self {
        let langs = accept::languages(headers);
        Talk { streams, id, headers, peer, langs, operations: Operations::default() }
    }

    /// Talks until there is a reason to end.
    async fn run(mut self, socket: &mut Socket) -> Result<Infallible, End> {
        let limits = &self.streams.limits;
        let mut stopped = self.streams.open.stopped();
        let payload = tokio::select! {
            payload = timeout(limits.init_timeout, greeted(socket)) => {
                payload.map_err(|_| Close::INIT_TIMEOUT)??
            }
            () = &mut stopped => return Err(Close::GOING_AWAY.into()),
        };
        let hello = Hello { headers: self.headers, payload: &payload, peer: self.peer };
        let connected = self.streams.connect(hello);
        let Connected { caller, expires } =
            connected.await.map_err(|refusal| Close::refused(&refusal))?;
        socket.send(protocol::ack()).await?;

        let mut ticks = interval_at(Instant::now() + limits.keep_alive, limits.keep_alive);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut is_alive, mut stops) = (true, false);
        let run = self.streams.run.clone();
        let mut unknown = pin!(unknown(&run, &caller));
        // What was accepted is still answered when the server stops.
        while !stops || self.operations.len() > 0 {
            tokio::select! {
                // What a client has said is heard before it is asked for a sign of life: a pong may have waited while a
                // long answer was sent.
                biased;
                received = socket.receive() => {
                    is_alive = true;
                    if let Received::Text(text) = received? {
                        self.hear(socket, &caller, &text, stops).await?;
                    }
                }
                () = until(expires) => return Err(Close::EXPIRED.into()),
                () = &mut unknown => return Err(Close::EXPIRED.into()),
                () = &mut stopped, if !stops => stops = true,
                _ = ticks.tick() => {
                    // Nobody would hear why.
                    if !std::mem::take(&mut is_alive) {
                        return Err(End::Gone);
                    }
                    socket.ping().await?;
                }
                Some((id, bit)) = self.operations.next() => {
                    socket.send(match bit {
                        Bit::Next(response) => protocol::next(&id, &response),
                        Bit::Refused(refusal) => protocol::error(&id, &refusal),
                        Bit::Complete => protocol::complete(&id),
                    }).await?;
                    // A client that reads lives, though our ping may still stand behind what it reads.
                    is_alive = true;
                }
            }
        }
        Err(Close::GOING_AWAY.into())
    }

    /// Takes a message of a client that may ask.
    async fn hear(
        &mut self,
        socket: &mut Socket,
        caller: &R::Caller,
        text: &str,
        stops: bool,
    ) -> Result<(), End> {
        match Incoming::parse(text)? {
            Incoming::Init(_) => Err(Close::TOO_MANY_INITS.into()),
            Incoming::Ping(payload) => socket.send(protocol::pong(payload.as_deref())).await,
            Incoming::Pong => Ok(()),
            Incoming::Complete { id } => {
                self.operations.stop(&id);
                Ok(())
            }
            Incoming::Subscribe { id, .. } if self.operations.contains(&id) => {
                Err(Close::exists(&id).into())
            }
            // It hears nothing, and asks again elsewhere when the socket closes.
            Incoming::Subscribe { .. } if stops => Ok(()),
            Incoming::Subscribe { id, asked } => match asked.and_then(|it| self.fits(it)) {
                Ok(asked) => {
                    self.start(&id, caller.clone(), asked);
                    Ok(())
                }
                Err(refusal) => socket.send(protocol::error(&id, &refusal)).await,
            },
        }
    }

    /// An operation more, unless there are too many. The socket stays: parts of a program that know nothing of each other
    /// share it, and a client that lost it would ask for all of them again, only to lose it again.
    fn fits(&self, asked: Asked) -> Result<Asked, Refusal> {
        let most = self.streams.limits.socket_streams;
        if self.operations.len() < most {
            return Ok(asked);
        }
        let message = format!("{most} operations run on this socket already: complete one of them");
        Err(Refusal::new(Code::TooManyStreams, message))
    }

    fn start(&mut self, id: &str, caller: R::Caller, asked: Asked) {
        let langs = self.langs.clone();
        let call = Call { id: RequestId::generate(), langs, is_safe: false, caller, once: None };
        tracing::debug!(request_id = call.id.as_str(), socket = self.id.as_str(), "an operation");
        let (run, stopped) = (self.streams.run.clone(), self.streams.open.stopped());
        let bits = stream::once(async move {
            let request_id = call.id.clone();
            let ran = operation::ran(&run, asked, call).await;
            operation::bits(ran, request_id, stopped)
        });
        self.operations.start(id, bits.flatten().boxed());
    }
}

/// Waits for what a client says of itself. Before that it may ask for nothing.
async fn greeted(socket: &mut Socket) -> Result<Map<String, Json>, End> {
    loop {
        let Received::Text(text) = socket.receive().await? else { continue };
        match Incoming::parse(&text)? {
            Incoming::Init(payload) => return Ok(payload),
            Incoming::Ping(payload) => socket.send(protocol::pong(payload.as_deref())).await?,
            Incoming::Pong | Incoming::Complete { .. } => {}
            Incoming::Subscribe { .. } => return Err(Close::UNAUTHORIZED.into()),
        }
    }
}
