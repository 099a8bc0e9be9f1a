//! What a partner says against others stands beside their word, and who decides is told apart from who does not.

use culturegraph::{
    auth::Scope,
    changes::{self, ChangeError, Changeset, Contradictions, Operation},
    progress::Silent,
    record::write::MistakeCode,
};
use serde_json::{Value as Json, json};

use crate::app::{Author, TestApp, caller, noon, replay::replayed};

on_both!(
    a_partner_changes_its_own_word_and_contradicts_that_of_others,
    a_cited_value_is_not_overwritten_unless_told_so,
    what_one_organization_cites_counts_once,
    only_the_program_is_taken_as_given,
    a_claim_is_the_word_of_who_asserts_it_whoever_made_it,
    what_an_editor_has_decided_is_not_undone,
    what_others_add_to_a_row_is_theirs,
    a_cited_claim_keeps_its_value,
    what_others_cite_is_not_rewritten,
    texts_of_others_are_not_spoken_for,
    what_was_cleared_can_be_given_again,
    what_no_claim_can_be_about_is_changed_by_who_decides,
    a_partner_ranks_merges_and_deletes_only_its_own,
    a_claim_does_not_erase_a_value_that_no_claim_held,
    a_claim_has_a_value_that_its_field_takes,
    who_adds_to_a_list_does_not_own_it,
    what_others_left_unsaid_is_not_said_for_them,
    the_rows_of_others_are_not_taken_over,
    what_others_point_to_is_not_taken_from_them,
    a_row_is_the_word_of_the_organization_that_writes_it,
);

const PARTNER: [Scope; 2] = [Scope::Read, Scope::Write];

const UPDATE: &str =
    "mutation ($id: ID!, $version: Int!, $input: UpdateCityInput!, $policy: ConflictPolicy) {
    updateCity(id: $id, expectedVersion: $version, input: $input, change: { onConflict: $policy }) {
        city { version population }
        changeset { position }
        userErrors { code path message }
    }
}";

/// Two partners, and a city that the first of them has written.
async fn partners(app: &TestApp) -> (Author<'_>, Author<'_>, String) {
    let editor = Author::editor(app).await;
    let create = "mutation ($name: String!) { createOrganization(input: { names: [{ lang: \"en\", value: $name }] }) {
        organization { slug } userErrors { code path message } } }";
    for name in ["one", "two"] {
        editor.write(create, json!({ "name": name })).await;
    }
    let one = Author::of(app, "one", &PARTNER).await;
    let two = Author::of(app, "two", &PARTNER).await;
    let create = "mutation { createCity(input: {
        names: [{ lang: \"vi\", value: \"Huế\" }], population: 100, timeZone: \"A\"
    }) { city { id } userErrors { code path message } } }";
    let made = one.write(create, json!({})).await;
    (one, two, made["city"]["id"].as_str().unwrap().to_owned())
}

async fn claims(author: &Author<'_>, id: &str) -> Json {
    let query = "query ($id: ID!) { city(by: { id: $id }) { version population claims(rank: [PREFERRED, NORMAL, DEPRECATED]) {
        nodes { rank valueText { value } assertedBy { ... on Organization { slug } } }
    } } conflicts { nodes { property } } }";
    author.data(query, json!({ "id": id })).await
}

fn claim(rank: &str, value: &str, by: &str) -> Json {
    json!({ "rank": rank, "valueText": { "value": value }, "assertedBy": { "slug": by } })
}

async fn a_partner_changes_its_own_word_and_contradicts_that_of_others(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    let update = |version: i64, population: i64| json!({ "id": id, "version": version, "input": { "population": population } });

    let own = one.write(UPDATE, update(1, 101)).await;
    let against = two.write(UPDATE, update(2, 200)).await;

    assert_eq!(own["city"], json!({ "version": 2, "population": 101 }));
    // What was said first stays, since it has as many sources and is older.
    assert_eq!(against["city"]["population"], 101);
    let read = claims(&one, &id).await;
    assert_eq!(read["conflicts"]["nodes"], json!([{ "property": "POPULATION" }]));
    let expected = json!([claim("NORMAL", "101", "one"), claim("NORMAL", "200", "two")]);
    assert_eq!(read["city"]["claims"]["nodes"], expected);

    // Each changes its own from then on.
    let version = read["city"]["version"].as_i64().unwrap();
    let changed = one.write(UPDATE, update(version, 102)).await;
    two.write(UPDATE, update(changed["city"]["version"].as_i64().unwrap(), 201)).await;
    let read = claims(&one, &id).await;
    let expected = json!([claim("NORMAL", "102", "one"), claim("NORMAL", "201", "two")]);
    assert_eq!(read["city"]["claims"]["nodes"], expected);
    assert_eq!(read["city"]["population"], 102);
}

