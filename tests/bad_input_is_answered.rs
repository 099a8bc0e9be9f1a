//! Whatever a query says, it is answered: with null where nothing is found, else with an error that tells where it is
//! and what to do.

use serde_json::{Value as Json, json};

use crate::app::{TestApp, fixtures, list::List};

on_both!(
    a_page_out_of_bounds_is_refused,
    what_is_not_there_is_null,
    odd_characters_in_keys_find_nothing,
    odd_characters_in_filters_are_answered,
    values_that_no_scalar_takes_are_refused,
    an_error_is_at_its_place,
    too_much_at_once_is_refused,
);

async fn a_page_out_of_bounds_is_refused(app: TestApp) {
    for (arguments, advice) in [
        (json!({ "first": 0 }), "from 1 to 100, not 0"),
        (json!({ "first": -1 }), "from 1 to 100, not -1"),
        (json!({ "first": 1001 }), "from 1 to 1000, not 1001; read further pages with a cursor"),
        (json!({ "first": i32::MAX }), "from 1 to 1000, not 2147483647"),
        (json!({ "last": 0 }), "from 1 to 100, not 0"),
        (json!({ "last": -1 }), "from 1 to 100, not -1"),
        (json!({ "last": 1001 }), "from 1 to 1000, not 1001"),
        (json!({ "first": 1, "last": 1 }), "not for both"),
        (json!({ "before": "x" }), "add `last`"),
        (json!({ "first": 1, "before": "x" }), "add `last`"),
        (json!({ "last": 1, "after": "x" }), "`before` with `last`"),
    ] {
        let answer = List::root("City").ask(&app, &arguments).await;

        assert_error(&answer, "PAGE_INVALID", &json!(["list"]), advice);
    }
    // Null says as much as leaving it out.
    let nulls = json!({ "first": null, "after": null, "last": null, "before": null });
    assert_eq!(List::root("City").ask(&app, &nulls).await.get("errors"), None);
}

async fn what_is_not_there_is_null(app: TestApp) {
    let answer = app
        .data(
            r#"{
                id: city(by: { id: "city_01KDVDNA002KCQ1QM9WQ7844YG" }) { id }
                otherType: city(by: { id: "person_01KDVDNA002KCQ1QM9WQ7844YG" }) { id }
                noId: city(by: { id: "" }) { id }
                slug: city(by: { slug: "atlantis" }) { id }
                identifier: city(by: { identifier: { scheme: "GEONAMES", value: "0" } }) { id }
                scheme: city(by: { identifier: { scheme: "no scheme", value: "0" } }) { id }
                node(id: "x") { id }
                nodes(ids: ["x", "", "city_1"]) { id }
                byIdentifier(scheme: "GEONAMES", values: ["0"]) { value identifier { url } record { id } }
            }"#,
            json!({}),
        )
        .await;

    let found = json!({ "value": "0", "identifier": null, "record": null });
    assert_eq!(
        answer,
        json!({
            "id": null, "otherType": null, "noId": null, "slug": null, "identifier": null, "scheme": null,
            "node": null, "nodes": [null, null, null], "byIdentifier": [found],
        })
    );
}

async fn odd_characters_in_keys_find_nothing(app: TestApp) {
    let by_text = "query($key: String!) {
        slug: city(by: { slug: $key }) { id }
        identifier: city(by: { identifier: { scheme: $key, value: $key } }) { id }
        byIdentifier(scheme: $key, values: [$key]) { record { id } }
    }";
    let by_id = "query($key: ID!) {
        city(by: { id: $key }) { id }
        node(id: $key) { id }
        nodes(ids: [$key]) { id }
    }";
    for text in odd_texts() {
        let found_by_text = app.data(by_text, json!({ "key": text })).await;
        let found_by_id = app.data(by_id, json!({ "key": text })).await;

        let nothing =
            json!({ "slug": null, "identifier": null, "byIdentifier": [{ "record": null }] });
        assert_eq!(found_by_text, nothing, "{text:.100}");
        assert_eq!(found_by_id, json!({ "city": null, "node": null, "nodes": [null] }));
    }
}

