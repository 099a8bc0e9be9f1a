//! Walks of the schema, so that a new field is covered on its first day.

use std::{collections::BTreeSet, fs, sync::LazyLock};

use async_graphql::Request;
use serde_json::{Value as Json, json};

use crate::app::{TestApp, world::World};

on_both!(every_list_stops_at_its_maximum, a_plain_list_is_cut_at_its_maximum);

const INTROSPECTION: &str = "{ __schema {
    queryType { name }
    types {
        kind name description
        fields { name description type { ...Type } args { name description type { ...Type } } }
        inputFields { name description }
        enumValues { name description }
        interfaces { name }
    }
    directives { name description args { name description } }
} }
fragment Type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

#[tokio::test]
async fn everything_says_more_than_its_name() {
    let mut missing = Vec::new();
    let mut check = |place: String, of: &Json| {
        let description = of["description"].as_str().unwrap_or_default();
        if says_nothing(&place, description) {
            missing.push(format!("{place}: {description:?}"));
        }
    };
    for ty in types().await {
        let name = text(&ty, "name");
        check(name.to_owned(), &ty);
        for part in ["fields", "inputFields", "enumValues"] {
            for member in list(&ty, part) {
                let place = format!("{name}.{}", text(member, "name"));
                check(place.clone(), member);
                for argument in list(member, "args") {
                    check(format!("{place}.{}", text(argument, "name")), argument);
                }
            }
        }
    }

    assert!(missing.is_empty(), "without a description of their own:\n{}", missing.join("\n"));
}

#[test]
fn the_schema_file_is_what_the_code_says() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");
    let committed = fs::read_to_string(file).unwrap_or_default();

    let is_the_same = committed == culturegraph::schema::sdl();

    assert!(
        is_the_same,
        "schema.graphql is not what the code says; write it with: cargo run -- schema > schema.graphql"
    );
}

async fn every_list_stops_at_its_maximum(app: TestApp) {
    let mut walked = Vec::new();
    for ty in types().await {
        for field in list(&ty, "fields") {
            let place = format!("{}.{}", text(&ty, "name"), text(field, "name"));
            let of = named(&field["type"]);
            if !of.ends_with("Connection") || text(&ty, "kind") == "INTERFACE" {
                continue;
            }
            let arguments: Vec<&str> =
                list(field, "args").iter().map(|it| text(it, "name")).collect();
            assert!(arguments.contains(&"first") && arguments.contains(&"after"), "{place}");
            for size in ["first", "last"] {
                if !arguments.contains(&size) {
                    continue;
                }
                // What is said of `first` goes for `last` too.
                let first = list(field, "args").iter().find(|it| it["name"] == "first").unwrap();
                let most = if text(first, "description").contains("1000") { 1_000 } else { 100 };
                let (query, path) = with_page_size(&ty, field, size, most + 1);

                let answer = app.query(&query, json!({})).await;

                let error = &answer["errors"][0];
                assert_eq!(error["extensions"]["code"], "PAGE_INVALID", "{place} {answer}");
                assert_eq!(error["path"], path, "{place}");
                let (query, _) = with_page_size(&ty, field, size, most);
                assert_eq!(app.query(&query, json!({})).await.get("errors"), None, "{place}");
            }
            walked.push(place);
        }
    }

    for place in
        ["Query.cities", "Query.officials", "City.initiatives", "City.officials", "City.citations"]
    {
        assert!(walked.iter().any(|it| it == place), "{place} was not walked");
    }
}

/// Lists of records that are no connections: each is known to stop, here or by what it says.
#[tokio::test]
async fn lists_of_records_are_connections_or_say_how_long_they_get() {
    let types = types().await;
    let records: BTreeSet<&str> = types
        .iter()
        .filter(|ty| {
            text(ty, "name") == "Node"
                || list(ty, "interfaces").iter().any(|it| it["name"] == "Node")
        })
        .map(|ty| text(ty, "name"))
        .collect();
    for ty in &types {
        let name = text(ty, "name");
        // What a connection holds is what its field was asked for.
        if name.ends_with("Connection") {
            continue;
        }
        for field in list(ty, "fields") {
            let of = named(&field["type"]);
            let is_list = field["type"].to_string().contains("\"LIST\"");
            if !is_list || !records.contains(of) {
                continue;
            }
            let abouts = list(field, "args").iter().chain([field]);
            let says = abouts
                .filter_map(|it| it["description"].as_str())
                .any(|it| it.to_lowercase().contains("at most"));
            assert!(says, "{name}.{} is a list without a maximum", text(field, "name"));
        }
    }
}

