//! Many writers at once: no position is lost or late, and no write undoes another.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use culturegraph::{
    auth::Writer,
    changes::{ChangeError, Changeset, Operation, Queue},
    database::Database,
    record::write::MistakeCode,
};
use sea_orm::DatabaseConnection;
use serde_json::json;
use tokio::task::JoinSet;

use super::{
    apply_at, create, data, entries, id, membership, named, query, update, vocabulary, write,
};
use crate::app::{TestApp, noon, replay::replayed};

on_both!(
    positions_become_visible_in_their_order,
    one_of_many_updates_wins_and_the_others_are_told,
    claims_that_come_at_the_same_time_all_count,
    who_refers_to_a_record_does_not_wait_for_who_changes_it,
    who_takes_a_record_away_and_who_refers_to_it_see_each_other,
    of_periods_that_come_at_the_same_time_one_holds,
);

const WRITERS: usize = 8;
/// Of each writer, without being asked for more: `FEED_CHANGESETS=6253` makes 100,040 entries.
const CHANGESETS: usize = 25;

/// So many changesets that there is one more than a multiple of three.
fn changesets() -> usize {
    let asked = std::env::var("FEED_CHANGESETS").ok().and_then(|it| it.parse().ok());
    asked.unwrap_or(CHANGESETS) / 3 * 3 + 1
}

async fn positions_become_visible_in_their_order(app: TestApp) {
    let db = many_connections(&app).await;
    let stop = Arc::new(AtomicBool::new(false));
    let follower = tokio::spawn(follow(db.reader.clone(), stop.clone()));
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let db = db.writer.clone();
        writers.spawn(async move {
            for n in 0..changesets() {
                // One to three records.
                let operations = (0..=n % 3).map(|i| vocabulary(&format!("v-{writer}-{n}-{i}")));
                let applied = apply_at(&db, noon(), operations.collect()).await;
                applied.expect("it is right");
            }
        });
    }

    let results = writers.join_all().await;
    stop.store(true, Ordering::SeqCst);
    let seen = follower.await.expect("it sees all in order");

    assert_eq!(results.len(), WRITERS);
    let positions: Vec<i64> = entries(&app).await.iter().map(|it| it.position).collect();
    // Of three changesets one has one record, one two, one three; the last has one.
    let count = i64::try_from(WRITERS * (changesets() / 3 * 6 + 1)).expect("it is small");
    assert_eq!(positions, (1..=count).collect::<Vec<_>>());
    assert_eq!(seen, count);
}

async fn one_of_many_updates_wins_and_the_others_are_told(app: TestApp) {
    let db = many_connections(&app).await;
    write(&app, vec![vocabulary("v")]).await;
    for version in 1..=5 {
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let db = db.writer.clone();
            writers.spawn(async move {
                let change = json!({ "startDate": format!("20{version}{writer}") });
                apply_at(&db, noon(), vec![update("Vocabulary", "v", version, change)]).await
            });
        }

        let results = writers.join_all().await;

        let stale = |error: &ChangeError| matches!(error, ChangeError::Refused(it) if it[0].code == MistakeCode::StaleVersion);
        let won = results.iter().filter(|it| it.is_ok()).count();
        let told = results.iter().filter(|it| it.as_ref().is_err_and(stale)).count();
        assert_eq!((won, told), (1, WRITERS - 1), "{results:?}");
    }
    let vocabulary = data(&app, r#"{ vocabulary(by: { slug: "v" }) { version } }"#).await;
    assert_eq!(vocabulary["vocabulary"]["version"], 6);
    assert_eq!(entries(&app).await.len(), 6);
}

/// The preferred one is shown, whoever comes before or after it.
async fn claims_that_come_at_the_same_time_all_count(app: TestApp) {
    let db = many_connections(&app).await;
    write(&app, membership()).await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let db = db.writer.clone();
        writers.spawn(async move {
            for n in 0..5 {
                let fields = json!({
                    "subject": id("Membership", "m"), "property": "START_DATE",
                    "value": { "date": format!("20{writer}{n}") },
                    "rank": if (writer, n) == (3, 2) { "PREFERRED" } else { "NORMAL" },
                });
                let claim = create("Claim", &format!("c-{writer}-{n}"), fields);
                apply_at(&db, noon(), vec![claim]).await.expect("it is right");
            }
        });
    }

    writers.join_all().await;

    let membership = data(
        &app,
        r#"{ membership(by: { slug: "m" }) { startDate { edtf } claims { totalCount } } }"#,
    )
    .await;
    let expected =
        json!({ "startDate": { "edtf": "2032" }, "claims": { "totalCount": WRITERS * 5 } });
    assert_eq!(membership["membership"], expected);
}

/// PostgreSQL locks what is referred to when it checks the reference. Whoever waits for that lock must not hold the counter
/// of positions, which who has the lock will ask for.
async fn who_refers_to_a_record_does_not_wait_for_who_changes_it(app: TestApp) {
    let db = many_connections(&app).await;
    let vocabularies = (0..WRITERS).map(|n| vocabulary(&format!("v-{n}")));
    write(&app, vocabularies.collect()).await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let db = db.writer.clone();
        writers.spawn(async move {
            for n in 0..10 {
                let key = format!("v-{}", writer / 2);
                let operation = match writer % 2 {
                    0 => {
                        let version = i64::from(n) + 1;
                        let slug = format!("{key}-{n}");
                        update("Vocabulary", &key, version, json!({ "slug": slug }))
                    }
                    _ => {
                        let notation = format!("t-{writer}-{n}");
                        let fields = json!({
                            "vocabulary": id("Vocabulary", &key), "notation": notation, "listPosition": 1,
                        });
                        create("Term", &notation, named(&notation, fields))
                    }
                };
                apply_at(&db, noon(), vec![operation]).await.expect("it is right");
            }
        });
    }

    writers.join_all().await;

    assert_eq!(entries(&app).await.len(), WRITERS + WRITERS * 10);
}

