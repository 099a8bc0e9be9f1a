//! What is written makes sense: addresses that can be followed, codes of their form, times in their order, links that fit.

use serde_json::{Value as Json, json};

use crate::app::{Author, TestApp};

on_both!(
    addresses_are_of_pages,
    codes_have_their_form,
    what_ends_has_begun,
    links_fit_their_ends,
    records_do_not_refer_to_themselves,
);

const APPLY: &str = "mutation ($operations: [OperationInput!]!) {
    applyChangeset(input: { operations: $operations }) {
        records { key id } changeset { position } userErrors { code path message }
    }
}";

fn create(one: &str, mut fields: Json) -> Json {
    fields["names"] = json!([{ "lang": "en", "value": format!("A {one}") }]);
    json!({ "create": { "key": one, "record": { one: fields } } })
}

/// What is wrong in one record of a changeset: places below it, with their codes.
async fn wrong(author: &Author<'_>, one: &str, fields: Json) -> Vec<(String, String)> {
    let operations = json!([create(one, fields)]);
    let mistakes = author.mistakes(APPLY, json!({ "operations": operations })).await;
    let place = format!("input.operations.0.create.record.{one}.");
    mistakes.into_iter().map(|(path, code)| (path.replace(&place, ""), code)).collect()
}

fn format_of(path: &str) -> Vec<(String, String)> {
    vec![(path.to_owned(), "FORMAT_INVALID".to_owned())]
}

async fn addresses_are_of_pages(app: TestApp) {
    let author = Author::editor(&app).await;
    let long = format!("https://example.org/{}", "a".repeat(2_000));
    let unsafe_ones = [
        "javascript:alert(1)",
        "ftp://example.org/a",
        "data:text/html,<script>",
        "/a/path",
        "example.org",
        "https://",
        "https://user:word@example.org/",
        "https://example.org/a b",
        " https://example.org/",
        "java\nscript:alert(1)",
        &long,
    ];
    for address in unsafe_ones {
        let fields = json!({ "url": address, "inLanguage": "en" });
        assert_eq!(wrong(&author, "document", fields).await, format_of("url"), "{address}");
        let source = json!({ "source": { "address": { "url": address } } });
        let fields = json!({ "population": 5, "citations": [source] });
        let expected = format_of("citations.0.source.address.url");
        assert_eq!(wrong(&author, "city", fields).await, expected, "{address}");
    }
    for address in ["https://example.org", "http://báo.vn/bài?a=%20#b"] {
        let fields = json!({ "url": address, "inLanguage": "en" });
        assert_eq!(wrong(&author, "document", fields).await, [], "{address}");
    }
}

async fn codes_have_their_form(app: TestApp) {
    let author = Author::editor(&app).await;
    for (one, field, code) in [
        ("city", "subdivisionCode", "Hà Nội"),
        ("city", "subdivisionCode", "VN-"),
        ("city", "timeZone", "in the evening"),
        ("city", "timeZone", "Asia//Hanoi"),
        ("country", "alpha2Code", "vn"),
        ("country", "alpha3Code", "VN"),
        ("country", "numericCode", "7O4"),
    ] {
        let mut fields = json!({ field: code });
        if one == "country" {
            for (name, code) in [("alpha2Code", "XQ"), ("alpha3Code", "XQQ")] {
                if name != field {
                    fields[name] = code.into();
                }
            }
        }
        assert_eq!(wrong(&author, one, fields).await, format_of(field), "{field} {code}");
    }
    for zone in ["Asia/Ho_Chi_Minh", "America/Argentina/Buenos_Aires", "Etc/GMT+7", "UTC"] {
        let fields = json!({ "timeZone": zone, "subdivisionCode": "VN-HN" });
        assert_eq!(wrong(&author, "city", fields).await, [], "{zone}");
    }
}

async fn what_ends_has_begun(app: TestApp) {
    let author = Author::editor(&app).await;
    let dates = |start: &str, end: &str| json!({ "startDate": start, "endDate": end });
    let fields = dates("2026-05-02", "2026-05-01");
    assert_eq!(wrong(&author, "event", fields).await, format_of("endDate"));
    assert_eq!(wrong(&author, "event", dates("2026-05", "2026")).await, []);
}

async fn links_fit_their_ends(app: TestApp) {
    let author = Author::editor(&app).await;
    let records = json!([
        create("city", json!({})),
        create("person", json!({})),
        create("goal", json!({ "subject": { "key": "city" } })),
        create("event", json!({})),
        create("organization", json!({})),
        create("initiative", json!({ "city": { "key": "city" } })),
    ]);
    let made = author.write(APPLY, json!({ "operations": records })).await;
    let id = |key: &str| {
        let records = made["records"].as_array().unwrap();
        json!({ "id": records.iter().find(|it| it["key"] == key).unwrap()["id"] })
    };
    let link = |from: &str, relation: &str, to: &str| json!([{ "link": { "from": id(from), "link": { "relation": relation, "to": id(to) } } }]);
    for (from, relation, to, end) in [
        ("person", "GOVERNED_BY", "organization", "from"),
        ("city", "GOVERNED_BY", "person", "to"),
        ("initiative", "SERVES", "city", "to"),
        ("event", "PART_OF", "organization", "to"),
        ("city", "ABOUT", "person", "from"),
        ("goal", "CONTRIBUTES_TO", "goal", "to"),
    ] {
        let operations = link(from, relation, to);
        let mistakes = author.mistakes(APPLY, json!({ "operations": operations })).await;
        let place = if end == "from" { "link.from" } else { "link.link.to" };
        assert_eq!(mistakes, format_of(&format!("input.operations.0.{place}")), "{relation}");
    }
    for (from, relation, to) in
        [("city", "GOVERNED_BY", "organization"), ("initiative", "SERVES", "goal")]
    {
        author.write(APPLY, json!({ "operations": link(from, relation, to) })).await;
    }
    let links = json!([{ "relation": "SERVES", "to": id("goal") }]);
    let both = json!([create("goal", json!({ "subject": id("city"), "links": links }))]);
    let mistakes = author.mistakes(APPLY, json!({ "operations": both })).await;
    assert_eq!(mistakes, format_of("input.operations.0.create.record.goal.links.0"));
}

async fn records_do_not_refer_to_themselves(app: TestApp) {
    let author = Author::editor(&app).await;
    let fields = json!({ "superEvent": { "key": "event" } });
    assert_eq!(wrong(&author, "event", fields).await, format_of("superEvent"));
}
