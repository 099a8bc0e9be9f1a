//! Words that are cited stand in the text that is stored of their document, and each source is cited once.

use culturegraph::{
    auth::{Scope, Writer},
    changes::{self, Changeset, Cited, Contradictions, Operation},
    progress::Silent,
    record::catalog,
    value::public_id::PublicId,
};
use futures_util::future::join_all;
use serde_json::{Value as Json, json};

use crate::app::{Author, KEEPER, TestApp, caller, noon, replay::replayed};

on_both!(
    words_copied_by_hand_are_looked_for_in_stored_texts,
    words_that_stand_often_are_found_at_their_place,
    an_address_that_many_cite_is_one_document,
    a_source_is_cited_once,
    a_text_that_goes_is_not_cited,
    what_was_not_looked_for_before_is_found_in_the_transaction,
);

const APPLY: &str = "mutation ($operations: [OperationInput!]!) {
    applyChangeset(input: { operations: $operations }) {
        records { key id }
        changeset { changes { totalCount } }
        userErrors { code path message }
    }
}";
const CITED: &str = "query ($id: ID!) { city(by: { id: $id }) { citations { nodes {
    quote locator span { charStart byteEnd } passage { documentVersion { id } }
} } } }";
const URL: &str = "https://example.org/report";

/// A city, and a document with a stored text; the keys are `city`, `doc` and `text`.
fn base(text: &str) -> Json {
    let names = json!([{ "lang": "vi", "value": "Huế" }]);
    json!([
        { "create": { "key": "city", "record": { "city": { "names": names } } } },
        { "create": { "key": "doc", "record": { "document": {
            "names": names, "inLanguage": "vi", "url": URL,
        } } } },
        { "create": { "key": "text", "record": { "documentVersion": {
            "document": { "key": "doc" }, "text": text, "mediaType": "text/plain",
        } } } },
    ])
}

async fn ids(author: &Author<'_>, operations: Json) -> impl Fn(&str) -> String + use<> {
    let payload = author.write(APPLY, json!({ "operations": operations })).await;
    let records = payload["records"].as_array().unwrap().clone();
    move |key| {
        let record = records.iter().find(|it| it["key"] == key).expect("there is such a key");
        record["id"].as_str().unwrap().to_owned()
    }
}

async fn an_address_that_many_cite_is_one_document(app: TestApp) {
    let author = Author::editor(&app).await;
    let create = |n: usize| {
        let names = json!([{ "lang": "en", "value": format!("City {n}") }]);
        let source = json!({ "address": { "url": "https://example.org/new" } });
        json!([{ "create": { "key": "city", "record": { "city": {
            "names": names, "citations": [{ "source": source }],
        } } } }])
    };
    let many = (0..8).map(|n| author.write(APPLY, json!({ "operations": create(n) })));
    join_all(many).await;
    // And one that the changeset makes itself.
    let mut both = create(8).as_array().unwrap().clone();
    both[0]["create"]["record"]["city"]["citations"][0]["source"]["address"]["url"] = URL.into();
    both.push(json!({ "create": { "key": "doc", "record": { "document": {
        "names": [{ "lang": "en", "value": "Report" }], "inLanguage": "en", "url": URL,
    } } } }));
    author.write(APPLY, json!({ "operations": both })).await;

    let read =
        author.data("{ documents { nodes { url } } citations { totalCount } }", json!({})).await;
    let documents = json!([{ "url": "https://example.org/new" }, { "url": URL }]);
    assert_eq!(read["documents"]["nodes"], documents);
    assert_eq!(read["citations"]["totalCount"], 9);
    replayed(&app.db.writer, 50).await;
}

fn cite(subject: &str, source: Json) -> Json {
    json!({ "cite": { "subject": { "id": subject }, "citations": [{ "source": source }] } })
}

