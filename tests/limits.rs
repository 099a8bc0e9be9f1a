//! What an operation may ask and take, on the whole schema: cost, the size of an answer, and a schema that is not told of.

use culturegraph::config::Config;
use serde_json::{Value as Json, json};

use crate::app::{Answer, Backend, OnDatabase, TestApp, TestDatabase, database, fixtures, sqlite};

on_both!(an_answer_that_grows_too_long_is_cut, cost_is_told_before_anything_is_read);

/// An app on SQLite with these settings.
async fn of(config: Config) -> TestApp {
    let database = database(Backend::Sqlite).await.expect("SQLite needs nothing");
    TestApp::with(database, config).await
}

async fn requested(app: &TestApp, query: &str, variables: Json) -> u64 {
    app.query(query, variables).await;
    app.cost().requested
}

async fn cost_is_told_before_anything_is_read(app: TestApp) {
    for (query, variables, cost) in [
        ("{ __typename }", json!({}), 0),
        ("{ city(by: { slug: \"x\" }) { id } }", json!({}), 1),
        ("{ city(by: { slug: \"x\" }) { name country { name } } }", json!({}), 2),
        // A page of 20, and 20 countries.
        ("{ cities { nodes { country { name } } } }", json!({}), 40),
        ("{ cities(first: 3) { nodes { id } edges { node { country { id } } } } }", json!({}), 6),
        ("query ($n: Int) { cities(first: $n) { nodes { id } } }", json!({ "n": 7 }), 7),
        ("query ($n: Int) { cities(first: $n) { nodes { id } } }", json!({ "n": null }), 20),
        ("query ($n: Int = 9) { cities(last: $n) { nodes { id } } }", json!({}), 9),
        // A count is one row; so is the look at what comes after the page.
        ("{ cities { totalCount } }", json!({}), 1),
        ("{ cities(first: 5) { totalCount nodes { id } pageInfo { hasNextPage } } }", json!({}), 7),
        ("{ cities(first: 5) { nodes { initiatives(first: 4) { totalCount } } } }", json!({}), 10),
        (
            "{ cities(first: 5) { nodes { initiatives(first: 4) { nodes { id } } } } }",
            json!({}),
            25,
        ),
        // The dearest type of an interface, not the sum.
        (
            "{ node(id: \"x\") { ... on City { country { id } government { id } } ... on Country { id } } }",
            json!({}),
            4,
        ),
        (
            "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Described { links(first: 2) { nodes { id } } } } }",
            json!({ "ids": ["a", "b", "c"] }),
            12,
        ),
        // What is not taken costs nothing.
        (
            "query ($all: Boolean!) { cities(first: 2) { nodes { id country @include(if: $all) { id } } } }",
            json!({ "all": false }),
            2,
        ),
        // Fields under one key are one field.
        ("{ ...A ...A } fragment A on Query { cities(first: 2) { nodes { id } } }", json!({}), 2),
        ("{ cityStats(groupBy: [COUNTRY], first: 3) { __typename } }", json!({}), 3),
        (
            "{ translationGaps(from: \"vi\", to: \"en\", first: 5) { edges { cursor } } }",
            json!({}),
            5,
        ),
        ("{ cityStats(groupBy: [COUNTRY], first: 3) { groups { country { id } } } }", json!({}), 6),
    ] {
        assert_eq!(requested(&app, query, variables).await, cost, "{query}");
    }
}

#[tokio::test]
async fn what_could_read_too_much_is_refused() {
    let app = sqlite().await;
    let query = "query ($n: Int) { cities(first: $n) { nodes {
        initiatives(first: 100) { nodes { goals(first: 10) { nodes { id } } } }
    } } }";
    let ask = async |n: u64| app.post(json!({ "query": query, "variables": { "n": n } })).await;

    let fits = ask(90).await;
    assert_eq!(fits.status, 200, "{}", fits.text());
    let refused = ask(100).await;
    assert_eq!((refused.status.as_u16(), &*refused.code()), (400, "COST_TOO_HIGH"));
    let extensions = &refused.json()["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["limit"], &extensions["requested"]),
        (&json!(100_000), &json!(110_100))
    );
    assert_eq!(refused.json().get("data"), None);
}

