//! Subscriptions to the change log: over sockets and as events, from any position, on as many instances as there are.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, BodyDataStream},
    http::{Request, StatusCode},
};
use culturegraph::{
    changes::feed,
    clock::Clock,
    config::Config,
    database::Database,
    server::{self, App},
};
use futures_util::StreamExt;
use sea_orm::ConnectionTrait;
use serde_json::{Value as Json, json};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use tower::ServiceExt;

use crate::app::{
    TestApp,
    log::{create, delete, id, merge, update, write},
    send,
    served::serve,
    socket::{LONG, Socket},
};

on_both!(
    a_stream_goes_on_from_where_it_was_lost,
    a_stream_without_a_position_tells_what_is_new,
    types_and_records_are_picked,
    what_is_wrong_is_told_before_the_first_event,
    a_write_through_one_instance_reaches_all,
    a_write_of_its_own_wakes_an_instance,
    many_writers_lose_nothing,
    a_slow_client_loses_nothing,
    changes_of_one_look_are_read_together,
    who_has_spent_their_budget_waits_and_misses_nothing,
    what_is_too_large_is_told_and_passed_over,
    a_log_that_was_set_back_ends_the_stream,
    a_server_that_stops_completes_the_stream,
);

const ALL: &str = "subscription ($after: String) { changed(after: $after) { position recordId } }";

/// Another instance on the database of an app, which looks at the log often.
async fn instance(app: &TestApp, config: Config) -> (Database, App, Router) {
    let interval = Duration::from_millis(10);
    let config = Config { follow_interval: interval, show_statements: true, ..config };
    let db = Database::open(app.database().url(), 10).await.unwrap();
    let state = App::new(config, db.clone());
    (db, state.clone(), server::router(state))
}

/// A stream of events.
struct Events {
    body: BodyDataStream,
    text: String,
}

impl Events {
    async fn open(router: &Router, query: &str, variables: Json) -> Self {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let request = Request::post("/graphql")
            .header("content-type", "application/json")
            .header("accept", "text/event-stream")
            .body(Body::from(body))
            .unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        Events { body: answer.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event; none when the stream is complete.
    async fn next(&mut self) -> Option<Json> {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                if event.starts_with("event: complete") {
                    return None;
                }
                if let Some(data) = event.strip_prefix("event: next\ndata: ") {
                    return Some(serde_json::from_str(data).unwrap());
                }
            }
            let piece = timeout(LONG, self.body.next()).await.expect("something comes");
            self.text += std::str::from_utf8(&piece?.unwrap()).unwrap();
        }
    }

    async fn change(&mut self) -> Json {
        let mut event = self.next().await.expect("the stream goes on");
        assert_eq!(event.get("errors"), None, "{event}");
        let change = event["data"]["changed"].take();
        assert_eq!(event["extensions"]["position"], change["position"]);
        change
    }

    async fn positions(&mut self, count: usize) -> Vec<String> {
        let mut positions = Vec::with_capacity(count);
        for _ in 0..count {
            positions.push(self.change().await["position"].as_str().unwrap().to_owned());
        }
        positions
    }
}

fn shown(positions: impl IntoIterator<Item = i64>) -> Vec<String> {
    positions.into_iter().map(feed::shown).collect()
}

async fn cities(db: &Database, keys: impl IntoIterator<Item = usize>) {
    let cities = keys.into_iter().map(|n| create("City", &format!("c-{n}"), json!({})));
    write(db, "", cities.collect()).await;
}

async fn a_stream_goes_on_from_where_it_was_lost(app: TestApp) {
    let (db, state, router) = instance(&app, Config::default()).await;
    cities(&db, 0..3).await;
    let (port, stop, served) = serve(state).await;

    let mut socket = Socket::ready(port).await;
    let query = r#"subscription { changed(after: "0000000000000001") { position recordId } }"#;
    socket.ask("1", query).await;
    let mut heard = Vec::new();
    for _ in 0..2 {
        heard.push(socket.hear().await["payload"]["data"]["changed"].take());
    }
    cities(&db, 3..5).await;
    heard.push(socket.hear().await["payload"]["data"]["changed"].take());
    // The connection is lost, and others write meanwhile.
    drop(socket);
    cities(&db, 5..7).await;
    let last = heard[2]["position"].clone();
    let mut events = Events::open(&router, ALL, json!({ "after": last })).await;
    for _ in 0..3 {
        heard.push(events.change().await);
    }
    cities(&db, 7..8).await;
    heard.push(events.change().await);

    let city = |n: i64| json!({ "position": feed::shown(n + 1), "recordId": id("City", &format!("c-{n}")) });
    assert_eq!(heard, (1..8).map(city).collect::<Vec<_>>());
    drop(events);
    stop.send_replace(true);
    timeout(LONG, served).await.expect("nothing holds the server").unwrap().unwrap();
}

