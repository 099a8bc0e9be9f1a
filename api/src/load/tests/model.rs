//! What the article wants and what it is among: goals, opportunities, commitments, groups, places, heritage, data sets.

use super::*;

const HA_NOI: &str = "GEONAMES:1581130";
const GOAL: &str = "SEED:goal/kinh-do-sang-tao-dong-nam-a";
const PERSON: &str = "SEED:person/le-hong-son";
const PUBLICATION: &str = "SEED:publication/tuoi-tre-thu-do";

/// Ends of the links of a relation, as keys.
fn links(relation: &str) -> Vec<(&'static str, &'static str)> {
    of_type("Link")
        .filter(|put| put.fields["relation"] == relation)
        .filter_map(|put| {
            Some((put.fields["from"]["key"].as_str()?, put.fields["to"]["key"].as_str()?))
        })
        .collect()
}

fn to(key: &str) -> Value {
    json!({ "key": key })
}

#[test]
fn goals_are_the_citys_and_say_who_says_so() {
    assert_eq!(field(GOAL, "horizon")[0]["value"], "trong tương lai gần");
    assert_eq!(field(GOAL, "importance")[0]["value"], "mục tiêu lớn");
    assert_eq!(field(GOAL, "scope"), &to("SEED:place/dong-nam-a"));
    let goals: Vec<(&str, &Value)> = leading_to("Goal", "subject", HA_NOI)
        .iter()
        .map(|put| (slug_of(&put.key), &put.fields["modality"]))
        .collect();
    let (stated, inferred) = (json!("STATED"), json!("INFERRED"));
    assert_eq!(
        goals,
        [
            ("kinh-do-sang-tao-dong-nam-a", &stated),
            ("diem-sang-van-hoa", &inferred),
            ("phat-trien-thuong-hieu-thanh-pho-sang-tao", &stated),
        ]
    );
    assert_eq!(links("CONTRIBUTES_TO"), [(GOAL, "SEED:goal/diem-sang-van-hoa")]);
    assert_eq!(
        links("SERVES"),
        [(
            "SEED:initiative/nang-cao-nhan-thuc",
            "SEED:goal/phat-trien-thuong-hieu-thanh-pho-sang-tao"
        )]
    );

    let said: Vec<(&Value, &Value)> = leading_to("Claim", "subject", HA_NOI)
        .iter()
        .filter(|put| put.fields["property"] == "GOAL")
        .map(|put| (&put.fields["value"]["record"]["key"], &put.fields["assertedBy"]["key"]))
        .collect();
    let brand = "SEED:goal/phat-trien-thuong-hieu-thanh-pho-sang-tao";
    assert_eq!(
        said,
        [
            (&json!(GOAL), &json!(PUBLICATION)),
            (&json!(GOAL), &json!(PERSON)),
            (&json!(brand), &json!(PUBLICATION)),
        ]
    );
}

#[test]
fn opportunities_come_with_the_membership_in_their_order() {
    let opportunities = leading_to("Opportunity", "membership", "SEED:membership/ha-noi-uccn");

    let positions: Vec<Option<u64>> =
        opportunities.iter().map(|put| put.fields["listPosition"].as_u64()).collect();
    assert_eq!(positions, (1..=7).map(Some).collect::<Vec<_>>());
    for put in opportunities {
        assert_eq!((&put.fields["city"], &put.fields["assertedBy"]), (&to(HA_NOI), &to(PERSON)));
    }
}

#[test]
fn the_commitment_arises_from_the_membership_and_has_one_initiative_with_three_parts() {
    let commitment = "SEED:commitment/uccn-cam-ket-ha-noi";
    let initiative = "SEED:initiative/thuc-hien-cam-ket-uccn";

    assert_eq!(field(commitment, "city"), &to(HA_NOI));
    assert_eq!(field(commitment, "membership"), &to("SEED:membership/ha-noi-uccn"));
    assert_eq!(links("FULFILLS"), [(initiative, commitment)]);
    assert_eq!(leading_to("Initiative", "partOf", initiative).len(), 3);
}

