//! Records are made, changed, put together and deleted by mutations, one by one and in changesets.
//! What is refused has a file of its own, `records_are_refused`.

use futures_util::future::join_all;
use serde_json::{Value as Json, json};

use crate::app::{Author, TestApp, replay::replayed};

on_both!(
    a_record_is_made_changed_and_deleted,
    many_of_one_name_have_slugs_of_their_own,
    a_name_without_letters_has_a_slug,
    a_changeset_makes_records_that_refer_to_each_other,
    what_points_to_a_record_holds_it_or_goes_along,
    links_of_merged_records_are_those_of_the_changeset,
    names_in_a_document_go_with_it,
    two_records_become_one,
    a_quote_is_found_in_the_stored_text,
    a_page_on_the_web_becomes_a_document,
    an_earlier_version_comes_back,
    what_is_the_same_is_no_change,
    old_slugs_lead_on,
);

pub(crate) const CREATE: &str = "mutation ($input: CreateCityInput!) {
    createCity(input: $input, change: { comment: \"it is new\" }) {
        city { id slug version name(lang: \"vi\") names { lang value } timeZone }
        changeset { position comment changes { totalCount } }
        userErrors { code path message conflict { base current proposed } }
    }
}";
pub(crate) const UPDATE: &str = "mutation ($id: ID!, $version: Int!, $input: UpdateCityInput!) {
    updateCity(id: $id, expectedVersion: $version, input: $input) {
        city { version names { lang value } timeZone }
        changeset { position }
        userErrors { code path message conflict { base current proposed } }
    }
}";
pub(crate) const DELETE: &str = "mutation ($id: ID!, $version: Int!, $policy: DeletePolicy!) {
    deleteCity(id: $id, expectedVersion: $version, policy: $policy) {
        deletedId changeset { position } userErrors { code path message }
    }
}";
pub(crate) const APPLY: &str = "mutation ($operations: [OperationInput!]!) {
    applyChangeset(input: { operations: $operations }) {
        records { key id record { id __typename } }
        changeset { position changes { totalCount } }
        userErrors { code path message }
    }
}";

pub(crate) fn named(name: &str) -> Json {
    json!([{ "lang": "vi", "value": name }])
}

pub(crate) async fn city(author: &Author<'_>, name: &str) -> String {
    let payload = author.write(CREATE, json!({ "input": { "names": named(name) } })).await;
    payload["city"]["id"].as_str().unwrap().to_owned()
}

/// The ids of the records that a changeset made, by their keys.
fn ids(payload: &Json) -> impl Fn(&str) -> String + use<> {
    let records = payload["records"].as_array().unwrap().clone();
    move |key| {
        let record = records.iter().find(|it| it["key"] == key).expect("there is such a key");
        assert_eq!(record["id"], record["record"]["id"]);
        record["id"].as_str().unwrap().to_owned()
    }
}

async fn a_record_is_made_changed_and_deleted(app: TestApp) {
    let author = Author::editor(&app).await;
    let input = json!({ "names": named("Hà Nội"), "timeZone": "Asia/Ho_Chi_Minh" });
    let made = author.write(CREATE, json!({ "input": input })).await;
    let id = &made["city"]["id"];
    assert_eq!((&made["city"]["slug"], &made["city"]["version"]), (&json!("ha-noi"), &json!(1)));
    assert_eq!(made["changeset"]["comment"], "it is new");
    assert_eq!(made["changeset"]["changes"]["totalCount"], 1);

    // An absent field stays, null clears, and so it is with languages.
    let input = json!({ "names": [{ "lang": "en", "value": "Hanoi" }] });
    let changed = author.write(UPDATE, json!({ "id": id, "version": 1, "input": input })).await;
    let names = json!([{ "lang": "en", "value": "Hanoi" }, { "lang": "vi", "value": "Hà Nội" }]);
    assert_eq!(changed["city"]["names"], names);
    assert_eq!(changed["city"]["timeZone"], "Asia/Ho_Chi_Minh");
    let input = json!({ "names": [{ "lang": "vi", "value": null }], "timeZone": null });
    let changed = author.write(UPDATE, json!({ "id": id, "version": 2, "input": input })).await;
    let names = json!([{ "lang": "en", "value": "Hanoi" }]);
    let expected = json!({ "version": 3, "names": names, "timeZone": null });
    assert_eq!(changed["city"], expected);

    let delete = json!({ "id": id, "version": 3, "policy": "REFUSE" });
    assert_eq!(author.write(DELETE, delete).await["deletedId"], *id);
    let query = "query ($id: ID!) { city(by: { id: $id }) { id } node(id: $id) { id } cities { totalCount } }";
    let gone = author.data(query, json!({ "id": id })).await;
    assert_eq!(gone, json!({ "city": null, "node": null, "cities": { "totalCount": 0 } }));
    // The name is free again.
    city(&author, "Hà Nội").await;
}

