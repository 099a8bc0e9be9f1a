//! Fields of the root under one response key are one field, as Relay and Apollo write them.

use serde_json::json;

use crate::app::TestApp;

on_both!(selections_of_one_key_are_merged_whatever_fragment_they_stand_in);

async fn selections_of_one_key_are_merged_whatever_fragment_they_stand_in(app: TestApp) {
    let query = "query ($n: Int) { list: cities(first: $n) { totalCount } ...Page other: cities { totalCount } }
        fragment Page on Query { list: cities(first: $n) { nodes { id } ...Info } }
        fragment Info on CityConnection { pageInfo { hasNextPage } }";

    let answer = app.query(query, json!({ "n": 1 })).await;

    let list = json!({ "totalCount": 0, "nodes": [], "pageInfo": { "hasNextPage": false } });
    assert_eq!(answer["data"], json!({ "list": list, "other": { "totalCount": 0 } }));
    assert_eq!(app.statements(), 3);
}
