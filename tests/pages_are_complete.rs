//! Pages put end to end are the whole list in its order, whichever way they are read.

use std::cmp::Reverse;

use culturegraph::record::catalog;
use serde_json::{Value as Json, json};

use crate::app::{
    TestApp,
    chance::Chance,
    fixtures,
    list::{List, with},
    model,
    world::{Made, World},
};

on_both!(
    every_order_of_a_root_list_is_walked_both_ways,
    every_order_of_every_type_is_walked,
    every_order_below_a_record_is_walked,
    orders_of_two_keys_are_walked,
    first_pages_below_many_records_are_those_of_each,
    officials_are_walked,
    holders_are_walked_by_certainty,
    rows_of_several_types_are_walked,
);

const SIZES: [usize; 4] = [1, 3, 7, 100];

async fn every_order_of_a_root_list_is_walked_both_ways(app: TestApp) {
    let world = written(&app).await;

    for name in LISTS {
        let list = List::root(name);
        // Small pages are many: they are walked on every fifth record.
        let some: Vec<String> = world.ids(name).into_iter().step_by(5).collect();
        let filter = json!({ "id": { "in": some } });
        walk(&app, &world, &list, &json!({}), &SIZES).await;
        for key in model::all_orders(catalog().named(name).unwrap()) {
            let arguments = json!({ "orderBy": [key] });
            walk(&app, &world, &list, &arguments, &SIZES[2..]).await;
            let arguments = with(&arguments, "filter", filter.clone());
            walk(&app, &world, &list, &arguments, &SIZES[..2]).await;
        }
    }
}

/// The types with fewer orders in fewer pages, so that a new one is covered on its first day.
async fn every_order_of_every_type_is_walked(app: TestApp) {
    let world = written(&app).await;

    for def in catalog().defs().iter().filter(|def| !LISTS.contains(&def.name)) {
        let list = List::root(def.name);
        let size = (1 + list.expected(&world, None).len() / 4).min(100);
        for key in model::all_orders(def) {
            walk(&app, &world, &list, &json!({ "orderBy": [key] }), &[size]).await;
        }
    }
}

async fn every_order_below_a_record_is_walked(app: TestApp) {
    let world = written(&app).await;

    for (parent, field) in LISTS_BELOW {
        let list = longest(&world, parent, field);
        walk(&app, &world, &list, &json!({}), &SIZES).await;
        for key in model::all_orders(catalog().named(list.of).unwrap()) {
            walk(&app, &world, &list, &json!({ "orderBy": [key] }), &SIZES).await;
        }
    }
}

async fn orders_of_two_keys_are_walked(app: TestApp) {
    let world = written(&app).await;
    let mut chance = Chance::new(2);
    let mut lists = LISTS.map(List::root).to_vec();
    lists.extend(LISTS_BELOW.map(|(parent, field)| longest(&world, parent, field)));

    for list in lists {
        let def = catalog().named(list.of).unwrap();
        let keys = model::all_orders(def);
        for _ in 0..30 {
            let (first, second) = (chance.pick(&keys), chance.pick(&keys));
            // A key stands once.
            if first["field"] == second["field"] && first["lang"] == second["lang"] {
                continue;
            }
            let mut arguments = json!({ "orderBy": [first, second] });
            if chance.one_in(2) {
                arguments["filter"] = model::filter(&world, &mut chance, def);
            }
            walk(&app, &world, &list, &arguments, &[chance.pick(&SIZES[1..])]).await;
        }
    }
}

async fn first_pages_below_many_records_are_those_of_each(app: TestApp) {
    let world = written(&app).await;

    for (parent, field) in LISTS_BELOW {
        let def = catalog().named(parent).unwrap();
        let of = longest(&world, parent, field).of;
        for key in model::all_orders(catalog().named(of).unwrap()) {
            let query = format!(
                "query($orderBy: [{of}Order!]) {{ parents: {}(first: 100) {{ nodes {{
                    id
                    list: {field}(first: 3, orderBy: $orderBy) {{
                        nodes {{ id }}
                        pageInfo {{ hasNextPage }}
                        totalCount
                    }}
                }} }} }}",
                def.many
            );
            let answer = app.data(&query, json!({ "orderBy": [key] })).await;
            for node in answer["parents"]["nodes"].as_array().unwrap() {
                let parent = world.get(node["id"].as_str().unwrap());
                let whole =
                    sorted(&world, &List::below(parent, field), &json!({ "orderBy": [key] }));
                let page: Vec<Json> = whole.iter().take(3).map(|id| json!({ "id": id })).collect();
                let expected = json!({
                    "nodes": page,
                    "pageInfo": { "hasNextPage": whole.len() > 3 },
                    "totalCount": whole.len(),
                });
                assert_eq!(node["list"], expected, "{} {field} {key}", parent.id);
            }
        }
    }
}

async fn officials_are_walked(app: TestApp) {
    let world = written(&app).await;
    let refers = |record: &Made, field: &str, to: &Made| record.text(field) == Some(&to.id);

    for city in world.all("City").take(3) {
        let holds = |person: &Made, holding: &Made| {
            let position = world.get(holding.text("position").unwrap());
            let organization = world.get(position.text("organization").unwrap());
            refers(holding, "person", person) && refers(organization, "jurisdiction", city)
        };
        let is_official =
            |person: &&Made| known(&world, "OfficeHolding").any(|holding| holds(person, holding));
        let people = world.all("Person").filter(is_official).collect();
        let whole = ids(model::sorted(&world, people, &[]));

        let list = List::below(city, "officials");
        walk_whole(&app, &list, &json!({}), &whole, &[1, 2, 100]).await;
    }
}

