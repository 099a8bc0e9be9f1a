//! Records are found by texts, in pages, and soon after they are written.

use std::time::Duration;

use axum::{body::Body, http::Method};
use culturegraph::config::Config;
use serde_json::{Value as Json, json};
use tokio::time::sleep;

use crate::app::{Author, TestApp, lenient};

on_both!(
    what_is_written_is_found_soon_and_what_goes_is_not,
    pages_are_of_one_state_of_the_index,
    keys_of_telex_are_answered_as_letters,
    matches_say_where_it_fits,
    full_texts_are_shown_only_where_they_are_served,
    names_with_a_typo_are_found_beside_texts,
    what_is_deprecated_is_not_found,
    what_is_found_is_not_kept_by_others,
    facets_count_what_filters_pick,
    a_position_is_waited_for,
    suggestions_come_in_groups,
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
    // Who has begun to read goes on in what there was then.
    let second = search(&app, page(&first)).await;
    let third = search(&app, page(&second["pageInfo"]["endCursor"])).await;
    assert_eq!((&second["totalCount"], names(&third).len()), (&json!(5), 1));
    let of_long_ago = format!("{:016x}{}", 1, &first.as_str().unwrap()[16..]);
    for cursor in [json!(of_long_ago), json!("garbage"), json!("ộộộộộộộộ"), json!("")]
    {
        let answer = app.post(json!({ "query": SEARCH, "variables": page(&cursor) })).await;
        assert_eq!(answer.code(), "CURSOR_INVALID", "{cursor}");
    }
    // What has gone is on no page, and the pages go on behind it.
    let delete = "mutation ($id: ID!) { deleteCity(id: $id, expectedVersion: 1) { userErrors { code path message } } }";
    for edge in second["edges"].as_array().unwrap() {
        author.write(delete, json!({ "id": edge["node"]["id"] })).await;
    }
    let again = search(&app, page(&first)).await;
    assert_eq!((names(&again).len(), &again["pageInfo"]), (0, &second["pageInfo"]));
    assert_eq!(names(&search(&app, page(&again["pageInfo"]["endCursor"])).await), names(&third));
    let other = json!({ "query": "vinh 1", "first": 2, "after": first });
    let answer = app.post(json!({ "query": SEARCH, "variables": other })).await;
    assert_eq!(answer.code(), "CURSOR_MISMATCH");
}

async fn keys_of_telex_are_answered_as_letters(app: TestApp) {
    let author = Author::editor(&app).await;
    author.write(CREATE, json!({ "name": "Đồng Xuân" })).await;
    until(&app, "dong xuan", 1).await;

    let found = search(&app, json!({ "query": "ddoongf xuaan" })).await;

    assert_eq!((names(&found), &found["didYouMean"]), (vec!["Đồng Xuân"], &json!("đồng xuân")));
}

const APPLY: &str = "mutation ($operations: [OperationInput!]!) {
    applyChangeset(input: { operations: $operations }) {
        changeset { position } userErrors { code path message }
    }
}";

fn create(key: &str, ty: &str, record: Json) -> Json {
    json!({ "create": { "key": key, "record": { ty: record } } })
}

fn named(lang: &str, name: &str) -> Json {
    json!([{ "lang": lang, "value": name }])
}

/// Writes operations, and waits until they can be found; gives their position.
async fn findable(app: &TestApp, author: &Author<'_>, operations: Json) -> Json {
    let payload = author.write(APPLY, json!({ "operations": operations })).await;
    let position = payload["changeset"]["position"].clone();
    until_ready(app).await;
    let query =
        "query ($position: String) { search(query: \"x\", minPosition: $position) { totalCount } }";
    app.data(query, json!({ "position": position })).await;
    position
}

async fn until_ready(app: &TestApp) {
    search(app, json!({ "query": "x" })).await;
}

