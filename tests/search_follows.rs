//! The index follows the change log: what records say of each other, merges and redactions, restarts and damage, and it is
//! kept by each instance for itself.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use culturegraph::{
    changes::feed::{self, Follower},
    config::{Config, Folder},
    search::{Question, Service, Settings, Snapshot},
};
use sea_orm::DatabaseConnection;
use serde_json::{Value as Json, json};
use tokio::time::sleep;

use crate::app::{Author, TestApp, lenient};

on_both!(
    what_others_say_of_a_record_finds_it,
    what_is_of_a_place_moves_with_it,
    nothing_is_left_of_what_is_redacted,
    the_last_states_are_kept,
    a_purge_that_was_broken_off_is_done_at_the_next_start,
    merged_records_are_found_once_and_redacted_ones_not_at_all,
    an_index_in_a_folder_is_resumed_or_made_anew,
    instances_keep_their_own,
    while_the_index_is_made_all_else_is_answered,
);

const APPLY: &str = "mutation ($operations: [OperationInput!]!) {
    applyChangeset(input: { operations: $operations }) {
        records { key id } changeset { position } userErrors { code path message }
    }
}";
const SEARCH: &str = "query ($query: String!, $filter: SearchFilter, $position: String) {
    search(query: $query, filter: $filter, minPosition: $position) { nodes { id } }
}";

/// Somebody who writes, and looks for what was written as soon as it can be found.
struct Writer<'a> {
    app: &'a TestApp,
    author: Author<'a>,
    position: Json,
    made: Vec<Json>,
}

impl<'a> Writer<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let (author, position) = (Author::editor(app).await, Json::Null);
        Writer { app, author, position, made: Vec::new() }
    }

    async fn write(&mut self, operations: Json) {
        let payload = self.author.write(APPLY, json!({ "operations": operations })).await;
        self.position = payload["changeset"]["position"].clone();
        self.made.extend(payload["records"].as_array().unwrap().clone());
    }

    fn id(&self, key: &str) -> String {
        let made = self.made.iter().rev().find(|it| it["key"] == key).expect("there is such a key");
        made["id"].as_str().unwrap().to_owned()
    }

    /// The keys of what is found.
    async fn found(&self, query: &str, filter: Json) -> Vec<String> {
        let filter = if filter.is_null() { json!({}) } else { filter };
        let variables = json!({ "query": query, "filter": filter, "position": self.position });
        let data = self.app.data(SEARCH, variables).await;
        let nodes = data["search"]["nodes"].as_array().unwrap();
        let key = |node: &Json| {
            let made = self.made.iter().find(|it| it["id"] == node["id"]);
            made.map_or("?", |it| it["key"].as_str().unwrap()).to_owned()
        };
        nodes.iter().map(key).collect()
    }
}

fn create(key: &str, ty: &str, record: Json) -> Json {
    json!({ "create": { "key": key, "record": { ty: record } } })
}

fn update(id: &str, version: i64, ty: &str, record: Json) -> Json {
    json!({ "update": { "record": { "id": id }, "expectedVersion": version, "changes": { ty: record } } })
}

fn named(name: &str) -> Json {
    json!([{ "lang": "en", "value": name }])
}