async fn many_of_one_name_have_slugs_of_their_own(app: TestApp) {
    let author = Author::editor(&app).await;
    let many =
        (0..12).map(|_| author.write(CREATE, json!({ "input": { "names": named("Vinh") } })));
    let made = join_all(many).await;
    let mut slugs: Vec<&str> = made.iter().map(|it| it["city"]["slug"].as_str().unwrap()).collect();
    slugs.sort_unstable_by_key(|it| (it.len(), *it));
    let expected: Vec<String> =
        (1..=12).map(|n| if n == 1 { "vinh".to_owned() } else { format!("vinh-{n}") }).collect();
    assert_eq!(slugs, expected);
}

async fn a_name_without_letters_has_a_slug(app: TestApp) {
    let author = Author::editor(&app).await;
    let input = json!({ "names": [{ "lang": "ja", "value": "東京" }] });
    let made = author.write(CREATE, json!({ "input": input })).await;
    let id = made["city"]["id"].as_str().unwrap();
    assert_eq!(made["city"]["slug"], id.to_lowercase().replace('_', "-"));
}

async fn a_changeset_makes_records_that_refer_to_each_other(app: TestApp) {
    let author = Author::editor(&app).await;
    let operations = json!([
        { "create": { "key": "city", "record": { "city": { "names": named("Đà Lạt") } } } },
        { "create": { "key": "body", "record": { "organization": {
            "names": named("UBND"), "jurisdiction": { "key": "city" },
        } } } },
        { "create": { "key": "office", "record": { "position": {
            "names": named("Chủ tịch"), "organization": { "key": "body" },
        } } } },
        { "create": { "key": "person", "record": { "person": { "names": named("Nguyễn Văn A") } } } },
        { "create": { "key": "held", "record": { "officeHolding": {
            "person": { "key": "person" }, "position": { "key": "office" }, "startDate": "2021", "endKind": "OPEN",
        } } } },
        { "create": { "key": "plan", "record": { "initiative": {
            "names": named("Không gian"), "city": { "key": "city" },
            "links": [{ "relation": "ADDRESSES", "to": { "key": "need" } }],
        } } } },
        { "create": { "key": "need", "record": { "challenge": {
            "names": named("Thiếu"), "city": { "key": "city" },
        } } } },
        { "link": { "key": "led", "from": { "key": "plan" },
            "link": { "relation": "LED_BY", "to": { "key": "body" } } } },
    ]);

    let payload = author.write(APPLY, json!({ "operations": operations })).await;

    let id = ids(&payload);
    assert_eq!(payload["changeset"]["changes"]["totalCount"], 9);
    let query = "query ($id: ID!) { city(by: { id: $id }) {
        officials { nodes { name } }
        initiatives { nodes { id challenges { nodes { id } } leadOrganizations { nodes { id } } } }
    } }";
    let read = author.data(query, json!({ "id": id("city") })).await;
    let expected = json!({
        "officials": { "nodes": [{ "name": "Nguyễn Văn A" }] },
        "initiatives": { "nodes": [{
            "id": id("plan"),
            "challenges": { "nodes": [{ "id": id("need") }] },
            "leadOrganizations": { "nodes": [{ "id": id("body") }] },
        }] },
    });
    assert_eq!(read["city"], expected);

    let unlink = json!([{ "unlink": { "record": { "id": id("led") }, "expectedVersion": 1 } }]);
    author.write(APPLY, json!({ "operations": unlink })).await;
    let wrong = json!([{ "unlink": { "record": { "id": id("city") }, "expectedVersion": 1 } }]);
    let wrong = author.mistakes(APPLY, json!({ "operations": wrong })).await;
    assert_eq!(wrong, [("input.operations.0.unlink.record".to_owned(), "NOT_FOUND".to_owned())]);
    let read = author.data(query, json!({ "id": id("city") })).await;
    assert_eq!(read["city"]["initiatives"]["nodes"][0]["leadOrganizations"]["nodes"], json!([]));
}