async fn what_one_organization_cites_counts_once(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    let cited = |population: i64, addresses: &[&str]| {
        let source =
            |it: &&str| json!({ "source": { "address": { "url": format!("https://{it}") } } });
        let citations: Vec<Json> = addresses.iter().map(source).collect();
        json!({ "population": population, "citations": citations })
    };
    let version = async || claims(&one, &id).await["city"]["version"].as_i64().unwrap();
    let write = async |author: &Author<'_>, input: Json| {
        let variables = json!({ "id": id, "version": version().await, "input": input });
        author.write(UPDATE, variables).await["city"]["population"].clone()
    };

    write(&one, cited(101, &["one.org/a"])).await;
    let against = write(&two, cited(200, &["two.org/a", "two.org/b", "two.org/c"])).await;
    assert_eq!(against, 101, "each cites, and the older claim stays");
    // Nor does it help to cite what others have brought, or a claim of a third.
    write(
        &one,
        json!({ "alternateNames": [{ "lang": "vi", "value": "Phú Xuân" }],
        "citations": cited(0, &["one.org/b", "one.org/c"])["citations"] }),
    )
    .await;
    assert_eq!(write(&two, cited(200, &["one.org/b", "one.org/c"])).await, 101);
    // Another organization that cites for it is another source.
    let (claim, _) = claim_by(&one, &id, "two").await;
    let cite = "mutation ($id: ID!) { applyChangeset(input: { operations: [{ cite: {
        subject: { id: $id }, citations: [{ source: { address: { url: \"https://keeper.org\" } } }]
    } }] }) { userErrors { code path message } } }";
    Author::editor(&app).await.write(cite, json!({ "id": claim })).await;
    assert_eq!(population(&one, &id).await, 200);
    replayed(&app.db.writer, 50).await.best_claims_are_shown();
}

async fn only_the_program_is_taken_as_given(app: TestApp) {
    let (_, _, id) = partners(&app).await;
    let two = caller(&organization(&app, "two").await, &PARTNER);
    let fields = serde_json::from_value(json!({ "timeZone": "B" })).unwrap();
    let operations = vec![Operation::update(id, 1, fields)];
    let changeset = Changeset { operations, ..Changeset::default() };
    assert_eq!(changeset.contradictions, Contradictions::AsGiven);

    let writer = two.writer().unwrap();
    let refused = changes::apply(&app.db.writer, &writer, changeset, noon(), &Silent).await;

    let Err(ChangeError::Refused(mistakes)) = refused else { panic!("{refused:?}") };
    assert_eq!(mistakes[0].code, MistakeCode::Forbidden);
}

/// Its id, by its slug.
async fn organization(app: &TestApp, slug: &str) -> String {
    let query = "query ($slug: String!) { organization(by: { slug: $slug }) { id } }";
    let data = app.data(query, json!({ "slug": slug })).await;
    data["organization"]["id"].as_str().unwrap().to_owned()
}

async fn a_cited_claim_keeps_its_value(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    let version = async || claims(&one, &id).await["city"]["version"].as_i64().unwrap();
    let cited = |population: i64| {
        let source = json!({ "source": { "address": { "url": "https://one.org/a" } } });
        json!({ "population": population, "citations": [source] })
    };
    let write = async |input: Json| {
        one.write(UPDATE, json!({ "id": id, "version": version().await, "input": input })).await
    };

    write(cited(101)).await;
    write(json!({ "population": 999 })).await;

    // The source says 101, and goes on to say it of a claim that is no longer held.
    let read = claims(&one, &id).await;
    let expected = json!([claim("NORMAL", "999", "one"), claim("DEPRECATED", "101", "one")]);
    let nodes = read["city"]["claims"]["nodes"].as_array().unwrap();
    let mut nodes = nodes.clone();
    nodes.sort_by_key(|it| std::cmp::Reverse(it["rank"].to_string()));
    assert_eq!(json!(nodes), expected);
    assert_eq!(read["city"]["population"], 999);

    // Nor is a claim turned round that others have given a source.
    let query = "query ($id: ID!) { city(by: { id: $id }) { claims { nodes { id version } } } }";
    let of_city = one.data(query, json!({ "id": id })).await;
    let of_claim = &of_city["city"]["claims"]["nodes"][0];
    let cite = "mutation ($id: ID!) { applyChangeset(input: { operations: [{ cite: {
        subject: { id: $id }, citations: [{ source: { address: { url: \"https://two.org/a\" } } }]
    } }] }) { userErrors { code path message } } }";
    two.write(cite, json!({ "id": of_claim["id"] })).await;
    let change = "mutation ($id: ID!, $version: Int!, $claim: UpdateClaimInput!) {
        applyChangeset(input: { operations: [{ update: {
            record: { id: $id }, expectedVersion: $version, changes: { claim: $claim }
        } }] }) { userErrors { code path message } } }";
    let changed = |claim: Json| json!({ "id": of_claim["id"], "version": of_claim["version"], "claim": claim });
    let other = changed(json!({ "value": { "quantity": { "amount": "5" } } }));
    let mistakes = one.mistakes(change, other).await;
    let path = "input.operations.0.update.changes.claim.value".to_owned();
    assert_eq!(mistakes, [(path, "FORBIDDEN".to_owned())]);
    one.write(change, changed(json!({ "rank": "DEPRECATED" }))).await;
    replayed(&app.db.writer, 50).await.best_claims_are_shown();
}

