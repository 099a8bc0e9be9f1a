//! The questions that a content API for creative cities has to answer, on the shipped data.
//!
//! `questions/NN.graphql` is a question and `NN.json` its answer: written from the files in `data/` by `expected.py`, which
//! knows nothing of culturegraph, and never recorded. `_from` in it names the statements and rows that it follows from.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::{Value as Json, json};

use crate::app::{Shipped, TestApp};

on_both!(
    q01_a_city_page_has_its_membership_in_the_readers_language,
    q02_each_challenge_has_one_quote_and_its_place_in_the_text,
    q03_an_officials_profile_has_offices_and_what_he_said,
    q04_a_search_box_finds_words_without_marks_in_any_order,
    q05_three_letters_suggest_records_of_several_types,
    q06_an_event_page_has_its_larger_event_and_speakers,
    q07_a_map_shows_the_members_of_one_field_in_a_box,
    q08_members_are_counted_by_field_and_year,
    q09_coverage_stands_beside_the_number,
    q10_a_commitment_has_its_initiatives_as_a_tree,
    q11_initiatives_are_found_by_region_and_sector,
    q12_what_lacks_a_translation_is_listed,
    q13_a_passage_has_all_that_cites_it,
    q14_nodes_come_in_the_order_asked_with_null_for_the_missing,
    q15_what_has_changed_is_told_without_gap_or_repetition,
    q16_geonames_ids_lead_to_our_records,
    q17_a_dispute_shows_each_side_and_dates_that_agree_are_none,
    q19_an_office_was_held_on_a_day_with_certainty,
    q20_statements_of_one_speaker_have_their_quotes,
    q21_reports_fall_due_every_four_years,
    q22_a_vocabulary_has_its_terms_with_their_matches,
    q24_what_has_no_lead_and_what_has_no_field_is_found,
    q25_a_deep_and_wide_question_is_answered,
    q26_a_city_page_is_one_request,
    q27_facets_leave_the_chosen_statuses_out,
    q28_a_map_shows_pins_with_their_fields,
    q29_a_membership_has_its_timeline_and_its_history,
    q30_the_sources_of_a_record_stand_beside_it,
    what_waits_is_refused_today,
);

/// Questions that cannot be answered yet: what each lacks, and the capability that brings it. When it comes, the question
/// leaves this list and gets its answer.
const WAITING: [(&str, &str, &str); 2] = [("18", "asOf", CHANGES), ("23", "jsonLd", PARTNERS)];

/// Questions about what the base itself recorded, or in which order it finds, which no file in `data/` says: their tests say
/// what holds of the answer.
const OF_THE_BASE: [&str; 3] = ["04", "05", "15"];

const CHANGES: &str = "reading and writing changes";
const PARTNERS: &str = "exports for partners";

async fn q01_a_city_page_has_its_membership_in_the_readers_language(app: Shipped) {
    is_answered(&app, "01").await;
}

async fn q02_each_challenge_has_one_quote_and_its_place_in_the_text(app: Shipped) {
    is_answered(&app, "02").await;
}

async fn q03_an_officials_profile_has_offices_and_what_he_said(app: Shipped) {
    is_answered(&app, "03").await;
}

/// The answer, once the index is made.
async fn found(app: &Shipped, number: &str) -> Json {
    let query = read(&format!("{number}.graphql"));
    for _ in 0..60 {
        let answer = app.answer(&query, json!({})).await;
        if !answer["errors"].to_string().contains("INDEX_BUILDING") {
            assert_eq!(answer.get("errors"), None, "{answer}");
            return answer["data"].clone();
        }
    }
    panic!("the index is not made");
}