async fn matches_say_where_it_fits(app: TestApp) {
    let author = Author::editor(&app).await;
    let city = json!({
        "names": [{ "lang": "vi", "value": "Hà Nội" }, { "lang": "en", "value": "Hanoi" }],
        "descriptions": named("vi", "Hà Nội là thủ đô"),
        "identifiers": [{ "scheme": "WIKIDATA", "value": "Q1858" }],
    });
    findable(&app, &author, json!([create("a", "city", city)])).await;
    let ask = "query ($query: String!, $lang: [Lang!]) { search(query: $query, lang: $lang) { nodes { id }
        edges { matches { __typename field value highlights { start end } } score again: score } } }";
    let of = async |query: &str, lang: &str| {
        let data = app.data(ask, json!({ "query": query, "lang": [lang] })).await;
        data["search"]["edges"][0]["matches"].clone()
    };
    let matched = |field: &str, value: &str, start: usize, end: usize| {
        json!({ "__typename": "SearchMatch", "field": field, "value": value,
            "highlights": [{ "start": start, "end": end }] })
    };
    let (vi, en) = (matched("name", "Hà Nội", 0, 6), matched("name", "Hanoi", 0, 5));
    let text = matched("description", "Hà Nội là thủ đô", 0, 6);

    assert_eq!(of("ha noi", "vi").await, json!([vi, en, text]));
    assert_eq!(of("hanoi", "en").await, json!([en, vi, text]));
    assert_eq!(of("thu do", "vi").await[0]["highlights"][0], json!({ "start": 10, "end": 12 + 4 }));
    assert_eq!(of("q1858", "vi").await, json!([matched("identifiers", "Q1858", 0, 5)]));
    assert_eq!(of("hanio", "en").await[0], en);
}

async fn full_texts_are_shown_only_where_they_are_served(app: TestApp) {
    let author = Author::editor(&app).await;
    let document = json!({ "names": named("en", "Article"), "inLanguage": "en" });
    let text = "The zebra lives in a town.";
    let version = json!({ "document": { "key": "d" }, "text": text, "mediaType": "text/plain" });
    let span = json!({ "charStart": 4, "charEnd": 9, "byteStart": 4, "byteEnd": 9 });
    let passage =
        json!({ "documentVersion": { "key": "v" }, "anchor": "p1", "text": "zebra", "span": span });
    let operations = json!([
        create("d", "document", document),
        create("v", "documentVersion", version),
        create("p", "passage", passage),
    ]);
    findable(&app, &author, operations).await;
    let ask =
        "{ search(query: \"zebra\") { edges { node { __typename } matches { field value } } } }";

    let hidden = app.data(ask, json!({})).await;
    let app = app.set(Config { serve_full_text: true, ..lenient() });
    until_ready(&app).await;
    let shown = app.data(ask, json!({})).await;

    let found = hidden["search"]["edges"].as_array().unwrap();
    assert!(found.iter().any(|it| it["node"]["__typename"] == "Passage"), "{hidden}");
    assert!(!hidden.to_string().contains("zebra"), "{hidden}");
    assert!(shown.to_string().contains("\"value\":\"zebra\""), "{shown}");
}

async fn names_with_a_typo_are_found_beside_texts(app: TestApp) {
    let author = Author::editor(&app).await;
    let city = json!({ "names": named("vi", "Nha Trang"), "population": 1 });
    let event =
        json!({ "names": named("vi", "Hội"), "descriptions": named("vi", "trong một ngôi nha") });
    let operations = json!([create("c", "city", city), create("e", "event", event)]);
    findable(&app, &author, operations).await;

    let found = search(&app, json!({ "query": "nha trong" })).await;
    let city = search(&app, json!({ "query": "nha trong", "types": ["CITY"] })).await;

    assert_eq!(
        (&found["totalCount"], &found["edges"][0]["node"]["name"]),
        (&json!(2), &json!("Nha Trang"))
    );
    assert_eq!(names(&city), ["Nha Trang"]);
}

async fn what_is_deprecated_is_not_found(app: TestApp) {
    let author = Author::editor(&app).await;
    let initiative = |name: &str, rank: &str| json!({ "names": named("en", name), "city": { "key": "c" }, "modality": "STATED", "rank": rank });
    let operations = json!([
        create("c", "city", json!({ "names": named("vi", "Vinh") })),
        create("a", "initiative", initiative("Zebra one", "NORMAL")),
        create("b", "initiative", initiative("Zebra two", "DEPRECATED")),
    ]);
    findable(&app, &author, operations).await;

    let found = search(&app, json!({ "query": "zebra" })).await;

    assert_eq!(found["totalCount"], 1);
}