#[tokio::test]
async fn interfaces_that_open_to_much_are_refused() {
    let app = sqlite().await;
    let hops = |count: usize| {
        let (open, close) = ("links(first: 1) { nodes { to { ... on Described { slug ", "} } } } ");
        format!(
            "{{ node(id: \"x\") {{ ... on Described {{ {} id {} }} }} }}",
            open.repeat(count),
            close.repeat(count)
        )
    };

    assert_eq!(app.post(json!({ "query": hops(1) })).await.status, 200);
    let refused = app.post(json!({ "query": hops(2) })).await;
    assert_eq!(refused.code(), "DOCUMENT_TOO_COMPLEX", "{}", refused.text());
    assert_eq!(refused.json()["errors"][0]["extensions"]["limit"], "types");
}

#[tokio::test]
async fn the_schema_can_be_asked_for_once_but_not_for_all_that_it_leads_to() {
    let app = sqlite().await;
    let code = async |query: &str| app.post(json!({ "query": query })).await.code();

    assert_eq!(
        code("{ __schema { types { name fields { name args { name type { name } } } } } }").await,
        ""
    );
    assert_eq!(
        code("{ __type(name: \"City\") { fields { type { fields { name } } } } }").await,
        ""
    );
    for (query, limit) in [
        ("{ __schema { types { fields { type { fields { name } } } } } }", "introspectionLists"),
        (
            "{ __type(name: \"City\") { fields { type { possibleTypes { interfaces { name } } } } } }",
            "introspectionLists",
        ),
    ] {
        let answer = app.post(json!({ "query": query })).await;
        assert_eq!(answer.code(), "DOCUMENT_TOO_COMPLEX", "{query}");
        assert_eq!(answer.json()["errors"][0]["extensions"]["limit"], limit, "{query}");
    }
    let all = "types { name fields { name args { name } } inputFields { name } }";
    let aliased = |count: usize, what: &str| -> String {
        (0..count).map(|n| format!("a{n}: {what} ")).collect()
    };
    assert_eq!(code(&format!("{{ __schema {{ {} }} }}", aliased(2, all))).await, "");
    assert_eq!(code(&format!("{{ __schema {{ {} }} }}", aliased(6, all))).await, "COST_TOO_HIGH");
    let schemas = aliased(6, &format!("__schema {{ {all} }}"));
    assert_eq!(code(&format!("{{ {schemas} }}")).await, "COST_TOO_HIGH");
}

#[tokio::test]
async fn fields_that_cannot_be_one_are_refused_wherever_they_meet() {
    let app = sqlite().await;
    for query in [
        "{ countries(first: 100) { nodes { id } } ... on Query { countries(first: 1) { nodes { id } } } }",
        "{ a: cities { totalCount } ... on Query { a: countries { totalCount } } }",
        "{ cities { nodes { a: initiatives { totalCount } } } cities { nodes { a: challenges { totalCount } } } }",
        "{ node(id: \"x\") { ... on Described { x: name } ... on City { x: slug } } }",
        "{ node(id: \"x\") { ...A ...B } }
         fragment A on City { initiatives(first: 1) { totalCount } }
         fragment B on Described { ... on City { initiatives(first: 2) { totalCount } } }",
        "query ($a: Int, $b: Int) { cities(first: $a) { totalCount } ... { cities(first: $b) { totalCount } } }",
    ] {
        let answer = app.post(json!({ "query": query })).await;
        assert_eq!(answer.code(), "DOCUMENT_INVALID", "{query}\n{}", answer.text());
    }
    for query in [
        "{ cities(first: 1, filter: {}) { nodes { id } } ... { cities(filter: {}, first: 1) { nodes { slug } } } }",
        // A record is of one of them.
        "{ node(id: \"x\") { ... on City { x: slug } ... on Country { x: alpha2Code } } }",
    ] {
        assert_eq!(app.post(json!({ "query": query })).await.status, 200, "{query}");
    }
}