async fn what_others_say_of_a_record_finds_it(app: TestApp) {
    let mut writer = Writer::new(&app).await;
    let country = |name: &str, code: &str| json!({ "names": named(name), "alpha2Code": code, "alpha3Code": format!("{code}X") });
    let city = json!({ "names": named("Paris"), "country": { "key": "france" } });
    writer
        .write(json!([
            create("france", "country", country("France", "FR")),
            create("texas", "country", country("Texas", "TX")),
            create("paris", "city", city),
            create("council", "organization", json!({ "names": named("Council"), "jurisdiction": { "key": "paris" } })),
            create("network", "network", json!({ "names": named("Network") })),
            create("fields", "vocabulary", json!({ "names": named("Fields") })),
            create("design", "term", json!({ "names": named("Design"), "notation": "DESIGN", "listPosition": 1, "vocabulary": { "key": "fields" } })),
        ]))
        .await;
    assert_eq!(writer.found("paris france", Json::Null).await, ["paris"]);
    assert_eq!(writer.found("council", json!({ "countries": ["FR"] })).await, ["council"]);

    // A city moves, and what is of it with it; a country is renamed.
    let moved = json!({ "country": { "id": writer.id("texas") } });
    writer.write(json!([update(&writer.id("paris"), 1, "city", moved)])).await;
    assert_eq!(writer.found("paris france", Json::Null).await, [""; 0]);
    assert_eq!(writer.found("paris texas", Json::Null).await, ["paris"]);
    assert_eq!(writer.found("council", json!({ "countries": ["TX"] })).await, ["council"]);
    let renamed = json!({ "names": named("Lone Star") });
    writer.write(json!([update(&writer.id("texas"), 1, "country", renamed)])).await;
    assert_eq!(writer.found("paris lone star", Json::Null).await, ["paris"]);

    // The field of a membership is that of its city, until the period goes.
    let membership = json!({ "names": named("Member"), "city": { "id": writer.id("paris") }, "network": { "id": writer.id("network") }, "modality": "STATED" });
    let period = json!({ "membership": { "key": "member" }, "field": { "id": writer.id("design") }, "modality": "STATED" });
    writer.write(json!([create("member", "membership", membership)])).await;
    let of_design = json!({ "fields": ["DESIGN"] });
    assert_eq!(writer.found("paris", of_design.clone()).await, [""; 0]);
    let period = period
        .to_string()
        .replace("\"key\":\"member\"", &format!("\"id\":\"{}\"", writer.id("member")));
    writer
        .write(json!([create("period", "fieldPeriod", serde_json::from_str(&period).unwrap())]))
        .await;
    assert_eq!(writer.found("paris", of_design.clone()).await, ["paris"]);
    assert_eq!(writer.found("paris design", Json::Null).await, ["paris"]);
    let renamed = json!({ "names": named("Shape") });
    writer.write(json!([update(&writer.id("design"), 1, "term", renamed)])).await;
    assert_eq!(writer.found("paris shape", Json::Null).await, ["paris"]);
    writer.write(json!([{ "delete": { "record": { "id": writer.id("period") }, "expectedVersion": 1 } }])).await;
    assert_eq!(writer.found("paris", of_design).await, [""; 0]);
}

async fn what_is_of_a_place_moves_with_it(app: TestApp) {
    let mut writer = Writer::new(&app).await;
    let country = |name: &str, code: &str| json!({ "names": named(name), "alpha2Code": code, "alpha3Code": format!("{code}X") });
    let holding = json!({ "person": { "key": "person" }, "position": { "key": "post" }, "endKind": "OPEN", "modality": "STATED" });
    let link = json!({ "relation": "LOCATED_IN", "from": { "key": "site" }, "to": { "key": "paris" }, "modality": "STATED" });
    writer
        .write(json!([
            create("france", "country", country("France", "FR")),
            create("texas", "country", country("Texas", "TX")),
            create(
                "paris",
                "city",
                json!({ "names": named("Paris"), "country": { "key": "france" } })
            ),
            create(
                "council",
                "organization",
                json!({ "names": named("Council"), "jurisdiction": { "key": "paris" } })
            ),
            create(
                "post",
                "position",
                json!({ "names": named("Chair"), "organization": { "key": "council" } })
            ),
            create("person", "person", json!({ "names": named("Ann") })),
            create("holding", "officeHolding", holding),
            create("site", "heritageProperty", json!({ "names": named("Tower") })),
            create("link", "link", link),
        ]))
        .await;
    let of = |code: &str| json!({ "countries": [code] });
    for (query, key) in [("ann", "person"), ("tower", "site"), ("chair", "post")] {
        assert_eq!(writer.found(query, of("FR")).await, [key]);
    }

    let moved = json!({ "country": { "id": writer.id("texas") } });
    writer.write(json!([update(&writer.id("paris"), 1, "city", moved)])).await;

    for (query, key) in [("ann", "person"), ("tower", "site"), ("chair", "post")] {
        assert_eq!(writer.found(query, of("TX")).await, [key]);
        assert_eq!(writer.found(query, of("FR")).await, [""; 0]);
    }
    let identifiers = json!({ "identifiers": [{ "scheme": "WIKIDATA", "value": "Q1439" }] });
    writer.write(json!([update(&writer.id("texas"), 1, "country", identifiers)])).await;
    assert_eq!(writer.found("paris q1439", Json::Null).await, ["paris"]);
}

