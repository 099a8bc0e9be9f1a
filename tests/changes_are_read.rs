//! The change log as clients read it: in pages from a position, and as the history of a record.

use std::{collections::BTreeSet, sync::Arc};

use async_graphql::{Variables, parser::parse_query};
use culturegraph::{
    auth::Scope,
    changes::feed,
    config::Config,
    database::Database,
    record::{
        self,
        ask::Ask,
        batch::{Reader, Reading},
        root,
    },
};
use sea_orm::ConnectionTrait;
use serde_json::{Value as Json, json};
use tokio::task::JoinSet;

use crate::app::{
    OnDatabase, TestApp, TestDatabase, caller, fixtures,
    log::{create, delete, id, merge, update, write},
    world::World,
};

on_both!(
    pages_are_complete_and_in_order_while_others_write,
    pages_of_some_types_are_those_of_the_whole_log,
    a_position_moves_on_over_what_is_not_asked_for,
    deletions_and_merges_are_told_and_lead_on,
    a_change_tells_what_it_changed,
    a_changeset_has_its_changes,
    every_record_has_its_history_and_its_versions,
    full_texts_are_told_only_where_they_are_served,
    who_wrote_is_told_to_callers_with_a_key_alone,
    who_wrote_is_told_to_those_who_may_know,
    positions_that_are_none_are_refused,
    followers_read_the_entries,
    a_history_has_pages,
);

const WRITERS: usize = 8;
const CHANGESETS: usize = 12;

const PAGE: &str = "query ($after: String, $types: [RecordType!], $first: Int) {
    changes(after: $after, types: $types, first: $first) {
        position nodes { position type recordId recordVersion operation } pageInfo { hasNextPage endCursor }
    }
}";

async fn pages_are_complete_and_in_order_while_others_write(app: TestApp) {
    let connections = u32::try_from(WRITERS).unwrap() + 2;
    let db = Database::open(app.database().url(), connections).await.unwrap();
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let db = db.clone();
        writers.spawn(async move {
            for n in 0..CHANGESETS {
                let operations = (0..=n % 3)
                    .map(|i| create("Vocabulary", &format!("v-{writer}-{n}-{i}"), json!({})));
                write(&db, "", operations.collect()).await;
            }
        });
    }

    let mut seen: Vec<String> = Vec::new();
    let mut after = Json::Null;
    loop {
        let is_last = writers.is_empty();
        while writers.try_join_next().is_some_and(|it| it.map(|()| true).expect("it can write")) {}
        let page = app.data(PAGE, json!({ "after": after, "first": 7 })).await;
        let page = &page["changes"];
        let nodes = page["nodes"].as_array().unwrap();
        seen.extend(nodes.iter().map(|node| node["position"].as_str().unwrap().to_owned()));
        // Nothing lies between the last change of a page and where it says to go on.
        let last = seen.last().cloned().unwrap_or_else(|| feed::shown(0));
        assert_eq!(page["position"], last);
        after = page["position"].clone();
        if is_last && nodes.is_empty() {
            break;
        }
    }

    let count = i64::try_from(WRITERS * CHANGESETS * 2).unwrap();
    assert_eq!(seen, (1..=count).map(feed::shown).collect::<Vec<_>>());
}

async fn pages_of_some_types_are_those_of_the_whole_log(app: TestApp) {
    fixtures::by_chance().write(&app).await;
    let whole = walk(&app, Json::Null, 100).await;
    assert!(whole.len() > 200);
    for (types, size) in [
        (json!(["CITY"]), 3),
        (json!(["CITY", "MEMBERSHIP", "CITY"]), 7),
        (json!(["EVENT_SERIES"]), 1),
        (json!(["CLAIM", "LINK", "CITATION", "PERSON", "TERM"]), 100),
        (json!([]), 5),
    ] {
        let names: Vec<&str> = types.as_array().unwrap().iter().filter_map(Json::as_str).collect();
        let is_asked = |node: &&Json| names.contains(&node["type"].as_str().unwrap());

        let found = walk(&app, types.clone(), size).await;

        let expected: Vec<Json> = whole.iter().filter(is_asked).cloned().collect();
        assert_eq!(found, expected, "{types}");
        let count = "query ($types: [RecordType!]) { changes(types: $types) { totalCount } }";
        let count = app.data(count, json!({ "types": types })).await;
        assert_eq!(count["changes"]["totalCount"], expected.len());
    }
    let count = app.data("{ changes { totalCount } }", json!({})).await;
    assert_eq!(count["changes"]["totalCount"], whole.len());
}

