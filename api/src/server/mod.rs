//! The server: how requests come in and answers go out. What an operation may ask is the gate's to say, what it reads the
//! schema's.
mod accept;
mod answer;
mod body;
mod cache;
mod caller;
mod changed;
mod connections;
mod explorer;
mod health;
mod http;
mod page;
mod request;
mod run;
pub mod shutdown;
mod state;
pub mod streams;

use axum::{
    Router,
    http::{
        HeaderName, HeaderValue, Method, StatusCode,
        header::{
            CONTENT_SECURITY_POLICY, ETAG, ORIGIN, REFERRER_POLICY, RETRY_AFTER,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::{from_fn, map_response},
    response::{IntoResponse, Response},
    routing::get,
};
use std::time::Duration;
use tower::ServiceBuilder;
use tower_http::{
    compression::{CompressionLayer, DefaultPredicate, Predicate, predicate::SizeAbove},
    cors::{AllowHeaders, AllowOrigin, CorsLayer, Vary},
};

use crate::config::Config;

pub use caller::Peer;
pub use connections::{Connections, serve};
pub use request::{REQUEST_ID, RequestId};
pub use run::{Answer, Call, Connected, Hello, Ran, Run};
pub use state::{App, Phase};
use streams::{Limits, Streams};

/// The shortest body that is compressed, in bytes: others fit into one packet as they are.
const COMPRESSED_MIN: u64 = 1_024;

/// All that the server answers.
pub fn router(app: App) -> Router {
    let streams = Streams::new(app.clone(), Limits::of(app.config()), app.open().clone());
    let graphql = get(http::get).post(http::post).fallback(http::other_method);
    // As one layer: axum puts what each of its own holds into a box of its own.
    let around = ServiceBuilder::new()
        .layer(from_fn(request::observe))
        .layer(cors(app.config()))
        .layer(compression())
        .layer(map_response(secured));
    Router::new()
        .route("/", get(page::page))
        .route("/assets/{name}", get(explorer::asset))
        .route("/licences.txt", get(explorer::licences))
        .route("/schema.graphql", get(page::schema))
        .route("/live", get(health::live))
        .route("/health", get(health::health))
        .route("/graphql", streams.before(graphql))
        .fallback(async || not_found())
        .layer(around)
        .with_state(app)
}

fn not_found() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "not found\n")
}

/// What is too short is not worth it; event streams are left alone, and images, which are compressed.
fn compression() -> CompressionLayer<impl Predicate> {
    let is_long = SizeAbove::new(COMPRESSED_MIN);
    CompressionLayer::new().compress_when(DefaultPredicate::new().and(is_long))
}

/// Pages of any origin may read unless origins are set: no browser sends a key by itself, so whoever asks with one knows it.
fn cors(config: &Config) -> CorsLayer {
    let (origins, vary) = match &config.allowed_origins {
        // Answers are the same for all origins.
        None => (AllowOrigin::any(), Vary::list([])),
        Some(origins) => (AllowOrigin::list(origins.clone()), Vary::list([ORIGIN])),
    };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([
            HeaderName::from_static(REQUEST_ID),
            ETAG,
            RETRY_AFTER,
            answer::RATE_LIMIT,
            answer::RATE_LIMIT_POLICY,
        ])
        .max_age(Duration::from_hours(2))
        .vary(vary)
}

/// Headers that tell browsers to take answers for what they are. A page may have set stricter ones.
async fn secured(response: Response) -> Response {
    let mut response = response.into_response();
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ] {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