async fn a_stream_without_a_position_tells_what_is_new(app: TestApp) {
    let (db, _, router) = instance(&app, Config::default()).await;
    cities(&db, 0..3).await;

    let query = "subscription { c: changed {
        ... on Change { p: position } record { ... on City { slug } }
    } }";
    let mut events = Events::open(&router, query, json!({})).await;
    cities(&db, 3..4).await;

    let event = events.next().await.unwrap();
    let expected = json!({ "c": { "p": feed::shown(4), "record": { "slug": "c-3" } } });
    assert_eq!(event["data"], expected);
    assert_eq!(event["extensions"]["position"], feed::shown(4));
}

async fn types_and_records_are_picked(app: TestApp) {
    let (db, _, router) = instance(&app, Config::default()).await;
    cities(&db, 0..4).await;
    let vocabularies = (0..3).map(|n| create("Vocabulary", &format!("v-{n}"), json!({})));
    write(&db, "", vocabularies.collect()).await;
    write(&db, "", vec![update("City", "c-1", 1, json!({ "timeZone": "A" }))]).await;
    merge(&db, "City", "c-2", "c-3").await;
    delete(&db, "City", "c-1").await;
    write(&db, "", vec![update("City", "c-3", 2, json!({ "timeZone": "A" }))]).await;

    let query = "subscription ($types: [RecordType!], $ids: [ID!]) {
        changed(types: $types, ids: $ids, after: \"0000000000000000\") { position }
    }";
    let [one, two, three] = ["c-1", "c-2", "c-3"].map(|key| id("City", key));
    let vocabulary = id("Vocabulary", "v-1");
    for (variables, expected) in [
        (json!({ "types": ["VOCABULARY"] }), vec![5, 6, 7]),
        (json!({ "types": ["VOCABULARY", "CITY"] }), (1..=12).collect()),
        (json!({ "ids": [one] }), vec![2, 8, 11]),
        // A record that was merged leads to the one that stayed.
        (json!({ "ids": [two] }), vec![3, 4, 9, 10, 12]),
        (json!({ "ids": [one, three], "types": ["CITY"] }), vec![2, 4, 8, 10, 11, 12]),
        (json!({ "ids": [one, vocabulary], "types": ["VOCABULARY"] }), vec![6]),
        (json!({ "ids": [one, two], "types": null }), vec![2, 3, 4, 8, 9, 10, 11, 12]),
        (json!({ "ids": [] }), vec![]),
    ] {
        let mut events = Events::open(&router, query, variables.clone()).await;

        assert_eq!(events.positions(expected.len()).await, shown(expected), "{variables}");
        let more = timeout(Duration::from_millis(100), events.next()).await;
        assert!(more.is_err(), "{variables} {more:?}");
    }
}

async fn what_is_wrong_is_told_before_the_first_event(app: TestApp) {
    let (db, state, router) = instance(&app, Config::default()).await;
    cities(&db, 0..1).await;
    let (port, _stop, _served) = serve(state).await;
    let mut socket = Socket::ready(port).await;
    let many = format!("[{}]", vec![r#""a""#; 101].join(" "));
    let path = json!(["changed"]);
    let none = Json::Null;
    for (fields, code, path) in [
        ("changed { nothing }", "DOCUMENT_INVALID", &none),
        ("changed", "DOCUMENT_INVALID", &none),
        ("changes { position }", "DOCUMENT_INVALID", &none),
        ("a: changed { id } b: changed { id }", "DOCUMENT_INVALID", &none),
        ("changed @skip(if: true) { id }", "DOCUMENT_INVALID", &none),
        ("__typename", "DOCUMENT_INVALID", &none),
        ("changed(types: [TOWN]) { id }", "DOCUMENT_INVALID", &none),
        (r#"changed(after: "x") { id }"#, "CURSOR_INVALID", &path),
        (r#"changed(after: "0000000000000002") { id }"#, "POSITION_UNKNOWN", &path),
        (r#"changed(ids: ["city_1"]) { id }"#, "VALUE_INVALID", &path),
        (r#"changed(ids: ["\u0000"]) { id }"#, "VALUE_INVALID", &path),
        (&format!("changed(ids: {many}) {{ id }}"), "PAGE_INVALID", &path),
        ("changed { author { name } }", "UNAUTHENTICATED", &json!(["changed", "author"])),
        (
            "changed { record { history(first: 101) { nodes { id } } } }",
            "PAGE_INVALID",
            &json!(["changed", "record", "history"]),
        ),
        (
            "changed { changeset { changes(first: 100) { nodes { changeset { changes(first: 100) { nodes {
                changeset { changes(first: 100) { nodes { id } } }
            } } } } } } }",
            "COST_TOO_HIGH",
            &none,
        ),
    ] {
        let query = format!("subscription {{ {fields} }}");
        // A known document is looked at as a new one.
        for _ in 0..2 {
            socket.ask("1", &query).await;
            let told = socket.hear().await;
            let error = &told["payload"][0];
            assert_eq!(told["type"], "error", "{query} {told}");
            assert_eq!((&error["extensions"]["code"], &error["path"]), (&json!(code), path), "{told}");
        }
    }

    let mut events = Events::open(&router, "subscription { changed { nothing } }", json!({})).await;
    let event = events.next().await.unwrap();
    assert_eq!(event["errors"][0]["extensions"]["code"], "DOCUMENT_INVALID");
    assert_eq!(events.next().await, None);
    // A plain request has nowhere to put events.
    let body = json!({ "query": "subscription { changed { id } }" }).to_string();
    let request = Request::post("/graphql").header("content-type", "application/json");
    let answer = send(&router, request.body(Body::from(body)).unwrap()).await;
    assert_eq!((answer.status.as_u16(), &*answer.code()), (400, "DOCUMENT_INVALID"));
}

