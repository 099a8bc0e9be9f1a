//! A cursor holds for the list, order and filter that it comes from; any other use is an error that says so.

use culturegraph::{
    content,
    record::{catalog, def::Shape},
};
use serde_json::{Value as Json, json};

use crate::app::{
    TestApp, fixtures,
    list::{List, with},
    world::World,
};

on_both!(
    a_cursor_of_another_order_filter_or_list_is_refused,
    a_cursor_holds_for_the_same_list_of_another_record,
    garbage_is_refused,
    a_cursor_changed_by_a_character_is_answered_or_refused,
);

async fn a_cursor_of_another_order_filter_or_list_is_refused(app: TestApp) {
    let world = written(&app).await;
    let cities = List::root("City");
    let population = json!({ "orderBy": [{ "field": "POPULATION" }] });
    let filter = json!({ "population": { "gte": 1 } });
    let here = first_cursor(&app, &cities, &population).await;

    let initiatives = List::root("Initiative");
    let below = List::below(world.all("Country").next().unwrap(), "cities");
    let others = [
        (&cities, json!({})),
        (&cities, json!({ "orderBy": [{ "field": "POPULATION", "direction": "DESC" }] })),
        (&cities, json!({ "orderBy": [{ "field": "POPULATION", "nulls": "FIRST" }] })),
        (&cities, json!({ "orderBy": [{ "field": "POPULATION" }, { "field": "NAME" }] })),
        (&cities, with(&population, "filter", filter.clone())),
        (&initiatives, json!({})),
        (&below, population.clone()),
    ];
    for (list, arguments) in others {
        let answer = list.ask(&app, &with(&arguments, "after", here.clone())).await;

        assert_eq!(code(&answer), "CURSOR_MISMATCH", "{list:?} {arguments}");
    }
    let filtered = with(&population, "filter", filter);
    let there = first_cursor(&app, &cities, &filtered).await;
    let mut other = with(&filtered, "after", there.clone());
    other["filter"]["population"]["gte"] = 2.into();
    assert_eq!(code(&cities.ask(&app, &other).await), "CURSOR_MISMATCH");
    // What it is refused for is the other filter alone.
    assert_eq!(code(&cities.ask(&app, &with(&filtered, "after", there)).await), "");
}

async fn a_cursor_holds_for_the_same_list_of_another_record(app: TestApp) {
    let world = written(&app).await;
    let lists: Vec<List> =
        world.all("Country").map(|country| List::below(country, "cities")).collect();
    let order = json!({ "orderBy": [{ "field": "NAME", "lang": "vi" }] });

    let cursor = first_cursor(&app, &lists[0], &order).await;
    let answer = lists[1].ask(&app, &with(&order, "after", cursor)).await;

    assert_eq!(code(&answer), "");
}

async fn garbage_is_refused(app: TestApp) {
    written(&app).await;
    let cities = List::root("City");
    let cursor = first_cursor(&app, &cities, &json!({})).await;
    let cursor = cursor.as_str().unwrap();

    let long = "A".repeat(1_000_000);
    let texts = [
        "",
        "x",
        "!",
        "1",
        "null",
        "[]",
        "đ",
        "a\0b",
        "AAAA",
        &long,
        &cursor[1..],
        &cursor[..8],
        &cursor[..cursor.len() - 4],
        &format!("{cursor}="),
        &format!("{cursor}AAAA"),
        &format!("{cursor}{cursor}"),
        &cursor.to_lowercase(),
    ];
    for text in texts {
        for arguments in [json!({ "after": text }), json!({ "last": 3, "before": text })] {
            let answer = cities.ask(&app, &arguments).await;

            assert_eq!(code(&answer), "CURSOR_INVALID", "{text:.100} {answer:.300}");
            assert_eq!(answer["errors"][0]["path"], json!(["list"]));
        }
    }
}

/// Whatever a client makes of a cursor, the database is not asked anything that it fails on.
async fn a_cursor_changed_by_a_character_is_answered_or_refused(app: TestApp) {
    written(&app).await;
    let cities = List::root("City");
    for field in ["POPULATION", "AREA_KM2", "NAME", "UPDATED_AT"] {
        let order = json!({ "orderBy": [{ "field": field }], "first": 1 });
        let cursor = first_cursor(&app, &cities, &order).await;
        let cursor = cursor.as_str().unwrap();
        for place in 0..cursor.len() {
            for other in ["A", "M", "z", "0", "_"] {
                let changed = format!("{}{other}{}", &cursor[..place], &cursor[place + 1..]);
                let answer = cities.ask(&app, &with(&order, "after", changed.into())).await;

                let codes = ["", "CURSOR_INVALID", "CURSOR_MISMATCH"];
                assert!(codes.contains(&code(&answer)), "{field} {place} {other} {answer}");
            }
        }
    }
}

/// Cursors outlive the process that made them, and other instances take them. So what they are bound to must not tell
/// where something is in memory.
#[test]
fn cursors_do_not_hang_on_addresses() {
    content::define();
    for def in catalog().defs() {
        for (name, field) in &def.fields {
            if let Shape::Many(many) = &field.shape {
                let shown = format!("{many:?}");
                assert!(!shown.contains("0x"), "{}.{name}: {shown}", def.name);
            }
        }
    }
}

async fn written(app: &TestApp) -> World {
    let world = fixtures::by_chance();
    world.write(app).await;
    world
}

async fn first_cursor(app: &TestApp, list: &List, arguments: &Json) -> Json {
    let page = list.page(app, &with(arguments, "first", 1.into())).await;
    page.cursors[0].clone().into()
}

/// The code of the error; empty if there is none.
fn code(answer: &Json) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}
