//! What mutations refuse is told with its code and its place, all of it at once, and nothing of it is written.

use culturegraph::auth::Scope;
use serde_json::{Value as Json, json};

use crate::{
    app::{Author, TestApp},
    records_are_written::{APPLY, CREATE, DELETE, UPDATE, city, named},
};

on_both!(
    a_stale_version_tells_what_differs,
    all_mistakes_are_told_with_their_paths,
    of_many_mistakes_each_kind_is_told,
    what_is_stale_is_told_where_the_record_is_named,
    what_cannot_be_answered_is_not_written,
    an_organization_with_keys_stays,
    periods_of_a_membership_do_not_overlap,
    a_stored_text_stays_as_it_is,
    what_no_database_takes_is_a_mistake,
);

async fn a_stale_version_tells_what_differs(app: TestApp) {
    let author = Author::editor(&app).await;
    let id = city(&author, "Huế").await;
    let input = json!({ "timeZone": "A" });
    author.write(UPDATE, json!({ "id": id, "version": 1, "input": input })).await;

    let input = json!({ "timeZone": "B", "areaKm2": 5 });
    let answer = author.data(UPDATE, json!({ "id": id, "version": 1, "input": input })).await;

    let payload = &answer["updateCity"];
    assert_eq!((&payload["city"], &payload["changeset"]), (&Json::Null, &Json::Null));
    let error = &payload["userErrors"][0];
    assert_eq!(error["code"], "STALE_VERSION");
    assert_eq!(error["path"], json!(["input", "timeZone"]));
    let conflict = json!({ "base": null, "current": "A", "proposed": "B" });
    assert_eq!(error["conflict"], conflict);
    assert_eq!(payload["userErrors"].as_array().unwrap().len(), 1);
}

async fn all_mistakes_are_told_with_their_paths(app: TestApp) {
    let author = Author::editor(&app).await;
    city(&author, "Huế").await;
    let operations = json!([
        { "create": { "key": "a", "record": { "city": {
            "names": named("Một"), "slug": "hue", "areaKm2": -1, "country": { "id": "country_1" },
            "geo": { "latitude": 91, "longitude": 0 },
            "citations": [
                { "source": { "place": { "document": { "key": "book" }, "excerpt": "a".repeat(301) } } },
                { "source": { "address": { "url": "book" } } },
            ],
        } } } },
        { "create": { "key": "a", "record": { "city": { "names": named("Hai") } } } },
        { "update": { "record": { "key": "nothing" }, "expectedVersion": 1,
            "changes": { "city": { "timeZone": "A" } } } },
        { "cite": { "subject": { "id": "city_1" }, "citations": [
            { "source": { "place": { "document": { "key": "nothing" } } } },
        ] } },
        { "link": { "from": { "id": "doc_1" }, "link": { "relation": "ABOUT", "to": { "key": "a" } } } },
        { "create": { "key": "book", "record": { "document": { "names": named("Sách"), "inLanguage": "vi" } } } },
    ]);

    let mistakes = author.mistakes(APPLY, json!({ "operations": operations })).await;

    let expected = [
        ("0.create.record.city.areaKm2", "FORMAT_INVALID"),
        ("0.create.record.city.citations.0.source.place.excerpt", "FORMAT_INVALID"),
        ("0.create.record.city.citations.1.source.address.url", "FORMAT_INVALID"),
        ("0.create.record.city.country", "NOT_FOUND"),
        ("0.create.record.city.geo", "FORMAT_INVALID"),
        ("0.create.record.city.slug", "TAKEN"),
        ("1.create.key", "TAKEN"),
        ("2.update.record.key", "NOT_FOUND"),
        ("3.cite.citations.0.source.place.document.key", "NOT_FOUND"),
        ("3.cite.subject", "NOT_FOUND"),
        ("4.link.from", "NOT_FOUND"),
    ];
    let expected =
        expected.map(|(path, code)| (format!("input.operations.{path}"), code.to_owned()));
    assert_eq!(mistakes, expected);
    let count = author.data("{ cities { totalCount } changes { totalCount } }", json!({})).await;
    assert_eq!(count["cities"]["totalCount"], 1);
}

async fn of_many_mistakes_each_kind_is_told(app: TestApp) {
    let author = Author::editor(&app).await;
    let wrong = json!({ "names": named("A"), "areaKm2": -1, "population": -1, "timeZone": "none" });
    let mut operations = vec![json!({ "create": { "record": { "city": wrong } } }); 40];
    operations.push(json!({ "delete": { "record": { "id": "city_1" }, "expectedVersion": 1 } }));

    let mistakes = author.mistakes(APPLY, json!({ "operations": operations })).await;

    let codes = |code: &str| mistakes.iter().filter(|(_, it)| it == code).count();
    assert_eq!((mistakes.len(), codes("FORMAT_INVALID"), codes("NOT_FOUND")), (101, 99, 1));
    assert_eq!(mistakes[0], (String::new(), "TOO_MANY".to_owned()));
}