async fn what_others_cite_is_not_rewritten(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    let create = "mutation { createDocument(input: {
        names: [{ lang: \"vi\", value: \"Báo\" }], inLanguage: \"vi\", url: \"https://one.org/a\"
    }) { document { id } userErrors { code path message } } }";
    let document = one.write(create, json!({})).await["document"]["id"].clone();
    let update = "mutation ($id: ID!, $version: Int!, $input: UpdateDocumentInput!) {
        updateDocument(id: $id, expectedVersion: $version, input: $input) { userErrors { code path message } } }";
    let change =
        |version: i64, input: Json| json!({ "id": document, "version": version, "input": input });
    let address = |to: &str| json!({ "url": format!("https://one.org/{to}") });
    let title = || json!({ "names": [{ "lang": "vi", "value": "Báo khác" }] });
    one.write(update, change(1, address("b"))).await;

    let cite =
        "mutation ($id: ID!, $document: ID!) { applyChangeset(input: { operations: [{ cite: {
        subject: { id: $id }, citations: [{ source: { place: { document: { id: $document } } } }]
    } }] }) { userErrors { code path message } } }";
    two.write(cite, json!({ "id": id, "document": document })).await;

    for (input, field) in
        [(address("c"), "url"), (json!({ "url": null }), "url"), (title(), "names")]
    {
        let mistakes = one.mistakes(update, change(2, input)).await;
        assert_eq!(mistakes, [(format!("input.{field}"), "FORBIDDEN".to_owned())]);
    }
    one.write(update, change(2, json!({ "names": [{ "lang": "en", "value": "Paper" }] }))).await;
    Author::editor(&app).await.write(update, change(3, address("c"))).await;
}

const APPLY: &str = "mutation ($operations: [OperationInput!]!) {
    applyChangeset(input: { operations: $operations }) {
        records { key id } userErrors { code path message }
    }
}";

async fn texts_of_others_are_not_spoken_for(app: TestApp) {
    let (one, two, city) = partners(&app).await;
    let document = |key: &str| {
        json!({ "create": { "key": key, "record": { "document": {
        "names": [{ "lang": "vi", "value": key }], "inLanguage": "vi",
    } } } })
    };
    let stored = |key: &str, document: Json, text: &str| {
        json!({ "create": { "key": key, "record": { "documentVersion": {
        "document": document, "text": text, "mediaType": "text/plain",
    } } } })
    };
    let made = async |author: &Author<'_>, operations: Json| {
        author.write(APPLY, json!({ "operations": operations })).await["records"].clone()
    };
    let text = stored("text", json!({ "key": "doc" }), "Huế đẹp. Huế thơ.");
    let own = made(&two, json!([document("doc"), document("other"), text])).await;
    let [doc, other, text] = [0, 1, 2].map(|n| json!({ "id": own[n]["id"] }));
    let passage = json!({ "create": { "key": "passage", "record": { "passage": {
        "documentVersion": text, "anchor": "p1", "text": "Huế đẹp.",
        "span": { "charStart": 0, "charEnd": 8, "byteStart": 0, "byteEnd": 13 },
    } } } });
    let passage = json!({ "id": made(&two, json!([passage])).await[0]["id"] });

    // What one has brought is one's own until others cite it.
    let change = |record: &Json, version: i64, one: &str, fields: Json| {
        json!({ "operations": [{ "update": {
            "record": record, "expectedVersion": version, "changes": { one: fields },
        } }] })
    };
    two.write(APPLY, change(&passage, 1, "passage", json!({ "anchor": "p2" }))).await;
    let cite = json!([{ "cite": { "subject": { "id": city }, "citations": [
        { "source": { "quote": { "documentVersion": text, "quote": "Huế đẹp" } } },
    ] } }]);
    made(&one, cite).await;

    for (record, version, name, fields, field) in [
        (&passage, 2, "passage", json!({ "anchor": "p3" }), "anchor"),
        (&text, 1, "documentVersion", json!({ "document": other }), "document"),
        (&text, 1, "documentVersion", json!({ "mediaType": "text/html" }), "mediaType"),
    ] {
        let mistakes = two.mistakes(APPLY, change(record, version, name, fields)).await;
        let path = format!("input.operations.0.update.changes.{name}.{field}");
        assert_eq!(mistakes, [(path, "FORBIDDEN".to_owned())]);
    }
    // Nor does anybody say what stands in a document of others.
    let bogus = json!({ "operations": [stored("bogus", doc, "Huế xấu.")] });
    let path = "input.operations.0.create.record.documentVersion.document".to_owned();
    assert_eq!(one.mistakes(APPLY, bogus.clone()).await, [(path, "FORBIDDEN".to_owned())]);
    Author::editor(&app).await.write(APPLY, bogus).await;
}

