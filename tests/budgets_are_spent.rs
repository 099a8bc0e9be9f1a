//! Callers have a budget a minute: each key one of its own, and each address from which somebody calls without.

use std::time::Duration;

use axum::{body::Body, http::Method};
use culturegraph::{
    auth::{NewKey, Scope},
    clock::Clock,
    config::{Config, Proxies},
};
use serde_json::{Value, json};

use crate::app::{Answer, Backend, TestApp, database, served::serve, socket::Socket};

/// 2026-01-01.
const START: i64 = 1_767_225_600_000_000;
/// What could read 21 rows: 20 of the page and the one after it.
const QUERY: &str = "{ cities { nodes { slug } pageInfo { hasNextPage } } }";
const COST: u64 = 21;

/// An app on SQLite whose addresses may spend so much, and its clock.
async fn of(anonymous_cost: u32) -> (TestApp, Clock) {
    let config = Config {
        anonymous_cost,
        trusted_proxies: Proxies::parse("10.0.0.0/8").unwrap(),
        max_batch: 10,
        ..Config::default()
    };
    let (clock, database) = (Clock::standing(START), database(Backend::Sqlite).await.unwrap());
    (TestApp::at(database, config, clock.clone()).await, clock)
}

async fn ask(app: &TestApp, peer: &str, headers: &[(&str, &str)]) -> Answer {
    app.send_from(peer, headers, json!({ "query": QUERY }).to_string()).await
}

fn spent(answer: &Answer) -> (u16, String, String) {
    let limit = answer.header("ratelimit").to_owned();
    (answer.status.as_u16(), answer.code(), limit)
}

