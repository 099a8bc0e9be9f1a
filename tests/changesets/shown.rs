//! Fields of which claims are the truth show the best claim, from the changeset on that makes it the best.

use culturegraph::changes::Operation;
use serde_json::{Value as Json, json};

use super::{create, data, entries, id, membership, named, update, write};
use crate::app::TestApp;

on_both!(
    a_new_record_shows_the_best_of_its_claims,
    a_claim_that_comes_later_changes_its_subject_in_the_same_changeset,
    a_claim_that_is_not_the_best_leaves_its_subject_alone,
    a_claim_that_loses_its_rank_is_not_shown_any_more,
    a_source_that_comes_later_counts,
    a_claim_that_is_changed_keeps_its_sources,
    what_moves_counts_where_it_goes_and_no_more_where_it_was,
    a_population_is_shown_as_a_number,
);

/// Rank, value and the numbers of the sources of each claim, from the oldest on; and what is shown.
type Case = (&'static [(&'static str, &'static str, &'static [u8])], Option<&'static str>);

const CASES: [Case; 8] = [
    (&[("NORMAL", "2019", &[1, 2, 3]), ("PREFERRED", "2020", &[])], Some("2020")),
    (&[("DEPRECATED", "2019", &[1, 2, 3]), ("NORMAL", "2020", &[])], Some("2020")),
    (&[("DEPRECATED", "2019", &[1, 2, 3])], None),
    (&[("NORMAL", "2019", &[1]), ("NORMAL", "2020", &[2, 3])], Some("2020")),
    (&[("NORMAL", "2019", &[1]), ("NORMAL", "2020", &[2])], Some("2019")),
    (&[("NORMAL", "2019", &[1]), ("NORMAL", "2020", &[2, 2])], Some("2019")),
    (
        &[("NORMAL", "2020", &[1, 2]), ("NORMAL", "2019-10-30", &[3, 4]), ("NORMAL", "2019", &[5])],
        Some("2019"),
    ),
    (&[("PREFERRED", "2019-10-30", &[]), ("NORMAL", "2019", &[1])], Some("2019-10-30")),
];

async fn a_new_record_shows_the_best_of_its_claims(app: TestApp) {
    for (n, (claims, shown)) in CASES.iter().enumerate() {
        let mut operations = membership();
        operations.remove(2);
        let city = id("City", &format!("city-{n}"));
        operations[0] =
            create("City", &format!("city-{n}"), named(&format!("city-{n}"), json!({})));
        if n > 0 {
            operations.remove(1);
        }
        let key = format!("m-{n}");
        let member = json!({ "city": city, "network": id("Network", "uccn"), "startDate": "1900" });
        operations.push(create("Membership", &key, named(&key, member)));
        for (i, (rank, date, sources)) in claims.iter().enumerate() {
            let claim_key = format!("{key}-{i}");
            operations.push(claim(&claim_key, &id("Membership", &key), rank, date));
            operations.extend(cited(&claim_key, sources));
        }

        write(&app, operations).await;

        let query = format!(
            r#"{{ membership(by: {{ slug: "{key}" }}) {{ version startDate {{ edtf }} }} }}"#
        );
        let date = shown.map_or(Json::Null, |date| json!({ "edtf": date }));
        let expected = json!({ "version": 1, "startDate": date });
        assert_eq!(data(&app, &query).await["membership"], expected, "{claims:?}");
    }
}

async fn a_claim_that_comes_later_changes_its_subject_in_the_same_changeset(app: TestApp) {
    let mut operations = membership();
    operations.push(claim("first", &id("Membership", "m"), "NORMAL", "2020"));
    write(&app, operations).await;

    let applied =
        write(&app, vec![claim("second", &id("Membership", "m"), "PREFERRED", "2019")]).await;

    assert_eq!(start(&app).await, json!({ "version": 2, "startDate": { "edtf": "2019" } }));
    let entries = entries(&app).await;
    let added: Vec<_> = entries[4..]
        .iter()
        .map(|it| (it.position, it.record_id.clone(), it.version, it.operation.as_str()))
        .collect();
    assert_eq!(
        added,
        [(5, id("Claim", "second"), 1, "CREATE"), (6, id("Membership", "m"), 2, "UPDATE")]
    );
    assert_eq!(entries[5].record["startDate"], "2019");
    assert_eq!((applied.position, applied.entries), (6, 2));
}

async fn a_claim_that_is_not_the_best_leaves_its_subject_alone(app: TestApp) {
    let mut operations = membership();
    operations.push(claim("first", &id("Membership", "m"), "NORMAL", "2020"));
    write(&app, operations).await;

    let applied =
        write(&app, vec![claim("second", &id("Membership", "m"), "NORMAL", "2019")]).await;

    assert_eq!(start(&app).await, json!({ "version": 1, "startDate": { "edtf": "2020" } }));
    assert_eq!(applied.entries, 1);
}

