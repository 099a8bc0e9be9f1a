//! No request ends in a 5xx, a failure of ours or a panic because of what it says.

use axum::body::Body;
use serde_json::{Value, json};

use crate::app::{Answer, TestApp};

on_both!(
    hostile_strings_are_answered_wherever_they_stand,
    hostile_values_are_answered_wherever_they_stand,
    hostile_documents_are_answered,
    hostile_bodies_are_answered,
);

fn assert_answered(answer: &Answer, what: &str) {
    assert!(answer.status.as_u16() < 500, "{what}: {} {}", answer.status, answer.text());
    let body = answer.json();
    for error in body["errors"].as_array().into_iter().flatten() {
        assert!(error.to_string().len() < 1_000, "{what}: an error repeats what was asked");
        let code = error["extensions"]["code"].as_str().unwrap_or_default();
        assert!(!matches!(code, "" | "INTERNAL"), "{what}: {error}");
    }
}

fn cut(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Each takes one variable.
const QUERIES: &[&str] = &[
    "query ($v: String!) { city(by: {slug: $v}) { id } }",
    "query ($v: ID!) { city(by: {id: $v}) { id } }",
    "query ($v: String!) { city(by: {identifier: {scheme: $v, value: $v}}) { id } }",
    "query ($v: CityBy!) { city(by: $v) { id } }",
    "query ($v: ID!) { node(id: $v) { id } }",
    "query ($v: [ID!]!) { nodes(ids: $v) { id } }",
    "query ($v: String!) { byIdentifier(scheme: $v, values: [$v]) { value } }",
    "query ($v: [String!]!) { byIdentifier(scheme: \"S\", values: $v) { value } }",
    "query ($v: String) { cities(after: $v) { nodes { id } } }",
    "query ($v: String) { cities(before: $v) { nodes { id } } }",
    "query ($v: Int) { cities(first: $v) { nodes { id } } }",
    "query ($v: Int) { cities(last: $v) { nodes { id } } }",
    "query ($v: CityFilter) { cities(filter: $v) { nodes { id } totalCount } }",
    "query ($v: [CityOrder!]) { cities(orderBy: $v) { nodes { id } } }",
    "query ($v: [Lang!]) { cities { nodes { name(lang: $v) } } }",
    "query ($v: String) { cities(filter: {slug: {eq: $v}}) { totalCount } }",
    "query ($v: String) { cities(filter: {name: {contains: $v}}) { totalCount } }",
    "query ($v: String) { cities(filter: {name: {startsWith: $v}}) { totalCount } }",
    "query ($v: [String!]) { cities(filter: {name: {in: $v}}) { totalCount } }",
    "query ($v: String) { __type(name: $v) { name } }",
    "query ($v: Boolean!) { cities @skip(if: $v) { totalCount } }",
];

async fn ask(app: &TestApp, value: &Value, what: &str) {
    for query in QUERIES {
        let answer = app.post(json!({ "query": query, "variables": { "v": value } })).await;
        assert_answered(&answer, &format!("{query} with {what}"));
    }
}

async fn hostile_strings_are_answered_wherever_they_stand(app: TestApp) {
    let long = "x".repeat(1_000_000);
    let wide = "ộ\u{323}\u{302}".repeat(10_000);
    for text in [
        "",
        "\0",
        "a\0b",
        "\u{feff}\u{202e}\u{ffff}\u{10ffff}",
        "'; DROP TABLE city; --",
        "%_\\%",
        "\\",
        "\"",
        "{{\"",
        "😀",
        "#__graphql_file__:0",
        "9223372036854775808",
        "NaN",
        &long,
        &wide,
    ] {
        ask(&app, &json!(text), &format!("{:?}…", cut(text))).await;
        if text.len() < 1_000 {
            ask(&app, &json!([text, text]), &format!("[{:?}…]", cut(text))).await;
        }
    }
}

async fn hostile_values_are_answered_wherever_they_stand(app: TestApp) {
    let mut deep = json!({ "population": { "gt": 1 } });
    for n in 0..60 {
        let name = ["and", "or", "not"][n % 3];
        deep = if name == "not" { json!({ name: deep }) } else { json!({ name: [deep] }) };
    }
    for value in [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(101),
        json!(2147483648_i64),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e308),
        json!(0.5),
        json!([]),
        json!([[[]]]),
        json!({}),
        json!([null]),
        json!({ "": "" }),
        json!({ "id": null }),
        json!({ "id": "a", "slug": "b" }),
        json!({ "nothing": { "a": [1] } }),
        json!({ "name": null }),
        json!({ "name": {} }),
        json!({ "name": { "eq": null } }),
        json!({ "name": { "in": [] } }),
        json!({ "name": { "in": vec!["x"; 50_000] } }),
        json!({ "population": { "gt": 1e308 } }),
        json!({ "population": { "eq": "1" } }),
        json!({ "not": {} }),
        json!({ "and": [] }),
        json!({ "or": vec![json!({ "slug": { "eq": "a" } }); 2_000] }),
        json!({ "country": { "cities": { "some": { "country": { "cities": { "every": {} } } } } } }),
        json!({ "field": "NAME", "direction": "ASC" }),
        json!([{ "field": "NAME" }, { "field": "NAME" }]),
        json!([{ "field": "NOTHING" }]),
        deep,
    ] {
        ask(&app, &value, &cut(&value.to_string())).await;
    }
}