async fn a_cited_value_is_not_overwritten_unless_told_so(app: TestApp) {
    let editor = Author::editor(&app).await;
    let create = "mutation { createCity(input: {
        names: [{ lang: \"vi\", value: \"Huế\" }], population: 100,
        citations: [{ source: { address: { url: \"https://example.org/a\" } } }]
    }) { city { id } userErrors { code path message } } }";
    let id = editor.write(create, json!({})).await["city"]["id"].as_str().unwrap().to_owned();
    let other = Author::of(&app, "keeper", &[Scope::Read, Scope::Write, Scope::Publish]).await;
    let create =
        "mutation { createOrganization(input: { names: [{ lang: \"en\", value: \"other\" }] }) {
        organization { slug } userErrors { code path message } } }";
    other.write(create, json!({})).await;
    let other = Author::of(&app, "other", &[Scope::Read, Scope::Write, Scope::Publish]).await;
    let update = |version: i64, policy: &str| json!({ "id": id, "version": version, "policy": policy, "input": { "population": 200 } });
    let version = async || claims(&editor, &id).await["city"]["version"].as_i64().unwrap();

    let refused = other.mistakes(UPDATE, update(version().await, "REFUSE")).await;
    let kept = other.write(UPDATE, update(version().await, "KEEP_BOTH")).await;
    let replaced = other.write(UPDATE, update(version().await, "REPLACE")).await;

    assert_eq!(refused, [("input.population".to_owned(), "CONTRADICTION".to_owned())]);
    assert_eq!(kept["city"]["population"], 100);
    assert_eq!(replaced["city"]["population"], 200);
    let read = claims(&editor, &id).await;
    let ranks = json!([claim("NORMAL", "200", "other"), claim("DEPRECATED", "100", "keeper")]);
    assert_eq!(read["city"]["claims"]["nodes"], ranks);
}

async fn what_was_cleared_can_be_given_again(app: TestApp) {
    let editor = Author::editor(&app).await;
    let create = "mutation { createCity(input: {
        names: [{ lang: \"vi\", value: \"Huế\" }], population: 100,
        citations: [{ source: { address: { url: \"https://example.org/a\" } } }]
    }) { city { id version } userErrors { code path message } } }";
    let city = editor.write(create, json!({})).await["city"].clone();
    let mut version = city["version"].as_i64().unwrap();
    for population in [Json::Null, json!(5)] {
        let input = json!({ "population": population });
        let variables =
            json!({ "id": city["id"], "version": version, "policy": "REPLACE", "input": input });
        let changed = editor.write(UPDATE, variables).await;
        assert_eq!(changed["city"]["population"], population);
        version = changed["city"]["version"].as_i64().unwrap();
    }
}

async fn what_no_claim_can_be_about_is_changed_by_who_decides(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    let editor = Author::editor(&app).await;
    let update = |version: i64, policy: &str, input: Json| json!({ "id": id, "version": version, "policy": policy, "input": input });
    let zone = || json!({ "timeZone": "B" });

    let refused = two.mistakes(UPDATE, update(1, "KEEP_BOTH", zone())).await;
    // What is missing may be filled in, and a list be added to.
    let more = json!({ "areaKm2": 5, "names": [{ "lang": "en", "value": "Hue" }] });
    two.write(UPDATE, update(1, "KEEP_BOTH", more)).await;
    let replaced = two.mistakes(UPDATE, update(2, "REPLACE", json!({ "population": 7 }))).await;
    one.write(UPDATE, update(2, "KEEP_BOTH", zone())).await;
    // What another has filled in is their word now.
    let of_another = one.mistakes(UPDATE, update(3, "KEEP_BOTH", json!({ "areaKm2": 6 }))).await;
    editor.write(UPDATE, update(3, "KEEP_BOTH", json!({ "timeZone": "C", "areaKm2": 6 }))).await;

    let forbidden = |field: &str| [(format!("input.{field}"), "FORBIDDEN".to_owned())];
    assert_eq!(refused, forbidden("timeZone"));
    assert_eq!(replaced, forbidden("population"));
    assert_eq!(of_another, forbidden("areaKm2"));
}

async fn a_partner_ranks_merges_and_deletes_only_its_own(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    let create = "mutation { createCity(input: { names: [{ lang: \"vi\", value: \"Khác\" }] }) {
        city { id } userErrors { code path message } } }";
    let other = two.write(create, json!({})).await["city"]["id"].clone();
    let delete = "mutation ($id: ID!) { deleteCity(id: $id, expectedVersion: 1) {
        deletedId userErrors { code path message } } }";
    let merge = "mutation ($id: ID!, $from: ID!) {
        mergeCities(id: $id, expectedVersion: 1, from: $from, fromVersion: 1) { userErrors { code path message } }
    }";
    let claim = "mutation ($id: ID!, $rank: Rank!) { applyChangeset(input: { operations: [{ create: { record: { claim: {
        subject: { id: $id }, property: POPULATION, value: { quantity: { amount: \"5\" } }, rank: $rank
    } } } }] }) { userErrors { code path message } } }";

    let deleted = two.mistakes(delete, json!({ "id": id })).await;
    let merged = two.mistakes(merge, json!({ "id": other, "from": id })).await;
    let ranked = two.mistakes(claim, json!({ "id": id, "rank": "PREFERRED" })).await;

    assert_eq!(deleted, [("id".to_owned(), "FORBIDDEN".to_owned())]);
    assert_eq!(merged[0].1, "FORBIDDEN");
    let at = "input.operations.0.create.record.claim.rank".to_owned();
    assert_eq!(ranked, [(at, "FORBIDDEN".to_owned())]);
    two.write(delete, json!({ "id": other })).await;
    one.write(delete, json!({ "id": id })).await;
}

