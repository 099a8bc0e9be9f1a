//! What a changeset asks of the base does not grow with its operations, and what is forbidden is said before it is worked out.

use std::sync::{Arc, Mutex};

use culturegraph::{
    auth::{Scope, Writer},
    changes::{self, Applied, ChangeError, Changeset, Contradictions, Operation, Queue},
    progress::Silent,
    record::{
        catalog,
        write::{Mistake, MistakeCode},
    },
    value::public_id::PublicId,
};
use sea_orm::{DatabaseConnection, TransactionTrait};
use serde_json::{Value as Json, json};
use tokio::sync::mpsc::unbounded_channel;

use crate::app::{Author, TestApp, caller, lenient, noon, world::words};

on_both!(
    whose_records_are_is_asked_once,
    what_points_to_records_is_asked_once_a_level,
    what_is_forbidden_is_said_before_it_is_worked_out,
    deletions_that_take_each_other_along_come_in_any_order,
    no_more_goes_along_than_one_changeset_changes,
    a_text_is_read_once_for_a_quote,
    what_is_quoted_is_not_read_for_citations_that_follow,
    no_operation_costs_statements_of_its_own,
    only_rivals_are_read_for_what_is_unique,
    records_of_a_type_are_shown_by_one_statement,
    who_looks_up_does_not_wait_for_who_writes,
);

/// Asks for the history of records.
const HISTORY: &str = "LEFT JOIN record m ON m.id = o.merged_into_id";
/// Asks what points to records.
const POINTING: &str = "UNION ALL SELECT CAST(1 AS BIGINT)";

/// A base whose statements are heard, each with its values.
struct Heard {
    db: DatabaseConnection,
    statements: Arc<Mutex<Vec<(String, String)>>>,
}

impl Heard {
    fn new(app: &TestApp) -> Heard {
        let statements = Arc::<Mutex<Vec<(String, String)>>>::default();
        let mut db = app.db.writer.clone();
        let heard = statements.clone();
        db.set_metric_callback(move |info| {
            let values = format!("{:?}", info.statement.values);
            heard.lock().unwrap().push((info.statement.sql.clone(), values));
        });
        Heard { db, statements }
    }

    async fn apply(
        &self,
        writer: &Writer,
        operations: Vec<Operation>,
    ) -> Result<Option<Applied>, ChangeError> {
        let contradictions = Contradictions::KeepBoth;
        let changeset = Changeset { operations, contradictions, ..Changeset::default() };
        self.statements.lock().unwrap().clear();
        changes::apply(&self.db, writer, changeset, noon(), &Silent).await
    }

    /// As they come by mutations.
    async fn queue(&self, writer: &Writer, operations: Vec<Operation>) -> Applied {
        let contradictions = Contradictions::KeepBoth;
        let changeset = Changeset { operations, contradictions, ..Changeset::default() };
        self.statements.lock().unwrap().clear();
        let queue = Queue::new(self.db.clone());
        queue.apply(writer.clone(), changeset, noon()).await.unwrap().unwrap()
    }

    /// How many of the statements of the last changeset have this in them.
    fn count(&self, part: &str) -> usize {
        self.statements.lock().unwrap().iter().filter(|(sql, _)| sql.contains(part)).count()
    }

    /// How often it has read what the log says of records with this in their ids.
    fn read(&self, part: &str) -> usize {
        let statements = self.statements.lock().unwrap();
        let read = statements.iter().filter(|(sql, _)| sql.contains("CAST(e.record AS TEXT)"));
        read.filter(|(_, values)| values.contains(part)).count()
    }
}

fn id(ty: &str, key: &str) -> String {
    PublicId::derived(catalog().named(ty).unwrap().prefix, key).to_string()
}

fn create(ty: &str, key: &str, fields: Json) -> Operation {
    let fields = serde_json::from_value(fields).unwrap();
    Operation::create(catalog().named(ty).unwrap(), id(ty, key), fields)
}

fn city(n: usize) -> Operation {
    let key = format!("c{n}");
    create("City", &key, json!({ "slug": key, "names": words("en", "City") }))
}

fn plan(n: usize, city: usize) -> Operation {
    let key = format!("p{n}");
    let city = id("City", &format!("c{city}"));
    create("Initiative", &key, json!({ "slug": key, "names": words("en", "Plan"), "city": city }))
}

fn delete(ty: &str, key: &str, takes_along: bool) -> Operation {
    Operation::Delete { id: id(ty, key), expected_version: 1, takes_along }
}

