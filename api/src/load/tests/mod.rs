//! The shipped data as a whole; what is said of files that are broken, the traps of the article, and the rest of the
//! model in the modules below.

mod model;
mod refusals;
mod traps;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use unicode_normalization::is_nfc;

use super::*;

static LOADED: LazyLock<Loaded> =
    LazyLock::new(|| load(&SHIPPED).expect("the shipped data are right"));
static BY_KEY: LazyLock<BTreeMap<&str, &Put>> =
    LazyLock::new(|| puts().map(|put| (&*put.key, put)).collect());

fn puts() -> impl Iterator<Item = &'static Put> {
    LOADED.sources.iter().flat_map(|source| &source.puts)
}

fn of_type(record_type: &str) -> impl Iterator<Item = &'static Put> {
    puts().filter(move |put| put.record_type == record_type)
}

fn put(key: &str) -> &'static Put {
    BY_KEY.get(key).copied().unwrap_or_else(|| panic!("no record {key}"))
}

fn field(key: &str, name: &str) -> &'static Value {
    put(key).fields.get(name).unwrap_or(&Value::Null)
}

/// Keys of the records of a type whose field leads to a record.
fn leading_to(record_type: &str, name: &str, key: &str) -> Vec<&'static Put> {
    of_type(record_type)
        .filter(|put| put.fields.get(name) == Some(&json!({ "key": key })))
        .collect()
}

fn slug_of(key: &str) -> &'static str {
    field(key, "slug").as_str().unwrap_or_default()
}

#[test]
fn all_records_are_there() {
    let counts = puts().fold(BTreeMap::new(), |mut counts, put| {
        *counts.entry(put.record_type).or_insert(0) += 1;
        counts
    });

    let expected = [
        ("Challenge", 4),
        ("Citation", 9525),
        ("City", 6452),
        ("Claim", 6944),
        ("Commitment", 1),
        ("Country", 250),
        ("Dataset", 6),
        ("Document", 51),
        ("DocumentVersion", 1),
        ("Event", 2),
        ("EventSeries", 2),
        ("FieldPeriod", 395),
        ("Goal", 3),
        ("HeritageProperty", 9),
        ("Initiative", 11),
        ("Link", 529),
        ("Membership", 396),
        ("Mention", 85),
        ("Network", 1),
        ("OfficeHolding", 2),
        ("Opportunity", 7),
        ("Organization", 8),
        ("Participation", 1),
        ("Passage", 18),
        ("Person", 1),
        ("Position", 2),
        ("Presentation", 1),
        ("Region", 30),
        ("Stakeholder", 7),
        ("Term", 99),
        ("Vocabulary", 18),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}

#[test]
fn keys_stand_once_and_references_but_capitals_lead_to_earlier_records() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            Value::Object(fields) => match fields.get("key") {
                Some(key) => found.extend(key.as_str().map(str::to_owned)),
                None => fields.values().for_each(|value| references(value, found)),
            },
            _ => {}
        }
    }
    let mut seen = BTreeSet::new();
    for put in puts() {
        let mut found = Vec::new();
        let earlier = put.fields.iter().filter(|(name, _)| *name != "capital");
        earlier.for_each(|(_, value)| references(value, &mut found));

        assert!(found.iter().all(|key| seen.contains(key.as_str())), "{}", put.key);
        assert!(seen.insert(put.key.as_str()), "{}", put.key);
    }
}

/// The others have no city of that name, or several.
#[test]
fn most_capitals_are_found_by_name_in_their_country() {
    let cities: BTreeMap<&str, &Put> =
        puts().filter(|put| put.record_type == "City").map(|put| (&*put.key, put)).collect();
    let with_capital: BTreeMap<&str, &Put> = puts()
        .filter_map(|put| {
            let city = cities[put.fields.get("capital")?["key"].as_str()?];
            assert_eq!(city.fields["country"]["key"], *put.key);
            Some((put.fields["alpha2Code"].as_str()?, city))
        })
        .collect();

    assert_eq!(with_capital.len(), 161);
    assert_eq!(with_capital["VN"].fields["slug"], "ha-noi");
    // Vaduz is too small to be there, and Asunción is written Asuncion.
    assert!(!with_capital.contains_key("LI") && !with_capital.contains_key("PY"));
}

