//! The queue of a server: changesets that share a transaction are nothing to each other.

use culturegraph::{
    auth::Writer,
    changes::{Applied, ChangeError, Changeset, Operation, Queue},
    record::{
        def::Def,
        write::{Checked, MistakeCode},
    },
};
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::json;
use tokio::task::JoinSet;

use super::{create, entries, id, named, number, query, update, vocabulary, write};
use crate::app::{TestApp, noon};

on_both!(
    one_that_is_refused_leaves_the_others,
    who_stops_waiting_does_not_stop_a_changeset,
    a_panic_stops_nobody_else,
    no_more_wait_than_may,
    what_was_accepted_is_done_at_the_end,
    a_full_disk_is_got_over,
);

async fn send(queue: &Queue, operations: Vec<Operation>) -> Result<Option<Applied>, ChangeError> {
    let changeset = Changeset { operations, ..Changeset::default() };
    queue.apply(Writer::system("writer"), changeset, noon()).await
}

/// Sends them at the same time; the outcomes in their order.
async fn send_all(
    queue: &Queue,
    changesets: Vec<Vec<Operation>>,
) -> Vec<Result<Option<Applied>, ChangeError>> {
    let mut sent = JoinSet::new();
    for (place, operations) in changesets.into_iter().enumerate() {
        let queue = queue.clone();
        sent.spawn(async move { (place, send(&queue, operations).await) });
    }
    let mut outcomes = sent.join_all().await;
    outcomes.sort_by_key(|(place, _)| *place);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

async fn one_that_is_refused_leaves_the_others(app: TestApp) {
    let queue = Queue::new(app.db.writer.clone());
    let changesets = (0..30).map(|n| match n % 3 {
        // It has written before it is found out.
        0 => vec![vocabulary(&format!("v-{n}")), update("Vocabulary", "nowhere", 1, json!({}))],
        _ => vec![vocabulary(&format!("v-{n}")), vocabulary(&format!("w-{n}"))],
    });

    let outcomes = send_all(&queue, changesets.collect()).await;

    for (n, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Ok(Some(applied)) => assert_eq!((n % 3 > 0, applied.entries), (true, 2)),
            Err(ChangeError::Refused(mistakes)) => {
                assert_eq!((n % 3, mistakes[0].code), (0, MistakeCode::UnknownReference));
            }
            other => panic!("{n}: {other:?}"),
        }
    }
    let positions: Vec<i64> = entries(&app).await.iter().map(|it| it.position).collect();
    assert_eq!(positions, (1..=40).collect::<Vec<_>>());
    assert_eq!(number(&app, "SELECT count(*) FROM vocabulary").await, 40);
}

async fn who_stops_waiting_does_not_stop_a_changeset(app: TestApp) {
    let queue = Queue::new(app.db.writer.clone());
    for n in 0..10 {
        let sent = tokio::spawn({
            let queue = queue.clone();
            async move { send(&queue, vec![vocabulary(&format!("v-{n}"))]).await }
        });
        tokio::task::yield_now().await;
        sent.abort();
        assert!(sent.await.unwrap_err().is_cancelled());
    }

    queue.finish().await;

    assert_eq!(entries(&app).await.len(), 10);
}

async fn a_panic_stops_nobody_else(app: TestApp) {
    let queue = Queue::new(app.db.writer.clone());
    let def: &'static Def = Box::leak(Box::new(whose_check_panics()));
    let changesets = (0..20).map(|n| match n % 5 {
        0 => vec![
            vocabulary(&format!("v-{n}")),
            Operation::create(def, id("Vocabulary", &format!("p-{n}")), super::map(json!({}))),
        ],
        _ => vec![vocabulary(&format!("v-{n}"))],
    });

    let outcomes = send_all(&queue, changesets.collect()).await;

    for (n, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome.is_ok(), n % 5 > 0, "{n}: {outcome:?}");
    }
    assert_eq!(entries(&app).await.len(), 16);
    send(&queue, vec![vocabulary("after")]).await.expect("it is right");
}

