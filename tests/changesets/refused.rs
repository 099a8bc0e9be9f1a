//! A changeset with a mistake changes nothing, and tells all its mistakes with their places.

use culturegraph::record::write::MistakeCode::{
    Duplicate, Format, QuoteNotFound, Required, StaleVersion, UnknownField, UnknownReference,
};
use serde_json::json;

use super::{
    apply, create, data, entries, id, membership, named, number, places, refused, update,
    vocabulary, write,
};
use crate::app::{TestApp, world::words};

const SHA256_OF_TEXT: &str = "15b700d8c272c436b75de4af57a9eb06fc1d150647cf657bf1f49d475b62d9da";
const SHA256_OF_AB: &str = "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603";

on_both!(
    nothing_is_written_when_the_last_of_many_operations_is_wrong,
    all_mistakes_are_told_at_once_with_their_places,
    slugs_and_identifiers_lead_to_one_record,
    a_quote_must_be_the_text_at_its_place,
    an_editorial_row_must_name_its_editor,
    numbers_out_of_range_are_refused,
    equal_rows_are_refused,
    qualifiers_are_checked_each_at_its_place,
    texts_that_cannot_be_stored_are_refused,
);

async fn nothing_is_written_when_the_last_of_many_operations_is_wrong(app: TestApp) {
    write(&app, vec![vocabulary("first")]).await;
    let mut operations: Vec<_> = (0..250).map(|n| vocabulary(&format!("v-{n}"))).collect();
    operations.push(update("Vocabulary", "first", 1, json!({ "startDate": "2019" })));
    operations.push(create("Vocabulary", "last", json!({ "slug": "last" })));

    let mistakes = refused(&app, operations).await;

    let last = format!("251.{}.names", id("Vocabulary", "last"));
    assert_eq!(places(&mistakes), [(last, Required)]);
    for table in ["record", "record_slug", "record_name", "vocabulary", "changeset", "change_entry"]
    {
        assert_eq!(number(&app, &format!("SELECT count(*) FROM {table}")).await, 1, "{table}");
    }
    let first =
        data(&app, r#"{ vocabulary(by: { slug: "first" }) { version startDate { edtf } } }"#).await;
    assert_eq!(first["vocabulary"], json!({ "version": 1, "startDate": null }));
    // No position was drawn: the next entry follows the first.
    assert_eq!(write(&app, vec![vocabulary("second")]).await.position, 2);
}

async fn all_mistakes_are_told_at_once_with_their_places(app: TestApp) {
    let country = named("laos", json!({ "alpha2Code": "LA", "alpha3Code": "LAO" }));
    write(&app, vec![create("Country", "laos", country), vocabulary("old"), vocabulary("new")])
        .await;
    write(&app, vec![update("Vocabulary", "old", 1, json!({ "startDate": "2016" }))]).await;
    let city = |key: &str, fields| create("City", key, named(key, fields));
    let nowhere = id("Country", "nowhere");

    let mistakes = refused(
        &app,
        vec![
            create("Country", "empty", json!({})),
            city("unknown-field", json!({ "mayor": "somebody", "population": "many" })),
            city("no-date", json!({ "identifiers": [{ "scheme": "X" }], "geo": { "latitude": 91, "longitude": 0 } })),
            create("Vocabulary", "no-date", named("no-date", json!({ "startDate": "31.12.2019" }))),
            city("no-country", json!({ "country": nowhere })),
            city("no-kind", json!({ "country": id("Vocabulary", "new"), "kind": 5 })),
            update("Vocabulary", "old", 1, json!({ "startDate": "2017" })),
            update("Vocabulary", "missing", 1, json!({ "startDate": "2017" })),
            update("Vocabulary", "new", 1, json!({ "names": null })),
            update("Vocabulary", "new", 1, json!({ "startDate": "2018" })),
            city("Not A Slug", json!({})),
        ],
    )
    .await;

    let place = |n: usize, name, key, field: &str| format!("{n}.{}.{field}", id(name, key));
    let record = |n: usize, name, key| format!("{n}.{}", id(name, key));
    let mut expected = vec![
        (place(0, "Country", "empty", "alpha2Code"), Required),
        (place(0, "Country", "empty", "alpha3Code"), Required),
        (place(0, "Country", "empty", "names"), Required),
        (place(0, "Country", "empty", "slug"), Required),
        (place(1, "City", "unknown-field", "mayor"), UnknownField),
        (place(1, "City", "unknown-field", "population"), Format),
        (place(2, "City", "no-date", "geo"), Format),
        (place(2, "City", "no-date", "identifiers"), Format),
        (place(3, "Vocabulary", "no-date", "startDate"), Format),
        (place(4, "City", "no-country", "country"), UnknownReference),
        (place(5, "City", "no-kind", "country"), UnknownReference),
        (place(5, "City", "no-kind", "kind"), Format),
        (place(6, "Vocabulary", "old", "startDate"), StaleVersion),
        (record(7, "Vocabulary", "missing"), UnknownReference),
        (place(8, "Vocabulary", "new", "names"), Required),
        (record(9, "Vocabulary", "new"), Format),
        (place(10, "City", "Not A Slug", "slug"), Format),
    ];
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(places(&mistakes), expected);
    let of = |code| mistakes.iter().find(|it| it.code == code).expect("it is there").to_string();
    assert_eq!(
        of(StaleVersion),
        format!(
            "{}: `startDate` has changed: the record is at version 2, not 1: read it again",
            place(6, "Vocabulary", "old", "startDate")
        )
    );
    assert_eq!(entries(&app).await.len(), 4);
}

async fn slugs_and_identifiers_lead_to_one_record(app: TestApp) {
    let identified = |value: &str| json!({ "identifiers": [{ "scheme": "X", "value": value }] });
    let former =
        json!({ "identifiers": [{ "scheme": "X", "value": "1" }], "formerSlugs": ["older"] });
    write(&app, vec![create("City", "old", named("old", former))]).await;
    write(&app, vec![update("City", "old", 1, json!({ "slug": "new" }))]).await;
    let city = |key: &str, slug: &str, fields| create("City", key, named(slug, fields));

    let mistakes = refused(
        &app,
        vec![
            city("a", "new", json!({})),
            city("b", "old", json!({})),
            city("c", "older", json!({})),
            city("d", "d", json!({ "formerSlugs": ["new"] })),
            city("e", "e", identified("1")),
            city("f", "f", identified("2")),
            city("g", "f", identified("2")),
            // Of another type, and of another scheme.
            create(
                "Vocabulary",
                "h",
                named("new", json!({ "identifiers": [{ "scheme": "Y", "value": "1" }] })),
            ),
        ],
    )
    .await;

    let place =
        |n: usize, key, field: &str| (format!("{n}.{}.{field}", id("City", key)), Duplicate);
    let expected = [
        place(0, "a", "slug"),
        place(1, "b", "slug"),
        place(2, "c", "slug"),
        place(3, "d", "slug"),
        place(4, "e", "identifiers"),
        place(6, "g", "identifiers"),
        place(6, "g", "slug"),
    ];
    assert_eq!(places(&mistakes), expected);
}

/// The characters of the text have one to four bytes, so that the two counts differ.
async fn a_quote_must_be_the_text_at_its_place(app: TestApp) {
    let text = "🎨 Hà Nội học, làm và nghĩ. Huế cũng vậy.";
    let document = named("article", json!({ "inLanguage": "vi" }));
    let version = json!({
        "document": id("Document", "d"), "sha256": SHA256_OF_TEXT, "text": text, "mediaType": "text/plain",
    });
    let passage = json!({
        "documentVersion": id("DocumentVersion", "v"), "anchor": "p1", "text": "🎨 Hà Nội học, làm và nghĩ.",
        "span": { "charStart": 0, "charEnd": 26, "byteStart": 0, "byteEnd": 37 },
    });
    write(
        &app,
        vec![
            create("Document", "d", document),
            create("DocumentVersion", "v", version),
            create("Passage", "p", passage),
        ],
    )
    .await;
    let citation = |key: &str, quote: &str, [a, b, c, d]: [i64; 4]| {
        let [document, passage] = [id("Document", "d"), id("Passage", "p")];
        let span = json!({ "charStart": a, "charEnd": b, "byteStart": c, "byteEnd": d });
        let fields = json!({
            "subject": document, "document": document, "passage": passage, "quote": quote, "span": span,
        });
        create("Citation", key, fields)
    };

    let mistakes = refused(
        &app,
        vec![
            citation("right", "Hà Nội", [2, 8, 5, 14]),
            citation("by-one", "Hà Nội", [3, 9, 6, 15]),
            citation("bytes", "Hà Nội", [2, 8, 5, 13]),
            citation("inside-a-letter", "Hà Nội", [2, 8, 1, 10]),
            citation("other-words", "Hà nội", [2, 8, 5, 14]),
            citation("past-the-end", "vậy.", [36, 436, 50, 640]),
            citation("other-passage", "Huế", [27, 30, 38, 43]),
            citation("too-long", &"a".repeat(301), [0, 301, 0, 301]),
        ],
    )
    .await;

    let place = |n: usize, key, field: &str| format!("{n}.{}.{field}", id("Citation", key));
    let expected = [
        (place(1, "by-one", "quote"), QuoteNotFound),
        (place(2, "bytes", "quote"), QuoteNotFound),
        (place(3, "inside-a-letter", "quote"), QuoteNotFound),
        (place(4, "other-words", "quote"), QuoteNotFound),
        (place(5, "past-the-end", "quote"), QuoteNotFound),
        (place(6, "other-passage", "span"), QuoteNotFound),
        (place(7, "too-long", "quote"), Format),
    ];
    assert_eq!(places(&mistakes), expected);
    assert!(
        mistakes
            .iter()
            .any(|it| it.message == "expected `Hà Nội` at characters 3 to 9, found `à Nội `"),
        "{mistakes:?}"
    );
    write(&app, vec![citation("right", "Hà Nội", [2, 8, 5, 14])]).await;
}

async fn an_editorial_row_must_name_its_editor(app: TestApp) {
    write(&app, membership()).await;
    let period = |fields: serde_json::Value| {
        let mut period =
            json!({ "membership": id("Membership", "m"), "field": id("Term", "design") });
        period.as_object_mut().expect("it is one").extend(super::map(fields));
        create("FieldPeriod", "p", period)
    };
    let term = json!({ "vocabulary": id("Vocabulary", "fields"), "notation": "design", "listPosition": 1 });
    let terms = vec![vocabulary("fields"), create("Term", "design", named("design", term))];
    write(&app, terms).await;

    let created = refused(&app, vec![period(json!({ "modality": "EDITORIAL" }))]).await;
    write(&app, vec![period(json!({ "modality": "INFERRED" }))]).await;
    let updated =
        refused(&app, vec![update("FieldPeriod", "p", 1, json!({ "modality": "EDITORIAL" }))])
            .await;

    let place = format!("0.{}.assertedBy", id("FieldPeriod", "p"));
    assert_eq!(places(&created), [(place.clone(), Required)]);
    assert_eq!(places(&updated), [(place, Required)]);
    let editor = create("Person", "editor", named("editor", json!({})));
    let named = json!({ "modality": "EDITORIAL", "assertedBy": id("Person", "editor") });
    write(&app, vec![editor, update("FieldPeriod", "p", 1, named)]).await;
}

async fn numbers_out_of_range_are_refused(app: TestApp) {
    let money = |amount: &str, currency: &str, year: i64| json!({ "amount": amount, "currency": currency, "asOfYear": year });
    write(&app, membership()).await;
    let organization = create("Organization", "o", named("o", json!({})));
    write(&app, vec![organization]).await;
    let (city, organization) = (id("City", "hue"), id("Organization", "o"));
    for (name, field, fields) in [
        ("City", "population", json!({ "population": 0 })),
        ("City", "areaKm2", json!({ "areaKm2": 0 })),
        ("City", "areaKm2", json!({ "areaKm2": -0.5 })),
        ("Position", "seniority", json!({ "seniority": 0, "organization": organization })),
        ("Initiative", "listPosition", json!({ "listPosition": 0, "city": city })),
        ("Challenge", "listPosition", json!({ "listPosition": -1, "city": city })),
        (
            "Initiative",
            "budget.amount",
            json!({ "budget": money("1,5", "VND", 2025), "city": city }),
        ),
        ("Initiative", "budget.currency", json!({ "budget": money("1", "đ", 2025), "city": city })),
        ("Initiative", "budget.asOfYear", json!({ "budget": money("1", "VND", 0), "city": city })),
    ] {
        let result = apply(&app, vec![create(name, "new", named("new", fields))]).await;

        let Err(culturegraph::changes::ChangeError::Refused(mistakes)) = result else {
            panic!("{name}.{field}: {result:?}");
        };
        assert_eq!(places(&mistakes), [(format!("0.{}.{field}", id(name, "new")), Format)]);
    }
}

async fn equal_rows_are_refused(app: TestApp) {
    let document = named("d", json!({ "inLanguage": "en" }));
    let version = json!({
        "document": id("Document", "d"), "sha256": SHA256_OF_AB, "text": "ab", "mediaType": "text/plain",
    });
    let span = json!({ "charStart": 0, "charEnd": 2, "byteStart": 0, "byteEnd": 2 });
    let passage = json!({ "documentVersion": id("DocumentVersion", "v"), "anchor": "p", "text": "ab", "span": span });
    let country = json!({ "alpha2Code": "LA", "alpha3Code": "LAO", "numericCode": "418" });
    let term = json!({ "vocabulary": id("Vocabulary", "v"), "notation": "t", "listPosition": 1 });
    let member = json!({ "city": id("City", "hue"), "network": id("Network", "uccn") });
    let link = json!({ "from": id("Document", "d"), "relation": "ABOUT", "to": id("City", "hue") });
    let event = json!({ "series": id("EventSeries", "s"), "ordinal": 20 });
    let report = json!({ "membership": id("Membership", "m"), "dueYear": 2027 });
    let mut operations = membership();
    operations.extend([
        vocabulary("v"),
        create("Document", "d", document),
        create("DocumentVersion", "v", version.clone()),
        create("Passage", "p", passage.clone()),
        create("Country", "c", named("laos", country.clone())),
        create("Term", "t", named("t", term.clone())),
        create("Link", "l", link.clone()),
        create("EventSeries", "s", named("s", json!({}))),
        create("Event", "e", named("e", event.clone())),
        create("MonitoringReport", "r", report.clone()),
    ]);
    let written = write(&app, operations).await.position;
    for (name, fields, wrong) in [
        ("Country", named("other", country), vec!["alpha2Code", "alpha3Code", "numericCode"]),
        ("Membership", named("other", member), vec!["startDate"]),
        ("Term", named("other", term), vec!["notation"]),
        ("Link", link.clone(), vec!["to"]),
        ("DocumentVersion", version, vec!["sha256"]),
        ("Passage", passage, vec!["anchor"]),
        ("Event", named("other", event), vec!["ordinal"]),
        ("MonitoringReport", report, vec!["dueYear"]),
    ] {
        let mistakes = refused(&app, vec![create(name, "other", fields)]).await;

        let place = |field: &str| (format!("0.{}.{field}", id(name, "other")), Duplicate);
        let expected: Vec<_> = wrong.into_iter().map(place).collect();
        assert_eq!(places(&mistakes), expected);
        assert_eq!(number(&app, "SELECT position FROM change_position").await, written, "{name}");
    }

    // Another start makes another row; of two alike in one changeset the second is one too many.
    let later = |key: &str| {
        let mut link = link.clone();
        link["startDate"] = "2019".into();
        create("Link", key, link)
    };
    let mistakes = refused(&app, vec![later("one"), later("two")]).await;
    assert_eq!(places(&mistakes), [(format!("1.{}.to", id("Link", "two")), Duplicate)]);
    write(&app, vec![later("one")]).await;
    // Without a series, a number says nothing.
    let alone = |key: &str| create("Event", key, named(key, json!({ "ordinal": 20 })));
    write(&app, vec![alone("x"), alone("y")]).await;
    // A record is no rival of itself.
    write(&app, vec![update("Link", "one", 1, json!({ "endDate": "2020" }))]).await;
    let mistakes =
        refused(&app, vec![update("Link", "one", 2, json!({ "startDate": null }))]).await;
    assert_eq!(places(&mistakes), [(format!("0.{}.to", id("Link", "one")), Duplicate)]);
}

async fn texts_that_cannot_be_stored_are_refused(app: TestApp) {
    let long = "a".repeat(10_000);
    let one = json!({ "scheme": "X", "value": "1" });
    for (field, fields) in [
        ("names", json!({ "names": words("en", "a\0b") })),
        ("names", json!({ "names": words("en", &long) })),
        ("descriptions", json!({ "descriptions": words("en", "a\0b") })),
        ("timeZone", json!({ "timeZone": "a\0b" })),
        ("slug", json!({ "slug": "a\0b" })),
        ("slug", json!({ "slug": long })),
        ("formerSlugs", json!({ "formerSlugs": ["a\0b"] })),
        ("formerSlugs", json!({ "formerSlugs": ["Not A Slug"] })),
        ("formerSlugs", json!({ "formerSlugs": [&long] })),
        ("formerSlugs", json!({ "formerSlugs": "old" })),
        ("identifiers", json!({ "identifiers": [{ "scheme": "X", "value": "a\0b" }] })),
        ("identifiers", json!({ "identifiers": [{ "scheme": "X", "value": long }] })),
        (
            "identifiers",
            json!({ "identifiers": [{ "scheme": long.to_uppercase(), "value": "1" }] }),
        ),
        ("identifiers", json!({ "identifiers": [one, one] })),
        ("alternateNames", json!({ "alternateNames": [{ "lang": "en", "value": "a\0b" }] })),
    ] {
        let mut city = super::map(named("city", json!({})));
        city.extend(super::map(fields.clone()));
        let result = apply(&app, vec![create("City", "city", city.into())]).await;

        let Err(culturegraph::changes::ChangeError::Refused(mistakes)) = result else {
            panic!(
                "{field}: {}: {result:?}",
                fields.to_string().chars().take(60).collect::<String>()
            );
        };
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert_eq!((mistakes[0].path[2].as_str(), mistakes[0].code), (field, Format));
    }
}

async fn qualifiers_are_checked_each_at_its_place(app: TestApp) {
    write(&app, vec![create("City", "c", named("c", json!({})))]).await;
    let good = json!({ "property": "TOPIC", "value": { "string": "x" } });
    let unknown = json!({ "property": "GOAL", "value": { "record": id("City", "nowhere") } });
    for (qualifiers, place, code) in [
        (
            json!([good, { "property": "NONSENSE", "value": { "string": "x" } }]),
            "1.property",
            Format,
        ),
        (
            json!([good, { "property": "TOPIC", "value": { "date": "nonsense" } }]),
            "1.value",
            Format,
        ),
        (json!([good, good, unknown]), "2.value", UnknownReference),
        (json!([good, { "property": "TOPIC" }]), "1.value", Required),
        (
            json!([{ "property": "TOPIC", "value": { "string": "x" }, "more": 1 }]),
            "0.more",
            UnknownField,
        ),
        (json!([good, "x"]), "1", Format),
        (json!(vec![good.clone(); 21]), "", Format),
        (json!({}), "", Format),
    ] {
        let claim = json!({
            "subject": id("City", "c"), "property": "TOPIC", "value": { "string": "x" },
            "qualifiers": qualifiers,
        });
        let mistakes = refused(&app, vec![create("Claim", "new", claim)]).await;

        let place = format!("0.{}.qualifiers.{place}", id("Claim", "new"));
        assert_eq!(places(&mistakes), [(place.trim_end_matches('.').to_owned(), code)]);
    }
}
