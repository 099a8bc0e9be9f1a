//! GraphQL over server-sent events, each operation on a connection of its own: the distinct connections mode of
//! <https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>.
use std::{io, pin::pin, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, VARY},
    },
    response::Response,
};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};

use super::{
    PIECE, Streams,
    open::Place,
    operation::{self, Bit},
    unknown, until,
};
use crate::{
    error::Code,
    gate::Refusal,
    server::{
        accept::{self, Media},
        answer, body,
        caller::Peer,
        http,
        request::RequestId,
        run::{Call, Connected, Hello, Ran, Run},
    },
};

/// A line that means nothing, so that those on the way know that the connection is alive.
const ALIVE: &[u8] = b":\n\n";
/// The data is empty and there: browsers do not tell of an event without.
const COMPLETE: &[u8] = b"event: complete\ndata:\n\n";

pub(super) async fn answer<R: Run>(streams: Streams<R>, request: Request) -> Response {
    let (id, peer) = (RequestId::given(&request), Peer::of(&request));
    let is_safe = request.method() == Method::GET;
    let (head, body) = request.into_parts();
    let (headers, limits) = (&head.headers, &streams.limits);
    let asked = match is_safe {
        true => body::of_url(head.uri.query().unwrap_or_default()),
        false => {
            let bytes = http::read(headers, body, limits.message_bytes, limits.patience).await;
            bytes.and_then(|bytes| body::one_of_json(&bytes))
        }
    };
    let asked = match asked {
        Ok(asked) => asked,
        Err(refusal) => return plain(&refusal),
    };
    // Taken when the request is there: slow ones must not take the places of others.
    let Some(place) = streams.open.enter() else {
        let message =
            "as many connections are open as may be, or the server stops: try again in a moment";
        return plain(&Refusal::new(Code::Unavailable, message));
    };
    let Connected { caller, expires } = match streams.connect(Hello::of(headers, peer)).await {
        Ok(connected) => connected,
        Err(refusal) if has_status(refusal.code) => return plain(&refusal),
        Err(refusal) => {
            return answer::refused_with(Media::GraphQl, StatusCode::FORBIDDEN, &refusal);
        }
    };
    let langs = accept::languages(headers);
    let call = Call { id: id.clone(), langs, is_safe, caller: caller.clone(), once: None };
    let ran = operation::ran(&streams.run, asked, call).await;
    let mut told = HeaderMap::new();
    streams.run.tell(&caller, &mut told);
    let mut response = match ran {
        // That the document is wrong is said in the stream, as the protocol asks. What HTTP has a status for gets it: a
        // client knows by it whether to try again.
        Ran::Refused(refusal) if has_status(refusal.code) => plain(&refusal),
        ran => {
            let bits = operation::bits(ran, id, streams.open.stopped());
            let (sender, chunks) = mpsc::channel(1);
            let stream = Outgoing { sender, keep_alive: limits.keep_alive, expires };
            let run = streams.run.clone();
            let ended = async move { unknown(&run, &caller).await };
            tokio::spawn(stream.send(bits, limits.patience, place, ended));
            response(chunks)
        }
    };
    response.headers_mut().extend(told);
    response
}

/// Whether HTTP has a status for it.
fn has_status(code: Code) -> bool {
    answer::status(Media::GraphQl, code) != StatusCode::BAD_REQUEST
}

fn plain(refusal: &Refusal) -> Response {
    answer::refused(Media::GraphQl, refusal)
}

/// A piece of the body.
struct Chunk {
    bytes: Bytes,
    is_last: bool,
}

impl Chunk {
    fn of(bytes: impl Into<Bytes>, is_last: bool) -> Self {
        Chunk { bytes: bytes.into(), is_last }
    }
}

