//! GraphQL over HTTP, by the edition of September 2026; where we differ, `answer` says why.
use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT_LANGUAGE, ALLOW},
    },
    response::Response,
};
use futures_util::future::join_all;

use super::{
    accept::Media,
    answer,
    body::{self, Requests},
    cache,
    request::RequestId,
    run::{Call, Ran, Run},
    state::App,
};
use crate::{error::Code, gate::Refusal, record::json, value::lang};

pub(super) async fn get(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let headers = request.headers();
    let Some(media) = Media::negotiate(headers) else { return not_acceptable() };
    let ran = match body::of_url(request.uri().query().unwrap_or_default()) {
        Ok(asked) => app.run(asked, call(&id, headers, true)).await,
        Err(refusal) => Ran::Refused(refusal),
    };
    match ran {
        Ran::Once(answer) => cache::kept(headers, answer, |body| whole(media, body)),
        ran => answered(media, ran),
    }
}

pub(super) async fn post(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Some(media) = Media::negotiate(&head.headers) else { return not_acceptable() };
    let run = |asked| app.run(asked, call(&id, &head.headers, false));
    match read(&app, &head.headers, body).await {
        Ok(Requests::One(asked)) => answered(media, run(asked).await),
        Ok(Requests::Batch(list)) => {
            let each = list.into_iter().map(async |asked| match asked {
                Ok(asked) => run(asked).await,
                Err(refusal) => Ran::Refused(refusal),
            });
            batch(media, join_all(each).await)
        }
        Err(refusal) => answer::refused(media, &refusal),
    }
}

async fn read(app: &App, headers: &HeaderMap, body: Body) -> Result<Requests, Refusal> {
    body::check_type(headers)?;
    let config = app.config();
    let read = body::read(headers, body, config.max_body_bytes);
    // A client that sends too slowly is not waited for.
    match tokio::time::timeout(config.request_timeout, read).await {
        Ok(bytes) => body::of_json(&bytes?, config.max_batch),
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
    let message = "answers are application/graphql-response+json or application/json";
    let refusal = Refusal::new(Code::MediaTypeNotSupported, message);
    answer::refused_with(Media::GraphQl, StatusCode::NOT_ACCEPTABLE, &refusal)
}

/// `is_safe`: by a method that must change nothing.
fn call(id: &RequestId, headers: &HeaderMap, is_safe: bool) -> Call {
    let languages: Vec<&str> =
        headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok()).collect();
    Call { id: id.clone(), langs: lang::accept_language(&languages.join(",")), is_safe }
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
    let message = "subscriptions are not served over this transport";
    Refusal::new(Code::DocumentInvalid, message)
}
