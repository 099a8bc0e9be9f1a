//! A page, its count and the groups of its filter are of the same records: those that meet it.

use std::collections::BTreeSet;

use culturegraph::record::{catalog, def::Def};
use serde_json::{Value as Json, json};

use crate::app::{
    TestApp,
    chance::Chance,
    fixtures,
    list::{List, with},
    model,
};

on_both!(pages_counts_and_groups_are_of_those_that_meet_the_filter, lists_below_a_record_too);

async fn pages_counts_and_groups_are_of_those_that_meet_the_filter(app: TestApp) {
    let world = fixtures::by_chance();
    world.write(&app).await;
    let mut chance = Chance::new(3);

    for def in catalog().defs() {
        let list = List::root(def.name);
        // Types whose records are counted by group have most conditions.
        let filters = if def.groups.is_empty() { 40 } else { 150 };
        for n in 0..filters {
            let filter = model::filter(&world, &mut chance, def);
            let expected: BTreeSet<&str> =
                list.expected(&world, Some(&filter)).iter().map(|it| it.id.as_str()).collect();

            let arguments = json!({ "filter": filter });
            let size = 10 + chance.below(91);
            let ids = list.all_pages(&app, &arguments, size).await;
            let total = list.page(&app, &with(&arguments, "first", 1.into())).await.total;

            let found: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
            assert_eq!(found, expected, "{} {filter}", def.name);
            assert_eq!(ids.len(), expected.len(), "{} {filter}", def.name);
            assert_eq!(total, expected.len(), "{} {filter}", def.name);
            if !def.groups.is_empty() {
                let key = def.groups[n % def.groups.len()].key;
                let (sum, total) = grouped(&app, def, key, &filter).await;
                assert_eq!((sum, total), (expected.len(), expected.len()), "{key} {filter}");
            }
        }
    }
}

async fn lists_below_a_record_too(app: TestApp) {
    let world = fixtures::by_chance();
    world.write(&app).await;
    let mut chance = Chance::new(4);

    for (parent, field) in [
        ("Country", "cities"),
        ("City", "initiatives"),
        ("City", "memberships"),
        ("Initiative", "challenges"),
        ("Challenge", "initiatives"),
    ] {
        for parent in world.all(parent).take(12) {
            let list = List::below(parent, field);
            for _ in 0..4 {
                let def = catalog().named(list.of).unwrap();
                let filter = model::filter(&world, &mut chance, def);
                let expected: BTreeSet<String> =
                    list.expected(&world, Some(&filter)).iter().map(|it| it.id.clone()).collect();

                let page = list.page(&app, &json!({ "filter": filter, "first": 100 })).await;

                assert_eq!(page.total, expected.len(), "{list:?} {filter}");
                assert_eq!(BTreeSet::from_iter(page.ids), expected, "{list:?} {filter}");
            }
        }
    }
}

/// The sum of the groups by a key, and the number of all.
async fn grouped(app: &TestApp, def: &Def, key: &str, filter: &Json) -> (usize, usize) {
    let name = def.name;
    let query = format!(
        "query($filter: {name}Filter) {{
            stats: {}Stats(filter: $filter, groupBy: {key}, first: 1000) {{
                totalCount
                groupCount
                groups {{ count }}
            }}
        }}",
        def.one
    );
    let answer = app.data(&query, json!({ "filter": filter })).await;
    let stats = &answer["stats"];
    let count = |value: &Json| usize::try_from(value.as_u64().unwrap()).unwrap();
    let groups = stats["groups"].as_array().unwrap();
    assert_eq!(count(&stats["groupCount"]), groups.len());
    (groups.iter().map(|group| count(&group["count"])).sum(), count(&stats["totalCount"]))
}
