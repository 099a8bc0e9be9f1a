//! A changeset may be as large as it is said, in one request; what is larger is told so.

use std::{fmt::Write as _, time::Duration};

use culturegraph::{
    auth::{NewKey, Scope},
    config::Config,
};
use serde_json::{Value as Json, json};

use crate::app::{
    Author, OnDatabase, TestApp, TestDatabase, lenient,
    served::{post, serve},
    sqlite,
};

on_both!(
    the_largest_changeset_goes_into_one_request,
    the_largest_changeset_can_stand_in_the_document,
    lists_of_a_record_have_their_bounds,
    records_of_one_name_need_slugs_of_their_own,
    a_record_can_be_read_with_others,
);

/// As [`crate::app::Author`] may write, once and for all of a request.
const MOST_OPERATIONS: usize = 1_000;

const APPLY: &str = "mutation ($operations: [OperationInput!]!) {
    applyChangeset(input: { operations: $operations }) {
        changeset { changes { totalCount } }
        userErrors { code path message }
    }
}";

/// A server as it is by default, but for how long a test machine may take.
struct Patient(TestApp);

impl OnDatabase for Patient {
    async fn on(database: TestDatabase) -> Self {
        let config = Config { request_timeout: Duration::from_secs(120), ..Config::default() };
        Patient(TestApp::with(database, config).await)
    }
}

fn cities(count: usize) -> Vec<Json> {
    let city = |n| {
        let names = [("vi", "Thành phố"), ("en", "City")];
        let names =
            names.map(|(lang, name)| json!({ "lang": lang, "value": format!("{name} {n}") }));
        let identifiers = json!([{ "scheme": "TEST", "value": format!("c{n}") }]);
        let record =
            json!({ "names": names, "identifiers": identifiers, "timeZone": "Asia/Bangkok" });
        json!({ "create": { "key": format!("k{n}"), "record": { "city": record } } })
    };
    (0..count).map(city).collect()
}

async fn the_largest_changeset_goes_into_one_request(Patient(app): Patient) {
    let secret = app.key(&[Scope::Write]).await;
    let (port, _stop, _served) = serve(app.state()).await;
    let ask = async |count: usize| {
        let body = json!({ "query": APPLY, "variables": { "operations": cities(count) } });
        let (status, mut answer) = post(port, &secret, &body).await;
        assert_eq!((status, answer.get("errors")), (200, None), "{answer}");
        answer["data"]["applyChangeset"].take()
    };

    let too_many = ask(MOST_OPERATIONS + 1).await;
    let taken = ask(MOST_OPERATIONS).await;

    let told = json!([{
        "code": "TOO_MANY",
        "path": ["input", "operations"],
        "message": "a changeset has 1 to 1000 operations, not 1001",
    }]);
    assert_eq!((&too_many["changeset"], &too_many["userErrors"]), (&Json::Null, &told));
    assert_eq!(taken["userErrors"], json!([]));
    assert_eq!(taken["changeset"]["changes"]["totalCount"], MOST_OPERATIONS);
}

/// A server that reads long documents.
struct Literal(TestApp);

impl OnDatabase for Literal {
    async fn on(database: TestDatabase) -> Self {
        let mut config = Config { request_timeout: Duration::from_secs(120), ..lenient() };
        config.limits.characters = 1_000_000;
        config.limits.tokens = 100_000;
        Literal(TestApp::with(database, config).await)
    }
}

async fn the_largest_changeset_can_stand_in_the_document(Literal(app): Literal) {
    let secret = app.key(&[Scope::Write]).await;
    let document = |count: usize| {
        let mut operations = String::new();
        for n in 0..count {
            let name = format!("{{ lang: \"en\", value: \"City {n}\" }}");
            let record = format!("{{ city: {{ names: [{name}], areaKm2: {} }} }}", n + 1);
            write!(operations, "{{ create: {{ record: {record} }} }} ").unwrap();
        }
        let answer = "{ changeset { changes { totalCount } } userErrors { code path } }";
        format!("mutation {{ applyChangeset(input: {{ operations: [{operations}] }}) {answer} }}")
    };
    let (port, _stop, _served) = serve(app.state()).await;
    let ask = async |count: usize| {
        let (status, answer) = post(port, &secret, &json!({ "query": document(count) })).await;
        assert_eq!(status, 200, "{answer}");
        answer["data"]["applyChangeset"].clone()
    };

    let too_many = ask(MOST_OPERATIONS + 1).await;
    let taken = ask(MOST_OPERATIONS).await;

    let told = json!([{ "code": "TOO_MANY", "path": ["input", "operations"] }]);
    assert_eq!(too_many["userErrors"], told);
    assert_eq!(taken["changeset"]["changes"]["totalCount"], MOST_OPERATIONS, "{taken}");
    // A server with the limits of its own says where large values belong.
    let usual = app.set(Config::default());
    let answer = usual.post_as(&secret, json!({ "query": document(MOST_OPERATIONS) })).await;
    assert_eq!(answer.code(), "DOCUMENT_TOO_LARGE", "{}", answer.text());
    assert!(answer.text().contains("put large values into variables"), "{}", answer.text());
}