#[tokio::test]
async fn conditions_are_counted_wherever_they_are_used() {
    let app = sqlite().await;
    let or = |count: usize| json!({ "or": vec![json!({ "slug": { "eq": "a" } }); count] });
    let filter = json!({ "or": vec![or(12); 12] });
    let query = |aliases: usize| -> String {
        let fields: String =
            (0..aliases).map(|n| format!("a{n}: cities(filter: $f) {{ totalCount }} ")).collect();
        format!("query ($f: CityFilter) {{ {fields} }}")
    };
    let ask = async |aliases: usize| {
        app.post(json!({ "query": query(aliases), "variables": { "f": &filter } })).await
    };

    assert_eq!(ask(1).await.status, 200);
    let refused = ask(2).await;
    assert_eq!(refused.code(), "DOCUMENT_TOO_COMPLEX", "{}", refused.text());
    assert_eq!(refused.json()["errors"][0]["extensions"]["limit"], "conditions");
    // A known document is looked at again, since its variables are others.
    let small = json!({ "query": query(2), "variables": { "f": {} } });
    assert_eq!(app.post(small.clone()).await.status, 200);
    assert_eq!(ask(2).await.code(), "DOCUMENT_TOO_COMPLEX");
    assert_eq!(app.post(small).await.status, 200);
    // Each type of an interface has a filter of its own to make.
    let claims = "query ($ids: [ID!]) { node(id: \"x\") { ... on Described { claims(filter: { id: { in: $ids } }) { totalCount } } } }";
    let ids = |count: usize| json!({ "query": claims, "variables": { "ids": vec!["x"; count] } });
    assert_eq!(app.post(ids(50)).await.status, 200);
    let many = app.post(ids(5_000)).await;
    assert_eq!(many.json()["errors"][0]["extensions"]["limit"], "conditions", "{}", many.text());
}

#[tokio::test]
async fn mistakes_are_told_up_to_a_number() {
    let app = sqlite().await;
    let query = "query ($t: [RecordType!]) { translationGaps(from: \"vi\", to: \"en\", types: $t) { totalCount } }";

    let answer = app
        .post(json!({ "query": query, "variables": { "t": vec!["initiativex"; 60_000] } }))
        .await;

    assert_eq!(answer.code(), "VARIABLES_INVALID");
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 20);
}

struct Small(TestApp);

impl OnDatabase for Small {
    async fn on(database: TestDatabase) -> Self {
        let config = Config { max_answer_bytes: 4_000, show_statements: true, ..Config::default() };
        Small(TestApp::with(database, config).await)
    }
}

async fn an_answer_that_grows_too_long_is_cut(Small(app): Small) {
    fixtures::by_chance().write(&app).await;
    let told = |answer: &Answer| (answer.status.as_u16(), answer.code());

    let short = app.post(json!({ "query": "{ cities(first: 5) { nodes { id } } }" })).await;
    assert_eq!(told(&short), (200, String::new()));
    let query = "{ cities(first: 50) { nodes { id name names { value } country { name names { value } } } } }";
    let long = app.post(json!({ "query": query })).await;
    assert_eq!(told(&long), (200, "ANSWER_TOO_LARGE".to_owned()));
    assert!(long.body.len() < 4_000);
    // Each of them fits, and all together do not.
    let parts: String =
        (0..10).map(|n| format!("a{n}: cities(first: 10) {{ nodes {{ id slug }} }} ")).collect();
    let together = app.post(json!({ "query": format!("{{ {parts} }}") })).await;
    assert_eq!(told(&together), (200, "ANSWER_TOO_LARGE".to_owned()));
    assert_eq!(together.json()["data"], Json::Null);
}

#[tokio::test]
async fn a_schema_that_is_not_told_of_is_not_told_of_by_the_way() {
    let app = of(Config { introspection: false, ..Config::default() }).await;
    for query in [
        "{ __schema { queryType { name } } }",
        "{ ...A } fragment A on Query { __type(name: \"City\") { name } }",
        "{ _service { sdl } }",
    ] {
        let answer = app.post(json!({ "query": query })).await;
        assert_eq!((answer.status.as_u16(), &*answer.code()), (400, "DOCUMENT_INVALID"), "{query}");
    }
    // With introspection each of these says what was probably meant.
    for (query, hidden) in [
        ("{ citie { totalCount } }", "cities"),
        ("{ cities { totalCoun } }", "totalCount"),
        ("{ cities(firs: 1) { totalCount } }", "first"),
        ("{ cities(filter: { popul: 1 }) { totalCount } }", "population"),
        ("{ cities(orderBy: [{ field: NAMES }]) { totalCount } }", "POPULATION"),
        ("{ city(by: {}) { id } }", "identifier"),
    ] {
        let answer = app.post(json!({ "query": query })).await;
        assert_eq!(answer.code(), "DOCUMENT_INVALID", "{query}");
        assert!(!answer.text().contains(hidden), "{}", answer.text());
    }
    let answer =
        app.post(json!({ "query": "{ __typename cities { __typename totalCount } }" })).await;
    assert_eq!(answer.status, 200);
}