#[test]
fn groups_are_targeted_and_asked_for_support() {
    let targets: Vec<&str> = links("TARGETS").into_iter().map(|(_, to)| slug_of(to)).collect();
    let expected =
        ["can-bo", "dang-vien", "to-chuc-dang", "chinh-quyen-thanh-pho", "cong-dong-sang-tao"];
    assert_eq!(targets, expected);
    let first: Vec<&str> = of_type("Claim")
        .filter(|put| put.fields["property"] == "PRIORITY")
        .filter_map(|put| put.fields["value"]["record"]["key"].as_str())
        .map(slug_of)
        .collect();
    assert_eq!(first, expected[..4]);

    let [central, provinces] =
        ["SEED:group/co-quan-trung-uong", "SEED:group/tinh-thanh-vung-thu-do"];
    assert_eq!(
        links("SEEKS_SUPPORT_FROM"),
        [(HA_NOI, central), (GOAL, central), (HA_NOI, provinces), (GOAL, provinces)]
    );
    assert_eq!(field(provinces, "region"), &to("SEED:place/vung-thu-do"));
    assert!(links("LOCATED_IN").contains(&(provinces, "SEED:place/vung-thu-do")));
}

#[test]
fn the_presentation_is_given_by_a_person_at_the_20th_conference_about_city_and_brand() {
    let presentation = "SEED:presentation/phat-trien-thuong-hieu-thanh-pho-sang-tao";

    assert_eq!(links("GIVEN_BY"), [(presentation, PERSON)]);
    assert_eq!(field(presentation, "event"), &to("SEED:event/hoi-nghi-ngoai-vu-toan-quoc-20"));
    assert_eq!(field(presentation, "kind"), &to("TERM:presentation-kind/conference-paper"));
    assert_eq!(
        links("ABOUT"),
        [
            (entities::ARTICLE, GOAL),
            (presentation, "TERM:concept/thanh-pho-sang-tao"),
            (presentation, HA_NOI),
        ]
    );
}

#[test]
fn the_organizer_is_an_organization_and_has_both_sources() {
    let participation = "participation:hoi-nghi-ngoai-giao-31/bo-ngoai-giao/organizer";

    assert_eq!(field(participation, "agent"), &to("organization:bo-ngoai-giao"));
    assert_eq!(field("organization:bo-ngoai-giao", "names")[0]["value"], "Bộ Ngoại giao");
    assert_eq!(leading_to("Citation", "subject", participation).len(), 2);
}

#[test]
fn each_mention_stands_in_the_text_and_leads_to_a_record() {
    let mentioned: BTreeSet<&str> =
        of_type("Mention").filter_map(|put| put.fields["record"]["key"].as_str()).collect();
    assert_eq!(mentioned.len(), 56);
    for mention in of_type("Mention") {
        let at = |name: &str| {
            mention.fields["span"][name].as_u64().and_then(|at| usize::try_from(at).ok())
        };
        let (start, end) = at("byteStart").zip(at("byteEnd")).expect("a span is complete");
        assert_eq!(mention.fields["quote"], SHIPPED.article[start..end]);
    }
}

#[test]
fn each_country_lies_in_one_continent_and_most_in_a_smaller_region() {
    let is_continent = |key: &str| field(key, "kind") == &to("TERM:region-kind/continent");
    let mut continents: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut regions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (country, region) in
        links("LOCATED_IN").into_iter().filter(|(from, _)| put(from).record_type == "Country")
    {
        let of_kind = if is_continent(region) { &mut continents } else { &mut regions };
        of_kind.entry(country).or_default().push(region);
    }

    assert_eq!((continents.len(), regions.len()), (250, 233));
    assert!(continents.values().chain(regions.values()).all(|regions| regions.len() == 1));
    assert_eq!(continents["ISO_3166_1_ALPHA_2:VN"], ["continent:AS"]);
    assert_eq!(of_type("Region").filter(|put| is_continent(&put.key)).count(), 7);
    let mut members: Vec<&str> = regions
        .iter()
        .filter(|(_, regions)| regions[..] == ["SEED:place/dong-nam-a"])
        .filter_map(|(country, _)| country.rsplit(':').next())
        .collect();
    members.sort_unstable();
    assert_eq!(members, ["BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN"]);
}

