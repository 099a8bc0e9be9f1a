//! Each level of a query costs a constant number of SQL statements, however many rows it has.
//!
//! The queries are in `statements/`, each with its number of statements in a comment. None asks the same of one type in
//! two places: whether two equal statements become one depends on which is first ready to be sent.

use std::{fs, path::Path};

use serde_json::{Value as Json, json};

use crate::app::{
    TestApp,
    world::{World, words},
};

on_both!(each_query_costs_what_is_written_down);

/// The sizes of the level that a query asks for: one row, some, the largest page.
const SIZES: [usize; 3] = [1, 50, 100];

async fn each_query_costs_what_is_written_down(app: TestApp) {
    let world = wide();
    world.write(&app).await;
    let cities = world.ids("City");
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("statements")).unwrap();
    let mut wrong = Vec::new();
    let mut most_keys = 0;

    for file in files {
        let file = file.unwrap().path();
        let query = fs::read_to_string(&file).unwrap();
        for size in SIZES {
            let values: Vec<String> = (0..size).map(|n| n.to_string()).collect();
            let variables = json!({
                "first": size, "city": cities[0], "ids": cities[..size], "values": values,
            });
            let answer = app.data(&query, variables).await;

            let name = file.file_name().unwrap().display();
            assert!(longest(&answer) >= size, "{name} does not have {size} rows on a level");
            most_keys = most_keys.max(answer.to_string().matches("\"challenges\":").count());
            if app.statements() != written_down(&query) {
                wrong.push(format!("{name} took {} for {size} rows", app.statements()));
            }
        }
    }

    assert!(most_keys > 1_000, "no level has more than {most_keys} records with challenges");
    assert!(wrong.is_empty(), "other numbers than written down:\n{}", wrong.join("\n"));
}

/// The number in a query's comment.
fn written_down(query: &str) -> u64 {
    let number = query.lines().find_map(|line| line.strip_prefix("# statements: "));
    number.expect("a query says what it costs").parse().unwrap()
}

/// The number of items of the longest list in an answer.
fn longest(answer: &Json) -> usize {
    match answer {
        Json::Array(items) => items.len().max(items.iter().map(longest).max().unwrap_or(0)),
        Json::Object(fields) => fields.values().map(longest).max().unwrap_or(0),
        _ => 0,
    }
}

/// A hundred cities of which each has all relations, so that no level of a query is left out; the first has a hundred of
/// everything.
fn wide() -> World {
    let mut wide = Wide { world: World::new(), count: 0 };
    let vocabulary = wide.described("Vocabulary", json!({}));
    let term = wide.described(
        "Term",
        json!({ "vocabulary": vocabulary, "notation": "any", "listPosition": 1 }),
    );
    let publisher = wide.described("Organization", json!({}));
    let document =
        json!({ "publisher": publisher, "inLanguage": "en", "url": "https://example.org/" });
    let document = wide.described("Document", document);
    let version = wide.world.add(
        "DocumentVersion",
        json!({ "document": document, "sha256": SHA256, "text": TEXT, "mediaType": "text/plain" }),
    );
    let passages: Vec<String> = (0..100).map(|n| wide.passage(&version, n)).collect();
    let networks: Vec<String> = (0..100).map(|_| wide.described("Network", json!({}))).collect();

    for n in 0..100 {
        let letters = [n / 10, n % 10].map(|digit| char::from(b"ABCDEFGHIJ"[digit]));
        let code: String = letters.iter().collect();
        let country = json!({ "alpha2Code": code, "alpha3Code": format!("X{code}") });
        let country = wide.described("Country", country);
        let city = wide.described(
            "City",
            json!({
                "country": country, "population": 1_000 + n % 7,
                "identifiers": [{ "scheme": "GEONAMES", "value": n.to_string() }],
            }),
        );
        let organization = wide.described("Organization", json!({ "jurisdiction": city }));
        let (many, some) = if n == 0 { (100, 100) } else { (1, 11) };
        for n in 0..many {
            let position = wide.described("Position", json!({ "organization": organization }));
            let person = wide.described("Person", json!({}));
            let holding = json!({
                "person": person, "position": position, "startDate": "2021", "endKind": "OPEN",
            });
            wide.world.add("OfficeHolding", holding);
            let membership = json!({
                "city": city, "network": networks[n], "status": term, "startDate": "2019",
            });
            let membership = wide.described("Membership", membership);
            let period = json!({ "membership": membership, "field": term, "startDate": "2019" });
            wide.world.add("FieldPeriod", period);
            wide.cited(&city, &document, &passages[n], n);
            let claim = json!({
                "subject": city, "property": "TOTAL_MEMBERS", "assertedBy": organization,
                "value": { "quantity": { "amount": "396" } },
            });
            let claim = wide.world.add("Claim", claim);
            wide.cited(&claim, &document, &passages[n], n);
        }
        for (n, passage) in passages.iter().enumerate().take(some) {
            let initiative = wide.described("Initiative", json!({ "city": city, "status": term }));
            let challenge = wide.described("Challenge", json!({ "city": city }));
            wide.world.add(
                "Link",
                json!({ "from": initiative, "relation": "ADDRESSES", "to": challenge }),
            );
            wide.cited(&initiative, &document, passage, n);
        }
    }
    wide.world
}

struct Wide {
    world: World,
    count: usize,
}

/// A hundred digits, a passage each.
const TEXT: &str = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";
const SHA256: &str = "9cfe7faff7054298ca87557e15a10262de8d3eee77827417fbdfea1c41b9ec23";

impl Wide {
    fn described(&mut self, name: &str, mut fields: Json) -> String {
        self.count += 1;
        fields["slug"] = format!("n-{}", self.count).into();
        fields["names"] = words("en", &format!("Number {}", self.count));
        self.world.add(name, fields)
    }

    fn passage(&mut self, version: &str, n: usize) -> String {
        let passage = json!({
            "documentVersion": version, "anchor": format!("p{n}"), "text": TEXT[n..=n],
            "span": span(n),
        });
        self.world.add("Passage", passage)
    }

    fn cited(&mut self, subject: &str, document: &str, passage: &str, n: usize) {
        let citation = json!({
            "subject": subject, "document": document, "passage": passage, "quote": TEXT[n..=n],
            "span": span(n),
        });
        self.world.add("Citation", citation);
    }
}

fn span(n: usize) -> Json {
    json!({ "charStart": n, "charEnd": n + 1, "byteStart": n, "byteEnd": n + 1 })
}