/// All pages, by cursor.
async fn walk(app: &TestApp, types: Json, first: usize) -> Vec<Json> {
    let (mut all, mut after) = (Vec::new(), Json::Null);
    loop {
        let variables = json!({ "after": after, "types": types, "first": first });
        let mut page = app.data(PAGE, variables).await["changes"].take();
        let Json::Array(nodes) = page["nodes"].take() else { panic!("{page}") };
        let has_next = page["pageInfo"]["hasNextPage"] == true;
        assert!(nodes.len() == first || !has_next);
        all.extend(nodes);
        after = page["pageInfo"]["endCursor"].take();
        if !has_next {
            return all;
        }
    }
}

async fn a_position_moves_on_over_what_is_not_asked_for(app: TestApp) {
    write(&app.db, "", vec![create("City", "hue", json!({}))]).await;
    let others = (0..5).map(|n| create("Vocabulary", &format!("v-{n}"), json!({})));
    write(&app.db, "", others.collect()).await;

    let page = |after: Json, first: usize| {
        let app = &app;
        async move {
            let variables = json!({ "types": ["CITY"], "after": after, "first": first });
            app.data(PAGE, variables).await["changes"].take()
        }
    };
    let full = page(Json::Null, 1).await;
    let empty = page(feed::shown(1).into(), 10).await;

    // It was seen that nothing follows.
    assert_eq!(
        (&full["position"], &full["nodes"][0]["recordVersion"]),
        (&json!(feed::shown(6)), &json!(1))
    );
    assert_eq!(full["pageInfo"]["hasNextPage"], false);
    assert_eq!((&empty["position"], &empty["nodes"]), (&json!(feed::shown(6)), &json!([])));
    assert_eq!(page(feed::shown(6).into(), 1).await["position"], feed::shown(6));
    assert_eq!(
        app.data("{ changes { position } }", json!({})).await["changes"]["position"],
        feed::shown(6)
    );
}

async fn deletions_and_merges_are_told_and_lead_on(app: TestApp) {
    let cities = ["hue", "phu-xuan", "gone"].map(|key| create("City", key, json!({})));
    write(&app.db, "", cities.into()).await;
    merge(&app.db, "City", "phu-xuan", "hue").await;
    delete(&app.db, "City", "gone").await;

    let answer = app
        .data(
            "{ changes(first: 10) { nodes {
                operation recordId recordVersion record { id } mergedInto { id } mergedIntoId data comment
            } } }",
            json!({}),
        )
        .await;

    let [hue, phu_xuan, gone] = ["hue", "phu-xuan", "gone"].map(|key| id("City", key));
    let stayed = json!({ "id": hue });
    let nodes = answer["changes"]["nodes"].as_array().unwrap();
    let told = |place: usize| {
        let node = &nodes[place];
        (
            node["operation"].as_str().unwrap(),
            node["recordId"].as_str().unwrap(),
            node["recordVersion"].as_i64().unwrap(),
            &node["record"],
            &node["mergedInto"],
            node["mergedIntoId"].as_str(),
            node["data"].is_null(),
        )
    };
    let none = Json::Null;
    assert_eq!(told(0), ("CREATE", &*hue, 1, &stayed, &none, None, false));
    // What was read before leads to what stayed.
    assert_eq!(told(1), ("CREATE", &*phu_xuan, 1, &stayed, &none, None, false));
    assert_eq!(told(2), ("CREATE", &*gone, 1, &none, &none, None, false));
    assert_eq!(told(3), ("MERGE", &*phu_xuan, 2, &stayed, &stayed, Some(&*hue), true));
    assert_eq!(told(4), ("UPDATE", &*hue, 2, &stayed, &none, None, false));
    assert_eq!(told(5), ("DELETE", &*gone, 2, &none, &none, None, true));

    delete(&app.db, "City", "hue").await;

    let after = "{ changes(first: 10) { nodes { mergedInto { id } mergedIntoId } } }";
    let after = app.data(after, json!({})).await;
    let expected = json!({ "mergedInto": null, "mergedIntoId": hue });
    assert_eq!(after["changes"]["nodes"][3], expected);
}