async fn what_points_to_a_record_holds_it_or_goes_along(app: TestApp) {
    let author = Author::editor(&app).await;
    let operations = json!([
        { "create": { "key": "city", "record": { "city": { "names": named("Vinh") } } } },
        { "create": { "key": "plan", "record": { "initiative": {
            "names": named("Kế hoạch"), "city": { "key": "city" },
            "links": [{ "relation": "ADDRESSES", "to": { "key": "need" } }],
        } } } },
        { "create": { "key": "need", "record": { "challenge": {
            "names": named("Thiếu"), "city": { "key": "city" },
        } } } },
        { "create": { "key": "body", "record": { "organization": {
            "names": named("Hội"), "jurisdiction": { "key": "city" },
        } } } },
    ]);
    let payload = author.write(APPLY, json!({ "operations": operations })).await;
    let id = ids(&payload);
    let delete = |policy: &str| json!({ "id": id("city"), "version": 1, "policy": policy });

    let refused = author.mistakes(DELETE, delete("REFUSE")).await;
    author.write(DELETE, delete("CASCADE")).await;

    assert_eq!(refused, [("id".to_owned(), "IN_USE".to_owned())]);
    let left = author
        .data(
            "{ cities { totalCount } initiatives { totalCount } challenges { totalCount } links { totalCount }
               organization(by: { slug: \"hoi\" }) { version jurisdiction { __typename } } }",
            json!({}),
        )
        .await;
    // What needs the city goes, with what is about it; the organization may be without.
    let none = json!({ "totalCount": 0 });
    let expected = json!({
        "cities": none, "initiatives": none, "challenges": none, "links": none,
        "organization": { "version": 2, "jurisdiction": null },
    });
    assert_eq!(left, expected);
}

async fn links_of_merged_records_are_those_of_the_changeset(app: TestApp) {
    let author = Author::editor(&app).await;
    let goal = |key: &str| {
        json!({ "create": { "key": key, "record": { "goal": {
            "names": named(key), "subject": { "key": "city" },
        } } } })
    };
    let link = |key: &str, from: &str, to: &str| {
        json!({ "link": { "key": key, "from": { "key": from }, "link": {
            "relation": "CONTRIBUTES_TO", "to": { "key": to },
        } } })
    };
    let city =
        json!({ "create": { "key": "city", "record": { "city": { "names": named("Huế") } } } });
    let merge = |id: &dyn Fn(&str) -> String, from: &str, into: &str| {
        json!({ "merge": {
            "into": { "id": id(into) }, "expectedVersion": 1, "from": { "id": id(from) }, "fromVersion": 1,
        } })
    };
    let operations = json!([
        city,
        goal("a"),
        goal("b"),
        goal("x"),
        goal("y"),
        link("ax", "a", "x"),
        link("bx", "b", "x"),
    ]);

    // The other link goes in the same changeset: this one stays.
    let id = ids(&author.write(APPLY, json!({ "operations": operations })).await);
    let unlink = json!({ "unlink": { "record": { "id": id("bx") }, "expectedVersion": 1 } });
    author.write(APPLY, json!({ "operations": [unlink, merge(&id, "a", "b")] })).await;
    let query = "query ($id: ID!) { goal(by: { id: $id }) { contributesTo { nodes { id } } } }";
    let left = author.data(query, json!({ "id": id("b") })).await;
    assert_eq!(left["goal"]["contributesTo"]["nodes"], json!([{ "id": id("x") }]));

    // Both ends become others: the two links say the same then.
    let id = ids(&author.write(APPLY, json!({ "operations": operations })).await);
    let merges = [merge(&id, "x", "y"), merge(&id, "a", "b")];
    author.write(APPLY, json!({ "operations": merges })).await;
    let left = author.data(query, json!({ "id": id("b") })).await;
    assert_eq!(left["goal"]["contributesTo"]["nodes"], json!([{ "id": id("y") }]));
    replayed(&app.db.writer, 50).await;
}

async fn names_in_a_document_go_with_it(app: TestApp) {
    let author = Author::editor(&app).await;
    let name =
        |value: &str, document: Json| json!({ "lang": "vi", "value": value, "document": document });
    let operations = json!([
        { "create": { "key": "one", "record": { "document": { "names": named("Một"), "inLanguage": "vi" } } } },
        { "create": { "key": "two", "record": { "document": { "names": named("Hai"), "inLanguage": "vi" } } } },
        { "create": { "key": "city", "record": { "city": { "names": named("Hà Nội"), "alternateNames": [
            name("Thủ đô", json!({ "key": "one" })), name("thành phố", json!({ "key": "two" })),
        ] } } } },
    ]);
    let id = ids(&author.write(APPLY, json!({ "operations": operations })).await);
    let delete = |key: &str, version: i64, policy: &str| json!([{ "delete": { "record": { "id": id(key) }, "expectedVersion": version, "policy": policy } }]);
    let mistakes =
        author.mistakes(APPLY, json!({ "operations": delete("one", 1, "REFUSE") })).await;
    assert_eq!(mistakes, [("input.operations.0.delete.record".to_owned(), "IN_USE".to_owned())]);

    author.write(APPLY, json!({ "operations": delete("one", 1, "CASCADE") })).await;

    let query = "query ($id: ID!) { city(by: { id: $id }) { version alternateNames(scope: [DOCUMENT]) { value documentId } } }";
    let city = author.data(query, json!({ "id": id("city") })).await;
    let names = json!([{ "value": "thành phố", "documentId": id("two") }]);
    assert_eq!(city["city"], json!({ "version": 2, "alternateNames": names }));
    // What is left can be written, and follows the document when that is merged.
    let operations = json!([
        { "create": { "key": "new", "record": { "document": { "names": named("Ba"), "inLanguage": "vi" } } } },
    ]);
    let new = ids(&author.write(APPLY, json!({ "operations": operations })).await)("new");
    let merge = json!([{ "merge": {
        "into": { "id": new }, "expectedVersion": 1, "from": { "id": id("two") }, "fromVersion": 1,
    } }]);
    author.write(APPLY, json!({ "operations": merge })).await;
    let update = json!({ "id": id("city"), "version": 3, "input": { "areaKm2": 3 } });
    author.write(UPDATE, update).await;
    let city = author.data(query, json!({ "id": id("city") })).await;
    assert_eq!(city["city"]["alternateNames"][0]["documentId"], new);
    replayed(&app.db.writer, 50).await;
}

async fn two_records_become_one(app: TestApp) {
    let author = Author::editor(&app).await;
    let operations = json!([
        { "create": { "key": "stays", "record": { "city": {
            "names": named("Huế"), "timeZone": "Asia/Ho_Chi_Minh",
        } } } },
        { "create": { "key": "goes", "record": { "city": {
            "names": named("Phú Xuân"), "areaKm2": 266, "slug": "phu-xuan",
            "identifiers": [{ "scheme": "GEONAMES", "value": "1580240" }],
        } } } },
        { "create": { "key": "need", "record": { "challenge": { "names": named("Lũ"), "city": { "key": "goes" } } } } },
        { "create": { "key": "a", "record": { "initiative": {
            "names": named("Một"), "city": { "key": "goes" },
        } } } },
        { "create": { "key": "doc", "record": { "document": {
            "names": named("Sách"), "inLanguage": "vi",
            "links": [
                { "relation": "ABOUT", "to": { "key": "stays" } },
                { "relation": "ABOUT", "to": { "key": "goes" } },
            ],
        } } } },
    ]);
    let payload = author.write(APPLY, json!({ "operations": operations })).await;
    let id = ids(&payload);
    let merge = "mutation ($id: ID!, $from: ID!, $version: Int!) {
        mergeCities(id: $id, expectedVersion: 1, from: $from, fromVersion: $version) {
            city { id version areaKm2 timeZone alternateNames { value } identifiers { value }
                challenges { nodes { id } } initiatives { nodes { id } } }
            userErrors { code path message }
        }
    }";
    let pair = |version| json!({ "id": id("stays"), "from": id("goes"), "version": version });

    let stale = author.mistakes(merge, pair(7)).await;
    let merged = author.write(merge, pair(1)).await;

    assert_eq!(stale, [("from".to_owned(), "STALE_VERSION".to_owned())]);
    let expected = json!({
        "id": id("stays"), "version": 2, "areaKm2": 266, "timeZone": "Asia/Ho_Chi_Minh",
        "alternateNames": [{ "value": "Phú Xuân" }], "identifiers": [{ "value": "1580240" }],
        "challenges": { "nodes": [{ "id": id("need") }] }, "initiatives": { "nodes": [{ "id": id("a") }] },
    });
    assert_eq!(merged["city"], expected);
    // All that led to the one leads to the other, and two links that say the same are one.
    let query = "query ($from: ID!) {
        byId: city(by: { id: $from }) { slug } bySlug: city(by: { slug: \"phu-xuan\" }) { slug }
        node(id: $from) { id } links { totalCount }
        byIdentifier(scheme: \"GEONAMES\", values: [\"1580240\"]) { record { id } }
    }";
    let led = author.data(query, json!({ "from": id("goes") })).await;
    assert_eq!((&led["byId"]["slug"], &led["bySlug"]["slug"]), (&json!("hue"), &json!("hue")));
    assert_eq!(led["node"]["id"], id("stays"));
    assert_eq!(led["links"]["totalCount"], 1);
    assert_eq!(led["byIdentifier"][0]["record"]["id"], id("stays"));
    // A reference by the old id means the one that stayed.
    let create = json!([{ "create": { "key": "b", "record": { "initiative": {
        "names": named("Hai"), "city": { "id": id("goes") },
    } } } }]);
    author.write(APPLY, json!({ "operations": create })).await;
    let query = "query ($id: ID!) { city(by: { id: $id }) { initiatives { totalCount } } }";
    let read = author.data(query, json!({ "id": id("stays") })).await;
    assert_eq!(read["city"]["initiatives"]["totalCount"], 2);
    // What is done to the one that went is not done to the one that stayed.
    let gone = json!({ "id": id("goes") });
    let done = [
        json!({ "update": { "record": gone, "expectedVersion": 2, "changes": { "city": { "areaKm2": 1 } } } }),
        json!({ "delete": { "record": gone, "expectedVersion": 2 } }),
        json!({ "merge": { "into": gone, "expectedVersion": 2, "from": { "id": id("stays") }, "fromVersion": 2 } }),
    ];
    for (operation, place) in done.iter().zip(["update.record", "delete.record", "merge.into"]) {
        let mistakes = author.mistakes(APPLY, json!({ "operations": [operation] })).await;
        let path = format!("input.operations.0.{place}");
        assert_eq!(mistakes, [(path, "NOT_FOUND".to_owned())]);
    }
    let delete = json!({ "id": id("goes"), "version": 2, "policy": "CASCADE" });
    assert_eq!(author.mistakes(DELETE, delete).await, [("id".to_owned(), "NOT_FOUND".to_owned())]);
    let restore = "mutation ($id: ID!) { restoreRecord(id: $id, version: 1, expectedVersion: 2) {
        userErrors { code path message } } }";
    let mistakes = author.mistakes(restore, json!({ "id": id("goes") })).await;
    assert_eq!(mistakes, [("id".to_owned(), "NOT_FOUND".to_owned())]);
}

async fn a_quote_is_found_in_the_stored_text(app: TestApp) {
    let author = Author::editor(&app).await;
    let text = "Hà Nội là thành phố sáng tạo. Hà Nội 🎨 có nhiều không gian.";
    let operations = json!([
        { "create": { "key": "doc", "record": { "document": { "names": named("Báo"), "inLanguage": "vi" } } } },
        { "create": { "key": "text", "record": { "documentVersion": {
            "document": { "key": "doc" }, "text": text, "mediaType": "text/plain",
        } } } },
        { "create": { "key": "city", "record": { "city": {
            "names": named("Hà Nội"),
            "citations": [{ "source": { "quote": { "documentVersion": { "key": "text" }, "quote": "thành phố sáng tạo" } } }],
        } } } },
    ]);
    let payload = author.write(APPLY, json!({ "operations": operations })).await;
    let id = ids(&payload);
    let cite = |quote: &str, start: Option<i64>| {
        json!({ "operations": [{ "cite": { "subject": { "id": id("city") }, "citations": [{ "source": { "quote": {
            "documentVersion": { "id": id("text") }, "quote": quote, "charStart": start,
        } } }] } }] })
    };

    let twice = author.mistakes(APPLY, cite("Hà Nội", None)).await;
    let missing = author.mistakes(APPLY, cite("Hà Nôi", None)).await;
    author.write(APPLY, cite("Hà Nội 🎨 có", Some(30))).await;

    let at = "input.operations.0.cite.citations.0.source.quote.quote".to_owned();
    assert_eq!(twice, [(at.clone(), "QUOTE_MISMATCH".to_owned())]);
    assert_eq!(missing, [(at, "QUOTE_MISMATCH".to_owned())]);
    let query = "query ($id: ID!) { city(by: { id: $id }) { citations { nodes {
        quote span { charStart charEnd byteStart byteEnd } document { id } passage { documentVersion { id } }
    } } } }";
    let read = author.data(query, json!({ "id": id("city") })).await;
    let cited = |quote: &str| {
        let byte = text.find(quote).unwrap();
        let char = text[..byte].chars().count();
        json!({
            "quote": quote,
            "span": {
                "charStart": char, "charEnd": char + quote.chars().count(),
                "byteStart": byte, "byteEnd": byte + quote.len(),
            },
            "document": { "id": id("doc") }, "passage": { "documentVersion": { "id": id("text") } },
        })
    };
    let expected = json!([cited("thành phố sáng tạo"), cited("Hà Nội 🎨 có")]);
    assert_eq!(read["city"]["citations"]["nodes"], expected);
}

