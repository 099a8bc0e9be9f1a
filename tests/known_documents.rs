//! A document that has run before runs without being validated again: it must answer as it did, and refuse what it refused.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header::CONTENT_TYPE},
};
use culturegraph::{
    config::Config,
    server::{self, App},
};
use serde_json::{Value as Json, json};

use crate::app::{Answer, TestApp, chance::Chance, fixtures, lenient, send};

on_both!(
    a_known_document_answers_as_a_new_one,
    variables_of_a_known_document_are_looked_at_as_those_of_a_new_one
);

/// Documents, with variables that they run with.
fn documents() -> Vec<(&'static str, Json)> {
    vec![
        ("{ __typename cities { totalCount } }", json!({})),
        ("{ a: cities(first: 2) { nodes { id } } b: cities(last: 1) { nodes { name } } }", json!({})),
        (
            "query A($n: Int) { list: cities(first: $n) { totalCount } ...Page }
             fragment Page on Query { list: cities(first: $n) { nodes { id country { name } } ...Info } }
             fragment Info on CityConnection { pageInfo { hasNextPage endCursor } }",
            json!({ "n": 3 }),
        ),
        (
            "query($yes: Boolean!, $no: Boolean = false) { cities(first: 1) @include(if: $yes) { totalCount }
             city(by: { slug: \"x\" }) @include(if: $no) { id } ... @skip(if: $yes) { countries { totalCount } } }",
            json!({ "yes": true, "no": true }),
        ),
        // Variables inside literals, of which the engine looks at others when they are there.
        ("query($s: String) { city(by: { slug: $s }) { id } }", json!({ "s": "x" })),
        (
            "query($l: Lang, $d: OrderDirection = DESC) {
                cities(orderBy: [{ field: NAME, direction: $d, lang: $l }]) { nodes { id } }
             }",
            json!({ "l": "vi", "d": "ASC" }),
        ),
        (
            "query A($n: Int) { cities(first: $n) { totalCount } }
             query B($n: Int, $f: CityFilter = {}) { cities(first: $n, filter: { not: $f }) { totalCount } }",
            json!({ "n": 2, "f": {} }),
        ),
        // One of them fails, and one after the other.
        ("{ cities(first: 0) { totalCount } countries { totalCount } }", json!({})),
        ("{ city(by: { slug: null }) { id } country(by: { id: \"x\" }) { id } }", json!({})),
        ("{ cities(after: \"x\") { totalCount } }", json!({})),
        ("{ __schema { queryType { name } } cities { totalCount } }", json!({})),
        ("{ node(id: \"x\") { __typename id ... on City { name } ... on Described { slug } } }", json!({})),
        (
            "query($by: CityBy!) { city(by: $by) { id government { name } kind { notation } country { alpha2Code } } }",
            json!({ "by": { "slug": "x" } }),
        ),
        (
            "query($filter: CityFilter, $order: [CityOrder!], $lang: [Lang!]) {
                cities(filter: $filter, orderBy: $order) { nodes { name(lang: $lang) } }
             }",
            json!({ "filter": {}, "order": [], "lang": "vi" }),
        ),
        (
            "query($ids: [ID!]!, $by: [CityGroupBy!]!) {
                nodes(ids: $ids) { id } cityStats(groupBy: $by) { totalCount groups { count } }
             }",
            json!({ "ids": ["x"], "by": ["COUNTRY"] }),
        ),
        (
            "query($at: Date, $unknown: Boolean!) { officials(at: $at, includeUnknown: $unknown) { totalCount } }",
            json!({ "at": "2020-01-01", "unknown": true }),
        ),
    ]
}

async fn a_known_document_answers_as_a_new_one(app: TestApp) {
    fixtures::by_chance().write(&app).await;
    let forgetful = forgetful(&app);
    for (document, variables) in documents() {
        let body = json!({ "query": document, "variables": variables });

        let first = app.post(body.clone()).await;
        let second = app.post(body.clone()).await;

        let expected = ask(&forgetful, &body).await;
        for answer in [first, second] {
            assert_eq!(said(&answer), said(&expected), "{body}");
        }
    }
}

async fn variables_of_a_known_document_are_looked_at_as_those_of_a_new_one(app: TestApp) {
    fixtures::by_chance().write(&app).await;
    let forgetful = forgetful(&app);
    let mut chance = Chance::new(11);
    let (mut refused, mut answered) = (0, 0);
    for (document, variables) in documents() {
        if variables == json!({}) {
            continue;
        }
        app.post(json!({ "query": document, "variables": variables })).await;
        let Json::Object(fitting) = variables else { panic!("variables are an object") };
        for _ in 0..60 {
            let mut variables = fitting.clone();
            variables.retain(|_, _| !chance.one_in(4));
            for value in variables.values_mut() {
                if chance.one_in(2) {
                    *value = any(&mut chance, 3);
                }
            }
            let name = if chance.one_in(2) { "A" } else { "B" };
            let name = document.contains("query B").then_some(name);
            let body = json!({ "query": document, "variables": variables, "operationName": name });

            let known = app.post(body.clone()).await;

            let expected = ask(&forgetful, &body).await;
            assert_eq!(said(&known), said(&expected), "{body}");
            let count = if known.status.is_success() { &mut answered } else { &mut refused };
            *count += 1;
        }
    }

    assert!(refused > 100 && answered > 100, "{refused} {answered}");
}

/// The same app without a memory for documents.
fn forgetful(app: &TestApp) -> Router {
    let config = Config { document_cache_bytes: 0, ..lenient() };
    server::router(App::new(config, app.db.clone()))
}

/// All that an answer says, but for the time that it took.
fn said(answer: &Answer) -> (StatusCode, String) {
    let text = answer.without_budget();
    let (said, _) = text.split_once(",\"levels\":").unwrap_or((&text, ""));
    (answer.status, said.to_owned())
}

async fn ask(router: &Router, body: &Json) -> Answer {
    let request = Request::post("/graphql").header(CONTENT_TYPE, "application/json");
    send(router, request.body(Body::from(body.to_string())).unwrap()).await
}

/// A value such as clients send by mistake, and some that fit.
fn any(chance: &mut Chance, depth: usize) -> Json {
    let names =
        ["id", "slug", "identifier", "name", "population", "and", "not", "eq", "gt", "field"];
    match chance.below(if depth == 0 { 8 } else { 11 }) {
        0 => Json::Null,
        1 => chance.one_in(2).into(),
        2 => chance.pick(&[-1, 0, 1, 20, 101, i64::MAX]).into(),
        3 => chance.pick(&[0.5, 1.0, 1e300]).into(),
        4 => chance.pick(&["", "x", "vi", "2020-01-01", "2020-13-01"]).into(),
        5 => chance.pick(&["COUNTRY", "NAME", "POPULATION", "DESC"]).into(),
        6 => json!({ "field": "NAME" }),
        7 => json!({ "name": { "eq": "Hanoi" } }),
        8 => (0..chance.below(3)).map(|_| any(chance, depth - 1)).collect(),
        _ => {
            let many = chance.below(3);
            let pairs = (0..many).map(|_| (chance.pick(&names).to_owned(), any(chance, depth - 1)));
            Json::Object(pairs.collect())
        }
    }
}