async fn a_change_tells_what_it_changed(app: TestApp) {
    let fields =
        json!({ "timeZone": "Asia/Ho_Chi_Minh", "geo": { "latitude": 16.5, "longitude": 107.5 } });
    write(&app.db, "first", vec![create("City", "hue", fields)]).await;
    let change = json!({
        "timeZone": null, "geo": { "latitude": 16.5, "longitude": 107.6 },
        "names": [{ "lang": "en", "value": "hue" }, { "lang": "vi", "value": "Huế" }],
    });
    write(&app.db, "second", vec![update("City", "hue", 1, change)]).await;
    delete(&app.db, "City", "hue").await;

    let query = "query ($since: Int) { changes { nodes {
        comment data schemaVersion diff(since: $since) { path before after }
    } } }";
    let by_default = app.data(query, json!({})).await;
    let since_none = app.data(query, json!({ "since": 0 })).await;
    let since_second = app.data(query, json!({ "since": 2 })).await;

    let nodes = by_default["changes"]["nodes"].as_array().unwrap();
    assert_eq!(nodes[0]["comment"], "first");
    assert_eq!(
        (&nodes[0]["data"]["timeZone"], &nodes[0]["schemaVersion"]),
        (&json!("Asia/Ho_Chi_Minh"), &json!(1))
    );
    let paths = |of: &Json| -> Vec<String> {
        let all = of["diff"].as_array().unwrap().iter();
        all.map(|it| {
            it["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it.as_str().unwrap())
                .collect::<Vec<_>>()
                .join(".")
        })
        .collect()
    };
    assert_eq!(paths(&nodes[0]), ["geo", "names", "slug", "timeZone"]);
    let name = json!({ "lang": "vi", "value": "Huế" });
    let expected = json!([
        { "path": ["geo", "longitude"], "before": 107.5, "after": 107.6 },
        { "path": ["names", "vi"], "before": null, "after": name },
        { "path": ["timeZone"], "before": "Asia/Ho_Chi_Minh", "after": null },
    ]);
    assert_eq!(nodes[1]["diff"], expected);
    assert_eq!(paths(&nodes[2]), ["geo", "names", "slug"]);
    let since_none = &since_none["changes"]["nodes"];
    assert_eq!(paths(&since_none[1]), ["geo", "names", "slug"]);
    let since_second = &since_second["changes"]["nodes"];
    assert_eq!((paths(&since_second[0]), paths(&since_second[1])), (vec![], vec![]));
    assert_eq!(paths(&since_second[2]).len(), 3);
}

