//! What the server says of itself: alive, ready, where it is; and what browsers must know.

use axum::{
    body::Body,
    http::{Method, Request},
};
use culturegraph::{
    config::Config,
    database::Database,
    server::{self, App, Phase},
};
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::app::{Answer, Backend, TestApp, TestDatabase, database, send, sqlite};

on_both!(
    a_server_is_alive_before_it_is_ready,
    a_server_without_its_tables_is_not_healthy,
    a_server_that_stops_answers_what_it_has_accepted,
);

/// An app on SQLite with these settings.
async fn of(config: Config) -> TestApp {
    let database = database(Backend::Sqlite).await.expect("SQLite needs nothing");
    TestApp::with(database, config).await
}

async fn ask(app: &App, uri: &str) -> Answer {
    let request = Request::get(uri).body(Body::empty()).unwrap();
    send(&server::router(app.clone()), request).await
}

const QUERY: &str = "/graphql?query=%7B__typename%7D";

async fn a_server_is_alive_before_it_is_ready(database: TestDatabase) {
    let app = App::starting(Config::default());
    app.set_phase(Phase::Starting("loading the shipped data"));

    assert_eq!(ask(&app, "/live").await.status, 200);
    let health = ask(&app, "/health").await;
    assert_eq!(health.status, 503);
    let told = json!({ "status": "unavailable", "reason": "loading the shipped data" });
    assert_eq!(health.json(), told);
    let query = ask(&app, QUERY).await;
    assert_eq!((query.status.as_u16(), &*query.code()), (503, "UNAVAILABLE"));
    assert_eq!(query.header("retry-after"), "1");
    assert_eq!(query.json().get("data"), None);

    app.set_ready(Database::open(database.url(), 2).await.unwrap());

    for uri in ["/live", "/health"] {
        let answer = ask(&app, uri).await;
        assert_eq!(answer.status, 200, "{uri}");
        assert_eq!(answer.json(), json!({ "status": "ok" }));
    }
    assert_eq!(ask(&app, QUERY).await.status, 200);
}

async fn a_server_without_its_tables_is_not_healthy(app: TestApp) {
    assert_eq!(app.get("/health").await.status, 200);

    let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
    app.db.writer.execute_unprepared(&rename("change_position", "gone")).await.unwrap();
    let answer = app.get("/health").await;
    app.db.writer.execute_unprepared(&rename("gone", "change_position")).await.unwrap();

    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["reason"], "the database does not answer");
    assert_eq!(app.get("/live").await.status, 200);
}

async fn a_server_that_stops_answers_what_it_has_accepted(database: TestDatabase) {
    let app = App::new(Config::default(), Database::open(database.url(), 2).await.unwrap());

    app.set_phase(Phase::Stopping);

    assert_eq!(ask(&app, "/health").await.status, 503);
    assert_eq!(ask(&app, QUERY).await.status, 200);
}

#[tokio::test]
async fn the_page_tells_the_endpoint_and_a_query() {
    let app = sqlite().await;

    let answer = app.send(Method::GET, "/", &[("host", "127.0.0.1:8000")], Body::empty()).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(answer.text().contains("curl http://127.0.0.1:8000/graphql -H"));
    assert!(!answer.text().contains("{endpoint}"));
}

/// Whether this program has the explorer depends on what was built before it.
#[tokio::test]
async fn a_browser_gets_the_explorer_or_how_to_build_it() {
    let app = sqlite().await;
    let browser = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];

    let answer = app.send(Method::GET, "/", &browser, Body::empty()).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let is_explorer = answer.text().contains("id=\"explorer\"");
    let says_how = answer.text().contains("npm --prefix explorer run build");
    assert!(is_explorer != says_how, "{}", answer.text());
}

#[tokio::test]
async fn the_schema_is_there_as_a_text() {
    let app = sqlite().await;

    let answer = app.get("/schema.graphql").await;

    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.text(), include_str!("../schema.graphql"));

    let closed = App::starting(Config { introspection: false, ..Config::default() });
    assert_eq!(ask(&closed, "/schema.graphql").await.status, 404);
}

#[tokio::test]
async fn other_paths_are_not_found() {
    let app = sqlite().await;
    for path in ["/graphiql", "/graphql/", "/.env", "/%00", "/assets/", "/assets/no.js"] {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn every_request_has_an_id() {
    let app = sqlite().await;
    let with = async |id: &'static str| {
        let answer = app.send(Method::GET, QUERY, &[("x-request-id", id)], Body::empty()).await;
        answer.header("x-request-id").to_owned()
    };

    assert_eq!(with("abc-1").await, "abc-1");
    assert_ne!(with("not sane").await, "not sane");
    let (one, other) = (app.get("/live").await, app.get("/nothing").await);
    assert_eq!(one.header("x-request-id").len(), 26);
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
}

#[tokio::test]
async fn pages_of_other_origins_may_ask() {
    let app = sqlite().await;
    let preflight = [
        ("origin", "http://localhost:5173"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type,x-anything"),
    ];

    let answer = app.send(Method::OPTIONS, "/graphql", &preflight, Body::empty()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-methods"), "GET,POST");
    assert_eq!(answer.header("access-control-allow-headers"), "content-type,x-anything");
    assert_eq!(answer.header("access-control-allow-credentials"), "");

    let origin = [("origin", "http://localhost:5173")];
    let answer = app.send(Method::GET, QUERY, &origin, Body::empty()).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(
        answer.header("access-control-expose-headers"),
        "x-request-id,etag,retry-after,ratelimit,ratelimit-policy"
    );
    assert_eq!(answer.header("vary"), "Accept, Accept-Encoding, Accept-Language, Authorization");
}

#[tokio::test]
async fn only_pages_of_the_origins_that_are_set_may_ask() {
    let ours = "https://culture.example";
    let allowed_origins = Some(vec![ours.parse().unwrap()]);
    let app = of(Config { allowed_origins, ..Config::default() }).await;
    for (origin, allowed) in [(ours, ours), ("https://other.example", "")] {
        let answer = app.send(Method::GET, QUERY, &[("origin", origin)], Body::empty()).await;

        assert_eq!(answer.header("access-control-allow-origin"), allowed);
        let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
        assert!(vary.iter().any(|it| it.as_bytes() == b"origin"), "{vary:?}");
    }
}

#[tokio::test]
async fn browsers_are_told_not_to_guess() {
    let app = sqlite().await;
    for uri in ["/", QUERY, "/health", "/nothing"] {
        let answer = app.get(uri).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{uri}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{uri}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    }
}