fn refused(result: Result<Option<Applied>, ChangeError>) -> Vec<Mistake> {
    match result {
        Err(ChangeError::Refused(mistakes)) => mistakes,
        other => panic!("it is refused: {other:?}"),
    }
}

async fn partner(app: &TestApp) -> Writer {
    caller(&app.keeper().await, &[Scope::Write]).writer().unwrap()
}

async fn whose_records_are_is_asked_once(app: TestApp) {
    let (partner, heard) = (partner(&app).await, Heard::new(&app));
    heard.apply(&partner, (0..40).map(city).collect()).await.unwrap();

    for (from, to) in [(0, 1), (1, 40)] {
        let update = |n| {
            let fields = serde_json::from_value(json!({ "timeZone": "Asia/Bangkok" })).unwrap();
            Operation::update(id("City", &format!("c{n}")), 1, fields)
        };
        heard.apply(&partner, (from..to).map(update).collect()).await.unwrap();
        assert_eq!(heard.count(HISTORY), 1, "{from} to {to}");
    }
}

async fn what_points_to_records_is_asked_once_a_level(app: TestApp) {
    let (partner, heard) = (partner(&app).await, Heard::new(&app));
    heard.apply(&partner, (0..20).map(city).collect()).await.unwrap();
    heard.apply(&partner, (0..20).map(|n| plan(n, n)).collect()).await.unwrap();

    for (from, to) in [(0, 1), (1, 20)] {
        let deletions = (from..to).map(|n| delete("City", &format!("c{n}"), true)).collect();
        let applied = heard.apply(&partner, deletions).await.unwrap().unwrap();
        assert_eq!(applied.entries, 2 * (to - from));
        // What points to the cities, and what to their plans; whose they are of each of the two, and of all together.
        assert_eq!((heard.count(POINTING), heard.count(HISTORY)), (2, 3), "{from} to {to}");
    }
}

async fn what_is_forbidden_is_said_before_it_is_worked_out(app: TestApp) {
    let (partner, heard) = (partner(&app).await, Heard::new(&app));
    let loader = Writer::system("test");
    heard.apply(&loader, vec![city(0)]).await.unwrap();
    heard.apply(&partner, vec![city(1)]).await.unwrap();
    heard.apply(&loader, vec![plan(0, 0), plan(1, 1)]).await.unwrap();
    let forbidden = |result| -> Vec<Vec<String>> {
        let mistakes = refused(result);
        assert!(mistakes.iter().all(|it| it.code == MistakeCode::Forbidden), "{mistakes:?}");
        mistakes.into_iter().map(|it| it.path).collect()
    };

    // Not their own, and so nothing more is asked.
    let others = heard.apply(&partner, vec![delete("City", "c0", true)]).await;
    assert_eq!(forbidden(others), [["0", &id("City", "c0")]]);
    assert_eq!(heard.count(POINTING), 0);
    // What would go along is not, and what points to that is not asked.
    let own = heard.apply(&partner, vec![delete("City", "c1", true)]).await;
    assert_eq!(forbidden(own), [["0", &id("Initiative", "p1")]]);
    assert_eq!(heard.count(POINTING), 1);
}

async fn deletions_that_take_each_other_along_come_in_any_order(app: TestApp) {
    let heard = Heard::new(&app);
    let editor = caller(&app.keeper().await, &[Scope::Write, Scope::Publish]).writer().unwrap();
    let made = vec![city(0), city(1), plan(0, 0), plan(1, 1)];
    heard.apply(&editor, made).await.unwrap();

    let holding =
        heard.apply(&editor, vec![delete("City", "c0", false), delete("City", "c1", true)]);
    let holding = refused(holding.await);
    let both =
        heard.apply(&editor, vec![delete("City", "c0", false), delete("Initiative", "p0", false)]);
    let both = both.await.unwrap().unwrap();

    let told: Vec<_> = holding.iter().map(|it| (it.path.clone(), it.code)).collect();
    assert_eq!(told, [(vec!["0".to_owned(), id("City", "c0")], MistakeCode::InUse)]);
    assert!(holding[0].message.contains(&id("Initiative", "p0")), "{}", holding[0].message);
    assert_eq!(both.entries, 2);
}