async fn a_changeset_has_its_changes(app: TestApp) {
    let cities = (0..3).map(|n| create("City", &format!("c-{n}"), json!({})));
    write(&app.db, "three at once", cities.collect()).await;

    let answer = app
        .data(
            "{ changes(first: 1) { nodes { changeset {
                id position comment recordedAt changes(first: 2) {
                    totalCount pageInfo { hasNextPage } nodes { position recordId }
                }
            } } } }",
            json!({}),
        )
        .await;

    let changeset = &answer["changes"]["nodes"][0]["changeset"];
    assert!(changeset["id"].as_str().unwrap().starts_with("changeset_"));
    assert_eq!(changeset["position"], feed::shown(3));
    assert_eq!(changeset["comment"], "three at once");
    assert_eq!(changeset["recordedAt"], "2026-01-01T12:00:00Z");
    let expected = json!({
        "totalCount": 3, "pageInfo": { "hasNextPage": true },
        "nodes": [
            { "position": feed::shown(1), "recordId": id("City", "c-0") },
            { "position": feed::shown(2), "recordId": id("City", "c-1") },
        ],
    });
    assert_eq!(changeset["changes"], expected);
}

async fn every_record_has_its_history_and_its_versions(app: TestApp) {
    let world = fixtures::by_chance();
    world.write(&app).await;
    let mut types = BTreeSet::new();
    let mut changed = 0;
    for made in &world.records {
        if !types.insert(made.def.name) && changed > 5 {
            continue;
        }
        let answer = app
            .data(
                "query ($id: ID!) { node(id: $id) { ... on Record {
                    version updatedAt
                    history { totalCount nodes { recordVersion recordedAt type recordId record { id } data } }
                    first: revision(version: 1) { operation recordVersion data }
                    none: revision(version: 99) { id }
                    nothing: revision(version: 0) { id }
                } } }",
                json!({ "id": made.id }),
            )
            .await;

        let node = &answer["node"];
        let (history, version) = (&node["history"], node["version"].as_i64().unwrap());
        changed += usize::from(version > 1);
        let versions: Vec<i64> = history["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["recordVersion"].as_i64().unwrap())
            .collect();
        assert_eq!(versions, (1..=version).rev().collect::<Vec<_>>(), "{}", made.def.name);
        assert_eq!(history["totalCount"], version);
        let newest = &history["nodes"][0];
        assert_eq!(newest["recordedAt"], node["updatedAt"]);
        assert_eq!(
            (&newest["recordId"], &newest["record"]["id"]),
            (&json!(made.id), &json!(made.id))
        );
        let oldest = history["nodes"].as_array().unwrap().last().unwrap();
        assert_eq!(node["first"]["data"], oldest["data"]);
        assert_eq!(
            (&node["first"]["operation"], &node["first"]["recordVersion"]),
            (&json!("CREATE"), &json!(1))
        );
        assert_eq!((&node["none"], &node["nothing"]), (&Json::Null, &Json::Null));
    }
    assert_eq!(types.len(), culturegraph::record::catalog().defs().len());
    assert!(changed > 0);
}

async fn a_history_has_pages(app: TestApp) {
    write(&app.db, "", vec![create("City", "hue", json!({}))]).await;
    for version in 1..6 {
        let zone = json!({ "timeZone": format!("Zone/{version}") });
        write(&app.db, "", vec![update("City", "hue", version, zone)]).await;
    }

    let query = r#"query ($after: String) { city(by: { slug: "hue" }) { history(first: 4, after: $after) {
        edges { cursor node { recordVersion } } pageInfo { hasNextPage }
    } } }"#;
    let first = app.data(query, json!({})).await;
    let edges = &first["city"]["history"]["edges"];
    let second = app.data(query, json!({ "after": edges[3]["cursor"] })).await;

    let versions = |of: &Json| -> Vec<i64> {
        let edges = of["city"]["history"]["edges"].as_array().unwrap().iter();
        edges.map(|it| it["node"]["recordVersion"].as_i64().unwrap()).collect()
    };
    assert_eq!((versions(&first), versions(&second)), (vec![6, 5, 4, 3], vec![2, 1]));
    assert_eq!(second["city"]["history"]["pageInfo"]["hasNextPage"], false);
}