async fn words_copied_by_hand_are_looked_for_in_stored_texts(app: TestApp) {
    let author = Author::editor(&app).await;
    let id = ids(&author, base("Ở Huế có sông Hương. Sông Hương chảy qua Huế.")).await;
    let place = |excerpt: &str| json!({ "place": { "document": { "id": id("doc") }, "locator": "p. 3", "excerpt": excerpt } });
    let address = |excerpt: &str| json!({ "address": { "url": URL, "excerpt": excerpt } });
    let operations = |sources: &[Json]| {
        let all: Vec<Json> = sources.iter().map(|it| cite(&id("city"), it.clone())).collect();
        json!({ "operations": all })
    };

    let wrong = [place("sông Hồng"), address("sông Hồng"), place("Huế")];
    let wrong = author.mistakes(APPLY, operations(&wrong)).await;
    let none = json!({ "place": { "document": { "id": id("doc") }, "locator": "p. 4" } });
    author.write(APPLY, operations(&[place("chảy qua"), address("Ở Huế"), none])).await;

    let at = |n: usize, of: &str| {
        let path = format!("input.operations.{n}.cite.citations.0.source.{of}.excerpt");
        (path, "QUOTE_MISMATCH".to_owned())
    };
    assert_eq!(wrong, [at(0, "place"), at(1, "address"), at(2, "place")]);
    let read = author.data(CITED, json!({ "id": id("city") })).await;
    let passage = json!({ "documentVersion": { "id": id("text") } });
    let expected = json!([
        { "quote": "chảy qua", "locator": "p. 3", "span": { "charStart": 32, "byteEnd": 53 }, "passage": passage },
        { "quote": "Ở Huế", "locator": null, "span": { "charStart": 0, "byteEnd": 9 }, "passage": passage },
        { "quote": null, "locator": "p. 4", "span": null, "passage": null },
    ]);
    assert_eq!(read["city"]["citations"]["nodes"], expected);
}

async fn words_that_stand_often_are_found_at_their_place(app: TestApp) {
    let author = Author::editor(&app).await;
    let count = 40_000;
    let id = ids(&author, base(&"đêm ".repeat(count))).await;
    let quote = |start: Option<usize>| {
        let text = json!({ "id": id("text") });
        json!({ "quote": { "documentVersion": text, "quote": "đêm", "charStart": start } })
    };
    let last = 4 * (count - 1);
    let operations = |starts: Vec<Option<usize>>| {
        let all: Vec<Json> = starts.into_iter().map(|it| cite(&id("city"), quote(it))).collect();
        json!({ "operations": all })
    };

    let twice = author.data(APPLY, operations(vec![None])).await;
    let wrong =
        author.mistakes(APPLY, operations(vec![Some(last + 1), Some(usize::MAX >> 34)])).await;
    let many = (0..200).map(|n| Some(last - 4 * n)).collect();
    author.write(APPLY, operations(many)).await;

    let message = twice["applyChangeset"]["userErrors"][0]["message"].as_str().unwrap();
    assert!(message.contains("character 0, at 4") && message.contains("`charStart`"), "{message}");
    assert!(!message.contains("`span`"), "{message}");
    assert_eq!(wrong.iter().map(|it| &*it.1).collect::<Vec<_>>(), ["QUOTE_MISMATCH"; 2]);
    let read = author.data(CITED, json!({ "id": id("city") })).await;
    let first = &read["city"]["citations"]["nodes"][0];
    assert_eq!(first["span"], json!({ "charStart": last, "byteEnd": 6 * count - 1 }));
}

