//! Fields that are more than a column: what was written comes back, and what cannot be is refused.

use serde_json::{Value as Json, json};

use crate::app::{
    TestApp,
    world::{World, words},
};

on_both!(
    an_initiative_has_its_budget_and_place,
    a_document_has_its_authors_in_their_order,
    an_organization_has_the_initiatives_that_it_leads_or_joins,
    a_country_has_its_capital,
    records_are_found_by_keys_of_their_own,
    links_are_ordered_by_relation,
    claims_and_links_have_their_qualifiers,
    a_record_as_a_value_is_called_by_its_name,
);

fn named(slug: &str, mut fields: Json) -> Json {
    fields["slug"] = slug.into();
    fields["names"] = words("en", slug);
    fields
}

async fn an_initiative_has_its_budget_and_place(app: TestApp) {
    let mut world = World::new();
    let city = world.add("City", named("city", json!({})));
    let region = world.add("Region", named("region", json!({})));
    for (slug, budget) in [
        ("a", json!({ "amount": "1250000000000.50", "currency": "VND", "asOfYear": 2025 })),
        ("b", json!({ "amount": "3", "currency": "USD" })),
        ("c", Json::Null),
    ] {
        let place = if slug == "a" { json!(region) } else { Json::Null };
        let fields = json!({ "city": city, "budget": budget, "location": place });
        world.add("Initiative", named(slug, fields));
    }
    world.write(&app).await;

    let query = "{ initiatives { nodes {
        budget { amount currency asOfYear }
        location { __typename ... on Region { slug } }
    } } }";
    let answer = app.data(query, json!({})).await;

    let expected = json!([
        {
            "budget": { "amount": "1250000000000.50", "currency": "VND", "asOfYear": 2025 },
            "location": { "__typename": "Region", "slug": "region" },
        },
        { "budget": { "amount": "3", "currency": "USD", "asOfYear": null }, "location": null },
        { "budget": null, "location": null },
    ]);
    assert_eq!(answer["initiatives"]["nodes"], expected);
}

async fn a_document_has_its_authors_in_their_order(app: TestApp) {
    let mut world = World::new();
    let person = world.add("Person", named("first-made", json!({})));
    let organization = world.add("Organization", named("second-made", json!({})));
    let other = world.add("Person", named("third-made", json!({})));
    let mut documents = Vec::new();
    for authors in [vec![&other, &organization, &person], vec![], vec![&person, &other]] {
        let slug = format!("d-{}", documents.len());
        let document = world.add("Document", named(&slug, json!({ "inLanguage": "en" })));
        for author in authors {
            let link = json!({ "from": document, "relation": "AUTHORED_BY", "to": author });
            world.add("Link", link);
        }
        documents.push(document);
    }
    let wrong = json!({ "from": documents[1], "relation": "AUTHORED_BY", "to": person, "rank": "DEPRECATED" });
    world.add("Link", wrong);
    world.write(&app).await;

    let query = "{ documents { nodes { authors { ... on Person { slug } ... on Organization { slug } } } } }";
    let answer = app.data(query, json!({})).await;

    let slugs = |slugs: &[&str]| -> Json {
        let authors: Vec<Json> = slugs.iter().map(|slug| json!({ "slug": slug })).collect();
        json!({ "authors": authors })
    };
    let expected = json!([
        slugs(&["third-made", "second-made", "first-made"]),
        slugs(&[]),
        slugs(&["first-made", "third-made"]),
    ]);
    assert_eq!(answer["documents"]["nodes"], expected);
}