async fn no_more_goes_along_than_one_changeset_changes(app: TestApp) {
    let heard = Heard::new(&app);
    let editor = caller(&app.keeper().await, &[Scope::Write, Scope::Publish]).writer().unwrap();
    heard.apply(&editor, vec![city(0), city(1)]).await.unwrap();
    let cited = |n: usize, to: &str| {
        let of = id("City", to);
        create(
            "Citation",
            &format!("x{n}"),
            json!({ "subject": of, "document": id("Document", "d"), "locator": n.to_string() }),
        )
    };
    let document = create(
        "Document",
        "d",
        json!({ "slug": "d", "names": words("en", "D"), "inLanguage": "en" }),
    );
    heard.apply(&editor, vec![document]).await.unwrap();
    let most = 10_000;
    let operations = (0..=most).map(|n| cited(n, if n < most { "c0" } else { "c1" })).collect();
    heard.apply(&editor, operations).await.unwrap();
    let more = (0..1).map(|n| cited(most + 1 + n, "c0")).collect();
    heard.apply(&editor, more).await.unwrap();

    let mistakes = refused(heard.apply(&editor, vec![delete("City", "c0", true)]).await);
    let fits = heard.apply(&editor, vec![delete("City", "c1", true)]).await.unwrap().unwrap();

    let told: Vec<_> = mistakes.iter().map(|it| (it.path.clone(), it.code)).collect();
    assert_eq!(told, [(vec!["0".to_owned(), id("City", "c0")], MistakeCode::TooMany)]);
    assert!(mistakes[0].message.contains("10000 records"), "{}", mistakes[0].message);
    assert_eq!(fits.entries, 2);
}

/// A stored text, with its document.
fn text() -> Vec<Operation> {
    let document = json!({ "slug": "d", "names": words("en", "D"), "inLanguage": "vi" });
    let version = json!({
        "document": id("Document", "d"),
        "text": "Ở Hà Nội và Huế.",
        "mediaType": "text/plain",
        "sha256": "7cfb7c585e444397c565d4612aef748fbcc8adf31b3ecca9b313fe8611bcf9c6",
    });
    vec![create("Document", "d", document), create("DocumentVersion", "v", version)]
}

fn quote(key: &str, words: &str) -> Operation {
    let city = id("City", "c0");
    let quote = json!({ "subject": city, "document": id("Document", "d"), "quote": words });
    create("Citation", key, quote)
}

async fn a_text_is_read_once_for_a_quote(app: TestApp) {
    let heard = Heard::new(&app);
    let editor = caller(&app.keeper().await, &[Scope::Write, Scope::Publish]).writer().unwrap();
    heard.apply(&editor, [text(), vec![city(0)]].concat()).await.unwrap();

    // One makes a passage, and the other lies in it.
    for (key, words, entries) in [("x0", "Hà Nội", 2), ("x1", "Nội", 1)] {
        let applied = heard.queue(&editor, vec![quote(key, words)]).await;

        assert_eq!(applied.entries, entries, "{words}");
        assert_eq!(heard.count("SELECT text FROM document_version"), 1, "{words}");
        assert_eq!(heard.read("version_"), 0, "{words}");
        assert_eq!(heard.read("passage_"), 0, "{words}");
    }
    let long = "x".repeat(301);
    let mistakes = refused(heard.apply(&editor, vec![quote("x2", &long)]).await);
    assert!(mistakes.iter().all(|it| it.path.last().unwrap() == "quote"), "{mistakes:?}");
}

async fn what_is_quoted_is_not_read_for_citations_that_follow(app: TestApp) {
    let heard = Heard::new(&app);
    let editor = caller(&app.keeper().await, &[Scope::Write, Scope::Publish]).writer().unwrap();
    heard.apply(&editor, [text(), vec![city(0), city(1)]].concat()).await.unwrap();
    heard.queue(&editor, vec![quote("x0", "Hà Nội"), quote("x1", "Huế")]).await;

    let (into, from) = (id("City", "c1"), id("City", "c0"));
    let merge = Operation::Merge { into, expected_version: 1, from, from_version: 1 };
    let applied = heard.apply(&editor, vec![merge]).await.unwrap().unwrap();

    assert_eq!(applied.entries, 4);
    assert_eq!(heard.read("passage_"), 0);
    assert_eq!(heard.read("version_"), 0);
    // The text itself follows its document, and keeps its words.
    let document = json!({ "slug": "e", "names": words("en", "E"), "inLanguage": "vi" });
    heard.apply(&editor, vec![create("Document", "e", document)]).await.unwrap();
    let (into, from) = (id("Document", "e"), id("Document", "d"));
    let merge = Operation::Merge { into, expected_version: 1, from, from_version: 1 };
    let applied = heard.apply(&editor, vec![merge]).await.unwrap().unwrap();
    assert_eq!(applied.entries, 5);
    assert_eq!(heard.read("passage_"), 0);
}