async fn what_is_stale_is_told_where_the_record_is_named(app: TestApp) {
    let author = Author::editor(&app).await;
    let id = city(&author, "Huế").await;
    let change = |version: i64, zone: &str| json!({ "id": id, "version": version, "input": { "timeZone": zone } });
    author.write(UPDATE, change(1, "A")).await;
    author.write(UPDATE, change(2, "B")).await;
    let stale = |path: &str| [(path.to_owned(), "STALE_VERSION".to_owned())];

    let update =
        json!({ "id": id, "version": 1, "input": { "timeZone": "no zone", "areaKm2": -1 } });
    let expected = [
        ("input.areaKm2", "FORMAT_INVALID"),
        ("input.timeZone", "FORMAT_INVALID"),
        ("input.timeZone", "STALE_VERSION"),
    ];
    let expected = expected.map(|(path, code)| (path.to_owned(), code.to_owned()));
    assert_eq!(author.mistakes(UPDATE, update).await, expected);
    let delete = json!({ "id": id, "version": 1, "policy": "REFUSE" });
    assert_eq!(author.mistakes(DELETE, delete).await, stale("id"));
    let restore = "mutation ($id: ID!) { restoreRecord(id: $id, version: 1, expectedVersion: 2) {
        userErrors { code path message } } }";
    assert_eq!(author.mistakes(restore, json!({ "id": id })).await, stale("version"));
    let redact =
        "mutation ($id: ID!) { redactRecord(id: $id, field: \"timeZone\", expectedVersion: 2) {
        userErrors { code path message } } }";
    assert_eq!(author.mistakes(redact, json!({ "id": id })).await, stale("id"));
    let other = city(&author, "Vinh").await;
    let record = json!({ "id": id });
    for (operation, path) in [
        (json!({ "delete": { "record": record, "expectedVersion": 1 } }), "delete.record"),
        (
            json!({ "merge": { "into": { "id": other }, "expectedVersion": 1, "from": record, "fromVersion": 1 } }),
            "merge.from",
        ),
        (
            json!({ "merge": { "into": record, "expectedVersion": 1, "from": { "id": other }, "fromVersion": 1 } }),
            "merge.into",
        ),
    ] {
        let mistakes = author.mistakes(APPLY, json!({ "operations": [operation] })).await;
        assert_eq!(mistakes, stale(&format!("input.operations.0.{path}")));
    }
}

async fn what_cannot_be_answered_is_not_written(app: TestApp) {
    let author = Author::editor(&app).await;
    let create = |field: &str, answer: &str| {
        format!("mutation {{ {field} {{ {answer} userErrors {{ code }} }} }}")
    };
    let input = r#"input: { names: [{ lang: "vi", value: "Huế" }] }"#;
    let wrong = "claims(first: 0) { nodes { id } }";
    let one = r#"operations: [{ create: { key: "a", record: { city: { names: [{ lang: "vi", value: "Huế" }] } } } }]"#;
    for query in [
        create(&format!("createCity({input})"), &format!("city {{ {wrong} }}")),
        create(
            &format!("createCity({input})"),
            "changeset { changes(first: -1) { nodes { id } } }",
        ),
        create(
            &format!("applyChangeset(input: {{ {one} }})"),
            &format!("records {{ record {{ ... on City {{ {wrong} }} }} }}"),
        ),
    ] {
        let answer = author.post(&query, json!({})).await;
        assert_eq!(answer.code(), "PAGE_INVALID", "{query} {}", answer.text());
    }
    let read = author.data("{ cities { totalCount } }", json!({})).await;
    assert_eq!(read["cities"]["totalCount"], 0);
}