async fn a_write_through_one_instance_reaches_all(app: TestApp) {
    let (one, _, to_one) = instance(&app, Config::default()).await;
    let (other, _, to_other) = instance(&app, Config::default()).await;
    let mut of_one = Events::open(&to_one, ALL, json!({})).await;
    let mut of_other = Events::open(&to_other, ALL, json!({})).await;

    cities(&one, 0..1).await;
    assert_eq!(of_other.positions(1).await, shown([1]));
    cities(&other, 1..2).await;
    assert_eq!(of_other.positions(1).await, shown([2]));
    assert_eq!(of_one.positions(2).await, shown([1, 2]));

    // Who comes from one instance goes on at the other.
    let after = json!({ "after": feed::shown(1) });
    assert_eq!(Events::open(&to_one, ALL, after).await.positions(1).await, shown([2]));
}

async fn a_write_of_its_own_wakes_an_instance(app: TestApp) {
    let db = Database::open(app.database().url(), 4).await.unwrap();
    let config = Config { follow_interval: Duration::from_secs(3600), ..Config::default() };
    let state = App::new(config, db.clone());
    let mut events = Events::open(&server::router(state.clone()), ALL, json!({})).await;

    cities(&db, 0..1).await;
    state.wrote();
    assert_eq!(events.positions(1).await, shown([1]));
    cities(&db, 1..2).await;
    state.wrote();
    assert_eq!(events.positions(1).await, shown([2]));
}

async fn many_writers_lose_nothing(app: TestApp) {
    const WRITERS: usize = 8;
    const CHANGESETS: usize = 12;
    let (db, _, router) = instance(&app, Config::default()).await;
    let mut events = Events::open(&router, ALL, json!({})).await;
    let types = "subscription { changed(types: [VOCABULARY]) { position type } }";
    let mut picked = Events::open(&router, types, json!({})).await;

    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let db = db.clone();
        let kind = if writer % 2 == 0 { "City" } else { "Vocabulary" };
        writers.spawn(async move {
            for n in 0..CHANGESETS {
                let key = |i| format!("r-{writer}-{n}-{i}");
                let operations = (0..=n % 3).map(|i| create(kind, &key(i), json!({})));
                write(&db, "", operations.collect()).await;
            }
        });
    }

    let count = WRITERS * CHANGESETS * 2;
    let seen = events.positions(count).await;
    assert_eq!(seen, shown(1..=i64::try_from(count).unwrap()));
    let picked = picked.positions(count / 2).await;
    assert!(picked.windows(2).all(|pair| pair[0] < pair[1]));
    writers.join_all().await;
}

async fn a_slow_client_loses_nothing(app: TestApp) {
    let (db, _, router) = instance(&app, Config::default()).await;
    let long = json!({ "descriptions": [{ "lang": "en", "value": "x".repeat(20_000) }] });
    let query = "subscription { changed { position data } }";
    let mut events = Events::open(&router, query, json!({})).await;

    // More than the stream holds for it, before it reads anything.
    for n in 0..3 {
        let cities = (0..60).map(|i| create("City", &format!("c-{n}-{i}"), long.clone()));
        write(&db, "", cities.collect()).await;
    }
    sleep(Duration::from_millis(200)).await;

    assert_eq!(events.positions(180).await, shown(1..=180));
}