/// A text of a third party, and a translation of it.
fn text() -> World {
    let mut world = World::new();
    let names = json!([{ "lang": "en", "value": "d" }]);
    let document =
        world.add("Document", json!({ "slug": "d", "names": names, "inLanguage": "en" }));
    let version = world.add(
        "DocumentVersion",
        json!({
            "document": document, "text": "secret", "mediaType": "text/plain",
            "sha256": "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
        }),
    );
    let span = json!({ "charStart": 0, "charEnd": 6, "byteStart": 0, "byteEnd": 6 });
    let passage = world.add(
        "Passage",
        json!({ "documentVersion": version, "anchor": "p1", "text": "secret", "span": span }),
    );
    world.next_day();
    let translation = json!([{ "lang": "vi", "value": "secret too" }]);
    world.change(&passage, json!({ "translation": translation }));
    world
}

async fn full_texts_are_told_only_where_they_are_served(database: TestDatabase) {
    let app = TestApp::on(database).await;
    text().write(&app).await;
    let query = "{ changes { nodes { type data diff { path before after } } } }";

    let hidden = app.data(query, json!({})).await;

    let nodes = hidden["changes"]["nodes"].as_array().unwrap();
    assert!(!hidden.to_string().contains("secret"), "{hidden}");
    assert_eq!(nodes[1]["data"]["text"], Json::Null);
    assert_eq!(nodes[1]["data"]["mediaType"], "text/plain");
    let expected = json!([{ "path": ["translation"], "before": null, "after": null }]);
    assert_eq!(nodes[3]["diff"], expected);

    let (config, db) = (Config { serve_full_text: true, ..Config::default() }, app.db.clone());
    let open = culturegraph::server::router(culturegraph::server::App::new(config, db));
    let request = axum::http::Request::post("/graphql").header("content-type", "application/json");
    let body = json!({ "query": query }).to_string();
    let shown = crate::app::send(&open, request.body(body.into()).unwrap()).await.json();
    let nodes = &shown["data"]["changes"]["nodes"];
    assert_eq!(
        (&nodes[1]["data"]["text"], &nodes[2]["data"]["text"]),
        (&json!("secret"), &json!("secret"))
    );
    let translation = json!([{ "lang": "vi", "value": "secret too" }]);
    let expected = json!([{ "path": ["translation"], "before": null, "after": translation }]);
    assert_eq!(nodes[3]["diff"], expected);
}

async fn who_wrote_is_told_to_callers_with_a_key_alone(app: TestApp) {
    write(&app.db, "", vec![create("City", "hue", json!({}))]).await;
    for (query, path) in [
        ("{ changes { nodes { author { kind name } } } }", json!(["changes", "nodes", "author"])),
        (
            "{ changes { edges { node { changeset { by: author { name } } } } } }",
            json!(["changes", "edges", "node", "changeset", "by"]),
        ),
        (
            r#"{ city(by: { slug: "hue" }) { revision(version: 1) { author { name } } } }"#,
            json!(["city", "revision", "author"]),
        ),
    ] {
        let answer = app.query(query, json!({})).await;

        let error = &answer["errors"][0];
        assert_eq!(
            (&error["extensions"]["code"], &error["path"]),
            (&json!("UNAUTHENTICATED"), &path)
        );
        assert!(!answer.to_string().contains("writer"));
    }
}

async fn who_wrote_is_told_to_those_who_may_know(app: TestApp) {
    write(&app.db, "", vec![create("Organization", "unesco", json!({}))]).await;
    let of = "UPDATE changeset SET actor_kind = 'KEY', author = 'importer', organization_id = \
              (SELECT id FROM organization)";
    app.db.writer.execute_unprepared(of).await.unwrap();
    let query = "{ changes { nodes {
        author { kind name organization { slug } } changeset { author { name } }
    } } }";

    let (told, errors) = asked_by(&app, &[Scope::Read], query).await;

    assert_eq!(errors, Vec::<String>::new());
    let author = json!({ "kind": "KEY", "name": "importer", "organization": { "slug": "unesco" } });
    let node = json!({ "author": author, "changeset": { "author": { "name": "importer" } } });
    assert_eq!(told["changes"]["nodes"], json!([node]));
    let (_, errors) = asked_by(&app, &[Scope::Write, Scope::Publish], query).await;
    assert_eq!(errors.len(), 1);
    assert!(errors[0].contains("FORBIDDEN"), "{errors:?}");
}

