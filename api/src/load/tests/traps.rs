//! The traps of `facts.json`, one test each, named by their ids; and what the article does not say.

use super::*;
use crate::value::edtf::{FuzzyDate, coarser, compatible};
use crate::value::fold;

const NGOAI_GIAO: &str = "SEED:event/hoi-nghi-ngoai-giao-31";
const NGOAI_VU: &str = "SEED:event/hoi-nghi-ngoai-vu-toan-quoc-20";
const PRESENTATION: &str = "SEED:presentation/phat-trien-thuong-hieu-thanh-pho-sang-tao";
const HA_NOI: &str = "GEONAMES:1581130";
const MEMBERSHIP: &str = "SEED:membership/ha-noi-uccn";

/// The claims about a property of a record.
fn claims(subject: &str, property: &str) -> Vec<&'static Put> {
    let mut claims = leading_to("Claim", "subject", subject);
    claims.retain(|put| put.fields["property"] == property);
    claims
}

/// Keys of the documents that support a record.
fn sources(subject: &str) -> BTreeSet<&'static str> {
    leading_to("Citation", "subject", subject)
        .iter()
        .filter_map(|put| put.fields["document"]["key"].as_str())
        .collect()
}

fn name(key: &str, lang: &str) -> &'static str {
    let names = field(key, "names").as_array().into_iter().flatten();
    let mut names = names.filter(|it| it["lang"] == lang).filter_map(|it| it["value"].as_str());
    names.next().unwrap_or_default()
}

#[test]
fn t01_the_day_has_no_year_and_2021_is_only_inferred() {
    let dates: Vec<_> = claims(NGOAI_VU, "START_DATE")
        .into_iter()
        .map(|put| {
            let part = |name: &str| put.fields[name].as_str().unwrap_or_default();
            (
                put.fields["value"]["date"].as_str(),
                part("modality"),
                part("rank"),
                sources(&put.key),
            )
        })
        .collect();

    let external =
        "document:https://baolongan.vn/bo-ngoai-giao-to-chuc-hoi-nghi-ngoai-giao-31-a127123.html";
    assert_eq!(
        dates,
        [
            (Some("XXXX-12-13"), "STATED", "NORMAL", BTreeSet::from([entities::ARTICLE])),
            (Some("2021-12-13"), "INFERRED", "NORMAL", BTreeSet::from([external])),
        ]
    );
    // Of claims that can mean the same day the field shows the one that says less.
    let date = |edtf| FuzzyDate::parse(edtf).expect("a date");
    assert!(compatible(&date("XXXX-12-13"), &date("2021-12-13")));
    assert!(coarser(&date("XXXX-12-13"), &date("2021-12-13")));
    assert_eq!(field(NGOAI_VU, "startDate"), &Value::Null, "left to the claims");
    assert_eq!(field(entities::ARTICLE, "datePublished"), &Value::Null);
}

#[test]
fn t02_the_conferences_are_not_merged() {
    let events: Vec<(&str, &str, &str, i64)> = of_type("Event")
        .map(|put| {
            let series = put.fields["series"]["key"].as_str().unwrap_or_default();
            let number = put.fields["ordinal"].as_i64().unwrap_or_default();
            (&*put.key, series, name(&put.key, "en"), number)
        })
        .collect();

    assert_eq!(
        events,
        [
            (NGOAI_GIAO, "event-series:hoi-nghi-ngoai-giao", "31st Diplomatic Conference", 31),
            (
                NGOAI_VU,
                "event-series:hoi-nghi-ngoai-vu-toan-quoc",
                "20th National Conference on External Affairs",
                20
            ),
        ]
    );
    assert_eq!(of_type("EventSeries").count(), 2);
    let is_third = |put: &&Put| Value::from(put.fields.clone()).to_string().contains("Đối ngoại");
    assert!(of_type("Event").chain(of_type("EventSeries")).find(is_third).is_none());
}

#[test]
fn t03_date_place_and_format_are_those_of_the_20th() {
    assert_eq!(field(NGOAI_VU, "city"), &json!({ "key": HA_NOI }));
    assert_eq!(field(NGOAI_VU, "format"), &json!({ "key": "TERM:event-format/hybrid" }));
    assert_eq!(field(NGOAI_VU, "partOfDay")[0]["value"], "sáng");
    assert_eq!(field(NGOAI_VU, "scope")[0]["value"], "toàn quốc");
    assert_eq!(field(NGOAI_VU, "superEvent"), &json!({ "key": NGOAI_GIAO }));
    for name in ["city", "format", "partOfDay", "scope", "venue", "superEvent"] {
        assert_eq!(field(NGOAI_GIAO, name), &Value::Null, "{name}");
    }
    let claimed: Vec<&Value> = leading_to("Claim", "subject", NGOAI_GIAO)
        .iter()
        .map(|put| &put.fields["property"])
        .collect();
    assert_eq!(claimed, ["ORDINAL", "START_DATE"]);
    let dates = claims(NGOAI_GIAO, "START_DATE");
    assert!(dates.iter().all(|put| !sources(&put.key).contains(entities::ARTICLE)));
}