fn response(chunks: mpsc::Receiver<Chunk>) -> Response {
    let body = stream::unfold((chunks, false), |(mut chunks, is_over)| async move {
        if is_over {
            return None;
        }
        Some(match chunks.recv().await {
            Some(Chunk { bytes, is_last }) => (Ok(bytes), (chunks, is_last)),
            // A body that broke off must not look like a whole one.
            None => (Err(io::Error::other("the stream was cut")), (chunks, true)),
        })
    });
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, "text/event-stream"),
        (VARY, "Accept, Accept-Language, Authorization"),
        (CACHE_CONTROL, "no-store"),
        // Some proxies would otherwise wait for more to send at once.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The sending side of a stream of events.
struct Outgoing {
    sender: mpsc::Sender<Chunk>,
    keep_alive: Duration,
    expires: Option<Instant>,
}

impl Outgoing {
    /// Sends what comes of an operation. It ends at once when the client goes, and when it takes nothing for too long: then
    /// the operation and its place are free, and what is left is a connection that nobody reads from.
    /// The same when `ended` does.
    async fn send(
        self,
        mut bits: BoxStream<'static, Bit>,
        patience: Duration,
        place: Place,
        ended: impl Future<Output = ()>,
    ) {
        let mut ended = pin!(ended);
        loop {
            let chunk = tokio::select! {
                bit = bits.next() => chunk(bit),
                () = sleep(self.keep_alive) => Chunk::of(ALIVE, false),
                () = self.sender.closed() => break,
                () = until(self.expires) => break,
                () = &mut ended => break,
            };
            let is_last = chunk.is_last;
            if self.push(chunk, patience).await.is_err() || is_last {
                break;
            }
        }
        drop(place);
    }

    /// Sends in pieces; the error is that the client does not take one.
    async fn push(&self, chunk: Chunk, patience: Duration) -> Result<(), ()> {
        let Chunk { bytes: mut rest, is_last } = chunk;
        while !rest.is_empty() {
            let bytes = rest.split_to(rest.len().min(PIECE));
            let piece = Chunk { bytes, is_last: is_last && rest.is_empty() };
            self.sender.send_timeout(piece, patience).await.map_err(drop)?;
        }
        Ok(())
    }
}

fn chunk(bit: Option<Bit>) -> Chunk {
    match bit {
        Some(Bit::Next(response)) => Chunk::of(next(&response), false),
        Some(Bit::Refused(refusal)) => {
            let mut bytes = next(&answer::refusal(&refusal));
            bytes.extend_from_slice(COMPLETE);
            Chunk::of(bytes, true)
        }
        Some(Bit::Complete) | None => Chunk::of(COMPLETE, true),
    }
}

/// A response as an event. JSON may have line breaks between its values; each line is a line of data then.
fn next(response: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(response.len() + 24);
    out.extend_from_slice(b"event: next\n");
    for line in response.split(|byte| matches!(byte, b'\n' | b'\r')) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.push(b'\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(chunk: Chunk) -> String {
        String::from_utf8(chunk.bytes.into()).unwrap()
    }

    #[test]
    fn events_are_lines() {
        let one = chunk(Some(Bit::Next(b"{\"data\":{}}".to_vec())));
        let lines = chunk(Some(Bit::Next(b"{\r\n}".to_vec())));

        assert!(!one.is_last);
        assert_eq!(text(one), "event: next\ndata: {\"data\":{}}\n\n");
        assert_eq!(text(lines), "event: next\ndata: {\ndata: \ndata: }\n\n");
    }

    #[test]
    fn a_refusal_is_a_response_and_the_end() {
        let refused = chunk(Some(Bit::Refused(Refusal::new(Code::SyntaxInvalid, "no"))));

        assert!(refused.is_last);
        let errors = r#"{"errors":[{"message":"no","extensions":{"code":"SYNTAX_INVALID"}}]}"#;
        let expected = format!("event: next\ndata: {errors}\n\nevent: complete\ndata:\n\n");
        assert_eq!(text(refused), expected);
    }
}