#[tokio::test]
async fn what_is_left_is_told_and_what_is_spent_comes_back() {
    let (app, clock) = of(50).await;
    let at = "192.0.2.1";

    let answer = ask(&app, at, &[]).await;
    assert_eq!(answer.header("ratelimit-policy"), r#""cost";q=50;w=60;qu="points""#);
    assert_eq!(answer.header("ratelimit"), r#""cost";r=29;t=60"#);
    let cost = &answer.json()["extensions"]["cost"];
    let expected = json!({
        "requested": COST, "limit": 100_000, "remaining": 29, "resetsAt": "2026-01-01T00:01:00Z",
    });
    assert_eq!(cost, &expected);
    assert_eq!(ask(&app, at, &[]).await.header("ratelimit"), r#""cost";r=8;t=60"#);

    clock.advance(Duration::from_millis(17_500));
    let refused = ask(&app, at, &[]).await;
    assert_eq!(
        spent(&refused),
        (429, "BUDGET_EXHAUSTED".to_owned(), r#""cost";r=8;t=43"#.to_owned())
    );
    assert_eq!(refused.header("retry-after"), "43");
    let extensions = &refused.json()["errors"][0]["extensions"];
    let expected = json!({
        "code": "BUDGET_EXHAUSTED", "requested": COST, "limit": 50, "remaining": 8, "retryAfter": 43,
    });
    assert_eq!(extensions, &expected);
    assert_eq!(refused.json().get("data"), None);
    // A client of the old kind too is told by the status.
    let old = ask(&app, at, &[("accept", "application/json")]).await;
    assert_eq!(old.status, 429);

    clock.advance(Duration::from_millis(42_500));
    assert_eq!(ask(&app, at, &[]).await.header("ratelimit"), r#""cost";r=29;t=60"#);
}

#[tokio::test]
async fn what_is_dearer_than_the_whole_budget_is_not_to_be_tried_again() {
    let (app, _) = of(20).await;

    let answer = ask(&app, "192.0.2.1", &[]).await;

    assert_eq!(spent(&answer), (400, "COST_TOO_HIGH".to_owned(), r#""cost";r=20;t=60"#.to_owned()));
    assert_eq!(answer.header("retry-after"), "");
    let extensions = &answer.json()["errors"][0]["extensions"];
    assert_eq!(extensions, &json!({ "code": "COST_TOO_HIGH", "limit": 20, "requested": COST }));
    assert!(answer.text().contains("never"), "{}", answer.text());
}

#[tokio::test]
async fn each_key_and_each_address_has_its_own() {
    let (app, _) = of(30).await;
    let own = |cost| NewKey { cost_per_minute: Some(cost), ..app.new_key() };
    let (one, other) = (app.key_with(own(22)).await, app.key_with(own(22)).await);
    let standard = app.key(&[Scope::Read]).await;
    let at = "192.0.2.1";
    let left = async |peer: &str, headers: &[(&str, &str)]| {
        let answer = ask(&app, peer, headers).await;
        (answer.status.as_u16(), answer.header("ratelimit").to_owned())
    };
    let told = |status: u16, remaining: u32| (status, format!(r#""cost";r={remaining};t=60"#));

    assert_eq!(left(at, &[]).await, told(200, 9));
    assert_eq!(left(at, &[]).await, told(429, 9));
    assert_eq!(left("192.0.2.2", &[]).await, told(200, 9));
    // All addresses of a network of IPv6 are one caller.
    assert_eq!(left("2001:db8::1", &[]).await, told(200, 9));
    assert_eq!(left("2001:db8::1:2:3:4", &[]).await, told(429, 9));
    assert_eq!(left("2001:db8:0:1::1", &[]).await, told(200, 9));
    for (secret, expected) in [
        (&one, told(200, 1)),
        (&one, told(429, 1)),
        (&other, told(200, 1)),
        (&standard, told(200, 4_999_979)),
    ] {
        let bearer = format!("Bearer {secret}");
        // Where it comes from does not matter.
        assert_eq!(left(at, &[("authorization", &bearer)]).await, expected);
    }
}

#[tokio::test]
async fn an_address_behind_a_proxy_is_believed_of_trusted_ones_alone() {
    let (app, _) = of(30).await;
    let status = async |peer: &str, forwarded: &str| {
        ask(&app, peer, &[("x-forwarded-for", forwarded)]).await.status.as_u16()
    };

    // Who is no proxy cannot become somebody else.
    assert_eq!(status("192.0.2.1", "192.0.2.7").await, 200);
    assert_eq!(status("192.0.2.1", "192.0.2.8").await, 429);
    assert_eq!(status("10.0.0.1", "192.0.2.7").await, 200);
    assert_eq!(status("10.0.0.2", "192.0.2.7").await, 429);
    // Nor can who calls a proxy by what they tell it.
    assert_eq!(status("10.0.0.1", "192.0.2.99, 192.0.2.7").await, 429);
    assert_eq!(status("10.0.0.1", "192.0.2.8, 10.0.0.9").await, 200);
}

#[tokio::test]
async fn all_transports_spend_the_same_budget() {
    let (app, _) = of(4 * 21 + 20).await;
    let (port, _stop, _served) = serve(app.state()).await;
    let at = "127.0.0.1";
    let body = || json!({ "query": QUERY }).to_string();
    let events = [("accept", "text/event-stream")];
    let mut socket = Socket::ready(port).await;

    let cost = |answer: &Value| answer["extensions"]["cost"]["remaining"].clone();
    socket.ask("1", QUERY).await;
    assert_eq!(cost(&socket.hear().await["payload"]), 3 * 21 + 20);
    socket.hear().await;
    let stream = app.send_from(at, &events, body()).await;
    assert_eq!(stream.header("ratelimit"), r#""cost";r=62;t=60"#);
    assert!(stream.text().contains(r#""remaining":62"#), "{}", stream.text());
    let list = json!([{ "query": QUERY }, { "query": QUERY }, { "query": QUERY }]);
    let list = app.send_from(at, &[], list.to_string()).await;
    assert_eq!(list.status, 200);
    let codes: Vec<Value> = (0..3)
        .map(|n| list.json()[n]["errors"][0]["extensions"]["code"].clone())
        .filter(|code| !code.is_null())
        .collect();
    assert_eq!(codes, ["BUDGET_EXHAUSTED"]);
    assert_eq!(list.header("ratelimit"), r#""cost";r=20;t=60"#);

    let stream = app.send_from(at, &events, body()).await;
    assert_eq!((stream.status.as_u16(), stream.header("retry-after")), (429, "60"));
    socket.ask("2", QUERY).await;
    let told = socket.hear().await;
    assert_eq!(told["type"], "error");
    assert_eq!(told["payload"][0]["extensions"]["code"], "BUDGET_EXHAUSTED");
}

#[tokio::test]
async fn what_is_refused_for_another_reason_costs_nothing() {
    let (app, _) = of(30).await;
    for (query, remaining) in [
        ("{", 30),
        ("{ cities(first: 200000) { nodes { initiatives { nodes { name } } } } }", 30),
        ("{ a: __typename a: viewer { scopes } }", 30),
        // What reads nothing is work all the same.
        ("{ __typename }", 29),
        ("{ city(by: { slug: \"a\" }) { citations(first: 0) { totalCount } } }", 27),
    ] {
        let body = json!({ "query": query }).to_string();
        let answer = app.send_from("192.0.2.1", &[], body).await;
        let told = format!(r#""cost";r={remaining};t=60"#);
        assert_eq!(answer.header("ratelimit"), told, "{query} {}", answer.text());
    }
}

#[tokio::test]
async fn what_may_be_kept_says_nothing_of_one_caller() {
    let (app, _) = of(100).await;
    let secret = app.key(&[Scope::Read]).await;
    let bearer = format!("Bearer {secret}");
    let uri = "/graphql?query=%7Bcities%7Bnodes%7Bslug%7D%7D%7D";
    let get =
        async |headers: &[(&str, &str)]| app.send(Method::GET, uri, headers, Body::empty()).await;

    let open = get(&[]).await;
    assert_eq!(open.header("cache-control"), "public, max-age=60");
    assert!(open.header("vary").contains("Authorization"));
    assert_eq!(open.header("ratelimit"), r#""cost";r=80;t=60"#);
    assert_eq!(open.json()["extensions"]["cost"], json!({ "requested": 20, "limit": 100_000 }));
    let again = get(&[("if-none-match", open.header("etag"))]).await;
    assert_eq!((again.status.as_u16(), again.header("ratelimit")), (304, r#""cost";r=60;t=60"#));

    let own = get(&[("authorization", &bearer)]).await;
    assert_eq!(own.header("cache-control"), "private, max-age=60");
    assert!(own.header("vary").contains("Authorization"));
    assert_eq!(own.header("etag"), open.header("etag"));
    let again = get(&[("authorization", &bearer), ("if-none-match", open.header("etag"))]).await;
    assert_eq!(
        (again.status.as_u16(), again.header("cache-control")),
        (304, "private, max-age=60")
    );
    // Who may not ask is not told that nothing has changed.
    let wrong = [("authorization", "Bearer no"), ("if-none-match", open.header("etag"))];
    assert_eq!(get(&wrong).await.status, 401);
}
