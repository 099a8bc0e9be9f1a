//! A page, its count and the groups of its filter are of the same records: those that meet it.

use std::collections::{BTreeMap, BTreeSet};

use culturegraph::record::{
    catalog,
    def::{Def, Group, GroupOn},
};
use serde_json::{Value as Json, json};

use crate::app::{
    TestApp,
    chance::Chance,
    fixtures,
    list::{List, with},
    model,
    world::World,
};

on_both!(pages_counts_and_groups_are_of_those_that_meet_the_filter, lists_below_a_record_too);

async fn pages_counts_and_groups_are_of_those_that_meet_the_filter(app: TestApp) {
    let world = fixtures::by_chance();
    world.write(&app).await;
    let mut chance = Chance::new(3);

    for def in catalog().defs() {
        assert!(world.all(def.name).count() > 1, "there are no records of {}", def.name);
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
                let group = &def.groups[n % def.groups.len()];
                let (groups, total) = grouped(&app, def, group, &filter).await;
                let key = group.key;
                assert_eq!(total, expected.len(), "{key} {filter}");
                match group.on {
                    GroupOn::Column(_) => {
                        let sum: usize = groups.iter().map(|(_, count)| count).sum();
                        assert_eq!(sum, expected.len(), "{key} {filter}");
                    }
                    GroupOn::Linked { field } => {
                        let linked = by_linked(&world, &expected, field);
                        assert_eq!(BTreeMap::from_iter(groups), linked, "{key} {filter}");
                    }
                }
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
        ("City", "regions"),
        ("Country", "regions"),
        ("Event", "participations"),
        ("Organization", "initiatives"),
        ("Person", "participations"),
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

/// The groups by a key, each with the id of its record, if it has one; and the number of all records.
async fn grouped(
    app: &TestApp,
    def: &Def,
    group: &Group,
    filter: &Json,
) -> (Vec<(Option<String>, usize)>, usize) {
    let name = def.name;
    let record = group.target.map_or("", |_| "{ id }");
    let query = format!(
        "query($filter: {name}Filter) {{
            stats: {}Stats(filter: $filter, groupBy: {}, first: 1000) {{
                totalCount
                groupCount
                groups {{ count key: {} {record} }}
            }}
        }}",
        def.one, group.key, group.field
    );
    let answer = app.data(&query, json!({ "filter": filter })).await;
    let stats = &answer["stats"];
    let count = |value: &Json| usize::try_from(value.as_u64().unwrap()).unwrap();
    let groups = stats["groups"].as_array().unwrap();
    assert_eq!(count(&stats["groupCount"]), groups.len());
    let id = |group: &Json| group["key"]["id"].as_str().map(str::to_owned);
    let groups = groups.iter().map(|group| (id(group), count(&group["count"]))).collect();
    (groups, count(&stats["totalCount"]))
}

/// Numbers of the records by each of the records that a list of theirs has; those without any stand together.
fn by_linked(
    world: &World,
    records: &BTreeSet<&str>,
    list: &str,
) -> BTreeMap<Option<String>, usize> {
    let mut counts = BTreeMap::new();
    for id in records {
        let linked = model::list(world, world.get(id), list);
        let mut keys: Vec<_> = linked.iter().map(|it| Some(it.id.clone())).collect();
        if keys.is_empty() {
            keys.push(None);
        }
        for key in keys {
            *counts.entry(key).or_default() += 1;
        }
    }
    counts
}
