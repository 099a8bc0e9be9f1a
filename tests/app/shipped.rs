//! The shipped data in a base: loaded once per database and process, since that takes seconds, and only read by tests.

use std::collections::HashSet;

use axum::{
    Router,
    body::Body,
    http::{Request, header::CONTENT_TYPE},
};
use chrono::{DateTime, Utc};
use culturegraph::{
    content,
    database::Database,
    load::{Put, Source},
    progress::Silent,
    server::{self, App},
    transfer::shipped::{self, Report},
};
use serde_json::{Value as Json, json};
use tokio::sync::OnceCell;

use super::{Backend, Cost, OnDatabase, TestDatabase, send};

/// A base with the shipped data and nothing else.
pub(crate) struct Shipped {
    pub(crate) db: Database,
    /// What its loading came to.
    pub(crate) report: &'static Report,
    router: Router,
}

impl OnDatabase for Shipped {
    /// Takes the database over if it is the first on its backend.
    async fn on(database: TestDatabase) -> Self {
        static SQLITE: OnceCell<(TestDatabase, Report)> = OnceCell::const_new();
        static POSTGRES: OnceCell<(TestDatabase, Report)> = OnceCell::const_new();
        let shared = match database.backend() {
            Backend::Sqlite => &SQLITE,
            Backend::Postgres => &POSTGRES,
        };
        let load = async || {
            content::define();
            let db = open(&database).await;
            let report = shipped::run(&db, &Silent, noon()).await;
            (database, report.expect("the shipped data can be loaded"))
        };
        let (database, report) = shared.get_or_init(load).await;
        // Connections belong to the runtime of the test that opens them, so they are not shared.
        let db = open(database).await;
        let router = server::router(App::new(super::lenient(), db.clone()));
        Shipped { db, report, router }
    }
}

impl Shipped {
    /// The answer to an operation, with `errors` if there are any, and without what it says of its cost.
    pub(crate) async fn ask(&self, document: &str, variables: Json) -> Json {
        let mut answer = self.answer(document, variables).await;
        if let Some(cost) = Cost::of(&answer["extensions"]["cost"]) {
            assert!(cost.rows <= cost.requested, "{cost:?} {document}");
        }
        answer.as_object_mut().expect("an answer is an object").remove("extensions");
        answer
    }

    /// The whole answer to an operation.
    pub(crate) async fn answer(&self, document: &str, variables: Json) -> Json {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let request = Request::post("/graphql").header(CONTENT_TYPE, "application/json");
        let request = request.body(Body::from(body)).expect("it is a request");
        send(&self.router, request).await.json()
    }

    /// The data of an answer without errors.
    pub(crate) async fn data(&self, document: &str) -> Json {
        let mut answer = self.ask(document, json!({})).await;
        assert_eq!(answer.get("errors"), None, "{document}");
        answer["data"].take()
    }
}

async fn open(database: &TestDatabase) -> Database {
    Database::open(database.url(), 4).await.expect("the database answers")
}

/// Noon of a day after the time in the ids of shipped records.
pub(crate) fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_268_800, 0).expect("it is a time")
}

/// Some of the shipped records: those wanted, what is about them, what is about that, and all that these refer to.
pub(crate) fn part(sources: Vec<Source>, is_wanted: impl Fn(&Put) -> bool) -> Vec<Source> {
    let mut kept: HashSet<String> = HashSet::new();
    // What is about a record comes after it, and what it refers to before it.
    for put in sources.iter().flat_map(|source| &source.puts) {
        let subject = put.fields.get("subject").and_then(|it| it["key"].as_str());
        if is_wanted(put) || subject.is_some_and(|it| kept.contains(it)) {
            kept.insert(put.key.clone());
        }
    }
    for put in sources.iter().rev().flat_map(|source| source.puts.iter().rev()) {
        if kept.contains(&put.key) {
            put.fields.values().for_each(|value| references(value, &mut kept));
        }
    }
    let of_source = |source: Source| {
        let puts = source.puts.into_iter().filter(|put| kept.contains(&put.key)).collect();
        Source { name: source.name, puts }
    };
    sources.into_iter().map(of_source).collect()
}

/// Keys of the records that a value refers to.
fn references(value: &Json, keys: &mut HashSet<String>) {
    match value {
        Json::Array(items) => items.iter().for_each(|it| references(it, keys)),
        Json::Object(fields) => {
            keys.extend(fields.get("key").and_then(Json::as_str).map(str::to_owned));
            fields.values().for_each(|it| references(it, keys));
        }
        _ => {}
    }
}