async fn hostile_documents_are_answered(app: TestApp) {
    let bomb: String =
        (0..40).map(|n| format!("fragment f{n} on Query {{ ...f{0} ...f{0} }} ", n + 1)).collect();
    let cycle = "{ ...a } fragment a on Query { ...b ...b ...c } fragment b on Query { ...c ...a } fragment c on Query { ...a }";
    let variables: String = (0..700).map(|n| format!("$v{n}: Int ")).collect();
    let uses: String =
        (0..90).map(|n| format!("a{n}: cities(first: $v{n}) {{ totalCount }} ")).collect();
    for document in [
        "{".repeat(14_000),
        "{a".repeat(7_000),
        "{a(b:".repeat(2_500),
        format!("{{ a(b: {}", "[".repeat(14_000)),
        format!("{{ a(b: {}{}) }}", "[".repeat(97), "]".repeat(97)),
        format!("query ($v: {}Int{}) {{ a }}", "[".repeat(98), "]".repeat(98)),
        format!("{{ ...f0 }} {bomb} fragment f40 on Query {{ __typename }}"),
        cycle.to_owned(),
        format!("query ({variables}) {{ {uses} }}"),
        format!("{{ {} }}", "__typename ".repeat(1_300)),
        format!("{{ {} }}", "...a ".repeat(2_000)),
        format!("{{ __typename {} }}", "@skip(if: false) ".repeat(800)),
        format!("{{ __typename {} }}", "@nothing ".repeat(1_500)),
        format!("{{ cities(filter: {{slug: {{eq: \"{}\"}}}}) {{ totalCount }} }}", "x".repeat(14_000)),
        format!("{{ cities(first: {}) {{ totalCount }} }}", "9".repeat(14_000)),
        format!("{{ cities(first: 1e{}) {{ totalCount }} }}", "9".repeat(10_000)),
        "{ cities(filter: {slug: {eq: \"\\u0000\"}}) { totalCount } }".to_owned(),
        "{ cities(filter: {slug: {eq: \"\\ud800\"}}) { totalCount } }".to_owned(),
        "{ cities(filter: {slug: {eq: \"\\udc00\\ud800\"}}) { totalCount } }".to_owned(),
        "{ cities(filter: {slug: {eq: \"\"\"\0\"\"\"}}) { totalCount } }".to_owned(),
        "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }".to_owned(),
        "{ __type(name: \"\\u0000\") { name } __type: __typename }".to_owned(),
        "{ city(by: {}) { id } }".to_owned(),
        "{ city(by: {id: null}) { id } }".to_owned(),
        "{ city(by: {id: \"a\", slug: \"b\"}) { id } }".to_owned(),
        "query A { __typename } { __typename }".to_owned(),
        "query A { __typename } query A { __typename }".to_owned(),
        "fragment a on Nothing { a } { ...a }".to_owned(),
        "fragment a on City { id } { ...a }".to_owned(),
        "{ __typename(a: 1) @skip(a: 1) }".to_owned(),
        "{ __typename @skip }".to_owned(),
        "type A { a: Int }".to_owned(),
        "\u{feff}{ __typename }".to_owned(),
    ] {
        let answer = app.post(json!({ "query": document })).await;
        assert_answered(&answer, &cut(&document));
    }
}

async fn hostile_bodies_are_answered(app: TestApp) {
    let deep_list = format!("{{\"query\":\"{{a}}\",\"variables\":{{\"a\":{}", "[".repeat(500_000));
    let deep_map = "{\"query\":".repeat(100_000);
    let fits = format!(
        "{{\"query\":\"query ($v: CityFilter) {{ cities(filter: $v) {{ totalCount }} }}\",\"variables\":{{\"v\":{}{{}}{}}}}}",
        "{\"not\":".repeat(120),
        "}".repeat(120)
    );
    for body in [
        deep_list.as_bytes(),
        deep_map.as_bytes(),
        fits.as_bytes(),
        b"\0",
        b"\xff\xfe{\0}\0",
        b"{\"query\":\"{ __typename }\",\"variables\":{\"\xc3\x28\":1}}",
        b"{\"query\":\"{ __typename }\",\"operationName\":\"\\ud800\"}",
        b"{\"query\":\"{ __typename }\",\"variables\":{\"\\udfff\":1}}",
        b"{\"query\":\"{ __typename }\",\"variables\":{\"\\u0000\":\"\\u0000\"}}",
        b"{\"query\":\"{ __typename }\",\"variables\":{\"a\":1e400}}",
        b"{\"query\":\"{ __typename }\",\"variables\":{\"a\":-0.0,\"b\":123456789012345678901234567890}}",
        b"{\"query\":\"{ __typename }\",\"extensions\":{\"persistedQuery\":null}}",
        b"{\"query\":\"{ __typename }\"",
        b"{}{}",
        b"[[[[]]]]",
        b"\"{ __typename }\"",
    ] {
        let answer = app.post_bytes(Body::from(body.to_vec())).await;
        assert_answered(&answer, &cut(&String::from_utf8_lossy(body)));
    }
    for query in ["?query=%", "?query=%ff%fe", "?query=%00", "?variables=%7B", "?=&&&===", "?query"]
    {
        assert_answered(&app.get(&format!("/graphql{query}")).await, query);
    }
}