async fn an_organization_has_the_initiatives_that_it_leads_or_joins(app: TestApp) {
    let mut world = World::new();
    let city = world.add("City", named("city", json!({})));
    let organization = world.add("Organization", named("organization", json!({})));
    for (slug, relations) in [
        ("a-led", vec!["LED_BY"]),
        ("b-joined", vec!["PARTNERS_WITH"]),
        ("c-both", vec!["PARTNERS_WITH", "LED_BY"]),
        ("d-neither", vec![]),
    ] {
        let initiative = world.add("Initiative", named(slug, json!({ "city": city })));
        for relation in relations {
            let link = json!({ "from": initiative, "relation": relation, "to": organization });
            world.add("Link", link);
        }
    }
    world.write(&app).await;

    let query = "{ organization(by: { slug: \"organization\" }) { initiatives {
        totalCount
        edges { node { slug } link { relation } }
    } } }";
    let answer = app.data(query, json!({})).await;

    // Of two links the one that was made first stands on the edge.
    let expected = json!({ "totalCount": 3, "edges": [
        { "node": { "slug": "a-led" }, "link": { "relation": "LED_BY" } },
        { "node": { "slug": "b-joined" }, "link": { "relation": "PARTNERS_WITH" } },
        { "node": { "slug": "c-both" }, "link": { "relation": "PARTNERS_WITH" } },
    ] });
    assert_eq!(answer["organization"]["initiatives"], expected);
}

async fn a_country_has_its_capital(app: TestApp) {
    let mut world = World::new();
    let city = world.add("City", named("city", json!({})));
    let country = json!({ "alpha2Code": "AA", "alpha3Code": "AAA", "capital": city });
    world.add("Country", named("with", country));
    world.add("Country", named("without", json!({ "alpha2Code": "BB", "alpha3Code": "BBB" })));
    world.write(&app).await;

    let query = "{
        countries { nodes { capital { slug } } }
        none: countries(filter: { not: { capital: {} } }) { nodes { slug } }
    }";
    let answer = app.data(query, json!({})).await;

    let capitals = json!([{ "capital": { "slug": "city" } }, { "capital": null }]);
    assert_eq!(answer["countries"]["nodes"], capitals);
    assert_eq!(answer["none"]["nodes"], json!([{ "slug": "without" }]));
}

async fn records_are_found_by_keys_of_their_own(app: TestApp) {
    const SHA256: &str = "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603";
    let mut world = World::new();
    for code in ["AA", "BB"] {
        let country = json!({ "alpha2Code": code, "alpha3Code": format!("X{code}") });
        world.add("Country", named(&code.to_lowercase(), country));
    }
    let document = world.add("Document", named("document", json!({ "inLanguage": "en" })));
    let version =
        json!({ "document": document, "sha256": SHA256, "text": "ab", "mediaType": "text/plain" });
    world.add("DocumentVersion", version);
    world.write(&app).await;

    let query = "query($code: String!, $sha256: String!) {
        country(by: { alpha2Code: $code }) { slug }
        documentVersion(by: { sha256: $sha256 }) { document { slug } }
    }";
    let found = app.data(query, json!({ "code": "BB", "sha256": SHA256 })).await;
    let statements = app.statements();
    let missing = app.data(query, json!({ "code": "bb\u{0}", "sha256": "none" })).await;
    let two = app.post(json!({
        "query": "{ country(by: { alpha2Code: \"BB\", slug: \"bb\" }) { slug } }",
    }));
    let two = two.await;

    let expected = json!({
        "country": { "slug": "bb" }, "documentVersion": { "document": { "slug": "document" } },
    });
    assert_eq!((found, statements), (expected, 2));
    assert_eq!(missing, json!({ "country": null, "documentVersion": null }));
    assert!(!two.json()["errors"].is_null());
}

async fn links_are_ordered_by_relation(app: TestApp) {
    let mut world = World::new();
    let city = world.add("City", named("city", json!({})));
    let start = world.add("Initiative", named("start", json!({ "city": city })));
    for (relation, name, fields) in [
        ("SERVES", "Goal", json!({ "subject": city })),
        ("ADDRESSES", "Challenge", json!({ "city": city })),
        ("LED_BY", "Organization", json!({})),
    ] {
        let end = world.add(name, named("end", fields));
        world.add("Link", json!({ "from": start, "relation": relation, "to": end }));
    }
    world.write(&app).await;

    let query = "{ links(orderBy: { field: RELATION, direction: DESC }) { nodes { relation } } }";
    let answer = app.data(query, json!({})).await;

    let expected = ["SERVES", "LED_BY", "ADDRESSES"].map(|it| json!({ "relation": it }));
    assert_eq!(answer["links"]["nodes"], json!(expected));
}