async fn odd_characters_in_filters_are_answered(app: TestApp) {
    fixtures::by_chance().write(&app).await;
    let cities = List::root("City");
    for text in odd_texts() {
        for operator in
            ["eq", "startsWith", "contains", "eqFolded", "startsWithFolded", "containsFolded"]
        {
            for filter in [
                json!({ "slug": { operator: text } }),
                json!({ "name": { operator: text } }),
                json!({ "identifier": { "scheme": "GEONAMES", "value": { operator: text } } }),
            ] {
                let answer = cities.ask(&app, &json!({ "filter": filter })).await;

                assert_is_answered(&answer, &text);
            }
        }
        for filter in [
            json!({ "slug": { "in": [text] } }),
            json!({ "name": { "in": [text] } }),
            json!({ "id": { "eq": text } }),
            json!({ "id": { "in": [text] } }),
            json!({ "identifier": { "scheme": text } }),
        ] {
            let answer = cities.ask(&app, &json!({ "filter": filter })).await;

            assert_is_answered(&answer, &text);
        }
    }
}

async fn values_that_no_scalar_takes_are_refused(app: TestApp) {
    let list = |filter: &Json| json!({ "filter": filter });
    for tag in
        ["", "v", "vi_VN", "vi-", "tiếng Việt", "en-u-co-phonebk", "a\0b", &"a".repeat(1_000_000)]
    {
        let query = "query($lang: [Lang!]) { cities { nodes { shown: name(lang: $lang) } } }";
        let answer = app.query(query, json!({ "lang": [tag] })).await;
        assert_error(&answer, "VALUE_INVALID", &json!(["cities", "nodes", "shown"]), "BCP 47");

        let filter = json!({ "name": { "lang": [tag], "eq": "x" } });
        let answer = List::root("City").ask(&app, &list(&filter)).await;
        assert_error(&answer, "VALUE_INVALID", &json!(["list"]), "BCP 47");

        let order = json!({ "orderBy": [{ "field": "NAME", "lang": tag }] });
        let answer = List::root("City").ask(&app, &order).await;
        assert_error(&answer, "VALUE_INVALID", &json!(["list"]), "BCP 47");
    }
    for day in ["", "2019", "2021-02-29", "2019-13-01", "30.10.2019", "2019-10-30T00:00:00Z", "x\0"]
    {
        for filter in [
            json!({ "startDate": { "within": { "from": day } } }),
            json!({ "startDate": { "overlaps": { "to": day } } }),
        ] {
            let answer = List::root("Initiative").ask(&app, &list(&filter)).await;
            assert_error(&answer, "VALUE_INVALID", &json!(["list"]), "YYYY-MM-DD");
        }
        let answer = List::root("OfficeHolding")
            .ask(&app, &list(&json!({ "heldAt": { "date": day } })))
            .await;
        assert_error(&answer, "VALUE_INVALID", &json!(["list"]), "YYYY-MM-DD");
        let query = "query($day: Date) { cities { nodes { officials(at: $day) { totalCount } } } }";
        let answer = app.query(query, json!({ "day": day })).await;
        assert_error(
            &answer,
            "VALUE_INVALID",
            &json!(["cities", "nodes", "officials"]),
            "YYYY-MM-DD",
        );
    }
    for instant in ["", "2019-10-30", "2019-10-30T00:00:00", "yesterday"] {
        let filter = json!({ "updatedAt": { "gt": instant } });
        let answer = List::root("City").ask(&app, &list(&filter)).await;
        assert_error(&answer, "VALUE_INVALID", &json!(["list"]), "RFC 3339");
    }
    for (corner, degrees, advice) in [
        ("north", 90.1, "-90 to 90"),
        ("south", -90.1, "-90 to 90"),
        ("east", 180.5, "-180 to 180"),
        ("west", -1e300, "-180 to 180"),
    ] {
        let mut corners = json!({ "south": 0, "north": 1, "west": 0, "east": 1 });
        corners[corner] = degrees.into();
        let filter = json!({ "geo": { "within": corners } });
        let answer = List::root("City").ask(&app, &list(&filter)).await;
        assert_error(&answer, "VALUE_INVALID", &json!(["list"]), advice);
    }
}

