//! The server: how requests come in and answers go out. What an operation may ask is the gate's to say, what it reads the
//! schema's.
mod accept;
mod answer;
mod body;
mod explorer;
mod health;
mod http;
mod page;
mod request;
mod run;
pub mod shutdown;
mod state;

use axum::{
    Router,
    http::{
        HeaderName, HeaderValue, Method, StatusCode,
        header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    middleware::{from_fn, map_response},
    response::{IntoResponse, Response},
    routing::get,
};
use std::time::Duration;
use tower_http::cors::{AllowHeaders, Any, CorsLayer, Vary};

pub use request::{REQUEST_ID, RequestId};
pub use run::{Call, Ran, Run};
pub use state::{App, Phase};

/// All that the server answers.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/", get(page::page))
        .route("/assets/{name}", get(explorer::asset))
        .route("/licences.txt", get(explorer::licences))
        .route("/schema.graphql", get(page::schema))
        .route("/live", get(health::live))
        .route("/health", get(health::health))
        .route("/graphql", get(http::get).post(http::post).fallback(http::other_method))
        .fallback(async || not_found())
        .layer(map_response(secured))
        .layer(cors())
        .layer(from_fn(request::observe))
        .with_state(app)
}

fn not_found() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "not found\n")
}

/// Pages of any origin may read: nothing here depends on who asks, and no browser sends proofs by itself.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([HeaderName::from_static(REQUEST_ID)])
        .max_age(Duration::from_hours(2))
        // Answers are the same for all origins.
        .vary(Vary::list([]))
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
