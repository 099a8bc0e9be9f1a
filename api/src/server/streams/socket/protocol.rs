//! The messages of `graphql-transport-ws` and the codes that a socket is closed with, as
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md> has them.
use std::{borrow::Cow, fmt::Display};

use serde::Deserialize;
use serde_json::{Map, Value as Json, value::RawValue};

use crate::{
    error::Code,
    gate::{Asked, Refusal},
    record::json,
    server::{answer, body},
};

/// The name of the protocol in `Sec-WebSocket-Protocol`.
pub(super) const NAME: &str = "graphql-transport-ws";
/// The longest id of an operation, in bytes; a UUID has 36.
const ID_MAX: usize = 128;
/// The longest reason, in bytes: a control frame holds no more (RFC 6455, section 5.5).
const REASON_MAX: usize = 123;

/// What a client says.
#[derive(Debug)]
pub(super) enum Incoming {
    Init(Map<String, Json>),
    /// With its payload as it came.
    Ping(Option<String>),
    Pong,
    /// What is asked may be nothing that we take, which is told to who asks and ends nothing else.
    Subscribe {
        id: String,
        asked: Result<Asked, Refusal>,
    },
    Complete {
        id: String,
    },
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `type`")]
struct Message<'m> {
    #[serde(rename = "type", borrow)]
    ty: Cow<'m, str>,
    id: Option<String>,
    #[serde(borrow)]
    payload: Option<&'m RawValue>,
}

impl Incoming {
    /// Reads a message. The error is how the socket is closed.
    pub(super) fn parse(text: &str) -> Result<Self, Close> {
        let Message { ty, id, payload } = serde_json::from_str(text).map_err(Close::invalid)?;
        // What the protocol knows as a payload is an object, whatever the message.
        let payload = payload.map(RawValue::get);
        if payload.is_some_and(|payload| !payload.starts_with('{')) {
            return Err(Close::invalid("`payload` is no object"));
        }
        match &*ty {
            "connection_init" => {
                let payload = payload.map(serde_json::from_str).transpose();
                Ok(Incoming::Init(payload.map_err(Close::invalid)?.unwrap_or_default()))
            }
            "ping" => Ok(Incoming::Ping(payload.map(str::to_owned))),
            "pong" => Ok(Incoming::Pong),
            "subscribe" => {
                let id = id_of(id)?;
                let payload = payload.ok_or_else(|| Close::invalid("`payload` is missing"))?;
                match body::one_of_json(payload.as_bytes()) {
                    Err(refusal) if refusal.code == Code::BodyInvalid => {
                        let reason = refusal.errors.first().map_or("", |it| it.message.as_str());
                        Err(Close::invalid(reason))
                    }
                    asked => Ok(Incoming::Subscribe { id, asked }),
                }
            }
            "complete" => Ok(Incoming::Complete { id: id_of(id)? }),
            _ => Err(Close::invalid("unknown `type`")),
        }
    }
}

fn id_of(id: Option<String>) -> Result<String, Close> {
    match id {
        Some(id) if id.len() > ID_MAX => {
            Err(Close::invalid(format!("`id` is longer than {ID_MAX} bytes")))
        }
        Some(id) if !id.is_empty() => Ok(id),
        _ => Err(Close::invalid("`id` is missing")),
    }
}

/// Tells the client that it may ask.
pub(super) fn ack() -> Vec<u8> {
    br#"{"type":"connection_ack"}"#.to_vec()
}