async fn a_row_is_the_word_of_the_organization_that_writes_it(app: TestApp) {
    let (one, _, id) = partners(&app).await;
    let create = "mutation ($id: ID!, $by: RecordRef) { createInitiative(input: {
        names: [{ lang: \"vi\", value: \"Một\" }], city: { id: $id }, assertedBy: $by
    }) { initiative { assertedBy { ... on Organization { slug } } } userErrors { code path message } } }";

    let own = one.write(create, json!({ "id": id })).await;
    let by = json!({ "id": app.keeper().await });
    let of_others = one.mistakes(create, json!({ "id": id, "by": by })).await;

    assert_eq!(own["initiative"]["assertedBy"]["slug"], "one");
    assert_eq!(of_others, [("input.assertedBy".to_owned(), "FORBIDDEN".to_owned())]);
    let query =
        "{ changes(types: [INITIATIVE]) { nodes { author { kind name organization { slug } } } } }";
    let log = one.data(query, json!({})).await;
    let author = json!({ "kind": "KEY", "name": "one", "organization": { "slug": "one" } });
    assert_eq!(log["changes"]["nodes"], json!([{ "author": author }]));
}

async fn the_rows_of_others_are_not_taken_over(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    let editor = Author::editor(&app).await;
    let create = "mutation ($id: ID!) { applyChangeset(input: { operations: [{ create: { key: \"c\", record: { claim: {
        subject: { id: $id }, property: POPULATION, value: { quantity: { amount: \"5\" } }
    } } } }] }) { records { id } userErrors { code path message } } }";
    let claim = one.write(create, json!({ "id": id })).await["records"][0]["id"].clone();
    let update = "mutation ($id: ID!, $claim: UpdateClaimInput!) { applyChangeset(input: { operations: [{ update: {
        record: { id: $id }, expectedVersion: 1, changes: { claim: $claim }
    } }] }) { userErrors { code path message } } }";

    for (field, value) in [
        ("rank", json!("DEPRECATED")),
        ("rank", json!("PREFERRED")),
        ("modality", json!("INFERRED")),
        ("assertedBy", Json::Null),
        ("value", json!({ "quantity": { "amount": "6" } })),
        ("subject", json!({ "id": app.keeper().await })),
    ] {
        let variables = json!({ "id": claim, "claim": { field: value } });
        let mistakes = two.mistakes(update, variables).await;
        let at = format!("input.operations.0.update.changes.claim.{field}");
        assert!(
            mistakes.iter().any(|(path, code)| *path == at && code == "FORBIDDEN"),
            "{field} {mistakes:?}"
        );
    }
    one.write(update, json!({ "id": claim, "claim": { "rank": "DEPRECATED" } })).await;

    // One that nobody asserts is nobody's to take.
    let unasserted = editor.write(create, json!({ "id": id })).await["records"][0]["id"].clone();
    let clear = json!({ "id": unasserted, "claim": { "assertedBy": null } });
    editor.write(update, clear).await;
    let take = update.replace("expectedVersion: 1", "expectedVersion: 2");
    let viewer = two.data("{ viewer { organization { id } } }", json!({})).await;
    let mine = json!({ "id": viewer["viewer"]["organization"]["id"] });
    let variables = json!({ "id": unasserted, "claim": { "assertedBy": mine } });
    let mistakes = two.mistakes(&take, variables).await;
    assert_eq!(mistakes[0].1, "FORBIDDEN", "{mistakes:?}");
}