async fn what_no_database_takes_is_a_mistake(app: TestApp) {
    let author = Author::editor(&app).await;
    let nul = "a\u{0}b";
    let by = [
        json!({ "id": nul }),
        json!({ "identifier": { "scheme": "A", "value": nul } }),
        json!({ "key": nul }),
    ];
    for record in by {
        let cited = json!([{ "source": { "place": { "document": record } } }]);
        let operations = json!([
            { "update": { "record": record, "expectedVersion": 1, "changes": { "city": { "timeZone": nul } } } },
            { "delete": { "record": record, "expectedVersion": 1 } },
            { "merge": { "into": record, "expectedVersion": 1, "from": record, "fromVersion": 1 } },
            { "link": { "from": record, "link": { "relation": "ABOUT", "to": record } } },
            { "cite": { "subject": record, "citations": cited } },
            { "create": { "key": "b", "record": { "city": {
                "names": named(nul), "slug": nul, "country": record, "timeZone": nul,
                "identifiers": [{ "scheme": nul, "value": nul }], "citations": cited,
            } } } },
        ]);
        assert!(!author.mistakes(APPLY, json!({ "operations": operations })).await.is_empty());
        for operation in operations.as_array().unwrap() {
            let mistakes = author.mistakes(APPLY, json!({ "operations": [operation] })).await;
            assert!(!mistakes.is_empty(), "{operation}");
        }
    }
    let source = json!([{ "source": { "address": { "url": "https://example.org/\u{0}", "excerpt": nul } } }]);
    let input = json!({ "names": named("A"), "citations": source });
    assert!(!author.mistakes(CREATE, json!({ "input": input })).await.is_empty());
    for mutation in [
        "restoreRecord(id: $nul, expectedVersion: 1, version: 1)",
        "redactRecord(id: $nul, expectedVersion: 1, field: $nul)",
        "deleteCity(id: $nul, expectedVersion: 1)",
        "createCity(input: { names: [{ lang: \"vi\", value: \"A\" }] }, change: { comment: $comment })",
    ] {
        let query = format!(
            "mutation ($nul: ID, $comment: String) {{ {mutation} {{ userErrors {{ code path }} }} }}"
        );
        let query = match mutation.contains("comment") {
            true => query.replace("$nul: ID, ", ""),
            false => query.replace("($nul: ID, $comment: String)", "($nul: ID!)"),
        };
        let query = query.replace("field: $nul", "field: \"names\"");
        let variables = match mutation.contains("comment") {
            true => json!({ "comment": nul }),
            false => json!({ "nul": nul }),
        };
        assert!(!author.mistakes(&query, variables).await.is_empty(), "{mutation}");
    }
}

async fn an_organization_with_keys_stays(app: TestApp) {
    let author = Author::editor(&app).await;
    let make = "mutation ($name: String!) { createOrganization(input: { names: [{ lang: \"en\", value: $name }] }) {
        organization { id } userErrors { code path message } } }";
    let [one, two] = ["one", "two"];
    let mut ids = Vec::new();
    for name in [one, two] {
        let made = author.write(make, json!({ "name": name })).await;
        ids.push(made["organization"]["id"].as_str().unwrap().to_owned());
    }
    let partner = Author::of(&app, one, &[Scope::Read, Scope::Write]).await;
    let delete = "mutation ($id: ID!) { deleteOrganization(id: $id, expectedVersion: 1) {
        deletedId userErrors { code path message } } }";
    let merge = "mutation ($id: ID!, $from: ID!) {
        mergeOrganizations(id: $id, expectedVersion: 1, from: $from, fromVersion: 1) {
            organization { id } userErrors { code path message } } }";

    let refused = author.mistakes(delete, json!({ "id": ids[0] })).await;
    author.write(merge, json!({ "id": ids[1], "from": ids[0] })).await;

    assert_eq!(refused, [("id".to_owned(), "IN_USE".to_owned())]);
    // Its keys are those of the one that took its place.
    let viewer = partner.data("{ viewer { organization { id } } }", json!({})).await;
    assert_eq!(viewer["viewer"]["organization"]["id"], ids[1]);
}

async fn periods_of_a_membership_do_not_overlap(app: TestApp) {
    let author = Author::editor(&app).await;
    let period = |start: &str, end: Json| {
        json!({ "create": { "record": { "fieldPeriod": {
            "membership": { "key": "m" }, "field": { "key": "t" }, "startDate": start, "endDate": end,
        } } } })
    };
    let operations = |first: Json, second: Json| {
        json!({ "operations": [
            { "create": { "key": "c", "record": { "city": { "names": named("Lyon") } } } },
            { "create": { "key": "n", "record": { "network": { "names": named("UCCN") } } } },
            { "create": { "key": "v", "record": { "vocabulary": { "names": named("Lĩnh vực") } } } },
            { "create": { "key": "t", "record": { "term": {
                "names": named("Thiết kế"), "vocabulary": { "key": "v" }, "notation": "design", "listPosition": 1,
            } } } },
            { "create": { "key": "m", "record": { "membership": {
                "names": named("Lyon UCCN"), "city": { "key": "c" }, "network": { "key": "n" },
            } } } },
            first, second,
        ] })
    };

    let both = operations(period("2008", Json::Null), period("2019", Json::Null));
    let overlap = author.mistakes(APPLY, both).await;
    author
        .write(APPLY, operations(period("2008", json!("2023")), period("2023", Json::Null)))
        .await;

    let at = "input.operations.6.create.record.fieldPeriod.startDate".to_owned();
    assert_eq!(overlap, [(at, "OVERLAP".to_owned())]);
}

async fn a_stored_text_stays_as_it_is(app: TestApp) {
    let author = Author::editor(&app).await;
    let update = "mutation { applyChangeset(input: { operations: [{ update: {
        record: { id: \"version_1\" }, expectedVersion: 1, changes: { documentVersion: { text: \"a\" } }
    } }] }) { userErrors { code } } }";

    let answer = author.post(update, json!({})).await;

    assert_eq!(answer.code(), "DOCUMENT_INVALID", "{}", answer.text());
}