#[test]
fn slugs_stand_once_in_a_type() {
    let mut seen = BTreeSet::new();
    for put in puts().filter(|put| put.fields.contains_key("slug")) {
        let former = put.fields.get("formerSlugs").and_then(Value::as_array).into_iter().flatten();
        for slug in former.chain(put.fields.get("slug")).filter_map(Value::as_str) {
            assert!(seen.insert((put.record_type, slug)), "{slug}");
        }
    }
}

#[test]
fn all_text_is_in_nfc_and_nothing_is_null() {
    for put in puts() {
        let fields = Value::from(put.fields.clone()).to_string();

        assert!(is_nfc(&fields) && !fields.contains("null"), "{}", put.key);
    }
}

#[test]
fn ha_noi_is_one_city() {
    let named: Vec<&Put> = of_type("City")
        .filter(|put| {
            put.fields.get("names").is_some_and(|names| names.to_string().contains("Hà Nội"))
        })
        .collect();

    let [city] = *named else { panic!("{} cities", named.len()) };
    assert_eq!(city.key, "GEONAMES:1581130");
    let identifiers: BTreeSet<String> = city.fields["identifiers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| format!("{}:{}", it["scheme"], it["value"]).replace('"', ""))
        .collect();
    let expected = ["GEONAMES:1581130", "SEED:city/ha-noi", "UCCN:hanoi", "WIKIDATA:Q1858"];
    assert_eq!(identifiers, expected.map(str::to_owned).into());
    assert_eq!(city.fields["slug"], "ha-noi");
    assert_eq!(city.fields["formerSlugs"], json!(["hanoi"]));
    assert_eq!(
        city.fields["names"],
        json!([{ "lang": "vi", "value": "Hà Nội" }, { "lang": "en", "value": "Hanoi" }])
    );
    for (name, scope) in [("Thủ đô", "DOCUMENT"), ("TP", "DOCUMENT"), ("Thăng Long", "GLOBAL")]
    {
        let names = city.fields["alternateNames"].as_array().into_iter().flatten();
        let scopes: Vec<&Value> =
            names.filter(|it| it["value"] == name).map(|it| &it["scope"]).collect();
        assert_eq!(scopes, [scope]);
    }
}

#[test]
fn homonyms_take_their_country() {
    for (key, slug) in [
        ("GEONAMES:2643743", "london"),
        ("GEONAMES:6058560", "london-canada"),
        ("GEONAMES:2517117", "granada"),
        ("GEONAMES:3619136", "granada-nicaragua"),
        ("GEONAMES:2063523", "perth"),
        ("GEONAMES:2640358", "perth-united-kingdom"),
        ("GEONAMES:128476", "kashan"),
        ("GEONAMES:6861211", "kashan-iran"),
        ("GEONAMES:1566083", "ho-chi-minh-city"),
        ("UCCN:sifnos", "sifnos"),
    ] {
        assert_eq!(slug_of(key), slug);
    }
}

#[test]
fn vietnamese_cities_are_named_in_vietnamese_where_the_data_tell() {
    for (key, lang, name) in [
        ("GEONAMES:1584071", "vi", "Đà Lạt"),
        ("GEONAMES:1583992", "vi", "Đà Nẵng"),
        ("GEONAMES:1580541", "vi", "Hội An"),
        ("GEONAMES:1572151", "und", "Nha Trang"),
        ("GEONAMES:2510911", "en", "Seville"),
        ("GEONAMES:1850147", "und", "Tokyo"),
    ] {
        assert_eq!(field(key, "names")[0], json!({ "lang": lang, "value": name }));
    }
    let others = field("GEONAMES:2510911", "alternateNames").to_string();
    assert!(others.contains(r#""value":"Sevilla""#));
}

#[test]
fn a_place_that_is_only_near_says_so() {
    let near: BTreeSet<&str> = of_type("City")
        .filter(|put| put.fields["identifiers"].to_string().contains("NEAR"))
        .map(|put| slug_of(&put.key))
        .collect();

    let expected =
        ["al-ahsa", "buffalo-city", "hatay", "overstrand-hermanus", "shunde", "umngeni-howick"];
    assert_eq!(near, expected.into());
}

#[test]
fn values_of_claims_are_not_fields() {
    assert!(of_type("City").all(|put| !put.fields.contains_key("population")));
    assert!(of_type("Membership").all(|put| !put.fields.contains_key("startDate")));
    let populations = of_type("Claim").filter(|put| put.fields["property"] == "POPULATION").count();
    assert_eq!(
        populations, 6447,
        "two cities of cities.csv have the population 0, which is unknown"
    );
}

#[test]
fn each_citable_record_and_claim_has_a_citation() {
    let cited: BTreeSet<&str> =
        of_type("Citation").filter_map(|put| put.fields["subject"]["key"].as_str()).collect();
    for put in puts().filter(|put| put.fields.contains_key("modality")) {
        assert!(cited.contains(put.key.as_str()), "{}", put.key);
    }
}

#[test]
fn quotes_have_no_markup_of_ours() {
    let with_marks = of_type("Citation").filter(|put| {
        put.fields.get("quote").and_then(Value::as_str).is_some_and(|it| it.contains('`'))
    });
    assert_eq!(with_marks.map(|put| &put.key).collect::<Vec<_>>(), [""; 0]);

    let wikidata = leading_to("Citation", "subject", "seed:x12");
    assert_eq!(wikidata.len(), 1);
    assert_eq!(wikidata[0].fields.get("locator"), Some(&json!("Q1858")));
    assert_eq!(wikidata[0].fields.get("quote"), None);
}

#[test]
fn a_start_date_has_a_claim_for_each_value_and_all_its_sources() {
    let claims = leading_to("Claim", "subject", "SEED:membership/ha-noi-uccn");
    let dates: Vec<&Value> = claims
        .iter()
        .filter(|put| put.fields["property"] == "START_DATE")
        .map(|put| &put.fields["value"])
        .collect();
    assert_eq!(dates, [&json!({ "date": "2019" }), &json!({ "date": "2019-10-30" })]);

    let citations = leading_to("Citation", "subject", "uccn-membership:hanoi/start/2019");
    let quoted: Vec<bool> = citations.iter().map(|put| put.fields.contains_key("quote")).collect();
    assert_eq!(quoted, [false, true, true], "the listing, UNESCO's page, the newspaper");

    for (claim, rank, modality) in [
        ("uccn-membership:overstrand-hermanus/start/2019", "PREFERRED", "INFERRED"),
        ("uccn-membership:overstrand-hermanus/start/2020", "NORMAL", "STATED"),
        ("uccn-membership:krakow/start/2012", "DEPRECATED", "STATED"),
        ("uccn-city:cuenca/country/EC", "PREFERRED", "STATED"),
        ("uccn-city:como/name/Come", "DEPRECATED", "STATED"),
    ] {
        assert_eq!(
            (field(claim, "rank"), field(claim, "modality")),
            (&json!(rank), &json!(modality))
        );
        assert!(field(claim, "note").is_array());
    }
}

#[test]
fn fields_of_a_membership_are_in_the_order_of_time() {
    let periods = leading_to("FieldPeriod", "membership", "uccn-membership:lyon");
    let periods: Vec<_> = periods
        .iter()
        .map(|put| {
            (
                &put.fields["field"]["key"],
                put.fields["startDate"].as_str(),
                put.fields.get("endDate"),
            )
        })
        .collect();

    assert_eq!(
        periods,
        [
            (&json!("TERM:uccn-field/media-arts"), Some("2008"), Some(&json!("2023"))),
            (&json!("TERM:uccn-field/literature"), Some("2023"), None),
        ]
    );
    let without: Vec<&str> = of_type("Membership")
        .filter(|put| leading_to("FieldPeriod", "membership", &put.key).is_empty())
        .map(|put| slug_of(&put.key))
        .collect();
    assert_eq!(without, ["korhogo-uccn", "lubango-uccn"]);
}

#[test]
fn an_office_holding_has_what_the_sources_say_and_no_more() {
    let permanent = put("office-holding:le-hong-son/pho-chu-tich-thuong-truc-ubnd-tp-ha-noi");
    let member = put("office-holding:le-hong-son/uy-vien-ban-thuong-vu-thanh-uy");

    for (holding, start, end, kind) in
        [(permanent, Some("2016"), Some("2025-11-13"), "ENDED"), (member, None, None, "UNKNOWN")]
    {
        let date = |name: &str| holding.fields.get(name).and_then(Value::as_str);
        assert_eq!((date("startDate"), date("endDate"), date("endKind")), (start, end, Some(kind)));
        assert_eq!(holding.fields["attestedDates"], json!(["XXXX-12-13"]));
    }
}

#[test]
fn challenges_have_one_quote_each_and_no_initiative() {
    for challenge in of_type("Challenge") {
        let citations = leading_to("Citation", "subject", &challenge.key);
        let passages: Vec<&Value> =
            citations.iter().map(|put| &put.fields["passage"]["key"]).collect();

        assert_eq!(passages, ["SEED:p17"]);
        assert_eq!(challenge.fields["isFromOpenList"], true);
        assert!(leading_to("Link", "to", &challenge.key).is_empty());
        assert!(leading_to("Link", "from", &challenge.key).is_empty());
    }
}

#[test]
fn quotes_of_citations_stand_in_the_text() {
    let characters: Vec<char> = SHIPPED.article.chars().collect();
    for citation in of_type("Citation").filter(|put| put.fields.contains_key("span")) {
        let offset = |name: &str| {
            citation.fields["span"][name].as_u64().and_then(|at| usize::try_from(at).ok())
        };
        let range = |start, end| offset(start).zip(offset(end)).expect("a span is complete");
        let (char_start, char_end) = range("charStart", "charEnd");
        let (byte_start, byte_end) = range("byteStart", "byteEnd");

        let quote = &citation.fields["quote"];
        assert_eq!(quote, &characters[char_start..char_end].iter().collect::<String>());
        assert_eq!(quote, &SHIPPED.article[byte_start..byte_end]);
    }
}

#[test]
fn each_statement_is_in_the_records() {
    let statements: Vec<String> =
        (1..=112).map(|n| format!("s{n:03}")).chain(EXTERNAL.map(str::to_owned)).collect();

    assert_eq!(statements.len(), 124);
    assert!(LOADED.represented.keys().eq(&statements));
    for (statement, keys) in &LOADED.represented {
        assert!(keys.iter().all(|key| BY_KEY.contains_key(key.as_str())), "{keys:?}");
        let cited = keys.iter().filter(|key| put(key).record_type == "Citation").count();
        assert!(cited >= 1 && cited < keys.len(), "{statement}: {keys:?}");
    }
    let keys = &LOADED.represented["s072"];
    let expected =
        ["SEED:initiative/nang-cao-nhan-thuc", "seed:s072/citation/1", "seed:s072/status"];
    assert_eq!(keys[..3], expected);
}

/// There is no x10.
const EXTERNAL: [&str; 12] =
    ["x01", "x02", "x03", "x04", "x05", "x06", "x07", "x08", "x09", "x11", "x12", "x13"];

#[test]
fn loading_takes_well_under_a_second() {
    let started = Instant::now();
    load(&SHIPPED).expect("the shipped data are right");

    // Without optimization, and on a machine that does other things, it may take longer.
    let limit = if cfg!(debug_assertions) { 20 } else { 1 };
    assert!(started.elapsed() < Duration::from_secs(limit));
}