async fn q04_a_search_box_finds_words_without_marks_in_any_order(app: Shipped) {
    let data = found(&app, "04").await;

    let edges = data["search"]["edges"].as_array().unwrap();
    assert_eq!((edges.len(), &data["search"]["didYouMean"]), (5, &Json::Null));
    let scores: Vec<f64> = edges.iter().map(|it| it["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    let words = ["sáng", "tạo", "thành", "phố", "hà", "nội"];
    for edge in edges {
        for matched in edge["matches"].as_array().unwrap() {
            let value: Vec<char> = matched["value"].as_str().unwrap().chars().collect();
            for place in matched["highlights"].as_array().unwrap() {
                let [start, end] = ["start", "end"]
                    .map(|it| usize::try_from(place[it].as_u64().unwrap()).unwrap());
                let shown: String = value[start..end].iter().collect::<String>().to_lowercase();
                let is_asked = shown.split_whitespace().all(|it| words.contains(&it));
                assert!(is_asked || shown == "hanoi", "{shown}: {edge}");
            }
        }
    }
    let titles: Vec<&str> = edges.iter().filter_map(|it| it["node"]["name"].as_str()).collect();
    let best = titles[0].to_lowercase();
    assert!(words.iter().all(|word| best.contains(word)), "{titles:?}");
}

async fn q05_three_letters_suggest_records_of_several_types(app: Shipped) {
    let data = found(&app, "05").await;

    let groups = data["suggest"].as_array().unwrap();
    let of = |ty: &str| {
        let group = groups.iter().find(|it| it["type"] == ty);
        let nodes = group.map_or(&[][..], |it| it["nodes"].as_array().unwrap());
        nodes.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of("CITY").first().map(String::as_str), Some("Hội An"), "{data}");
    assert!(of("EVENT").iter().any(|name| name.to_lowercase().contains("hội nghị")), "{data}");
    assert!(groups.iter().all(|it| it["nodes"].as_array().unwrap().len() <= 3));
}

async fn q06_an_event_page_has_its_larger_event_and_speakers(app: Shipped) {
    is_answered(&app, "06").await;
}

async fn q07_a_map_shows_the_members_of_one_field_in_a_box(app: Shipped) {
    is_answered(&app, "07").await;
}

async fn q08_members_are_counted_by_field_and_year(app: Shipped) {
    let answer = is_answered(&app, "08").await;

    let groups = answer["membershipStats"]["groups"].as_array().expect("a list");
    let of_year = |year: i64| -> i64 {
        groups
            .iter()
            .filter(|it| it["startYear"] == year)
            .filter_map(|it| it["count"].as_i64())
            .sum()
    };
    assert_eq!((of_year(2019), of_year(2025)), (66, 46));
}

async fn q09_coverage_stands_beside_the_number(app: Shipped) {
    is_answered(&app, "09").await;
}

async fn q10_a_commitment_has_its_initiatives_as_a_tree(app: Shipped) {
    is_answered(&app, "10").await;
}

async fn q11_initiatives_are_found_by_region_and_sector(app: Shipped) {
    is_answered(&app, "11").await;
}

async fn q12_what_lacks_a_translation_is_listed(app: Shipped) {
    is_answered(&app, "12").await;

    // The newspaper has a short form, and it is Vietnamese alone.
    let rest = "{ translationGaps(types: [ORGANIZATION], from: \"vi\", to: \"en\") { edges { fields node { slug } } } }";
    let rest = app.data(rest).await;
    let expected = json!([{ "fields": ["abbreviation"], "node": { "slug": "tuoi-tre-thu-do" } }]);
    assert_eq!(rest["translationGaps"]["edges"], expected);
}

async fn q13_a_passage_has_all_that_cites_it(app: Shipped) {
    is_answered(&app, "13").await;
}

async fn q14_nodes_come_in_the_order_asked_with_null_for_the_missing(app: Shipped) {
    is_answered(&app, "14").await;
}

async fn q15_what_has_changed_is_told_without_gap_or_repetition(app: Shipped) {
    let query = read("15.graphql");
    let (mut after, mut before, mut slugs) = (Json::Null, String::new(), BTreeSet::new());
    let mut count = 0;
    loop {
        let answer = app.ask(&query, json!({ "after": after })).await;
        assert_eq!(answer.get("errors"), None);
        let page = &answer["data"]["changes"];
        for node in page["nodes"].as_array().expect("a list") {
            let position = node["position"].as_str().expect("a position");
            assert!(
                *position > *before && matches!(node["type"].as_str(), Some("CITY" | "MEMBERSHIP"))
            );
            position.clone_into(&mut before);
            count += 1;
            slugs.extend(node["record"]["slug"].as_str().map(str::to_owned));
        }
        let next = page["position"].clone();
        if next == after {
            // Nothing is left, and the whole log is behind us.
            assert_eq!(page["nodes"], json!([]));
            break;
        }
        after = next;
    }
    let counts = app
        .data(
            "{ changes { position totalCount } of: changes(types: [CITY, MEMBERSHIP]) { totalCount }
            cities { totalCount } }",
        )
        .await;
    assert_eq!(
        (&counts["of"]["totalCount"], &counts["cities"]["totalCount"]),
        (&json!(count), &json!(slugs.len()))
    );
    let newest = after.as_str().expect("a position").trim_start_matches('0');
    assert_eq!(counts["changes"]["totalCount"].to_string(), newest);
}

async fn q16_geonames_ids_lead_to_our_records(app: Shipped) {
    is_answered(&app, "16").await;
}

async fn q17_a_dispute_shows_each_side_and_dates_that_agree_are_none(app: Shipped) {
    let answer = is_answered(&app, "17").await;

    assert!(!answer.to_string().contains("ha-noi"));
}

async fn q19_an_office_was_held_on_a_day_with_certainty(app: Shipped) {
    is_answered(&app, "19").await;
}

async fn q20_statements_of_one_speaker_have_their_quotes(app: Shipped) {
    is_answered(&app, "20").await;
}

async fn q21_reports_fall_due_every_four_years(app: Shipped) {
    is_answered(&app, "21").await;
}

async fn q22_a_vocabulary_has_its_terms_with_their_matches(app: Shipped) {
    is_answered(&app, "22").await;
}

async fn q24_what_has_no_lead_and_what_has_no_field_is_found(app: Shipped) {
    is_answered(&app, "24").await;
}

async fn q25_a_deep_and_wide_question_is_answered(app: Shipped) {
    is_answered(&app, "25").await;
}

async fn q26_a_city_page_is_one_request(app: Shipped) {
    is_answered(&app, "26").await;
}

async fn q27_facets_leave_the_chosen_statuses_out(app: Shipped) {
    is_answered(&app, "27").await;
}

async fn q28_a_map_shows_pins_with_their_fields(app: Shipped) {
    is_answered(&app, "28").await;
}

async fn q29_a_membership_has_its_timeline_and_its_history(app: Shipped) {
    is_answered(&app, "29").await;

    let history = r#"{ membership(by: { slug: "lyon-uccn" }) { history(first: 20) { nodes {
        recordedAt operation comment diff { path before after }
    } } } }"#;
    let history = app.data(history).await;
    let nodes = history["membership"]["history"]["nodes"].as_array().expect("a list");
    let made = nodes.last().expect("it was made");
    assert_eq!(
        (&made["operation"], &made["recordedAt"]),
        (&json!("CREATE"), &json!("2026-01-01T12:00:00Z"))
    );
    let start = json!({ "path": ["startDate"], "before": null, "after": "2008" });
    assert!(made["diff"].as_array().expect("a list").contains(&start), "{made}");
}