async fn holders_are_walked_by_certainty(app: TestApp) {
    let world = written(&app).await;
    let on_day = json!({ "date": "2019-10-30" });
    let or_possibly = json!({ "date": "2019-10-30", "includeUnknown": true });

    for position in world.all("Position") {
        let mut holdings: Vec<&Made> = known(&world, "OfficeHolding")
            .filter(|holding| holding.text("position") == Some(&position.id))
            .collect();
        // The last of them first, where they are equal; a missing start is less than any day.
        holdings.reverse();
        holdings.sort_by_key(|holding| Reverse(model::days(holding.text("startDate")).0));
        holdings.sort_by_key(|holding| {
            let (yes, possible) =
                (model::held_at(holding, &on_day), model::held_at(holding, &or_possibly));
            (!yes, !possible)
        });
        let whole = ids(holdings);

        let day = "at: \"2019-10-30\", certainty: [YES, POSSIBLE, NO],";
        let list = List::below_with(position, "holders", day);
        walk_whole(&app, &list, &json!({}), &whole, &[1, 2, 100]).await;
    }
}

async fn rows_of_several_types_are_walked(app: TestApp) {
    let world = written(&app).await;

    for organization in world.all("Organization") {
        let asserts = |record: &&Made| record.text("assertedBy") == Some(&organization.id);
        let mut rows: Vec<&Made> = world.records.iter().filter(is_known).filter(asserts).collect();
        rows.sort_by_key(|record| record.def.code);
        let whole = ids(rows);

        let list = List::below(organization, "assertions");
        walk_whole(&app, &list, &json!({}), &whole, &[7, 100]).await;
    }
}

const LISTS: [&str; 3] = ["City", "Initiative", "Membership"];

const LISTS_BELOW: [(&str, &str); 7] = [
    ("Country", "cities"),
    ("City", "initiatives"),
    ("Initiative", "challenges"),
    ("Challenge", "initiatives"),
    ("City", "regions"),
    ("Event", "participations"),
    ("Organization", "initiatives"),
];

async fn written(app: &TestApp) -> World {
    let world = fixtures::by_chance();
    world.write(app).await;
    world
}

/// The list of the record that has most.
fn longest(world: &World, parent: &str, field: &'static str) -> List {
    let lists = world.all(parent).map(|parent| List::below(parent, field));
    lists.max_by_key(|list| list.expected(world, None).len()).unwrap()
}

/// The ids of the whole list in its order, as the world knows them.
fn sorted(world: &World, list: &List, arguments: &Json) -> Vec<String> {
    let order = arguments.get("orderBy").and_then(Json::as_array).cloned().unwrap_or_default();
    let records = list.expected(world, arguments.get("filter"));
    ids(model::sorted(world, records, &order))
}

fn ids(records: Vec<&Made>) -> Vec<String> {
    records.into_iter().map(|record| record.id.clone()).collect()
}

fn known<'w>(world: &'w World, name: &str) -> impl Iterator<Item = &'w Made> {
    world.all(name).filter(is_known)
}

fn is_known(record: &&Made) -> bool {
    record.text("rank") != Some("DEPRECATED")
}

/// Walks a list in pages of each size, forwards and, at the root, backwards.
async fn walk(app: &TestApp, world: &World, list: &List, arguments: &Json, sizes: &[usize]) {
    let whole = sorted(world, list, arguments);
    walk_whole(app, list, arguments, &whole, sizes).await;
}

async fn walk_whole(
    app: &TestApp,
    list: &List,
    arguments: &Json,
    whole: &[String],
    sizes: &[usize],
) {
    for size in sizes {
        let mut pages: Vec<&[String]> = whole.chunks(*size).collect();
        follow(app, list, arguments, &pages, (*size, whole.len()), "first").await;
        if list.is_root() {
            pages = whole.rchunks(*size).collect();
            follow(app, list, arguments, &pages, (*size, whole.len()), "last").await;
        }
    }
}

/// Reads page after page from where the last one ended, and finds in each what it must hold.
async fn follow(
    app: &TestApp,
    list: &List,
    arguments: &Json,
    pages: &[&[String]],
    (size, total): (usize, usize),
    direction: &str,
) {
    let forwards = direction == "first";
    let mut arguments = with(arguments, direction, size.into());
    let nothing: &[&[String]] = &[&[]];
    let pages = if pages.is_empty() { nothing } else { pages };
    for (n, expected) in pages.iter().enumerate() {
        let page = list.page(app, &arguments).await;

        let (is_first, is_last) = (n == 0, n + 1 == pages.len());
        assert_eq!(page.ids, *expected, "page {n} of {list:?} {arguments}");
        let (more, before) = match forwards {
            true => (page.has_next, page.has_previous),
            false => (page.has_previous, page.has_next),
        };
        assert_eq!((more, before), (!is_last, !is_first), "page {n} of {list:?} {arguments}");
        assert_eq!(page.total, total, "page {n} of {list:?} {arguments}");
        let (cursor, name) = match forwards {
            true => (page.cursors.last(), "after"),
            false => (page.cursors.first(), "before"),
        };
        arguments[name] = cursor.cloned().into();
    }
}
