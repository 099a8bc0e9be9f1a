//! Whether the process lives, and whether it answers queries.
use std::time::Duration;

use axum::{
    extract::State,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use sea_orm::{ConnectionTrait, DbErr, Statement};

use super::state::{App, Phase};
use crate::{database::Database, record::json};

/// How long the database may take for a row; who asks has little patience.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn live() -> Response {
    told(StatusCode::OK, "ok", None)
}

pub(super) async fn health(State(app): State<App>) -> Response {
    match reason_against(&app).await {
        None => told(StatusCode::OK, "ok", None),
        Some(reason) => told(StatusCode::SERVICE_UNAVAILABLE, "unavailable", Some(reason)),
    }
}

/// Why no queries should be sent here.
async fn reason_against(app: &App) -> Option<&'static str> {
    match app.phase() {
        Phase::Starting(what) => return Some(what),
        Phase::Stopping => return Some("stopping"),
        Phase::Ready => {}
    }
    let Some(database) = app.database() else { return Some("starting") };
    match tokio::time::timeout(PATIENCE, read(database)).await {
        Ok(Ok(())) => None,
        Ok(Err(cause)) => {
            tracing::error!(%cause, "the database does not answer");
            Some("the database does not answer")
        }
        Err(_) => {
            tracing::error!(?PATIENCE, "the database takes too long to answer");
            Some("the database takes too long to answer")
        }
    }
}

/// Reads a row as queries do, from a table that the migrations have made.
async fn read(database: &Database) -> Result<(), DbErr> {
    let db = &database.reader;
    let sql = "SELECT position FROM change_position WHERE id = 1";
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_one_raw(statement).await.map(drop)
}

fn told(status: StatusCode, word: &str, reason: Option<&str>) -> Response {
    let mut body = b"{\"status\":".to_vec();
    json::string(&mut body, word);
    if let Some(reason) = reason {
        body.extend_from_slice(b",\"reason\":");
        json::string(&mut body, reason);
    }
    body.extend_from_slice(b"}\n");
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