async fn q30_the_sources_of_a_record_stand_beside_it(app: Shipped) {
    is_answered(&app, "30").await;
}

/// So that the list cannot rot: a question that can be answered must leave it.
async fn what_waits_is_refused_today(app: TestApp) {
    let variables = json!({ "id": "city_0", "slug": "ha-noi", "today": "2026-01-01" });
    for (number, lacks, capability) in WAITING {
        let query = read(&format!("{number}.graphql"));
        let answer = app.post(json!({ "query": query, "variables": variables })).await.json();

        let errors = answer["errors"].to_string();
        assert!(
            errors.contains(&format!("\\\"{lacks}\\\"")),
            "question {number} waits for {capability} because of {lacks}, but: {answer}"
        );
    }
}

#[test]
fn each_question_has_an_answer_or_waits() {
    let waiting: BTreeSet<String> =
        WAITING.iter().map(|(number, ..)| (*number).to_owned()).collect();

    let mut answered: BTreeSet<String> = numbers("json").collect();
    answered.extend(OF_THE_BASE.map(str::to_owned));

    assert_eq!(answered.intersection(&waiting).count(), 0);
    assert_eq!(
        answered.union(&waiting).cloned().collect::<BTreeSet<_>>(),
        numbers("graphql").collect()
    );
}

/// Asks a question, compares the answer with the expected one, and gives it back.
async fn is_answered(app: &Shipped, number: &str) -> Json {
    let expected = read(&format!("{number}.json"));
    let expected: Json = serde_json::from_str(&expected).expect("the expected answer is JSON");

    let mut answer =
        app.ask(&read(&format!("{number}.graphql")), expected["variables"].clone()).await;

    assert_eq!(answer.get("errors"), None);
    hide_what_changes(&mut answer);
    sort_by_type(&mut answer);
    if let Some(difference) = difference("data", &answer["data"], &expected["data"]) {
        panic!("question {number}: {difference}");
    }
    answer["data"].take()
}

/// Cursors are opaque, the next report depends on the day, and what was recorded on the base: an expected answer only says
/// that there is one.
fn hide_what_changes(answer: &mut Json) {
    match answer {
        Json::Object(fields) => {
            for (name, value) in fields {
                if name == "endCursor" && value.is_string() {
                    *value = "(opaque)".into();
                }
                if name == "history" && value.is_object() {
                    *value = "(of the base)".into();
                }
                if name == "nextReportDueYear" && value.is_number() {
                    *value = "(of the day)".into();
                }
                hide_what_changes(value);
            }
        }
        Json::Array(items) => items.iter_mut().for_each(hide_what_changes),
        _ => {}
    }
}

/// Lists of rows of all types come by type, in an order of types that the schema leaves open: an expected answer has them by
/// the type's name. Rows of one type keep their order.
fn sort_by_type(answer: &mut Json) {
    for list in ["/data/person/assertions/nodes", "/data/passage/citedBy/nodes"] {
        if let Some(Json::Array(nodes)) = answer.pointer_mut(list) {
            nodes.sort_by_key(|node| node["__typename"].as_str().map(str::to_owned));
        }
    }
}

/// The first place where an answer is not the expected one.
fn difference(path: &str, found: &Json, expected: &Json) -> Option<String> {
    match (found, expected) {
        (Json::Object(a), Json::Object(b)) if a.keys().eq(b.keys()) => a
            .iter()
            .find_map(|(name, value)| difference(&format!("{path}.{name}"), value, &b[name])),
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(i, (a, b))| difference(&format!("{path}.{i}"), a, b))
        }
        _ => (found != expected).then(|| format!("{path}: found {found}, expected {expected}")),
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("questions")
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).expect("the file is there")
}

/// Numbers of the files of a kind.
fn numbers(extension: &str) -> impl Iterator<Item = String> {
    let files = fs::read_dir(folder()).expect("the folder is there");
    let paths = files.map(|file| file.expect("it can be read").path());
    let of_kind = paths.filter(move |path| path.extension().is_some_and(|it| it == extension));
    of_kind.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
}