fn whose_check_panics() -> Def {
    Def {
        name: "Panicking",
        one: "panic",
        many: "panics",
        about: "A type that no changeset survives.",
        code: 999,
        max_age: 0,
        prefix: "panic",
        table: "vocabulary".to_owned(),
        columns: Vec::new(),
        id: 0,
        public_id: 0,
        fields: Default::default(),
        filters: Default::default(),
        orders: Default::default(),
        default_order: Vec::new(),
        groups: Vec::new(),
        uniques: Vec::new(),
        alone: None,
        keys: Default::default(),
        words: Vec::new(),
        implied: None,
        claimed: Default::default(),
        rule: None,
        check: Some(Checked { fields: &[], check: |_, _| panic!("a test lets this check panic") }),
        interfaces: Vec::new(),
        is_listed: false,
        guarded: Default::default(),
        full_texts: Vec::new(),
        searched: None,
        tells_of: vec![],
    }
}

async fn no_more_wait_than_may(app: TestApp) {
    const WAITING: usize = 1_024;
    let queue = Queue::new(app.db.writer.clone());
    // Nobody comes to their turn while another has all of it.
    let other = app.database().connect().await;
    let lock = match other.get_database_backend() {
        DbBackend::Postgres => "BEGIN; LOCK TABLE change_entry IN ACCESS EXCLUSIVE MODE",
        _ => "BEGIN IMMEDIATE",
    };
    other.execute_unprepared(lock).await.unwrap();
    let mut sent = JoinSet::new();
    for _ in 0..WAITING + 50 {
        let queue = queue.clone();
        sent.spawn(async move {
            send(&queue, vec![update("Vocabulary", "nowhere", 1, json!({}))]).await
        });
    }
    for _ in 0..50 {
        let busy = sent.join_next().await.expect("some are left").expect("no task panics");
        assert!(matches!(busy, Err(ChangeError::Busy)), "{busy:?}");
    }
    other.execute_unprepared("ROLLBACK").await.unwrap();

    let others = sent.join_all().await;

    assert_eq!(others.len(), WAITING);
    assert!(others.iter().all(|it| matches!(it, Err(ChangeError::Refused(_)))));
    send(&queue, vec![vocabulary("v")]).await.expect("there is room again");
}

async fn what_was_accepted_is_done_at_the_end(app: TestApp) {
    let queue = Queue::new(app.db.writer.clone());
    let mut sent = JoinSet::new();
    for n in 0..40 {
        let queue = queue.clone();
        sent.spawn(async move { send(&queue, vec![vocabulary(&format!("v-{n}"))]).await });
    }
    // Each has run up to its first wait.
    tokio::task::yield_now().await;

    queue.finish().await;

    assert_eq!(entries(&app).await.len(), 40);
    assert!(sent.join_all().await.iter().all(Result::is_ok));
    assert!(matches!(send(&queue, vec![vocabulary("late")]).await, Err(ChangeError::Busy)));
}

/// SQLite may take a whole transaction back by itself then, whatever the driver believes; so the connection is opened anew.
/// The new one does not have the limit that stands for the full disk.
async fn a_full_disk_is_got_over(app: TestApp) {
    if app.db.is_postgres() {
        return;
    }
    let queue = Queue::new(app.db.writer.clone());
    write(&app, vec![vocabulary("before")]).await;
    let long = |key: &str| {
        let descriptions = json!([{ "lang": "en", "value": "a".repeat(4_000) }]);
        let fields = named(key, json!({ "descriptions": descriptions }));
        vec![create("Vocabulary", key, fields)]
    };
    let fill = async || {
        let pages = query(&app.db.writer, "PRAGMA page_count").await;
        let pages: i64 = pages[0].try_get_by_index(0).unwrap();
        query(&app.db.writer, &format!("PRAGMA max_page_count = {pages}")).await;
    };

    fill().await;
    let alone = send(&queue, long("alone")).await;
    let again = send(&queue, long("alone")).await;
    fill().await;
    let shared = send_all(&queue, (0..20).map(|n| long(&format!("v-{n}"))).collect()).await;

    assert!(matches!(alone, Err(ChangeError::Database(_))), "{alone:?}");
    again.expect("there is room again");
    // The first is at work before others have come to share its transaction.
    assert!(shared.iter().skip(1).all(Result::is_ok), "{shared:?}");
    let applied = shared.iter().filter(|it| it.is_ok()).count();
    assert_eq!(entries(&app).await.len(), 2 + applied);
}