async fn a_source_is_cited_once(app: TestApp) {
    let author = Author::editor(&app).await;
    let id = ids(&author, base("Huế có sông Hương.")).await;
    let start = |start: Option<i64>| {
        let text = json!({ "id": id("text") });
        json!({ "quote": { "documentVersion": text, "quote": "sông Hương", "charStart": start } })
    };
    // One quote, however its place is said.
    let place = json!({ "place": { "document": { "id": id("doc") }, "excerpt": "sông Hương" } });
    let sources = [start(None), start(Some(7)), place];
    let cites: Vec<Json> = sources.iter().map(|it| cite(&id("city"), it.clone())).collect();

    let cited = author.write(APPLY, json!({ "operations": cites })).await;
    let sources: Vec<Json> = sources.iter().map(|it| json!({ "source": it })).collect();
    let update = json!([{ "update": {
        "record": { "id": id("city") }, "expectedVersion": 1,
        "changes": { "city": { "population": 5, "citations": sources } },
    } }]);
    author.write(APPLY, json!({ "operations": update })).await;

    // The citation and its passage.
    assert_eq!(cited["changeset"]["changes"]["totalCount"], 2);
    let query = "query ($id: ID!) { city(by: { id: $id }) {
        citations { totalCount } claims { nodes { citations { totalCount } } }
    } }";
    let read = author.data(query, json!({ "id": id("city") })).await;
    let one = json!({ "totalCount": 1 });
    let expected = json!({ "citations": one, "claims": { "nodes": [{ "citations": one }] } });
    assert_eq!(read["city"], expected);
    // Who is told of a record by its key must find it.
    let keyed = |key: &str| {
        let record = json!({ "subject": { "id": id("city") }, "document": { "id": id("doc") }, "locator": "p. 9" });
        json!({ "create": { "key": key, "record": { "citation": record } } })
    };
    let taken = author.mistakes(APPLY, json!({ "operations": [keyed("a"), keyed("b")] })).await;
    assert_eq!(taken.iter().map(|it| &*it.1).collect::<Vec<_>>(), ["TAKEN"]);
    assert!(taken[0].0.starts_with("input.operations.1.create"), "{taken:?}");
}

async fn a_text_that_goes_is_not_cited(app: TestApp) {
    let author = Author::editor(&app).await;
    let id = ids(&author, base("Huế có sông Hương.")).await;
    let text = json!({ "id": id("text") });
    let source = json!({ "quote": { "documentVersion": text, "quote": "sông" } });
    let delete = json!({ "delete": { "record": text, "expectedVersion": 1 } });

    let mistakes =
        author.mistakes(APPLY, json!({ "operations": [delete, cite(&id("city"), source)] })).await;

    let at = "input.operations.1.cite.citations.0.source.quote.documentVersion".to_owned();
    assert!(mistakes.contains(&(at, "NOT_FOUND".to_owned())), "{mistakes:?}");
}

/// Loaders, and changesets of which others have taken a text out in between, have no places from before.
async fn what_was_not_looked_for_before_is_found_in_the_transaction(app: TestApp) {
    let author = Author::editor(&app).await;
    let id = ids(&author, base("Huế có sông Hương.")).await;
    let organization = app.keeper().await;
    let writer = caller(&organization, &[Scope::Write, Scope::Publish]).writer().unwrap();
    let apply = async |writer: &Writer, contradictions, sources: &[Json]| {
        let def = catalog().named("City").unwrap();
        let name = json!([{ "lang": "en", "value": KEEPER }]);
        let fields = serde_json::from_value(
            json!({ "names": name, "slug": format!("a-{}", sources.len()) }),
        );
        let cited = sources.iter().map(|it| serde_json::from_value(it.clone()).unwrap());
        let cited = Cited { sources: cited.collect(), rank: None };
        let city = PublicId::derived(def.prefix, &format!("{sources:?}")).to_string();
        let create = Operation::Create { def, id: city.clone(), fields: fields.unwrap(), cited };
        let changeset =
            Changeset { operations: vec![create], contradictions, ..Changeset::default() };
        changes::apply(&app.db.writer, writer, changeset, noon(), &Silent).await.map(|_| city)
    };
    let quote = json!({ "documentVersion": id("text"), "quote": "sông" });
    let excerpt = |words: &str| json!({ "document": id("doc"), "quote": words });

    let city = apply(&writer, Contradictions::KeepBoth, &[quote, excerpt("Hương")]).await.unwrap();
    let refused = apply(&writer, Contradictions::KeepBoth, &[excerpt("Hồng")]).await;
    let loaders = Writer::system("test");
    let as_given = apply(&loaders, Contradictions::AsGiven, &[excerpt("Hồng")]).await;

    let read = author.data(CITED, json!({ "id": city })).await;
    let starts: Vec<&Json> =
        (0..2).map(|n| &read["city"]["citations"]["nodes"][n]["span"]["charStart"]).collect();
    assert_eq!(starts, [&json!(7), &json!(12)]);
    assert!(refused.is_err() && as_given.is_ok());
}
