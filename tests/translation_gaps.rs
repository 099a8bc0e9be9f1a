//! What has a text in one language and lacks it in another is listed, over all types, with the fields that it is about.

use culturegraph::record::{catalog, enum_value};
use serde_json::{Value as Json, json};

use crate::app::{
    TestApp, fixtures,
    world::{Made, World, words},
};

on_both!(
    each_field_in_words_is_named,
    pages_are_the_whole_list_of_all_types,
    a_cursor_holds_for_its_languages_and_types,
    the_number_of_statements_is_that_of_the_types,
);

const GAPS: &str =
    "query($types: [RecordType!], $from: Lang!, $to: Lang!, $first: Int, $after: String) {
    translationGaps(types: $types, from: $from, to: $to, first: $first, after: $after) {
        totalCount
        edges { cursor fields node { id slug } }
        nodes { id }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}";

fn both(vi: &str, en: &str) -> Json {
    json!([{ "lang": "vi", "value": vi }, { "lang": "en", "value": en }])
}

async fn each_field_in_words_is_named(app: TestApp) {
    let mut world = World::new();
    let vi = |value: &str| words("vi", value);
    // A wording that looks like what texts are stored as is one wording still.
    let sly = r#"{"lang":"en","value":"x"}"#;
    let city = world.add(
        "City",
        json!({ "slug": "b-city", "names": both("Huế", "Hue"), "descriptions": vi(sly) }),
    );
    world.add("City", json!({ "slug": "a-city", "names": vi("Hội An") }));
    world.add("City", json!({ "slug": "c-city", "names": words("en", "Perth") }));
    world.add("City", json!({ "slug": "d-city", "names": both("Vinh", "Vinh") }));
    world.add(
        "City",
        json!({ "slug": "e-city", "names": [
            { "lang": "vi", "value": "Luân Đôn" }, { "lang": "en-GB", "value": "London" },
        ] }),
    );
    world.add(
        "Organization",
        json!({ "slug": "o", "names": both("Ủy ban", "Committee"), "abbreviation": vi("UBND") }),
    );
    world.add(
        "Goal",
        json!({
            "slug": "g", "names": vi("Mục tiêu"), "subject": city, "horizon": vi("thời gian tới"),
            "importance": both("cao", "high"),
        }),
    );
    world.add(
        "Challenge",
        json!({
            "slug": "c", "names": both("Thách thức", "Challenge"), "city": city,
            "context": vi("bối cảnh"), "factors": [both("một", "one"), vi("hai")],
        }),
    );
    world.add(
        "Initiative",
        json!({
            "slug": "i", "names": both("Dự án", "Project"), "city": city,
            "outcomes": [both("một", "one"), words("en", "two")], "rank": "PREFERRED",
        }),
    );
    world.add(
        "Initiative",
        json!({ "slug": "j", "names": vi("Sai"), "city": city, "rank": "DEPRECATED" }),
    );
    world.write(&app).await;

    let to_english = gaps(&app, &json!({ "from": "vi", "to": "en" })).await;
    let to_vietnamese = gaps(&app, &json!({ "from": "en", "to": "vi" })).await;

    let expected = [
        ("a-city", vec!["name"]),
        ("b-city", vec!["description"]),
        ("e-city", vec!["name"]),
        ("o", vec!["abbreviation"]),
        ("g", vec!["name", "horizon"]),
        ("c", vec!["factors", "context"]),
    ];
    assert_eq!(to_english, expected.map(|(slug, fields)| (slug.to_owned(), json!(fields))));
    let expected = [("c-city", vec!["name"]), ("i", vec!["outcomes"])];
    assert_eq!(to_vietnamese, expected.map(|(slug, fields)| (slug.to_owned(), json!(fields))));
}

/// Slugs with the fields, on one page.
async fn gaps(app: &TestApp, variables: &Json) -> Vec<(String, Json)> {
    let answer = app.data(GAPS, variables.clone()).await;
    let edges = answer["translationGaps"]["edges"].as_array().unwrap().iter();
    edges
        .map(|edge| (edge["node"]["slug"].as_str().unwrap().to_owned(), edge["fields"].clone()))
        .collect()
}