async fn changes_of_one_look_are_read_together(app: TestApp) {
    let (db, _, router) = instance(&app, Config::default()).await;
    let query = "subscription ($after: String) { changed(after: $after) {
        position record { ... on City { name country { name } } } diff { path } changeset { id }
    } }";
    let mut statements = Vec::new();
    for (begin, count) in [(0, 1), (1, 50), (51, 49)] {
        cities(&db, begin..begin + count).await;
        let after = json!({ "after": feed::shown(i64::try_from(begin).unwrap()) });

        let mut events = Events::open(&router, query, after).await;

        for _ in 0..count {
            let cost = events.next().await.unwrap()["extensions"]["cost"].take();
            statements.push(cost["statements"].as_u64().unwrap());
            // An event of one, the record with its country, the rows of its difference, its changeset.
            assert_eq!(cost["requested"], 7);
        }
    }
    assert!(statements.iter().all(|it| *it == statements[0]), "{statements:?}");
}

async fn what_is_too_large_is_told_and_passed_over(app: TestApp) {
    let config = Config { max_answer_bytes: 10_000, ..Config::default() };
    let (db, _, router) = instance(&app, config).await;
    let long = json!({ "descriptions": [{ "lang": "en", "value": "x".repeat(20_000) }] });
    let fields = [json!({}), json!({}), long, json!({})];
    let operations = (0..).zip(fields).map(|(n, fields)| create("City", &format!("c-{n}"), fields));
    write(&db, "", operations.collect()).await;

    let query = "subscription { changed(after: \"0000000000000000\") { position data } }";
    let mut events = Events::open(&router, query, json!({})).await;

    assert_eq!(events.positions(2).await, shown([1, 2]));
    let large = events.next().await.unwrap();
    let error = &large["errors"][0];
    let told = (&error["extensions"]["code"], &error["path"]);
    assert_eq!(told, (&json!("ANSWER_TOO_LARGE"), &json!(["changed"])));
    let place = (&large["data"], &large["extensions"]["position"]);
    assert_eq!(place, (&Json::Null, &json!(feed::shown(3))));
    assert_eq!(events.positions(1).await, shown([4]));
}

async fn a_log_that_was_set_back_ends_the_stream(app: TestApp) {
    let (db, _, router) = instance(&app, Config::default()).await;
    cities(&db, 0..3).await;
    let mut events = Events::open(&router, ALL, json!({})).await;

    // As when a backup is restored below a server.
    let before = "UPDATE change_position SET position = 1";
    db.writer.execute_unprepared(before).await.unwrap();

    let error = events.next().await.unwrap();
    assert_eq!(error["errors"][0]["extensions"]["code"], "POSITION_UNKNOWN");
    assert_eq!(events.next().await, None);
}

async fn who_has_spent_their_budget_waits_and_misses_nothing(app: TestApp) {
    let cities = ["a", "b", "c", "d", "e"].map(|key| {
        create(
            "City",
            key,
            json!({
                "slug": key, "names": [{ "lang": "en", "value": key }],
            }),
        )
    });
    write(&app.db, "", cities.to_vec()).await;
    let from_start = json!({ "after": feed::shown(0) });
    let (_, _, router) = instance(&app, Config::default()).await;
    let first = Events::open(&router, ALL, from_start.clone()).await.next().await.unwrap();
    let cost = first["extensions"]["cost"]["requested"].as_u64().unwrap();
    // For the beginning, and for two events.
    let anonymous_cost = u32::try_from(3 * cost).unwrap();
    let clock = Clock::standing(1_767_225_600_000_000);
    let state = App::with_clock(Config { anonymous_cost, ..Config::default() }, clock.clone());
    state.set_ready(Database::open(app.database().url(), 2).await.unwrap());
    let router = server::router(state);

    let mut events = Events::open(&router, ALL, from_start).await;
    let mut seen = vec![events.next().await.unwrap(), events.next().await.unwrap()];
    // Almost over, so that whoever waits looks again soon.
    clock.advance(Duration::from_millis(59_500));
    let more = timeout(Duration::from_millis(1_500), events.next()).await;
    assert!(more.is_err(), "there is nothing left to spend: {more:?}");
    clock.advance(Duration::from_secs(1));
    seen.push(events.next().await.unwrap());

    let positions: Vec<&Json> = seen.iter().map(|it| &it["extensions"]["position"]).collect();
    assert_eq!(positions, [feed::shown(1), feed::shown(2), feed::shown(3)].each_ref());
}

async fn a_server_that_stops_completes_the_stream(app: TestApp) {
    let (_, state, router) = instance(&app, Config::default()).await;
    let mut events = Events::open(&router, ALL, json!({})).await;

    state.open().stop();

    assert_eq!(events.next().await, None);
    timeout(LONG, state.open().closed()).await.expect("nobody is left");
}
