//! The whole app on a database of its own, asked in memory.

use std::cell::Cell;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header::CONTENT_TYPE},
};
use culturegraph::{
    auth::{self, NewKey, Scope, Writer},
    changes::{self, Changeset, Operation},
    clock::Clock,
    config::{Config, Folder},
    database::Database,
    progress::Silent,
    record::catalog,
    server::{self, App, Peer},
    value::public_id::PublicId,
};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{OnDatabase, TestDatabase, noon, world::words};

pub(crate) struct TestApp {
    pub(crate) db: Database,
    state: App,
    router: Router,
    cost: Cell<Cost>,
    /// Kept until the end of the test.
    database: TestDatabase,
}

impl TestApp {
    /// All that SQLite has on disk for it; nothing on PostgreSQL.
    pub(crate) fn bytes_on_disk(&self) -> Vec<u8> {
        let Some(file) = self.database.url().strip_prefix("sqlite://") else { return Vec::new() };
        let read = |end: &str| std::fs::read(format!("{file}{end}")).unwrap_or_default();
        ["", "-wal"].into_iter().flat_map(read).collect()
    }
}

/// The slug of the organization that the keys of tests belong to.
pub(crate) const KEEPER: &str = "keeper";

/// Settings of a server that tells what answers took, and lets tests ask for as much as they like.
pub(crate) fn lenient() -> Config {
    Config {
        show_statements: true,
        anonymous_cost: 2_000_000_000,
        search_folder: Folder::Memory,
        ..Config::default()
    }
}

/// What an answer says of its cost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) requested: u64,
    pub(crate) statements: u64,
    pub(crate) rows: u64,
}

impl Cost {
    /// `None` where the answer tells less.
    pub(crate) fn of(told: &Value) -> Option<Cost> {
        Some(Cost {
            requested: told["requested"].as_u64()?,
            statements: told["statements"].as_u64()?,
            rows: told["rows"].as_u64()?,
        })
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl OnDatabase for TestApp {
    async fn on(database: TestDatabase) -> Self {
        Self::with(database, lenient()).await
    }
}

impl TestApp {
    /// An app with other settings; those of the database do not count.
    pub(crate) async fn with(database: TestDatabase, config: Config) -> Self {
        Self::at(database, config, Clock::default()).await
    }

    /// As [`TestApp::with`], by a clock of the test's.
    pub(crate) async fn at(database: TestDatabase, config: Config, clock: Clock) -> Self {
        let db = Database::open(database.url(), 4).await.expect("the database answers");
        let state = App::with_clock(config, clock);
        state.set_ready(db.clone());
        let router = server::router(state.clone());
        Self { db, state, router, cost: Cell::default(), database }
    }

    /// The same base behind a server with other settings.
    pub(crate) fn set(self, config: Config) -> Self {
        let state = App::new(config, self.db.clone());
        Self { router: server::router(state.clone()), state, ..self }
    }

    /// The state, for what is not asked in memory.
    pub(crate) fn state(&self) -> App {
        self.state.clone()
    }

    pub(crate) fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Runs an operation that must be answered, and gives the whole body: errors in it are the test's to look at.
    pub(crate) async fn query(&self, query: &str, variables: Value) -> Value {
        let answer = self.post(json!({ "query": query, "variables": &variables })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let body = answer.json();
        let cost = Cost::of(&body["extensions"]["cost"]);
        let cost = cost.expect("the app tells what it took");
        // Whatever a test asks: no operation reads more than it was let in for.
        assert!(cost.rows <= cost.requested, "{cost:?} {query}\n{variables}");
        self.cost.set(cost);
        body
    }

    /// The data of an answer that must have no errors.
    pub(crate) async fn data(&self, query: &str, variables: Value) -> Value {
        let mut body = self.query(query, variables.clone()).await;
        assert_eq!(body.get("errors"), None, "{query}\n{variables}");
        body["data"].take()
    }

    /// The secret of a new key that allows this and belongs to [`KEEPER`].
    pub(crate) async fn key(&self, scopes: &[Scope]) -> String {
        self.key_with(NewKey { scopes: scopes.iter().copied().collect(), ..self.new_key() }).await
    }

    /// A key that allows nothing and never ends.
    pub(crate) fn new_key(&self) -> NewKey {
        NewKey {
            organization: KEEPER.to_owned(),
            scopes: auth::Scopes::default(),
            name: None,
            expires_at: None,
            cost_per_minute: None,
        }
    }

    pub(crate) async fn key_with(&self, new: NewKey) -> String {
        self.keeper().await;
        let now = self.state.clock().micros();
        let (_, secret) = auth::create(&self.db.writer, new, now).await.expect("it is a key");
        secret.reveal()
    }

    /// The id of the organization that the keys of tests belong to, which is written with the first of them.
    pub(crate) async fn keeper(&self) -> String {
        let def = catalog().named("Organization").expect("it is a record type");
        let id = PublicId::derived(def.prefix, KEEPER).to_string();
        let Value::Object(fields) = json!({ "slug": KEEPER, "names": words("en", "Keeper") })
        else {
            unreachable!("it is an object")
        };
        let operations = vec![Operation::create(def, id.clone(), fields)];
        let changeset = Changeset { operations, ..Changeset::default() };
        // Refused where it is there already.
        let _ =
            changes::apply(&self.db.writer, &Writer::system("test"), changeset, noon(), &Silent)
                .await;
        id
    }

    /// How many SQL statements the last query took.
    pub(crate) fn statements(&self) -> u64 {
        self.cost.get().statements
    }

    /// What the last query could cost, and what it took.
    pub(crate) fn cost(&self) -> Cost {
        self.cost.get()
    }

    /// As [`TestApp::post`], with a key.
    pub(crate) async fn post_as(&self, secret: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {secret}");
        let headers =
            [(CONTENT_TYPE.as_str(), "application/json"), ("authorization", bearer.as_str())];
        self.send(Method::POST, "/graphql", &headers, body.to_string()).await
    }

    /// A POST of JSON from this address.
    pub(crate) async fn send_from(
        &self,
        peer: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let peer = Peer(peer.parse().expect("it is an address"));
        let mut request = Request::post("/graphql").header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.extension(peer).body(body.into());
        send(&self.router, request.expect("the test asks for what can be asked")).await
    }

    pub(crate) async fn post(&self, body: Value) -> Answer {
        self.post_bytes(body.to_string()).await
    }

    /// A body of any bytes, said to be JSON.
    pub(crate) async fn post_bytes(&self, body: impl Into<Body>) -> Answer {
        self.send(Method::POST, "/graphql", &[(CONTENT_TYPE.as_str(), "application/json")], body)
            .await
    }

    pub(crate) async fn get(&self, uri: &str) -> Answer {
        self.send(Method::GET, uri, &[], Body::empty()).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        uri: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).expect("the test asks for what can be asked");
        send(&self.router, request).await
    }
}

/// Asks a router that is not a whole app.
pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body in memory does not break");
    Answer { status: head.status, headers: head.headers, body: body.into() }
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("answers are text")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The text without what is left of the budget, which is another number each time.
    pub(crate) fn without_budget(&self) -> String {
        let mut text = self.text().to_owned();
        if let Some(start) = text.find(",\"remaining\":") {
            let end = text[start..].find("Z\"").expect("it is told when there is more") + 2;
            text.replace_range(start..start + end, "");
        }
        text
    }

    /// A header; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ours are ASCII"))
    }

    /// The code of the first error; empty if there is none.
    pub(crate) fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}