async fn what_is_found_is_not_kept_by_others(app: TestApp) {
    until_ready(&app).await;
    for query in [
        "{search(query:%22x%22){facets{countries{country{id}}}}}",
        "{suggest(prefix:%22x%22){type}}",
    ] {
        let path = format!("/graphql?query={}", query.replace('{', "%7b").replace('}', "%7d"));
        let answer = app.send(Method::GET, &path, &[], Body::empty()).await;
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=0",
            "{query} {}",
            answer.text()
        );
    }
}

async fn facets_count_what_filters_pick(app: TestApp) {
    let author = Author::editor(&app).await;
    let country = |code: &str| json!({ "names": named("en", code), "alpha2Code": code, "alpha3Code": format!("{code}X") });
    let city =
        |country: &str| json!({ "names": named("vi", "Vinh"), "country": { "key": country } });
    let event = |city: &str, year: &str| json!({ "names": named("vi", "Vinh"), "city": { "key": city }, "startDate": year });
    let membership = json!({ "names": named("vi", "Thành viên"), "city": { "key": "b" }, "network": { "key": "n" },
        "startDate": "2019", "modality": "STATED" });
    let term = json!({ "names": named("en", "Design"), "notation": "design", "listPosition": 1, "vocabulary": { "key": "v" } });
    let period =
        json!({ "membership": { "key": "m" }, "field": { "key": "t" }, "modality": "STATED" });
    findable(
        &app,
        &author,
        json!([
            create("vn", "country", country("VN")),
            create("la", "country", country("LA")),
            create("a", "city", city("vn")),
            create("b", "city", city("la")),
            create("e", "event", event("a", "2019-05")),
            create("f", "event", event("a", "2023")),
            create("n", "network", json!({ "names": named("en", "Network") })),
            create("v", "vocabulary", json!({ "names": named("en", "Fields") })),
            create("t", "term", term),
            create("m", "membership", membership),
            create("p", "fieldPeriod", period),
        ]),
    )
    .await;
    let ask = "query ($filter: SearchFilter, $types: [RecordType!]) {
        search(query: \"vinh\", filter: $filter, types: $types) { totalCount didYouMean facets {
            types { type count } countries { country { alpha2Code } count __typename }
            fields { count term { notation } } years { year count } } } }";
    let of = async |filter: Json| app.data(ask, json!({ "filter": filter })).await["search"].take();

    let all = app.data(ask, json!({})).await["search"].take();

    let expected = json!({
        "types": [{ "type": "CITY", "count": 2 }, { "type": "EVENT", "count": 2 }],
        "countries": [
            { "country": { "alpha2Code": "VN" }, "count": 3, "__typename": "CountryFacet" },
            { "country": { "alpha2Code": "LA" }, "count": 1, "__typename": "CountryFacet" },
        ],
        "fields": [{ "count": 1, "term": { "notation": "design" } }],
        "years": [{ "year": 2019, "count": 1 }, { "year": 2023, "count": 1 }],
    });
    assert_eq!((&all["totalCount"], &all["facets"]), (&json!(4), &expected));
    for (filter, count) in [
        (json!({ "countries": ["vn"] }), 3),
        (json!({ "countries": ["LA", "VN"], "years": { "gte": 2020 } }), 1),
        (json!({ "countries": ["XX"] }), 0),
        (json!({ "countries": [] }), 0),
        (json!({ "fields": ["design"] }), 1),
        (json!({ "fields": ["DESIGN", "music"] }), 1),
        (json!({ "years": { "isNull": true } }), 2),
        (json!({ "years": { "in": [2019, 2021] } }), 1),
        (json!({}), 4),
    ] {
        let found = of(filter.clone()).await;
        let types = found["facets"]["types"].as_array().unwrap();
        let counted: i64 = types.iter().map(|it| it["count"].as_i64().unwrap()).sum();
        assert_eq!((&found["totalCount"], counted), (&json!(count), count), "{filter}");
    }
    for filter in [
        json!(null),
        json!({ "countries": null }),
        json!({ "years": null }),
        json!({ "years": { "eq": null } }),
    ] {
        let answer = app.post(json!({ "query": ask, "variables": { "filter": filter } })).await;
        assert_eq!(answer.code(), "FILTER_INVALID", "{filter} {}", answer.text());
    }
    // The country is part of what a city is found by, and so are its field and the year of what has one.
    let ask = "query ($query: String!) { search(query: $query) { nodes { __typename } } }";
    for (query, name) in [("vinh la", "City"), ("vinh design", "City"), ("2023 vinh", "Event")] {
        let found = app.data(ask, json!({ "query": query })).await;
        assert_eq!(found["search"]["nodes"], json!([{ "__typename": name }]), "{query}");
    }
}