#[test]
fn south_east_asia_is_the_articles_and_that_of_the_un() {
    let region = "SEED:place/dong-nam-a";

    assert_eq!(field(region, "containedInRegion"), &to("continent:AS"));
    assert_eq!(
        field(region, "identifiers"),
        &json!([
            { "scheme": "UN_M49", "value": "035", "exactness": "EXACT" },
            { "scheme": "SEED", "value": "place/dong-nam-a", "exactness": "EXACT" },
        ])
    );
    assert_eq!(field(region, "formerSlugs"), &json!(["southeast-asia"]));
    let languages = ["vi", "en"].map(|lang| json!(lang));
    for region in of_type("Region") {
        let names = region.fields["names"].as_array().into_iter().flatten();
        let found: BTreeSet<&str> = names.filter_map(|it| it["lang"].as_str()).collect();
        assert!(
            languages.iter().all(|lang| found.contains(lang.as_str().unwrap_or_default())),
            "{}",
            region.key
        );
    }
}

#[test]
fn heritage_has_its_reference_its_page_and_what_was_decided_later() {
    let phong_nha = "WHC:951";

    assert_eq!(of_type("HeritageProperty").count(), 9);
    assert_eq!(field(phong_nha, "inscriptionYear"), 2003);
    assert_eq!(field(phong_nha, "category"), &to("TERM:heritage-category/natural"));
    let mut places: Vec<&str> = links("LOCATED_IN")
        .into_iter()
        .filter(|(from, _)| *from == phong_nha)
        .map(|(_, to)| to)
        .collect();
    places.sort_unstable();
    assert_eq!(places, ["ISO_3166_1_ALPHA_2:LA", "ISO_3166_1_ALPHA_2:VN"]);
    let later: Vec<&Value> = leading_to("Claim", "subject", phong_nha)
        .iter()
        .filter(|put| put.fields["property"] == "LATER_DECISION")
        .map(|put| &put.fields["value"])
        .collect();
    assert_eq!(later, [&json!({ "date": "2015" }), &json!({ "date": "2025" })]);
    for property in of_type("HeritageProperty") {
        assert_eq!(leading_to("Citation", "subject", &property.key).len(), 1);
    }
}

#[test]
fn data_sets_have_a_license_or_say_that_there_is_none() {
    let sets: Vec<(&str, &str, Option<&str>, Option<u64>)> = of_type("Dataset")
        .map(|put| {
            let text = |name: &str| put.fields.get(name).and_then(Value::as_str);
            let expected = put.fields.get("expectedCount").and_then(Value::as_u64);
            (slug_of(&put.key), text("scheme").unwrap_or_default(), text("licenseSpdxId"), expected)
        })
        .collect();

    assert_eq!(
        sets,
        [
            ("geonames-cities", "GEONAMES", Some("CC-BY-4.0"), None),
            ("cldr-countries", "ISO_3166_1_ALPHA_2", Some("Unicode-3.0"), None),
            ("cldr-regions", "UN_M49", Some("Unicode-3.0"), None),
            ("uccn-members", "UCCN", None, Some(408)),
            ("tttd-kinh-do-sang-tao", "SEED", None, None),
            ("world-heritage-vietnam", "WHC", None, None),
        ]
    );
    let members = "dataset:uccn-members";
    assert_eq!(field(members, "network"), &to("SEED:network/uccn"));
}