async fn claims_and_links_have_their_qualifiers(app: TestApp) {
    let mut world = World::new();
    let city = world.add("City", named("city", json!({})));
    let other = world.add("City", named("other", json!({})));
    let document = world.add("Document", named("document", json!({ "inLanguage": "vi" })));
    let claim = world.add(
        "Claim",
        json!({
            "subject": city, "property": "POPULATION",
            "value": { "quantity": { "amount": "5" } },
            "qualifiers": [
                { "property": "SCOPE", "value": { "text": words("vi", "nội thành") } },
                { "property": "LOCATION", "value": { "record": other } },
                { "property": "START_DATE", "value": { "date": "2019-10" } },
            ],
        }),
    );
    world.add(
        "Claim",
        json!({ "subject": city, "property": "AREA", "value": { "absence": "UNKNOWN" } }),
    );
    world.add(
        "Link",
        json!({
            "from": document, "relation": "ABOUT", "to": other,
            "qualifiers": [{ "property": "GOAL", "value": { "record": city } }],
        }),
    );
    world.next_day();
    world.change(
        &claim,
        json!({ "qualifiers": [
            { "property": "LOCATION", "value": { "record": city } },
            { "property": "START_DATE", "value": { "date": "2019-10" } },
        ] }),
    );
    world.write(&app).await;

    let query = "{
        claims { nodes { ...Conditions } }
        links { nodes { qualifiers { property value { ... on RecordValue { record { name } } } } } }
    }
    fragment Conditions on Claim {
        qualifiers { property value {
            __typename
            ... on RecordValue { record { name } }
            ... on DateValue { date { edtf } }
        } }
    }";
    let answer = app.data(query, json!({})).await;

    let expected = json!([
        { "qualifiers": [] },
        { "qualifiers": [
            { "property": "LOCATION", "value": { "__typename": "RecordValue", "record": { "name": "city" } } },
            { "property": "START_DATE", "value": { "__typename": "DateValue", "date": { "edtf": "2019-10" } } },
        ] },
    ]);
    assert_eq!(answer["claims"]["nodes"], expected);
    let goal = json!({ "property": "GOAL", "value": { "record": { "name": "city" } } });
    assert_eq!(answer["links"]["nodes"], json!([{ "qualifiers": [goal] }]));
}

async fn a_record_as_a_value_is_called_by_its_name(app: TestApp) {
    let mut world = World::new();
    let city = world.add("City", named("city", json!({})));
    // Tags are not in the order of the alphabet: the first is the record's own language.
    let names = json!([
        { "lang": "vi", "value": "Mục tiêu" },
        { "lang": "en", "value": "Goal", "origin": "TRANSLATION" },
        { "lang": "de", "value": "Ziel", "origin": "MACHINE" },
    ]);
    let goal = world.add("Goal", json!({ "slug": "goal", "names": names, "subject": city }));
    let value = json!({ "record": goal });
    world.add("Claim", json!({ "subject": city, "property": "GOAL", "value": value }));
    world.write(&app).await;

    for (lang, expected) in [
        ("", json!({ "value": "Mục tiêu", "lang": "vi", "origin": "ORIGINAL" })),
        ("(lang: \"en\")", json!({ "value": "Goal", "lang": "en", "origin": "TRANSLATION" })),
        ("(lang: [\"fr\", \"de\"])", json!({ "value": "Ziel", "lang": "de", "origin": "MACHINE" })),
        ("(lang: \"fr\")", json!({ "value": "Mục tiêu", "lang": "vi", "origin": "ORIGINAL" })),
    ] {
        let query = format!(
            "{{ claims {{ nodes {{ valueText{lang} {{ value lang origin }} }} }}
                goals {{ nodes {{ nameText{lang} {{ value lang origin }} }} }} }}"
        );
        let answer = app.data(&query, json!({})).await;

        assert_eq!(answer["claims"]["nodes"], json!([{ "valueText": expected }]), "{lang}");
        assert_eq!(answer["goals"]["nodes"], json!([{ "nameText": expected }]), "{lang}");
    }
}