async fn a_position_is_waited_for(app: TestApp) {
    let author = Author::editor(&app).await;
    until_ready(&app).await;
    let ask = "query ($query: String!, $position: String) { search(query: $query, minPosition: $position) { totalCount } }";
    for n in 0..20 {
        let city = create("a", "city", json!({ "names": named("vi", &format!("Nơi{n}")) }));
        let payload = author.write(APPLY, json!({ "operations": [city] })).await;
        let variables =
            json!({ "query": format!("noi{n}"), "position": payload["changeset"]["position"] });
        assert_eq!(app.data(ask, variables).await["search"]["totalCount"], 1, "{n}");
    }
    for (position, code) in
        [("9000000000000000", "POSITION_UNKNOWN"), ("1", "VALUE_INVALID"), ("", "VALUE_INVALID")]
    {
        let variables = json!({ "query": "noi", "position": position });
        let answer = app.post(json!({ "query": ask, "variables": variables })).await;
        assert_eq!(answer.code(), code, "{position}");
    }
}

async fn operations_of_anh(app: &TestApp, author: &Author<'_>) {
    let city = json!({ "names": named("vi", "An Hải"), "population": 1_000_000 });
    let person = json!({ "names": named("vi", "Quốc Anh") });
    findable(app, author, json!([create("c", "city", city), create("p", "person", person)])).await;
}

async fn suggestions_come_in_groups(app: TestApp) {
    let author = Author::editor(&app).await;
    let mut operations: Vec<Json> = ["Hội An", "Hội Xuân", "Hà Nội", "Hòa Bình"]
        .iter()
        .zip(1_i64..)
        .map(|(name, n)| {
            create(name, "city", json!({ "names": named("vi", name), "population": 1_000 * n }))
        })
        .collect();
    operations.push(create("p", "person", json!({ "names": named("vi", "Trần Hội") })));
    findable(&app, &author, json!(operations)).await;
    let ask = "query ($prefix: String!, $types: [RecordType!], $most: Int! = 3) {
        suggest(prefix: $prefix, types: $types, perType: $most) { type nodes { name __typename } __typename } }";
    let of = async |prefix: &str, more: Json| {
        let mut variables = json!({ "prefix": prefix });
        variables.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        app.data(ask, variables).await["suggest"].take()
    };
    let group = |ty: &str, type_name: &str, names: &[&str]| {
        let nodes: Vec<Json> =
            names.iter().map(|name| json!({ "name": name, "__typename": type_name })).collect();
        json!({ "type": ty, "nodes": nodes, "__typename": "SuggestionGroup" })
    };

    let cities = group("CITY", "City", &["Hội Xuân", "Hội An"]);
    let people = group("PERSON", "Person", &["Trần Hội"]);
    // A word that names have comes before names that begin so without their spaces.
    operations_of_anh(&app, &author).await;
    let named_anh = [group("PERSON", "Person", &["Quốc Anh"]), group("CITY", "City", &["An Hải"])];
    assert_eq!(of("anh", json!({})).await, json!(named_anh));
    assert_eq!(of("hoi", json!({})).await, json!([cities, people]));
    assert_eq!(of("Hội A", json!({})).await, json!([group("CITY", "City", &["Hội An"])]));
    assert_eq!(of("hoia", json!({})).await, json!([group("CITY", "City", &["Hội An"])]));
    assert_eq!(of("ho", json!({ "most": 1 })).await[0]["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(of("hoi", json!({ "types": ["PERSON"] })).await, json!([people]));
    for nothing in ["", " ", "zzz", "\u{301}"] {
        assert_eq!(of(nothing, json!({})).await, json!([]), "{nothing:?}");
    }
    for most in [0, 11, -1] {
        let variables = json!({ "prefix": "hoi", "most": most });
        let answer = app.post(json!({ "query": ask, "variables": variables })).await;
        assert_eq!(answer.code(), "PAGE_INVALID", "{most}");
    }
}
