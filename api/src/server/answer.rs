//! Answers as bytes: GraphQL responses with their status and headers.
use std::time::Duration;

use async_graphql::{Name, PathSegment, ServerError, Value, indexmap::IndexMap};
use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
        },
    },
    response::Response,
};

use super::accept::Media;
use crate::{
    auth::{Left, WINDOW_SECONDS},
    changes::feed,
    error::Code,
    gate::{Refusal, RootField},
    record::{json, tally::Taken},
};

/// The longest message of an error: some repeat what the client sent.
const MESSAGE_MAX: usize = 500;

/// The status of a request that did not run.
///
/// The edition of September 2026 of GraphQL over HTTP would rather have 422 than 400 for a document or variables that
/// parse and do not fit. Clients read the body and its codes, and 400 is what they have known for years.
pub(super) fn status(media: Media, code: Code) -> StatusCode {
    match code {
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::BudgetExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::MediaTypeNotSupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::TimedOut => StatusCode::REQUEST_TIMEOUT,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::BodyInvalid | Code::BatchNotAllowed => StatusCode::BAD_REQUEST,
        _ if media.hides_refusals() => StatusCode::OK,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// The answer to a request that did not run: errors, and no `data`.
pub(super) fn refused(media: Media, refusal: &Refusal) -> Response {
    refused_with(media, status(media, refusal.code), refusal)
}

/// The same as JSON.
pub(super) fn refusal(refusal: &Refusal) -> Vec<u8> {
    let mut out = b"{\"errors\":".to_vec();
    errors(&mut out, &refusal.errors);
    out.push(b'}');
    out
}

pub(super) fn refused_with(media: Media, status: StatusCode, refused: &Refusal) -> Response {
    let mut response = response(media, status, refusal(refused));
    let headers = response.headers_mut();
    match refused.code {
        Code::Unavailable => headers.insert(RETRY_AFTER, HeaderValue::from_static("1")),
        Code::BudgetExhausted => {
            headers.insert(RETRY_AFTER, refused.retry_after.unwrap_or(WINDOW_SECONDS).into())
        }
        Code::Unauthenticated => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
        }
        Code::MethodNotAllowed => headers.insert(ALLOW, HeaderValue::from_static("POST")),
        // Their bodies may not have been read, and then the connection cannot go on.
        Code::BodyTooLarge | Code::MediaTypeNotSupported | Code::TimedOut => {
            headers.insert(CONNECTION, HeaderValue::from_static("close"))
        }
        _ => None,
    };
    response
}

/// The headers that tell what is left of a budget, and what that is
/// (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/>, revision 10).
pub(super) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(super) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Tells in the headers of an answer what is left.
pub(super) fn tell_left(headers: &mut HeaderMap, left: Left) {
    let Left { limit, remaining, resets_in, .. } = left;
    for (name, value) in [
        (RATE_LIMIT_POLICY, format!("\"cost\";q={limit};w={WINDOW_SECONDS};qu=\"points\"")),
        (RATE_LIMIT, format!("\"cost\";r={remaining};t={resets_in}")),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

/// What an operation that ran has come to.
pub(super) struct Outcome {
    /// As the engine gave it: without the fields that failed, and in the order in which they were done.
    pub data: Value,
    pub errors: Vec<ServerError>,
    pub cost: Cost,
    /// Of the change log, where the answer is an event of it.
    pub position: Option<i64>,
}

/// What an operation could cost, and what it took.
pub(super) struct Cost {
    /// Rows that it could read, and may.
    pub requested: u64,
    pub limit: u64,
    /// What is left of the caller's budget, if that is to be shown.
    pub left: Option<Left>,
    /// What each level took, if that is to be shown.
    pub taken: Option<Vec<Taken>>,
}

/// The answer to an operation that ran. Its status is 200 with errors too; 294, which the edition of September 2026
/// proposes for that, is not registered, and proxies and libraries have not heard of it.
pub(super) fn done(root: &[RootField], outcome: Outcome) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    out.push(b'{');
    // First, where people see them.
    if !outcome.errors.is_empty() {
        out.extend_from_slice(b"\"errors\":");
        errors(&mut out, &outcome.errors);
        out.push(b',');
    }
    out.extend_from_slice(b"\"data\":");
    data(&mut out, root, outcome.data);
    out.extend_from_slice(b",\"extensions\":{");
    if let Some(position) = outcome.position {
        out.extend_from_slice(b"\"position\":");
        json::string(&mut out, &feed::shown(position));
        out.push(b',');
    }
    out.extend_from_slice(b"\"cost\":{\"requested\":");
    number(&mut out, outcome.cost.requested);
    out.extend_from_slice(b",\"limit\":");
    number(&mut out, outcome.cost.limit);
    if let Some(left) = outcome.cost.left {
        out.extend_from_slice(b",\"remaining\":");
        number(&mut out, left.remaining.into());
        out.extend_from_slice(b",\"resetsAt\":");
        json::instant(&mut out, left.resets_at);
    }
    if let Some(levels) = &outcome.cost.taken {
        taken(&mut out, levels);
    }
    out.extend_from_slice(b"}}}");
    out
}

/// The sums of all levels, and each level.
fn taken(out: &mut Vec<u8>, levels: &[Taken]) {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    out.extend_from_slice(b",\"statements\":");
    number(out, levels.iter().map(|level| level.statements).sum());
    out.extend_from_slice(b",\"rows\":");
    number(out, levels.iter().map(|level| level.rows).sum());
    out.extend_from_slice(b",\"levels\":");
    json::list(out, json::ARRAY, levels, |out, level| {
        out.extend_from_slice(b"{\"statements\":");
        number(out, level.statements);
        out.extend_from_slice(b",\"rows\":");
        number(out, level.rows);
        out.extend_from_slice(b",\"microseconds\":");
        number(out, micros(level.time));
        out.push(b'}');
    });
}

fn number(out: &mut Vec<u8>, number: u64) {
    json::int(out, i64::try_from(number).unwrap_or(i64::MAX));
}

/// The answer to an operation that began to run and has come to nothing.
pub(super) fn cut(error: ServerError) -> Vec<u8> {
    let mut out = b"{\"errors\":".to_vec();
    errors(&mut out, &[error]);
    out.extend_from_slice(b",\"data\":null}");
    out
}

pub(super) fn response(media: Media, status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media.content_type(status)));
    headers.insert(
        VARY,
        HeaderValue::from_static("Accept, Accept-Encoding, Accept-Language, Authorization"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn data(out: &mut Vec<u8>, root: &[RootField], data: Value) {
    let fields = match data {
        Value::Object(fields) => fields,
        // Nothing succeeded, or nothing was asked for.
        _ => IndexMap::<Name, Value>::new(),
    };
    if root.iter().any(|field| !field.is_nullable && !fields.contains_key(&field.key)) {
        return json::null(out);
    }
    json::list(out, json::OBJECT, root, |out, field| {
        json::string(out, &field.key);
        out.push(b':');
        match fields.get(&field.key) {
            Some(value) => json::value(out, value),
            None => json::null(out),
        }
    });
}

pub(super) fn errors(out: &mut Vec<u8>, errors: &[ServerError]) {
    json::list(out, json::ARRAY, errors, |out, error| {
        out.extend_from_slice(b"{\"message\":");
        match error.message.char_indices().nth(MESSAGE_MAX) {
            Some((end, _)) => json::string(out, &format!("{}…", &error.message[..end])),
            None => json::string(out, &error.message),
        }
        if !error.locations.is_empty() {
            out.extend_from_slice(b",\"locations\":");
            json::list(out, json::ARRAY, &error.locations, |out, place| {
                let text = format!("{{\"line\":{},\"column\":{}}}", place.line, place.column);
                out.extend_from_slice(text.as_bytes());
            });
        }
        if !error.path.is_empty() {
            out.extend_from_slice(b",\"path\":");
            json::list(out, json::ARRAY, &error.path, |out, segment| match segment {
                PathSegment::Field(name) => json::string(out, name),
                PathSegment::Index(index) => out.extend_from_slice(index.to_string().as_bytes()),
            });
        }
        if let Some(extensions) = &error.extensions
            && let Ok(Value::Object(extensions)) = async_graphql::to_value(extensions)
        {
            out.extend_from_slice(b",\"extensions\":");
            json::value(out, &Value::Object(extensions));
        }
        out.push(b'}');
    });
}

#[cfg(test)]
mod tests {
    use async_graphql::Pos;
    use serde_json::json;

    use super::*;
    use crate::error::ApiError;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    fn root(fields: &[(&str, bool)]) -> Vec<RootField> {
        let field = |(key, is_nullable): &(&str, bool)| RootField {
            key: Name::new(key),
            is_nullable: *is_nullable,
        };
        fields.iter().map(field).collect()
    }

    #[test]
    fn fields_stand_in_the_order_of_the_document() {
        let root = root(&[("b", false), ("a", true), ("c", true)]);
        let given = async_graphql::value!({ "c": 1, "b": [true] });

        let text = written(|out| data(out, &root, given));

        assert_eq!(text, r#"{"b":[true],"a":null,"c":1}"#);
    }

    #[test]
    fn data_is_null_when_a_field_that_is_never_null_failed() {
        let root = root(&[("a", true), ("b", false)]);

        assert_eq!(written(|out| data(out, &root, async_graphql::value!({ "a": 1 }))), "null");
        assert_eq!(written(|out| data(out, &root, Value::Null)), "null");
    }

    #[test]
    fn data_is_empty_when_nothing_is_asked_for() {
        assert_eq!(written(|out| data(out, &[], Value::Null)), "{}");
    }

    #[test]
    fn errors_are_written_whole() {
        let mut error = ApiError::new(Code::PageInvalid, "\"first\"")
            .below("nodes")
            .below("cities")
            .at(Pos { line: 1, column: 3 })
            .into_server_error();
        error.path.push(PathSegment::Index(2));
        let bare = ServerError::new("x".repeat(1_000_000), None);

        let text = written(|out| errors(out, &[error, bare]));

        let message = format!("{}…", "x".repeat(500));
        let expected = json!([
            {
                "message": "\"first\"",
                "locations": [{"line": 1, "column": 3}],
                "path": ["cities", "nodes", 2],
                "extensions": {"code": "PAGE_INVALID"},
            },
            {"message": message},
        ]);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), expected);
    }
}
