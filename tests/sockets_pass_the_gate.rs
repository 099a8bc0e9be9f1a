//! The product's own operations over a socket and as events: the same gate, the same answers, the same codes as over HTTP.

use axum::{body::Body, http::Method};
use culturegraph::{config::Config, server::App};
use serde_json::{Value, json};

use crate::app::{Backend, TestApp, database, served::serve, socket::Socket};

#[tokio::test]
async fn an_operation_is_answered_alike_over_all_transports() {
    let database = database(Backend::Sqlite).await.expect("SQLite needs nothing");
    // Without what an answer took, which differs.
    let app = TestApp::with(database, Config::default()).await;
    let (port, stop, served) = serve(app.state()).await;
    let mut socket = Socket::ready(port).await;

    let many: String = (0..5001).map(|n| format!(" a{n}: __typename")).collect();
    for query in [
        "{ cities { totalCount nodes { slug } } }",
        "{ cities(first: 1000) { nodes { name } } }",
        "{ cities",
        "{ towns { slug } }",
        "mutation { add }",
        "subscription { changed }",
        &format!("{{ {many} }}"),
        &format!("{{ cities {} }}", "{ nodes ".repeat(60)),
    ] {
        let answer = app.post(json!({ "query": query })).await;
        socket.ask("1", query).await;

        let told = socket.hear().await;
        match answer.status.is_success() {
            true => {
                let payload = without_budget(told["payload"].clone());
                assert_eq!(told["type"], "next");
                assert_eq!(payload, without_budget(answer.json()));
                assert_eq!(socket.hear().await["type"], "complete");
            }
            false => {
                let payload = (&told["type"], &told["payload"]);
                assert_eq!(payload, (&json!("error"), &answer.json()["errors"]), "{query}");
            }
        }
        let event = without_budget(event(&app, query).await);
        assert_eq!(event, without_budget(answer.json()), "{query}");
    }

    stop.send_replace(true);
    assert_eq!(socket.closed().await.0, 1001);
    served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_server_that_starts_says_to_try_again() {
    let (port, _stop, _served) = serve(App::starting(Config::default())).await;
    let mut socket = Socket::open(port).await;

    socket.say(json!({ "type": "connection_init" })).await;

    assert_eq!(socket.closed().await.0, 1013);
}

/// Each answer takes something off what is left.
fn without_budget(mut answer: Value) -> Value {
    if let Some(cost) = answer.pointer_mut("/extensions/cost").and_then(Value::as_object_mut) {
        assert!(cost.remove("remaining").is_some() && cost.remove("resetsAt").is_some());
    }
    answer
}

/// The first answer in a stream of events.
async fn event(app: &TestApp, query: &str) -> Value {
    let headers = [("content-type", "application/json"), ("accept", "text/event-stream")];
    let body = Body::from(json!({ "query": query }).to_string());
    let answer = app.send(Method::POST, "/graphql", &headers, body).await;
    let data = answer.text().lines().find_map(|line| line.strip_prefix("data: "));
    serde_json::from_str(data.expect("there is an answer")).expect("it is JSON")
}