async fn pages_are_the_whole_list_of_all_types(app: TestApp) {
    let world = fixtures::by_chance();
    world.write(&app).await;

    for types in [Json::Null, json!(["INITIATIVE", "CITY", "CLAIM"]), json!(["CLAIM"])] {
        for (from, to) in [("vi", "en"), ("en", "vi"), ("vi", "fr")] {
            let whole = expected(&world, &types, from, to);
            for size in [1, 7, 100] {
                let mut variables =
                    json!({ "types": types, "from": from, "to": to, "first": size });
                let chunks: Vec<&[(String, Json)]> = match whole.is_empty() {
                    true => vec![&[]],
                    false => whole.chunks(size).collect(),
                };
                for (n, page) in chunks.iter().enumerate() {
                    // The small pages are many: their first ones say as much as all.
                    if size == 1 && n > 20 {
                        break;
                    }
                    let answer = app.data(GAPS, variables.clone()).await;

                    let list = &answer["translationGaps"];
                    let edges = list["edges"].as_array().unwrap();
                    let found: Vec<(String, Json)> = edges
                        .iter()
                        .map(|it| {
                            let id = it["node"]["id"].as_str().unwrap().to_owned();
                            (id, it["fields"].clone())
                        })
                        .collect();
                    assert_eq!(found, *page, "page {n} of {variables}");
                    assert_eq!(list["totalCount"], whole.len(), "{variables}");
                    let ids: Vec<Json> = page.iter().map(|(id, _)| json!({ "id": id })).collect();
                    assert_eq!(list["nodes"], json!(ids));
                    let cursor = |edge: Option<&Json>| edge.map(|it| it["cursor"].clone());
                    let info = json!({
                        "hasNextPage": n + 1 < chunks.len(), "hasPreviousPage": n > 0,
                        "startCursor": cursor(edges.first()), "endCursor": cursor(edges.last()),
                    });
                    assert_eq!(list["pageInfo"], info, "page {n} of {variables}");
                    variables["after"] = info["endCursor"].clone();
                }
            }
        }
    }
}

/// Ids with the fields, by type and slug, worked out from what was written.
fn expected(world: &World, types: &Json, from: &str, to: &str) -> Vec<(String, Json)> {
    let mut all = Vec::new();
    for def in catalog().defs().iter().filter(|def| def.is_described()) {
        let is_asked = types.as_array().is_none_or(|types| types.contains(&enum_value(def).into()));
        let mut records: Vec<&Made> = world.all(def.name).filter(|_| is_asked).collect();
        records.sort_by_key(|record| record.text("slug"));
        for record in records.iter().filter(|it| it.text("rank") != Some("DEPRECATED")) {
            let fields = fields_with_a_gap(record, from, to);
            if !fields.is_empty() {
                all.push((record.id.clone(), json!(fields)));
            }
        }
    }
    all
}

fn fields_with_a_gap(record: &Made, from: &str, to: &str) -> Vec<&'static str> {
    let has =
        |text: &Json, lang: &str| text.as_array().unwrap().iter().any(|it| it["lang"] == lang);
    let lacks = |text: &Json| has(text, from) && !has(text, to);
    let texts = record.def.words.iter().filter(|words| {
        let written = match words.field {
            "name" => "names",
            "description" => "descriptions",
            field => field,
        };
        record.fields.get(written).is_some_and(|text| match words.is_list {
            true => text.as_array().unwrap().iter().any(lacks),
            false => lacks(text),
        })
    });
    texts.map(|words| words.field).collect()
}

async fn a_cursor_holds_for_its_languages_and_types(app: TestApp) {
    let world = fixtures::by_chance();
    world.write(&app).await;
    let first = json!({ "types": ["CITY"], "from": "en", "to": "vi", "first": 1 });
    let answer = app.data(GAPS, first.clone()).await;
    let cursor = &answer["translationGaps"]["pageInfo"]["endCursor"];

    for (name, value, code) in [
        ("first", json!(2), Json::Null),
        ("types", json!(["CITY", "CITY"]), Json::Null),
        ("types", json!(["CITY", "PERSON"]), "CURSOR_MISMATCH".into()),
        ("from", "vi".into(), "FILTER_INVALID".into()),
        ("to", "fr".into(), "CURSOR_MISMATCH".into()),
        ("from", "nonsense".into(), "VALUE_INVALID".into()),
        ("after", "nonsense".into(), "CURSOR_INVALID".into()),
    ] {
        let mut variables = first.clone();
        variables["after"] = cursor.clone();
        variables[name] = value;

        let answer = app.query(GAPS, variables.clone()).await;

        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{variables}");
    }
}

/// One for the records found, one for their number, and one for each type of them.
async fn the_number_of_statements_is_that_of_the_types(app: TestApp) {
    let world = fixtures::by_chance();
    world.write(&app).await;

    for size in [1, 50, 100] {
        let types = json!(["CITY"]);
        app.data(GAPS, json!({ "types": types, "from": "en", "to": "fr", "first": size })).await;

        // Edges and nodes ask for other columns of the same records.
        assert_eq!(app.statements(), 4, "{size}");
    }
}