async fn records_of_a_type_are_shown_by_one_statement(app: TestApp) {
    const APPLY: &str = "mutation ($operations: [OperationInput!]!) {
        applyChangeset(input: { operations: $operations }) {
            records { key again: id record { id ... on City { names { value } } __typename } }
            userErrors { code path message }
        }
    }";
    let author = Author::editor(&app).await;
    let create = |ty: &str, n: usize| {
        let input = json!({ "names": [{ "lang": "en", "value": format!("{ty} {n}") }] });
        json!({ "create": { "key": format!("{ty} {n}"), "record": { ty: input } } })
    };

    let mut taken = Vec::new();
    for count in [1, 40] {
        let of = |ty| (0..count).map(move |n| create(ty, n));
        let operations: Vec<Json> = of("city").chain(of("vocabulary")).collect();
        let answer = author.post(APPLY, json!({ "operations": operations })).await.json();

        let records = answer["data"]["applyChangeset"]["records"].as_array().unwrap();
        assert_eq!(records.len(), 2 * count, "{answer}");
        for (record, operation) in records.iter().zip(&operations) {
            assert_eq!(record["key"], operation["create"]["key"]);
            assert_eq!(record["again"], record["record"]["id"]);
        }
        assert_eq!(records[0]["record"]["names"][0]["value"], "city 0");
        taken.push(answer["extensions"]["cost"]["statements"].as_u64().unwrap());
    }
    // What their ids lead to, and the rows of each type.
    assert_eq!(taken, [3, 3]);
}