async fn a_page_on_the_web_becomes_a_document(app: TestApp) {
    let author = Author::editor(&app).await;
    let source = json!([{ "source": { "address": {
        "url": "https://example.org/a", "name": "Trang", "inLanguage": "vi", "excerpt": "8 triệu",
    } } }]);
    let create = |name: &str| json!({ "input": { "names": named(name), "population": 8, "citations": source } });

    let made = author.write(CREATE, create("Hà Nội")).await;
    author.write(CREATE, create("Huế")).await;

    let query = "query ($id: ID!) { documents { nodes { name url } } city(by: { id: $id }) {
        population citations { totalCount }
        claims { nodes { property valueText { value } citations { nodes { quote url } } } }
    } }";
    let read = author.data(query, json!({ "id": made["city"]["id"] })).await;
    let expected = json!({
        "documents": { "nodes": [{ "name": "Trang", "url": "https://example.org/a" }] },
        "city": {
            "population": 8, "citations": { "totalCount": 0 },
            "claims": { "nodes": [{
                "property": "POPULATION", "valueText": { "value": "8" },
                "citations": { "nodes": [{ "quote": "8 triệu", "url": "https://example.org/a" }] },
            }] },
        },
    });
    assert_eq!(read, expected);
}

async fn an_earlier_version_comes_back(app: TestApp) {
    let author = Author::editor(&app).await;
    let id = city(&author, "Huế").await;
    for (version, input) in [
        (1, json!({ "timeZone": "A", "names": [{ "lang": "en", "value": "Hue" }] })),
        (2, json!({ "timeZone": null, "areaKm2": 5 })),
    ] {
        author.write(UPDATE, json!({ "id": id, "version": version, "input": input })).await;
    }
    let restore = "mutation ($id: ID!, $version: Int!) {
        restoreRecord(id: $id, expectedVersion: 3, version: $version) {
            record { ... on City { version timeZone areaKm2 names { lang } } }
            userErrors { code path }
        }
    }";

    let missing = author.mistakes(restore, json!({ "id": id, "version": 9 })).await;
    let restored = author.write(restore, json!({ "id": id, "version": 2 })).await;

    assert_eq!(missing, [("version".to_owned(), "NOT_FOUND".to_owned())]);
    let names = json!([{ "lang": "en" }, { "lang": "vi" }]);
    let expected = json!({ "version": 4, "timeZone": "A", "areaKm2": null, "names": names });
    assert_eq!(restored["record"], expected);
}

