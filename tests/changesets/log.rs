//! What the log says of a changeset, and what an update leaves as it is.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    apply, apply_at, create, data, entries, id, named, number, places, refused, update, vocabulary,
    write,
};
use crate::app::{TestApp, noon};

on_both!(
    positions_are_consecutive_and_an_entry_has_the_whole_record,
    an_empty_changeset_is_not_logged,
    times_of_the_log_never_go_back,
    an_absent_field_stays_and_null_clears,
    a_former_slug_leads_to_its_record_for_ever,
);

async fn positions_are_consecutive_and_an_entry_has_the_whole_record(app: TestApp) {
    let first = write(&app, vec![vocabulary("a"), vocabulary("b")]).await;
    let second = write(
        &app,
        vec![
            update("Vocabulary", "b", 1, json!({ "startDate": "2016" })),
            vocabulary("c"),
            update("Vocabulary", "a", 1, json!({ "supersededBy": id("Vocabulary", "c") })),
        ],
    )
    .await;
    let third = write(&app, vec![update("Vocabulary", "b", 2, json!({ "endDate": "2025" }))]).await;

    let entries = entries(&app).await;

    let [a, b, c] = ["a", "b", "c"].map(|key| named(key, json!({})));
    let with = |record: &serde_json::Value, fields: serde_json::Value| {
        let mut record = super::map(record.clone());
        record.extend(super::map(fields));
        serde_json::Value::Object(record)
    };
    let superseded = json!({ "supersededBy": id("Vocabulary", "c") });
    let expected = [
        (1, "a", 1, "CREATE", a.clone()),
        (2, "b", 1, "CREATE", b.clone()),
        (3, "b", 2, "UPDATE", with(&b, json!({ "startDate": "2016" }))),
        (4, "c", 1, "CREATE", c),
        (5, "a", 2, "UPDATE", with(&a, superseded)),
        (6, "b", 3, "UPDATE", with(&b, json!({ "startDate": "2016", "endDate": "2025" }))),
    ];
    for (entry, (position, key, version, operation, record)) in entries.iter().zip(&expected) {
        let record_id = id("Vocabulary", key);
        let found = (entry.position, &entry.record_id, entry.version, entry.operation.as_str());
        assert_eq!(found, (*position, &record_id, *version, *operation));
        assert_eq!(entry.record, *record, "{position}");
    }
    assert_eq!(entries.len(), expected.len());
    let applied = [first, second, third].map(|it| (it.position, it.entries));
    assert_eq!(applied, [(2, 2), (5, 3), (6, 1)]);
    let wrong = "SELECT count(*) FROM change_entry e JOIN changeset s ON s.id = e.changeset_id \
         WHERE e.position NOT BETWEEN s.first_position AND s.last_position OR s.author <> 'writer' \
         OR e.schema_version <> 1 OR e.recorded_at <> s.recorded_at";
    assert_eq!(number(&app, wrong).await, 0);
}

async fn an_empty_changeset_is_not_logged(app: TestApp) {
    let applied = apply(&app, vec![]).await.expect("nothing is wrong with it");

    assert_eq!(applied, None);
    assert_eq!(number(&app, "SELECT count(*) FROM changeset").await, 0);
}

async fn times_of_the_log_never_go_back(app: TestApp) {
    for (key, minutes) in [("a", 0), ("b", 5), ("c", -30), ("d", 1), ("e", 6)] {
        let now = noon() + TimeDelta::minutes(minutes);
        apply_at(&app.db.writer, now, vec![vocabulary(key)]).await.expect("it is right");
    }

    let times: Vec<i64> = entries(&app).await.iter().map(|it| it.recorded_at).collect();

    let at = |minutes| (noon() + TimeDelta::minutes(minutes)).timestamp_micros();
    assert_eq!(times, [at(0), at(5), at(5), at(5), at(6)]);
}

async fn an_absent_field_stays_and_null_clears(app: TestApp) {
    let city = json!({
        "timeZone": "Asia/Ho_Chi_Minh", "subdivisionCode": "VN-26", "areaKm2": 265.99,
        "geo": { "latitude": 16.46, "longitude": 107.6 },
        "descriptions": [{ "lang": "en", "value": "a city" }],
    });
    write(&app, vec![create("City", "hue", named("hue", city))]).await;

    let change = json!({ "timeZone": null, "geo": null, "areaKm2": 4_947.1, "descriptions": null });
    write(&app, vec![update("City", "hue", 1, change)]).await;

    let city = data(
        &app,
        r#"{ city(by: { slug: "hue" }) {
            name version timeZone subdivisionCode areaKm2 geo { latitude } description
        } }"#,
    )
    .await;
    let expected = json!({
        "name": "hue", "version": 2, "timeZone": null, "subdivisionCode": "VN-26", "areaKm2": 4_947.1,
        "geo": null, "description": null,
    });
    assert_eq!(city["city"], expected);
    let record = &entries(&app).await[1].record;
    let after = named("hue", json!({ "subdivisionCode": "VN-26", "areaKm2": 4_947.1 }));
    assert_eq!(*record, after);
}

async fn a_former_slug_leads_to_its_record_for_ever(app: TestApp) {
    write(&app, vec![create("City", "hue", named("phu-xuan", json!({})))]).await;
    write(&app, vec![update("City", "hue", 1, json!({ "slug": "thua-thien-hue" }))]).await;
    write(&app, vec![update("City", "hue", 2, json!({ "slug": "hue" }))]).await;
    let other = create("City", "other", named("phu-xuan", json!({})));

    let taken = refused(&app, vec![other]).await;

    assert_eq!(places(&taken)[0].0, format!("0.{}.slug", id("City", "other")));
    let asked = r#"{
        a: city(by: { slug: "phu-xuan" }) { slug }
        b: city(by: { slug: "thua-thien-hue" }) { slug }
        c: city(by: { slug: "hue" }) { slug }
    }"#;
    let hue = json!({ "slug": "hue" });
    assert_eq!(data(&app, asked).await, json!({ "a": hue, "b": hue, "c": hue }));
    // It is its own: it may take it again.
    write(&app, vec![update("City", "hue", 3, json!({ "slug": "phu-xuan" }))]).await;
    let first = json!({ "slug": "phu-xuan" });
    assert_eq!(data(&app, asked).await, json!({ "a": first, "b": first, "c": first }));
}