async fn who_looks_up_does_not_wait_for_who_writes(mut app: TestApp) {
    const UPDATE: &str = "mutation ($id: ID!) {
        updateCity(id: $id, expectedVersion: 1, input: { timeZone: \"Asia/Bangkok\" }) { userErrors { code } }
    }";
    let (heard, mut told) = unbounded_channel();
    app.db.reader.set_metric_callback(move |info| {
        if info.statement.sql.contains("CAST(e.record AS TEXT)") {
            // Nobody listens any more once it is known.
            let _ = heard.send(());
        }
    });
    let app = app.set(lenient());
    let author = Author::editor(&app).await;
    Heard::new(&app).apply(&Writer::system("test"), vec![city(0)]).await.unwrap();

    let writing = app.db.writer.begin().await.unwrap();
    tokio::select! {
        answer = author.post(UPDATE, json!({ "id": id("City", "c0") })) => {
            panic!("it waits for its turn to write: {}", answer.text());
        }
        read = told.recv() => assert_eq!(read, Some(())),
    }
    writing.rollback().await.unwrap();
}

/// A kind of operations: its name, the operation of a number, and whether it is taken.
type Kind<'k> = (&'k str, &'k dyn Fn(usize) -> Operation, bool);

async fn no_operation_costs_statements_of_its_own(app: TestApp) {
    let heard = Heard::new(&app);
    let editor = caller(&app.keeper().await, &[Scope::Write, Scope::Publish]).writer().unwrap();
    let loader = Writer::system("test");
    let all = |of: fn(usize) -> Operation| (0..41).map(of).collect::<Vec<_>>();
    let about = |n: usize, city: String| {
        let (from, to) = (id("Document", &format!("t{n}")), id("City", &city));
        create(
            "Link",
            &format!("{n}{city}"),
            json!({ "from": from, "relation": "ABOUT", "to": to }),
        )
    };
    let other = |n: usize| {
        let key = format!("d{n}");
        create("City", &key, json!({ "slug": key, "names": words("en", "City") }))
    };
    let texts = |n: usize| {
        let key = format!("t{n}");
        let text = json!({ "slug": key, "names": words("en", "T"), "inLanguage": "vi" });
        create("Document", &key, text)
    };
    heard.apply(&loader, all(city)).await.unwrap();
    heard.apply(&loader, (0..42).map(other).collect()).await.unwrap();
    heard.apply(&loader, (0..41).map(texts).collect()).await.unwrap();
    heard.apply(&loader, text()).await.unwrap();
    let of = |n: usize| id("City", &format!("c{n}"));
    let fields = |fields: Json| serde_json::from_value(fields).unwrap();
    let zone = |n, version| {
        Operation::update(of(n), version, fields(json!({ "timeZone": "Asia/Bangkok" })))
    };
    // A value that nobody knows for a claim, before others come.
    let counted = |n: usize| Operation::update(of(n), 2, fields(json!({ "population": 7 })));
    let claim = |n: usize| {
        let value = json!({ "quantity": { "amount": "8" } });
        let claim = json!({ "subject": of(n), "property": "POPULATION", "value": value });
        create("Claim", &format!("p{n}"), claim)
    };
    let cite = |n: usize| {
        let (subject, document) = (of(n), id("Document", &format!("t{n}")));
        create("Citation", &format!("x{n}"), json!({ "subject": subject, "document": document }))
    };
    let cited_link = |n: usize| {
        let (subject, document) = (id("Link", &format!("{n}c{n}")), id("Document", "d"));
        create("Citation", &format!("y{n}"), json!({ "subject": subject, "document": document }))
    };
    let quoted = |n: usize| {
        let quote = json!({ "subject": of(n), "document": id("Document", "d"), "quote": "Huế" });
        create("Citation", &format!("q{n}"), quote)
    };
    // The passage that the others lie in.
    let passage =
        json!({ "subject": id("City", "d0"), "document": id("Document", "d"), "quote": "Huế" });
    heard.apply(&editor, vec![create("Citation", "q", passage)]).await.unwrap();
    let merge = |n: usize| Operation::Merge {
        into: id("City", &format!("d{}", n + 1)),
        expected_version: 1,
        from: of(n),
        from_version: 4,
    };
    let delete = |n: usize| Operation::Delete {
        id: id("City", &format!("d{}", n + 1)),
        expected_version: 2,
        takes_along: true,
    };
    let kinds: [Kind<'_>; 11] = [
        ("update", &|n| zone(n, 1), true),
        ("stale", &|n| zone(n, 1), false),
        ("count", &counted, true),
        ("claim", &claim, true),
        ("cite", &cite, true),
        ("quote", &quoted, true),
        ("link", &|n| about(n, format!("c{n}")), true),
        ("cited link", &cited_link, true),
        // Two links become one when their cities do.
        ("other link", &|n| about(n, format!("d{}", n + 1)), true),
        ("merge", &merge, true),
        ("delete", &delete, true),
    ];
    for (kind, operation, is_taken) in kinds {
        let mut counts = Vec::new();
        // Rows go a hundred to a statement, and ten follow each of these.
        let most = if ["merge", "delete"].contains(&kind) { 10 } else { 41 };
        for (from, to) in [(0, 1), (1, most)] {
            let taken = heard.apply(&editor, (from..to).map(operation).collect()).await;
            assert_eq!(taken.is_ok(), is_taken, "{kind} {taken:?}");
            counts.push(heard.statements.lock().unwrap().len());
        }
        assert_eq!(counts[0], counts[1], "{kind}");
    }
}

async fn only_rivals_are_read_for_what_is_unique(app: TestApp) {
    let heard = Heard::new(&app);
    let editor = caller(&app.keeper().await, &[Scope::Write, Scope::Publish]).writer().unwrap();
    let vocabulary = json!({ "slug": "v", "names": words("en", "V") });
    let term = |n: usize| {
        let (key, vocabulary) = (format!("t{n}"), id("Vocabulary", "v"));
        let names = words("en", "Term");
        create(
            "Term",
            &key,
            json!({ "slug": key, "names": names, "vocabulary": vocabulary, "notation": key, "listPosition": n + 1 }),
        )
    };
    let made = vec![create("Vocabulary", "v", vocabulary), term(0), term(1), city(0)];
    heard.apply(&editor, [made, text()].concat()).await.unwrap();
    let change = |fields: Json| {
        let fields = serde_json::from_value(fields).unwrap();
        vec![Operation::update(id("Term", "t0"), 1, fields)]
    };

    heard.apply(&editor, vec![quote("x0", "Nội")]).await.unwrap();
    // The key is asked for, not all passages of the text.
    assert_eq!(heard.count("t.anchor = k.c1"), 1);
    let rival = heard.apply(&editor, change(json!({ "notation": "t1" }))).await;
    assert_eq!(refused(rival)[0].code, MistakeCode::Duplicate);
    assert_eq!(heard.count("t.notation = k.c1"), 1);
    heard.apply(&editor, change(json!({ "names": words("en", "Other") }))).await.unwrap();
    assert_eq!(heard.count("CROSS JOIN term t"), 0);
}