async fn what_others_point_to_is_not_taken_from_them(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    let create = "mutation ($id: ID!) { createOrganization(input: {
        names: [{ lang: \"en\", value: \"body\" }], jurisdiction: { id: $id }
    }) { organization { id } userErrors { code path message } } }";
    two.write(create, json!({ "id": id })).await;
    let delete = "mutation ($id: ID!) { deleteCity(id: $id, expectedVersion: 1, policy: CASCADE) {
        deletedId userErrors { code path message } } }";

    let mistakes = one.mistakes(delete, json!({ "id": id })).await;

    assert_eq!(mistakes[0].1, "FORBIDDEN", "{mistakes:?}");
    Author::editor(&app).await.write(delete, json!({ "id": id })).await;
}

const CLAIM: &str = "mutation ($id: ID!, $value: ClaimValueInput!, $rank: Rank, $policy: ConflictPolicy) {
    applyChangeset(input: { change: { onConflict: $policy }, operations: [{ create: { key: \"c\", record: { claim: {
        subject: { id: $id }, property: POPULATION, value: $value, rank: $rank
    } } } }] }) { records { id } userErrors { code path message } }
}";

fn amount(amount: &str) -> Json {
    json!({ "quantity": { "amount": amount } })
}

async fn population(author: &Author<'_>, id: &str) -> Json {
    claims(author, id).await["city"]["population"].clone()
}

async fn a_claim_does_not_erase_a_value_that_no_claim_held(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    let said = |value: &str| json!({ "id": id, "value": amount(value) });

    let refused =
        two.mistakes(CLAIM, json!({ "id": id, "value": amount("7"), "policy": "REFUSE" })).await;
    let claim = two.write(CLAIM, said("7")).await["records"][0]["id"].clone();
    let beside = claims(&one, &id).await;
    let weak = json!({ "id": id, "value": amount("8"), "rank": "DEPRECATED" });
    two.write(CLAIM, weak).await;

    assert_eq!(refused[0].1, "CONTRADICTION", "{refused:?}");
    assert_eq!(beside["city"]["population"], 100);
    let expected = json!([claim_of("100", "one"), claim_of("7", "two")]);
    let mut sides = beside["city"]["claims"]["nodes"].clone();
    sides.as_array_mut().unwrap().sort_by_key(|it| it["assertedBy"]["slug"].to_string());
    assert_eq!(sides, expected);
    assert_eq!(population(&one, &id).await, 100);

    // Nor does it when it goes, or goes elsewhere.
    let delete = "mutation ($id: ID!) { applyChangeset(input: { operations: [{ delete: {
        record: { id: $id }, expectedVersion: 1 } }] }) { userErrors { code path message } } }";
    two.write(delete, json!({ "id": claim })).await;
    assert_eq!(population(&one, &id).await, 100);

    // A record with no more than a deprecated claim about it keeps what it has.
    let create = "mutation { createCity(input: { names: [{ lang: \"vi\", value: \"Vinh\" }], population: 5 }) {
        city { id } userErrors { code path message } } }";
    let other = one.write(create, json!({})).await["city"]["id"].as_str().unwrap().to_owned();
    let weak = json!({ "id": other, "value": amount("8"), "rank": "DEPRECATED" });
    let weak = two.write(CLAIM, weak).await["records"][0]["id"].clone();
    assert_eq!(population(&one, &other).await, 5);
    let away = "mutation ($id: ID!, $to: ID!) { applyChangeset(input: { operations: [{ update: {
        record: { id: $id }, expectedVersion: 1, changes: { claim: { subject: { id: $to } } } } }] }) {
        userErrors { code path message } } }";
    let moved = two.mistakes(away, json!({ "id": weak, "to": id })).await;
    let path = "input.operations.0.update.changes.claim.subject".to_owned();
    assert_eq!(moved, [(path, "FORBIDDEN".to_owned())]);
    Author::editor(&app).await.write(away, json!({ "id": weak, "to": id })).await;
    assert_eq!(population(&one, &other).await, 5);
}