/// The answer to a ping, which has the ping's payload.
pub(super) fn pong(payload: Option<&str>) -> Vec<u8> {
    match payload {
        Some(payload) => format!(r#"{{"type":"pong","payload":{payload}}}"#).into_bytes(),
        None => br#"{"type":"pong"}"#.to_vec(),
    }
}

/// A response to an operation.
pub(super) fn next(id: &str, response: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(response.len() + id.len() + 40);
    begin(&mut out, "next", id);
    out.extend_from_slice(br#","payload":"#);
    out.extend_from_slice(response);
    out.push(b'}');
    out
}

/// The end of an operation that did not run.
pub(super) fn error(id: &str, refusal: &Refusal) -> Vec<u8> {
    let mut out = Vec::new();
    begin(&mut out, "error", id);
    out.extend_from_slice(br#","payload":"#);
    answer::errors(&mut out, &refusal.errors);
    out.push(b'}');
    out
}

/// The end of an operation.
pub(super) fn complete(id: &str) -> Vec<u8> {
    let mut out = Vec::new();
    begin(&mut out, "complete", id);
    out.push(b'}');
    out
}

fn begin(out: &mut Vec<u8>, ty: &str, id: &str) {
    out.extend_from_slice(br#"{"type":""#);
    out.extend_from_slice(ty.as_bytes());
    out.extend_from_slice(br#"","id":"#);
    json::string(out, id);
}

/// Why a socket is closed. `graphql-ws` connects again by itself after 1001, 1013, 4403 and 4408; all other codes end what
/// its user has asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub code: u16,
    pub reason: Cow<'static, str>,
}

impl Close {
    /// The server stops; another one may take over.
    pub(super) const GOING_AWAY: Self = Close::with(1001, "the server stops");
    pub(super) const WRONG_FRAME: Self = Close::with(1002, "Protocol error");
    pub(super) const NOT_UTF8: Self = Close::with(1007, "a text is not UTF-8");
    /// As many connections are open as may be.
    pub(super) const TRY_AGAIN: Self = Close::with(1013, "try again later");
    pub(super) const BINARY: Self = Close::with(4400, "messages are text, not binary");
    pub(super) const UNAUTHORIZED: Self = Close::with(4401, "Unauthorized");
    /// What proved who calls has expired. The code is the one after which `graphql-ws` connects again, since its user can
    /// give it a new proof then; after 4401 it would give up.
    pub(super) const EXPIRED: Self = Close::with(4403, "Forbidden: the proof has expired");
    pub(super) const OTHER_PROTOCOL: Self = Close::with(4406, "Subprotocol not acceptable");
    pub(super) const INIT_TIMEOUT: Self = Close::with(4408, "Connection initialisation timeout");
    pub(super) const TOO_MANY_INITS: Self = Close::with(4429, "Too many initialisation requests");

    const fn with(code: u16, reason: &'static str) -> Self {
        Close { code, reason: Cow::Borrowed(reason) }
    }

    fn of(code: u16, reason: String) -> Self {
        let end = reason.floor_char_boundary(REASON_MAX);
        let mut reason = reason;
        reason.truncate(end);
        Close { code, reason: reason.into() }
    }

    /// A message that is none of the protocol's.
    pub(super) fn invalid(why: impl Display) -> Self {
        Close::of(4400, format!("Invalid message: {why}"))
    }

    pub(super) fn too_large(most: usize) -> Self {
        Close::of(1009, format!("a message is larger than {most} bytes"))
    }

    /// The client runs an operation of that id already.
    pub(super) fn exists(id: &str) -> Self {
        Close::of(4409, format!("Subscriber for {id} already exists"))
    }

    /// Whoever says who calls does not let this one in.
    pub(super) fn refused(refusal: &Refusal) -> Self {
        let why = || refusal.errors.first().map_or("", |it| it.message.as_str());
        match refusal.code {
            Code::Unavailable => Close::TRY_AGAIN,
            // Nothing is gained by coming again with the same key.
            Code::Unauthenticated => Close::of(4401, format!("Unauthorized: {}", why())),
            _ => Close::of(4403, format!("Forbidden: {}", why())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(text: &str) -> Incoming {
        Incoming::parse(text).unwrap_or_else(|close| panic!("{text}: {close:?}"))
    }

    #[test]
    fn the_messages_of_the_protocol_are_read() {
        assert!(
            matches!(parse(r#"{"type":"connection_init"}"#), Incoming::Init(it) if it.is_empty())
        );
        let init = r#"{"payload":{"token":"a","n":1},"type":"connection_init","more":[]}"#;
        assert!(matches!(parse(init), Incoming::Init(it) if it["token"] == "a" && it.len() == 2));
        assert!(matches!(parse(r#"{"type":"ping","payload":null}"#), Incoming::Ping(None)));
        let ping = r#" {"type": "ping", "payload": {"a": 1.0} } "#;
        assert!(matches!(parse(ping), Incoming::Ping(Some(it)) if it == r#"{"a": 1.0}"#));
        assert!(matches!(parse(r#"{"type":"pong","payload":{}}"#), Incoming::Pong));
        assert!(
            matches!(parse(r#"{"type":"complete","id":"1"}"#), Incoming::Complete { id } if id == "1")
        );
        let subscribe = r#"{"type":"subscribe","id":"\u0031","payload":{"query":"{ ok }","variables":{"a":1}}}"#;
        let Incoming::Subscribe { id, asked: Ok(asked) } = parse(subscribe) else { panic!() };
        assert_eq!((&*id, asked.query.as_deref()), ("1", Some("{ ok }")));
        assert_eq!(serde_json::to_value(asked.variables).unwrap(), json!({ "a": 1 }));
    }

    #[test]
    fn other_messages_close_the_socket() {
        let long = "x".repeat(ID_MAX + 1);
        for text in [
            "",
            "null",
            "[]",
            "{}",
            "connection_init",
            r#"{"type":1}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"start","id":"1","payload":{"query":"{ ok }"}}"#,
            r#"{"type":"ping","type":"pong"}"#,
            r#"{"type":"connection_init","payload":"token"}"#,
            r#"{"type":"connection_init","payload":[]}"#,
            r#"{"type":"ping","payload":1}"#,
            r#"{"type":"ping"} {"type":"ping"}"#,
            r#"{"type":"subscribe","payload":{"query":"{ ok }"}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{ ok }"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{ ok }"}}"#,
            &format!(r#"{{"type":"subscribe","id":"{long}","payload":{{"query":"{{ ok }}"}}}}"#),
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","id":"1","payload":[{"query":"{ ok }"}]}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"","variables":[]}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"","operationName":{}}}"#,
            r#"{"type":"complete"}"#,
        ] {
            let close = Incoming::parse(text).map(drop).unwrap_err();
            assert_eq!(close.code, 4400, "{text}");
            assert!(close.reason.len() <= REASON_MAX, "{}", close.reason);
        }
    }

    #[test]
    fn messages_inside_each_other_take_no_stack() {
        for open in ["[", "{\"a\":"] {
            let deep = open.repeat(100_000);
            for text in [
                format!(r#"{{"type":"ping","payload":{{"a":{deep}"#),
                format!(r#"{{"type":"connection_init","payload":{{"a":{deep}"#),
                format!(r#"{{"type":"subscribe","id":"1","payload":{{"variables":{deep}"#),
            ] {
                assert_eq!(Incoming::parse(&text).map(drop).unwrap_err().code, 4400);
            }
        }
    }

    #[test]
    fn a_document_by_its_hash_alone_ends_one_operation() {
        let text =
            r#"{"type":"subscribe","id":"1","payload":{"extensions":{"persistedQuery":{}}}}"#;

        let Incoming::Subscribe { asked: Err(refusal), .. } = parse(text) else { panic!() };

        assert_eq!(refusal.code, Code::PersistedQueryNotSupported);
    }

    #[test]
    fn answers_are_json() {
        let read = |bytes: Vec<u8>| serde_json::from_slice::<Json>(&bytes).unwrap();
        let refusal = Refusal::new(Code::SyntaxInvalid, "no \"");

        assert_eq!(read(ack()), json!({ "type": "connection_ack" }));
        assert_eq!(read(pong(None)), json!({ "type": "pong" }));
        assert_eq!(read(pong(Some("{}"))), json!({ "type": "pong", "payload": {} }));
        assert_eq!(
            read(next("\"", br#"{"data":{}}"#)),
            json!({ "type": "next", "id": "\"", "payload": { "data": {} } })
        );
        assert_eq!(
            read(error("ộ", &refusal)),
            json!({
                "type": "error",
                "id": "ộ",
                "payload": [{ "message": "no \"", "extensions": { "code": "SYNTAX_INVALID" } }],
            })
        );
        assert_eq!(read(complete("1")), json!({ "type": "complete", "id": "1" }));
    }

    #[test]
    fn reasons_fit_into_their_frame() {
        let close = Close::exists(&"ộ".repeat(42));

        assert!(close.reason.len() <= REASON_MAX && close.reason.starts_with("Subscriber for ộ"));
    }
}