async fn nothing_is_left_of_what_is_redacted(app: TestApp) {
    let mut writer = Writer::new(&app).await;
    let db = app.db.reader.clone();
    let place = Place::new(&app, "redacted");
    let country = json!({ "names": [{ "lang": "en", "value": "Zebraland" }, { "lang": "vi", "value": "Zebraland" }],
        "alpha2Code": "ZL", "alpha3Code": "ZLX" });
    let city = json!({ "names": named("Paris"), "country": { "key": "a" } });
    writer.write(json!([create("a", "country", country), create("b", "city", city)])).await;
    // One that has ended has an index of its own.
    let (one, two) = (place.service(&db), place.service(&db));
    for service in [&one, &two] {
        assert_eq!(count(&*up_to_date(service, &db).await, "paris zebraland"), 1);
    }
    let all = || -> Vec<u8> {
        let folders = [place.0.join("1"), place.0.join("2")];
        let files = folders.iter().flat_map(fs::read_dir).flatten().flatten();
        files.flat_map(|file| fs::read(file.path()).unwrap_or_default()).collect()
    };
    let has = |text: &str| all().windows(text.len()).any(|it| it == text.as_bytes());
    assert!(place.0.join("2/meta.json").exists());
    drop(two);
    sleep(Duration::from_millis(1_500)).await;
    let snapshot = up_to_date(&one, &db).await;
    one.keep(&snapshot);
    let before = snapshot.state.position;

    let redact =
        "mutation ($id: ID!) { redactRecord(id: $id, expectedVersion: 1, field: \"names\") {
        changeset { position } userErrors { code path message } } }";
    writer.author.write(redact, json!({ "id": writer.id("a") })).await;
    let redacted = up_to_date(&one, &db).await;

    assert_eq!(count(&redacted, "paris zebraland"), 0);
    assert_eq!(count(&redacted, "paris"), 1);
    assert!(one.at(before).is_none());
    // A search that began before it does not bring it back.
    one.keep(&snapshot);
    assert!(one.at(before).is_none());
    drop((snapshot, redacted));
    for _ in 0..100 {
        if !has("zebra") && !place.0.join("2/meta.json").exists() {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("it is in a file still");
}

async fn the_last_states_are_kept(app: TestApp) {
    let mut writer = Writer::new(&app).await;
    let db = app.db.reader.clone();
    let place = Place::new(&app, "kept");
    let service = place.service(&db);
    let mut positions = Vec::new();
    for n in 0..130 {
        let city = json!({ "names": named(&format!("Zebra {n}")) });
        writer.write(json!([create("a", "city", city)])).await;
        let snapshot = up_to_date(&service, &db).await;
        service.keep(&snapshot);
        positions.push(snapshot.state.position);
    }

    // One is the current state; of the others the last ones are there, as they were.
    for (n, position) in positions.iter().enumerate() {
        let kept = service.at(*position).map(|it| count(&it, "zebra"));
        assert_eq!(kept, (n >= 2).then_some(n + 1), "{n}");
    }
}

async fn a_purge_that_was_broken_off_is_done_at_the_next_start(app: TestApp) {
    let mut writer = Writer::new(&app).await;
    let db = app.db.reader.clone();
    let place = Place::new(&app, "broken-off");
    let service = place.service(&db);
    writer.write(json!([create("a", "city", json!({ "names": named("Alpha") }))])).await;
    writer.write(json!([create("b", "city", json!({ "names": named("Beta") }))])).await;
    up_to_date(&service, &db).await;
    is_gone(service).await;
    let meta = place.0.join("1/meta.json");
    let read = || -> Json { serde_json::from_slice(&fs::read(&meta).unwrap()).unwrap() };
    // Format, whether a purge is due, position and mark.
    let is_due = |commit: &Json| commit["payload"].as_str().unwrap().split(' ').nth(1) == Some("1");
    let mut commit = read();
    assert!(!is_due(&commit));
    // As it is left by the commit that comes before the purge.
    commit["payload"] = commit["payload"].as_str().unwrap().replacen(" 0 ", " 1 ", 1).into();
    assert!(is_due(&commit));
    fs::write(&meta, commit.to_string()).unwrap();

    let service = place.service(&db);

    let snapshot = up_to_date(&service, &db).await;
    assert_eq!((count(&snapshot, "alpha"), snapshot.state.is_purge_due), (1, false));
    assert!(!is_due(&read()));
}

async fn merged_records_are_found_once_and_redacted_ones_not_at_all(app: TestApp) {
    let mut writer = Writer::new(&app).await;
    let person =
        |name: &str| json!({ "names": named(name), "descriptions": named("knows the zebra") });
    writer
        .write(json!([
            create("a", "person", person("Adam")),
            create("b", "person", person("Adam B")),
        ]))
        .await;
    assert_eq!(writer.found("adam", Json::Null).await, ["a", "b"]);
    writer
        .write(json!([{ "merge": {
            "into": { "id": writer.id("a") }, "expectedVersion": 1, "from": { "id": writer.id("b") }, "fromVersion": 1,
        } }]))
        .await;
    assert_eq!(writer.found("adam", Json::Null).await, ["a"]);
    assert_eq!(writer.found("zebra", Json::Null).await, ["a"]);

    let redact =
        "mutation ($id: ID!) { redactRecord(id: $id, expectedVersion: 2, field: \"descriptions\") {
        changeset { position } userErrors { code path message } } }";
    let payload = writer.author.write(redact, json!({ "id": writer.id("a") })).await;
    writer.position = payload["changeset"]["position"].clone();
    assert_eq!(writer.found("zebra", Json::Null).await, [""; 0]);
    assert_eq!(writer.found("adam", Json::Null).await, ["a"]);
}