async fn an_error_is_at_its_place(app: TestApp) {
    let empty_box = json!({ "south": 2, "north": 1, "west": 0, "east": 1 });
    let empty_range = json!({ "from": "2020-01-01", "to": "2019-01-01" });
    for (query, variables, code, path, advice) in [
        (
            "{ a: cities { b: nodes { c: initiatives(first: 0) { totalCount } } } }",
            json!({}),
            "PAGE_INVALID",
            json!(["a", "b", "c"]),
            "from 1 to 100",
        ),
        (
            "{ cities { edges { node { country { cities { e: edges { node { initiatives(after: \"x\") { totalCount } } } } } } } } }",
            json!({}),
            "CURSOR_INVALID",
            json!(["cities", "edges", "node", "country", "cities", "e", "node", "initiatives"]),
            "`endCursor`",
        ),
        (
            "query($box: BoundingBox!) { cities(filter: { geo: { within: $box } }) { totalCount } }",
            json!({ "box": empty_box }),
            "FILTER_INVALID",
            json!(["cities"]),
            "`south` is greater than `north`",
        ),
        (
            "query($range: DateRange) { node(id: \"x\") { ... on City { here: initiatives(filter: { startDate: { within: $range } }) { totalCount } } } }",
            json!({ "range": empty_range }),
            "FILTER_INVALID",
            json!(["node", "here"]),
            "exchange its ends",
        ),
        (
            "{ memberships(filter: { startDate: { within: {} } }) { totalCount } }",
            json!({}),
            "FILTER_INVALID",
            json!(["memberships"]),
            "needs `from` or `to`",
        ),
        (
            "{ cityStats(groupBy: []) { totalCount } }",
            json!({}),
            "FILTER_INVALID",
            json!(["cityStats"]),
            "1 to 3",
        ),
        (
            "{ cityStats(groupBy: [KIND, KIND]) { totalCount } }",
            json!({}),
            "FILTER_INVALID",
            json!(["cityStats"]),
            "stands twice",
        ),
        (
            "{ cityStats(groupBy: KIND, first: 1001) { totalCount } }",
            json!({}),
            "PAGE_INVALID",
            json!(["cityStats"]),
            "from 1 to 1000",
        ),
        (
            "{ cityStats(groupBy: KIND) { groups { kind { name(lang: \"?\") } } } }",
            json!({}),
            "VALUE_INVALID",
            json!(["cityStats", "groups", "kind", "name"]),
            "BCP 47",
        ),
        (
            "{ cities(orderBy: { field: NAME, lang: \"fr\" }) { totalCount } }",
            json!({}),
            "VALUE_INVALID",
            json!(["cities"]),
            "`vi` and of `en`",
        ),
        (
            "{ cities(orderBy: { field: POPULATION, lang: \"vi\" }) { totalCount } }",
            json!({}),
            "FILTER_INVALID",
            json!(["cities"]),
            "`lang` goes with NAME, not with POPULATION",
        ),
        (
            "{ cities(orderBy: [{ field: NAME, lang: \"en\" }, { field: NAME, lang: \"en-GB\" }]) { totalCount } }",
            json!({}),
            "FILTER_INVALID",
            json!(["cities"]),
            "stands twice",
        ),
        (
            "{ byIdentifier(scheme: \"X\", values: [\"1\"]) { record { ... on City { names(lang: \"?\") { value } } } } }",
            json!({}),
            "VALUE_INVALID",
            json!(["byIdentifier", "record", "names"]),
            "BCP 47",
        ),
        (
            "{ conflicts(first: 101) { totalCount } }",
            json!({}),
            "PAGE_INVALID",
            json!(["conflicts"]),
            "from 1 to 100",
        ),
        (
            "{ officials(last: 1, first: 1) { totalCount } }",
            json!({}),
            "PAGE_INVALID",
            json!(["officials"]),
            "not for both",
        ),
    ] {
        let answer = app.query(query, variables).await;

        assert_error(&answer, code, &path, advice);
        assert!(answer["errors"][0]["locations"][0]["line"].is_u64(), "{query} {answer}");
    }
}

