//! Who calls is known by a key, over whatever transport, for as long as the key is valid; and whether those may read who have
//! none is a setting.

use std::time::Duration;

use axum::{body::Body, http::Method};
use culturegraph::{
    auth::{self, NewKey, Scope},
    clock::Clock,
    config::Config,
};
use entities::api_key;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::app::{
    Answer, Backend, TestApp, TestDatabase, database,
    served::serve,
    socket::{LONG, Socket},
};

on_both!(
    every_transport_knows_the_same_callers,
    a_key_ends_with_its_time_and_when_it_is_revoked,
    the_last_use_of_a_key_is_noted_to_a_minute,
    a_known_key_costs_no_statement,
);

const QUERY: &str = "{ __typename }";
/// 2026-01-01.
const START: i64 = 1_767_225_600_000_000;

/// What a transport makes of a value of `Authorization`.
#[derive(Debug, PartialEq)]
enum Outcome {
    Answered,
    Refused(&'static str),
}

impl Outcome {
    fn of(answer: &Answer) -> Outcome {
        match (answer.status.as_u16(), &*answer.code()) {
            (200, "") => Outcome::Answered,
            (401, "UNAUTHENTICATED") => {
                assert_eq!(answer.header("www-authenticate"), "Bearer");
                assert_eq!(answer.header("cache-control"), "no-store");
                assert_eq!(answer.json().get("data"), None);
                Outcome::Refused("UNAUTHENTICATED")
            }
            (403, "FORBIDDEN") => {
                assert_eq!(answer.json()["errors"][0]["extensions"]["scope"], "READ");
                Outcome::Refused("FORBIDDEN")
            }
            (503, "UNAVAILABLE") => Outcome::Refused("UNAVAILABLE"),
            other => panic!("{other:?} {}", answer.text()),
        }
    }
}

/// What comes of a query over each of the transports.
async fn over_all(app: &TestApp, port: u16, authorization: Option<&str>) -> Vec<Outcome> {
    let header: Vec<_> = authorization.map(|it| ("authorization", it)).into_iter().collect();
    let with = |more: &[(&'static str, &'static str)]| {
        let headers = header.iter().copied().chain(more.iter().copied());
        headers.map(|(name, value)| (name, value.to_owned())).collect::<Vec<_>>()
    };
    let send = async |method: Method, uri: &str, headers: Vec<(&str, String)>, body: Body| {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
        app.send(method, uri, &headers, body).await
    };
    let body = json!({ "query": QUERY }).to_string();
    let json = ("content-type", "application/json");
    let uri = "/graphql?query=%7B__typename%7D";
    let mut outcomes = Vec::new();

    let post = send(Method::POST, "/graphql", with(&[json]), body.clone().into()).await;
    outcomes.push(Outcome::of(&post));
    // A client of the old kind is told no less.
    let old = with(&[json, ("accept", "application/json")]);
    outcomes.push(Outcome::of(&send(Method::POST, "/graphql", old, body.clone().into()).await));
    outcomes.push(Outcome::of(&send(Method::GET, uri, with(&[]), Body::empty()).await));
    let events = with(&[json, ("accept", "text/event-stream")]);
    let events = send(Method::POST, "/graphql", events, body.into()).await;
    outcomes.push(match events.header("content-type") {
        "text/event-stream" => Outcome::Answered,
        _ => Outcome::of(&events),
    });

    let payload = authorization.map_or(json!({}), |it| json!({ "Authorization": it }));
    let by_payload = Socket::greeting(port, payload).await;
    outcomes.push(socket(by_payload).await);
    let mut by_header = Socket::with_header(port, authorization).await;
    by_header.say(json!({ "type": "connection_init" })).await;
    outcomes.push(socket(by_header).await);
    outcomes
}

async fn socket(mut socket: Socket) -> Outcome {
    use tokio_tungstenite::tungstenite::Message;
    match socket.next().await {
        Some(Message::Text(text)) => {
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["type"], "connection_ack");
            socket.ask("1", QUERY).await;
            let told = socket.hear().await;
            assert_eq!(told["payload"]["data"], json!({ "__typename": "Query" }));
            Outcome::Answered
        }
        Some(Message::Close(Some(close))) => match u16::from(close.code) {
            4401 => Outcome::Refused("UNAUTHENTICATED"),
            4403 => Outcome::Refused("FORBIDDEN"),
            code => panic!("{code} {}", close.reason),
        },
        other => panic!("{other:?}"),
    }
}

fn all(outcomes: &[Outcome], expected: &Outcome) -> bool {
    outcomes.iter().all(|outcome| outcome == expected)
}

