//! What a filter cannot mean is refused: it never quietly takes more than its reader thinks.

use serde_json::{Value as Json, json};

use crate::app::{TestApp, fixtures, list::List};

on_both!(
    null_is_no_filter_and_no_operand,
    an_empty_or_is_refused,
    empty_lists_take_nothing,
    a_missing_name_is_found_by_language,
);

async fn null_is_no_filter_and_no_operand(app: TestApp) {
    let filters = [
        json!(null),
        json!({ "and": null }),
        json!({ "or": null }),
        json!({ "not": null }),
        json!({ "population": null }),
        json!({ "population": { "eq": null } }),
        json!({ "population": { "in": null } }),
        json!({ "population": { "gte": 1, "lt": null } }),
        json!({ "population": { "isNull": null } }),
        json!({ "areaKm2": { "gt": null } }),
        json!({ "id": null }),
        json!({ "id": { "eq": null } }),
        json!({ "id": { "in": null } }),
        json!({ "slug": { "contains": null } }),
        json!({ "name": { "eqFolded": null } }),
        json!({ "name": { "lang": null, "eq": "Huế" } }),
        json!({ "updatedAt": { "gt": null } }),
        json!({ "geo": null }),
        json!({ "geo": { "within": null } }),
        json!({ "geo": { "isNull": null } }),
        json!({ "identifier": null }),
        json!({ "identifier": { "scheme": "GEONAMES", "value": null } }),
        json!({ "identifier": { "scheme": "GEONAMES", "value": { "in": null } } }),
        json!({ "country": null }),
        json!({ "country": { "alpha2Code": null } }),
        json!({ "country": { "alpha2Code": { "eq": null } } }),
        json!({ "initiatives": null }),
        json!({ "initiatives": { "some": null } }),
        json!({ "initiatives": { "none": { "status": null } } }),
        json!({ "initiatives": { "some": { "startDate": null } } }),
        json!({ "initiatives": { "some": { "startDate": { "within": null } } } }),
        json!({ "initiatives": { "some": { "startDate": { "within": { "from": null } } } } }),
        json!({ "initiatives": { "some": { "startDate": { "overlaps": { "to": null, "from": "2019-01-01" } } } } }),
        json!({ "initiatives": { "some": { "startDate": { "includeUnknown": null, "within": { "from": "2019-01-01" } } } } }),
        json!({ "initiatives": { "some": { "rank": null } } }),
        json!({ "initiatives": { "some": { "assertedBy": null } } }),
        json!({ "initiatives": { "some": { "assertedBy": { "not": null } } } }),
        json!({ "initiatives": { "some": { "assertedBy": { "type": null } } } }),
        json!({ "citations": { "some": { "subjectType": null } } }),
        json!({ "challenges": { "some": { "isFromOpenList": null } } }),
        json!({ "not": { "population": { "eq": null } } }),
        json!({ "or": [{}, { "and": [{ "population": { "eq": null } }] }] }),
    ];
    for filter in filters {
        refused(&app, "City", &filter).await;
    }
    let date = json!({ "date": "2019-01-01", "includeUnknown": null });
    refused(&app, "OfficeHolding", &json!({ "heldAt": date })).await;
    refused(&app, "Person", &json!({ "familyName": { "eqFolded": null } })).await;
    refused(&app, "Document", &json!({ "inLanguage": null })).await;
}

async fn an_empty_or_is_refused(app: TestApp) {
    for filter in [
        json!({ "or": [] }),
        json!({ "not": { "or": [] } }),
        json!({ "population": { "gte": 1 }, "or": [] }),
        json!({ "country": { "or": [] } }),
        json!({ "initiatives": { "some": { "or": [] } } }),
        json!({ "initiatives": { "some": { "assertedBy": { "or": [] } } } }),
        json!({ "initiatives": { "some": { "assertedBy": { "not": { "or": [] } } } } }),
    ] {
        refused(&app, "City", &filter).await;
    }
}

async fn empty_lists_take_nothing(app: TestApp) {
    fixtures::by_chance().write(&app).await;
    for (name, filter) in [
        ("City", json!({ "population": { "in": [] } })),
        ("City", json!({ "id": { "in": [] } })),
        ("City", json!({ "slug": { "in": [] } })),
        ("City", json!({ "name": { "in": [] } })),
        ("City", json!({ "name": { "lang": [] } })),
        ("City", json!({ "name": { "lang": [], "isNull": false } })),
        ("Initiative", json!({ "rank": [] })),
        ("Initiative", json!({ "modality": [] })),
        ("Initiative", json!({ "assertedBy": { "type": [] } })),
        ("Citation", json!({ "subjectType": [] })),
        ("Document", json!({ "inLanguage": [] })),
    ] {
        let page = List::root(name).page(&app, &json!({ "filter": filter })).await;

        assert_eq!((page.ids.len(), page.total), (0, 0), "{name} {filter}");
    }
}

async fn a_missing_name_is_found_by_language(app: TestApp) {
    let world = fixtures::by_chance();
    world.write(&app).await;
    let speaks = |names: &Json, lang: &str| {
        names.as_array().unwrap().iter().any(|name| name["lang"] == lang)
    };
    let total = async |filter: Json| {
        List::root("City").page(&app, &json!({ "filter": { "name": filter } })).await.total
    };

    let cities = || world.all("City").map(|city| &city.fields["names"]);
    let without_english = cities().filter(|names| !speaks(names, "en")).count();
    let missing = json!({ "lang": ["en"], "isNull": true });

    assert!(without_english > 0);
    assert_eq!(total(missing).await, without_english);
    assert_eq!(total(json!({ "lang": ["en"], "isNull": false })).await, 60 - without_english);
    assert_eq!(total(json!({ "lang": ["vi", "en"], "isNull": true })).await, 0);
    assert_eq!(total(json!({ "isNull": true })).await, 0);
}

async fn refused(app: &TestApp, name: &str, filter: &Json) {
    let answer = List::root(name).ask(app, &json!({ "filter": filter })).await;

    assert_eq!(answer["errors"][0]["extensions"]["code"], "FILTER_INVALID", "{filter} {answer}");
    assert_eq!(answer["errors"][0]["path"], json!(["list"]), "{filter}");
    assert_eq!(answer["data"], Json::Null, "{filter}");
}