#[test]
fn t04_the_presentation_has_two_titles_and_prefers_one() {
    let titles: Vec<(&str, &str)> = claims(PRESENTATION, "NAME")
        .into_iter()
        .map(|put| {
            let title = put.fields["value"]["text"][0]["value"].as_str().unwrap_or_default();
            (put.fields["rank"].as_str().unwrap_or_default(), title)
        })
        .collect();

    let [(preferred, first), (normal, second)] = *titles else { panic!("{titles:?}") };
    assert_eq!((preferred, normal), ("PREFERRED", "NORMAL"));
    assert!(first.ends_with("thách thức đối với Hà Nội"), "{first}");
    assert!(second.ends_with("thách thức với Hà Nội"), "{second}");
    assert_eq!(name(PRESENTATION, "vi"), first);
    assert_eq!(of_type("Presentation").count(), 1);
}

#[test]
fn t05_quotation_marks_in_the_title_do_not_end_it() {
    assert_eq!(
        name(PRESENTATION, "vi"),
        "Phát triển thương hiệu “Thành phố sáng tạo”: Cơ hội và thách thức đối với Hà Nội"
    );
    let [first, _] = *claims(PRESENTATION, "NAME") else { panic!("two titles") };
    let quotes = leading_to("Citation", "subject", &first.key);
    assert_eq!(quotes[0].fields["quote"], name(PRESENTATION, "vi"));
}

#[test]
fn t06_three_forms_of_an_office_are_one_office() {
    let position = "SEED:position/pho-chu-tich-thuong-truc-ubnd-tp-ha-noi";

    assert_eq!(leading_to("OfficeHolding", "position", position).len(), 1);
    let forms: BTreeSet<&str> = leading_to("Mention", "record", position)
        .iter()
        .filter_map(|put| put.fields["quote"].as_str())
        .collect();
    let expected = [
        "Phó Chủ tịch Thường trực UBND TP",
        "Phó Chủ tịch Thường trực UBND TP Hà Nội",
        "Phó Chủ tịch UBND TP Hà Nội",
    ];
    assert_eq!(forms, expected.into());
    let names = field(position, "alternateNames").to_string();
    assert!(!names.contains("Phó Chủ tịch UBND TP Hà Nội"), "in general another office");
    assert_eq!(claims("SEED:person/le-hong-son", "REFERRED_TO_AS").len(), 3);
}

#[test]
fn t07_a_city_is_not_part_of_a_name() {
    let people: Vec<&Put> = of_type("Person").collect();

    let [person] = *people else { panic!("{} people", people.len()) };
    assert_eq!(name(&person.key, "vi"), "Lê Hồng Sơn");
    assert_eq!(
        (&person.fields["familyName"], &person.fields["givenName"]),
        (&json!("Lê"), &json!("Sơn"))
    );
    assert!(!Value::from(person.fields.clone()).to_string().contains("Hà Nội"));
    let mentions = leading_to("Mention", "record", &person.key);
    assert!(mentions.iter().all(|put| put.fields["quote"] == "Lê Hồng Sơn"));
    assert_eq!(mentions.len(), 3);
}

#[test]
fn t08_two_titles_on_one_line_are_two_documents() {
    let related: Vec<&str> = leading_to("Link", "from", entities::ARTICLE)
        .iter()
        .filter(|put| put.fields["relation"] == "RELATED_TO")
        .filter_map(|put| put.fields["to"]["key"].as_str())
        .map(|key| name(key, "vi"))
        .collect();

    let expected = [
        "Thống nhất về nhận thức và hành động trong phát triển công nghiệp văn hóa",
        "Đánh giá khách quan, toàn diện các kết quả thực hiện nhiệm vụ năm 2021",
    ];
    assert_eq!(related, expected);
}

#[test]
fn t09_the_two_words_for_capital_are_told_apart() {
    let concept = "TERM:concept/kinh-do-sang-tao";

    assert_eq!(
        (name(concept, "vi"), name(concept, "en")),
        ("Kinh đô sáng tạo", "Creative Capital")
    );
    let capital = |put: &&Value| put["value"] == "the Capital" || put["value"] == "Thủ đô";
    let aliases = field(HA_NOI, "alternateNames").as_array().into_iter().flatten();
    let scopes: Vec<&Value> = aliases.filter(capital).map(|it| &it["scope"]).collect();
    assert_eq!(scopes, ["DOCUMENT", "DOCUMENT"]);
    assert_eq!(name("SEED:place/vung-thu-do", "en"), "Capital Region");
}

#[test]
fn t10_page_furniture_says_nothing_but_the_source() {
    let with_role = |role: &str| {
        let role = json!({ "key": format!("TERM:passage-role/{role}") });
        let of_role = of_type("Passage").filter(move |put| put.fields["role"] == role);
        of_role.map(|put| &*put.key).collect::<Vec<_>>()
    };
    let cited = |passage: &str| leading_to("Citation", "passage", passage);

    let [furniture] = *with_role("boilerplate") else { panic!("one such passage") };
    assert_eq!(field(furniture, "text"), "Xem phiên bản mobile");
    assert!(cited(furniture).is_empty() && leading_to("Mention", "passage", furniture).is_empty());
    let [source] = *with_role("source-line") else { panic!("one such passage") };
    let subjects: BTreeSet<&str> =
        cited(source).iter().filter_map(|put| put.fields["subject"]["key"].as_str()).collect();
    assert_eq!(
        subjects,
        BTreeSet::from([entities::ARTICLE, "seed:s001"]),
        "publisher, abbreviation"
    );
}