async fn a_claim_that_loses_its_rank_is_not_shown_any_more(app: TestApp) {
    let mut operations = membership();
    operations.push(claim("first", &id("Membership", "m"), "PREFERRED", "2020"));
    operations.push(claim("second", &id("Membership", "m"), "NORMAL", "2019"));
    write(&app, operations).await;

    write(&app, vec![update("Claim", "first", 1, json!({ "rank": "DEPRECATED" }))]).await;
    let second = start(&app).await;
    write(&app, vec![update("Claim", "second", 1, json!({ "rank": "DEPRECATED" }))]).await;

    assert_eq!(second, json!({ "version": 2, "startDate": { "edtf": "2019" } }));
    assert_eq!(start(&app).await, json!({ "version": 3, "startDate": null }));
}

async fn a_source_that_comes_later_counts(app: TestApp) {
    let mut operations = membership();
    operations.push(claim("first", &id("Membership", "m"), "NORMAL", "2020"));
    operations.push(claim("second", &id("Membership", "m"), "NORMAL", "2019"));
    operations.extend(cited("first", &[1]));
    operations.extend(cited("second", &[2]));
    write(&app, operations).await;

    write(&app, cited("second", &[3])).await;

    assert_eq!(start(&app).await, json!({ "version": 2, "startDate": { "edtf": "2019" } }));
}

async fn a_claim_that_is_changed_keeps_its_sources(app: TestApp) {
    let mut operations = membership();
    operations.push(claim("first", &id("Membership", "m"), "NORMAL", "2020"));
    operations.push(claim("second", &id("Membership", "m"), "NORMAL", "2019"));
    operations.extend(cited("first", &[1]));
    operations.extend(cited("second", &[2, 3]));
    write(&app, operations).await;

    let note = json!([{ "lang": "en", "value": "read again" }]);
    let applied = write(&app, vec![update("Claim", "second", 1, json!({ "note": note }))]).await;

    assert_eq!(start(&app).await, json!({ "version": 1, "startDate": { "edtf": "2019" } }));
    assert_eq!(applied.entries, 1);
}

async fn what_moves_counts_where_it_goes_and_no_more_where_it_was(app: TestApp) {
    let mut operations = membership();
    operations.push(claim("first", &id("Membership", "m"), "NORMAL", "2020"));
    operations.push(claim("second", &id("Membership", "m"), "NORMAL", "2019"));
    operations.extend(cited("first", &[1]));
    operations.extend(cited("second", &[2, 3]));
    write(&app, operations).await;

    let to_first = json!({ "subject": id("Claim", "first") });
    write(&app, vec![update("Citation", "second-3-1", 1, to_first)]).await;
    let source_moved = start(&app).await;
    write(&app, vec![update("Claim", "first", 1, json!({ "property": "END_DATE" }))]).await;
    let claim_moved = start(&app).await;

    assert_eq!(source_moved, json!({ "version": 2, "startDate": { "edtf": "2020" } }));
    assert_eq!(claim_moved, json!({ "version": 3, "startDate": { "edtf": "2019" } }));
    let end = data(&app, r#"{ membership(by: { slug: "m" }) { endDate { edtf } } }"#).await;
    assert_eq!(end["membership"]["endDate"]["edtf"], "2020");
}

async fn a_population_is_shown_as_a_number(app: TestApp) {
    let claim = |key, amount: &str, year: &str| {
        let fields = json!({
            "subject": id("City", "hue"), "property": "POPULATION", "observationDate": year,
            "value": { "quantity": { "amount": amount } },
        });
        create("Claim", key, fields)
    };
    let mut operations = membership();
    operations.push(claim("first", "354124", "2009"));
    write(&app, operations).await;
    let preferred = json!({ "rank": "PREFERRED" });
    write(&app, vec![claim("second", "1236393", "2024"), update("Claim", "first", 1, preferred)])
        .await;

    let city = data(&app, r#"{ city(by: { slug: "hue" }) { population version } }"#).await;

    assert_eq!(city["city"], json!({ "population": 354_124, "version": 1 }));
}

fn claim(key: &str, subject: &str, rank: &str, date: &str) -> Operation {
    let fields = json!({
        "subject": subject, "property": "START_DATE", "rank": rank, "value": { "date": date },
    });
    create("Claim", key, fields)
}

/// Citations of a claim, each in a document of its number.
fn cited(claim: &str, sources: &[u8]) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (n, source) in sources.iter().enumerate() {
        // A document is new where a source is named for the first time.
        let document = format!("{claim}-{source}");
        if !sources[..n].contains(source) {
            let fields = named(&document, json!({ "inLanguage": "en" }));
            operations.push(create("Document", &document, fields));
        }
        let fields = json!({ "subject": id("Claim", claim), "document": id("Document", &document), "locator": n.to_string() });
        operations.push(create("Citation", &format!("{document}-{n}"), fields));
    }
    operations
}

async fn start(app: &TestApp) -> Json {
    let query = r#"{ membership(by: { slug: "m" }) { version startDate { edtf } } }"#;
    data(app, query).await["membership"].take()
}
