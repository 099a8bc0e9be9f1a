//! culturegraph as a subgraph: what the router of a federated graph asks.

use serde_json::{Value as Json, json};

use crate::app::{TestApp, sqlite, world::World};

on_both!(records_are_found_by_their_keys, a_representation_that_is_none_fails_alone);

const ENTITIES: &str = "query ($representations: [_Any!]!) {
    _entities(representations: $representations) { __typename ... on City { slug country { slug } } ... on Country { slug } }
}";

async fn world(app: &TestApp) {
    let mut world = World::new();
    let names = |text: &str| json!([{ "lang": "en", "value": text }]);
    let fields = json!({ "slug": "vn", "names": names("Viet Nam"), "alpha2Code": "VN", "alpha3Code": "VNM" });
    let country = world.add("Country", fields);
    world.add("City", json!({ "slug": "hue", "names": names("Huế"), "country": country }));
    world.write(app).await;
}

async fn ids(app: &TestApp) -> (Json, Json) {
    let query = r#"{ city(by: { slug: "hue" }) { id } country(by: { slug: "vn" }) { id } }"#;
    let data = app.data(query, json!({})).await;
    (data["city"]["id"].clone(), data["country"]["id"].clone())
}

async fn records_are_found_by_their_keys(app: TestApp) {
    world(&app).await;
    let (city, country) = ids(&app).await;
    let representations = json!([
        { "__typename": "Country", "slug": "vn" },
        { "__typename": "City", "id": city },
        { "__typename": "City", "slug": "hue", "population": 3 },
        { "__typename": "City", "slug": "vn" },
        { "__typename": "City", "id": country },
        { "__typename": "City", "id": "city_\u{0}" },
        { "__typename": "Country", "id": country },
    ]);
    let hue = json!({ "__typename": "City", "slug": "hue", "country": { "slug": "vn" } });
    let vn = json!({ "__typename": "Country", "slug": "vn" });
    let expected = json!([vn, hue, hue, null, null, null, vn]);

    // As a new document, and as a known one.
    for _ in 0..2 {
        let data = app.data(ENTITIES, json!({ "representations": representations })).await;

        assert_eq!(data["_entities"], expected);
        // Ids, slugs, cities, countries, and the country of the city.
        assert!(app.statements() <= 5, "{}", app.statements());
    }
}

async fn a_representation_that_is_none_fails_alone(app: TestApp) {
    world(&app).await;
    let representations = json!([
        { "__typename": "City", "slug": "hue" },
        { "__typename": "Planet", "id": "1" },
        { "__typename": "City" },
        "hue",
        { "__typename": "Claim", "slug": "x" },
        { "__typename": "City", "slug": "hue" },
    ]);

    for _ in 0..2 {
        let answer = app.query(ENTITIES, json!({ "representations": representations })).await;

        let hue = json!({ "__typename": "City", "slug": "hue", "country": { "slug": "vn" } });
        assert_eq!(answer["data"]["_entities"], json!([hue, null, null, null, null, hue]));
        let errors = answer["errors"].as_array().unwrap();
        let paths: Vec<&Json> = errors.iter().map(|error| &error["path"]).collect();
        let expected: Vec<Json> = (1..5).map(|n| json!(["_entities", n])).collect();
        assert_eq!(paths, expected.iter().collect::<Vec<_>>());
        assert!(errors.iter().all(|error| error["extensions"]["code"] == "VALUE_INVALID"));
    }
}

#[tokio::test]
async fn a_hundred_representations_are_taken() {
    let app = sqlite().await;
    let list = |length: usize| json!({ "representations": vec![json!({ "__typename": "City", "slug": "x" }); length] });

    let answer = app.data(ENTITIES, list(100)).await;
    assert_eq!(answer["_entities"], json!(vec![Json::Null; 100]));
    let answer = app.query(ENTITIES, list(101)).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "PAGE_INVALID");
}

#[tokio::test]
async fn the_schema_of_the_service_has_keys_and_nothing_of_the_router() {
    let app = sqlite().await;

    let answer = app.data("{ _service { sdl __typename } }", json!({})).await;

    let sdl = answer["_service"]["sdl"].as_str().unwrap();
    assert_eq!(answer["_service"]["__typename"], "_Service");
    assert!(sdl.contains(r#"@key(fields: "id") @key(fields: "slug")"#));
    assert!(sdl.contains("type PageInfo @shareable"), "{sdl}");
    assert!(sdl.contains(r#"type Claim implements Node & Record & Citable @key(fields: "id") {"#));
    for of_the_router in ["_Any", "_Entity", "_Service", "_entities", "_service"] {
        assert!(!sdl.contains(of_the_router), "{of_the_router}");
    }
}
