//! GraphQL over HTTP, by the edition of September 2026; where we differ, `answer` says why.
use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::ALLOW},
    response::Response,
};
use std::time::Duration;

use super::{
    accept::{self, Media},
    answer, body,
    request::RequestId,
    run::{Call, Ran, Run},
    state::App,
};
use crate::{
    error::Code,
    gate::{Asked, Refusal},
};

pub(super) async fn get(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let Some(media) = Media::negotiate(request.headers()) else { return not_acceptable() };
    let asked = body::of_url(request.uri().query().unwrap_or_default());
    Box::pin(answer(&app, id, media, request.headers(), asked, true)).await
}

pub(super) async fn post(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Some(media) = Media::negotiate(&head.headers) else { return not_acceptable() };
    let config = app.config();
    let asked = read(&head.headers, body, config.max_body_bytes, config.request_timeout).await;
    Box::pin(answer(&app, id, media, &head.headers, asked, false)).await
}

pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    most: usize,
    patience: Duration,
) -> Result<Asked, Refusal> {
    body::check_type(headers)?;
    let read = body::read(headers, body, most);
    // A client that sends too slowly is not waited for.
    match tokio::time::timeout(patience, read).await {
        Ok(bytes) => body::of_json(&bytes?),
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

/// Runs what is asked. `is_safe`: by a method that must change nothing.
async fn answer(
    app: &App,
    id: RequestId,
    media: Media,
    headers: &HeaderMap,
    asked: Result<Asked, Refusal>,
    is_safe: bool,
) -> Response {
    let langs = accept::languages(headers);
    let ran = match asked {
        Ok(asked) => app.run(asked, Call { id, langs, is_safe, caller: () }).await,
        Err(refusal) => Ran::Refused(refusal),
    };
    match ran {
        Ran::Refused(refusal) => answer::refused(media, &refusal),
        Ran::Once(body) => answer::response(media, StatusCode::OK, body),
        Ran::Many(_) => {
            let message =
                "ask for a subscription over a WebSocket, or with `Accept: text/event-stream`";
            answer::refused(media, &Refusal::new(Code::DocumentInvalid, message))
        }
    }
}