async fn too_much_at_once_is_refused(app: TestApp) {
    let many = |count: usize| vec!["x"; count];
    let cities = List::root("City");
    for (filter, advice) in [
        (json!({ "slug": { "in": many(101) } }), "at most 100 values"),
        (json!({ "id": { "in": many(101) } }), "at most 100 values"),
        (json!({ "population": { "in": vec![1; 101] } }), "at most 100 values"),
        (json!({ "name": { "lang": vec!["vi"; 101] } }), "at most 100 values"),
        (json!({ "and": vec![json!({}); 21] }), "at most 20 filters"),
        (json!({ "or": vec![json!({}); 21] }), "at most 20 filters"),
        (deep(13, |inner| json!({ "not": inner })), "at most 12 levels"),
        (
            deep(7, |inner| json!({ "country": { "cities": { "some": inner } } })),
            "at most 12 levels",
        ),
        (
            json!({ "claims": { "some": { "assertedBy": { "or": vec![json!({}); 21] } } } }),
            "at most 20 filters",
        ),
        (
            json!({ "claims": { "some": { "assertedBy": deep(13, |inner| json!({ "not": inner })) } } }),
            "at most 12 levels",
        ),
    ] {
        let answer = cities.ask(&app, &json!({ "filter": filter })).await;

        assert_error(&answer, "FILTER_INVALID", &json!(["list"]), advice);
    }
    let orders = vec![json!({ "field": "NAME" }); 6];
    let answer = cities.ask(&app, &json!({ "orderBy": orders })).await;
    assert_error(&answer, "FILTER_INVALID", &json!(["list"]), "at most 5 keys");

    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let answer = app.query(query, json!({ "ids": many(101) })).await;
    assert_error(&answer, "PAGE_INVALID", &json!(["nodes"]), "at most 100 values");
    let query =
        "query($values: [String!]!) { byIdentifier(scheme: \"X\", values: $values) { value } }";
    let answer = app.query(query, json!({ "values": many(101) })).await;
    assert_error(&answer, "PAGE_INVALID", &json!(["byIdentifier"]), "at most 100 values");
}

/// NUL, about a megabyte, marks without letters, what SQL and LIKE take for more than letters.
fn odd_texts() -> Vec<String> {
    let short = [
        "a\0b",
        "\0",
        "",
        "\u{301}",
        "\u{feff}",
        "%",
        "_",
        "' OR 1=1 --",
        "\\",
        "\"",
        "{k}",
        "{t}",
        "$1",
        "?1",
        "😀",
        "\u{10ffff}",
    ];
    let mut texts: Vec<String> = short.iter().map(|text| (*text).to_owned()).collect();
    // As much as a body holds.
    texts.extend(["a".repeat(1_000_000), "ế".repeat(300_000), "\0".repeat(150_000)]);
    texts
}

fn deep(levels: usize, around: impl Fn(Json) -> Json) -> Json {
    (0..levels).fold(json!({}), |inner, _| around(inner))
}

/// With records, or with an error that is the client's.
#[track_caller]
fn assert_is_answered(answer: &Json, text: &str) {
    let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none");
    let expected = match text {
        _ if text.contains('\0') => ["VALUE_INVALID"].as_slice(),
        // Ids are compared whole, whatever their length.
        _ if text.len() > 1_000 => &["FILTER_INVALID", "none"],
        _ => &["none"],
    };
    assert!(expected.contains(&code), "{text:.100}: {answer:.500}");
}

#[track_caller]
fn assert_error(answer: &Json, code: &str, path: &Json, advice: &str) {
    let errors = answer["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let [error] = errors else { panic!("one error is expected: {answer:.500}") };
    let message = error["message"].as_str().unwrap();
    assert_eq!(error["extensions"]["code"], code, "{message:.500}");
    assert_eq!(error["path"], *path, "{message:.500}");
    assert!(message.contains(advice), "{message:.500}");
    assert!(message.len() < 300, "{message:.500}");
    assert!(!message.ends_with('.') && !message.starts_with(char::is_uppercase), "{message}");
}
