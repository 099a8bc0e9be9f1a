//! What every request gets: an id, under which the log has it, and its line there.
use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;
use ulid::Ulid;

use super::{accept::Media, answer, run::panicked};

/// The header with the id, in requests and in answers.
pub const REQUEST_ID: &str = "x-request-id";
/// The longest id that is taken from a client.
const LENGTH_MAX: usize = 100;

/// The client's, so that the logs of several programs can be joined, or one of our own.
#[derive(Clone, Debug)]
pub struct RequestId(Arc<str>);

impl RequestId {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
        match given.filter(|id| is_sane(id)) {
            Some(id) => RequestId(id.into()),
            None => RequestId::generate(),
        }
    }

    /// The one that a request was given when it came in.
    pub(super) fn given<B>(request: &axum::http::Request<B>) -> Self {
        let given = request.extensions().get::<RequestId>();
        given.cloned().unwrap_or_else(|| RequestId::of(request.headers()))
    }

    /// A new one, for what came without headers of its own.
    pub fn generate() -> Self {
        RequestId(Ulid::generate().to_string().into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an id can stand in a log line and in a header as it is.
fn is_sane(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte);
    (1..=LENGTH_MAX).contains(&id.len()) && id.bytes().all(fits)
}

/// Gives the request its id and writes its line. The line never has the query part of the URL, where values may stand.
pub(super) async fn observe(mut request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());

    // A panic ends this request alone.
    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    let mut response =
        run.await.unwrap_or_else(|panic| answer::refused(Media::GraphQl, &panicked(panic, &id)));

    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HeaderName::from_static(REQUEST_ID), value);
    }
    // A tenth of a millisecond is as fine as anyone reads.
    let ms = (start.elapsed().as_secs_f64() * 10_000.0).round() / 10.0;
    let (status, request_id) = (response.status().as_u16(), id.as_str());
    tracing::info!(%method, path, status, ms, request_id, "request");
    response
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::{Body, to_bytes},
        http::StatusCode,
        middleware::from_fn,
        routing::get,
    };
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_with_the_id_of_its_request() {
        let router = Router::new()
            .route("/", get(async || -> StatusCode { panic!("it is odd") }))
            .layer(from_fn(observe));
        let request = Request::get("/").header(REQUEST_ID, "a-1").body(Body::empty()).unwrap();

        let response = router.oneshot(request).await.unwrap();

        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()[REQUEST_ID], "a-1");
        let body = to_bytes(response.into_body(), 1_000).await.unwrap();
        let expected = r#"{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL","requestId":"a-1"}}]}"#;
        assert_eq!(body, expected.as_bytes());
    }

    #[test]
    fn sane_ids_are_kept_and_others_replaced() {
        let id_of = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_bytes(value).unwrap());
            RequestId::of(&headers).as_str().to_owned()
        };

        for id in ["a", "0190a6e2-7b9c-7cc3-98c4-dc0c0c07398f", "Root=1-67891233:a/b+c_d."] {
            assert_eq!(id_of(id.as_bytes()), id);
        }
        for id in ["", "a b", "a\"b", "{}", "Hà", &"a".repeat(101)] {
            assert_eq!(id_of(id.as_bytes()).len(), 26, "{id}");
        }
        assert_eq!(RequestId::of(&HeaderMap::new()).as_str().len(), 26);
    }
}
