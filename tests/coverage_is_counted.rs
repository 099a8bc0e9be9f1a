//! How complete a list is, is counted from what is in the base, not written down.

use culturegraph::{load, progress::Silent, transfer::shipped};
use serde_json::json;

use crate::app::{Shipped, TestApp, noon, part};

on_both!(the_list_of_members_is_396_of_408, without_one_member_it_is_395_of_408);

const COVERAGE: &str = r#"{
  network(by: { slug: "uccn" }) { datasets { nodes { recordedCount expectedCount } } }
}"#;

async fn the_list_of_members_is_396_of_408(app: Shipped) {
    let answer = app.ask(COVERAGE, json!({})).await;

    let datasets = &answer["data"]["network"]["datasets"]["nodes"];
    assert_eq!(datasets, &json!([{ "recordedCount": 396, "expectedCount": 408 }]));
}

async fn without_one_member_it_is_395_of_408(app: TestApp) {
    let sources = load::shipped().expect("the shipped data are right");
    let all_but_one = part(sources, |put| match put.record_type {
        "Membership" => put.key != "uccn-membership:krakow",
        kind => kind == "Dataset",
    });
    let loaded = shipped::load(&app.db, all_but_one, String::new(), &Silent, noon()).await;
    loaded.expect("they fit");

    let answer = app.query(COVERAGE, json!({})).await;

    let datasets = &answer["data"]["network"]["datasets"]["nodes"];
    assert_eq!(datasets, &json!([{ "recordedCount": 395, "expectedCount": 408 }]));
}