async fn what_is_the_same_is_no_change(app: TestApp) {
    let author = Author::editor(&app).await;
    let id = city(&author, "Huế").await;
    let before = author.data("{ changes { totalCount } }", json!({})).await;

    let input = json!({ "names": named("Huế"), "timeZone": null });
    let payload = author.write(UPDATE, json!({ "id": id, "version": 1, "input": input })).await;

    assert_eq!((&payload["city"]["version"], &payload["changeset"]), (&json!(1), &Json::Null));
    assert_eq!(author.data("{ changes { totalCount } }", json!({})).await, before);
}

async fn old_slugs_lead_on(app: TestApp) {
    let author = Author::editor(&app).await;
    let id = city(&author, "Huế").await;
    let input = json!({ "slug": "co-do-hue" });
    author.write(UPDATE, json!({ "id": id, "version": 1, "input": input })).await;

    let query = "{ city(by: { slug: \"hue\" }) { id slug } }";
    let read = author.data(query, json!({})).await;
    assert_eq!(read["city"], json!({ "id": id, "slug": "co-do-hue" }));
    // It is not free for others, who get another one.
    let made = author.write(CREATE, json!({ "input": { "names": named("Huế") } })).await;
    assert_eq!(made["city"]["slug"], "hue-2");
    let data = author.data("{ changes { nodes { data } } }", json!({})).await;
    let changes = data["changes"]["nodes"].as_array().unwrap();
    assert!(changes.iter().any(|it| it["data"]["formerSlugs"] == json!(["hue"])), "{data}");
}
