//! GraphQL over HTTP, by the edition of September 2026; where we differ, `answer` says why.
use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::ALLOW},
    response::Response,
};
use futures_util::future::join_all;
use std::time::Duration;
use tokio::time::timeout;

use super::{
    accept::{self, Media},
    answer,
    body::{self, Requests},
    cache,
    caller::Peer,
    request::RequestId,
    run::{self, Call, Connected, Hello, Ran, Run},
    state::App,
};
use crate::{auth::Caller, error::Code, gate::Refusal, record::json};

pub(super) async fn get(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let headers = request.headers();
    let Some(media) = Media::negotiate(headers) else { return not_acceptable() };
    let hello = Hello::of(headers, Peer::of(&request));
    let asked = body::of_url(request.uri().query().unwrap_or_default());
    let (asked, caller) = match known(&app, hello, asked).await {
        Ok(known) => known,
        Err(refusal) => return answer::refused(media, &refusal),
    };
    let mut response = match app.run(asked, call(&id, headers, true, caller.clone())).await {
        Ran::Once(answer) => {
            let is_anybodys = caller.key().is_none();
            cache::kept(headers, answer, is_anybodys, |body| whole(media, body))
        }
        ran => answered(media, ran),
    };
    app.tell(&caller, response.headers_mut());
    response
}

pub(super) async fn post(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let peer = Peer::of(&request);
    let (head, body) = request.into_parts();
    let Some(media) = Media::negotiate(&head.headers) else { return not_acceptable() };
    let config = app.config();
    let bytes = read(&head.headers, body, config.max_body_bytes, config.request_timeout).await;
    let asked = bytes.and_then(|bytes| body::of_json(&bytes, config.max_batch));
    let asked = asked.and_then(|asked| match (once(&head.headers)?, &asked) {
        (Some(_), Requests::Batch(_)) => {
            let message = "with `Idempotency-Key` a request is one operation: send each by itself";
            Err(Refusal::new(Code::BatchNotAllowed, message))
        }
        _ => Ok(asked),
    });
    let (asked, caller) = match known(&app, Hello::of(&head.headers, peer), asked).await {
        Ok(known) => known,
        Err(refusal) => return answer::refused(media, &refusal),
    };
    let run = |asked| app.run(asked, call(&id, &head.headers, false, caller.clone()));
    let mut response = match asked {
        Requests::One(asked) => answered(media, run(asked).await),
        Requests::Batch(list) => {
            let each = list.into_iter().map(async |asked| match asked {
                Ok(asked) => run(asked).await,
                Err(refusal) => Ran::Refused(refusal),
            });
            batch(media, join_all(each).await)
        }
    };
    app.tell(&caller, response.headers_mut());
    response
}

/// What is asked, if that can be said, and by whom. It may take as long as a request.
async fn known<T>(
    app: &App,
    hello: Hello<'_>,
    asked: Result<T, Refusal>,
) -> Result<(T, Caller), Refusal> {
    let asked = asked?;
    let connected = timeout(app.config().request_timeout, app.connect(hello)).await;
    let Connected { caller, .. } = connected.unwrap_or_else(|_| Err(run::unknown_in_time()))?;
    Ok((asked, caller))
}

/// Reads a body of JSON, for as long as a client is waited for.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    most: usize,
    patience: Duration,
) -> Result<Vec<u8>, Refusal> {
    body::check_type(headers)?;
    let read = body::read(headers, body, most);
    // A client that sends too slowly is not waited for.
    match timeout(patience, read).await {
        Ok(bytes) => bytes,
        Err(_) => Err(Refusal::new(Code::TimedOut, "the body took too long to arrive")),
    }
}

pub(super) async fn other_method(headers: HeaderMap) -> Response {
    let refusal = Refusal::new(Code::MethodNotAllowed, "send a GET or a POST");
    let media = Media::negotiate(&headers).unwrap_or(Media::GraphQl);
    let mut response = answer::refused(media, &refusal);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    response
}

fn not_acceptable() -> Response {
    let message =
        "answers are application/graphql-response+json, application/json or text/event-stream";
    let refusal = Refusal::new(Code::MediaTypeNotSupported, message);
    answer::refused_with(Media::GraphQl, StatusCode::NOT_ACCEPTABLE, &refusal)
}

/// `is_safe`: by a method that must change nothing.
fn call(id: &RequestId, headers: &HeaderMap, is_safe: bool, caller: Caller) -> Call<Caller> {
    let (langs, once) = (accept::languages(headers), once(headers).ok().flatten());
    Call { id: id.clone(), langs, is_safe, caller, once }
}

fn answered(media: Media, ran: Ran) -> Response {
    match ran {
        Ran::Refused(refusal) => answer::refused(media, &refusal),
        Ran::Once(answer) => whole(media, answer.body),
        Ran::Many(_) => answer::refused(media, &streams_elsewhere()),
    }
}

fn whole(media: Media, body: Vec<u8>) -> Response {
    answer::response(media, StatusCode::OK, body)
}

/// The name under which a write is done once, with whatever is around it.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Longer names are no names.
const LONGEST_NAME: usize = 255;

/// By what the client calls its write.
fn once(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(first) = given.next() else { return Ok(None) };
    let name = first.to_str().ok().filter(|_| given.next().is_none()).and_then(name);
    match name {
        Some(name) => Ok(Some(name.to_owned())),
        None => {
            let message = format!(
                "`Idempotency-Key` is one key of 1 to {LONGEST_NAME} visible characters of ASCII, such as a UUID, without \
                 spaces, `\"` and `\\` in it"
            );
            Err(Refusal::new(Code::BodyInvalid, message))
        }
    }
}

/// A name as a string of the structured fields, as the draft of the header has it, or without its quotes. What is escaped there
/// is no part of a name, so that both say the same.
fn name(given: &str) -> Option<&str> {
    let given = given.trim();
    let quoted = given.strip_prefix('"').and_then(|given| given.strip_suffix('"'));
    let name = quoted.unwrap_or(given);
    let is_visible = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    let is_one = (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(is_visible);
    is_one.then_some(name)
}

/// The answers of a list of operations, in its order; each says for itself whether it was refused.
fn batch(media: Media, all: Vec<Ran>) -> Response {
    let mut out = Vec::new();
    json::list(&mut out, json::ARRAY, all, |out, ran| match ran {
        Ran::Refused(refusal) => out.extend(answer::refusal(&refusal)),
        Ran::Once(answer) => out.extend(answer.body),
        Ran::Many(_) => out.extend(answer::refusal(&streams_elsewhere())),
    });
    whole(media, out)
}

fn streams_elsewhere() -> Refusal {
    let message = "ask for a subscription over a WebSocket, or with `Accept: text/event-stream`";
    Refusal::new(Code::DocumentInvalid, message)
}