/// A folder that is gone with the test.
struct Place(PathBuf);

impl Place {
    fn new(app: &TestApp, name: &str) -> Place {
        let unique =
            format!("culturegraph-{name}-{:?}-{}", app.database().backend(), std::process::id());
        let folder = std::env::temp_dir().join(unique);
        let _ = fs::remove_dir_all(&folder);
        Place(folder)
    }

    fn service(&self, db: &DatabaseConnection) -> Service {
        let follower = Follower::new(db.clone(), Duration::from_millis(20));
        let settings = Settings { folder: Some(self.0.clone()), writer_bytes: 16_000_000 };
        Service::new(db.clone(), follower, settings)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The index of a service, once it has come to the end of the log.
async fn up_to_date(service: &Service, db: &DatabaseConnection) -> Arc<Snapshot> {
    let newest = feed::newest(db).await.unwrap();
    assert!(service.reaches(newest, Duration::from_secs(20)).await, "it does not reach {newest}");
    service.current().unwrap()
}

fn count(snapshot: &Snapshot, query: &str) -> usize {
    snapshot.search(&Question::of(query, 10)).unwrap().total
}

/// Lets a service that nobody has any more let go of its folder.
async fn is_gone(service: Service) {
    drop(service);
    sleep(Duration::from_millis(1_500)).await;
}

async fn an_index_in_a_folder_is_resumed_or_made_anew(app: TestApp) {
    let mut writer = Writer::new(&app).await;
    let db = app.db.reader.clone();
    let place = Place::new(&app, "resumed");
    writer.write(json!([create("a", "city", json!({ "names": named("Alpha") }))])).await;
    let service = place.service(&db);
    assert_eq!(count(&*up_to_date(&service, &db).await, "alpha"), 1);
    is_gone(service).await;
    let files = || {
        let own = fs::read_dir(place.0.join("1")).unwrap().flatten().map(|file| file.path());
        let mut terms: Vec<PathBuf> =
            own.filter(|file| file.extension().is_some_and(|it| it == "term")).collect();
        terms.sort();
        terms
    };
    let before = files();
    assert!(!before.is_empty());

    // What was written meanwhile is followed; what was there is not made again.
    writer.write(json!([create("b", "city", json!({ "names": named("Beta") }))])).await;
    let service = place.service(&db);
    let snapshot = up_to_date(&service, &db).await;
    assert_eq!((count(&snapshot, "alpha"), count(&snapshot, "beta")), (1, 1));
    assert!(before.iter().all(|file| files().contains(file)));
    drop(snapshot);
    is_gone(service).await;

    // A damaged one is made anew, and so is one that is missing or of another base.
    fs::write(&files()[0], b"nothing").unwrap();
    let service = place.service(&db);
    assert_eq!(count(&*up_to_date(&service, &db).await, "alpha"), 1);
    is_gone(service).await;
    fs::remove_dir_all(&place.0).unwrap();
    let service = place.service(&db);
    assert_eq!(count(&*up_to_date(&service, &db).await, "beta"), 1);
    is_gone(service).await;
    let meta = place.0.join("1/meta.json");
    let text = fs::read_to_string(&meta).unwrap();
    let position = feed::newest(&db).await.unwrap();
    let other = text.replace(&format!(" {position} city_"), &format!(" {position} city_x"));
    assert_ne!(text, other, "{text}");
    fs::write(&meta, other).unwrap();
    let service = place.service(&db);
    assert_eq!(count(&*up_to_date(&service, &db).await, "beta"), 1);
    assert!(!fs::read_to_string(&meta).unwrap().contains("city_x"));
}

async fn instances_keep_their_own(app: TestApp) {
    let mut writer = Writer::new(&app).await;
    let db = app.db.reader.clone();
    let place = Place::new(&app, "own");
    let (one, two) = (place.service(&db), place.service(&db));
    for name in ["Alpha", "Beta"] {
        writer.write(json!([create("a", "city", json!({ "names": named(name) }))])).await;
        for service in [&one, &two] {
            assert_eq!(count(&*up_to_date(service, &db).await, name), 1);
        }
    }
    assert!(place.0.join("1/meta.json").exists() && place.0.join("2/meta.json").exists());
}

async fn while_the_index_is_made_all_else_is_answered(app: TestApp) {
    // A file where the folder should be: it is never finished.
    let place = Place::new(&app, "file");
    fs::write(&place.0, b"").unwrap();
    let folder = Folder::At(place.0.clone());
    let app = app.set(Config { search_folder: folder, ..lenient() });

    let answer = app.post(json!({ "query": SEARCH, "variables": { "query": "ha noi" } })).await;

    assert_eq!(answer.code(), "INDEX_BUILDING", "{}", answer.text());
    assert_eq!(app.data("{ cities { totalCount } }", json!({})).await["cities"]["totalCount"], 0);
    let suggest = app.post(json!({ "query": "{ suggest(prefix: \"h\") { type } }" })).await;
    assert_eq!(suggest.code(), "INDEX_BUILDING");
    fs::remove_file(&place.0).unwrap();
    for _ in 0..100 {
        let answer = app.post(json!({ "query": SEARCH, "variables": { "query": "ha noi" } })).await;
        if answer.code().is_empty() {
            return;
        }
    }
    panic!("it is not made when it can be");
}