/// A claim of the city by the organization of this slug: id and version.
async fn claim_by(author: &Author<'_>, id: &str, slug: &str) -> (Json, Json) {
    let query =
        "query ($id: ID!) { city(by: { id: $id }) { claims(rank: [NORMAL, DEPRECATED]) { nodes {
        id version assertedBy { ... on Organization { slug } } } } } }";
    let read = author.data(query, json!({ "id": id })).await;
    let nodes = read["city"]["claims"]["nodes"].as_array().unwrap();
    let of = nodes.iter().find(|it| it["assertedBy"]["slug"] == slug).unwrap();
    (of["id"].clone(), of["version"].clone())
}

const CHANGE_CLAIM: &str = "mutation ($id: ID!, $version: Int!, $claim: UpdateClaimInput!) {
    applyChangeset(input: { operations: [{ update: {
        record: { id: $id }, expectedVersion: $version, changes: { claim: $claim }
    } }] }) { userErrors { code path message } } }";

/// What somebody has said becomes a claim when another contradicts it, in the changeset of that one.
async fn a_claim_is_the_word_of_who_asserts_it_whoever_made_it(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    two.write(UPDATE, json!({ "id": id, "version": 1, "input": { "population": 777 } })).await;
    let (claim, version) = claim_by(&one, &id, "one").await;
    let change =
        |claim_input: Json| json!({ "id": claim, "version": version, "claim": claim_input });
    let delete = "mutation ($id: ID!, $version: Int!) { applyChangeset(input: { operations: [{ delete: {
        record: { id: $id }, expectedVersion: $version } }] }) { userErrors { code path message } } }";

    for input in [json!({ "rank": "DEPRECATED" }), json!({ "value": amount("666") })] {
        let mistakes = two.mistakes(CHANGE_CLAIM, change(input)).await;
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert_eq!(mistakes[0].1, "FORBIDDEN");
    }
    let mistakes = two.mistakes(delete, json!({ "id": claim, "version": version })).await;
    assert_eq!(mistakes, [("input.operations.0.delete.record".to_owned(), "FORBIDDEN".to_owned())]);
    assert_eq!(population(&one, &id).await, 100);
    one.write(CHANGE_CLAIM, change(json!({ "value": amount("101") }))).await;
    assert_eq!(population(&one, &id).await, 101);
}

async fn what_an_editor_has_decided_is_not_undone(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    two.write(UPDATE, json!({ "id": id, "version": 1, "input": { "population": 777 } })).await;
    let (claim, version) = claim_by(&one, &id, "two").await;
    let note = json!([{ "lang": "en", "value": "refuted by the census" }]);
    let decided = json!({ "rank": "DEPRECATED", "note": note });
    let editor = Author::editor(&app).await;
    editor.write(CHANGE_CLAIM, json!({ "id": claim, "version": version, "claim": decided })).await;
    let version = version.as_i64().unwrap() + 1;

    let back = json!({ "rank": "NORMAL", "note": null });
    let back = json!({ "id": claim, "version": version, "claim": back });
    let mistakes = two.mistakes(CHANGE_CLAIM, back).await;

    let path = |field: &str| format!("input.operations.0.update.changes.claim.{field}");
    let expected = ["note", "rank"].map(|field| (path(field), "FORBIDDEN".to_owned()));
    assert_eq!(mistakes, expected);
    // What it has said itself, and nobody has decided on, is its own.
    let own = json!({ "id": claim, "version": version, "claim": { "startDate": "2020" } });
    two.write(CHANGE_CLAIM, own).await;
}

async fn what_others_add_to_a_row_is_theirs(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    let create = "mutation ($city: ID!) { createInitiative(input: {
        names: [{ lang: \"vi\", value: \"Không gian\" }], city: { id: $city }
    }) { initiative { id } userErrors { code path message } } }";
    let initiative = one.write(create, json!({ "city": id })).await["initiative"]["id"].clone();
    let update = "mutation ($id: ID!, $version: Int!, $input: UpdateInitiativeInput!) {
        updateInitiative(id: $id, expectedVersion: $version, input: $input) { userErrors { code path message } } }";
    let change =
        |version: i64, input: Json| json!({ "id": initiative, "version": version, "input": input });
    let added = json!({ "identifiers": [{ "scheme": "TWO", "value": "1" }] });
    two.write(update, change(1, added)).await;

    let mistakes = one.mistakes(update, change(2, json!({ "identifiers": [] }))).await;

    assert_eq!(mistakes, [("input.identifiers".to_owned(), "FORBIDDEN".to_owned())]);
}

