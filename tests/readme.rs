//! What the README shows is what the product does.

use std::{fs, path::Path};

use serde_json::{Value as Json, json};

use crate::app::Shipped;

on_both!(the_first_query_answers_as_shown, the_query_of_the_shell_answers);

/// The text of the first fenced block in a language.
fn block(language: &str) -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(readme).expect("the README is there");
    let (_, rest) =
        readme.split_once(&format!("```{language}\n")).expect("the README has such a block");
    rest.split_once("\n```").expect("the block ends").0.to_owned()
}

async fn the_first_query_answers_as_shown(app: Shipped) {
    let shown: Json = serde_json::from_str(&block("json")).expect("the answer is JSON");

    let answer = app.answer(&block("graphql"), json!({})).await;

    assert_eq!(answer["data"], shown["data"]);
    // The app of the tests tells more of it.
    for told in ["requested", "limit"] {
        let cost = |answer: &Json| answer["extensions"]["cost"][told].clone();
        assert_eq!(cost(&answer), cost(&shown), "{told}");
    }
}

async fn the_query_of_the_shell_answers(app: Shipped) {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let (_, body) = readme.split_once("-d '").expect("the README has a curl line");
    let body: Json =
        serde_json::from_str(body.split_once('\'').unwrap().0).expect("its body is JSON");

    let answer = app.ask(body["query"].as_str().unwrap(), json!({})).await;

    assert_eq!(
        answer,
        json!({ "data": { "city": { "name": "Hanoi", "challenges": { "totalCount": 4 } } } })
    );
}
