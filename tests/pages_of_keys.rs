//! Long pages of ids and slugs, by which a static build or a sitemap lists all there is.

use std::collections::HashSet;

use serde_json::json;

use crate::app::Shipped;

on_both!(
    all_slugs_come_in_pages_of_a_thousand,
    keys_are_all_that_long_pages_have,
    no_page_is_longer_than_a_thousand
);

async fn all_slugs_come_in_pages_of_a_thousand(app: Shipped) {
    let query = "query($after: String) { cities(first: 1000, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { __typename id slug updatedAt }
    } }";
    let (mut slugs, mut sizes, mut after) = (HashSet::new(), Vec::new(), json!(null));
    loop {
        let answer = app.ask(query, json!({ "after": after })).await;

        let cities = &answer["data"]["cities"];
        assert_eq!(cities["totalCount"], 6_452, "{answer}");
        let nodes = cities["nodes"].as_array().unwrap();
        sizes.push(nodes.len());
        slugs.extend(nodes.iter().map(|node| node["slug"].as_str().unwrap().to_owned()));
        if cities["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = cities["pageInfo"]["endCursor"].clone();
    }

    assert_eq!(sizes, [1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 452]);
    assert_eq!(slugs.len(), 6_452);
}

async fn keys_are_all_that_long_pages_have(app: Shipped) {
    let page = |page: &str, records: &str| format!("{{ cities({page}) {records} }}");
    for records in [
        "{ nodes { id } }",
        "{ edges { cursor node { slug } } nodes { id updatedAt } pageInfo { endCursor } }",
        // Nothing of the records at all.
        "{ totalCount }",
        "{ pageInfo { hasNextPage } }",
        "{ edges { cursor } }",
    ] {
        for size in ["first: 101", "first: 1000", "last: 1000"] {
            let answer = app.ask(&page(size, records), json!({})).await;
            assert_eq!(answer.get("errors"), None, "{size} {records}");
        }
        assert_refused(&app, &page("first: 1001", records), "from 1 to 1000, not 1001").await;
        let message = assert_refused(&app, &page("last: 0", records), "from 1 to 100, not 0").await;
        assert!(!message.contains("1000"), "{message}");
    }
    for records in [
        "{ nodes { id name } }",
        "{ nodes { id country { id } } }",
        "{ nodes { id initiatives { totalCount } } }",
        "{ nodes { id } edges { node { population } } }",
    ] {
        assert_eq!(app.ask(&page("first: 100", records), json!({})).await.get("errors"), None);
        for size in ["first: 101", "last: 101", "first: 1001"] {
            let advice = "ask for up to 1000 records of which you select no more than `id`, `slug` and `updatedAt`";
            assert_refused(&app, &page(size, records), advice).await;
        }
    }
    let holdings = "{ officeHoldings(first: 101) { nodes { id rank } } }";
    assert_refused(&app, holdings, "no more than `id` and `updatedAt`").await;
}

async fn assert_refused(app: &Shipped, query: &str, advice: &str) -> String {
    let answer = app.ask(query, json!({})).await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "PAGE_INVALID", "{query} {answer}");
    let message = error["message"].as_str().unwrap().to_owned();
    assert!(message.contains(advice), "{query} {message}");
    message
}

async fn no_page_is_longer_than_a_thousand(app: Shipped) {
    for query in [
        "{ cities(first: 1001) { nodes { id } } }",
        "{ cities(last: 1001) { nodes { id } } }",
        "{ countries(first: 1) { nodes { cities(first: 101) { nodes { id } } } } }",
    ] {
        assert_refused(&app, query, "read further pages with a cursor").await;
    }
    // Those that are no records of one type stay at a hundred.
    for query in [
        "{ conflicts(first: 101) { nodes { id } } }",
        "{ translationGaps(from: \"vi\", to: \"en\", first: 101) { totalCount } }",
    ] {
        let message = assert_refused(&app, query, "from 1 to 100, not 101").await;
        assert!(!message.contains("1000"), "{message}");
    }
    let officials = app.ask("{ officials(first: 1000) { nodes { id slug } } }", json!({})).await;
    assert_eq!(officials.get("errors"), None, "{officials}");
}