fn claim_of(value: &str, by: &str) -> Json {
    claim("NORMAL", value, by)
}

async fn a_claim_has_a_value_that_its_field_takes(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    for value in [
        amount("1.5"),
        amount("-7"),
        amount("3000000000"),
        json!({ "string": "many" }),
        json!({ "date": "2019" }),
        json!({ "boolean": true }),
    ] {
        let mistakes = two.mistakes(CLAIM, json!({ "id": id, "value": value })).await;
        assert_eq!(mistakes.len(), 1, "{value} {mistakes:?}");
        assert_eq!(mistakes[0].1, "FORMAT_INVALID", "{value}");
    }
    assert_eq!(population(&one, &id).await, 100);
}

async fn who_adds_to_a_list_does_not_own_it(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    let editor = Author::editor(&app).await;
    let given = json!({ "identifiers": [{ "scheme": "GEONAMES", "value": "1" }] });
    editor.write(UPDATE, json!({ "id": id, "version": 1, "input": given })).await;
    let update =
        |version: i64, input: Json| json!({ "id": id, "version": version, "input": input });
    let of = |field: &str| [(format!("input.{field}"), "FORBIDDEN".to_owned())];

    // As it is shown, without what says nothing more.
    let more = json!({
        "names": [{ "lang": "fr", "value": "Hué" }],
        "identifiers": [{ "scheme": "GEONAMES", "value": "1", "exactness": "EXACT" }, { "scheme": "TWO", "value": "2" }],
    });
    two.write(UPDATE, update(2, more)).await;
    let mine = json!({ "names": [{ "lang": "fr", "value": "Huê" }] });
    two.write(UPDATE, update(3, mine)).await;
    let names = two
        .mistakes(UPDATE, update(4, json!({ "names": [{ "lang": "vi", "value": "Khác" }] })))
        .await;
    let gone = two
        .mistakes(UPDATE, update(4, json!({ "names": [{ "lang": "vi", "value": null }] })))
        .await;
    let none = json!({ "identifiers": [] });
    let none = two.mistakes(UPDATE, update(4, none)).await;
    let near = json!({ "identifiers": [{ "scheme": "GEONAMES", "value": "1", "exactness": "NEAR" }, { "scheme": "TWO", "value": "2" }] });
    let near = two.mistakes(UPDATE, update(4, near)).await;

    assert_eq!(names, of("names"));
    assert_eq!(gone, of("names"));
    assert_eq!(none, of("identifiers"));
    assert_eq!(near, of("identifiers"));
    // And who had a part in it before has it still.
    let own = json!({ "names": [{ "lang": "vi", "value": "Huế đẹp" }] });
    one.write(UPDATE, update(4, own)).await;
}

async fn what_others_left_unsaid_is_not_said_for_them(app: TestApp) {
    let (one, two, id) = partners(&app).await;
    let made = one.write(CLAIM, json!({ "id": id, "value": amount("5") })).await;
    let update = "mutation ($id: ID!, $claim: UpdateClaimInput!) { applyChangeset(input: { operations: [{ update: {
        record: { id: $id }, expectedVersion: 1, changes: { claim: $claim }
    } }] }) { userErrors { code path message } } }";
    for (field, value) in [
        ("observationDate", json!("1999")),
        ("startDate", json!("1850")),
        ("note", json!([{ "lang": "en", "value": "wrong" }])),
    ] {
        let variables = json!({ "id": made["records"][0]["id"], "claim": { field: value } });
        let mistakes = two.mistakes(update, variables).await;
        let at = format!("input.operations.0.update.changes.claim.{field}");
        assert_eq!(mistakes, [(at, "FORBIDDEN".to_owned())]);
    }
    let create = "mutation ($id: ID!) { createInitiative(input: {
        names: [{ lang: \"vi\", value: \"Một\" }], city: { id: $id }
    }) { initiative { id } userErrors { code path message } } }";
    let initiative = one.write(create, json!({ "id": id })).await["initiative"]["id"].clone();
    let change = "mutation ($id: ID!, $version: Int!, $input: UpdateInitiativeInput!) {
        updateInitiative(id: $id, expectedVersion: $version, input: $input) { userErrors { code path message } } }";
    let ended = json!({ "id": initiative, "version": 1, "input": { "endDate": "1999" } });
    let ended = two.mistakes(change, ended).await;
    let translated = json!({ "names": [{ "lang": "en", "value": "One" }], "descriptions": [{ "lang": "en", "value": "First" }] });
    two.write(change, json!({ "id": initiative, "version": 1, "input": translated })).await;

    assert_eq!(ended, [("input.endDate".to_owned(), "FORBIDDEN".to_owned())]);
}