/// No key of the base holds them apart.
async fn of_periods_that_come_at_the_same_time_one_holds(app: TestApp) {
    let db = many_connections(&app).await;
    write(&app, membership()).await;
    let term = json!({ "vocabulary": id("Vocabulary", "v"), "notation": "t", "listPosition": 1 });
    write(&app, vec![vocabulary("v"), create("Term", "t", named("t", term))]).await;
    for round in 0..10 {
        let period = |writer: usize| {
            let fields = json!({
                "membership": id("Membership", "m"), "field": id("Term", "t"),
                "startDate": format!("{}", 2000 + 2 * round), "endDate": format!("{}", 2001 + 2 * round),
            });
            vec![create("FieldPeriod", &format!("p-{round}-{writer}"), fields)]
        };
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let (db, operations) = (db.writer.clone(), period(writer));
            writers.spawn(async move { apply_at(&db, noon(), operations).await });
        }
        let results = writers.join_all().await;

        let overlaps = |error: &ChangeError| matches!(error, ChangeError::Refused(it) if it[0].code == MistakeCode::Overlap);
        let won = results.iter().filter(|it| it.is_ok()).count();
        let told = results.iter().filter(|it| it.as_ref().is_err_and(overlaps)).count();
        assert_eq!((won, told), (1, WRITERS - 1), "{results:?}");
    }
}

/// Whoever comes first: either the record stays, or nobody refers to it. Nobody is told of a deadlock.
async fn who_takes_a_record_away_and_who_refers_to_it_see_each_other(app: TestApp) {
    let db = many_connections(&app).await;
    let queue = Queue::new(db.writer.clone());
    write(&app, vec![create("Document", "d", named("d", json!({ "inLanguage": "en" })))]).await;
    for round in 0..15 {
        let [city, other] = ["c", "o"].map(|key| format!("{key}-{round}"));
        let cities = [&city, &other].map(|key| create("City", key, named(key, json!({}))));
        write(&app, cities.into()).await;
        let [city_id, other_id] = [id("City", &city), id("City", &other)];
        let initiative = named(&format!("i-{round}"), json!({ "city": city_id }));
        let quantity = json!({ "quantity": { "amount": "5" } });
        let claim = json!({ "subject": city_id, "property": "POPULATION", "value": quantity });
        let link = json!({ "from": id("Document", "d"), "relation": "ABOUT", "to": city_id });
        let takes_along = round % 2 == 0;
        let operations = [
            Operation::Delete { id: city_id.clone(), expected_version: 1, takes_along },
            Operation::Merge {
                into: other_id.clone(),
                expected_version: 1,
                from: city_id,
                from_version: 1,
            },
            Operation::Delete { id: other_id, expected_version: 1, takes_along },
            create("Initiative", &format!("i-{round}"), initiative),
            create("Claim", &format!("c-{round}"), claim),
            create("Link", &format!("l-{round}"), link),
            update("City", &city, 1, json!({ "timeZone": "Asia/Bangkok" })),
            update("City", &other, 1, json!({ "timeZone": "Asia/Bangkok" })),
        ];
        let mut writers = JoinSet::new();
        for operation in operations {
            let queue = queue.clone();
            let changeset = Changeset { operations: vec![operation], ..Changeset::default() };
            writers
                .spawn(async move { queue.apply(Writer::system("test"), changeset, noon()).await });
        }

        let outcomes = writers.join_all().await;

        let is_told =
            |it: &Result<_, ChangeError>| matches!(it, Ok(_) | Err(ChangeError::Refused(_)));
        assert!(outcomes.iter().all(is_told), "{outcomes:?}");
        assert!(outcomes.iter().any(Result::is_ok));
    }
    replayed(&app.db.reader, usize::MAX).await.best_claims_are_shown();
}

/// As a server has them, where several write.
async fn many_connections(app: &TestApp) -> Database {
    let connections = u32::try_from(WRITERS).expect("it is small") + 2;
    Database::open(app.database().url(), connections).await.expect("the database answers")
}

/// Reads the log as a follower does, from where it is, until it is told to stop and nothing more comes. Each entry must come
/// right after the last one seen: had another become visible later, below it, it would have been missed.
async fn follow(db: DatabaseConnection, stop: Arc<AtomicBool>) -> i64 {
    let mut seen = 0;
    loop {
        let is_last = stop.load(Ordering::SeqCst);
        let sql =
            format!("SELECT position FROM change_entry WHERE position > {seen} ORDER BY position");
        for row in query(&db, &sql).await {
            let position: i64 = row.try_get_by_index(0).expect("it is a number");
            assert_eq!(position, seen + 1);
            seen = position;
        }
        if is_last {
            return seen;
        }
        tokio::task::yield_now().await;
    }
}
