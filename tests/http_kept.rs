//! What need not be sent again: answers that others keep, documents by their hash; and what is sent together or shorter.

use axum::{body::Body, http::Method};
use culturegraph::config::Config;
use serde_json::{Value, json};

use crate::app::{Answer, Backend, TestApp, database, fixtures, sqlite};

on_both!(answers_say_how_long_others_may_keep_them, a_known_hash_stands_for_its_document);

async fn get(app: &TestApp, query: &str, headers: &[(&str, &str)]) -> Answer {
    let encode = |byte: u8| format!("%{byte:02x}");
    let query: String = query.bytes().map(encode).collect();
    app.send(Method::GET, &format!("/graphql?query={query}"), headers, Body::empty()).await
}

/// An app on SQLite with these settings.
async fn of(config: Config) -> TestApp {
    let database = database(Backend::Sqlite).await.expect("SQLite needs nothing");
    TestApp::with(database, config).await
}

async fn answers_say_how_long_others_may_keep_them(app: TestApp) {
    for (query, control) in [
        ("{ cities { nodes { id } } }", "public, max-age=60"),
        ("{ countries { nodes { id } } }", "public, max-age=3600"),
        // As long as the record that changes soonest.
        ("{ countries { nodes { cities { totalCount nodes { id } } } } }", "public, max-age=60"),
        ("{ node(id: \"x\") { ... on Country { id } } }", "public, max-age=60"),
        ("{ __typename }", "public, no-cache"),
        // What failed may be right the next time.
        ("{ cities(after: \"x\") { totalCount } }", "no-store"),
        ("{", "no-store"),
    ] {
        let answer = get(&app, query, &[]).await;

        assert_eq!(answer.header("cache-control"), control, "{query}");
        assert_eq!(answer.headers.contains_key("etag"), control != "no-store", "{query}");
    }
    let by_post = app.post(json!({ "query": "{ cities { nodes { id } } }" })).await;
    assert_eq!(by_post.header("cache-control"), "no-store");
    assert_eq!(by_post.header("etag"), "");
}

#[tokio::test]
async fn who_has_an_answer_is_told_that_it_is_the_same() {
    // Times would make each answer another one.
    let app = of(Config::default()).await;
    let query = "{ cities { nodes { id } } }";
    let tag = get(&app, query, &[]).await.header("etag").to_owned();

    let same = get(&app, query, &[("if-none-match", &tag)]).await;
    assert_eq!((same.status.as_u16(), same.body.len()), (304, 0));
    assert_eq!(
        (same.header("etag"), same.header("vary")),
        (&*tag, "Accept, Accept-Encoding, Accept-Language, Authorization")
    );

    fixtures::by_chance().write(&app).await;
    let other = get(&app, query, &[("if-none-match", &tag)]).await;
    assert_eq!(other.status, 200);
    assert_ne!(other.header("etag"), tag);
}

#[tokio::test]
async fn long_answers_are_compressed_for_who_can_read_that() {
    let app = sqlite().await;
    let long = "{ __schema { types { name description } } }";
    for (accepted, encoding) in [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip;q=0.1, br", "br"),
        ("identity", ""),
        ("unknown", ""),
    ] {
        let answer = get(&app, long, &[("accept-encoding", accepted)]).await;

        assert_eq!(answer.header("content-encoding"), encoding, "{accepted}");
        assert!(answer.header("vary").contains("Accept-Encoding"));
        if encoding == "gzip" {
            assert_eq!(answer.body[..2], [0x1f, 0x8b]);
        }
    }
    let short = get(&app, "{ __typename }", &[("accept-encoding", "gzip")]).await;
    assert_eq!(short.header("content-encoding"), "");
}

/// The SHA-256 of `{ cities { totalCount } }`, by `sha256sum`.
const HASH: &str = "c1782c20ba3f0431f0bb4b4a67d6632a8c6e12efbe52a2556cc2121028624229";

async fn a_known_hash_stands_for_its_document(app: TestApp) {
    let document = "{ cities { totalCount } }";
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": HASH } });
    let uri = format!(
        "/graphql?extensions=%7B%22persistedQuery%22:%7B%22version%22:1,%22sha256Hash%22:%22{HASH}%22%7D%7D"
    );
    let unknown = app.post(json!({ "extensions": &extensions })).await;
    assert_eq!((unknown.status.as_u16(), &*unknown.code()), (400, "PERSISTED_QUERY_NOT_FOUND"));
    assert_eq!(unknown.json()["errors"][0]["message"], "PersistedQueryNotFound");

    // A document that is refused is not kept.
    let invalid = json!({ "query": "{ cities { totalCoun } }", "extensions": &extensions });
    assert_eq!(app.post(invalid).await.code(), "BODY_INVALID");
    let sent = app.post(json!({ "query": document, "extensions": &extensions })).await;
    let by_post = app.post(json!({ "extensions": &extensions })).await;
    let by_get = app.get(&uri).await;

    for answer in [sent, by_post, by_get] {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["data"], json!({ "cities": { "totalCount": 0 } }));
    }
}

#[tokio::test]
async fn without_memory_for_documents_there_are_no_hashes() {
    let app = of(Config { document_cache_bytes: 0, ..Config::default() }).await;
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": HASH } });

    let answer = app.post(json!({ "extensions": extensions })).await;

    assert_eq!(answer.code(), "PERSISTED_QUERY_NOT_SUPPORTED");
}

#[tokio::test]
async fn a_list_of_operations_is_answered_in_its_order_where_that_is_set() {
    let app = of(Config { max_batch: 3, ..Config::default() }).await;
    let ask = |query: &str| json!({ "query": query });
    let body = json!([ask("{ __typename }"), ask("{"), ask("{ cities { totalCount } }")]);

    let answer = app.post(body).await;

    assert_eq!(answer.status, 200);
    let said = answer.json();
    assert_eq!(said[0]["data"], json!({ "__typename": "Query" }));
    assert_eq!(said[1]["errors"][0]["extensions"]["code"], "SYNTAX_INVALID");
    assert_eq!(said[1].get("data"), None);
    assert_eq!(said[2]["data"], json!({ "cities": { "totalCount": 0 } }));
    let many = app.post(Value::Array(vec![ask("{ __typename }"); 4])).await;
    assert_eq!((many.status.as_u16(), &*many.code()), (400, "BATCH_NOT_ALLOWED"));
    assert_eq!(many.json()["errors"][0]["extensions"]["limit"], 3);
}