async fn a_plain_list_is_cut_at_its_maximum(app: TestApp) {
    let mut world = World::new();
    let names = |text: &str| json!([{ "lang": "en", "value": text }]);
    let vocabulary = world.add("Vocabulary", json!({ "slug": "v", "names": names("v") }));
    let term = world.add(
        "Term",
        json!({ "slug": "t", "names": names("t"), "vocabulary": vocabulary, "notation": "t", "listPosition": 1 }),
    );
    let city = world.add("City", json!({ "slug": "c", "names": names("c") }));
    let network = world.add("Network", json!({ "slug": "n", "names": names("n") }));
    let membership = world.add(
        "Membership",
        json!({ "slug": "m", "names": names("m"), "city": city, "network": network }),
    );
    for _ in 0..21 {
        world.add("FieldPeriod", json!({ "membership": membership, "field": term }));
    }
    world.write(&app).await;

    let answer = app.data("{ memberships { nodes { fieldPeriods { id } } } }", json!({})).await;

    let periods = &answer["memberships"]["nodes"][0]["fieldPeriods"];
    assert_eq!(periods.as_array().unwrap().len(), 20);
}

/// All types but those of introspection and GraphQL's own scalars.
async fn types() -> Vec<Json> {
    static SCHEMA: LazyLock<culturegraph::schema::Schema> =
        LazyLock::new(culturegraph::schema::build);
    let response = SCHEMA.execute(Request::new(INTROSPECTION)).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    let answer = response.data.into_json().unwrap();
    let own = ["Int", "Float", "String", "Boolean", "ID"];
    let types = answer["__schema"]["types"].as_array().unwrap().iter();
    let ours = types.filter(|ty| {
        let name = text(ty, "name");
        !name.starts_with("__") && !own.contains(&name)
    });
    ours.cloned().collect()
}

/// A query that asks the field for a page of this size, and the path of its answer. Which records there are does not
/// matter: arguments are looked at first.
fn with_page_size(ty: &Json, field: &Json, size: &str, number: i32) -> (String, Json) {
    let required = list(field, "args").iter().filter_map(|argument| {
        let value = match (text(&argument["type"], "kind"), named(&argument["type"])) {
            ("NON_NULL", "Date") => "\"2019-10-30\"",
            ("NON_NULL", "Lang") if text(argument, "name") == "from" => "\"vi\"",
            ("NON_NULL", "Lang") => "\"en\"",
            ("NON_NULL", "String") => "\"a\"",
            // All others have a default.
            _ => return None,
        };
        Some(format!("{}: {value}, ", text(argument, "name")))
    });
    let required: String = required.collect();
    let list =
        format!("list: {}({required}{size}: {number}) {{ totalCount }}", text(field, "name"));
    match text(ty, "name") {
        "Query" => (format!("{{ {list} }}"), json!(["list"])),
        // No node.
        "Changeset" => (
            format!("{{ changes {{ nodes {{ changeset {{ {list} }} }} }} }}"),
            json!(["changes", "nodes", "changeset", "list"]),
        ),
        name => (
            format!("{{ node(id: \"x\") {{ ... on {name} {{ {list} }} }} }}"),
            json!(["node", "list"]),
        ),
    }
}

/// Whether a description is missing, or has no word that the names of its place do not have.
fn says_nothing(place: &str, description: &str) -> bool {
    let names = words(place);
    let fillers = ["a", "an", "the", "of", "its", "this", "it", "to", "is", "for", "in"];
    let more = |word: &String| !names.contains(word) && !fillers.contains(&word.as_str());
    !words(description).iter().any(more)
}

/// Words in lower case and in the singular: `CityOrder.orderBy` is city, order, order, by.
fn words(text: &str) -> BTreeSet<String> {
    let mut spaced = String::new();
    let mut before = ' ';
    for c in text.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            spaced.push(' ');
        }
        spaced.extend(c.to_lowercase());
        before = c;
    }
    let words = spaced.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word.strip_suffix('s').unwrap_or(word).to_owned()).collect()
}

fn text<'a>(of: &'a Json, name: &str) -> &'a str {
    of[name].as_str().unwrap()
}

fn list<'a>(of: &'a Json, name: &str) -> &'a [Json] {
    of[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The type without its lists and exclamation marks.
fn named(ty: &Json) -> &str {
    match ty["name"].as_str() {
        Some(name) => name,
        None => named(&ty["ofType"]),
    }
}