async fn lists_of_a_record_have_their_bounds(app: TestApp) {
    let author = Author::editor(&app).await;
    let link = json!({ "relation": "ABOUT", "to": { "key": "city" } });
    let source =
        |n| json!({ "source": { "address": { "url": format!("https://example.org/{n}") } } });
    let sources = |count: usize| (0..count).map(source).collect::<Vec<Json>>();
    let operations = |links: usize, citations: usize, cited: usize| {
        let document = json!({
            "names": [{ "lang": "en", "value": "A report" }], "inLanguage": "en",
            "links": vec![&link; links], "citations": sources(citations),
        });
        json!({ "operations": [
            { "create": { "key": "city", "record": { "city": { "names": [{ "lang": "en", "value": "Huế" }] } } } },
            { "create": { "key": "doc", "record": { "document": document } } },
            { "cite": { "subject": { "key": "city" }, "citations": sources(cited) } },
        ] })
    };

    let refused = author.mistakes(APPLY, operations(101, 21, 21)).await;
    let empty = author.mistakes(APPLY, operations(0, 0, 0)).await;
    author.write(APPLY, operations(1, 20, 20)).await;

    let too_many = |path: &str| (format!("input.operations.{path}"), "TOO_MANY".to_owned());
    let expected = [
        too_many("1.create.record.document.citations"),
        too_many("1.create.record.document.links"),
        too_many("2.cite.citations"),
    ];
    assert_eq!(refused, expected);
    let required = ("input.operations.2.cite.citations".to_owned(), "REQUIRED".to_owned());
    assert_eq!(empty, [required]);
}

async fn records_of_one_name_need_slugs_of_their_own(app: TestApp) {
    let author = Author::editor(&app).await;
    let names = json!([{ "lang": "vi", "value": "Nhà văn hóa" }]);
    let create = json!({ "create": { "record": { "organization": { "names": names } } } });
    let operations = vec![create; 51];

    let answer = author.data(APPLY, json!({ "operations": operations })).await;

    let told = json!([{
        "code": "REQUIRED",
        "path": ["input", "operations", "50", "create", "record", "organization", "slug"],
        "message": "`nha-van-hoa` and that with a number up to 50 lead to other records: give this one a slug",
    }]);
    assert_eq!(answer["applyChangeset"]["userErrors"], told);
}

