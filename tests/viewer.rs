//! Who asks is told who they are, what they may and what they may still spend; and nobody else is.

use axum::{body::Body, http::Method};
use culturegraph::{
    auth::{NewKey, Scopes},
    clock::Clock,
    config::Config,
};
use serde_json::{Value, json};

use crate::app::{KEEPER, TestApp, TestDatabase};

on_both!(
    a_key_is_told_what_it_may,
    who_has_no_key_is_nobody,
    no_cache_keeps_what_is_about_who_asks
);

/// 2026-01-01.
const START: i64 = 1_767_225_600_000_000;
const QUERY: &str = "{ viewer {
    __typename
    actor { kind name organization { slug } }
    scopes
    key { id name prefix scopes costPerMinute createdAt expiresAt lastUsedAt }
    organization { slug name(lang: \"en\") citations { totalCount } }
    limits { operationCost budget { limit remaining resetsAt } }
} }";

async fn of(database: TestDatabase) -> TestApp {
    let config = Config { show_statements: true, anonymous_cost: 1_000, ..Config::default() };
    TestApp::at(database, config, Clock::standing(START)).await
}

async fn a_key_is_told_what_it_may(database: TestDatabase) {
    let app = of(database).await;
    let new = NewKey {
        scopes: Scopes::parse("PUBLISH WRITE"),
        name: Some("The desk".to_owned()),
        expires_at: Some(START + 1_500_000),
        cost_per_minute: Some(100),
        ..app.new_key()
    };
    let secret = app.key_with(new).await;
    let (_, chance) = secret.rsplit_once('_').unwrap();
    let prefix = &secret[3..13];

    let answer = app.post_as(&secret, json!({ "query": QUERY })).await;

    let mut body = answer.json();
    assert_eq!(body.get("errors"), None, "{body}");
    let cost = &body["extensions"]["cost"];
    assert!(cost["rows"].as_u64() <= cost["requested"].as_u64(), "{cost}");
    let left = 100 - cost["requested"].as_u64().unwrap();
    let viewer = &mut body["data"]["viewer"];
    let id = viewer["key"]["id"].take();
    assert!(id.as_str().is_some_and(|id| id.starts_with("key_")), "{id}");
    let expected = json!({
        "__typename": "Viewer",
        "actor": { "kind": "KEY", "name": "The desk", "organization": { "slug": KEEPER } },
        "scopes": ["WRITE", "PUBLISH"],
        "key": {
            "id": null,
            "name": "The desk",
            "prefix": prefix,
            "scopes": ["WRITE", "PUBLISH"],
            "costPerMinute": 100,
            "createdAt": "2026-01-01T00:00:00Z",
            "expiresAt": "2026-01-01T00:00:01.500Z",
            "lastUsedAt": null,
        },
        "organization": { "slug": KEEPER, "name": "Keeper", "citations": { "totalCount": 0 } },
        "limits": {
            "operationCost": 100_000,
            "budget": { "limit": 100, "remaining": left, "resetsAt": "2026-01-01T00:01:00Z" },
        },
    });
    assert_eq!(*viewer, expected);
    assert!(!answer.text().contains(chance) && !answer.text().contains("hash"));
}

async fn who_has_no_key_is_nobody(database: TestDatabase) {
    let app = of(database).await;
    app.keeper().await;

    let data = app.data(QUERY, json!({})).await;

    let viewer = &data["viewer"];
    let actor = json!({ "kind": "ANONYMOUS", "name": "", "organization": null });
    assert_eq!(viewer["actor"], actor);
    assert_eq!(viewer["scopes"], json!([]));
    assert_eq!((&viewer["key"], &viewer["organization"]), (&Value::Null, &Value::Null));
    assert_eq!(viewer["limits"]["budget"]["limit"], 1_000);
    // Known before anything is read.
    let answer = app.query("{ viewer { scopes actor { name } key { id } } }", json!({})).await;
    assert_eq!(answer["extensions"]["cost"]["statements"], 0);
}

async fn no_cache_keeps_what_is_about_who_asks(database: TestDatabase) {
    let app = of(database).await;
    let secret = app.key(&[]).await;
    let bearer = format!("Bearer {secret}");
    let get = async |query: &str, headers: &[(&str, &str)]| {
        let encode = |byte: u8| format!("%{byte:02x}");
        let query: String = query.bytes().map(encode).collect();
        app.send(Method::GET, &format!("/graphql?query={query}"), headers, Body::empty()).await
    };
    for query in [
        "{ viewer { scopes } }",
        "{ viewer { __typename } }",
        "{ me: viewer { actor { kind } } countries { totalCount } }",
        "{ ...Me } fragment Me on Query { ... { viewer { scopes } } }",
    ] {
        for headers in [&[][..], &[("authorization", &*bearer)]] {
            // New, and known.
            for _ in 0..2 {
                let answer = get(query, headers).await;

                assert_eq!(answer.json().get("errors"), None, "{query} {}", answer.text());
                assert_eq!(answer.header("cache-control"), "no-store", "{query}");
                assert_eq!(answer.header("etag"), "", "{query}");
            }
        }
    }
}