/// What a query gives to a caller with a key of these scopes, and its errors.
async fn asked_by(app: &TestApp, scopes: &[Scope], query: &str) -> (Json, Vec<String>) {
    let caller = caller("", scopes);
    let reading = Reading { caller, max_bytes: 1_000_000, ..Reading::default() };
    let reader =
        Reader::new(app.db.reads.session(), app.db.reader.clone(), reading, Arc::default());
    let document = parse_query(query).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    let variables = Variables::default();
    let ask = Ask::new(&document.fragments, &operation.node, &variables, &reader.reading);

    let (data, errors) = root::execute(&reader, &ask).await.expect("it does not ask of the schema");

    let mut bytes = Vec::new();
    record::json::value(&mut bytes, &data);
    let errors = errors.iter().map(|error| format!("{:?}", error.extensions)).collect();
    (serde_json::from_slice(&bytes).unwrap(), errors)
}

async fn positions_that_are_none_are_refused(app: TestApp) {
    write(&app.db, "", vec![create("City", "hue", json!({}))]).await;
    for (after, code) in [
        ("", "CURSOR_INVALID"),
        ("1", "CURSOR_INVALID"),
        ("-000000000000001", "CURSOR_INVALID"),
        ("99999999999999999", "CURSOR_INVALID"),
        ("0000000000000002", "POSITION_UNKNOWN"),
        ("9999999999999999", "POSITION_UNKNOWN"),
    ] {
        for fields in ["nodes { id }", "position", "totalCount", "pageInfo { endCursor }"] {
            let query = format!("{{ changes(after: {after:?}) {{ {fields} }} }}");
            let answer = app.query(&query, json!({})).await;

            let error = &answer["errors"][0];
            assert_eq!(
                (&error["extensions"]["code"], &error["path"]),
                (&json!(code), &json!(["changes"])),
                "{query}"
            );
            let message = error["message"].as_str().unwrap();
            if code == "CURSOR_INVALID" {
                assert!(
                    message.contains("`position`") && message.contains("16 digits"),
                    "{message}"
                );
            }
        }
    }
    for after in [feed::shown(0), feed::shown(1)] {
        app.data(
            "query ($after: String) { changes(after: $after) { position } }",
            json!({ "after": after }),
        )
        .await;
    }
}

async fn followers_read_the_entries(app: TestApp) {
    assert_eq!(feed::newest(&app.db.reader).await.unwrap(), 0);
    let cities = ["hue", "other"].map(|key| create("City", key, json!({})));
    write(&app.db, "", cities.into()).await;
    merge(&app.db, "City", "other", "hue").await;

    let entries = feed::after(&app.db.reader, 1, 10).await.unwrap();

    assert_eq!(feed::newest(&app.db.reader).await.unwrap(), 4);
    let told = |entry: &feed::Entry| {
        let slug = entry.fields.as_ref().and_then(|it| it["slug"].as_str().map(str::to_owned));
        (entry.position, entry.operation.clone(), entry.version, entry.public_id.clone(), slug)
    };
    let other = id("City", "other");
    let expected = [
        (2, "CREATE".to_owned(), 1, other.clone(), Some("other".to_owned())),
        (3, "MERGE".to_owned(), 2, other, None),
        (4, "UPDATE".to_owned(), 2, id("City", "hue"), Some("hue".to_owned())),
    ];
    assert_eq!(entries.iter().map(told).collect::<Vec<_>>(), expected);
    assert!(entries[1].merged_into_id.is_some());
    assert_eq!(feed::after(&app.db.reader, 0, 1).await.unwrap().len(), 1);
}
