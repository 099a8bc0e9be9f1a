//! The floors: what the same answers cost at least. A small HTTP server answers each query from the same tables with
//! statements written by hand, once as rows that Rust makes into JSON, once as JSON that the database makes; and once with
//! bytes that never change.
mod answer;
mod cursor;
mod postgres;
mod sqlite;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::Response,
    routing::post,
    serve::ListenerExt,
};
use serde::Deserialize;

use self::{postgres::Postgres, sqlite::Sqlite};

/// What a request says; each query has one of them.
#[derive(Deserialize)]
struct Request {
    variables: Variables,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Variables {
    slug: String,
    country: String,
    after: String,
}

/// Who makes the JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    InRust,
    InSql,
}

enum Base {
    Postgres(Postgres),
    Sqlite(Sqlite),
}

struct Floor {
    base: Base,
    constants: Mutex<HashMap<String, Bytes>>,
}

/// Serves until it is killed.
pub(crate) async fn serve(url: &str, listen: SocketAddr, connections: usize) -> anyhow::Result<()> {
    let base = match url.strip_prefix("sqlite://") {
        Some(path) => Base::Sqlite(Sqlite::new(path)),
        None => Base::Postgres(Postgres::connect(url, connections).await?),
    };
    let floor = Arc::new(Floor { base, constants: Mutex::default() });
    let router = Router::new().route("/{how}/{query}", post(answer)).with_state(floor);
    let listener = tokio::net::TcpListener::bind(listen).await?;
    // As the product does.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).await?;
    Ok(())
}

async fn answer(
    State(floor): State<Arc<Floor>>,
    Path((how, query)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let result = match how.as_str() {
        "rows" => floor.made(Made::InRust, &query, &body).await.map(Bytes::from),
        "sql" => floor.made(Made::InSql, &query, &body).await.map(Bytes::from),
        _ => floor.constant(query, &body).await,
    };
    let (status, bytes) = match result {
        Ok(bytes) => (StatusCode::OK, bytes),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:?}").into()),
    };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// How an answer of the product ends.
fn cost(query: &str) -> &'static [u8] {
    match query {
        "q1" => br#","extensions":{"cost":{"requested":2,"limit":100000}}}"#,
        "q2" => br#","extensions":{"cost":{"requested":100,"limit":100000}}}"#,
        "q3" => br#","extensions":{"cost":{"requested":820,"limit":100000}}}"#,
        "q4" => br#","extensions":{"cost":{"requested":21,"limit":100000}}}"#,
        _ => br#","extensions":{"cost":{"requested":101,"limit":100000}}}"#,
    }
}

impl Floor {
    async fn made(&self, made: Made, query: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
        let Request { variables } = serde_json::from_slice(body)?;
        let mut answer = match &self.base {
            Base::Postgres(base) => base.answer(made, query, &variables).await?,
            Base::Sqlite(base) => base.answer(made, query, &variables)?,
        };
        // What the product says of the cost is the same for each request of a query.
        answer.pop();
        answer.extend_from_slice(cost(query));
        Ok(answer)
    }

    /// The first answer to a query, for ever.
    async fn constant(&self, query: String, body: &[u8]) -> anyhow::Result<Bytes> {
        let known = || self.constants.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(bytes) = known().get(&query) {
            return Ok(bytes.clone());
        }
        let bytes = Bytes::from(self.made(Made::InSql, &query, body).await?);
        known().insert(query, bytes.clone());
        Ok(bytes)
    }
}
