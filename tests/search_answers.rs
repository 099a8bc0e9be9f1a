//! Records are found by texts, in pages, and soon after they are written.

use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::time::sleep;

use crate::app::{Author, TestApp};

on_both!(
    what_is_written_is_found_soon_and_what_goes_is_not,
    pages_are_of_one_state_of_the_index,
    keys_of_telex_are_answered_as_letters,
);

const SEARCH: &str = "query ($query: String!, $types: [RecordType!], $first: Int, $after: String) {
    search(query: $query, types: $types, first: $first, after: $after) {
        totalCount didYouMean pageInfo { hasNextPage endCursor }
        edges { score node { id ... on City { name } } }
    }
}";
const CREATE: &str =
    "mutation ($name: String!) { createCity(input: { names: [{ lang: \"vi\", value: $name }] }) {
    city { id } userErrors { code path message } } }";

/// The answer, once the index is made.
async fn search(app: &TestApp, variables: Json) -> Json {
    for _ in 0..200 {
        let answer = app.post(json!({ "query": SEARCH, "variables": variables })).await;
        let mut body = answer.json();
        if body.get("errors").is_none() {
            return body["data"]["search"].take();
        }
        assert_eq!(answer.code(), "INDEX_BUILDING", "{body}");
        sleep(Duration::from_millis(50)).await;
    }
    panic!("the index is not made");
}

fn names(found: &Json) -> Vec<&str> {
    let edges = found["edges"].as_array().unwrap();
    edges.iter().map(|it| it["node"]["name"].as_str().unwrap()).collect()
}

/// Asks until so many are found, for a second at most beside what the machine has to do.
async fn until(app: &TestApp, query: &str, count: usize) -> Json {
    let mut found = Json::Null;
    for _ in 0..100 {
        found = search(app, json!({ "query": query })).await;
        if found["totalCount"] == count {
            return found;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{query}: {found}");
}

async fn what_is_written_is_found_soon_and_what_goes_is_not(app: TestApp) {
    let author = Author::editor(&app).await;
    assert_eq!(search(&app, json!({ "query": "ha noi" })).await["totalCount"], 0);
    let made = author.write(CREATE, json!({ "name": "Hà Nội" })).await;

    let found = until(&app, "ha noi", 1).await;

    assert_eq!(names(&found), ["Hà Nội"]);
    assert!(found["edges"][0]["score"].as_f64().unwrap() > 0.0);
    let of_others = search(&app, json!({ "query": "ha noi", "types": ["COUNTRY"] })).await;
    assert_eq!(of_others["totalCount"], 0);
    let delete = "mutation ($id: ID!) { deleteCity(id: $id, expectedVersion: 1) { userErrors { code path message } } }";
    author.write(delete, json!({ "id": made["city"]["id"] })).await;
    until(&app, "hanoi", 0).await;
}

async fn pages_are_of_one_state_of_the_index(app: TestApp) {
    let author = Author::editor(&app).await;
    for n in 0..5 {
        author.write(CREATE, json!({ "name": format!("Vinh {n}") })).await;
    }
    until(&app, "vinh", 5).await;
    let page = |after: &Json| json!({ "query": "vinh", "first": 2, "after": after });
    let mut all = Vec::new();
    let mut after = Json::Null;
    loop {
        let found = search(&app, page(&after)).await;
        all.extend(names(&found).into_iter().map(str::to_owned));
        after = found["pageInfo"]["endCursor"].clone();
        if found["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    all.sort();
    assert_eq!(all, (0..5).map(|n| format!("Vinh {n}")).collect::<Vec<_>>());

    let first = search(&app, page(&Json::Null)).await["pageInfo"]["endCursor"].clone();
    author.write(CREATE, json!({ "name": "Vinh 5" })).await;
    until(&app, "vinh", 6).await;
    for cursor in [first, json!("garbage"), json!("ộộộộộộộộ"), json!("")] {
        let answer = app.post(json!({ "query": SEARCH, "variables": page(&cursor) })).await;
        assert_eq!(answer.code(), "CURSOR_INVALID", "{cursor}");
    }
}

async fn keys_of_telex_are_answered_as_letters(app: TestApp) {
    let author = Author::editor(&app).await;
    author.write(CREATE, json!({ "name": "Đồng Xuân" })).await;
    until(&app, "dong xuan", 1).await;

    let found = search(&app, json!({ "query": "ddoongf xuaan" })).await;

    assert_eq!((names(&found), &found["didYouMean"]), (vec!["Đồng Xuân"], &json!("đồng xuân")));
}