#[tokio::test]
async fn what_is_written_has_its_price() {
    let app = sqlite().await;
    let author = Author::editor(&app).await;
    let price = async |query: &str, variables: Json| {
        let answer = author.post(query, variables).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["extensions"]["cost"]["requested"].as_u64().unwrap()
    };
    let apply = "mutation ($operations: [OperationInput!]!) {
        applyChangeset(input: { operations: $operations }) { userErrors { code } }
    }";
    let of = async |operations: &[Json]| price(apply, json!({ "operations": operations })).await;
    let name = json!([{ "lang": "en", "value": "Huế" }]);
    let city = |more: Json| {
        let mut record = json!({ "names": name });
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        [json!({ "create": { "record": { "city": record } } })]
    };
    let cite = |source: Json| {
        [json!({ "cite": {
        "subject": { "id": "city_1" }, "citations": [{ "source": source }],
    } })]
    };
    let text = json!({ "id": "version_1" });
    let record = json!({ "record": { "id": "city_1" }, "expectedVersion": 1 });

    for (operations, points) in [
        // The changeset, an item of a list, a record, and a name.
        (city(json!({})), 1 + 1 + 10 + 1),
        (city(json!({ "identifiers": [] })), 13),
        (city(json!({ "identifiers": vec![json!({ "scheme": "A", "value": "b" }); 3] })), 13 + 3),
        (city(json!({ "timeZone": "a".repeat(2_500) })), 13 + 2),
        (
            city(
                json!({ "links": vec![json!({ "relation": "ABOUT", "to": { "id": "city_1" } }); 2] }),
            ),
            13 + 2 * 11,
        ),
        (cite(json!({ "quote": { "documentVersion": text, "quote": "a" } })), 1 + 1 + 6 + 15),
        (cite(json!({ "address": { "url": "https://example.org/" } })), 13),
        ([json!({ "delete": record })], 12),
    ] {
        assert_eq!(of(&operations).await, points, "{operations:?}");
    }
    // As much for each operation, and as much in the document as in variables.
    let one = of(&cities(1)).await;
    assert_eq!(of(&cities(200)).await, 1 + 200 * (one - 1));
    let create =
        "mutation ($input: CreateCityInput!) { createCity(input: $input) { userErrors { code } } }";
    assert_eq!(price(create, json!({ "input": { "names": name } })).await, 10 + 1);
    let literal = "mutation { createCity(input: { names: [{ lang: \"en\", value: \"a\" }, { lang: \"vi\", value: \"a\" }] }) { userErrors { code } } }";
    assert_eq!(price(literal, json!({})).await, 10 + 2);
    // Of each record that is shown: what its id leads to, and its row.
    let shown = "applyChangeset(input: { operations: $operations }) { records { record { id } } }";
    let whole = "applyChangeset(input: $input) { records { record { id } } }";
    let shown = format!("mutation ($operations: [OperationInput!]!) {{ {shown} }}");
    let whole = format!("mutation ($input: ChangesetInput!) {{ {whole} }}");
    for count in [3, 200] {
        let operations = json!({ "operations": cities(count) });
        let points = of(&cities(count)).await + 2 * count as u64;
        assert_eq!(price(&shown, operations.clone()).await, points);
        assert_eq!(price(&whole, json!({ "input": operations })).await, points);
    }
    let literal = "mutation { applyChangeset(input: { operations: [{ delete: { record: { id: \"city_1\" }, expectedVersion: 1 } }] }) \
         { records { record { id } } } }";
    assert_eq!(price(literal, json!({})).await, 12 + 2);
    // What has been asked before is priced by what it is given now.
    assert_eq!(of(&cities(2)).await, 1 + 2 * (one - 1));
}

#[tokio::test]
async fn what_is_written_is_taken_off_the_budget() {
    let app = sqlite().await;
    let scopes = [Scope::Write].into_iter().collect();
    let new = NewKey { scopes, cost_per_minute: Some(100), ..app.new_key() };
    let secret = app.key_with(new).await;
    let post = async |count: usize| {
        let variables = json!({ "operations": cities(count) });
        let query = "mutation ($operations: [OperationInput!]!) {
            applyChangeset(input: { operations: $operations }) { userErrors { code } }
        }";
        app.post_as(&secret, json!({ "query": query, "variables": variables })).await
    };

    let too_dear = post(10).await;
    let taken = post(5).await;
    let spent = post(5).await;

    assert_eq!(too_dear.code(), "COST_TOO_HIGH", "{}", too_dear.text());
    assert_eq!(taken.json()["data"]["applyChangeset"]["userErrors"], json!([]));
    assert_eq!((spent.status.as_u16(), &*spent.code()), (429, "BUDGET_EXHAUSTED"));
}

#[tokio::test]
async fn what_is_given_again_and_again_counts_each_time() {
    let app = sqlite().await;
    let secret = app.key(&[Scope::Write]).await;
    let fields: String = (0..11)
        .map(|n| format!("a{n}: applyChangeset(input: {{ operations: $operations }}) {{ userErrors {{ code }} }} "))
        .collect();
    let query = format!("mutation ($operations: [OperationInput!]!) {{ {fields} }}");
    // None of them could be applied; the gate does not know that.
    let unlink = json!({ "unlink": { "record": { "id": "link_1" }, "expectedVersion": 1 } });
    let operations = vec![unlink; 2_000];

    let answer = app
        .post_as(&secret, json!({ "query": query, "variables": { "operations": operations } }))
        .await;

    assert_eq!(answer.code(), "DOCUMENT_TOO_COMPLEX", "{}", answer.text());
    assert_eq!(answer.json()["errors"][0]["extensions"]["limit"], "inputValues");
}

async fn a_record_can_be_read_with_others(app: TestApp) {
    let author = Author::editor(&app).await;
    let create = "mutation ($input: CreateCityInput!) { createCity(input: $input) {
        city { id } userErrors { code path message } } }";
    let described = |length: usize| {
        json!({ "input": {
        "names": [{ "lang": "en", "value": "Long" }],
        "descriptions": [{ "lang": "en", "value": "a".repeat(length) }],
    } })
    };

    let mistakes = author.mistakes(create, described(65_536)).await;
    author.write(create, described(65_000)).await;

    assert_eq!(mistakes, [("input".to_owned(), "TOO_MANY".to_owned())]);
}