async fn every_transport_knows_the_same_callers(database: TestDatabase) {
    let mut app = TestApp::with(database, Config::default()).await;
    let (reads, writes) = (app.key(&[Scope::Read]).await, app.key(&[Scope::Write]).await);
    let revoked = app.key(&[Scope::Read]).await;
    auth::revoke(&app.db.writer, &revoked, 1).await.unwrap();
    let expires_at = Some(app.state().clock().micros() - 1);
    let expired = app.key_with(NewKey { expires_at, ..app.new_key() }).await;
    let bearer = |secret: &str| format!("Bearer {secret}");
    // The prefix of one key and the chance of another.
    let mixed = format!("{}{}", &reads[..14], &writes[14..]);
    let unknown = reads.replacen(&reads[3..13], "0123456789", 1);
    let unproven = [
        bearer(&revoked),
        bearer(&expired),
        bearer(&mixed),
        bearer(&unknown),
        bearer("nonsense"),
        bearer(&format!("{reads}0")),
        bearer(""),
        format!("Basic {reads}"),
        reads.clone(),
        String::new(),
    ];
    let denied = Outcome::Refused("UNAUTHENTICATED");

    for (anonymous_reads, nobody, writer) in [
        (true, Outcome::Answered, Outcome::Answered),
        (false, Outcome::Refused("UNAUTHENTICATED"), Outcome::Refused("FORBIDDEN")),
    ] {
        app = app.set(Config { anonymous_reads, ..Config::default() });
        let (port, _stop, _served) = serve(app.state()).await;

        for (authorization, expected) in [
            (None, &nobody),
            (Some(bearer(&reads)), &Outcome::Answered),
            (Some(format!("bearer  {reads}")), &Outcome::Answered),
            (Some(bearer(&writes)), &writer),
        ] {
            let outcomes = over_all(&app, port, authorization.as_deref()).await;
            assert!(all(&outcomes, expected), "{authorization:?} {outcomes:?}");
        }
        for authorization in &unproven {
            let outcomes = over_all(&app, port, Some(authorization)).await;
            assert!(all(&outcomes, &denied), "{authorization:?} {outcomes:?}");
        }
    }
}

async fn a_key_ends_with_its_time_and_when_it_is_revoked(database: TestDatabase) {
    let clock = Clock::standing(START);
    let app = TestApp::at(database, Config::default(), clock.clone()).await;
    let expires_at = Some(START + 60_000_000);
    let expires = app.key_with(NewKey { expires_at, ..app.new_key() }).await;
    let revoked = app.key(&[]).await;
    let body = json!({ "query": QUERY });
    let status = async |secret: &str| app.post_as(secret, body.clone()).await.status.as_u16();
    assert_eq!((status(&expires).await, status(&revoked).await), (200, 200));

    auth::revoke(&app.db.writer, &revoked, START).await.unwrap();
    clock.advance(Duration::from_secs(5));
    assert_eq!((status(&expires).await, status(&revoked).await), (200, 401));
    let message = app.post_as(&revoked, body.clone()).await.text().to_owned();
    assert!(message.contains("was revoked"), "{message}");

    clock.advance(Duration::from_secs(55));
    assert_eq!(status(&expires).await, 401);
    let message = app.post_as(&expires, body.clone()).await.text().to_owned();
    assert!(message.contains("has expired"), "{message}");
}

async fn the_last_use_of_a_key_is_noted_to_a_minute(database: TestDatabase) {
    let clock = Clock::standing(START);
    let app = TestApp::at(database, Config::default(), clock.clone()).await;
    let secret = app.key(&[Scope::Read]).await;
    let body = json!({ "query": QUERY });
    let noted = async |at: i64| {
        for _ in 0..2_000 {
            let rows = api_key::Entity::find().all(&app.db.writer).await.unwrap();
            if rows[0].last_used_at == Some(at) {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("the use is not noted");
    };

    app.post_as(&secret, body.clone()).await;
    noted(START).await;
    clock.advance(Duration::from_secs(59));
    app.post_as(&secret, body.clone()).await;
    noted(START).await;
    clock.advance(Duration::from_secs(1));
    app.post_as(&secret, body.clone()).await;
    noted(START + 60_000_000).await;
}

async fn a_known_key_costs_no_statement(database: TestDatabase) {
    let clock = Clock::standing(START);
    let app = TestApp::at(database, Config::default(), clock.clone()).await;
    let secret = app.key(&[Scope::Read]).await;
    let body = json!({ "query": QUERY });
    assert_eq!(app.post_as(&secret, body.clone()).await.status, 200);

    let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
    app.db.writer.execute_unprepared(&rename("api_key", "gone")).await.unwrap();
    assert_eq!(app.post_as(&secret, body.clone()).await.status, 200);
    clock.advance(Duration::from_secs(5));
    let answer = app.post_as(&secret, body.clone()).await;
    app.db.writer.execute_unprepared(&rename("gone", "api_key")).await.unwrap();

    // Whether the key is still good cannot be said, so nothing is.
    assert_eq!((answer.status.as_u16(), &*answer.code()), (503, "UNAVAILABLE"));
    assert_eq!(app.post_as(&secret, body).await.status, 200);
}

#[tokio::test]
async fn a_socket_ends_with_the_key_that_opened_it() {
    let database = database(Backend::Sqlite).await.expect("SQLite needs nothing");
    let app = TestApp::with(database, Config::default()).await;
    let (port, _stop, _served) = serve(app.state()).await;
    let expires_at = Some(app.state().clock().micros() + 300_000);
    let expires = app.key_with(NewKey { expires_at, ..app.new_key() }).await;
    let revoked = app.key(&[Scope::Read]).await;
    let open = async |secret: &str| {
        let payload = json!({ "Authorization": format!("Bearer {secret}") });
        let mut socket = Socket::greeting(port, payload).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        socket
    };
    let (expires, socket) = (open(&expires).await, open(&revoked).await);

    assert_eq!(expires.closed().await.0, 4403);

    auth::revoke(&app.db.writer, &revoked, 1).await.unwrap();
    assert_eq!(timeout(LONG, socket.closed()).await.unwrap().0, 4403);
}