#[test]
fn t11_the_list_of_challenges_is_open() {
    let challenges = leading_to("Challenge", "city", HA_NOI);

    assert_eq!(challenges.len(), 4);
    assert!(challenges.iter().all(|put| put.fields["isFromOpenList"] == true));
    let [open] = *claims(HA_NOI, "LIST_IS_OPEN") else { panic!("one claim") };
    assert_eq!(open.fields["value"], json!({ "boolean": true }));
}

#[test]
fn t12_the_article_gives_the_membership_no_date_field_or_status() {
    for name in ["startDate", "endDate", "status"] {
        assert_eq!(field(MEMBERSHIP, name), &Value::Null, "{name}");
    }
    let dates =
        ["START_DATE", "END_DATE", "FIELD", "STATUS"].map(|it| claims(MEMBERSHIP, it)).concat();
    let periods = leading_to("FieldPeriod", "membership", MEMBERSHIP);
    for put in dates.iter().chain(&periods) {
        assert!(!sources(&put.key).contains(entities::ARTICLE), "{}", put.key);
    }
    assert_eq!((dates.len(), periods.len()), (2, 1), "from other sources");
    assert!(sources(MEMBERSHIP).contains(entities::ARTICLE), "that it is a member");
}

#[test]
fn t13_a_goal_is_not_a_title_of_the_city() {
    let goal = "SEED:goal/kinh-do-sang-tao-dong-nam-a";
    let title = "TERM:concept/kinh-do-sang-tao";

    assert_eq!(put(goal).record_type, "Goal");
    let seekers: Vec<&Value> = leading_to("Link", "to", title)
        .iter()
        .filter(|put| put.fields["relation"] == "SEEKS_TITLE")
        .map(|put| &put.fields["from"]["key"])
        .collect();
    assert_eq!(seekers, [goal]);
    let of_city = leading_to("Link", "from", HA_NOI);
    assert!(of_city.iter().all(|put| put.fields["to"]["key"] != title));
    let said = leading_to("Claim", "subject", HA_NOI);
    let with_title = said.iter().filter(|put| put.fields["value"].to_string().contains("kinh-do"));
    let properties: BTreeSet<&str> =
        with_title.filter_map(|put| put.fields["property"].as_str()).collect();
    assert_eq!(properties, ["GOAL"].into());
    assert!(!Value::from(put(HA_NOI).fields.clone()).to_string().contains("Kinh đô"));
}

#[test]
fn t14_d_with_a_stroke_folds_to_d_in_either_writing() {
    for written in ["Đà Lạt", "\u{d0}à Lạt", "đà lạt", "\u{f0}à lạt"] {
        assert_eq!(fold::fold(written), "da lat");
    }
    assert_eq!(slug_of("GEONAMES:1584071"), "da-lat");
    assert_eq!(name("GEONAMES:1584071", "vi"), "Đà Lạt");
    assert!(SHIPPED.cities.contains("\u{d0}ông Hà"), "as GeoNames writes it");
    let dong_ha: Vec<&str> = of_type("City")
        .filter(|put| name(&put.key, "vi") == "Đông Hà")
        .map(|put| slug_of(&put.key))
        .collect();
    assert_eq!(dong_ha, ["dong-ha"]);
}

#[test]
fn what_the_article_does_not_say_is_absent() {
    let document = entities::ARTICLE;
    let goal = "SEED:goal/kinh-do-sang-tao-dong-nam-a";
    let centre = "SEED:initiative/trung-tam-thiet-ke-sang-tao";
    let commitment = "SEED:commitment/uccn-cam-ket-ha-noi";
    for (key, name) in [
        (document, "datePublished"),
        (document, "url"),
        ("SEED:document/rel-thong-nhat-nhan-thuc", "url"),
        ("SEED:document/rel-danh-gia-khach-quan", "url"),
        (NGOAI_VU, "venue"),
        (goal, "targetDate"),
        (centre, "startDate"),
        (centre, "endDate"),
        (commitment, "text"),
        (commitment, "recipient"),
        (commitment, "madeDate"),
        (PRESENTATION, "inLanguage"),
    ] {
        assert_eq!(field(key, name), &Value::Null, "{key}, {name}");
    }
    let relations: BTreeSet<&str> =
        of_type("Link").filter_map(|put| put.fields["relation"].as_str()).collect();
    for relation in ["ADDRESSES", "LED_BY", "PARTNERS_WITH"] {
        assert!(!relations.contains(relation), "{relation}");
    }
    let parts: Vec<&Value> =
        of_type("Participation").map(|put| &put.fields["event"]["key"]).collect();
    assert_eq!(parts, [NGOAI_GIAO], "who held the 20th is not said");
    assert!(claims(centre, "LOCATION").is_empty());
}
