//! New shipped data meet a base that people have edited.

use culturegraph::{
    auth::Writer,
    changes::{self, Changeset, Operation},
    load::{self, SHIPPED, Source},
    progress::Silent,
    transfer::shipped::{self, Report, SourceReport},
    value::public_id::PublicId,
};
use serde_json::{Value as Json, json};

use crate::app::{TestApp, noon, part};

on_both!(
    an_edited_value_stays_and_all_else_follows_the_data,
    an_edited_value_stays_however_often_data_come,
    an_edited_value_of_a_claimed_field_wins_and_both_become_claims,
    a_record_that_only_the_data_wrote_loses_what_they_no_longer_have,
);

const HA_NOI: &str = "GEONAMES:1581130";
const VIETNAM: &str = "ISO_3166_1_ALPHA_2:VN";
const LAOS: &str = "ISO_3166_1_ALPHA_2:LA";
const CAMBODIA: &str = "ISO_3166_1_ALPHA_2:KH";

async fn an_edited_value_stays_and_all_else_follows_the_data(app: TestApp) {
    let base = Base::start(app).await;
    base.edit("country", VIETNAM, json!({ "names": [{ "lang": "en", "value": "Viet Nam" }] }))
        .await;
    base.edit("city", HA_NOI, json!({ "timeZone": "Asia/Vientiane" })).await;
    let mut data = sources();
    set(&mut data, VIETNAM, json!({ "names": [{ "lang": "en", "value": "Vietnam (SR)" }] }));
    set(&mut data, VIETNAM, json!({ "numericCode": "999" }));
    set(&mut data, HA_NOI, json!({ "timeZone": "Asia/Saigon", "subdivisionCode": "VN-HN" }));
    set(&mut data, LAOS, json!({ "names": [{ "lang": "en", "value": "Lao PDR" }] }));

    let report = base.load(data).await;

    let expected = json!({
        "vietnam": { "name": "Viet Nam", "numericCode": "999" },
        "laos": { "name": "Lao PDR" },
        "haNoi": { "timeZone": "Asia/Vientiane", "subdivisionCode": "VN-HN", "country": { "alpha2Code": "VN" } },
    });
    assert_eq!(base.state().await, expected);
    assert_eq!(changed(&report), [("countries.csv", 2, 1), ("cities.csv", 1, 1)]);
}

async fn an_edited_value_stays_however_often_data_come(app: TestApp) {
    let base = Base::start(app).await;
    base.edit("city", HA_NOI, json!({ "timeZone": "Asia/Vientiane" })).await;
    let mut data = sources();
    set(&mut data, HA_NOI, json!({ "timeZone": "Asia/Saigon", "subdivisionCode": "VN-HN" }));
    base.load(data.clone()).await;

    let again = base.load(data.clone()).await;
    set(&mut data, HA_NOI, json!({ "timeZone": "Asia/Hanoi" }));
    let newer = base.load(data).await;

    assert_eq!(base.state().await["haNoi"]["timeZone"], "Asia/Vientiane");
    for report in [again, newer] {
        assert_eq!((changed(&report), report.position), (vec![("cities.csv", 0, 1)], None));
    }
}

async fn an_edited_value_of_a_claimed_field_wins_and_both_become_claims(app: TestApp) {
    let base = Base::start(app).await;
    let country = |key| PublicId::derived("country", key).to_string();
    base.edit("city", HA_NOI, json!({ "country": country(LAOS) })).await;
    let mut data = sources();
    let unchanged = base.load(data.clone()).await;
    set(&mut data, HA_NOI, json!({ "country": { "key": CAMBODIA } }));

    let report = base.load(data.clone()).await;
    let again = base.load(data).await;

    let claim = |code, rank| json!({ "rank": rank, "value": { "record": { "alpha2Code": code } } });
    let claims = base
        .app
        .query(
            r#"{ city(by: { slug: "ha-noi" }) { claims(property: [COUNTRY]) {
            nodes { rank value { ... on RecordValue { record { ... on Country { alpha2Code } } } } }
        } } }"#,
            json!({}),
        )
        .await;
    assert_eq!(
        claims["data"]["city"]["claims"]["nodes"],
        json!([claim("LA", "PREFERRED"), claim("KH", "NORMAL")])
    );
    assert_eq!(base.state().await["haNoi"]["country"]["alpha2Code"], "LA");
    assert_eq!((changed(&unchanged), unchanged.position), (vec![], None));
    assert_eq!(changed(&report), [("cities.csv", 0, 1)]);
    assert_eq!((changed(&again), again.position), (vec![("cities.csv", 0, 1)], None));
}

async fn a_record_that_only_the_data_wrote_loses_what_they_no_longer_have(app: TestApp) {
    let base = Base::start(app).await;
    let mut data = sources();
    set(&mut data, HA_NOI, json!({ "timeZone": null }));

    let report = base.load(data).await;

    let expected =
        json!({ "timeZone": null, "subdivisionCode": null, "country": { "alpha2Code": "VN" } });
    assert_eq!(base.state().await["haNoi"], expected);
    assert_eq!(changed(&report), [("cities.csv", 1, 0)]);
}

/// A base with a few of the shipped records.
struct Base {
    app: TestApp,
}

impl Base {
    async fn start(app: TestApp) -> Self {
        let base = Base { app };
        base.load(sources()).await;
        base
    }

    async fn load(&self, data: Vec<Source>) -> Report {
        let report =
            shipped::load(&self.app.db, data, "test data".to_owned(), &Silent, noon()).await;
        report.expect("the data fit the model")
    }

    /// Somebody changes a record.
    async fn edit(&self, prefix: &str, key: &str, fields: Json) {
        let id = PublicId::derived(prefix, key).to_string();
        let Json::Object(fields) = fields else { panic!("fields are an object") };
        let update = Operation::update(id, 1, fields);
        let changeset = Changeset { operations: vec![update], ..Changeset::default() };
        let applied = changes::apply(
            &self.app.db.writer,
            &Writer::system("editor"),
            changeset,
            noon(),
            &Silent,
        )
        .await;
        applied.expect("it is a right change");
    }

    async fn state(&self) -> Json {
        let query = r#"{
                vietnam: country(by: { slug: "vietnam" }) { name(lang: "en") numericCode }
                laos: country(by: { slug: "laos" }) { name(lang: "en") }
                haNoi: city(by: { slug: "ha-noi" }) { timeZone subdivisionCode country { alpha2Code } }
        }"#;
        self.app.query(query, json!({})).await["data"].take()
    }
}

/// Three countries and a city, with what they need and its claims.
fn sources() -> Vec<Source> {
    let sources = load::load(&SHIPPED).expect("the shipped data are right").sources;
    part(sources, |put| [HA_NOI, VIETNAM, LAOS, CAMBODIA].contains(&&*put.key))
}

/// Changes a record of the data. A field that is null is not there.
fn set(data: &mut [Source], key: &str, fields: Json) {
    let mut puts = data.iter_mut().flat_map(|source| &mut source.puts);
    let put = puts.find(|put| put.key == key).expect("it is one of the records");
    let Json::Object(fields) = fields else { panic!("fields are an object") };
    put.fields.extend(fields);
    put.fields.retain(|_, value| !value.is_null());
}

/// Sources with records that were updated, or of which an edited value was kept.
fn changed(report: &Report) -> Vec<(&'static str, usize, usize)> {
    let numbers = |it: &SourceReport| (it.name, it.updated, it.kept);
    report.sources.iter().map(numbers).filter(|(_, updated, kept)| updated + kept > 0).collect()
}
