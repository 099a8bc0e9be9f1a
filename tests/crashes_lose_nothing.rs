//! A process that is killed in the middle of writing loses nothing that it has acknowledged, and leaves nothing by halves.
//!
//! `CRASH_ROUNDS=100 cargo test -p tests --test suite -- crashes_lose` is the long form; a few rounds are run by themselves.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use culturegraph::{
    auth::Writer,
    changes::{Changeset, Operation, Queue},
    content,
    database::Database,
    record::catalog,
    value::public_id::PublicId,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::json;
use tokio::{task::JoinSet, time::sleep};

use crate::app::{TestApp, chance::Chance, noon, replay::replayed};

on_both!(what_was_acknowledged_is_there_after_a_crash);

/// Rounds without being asked for more.
const ROUNDS: usize = 6;
const WRITERS: usize = 4;
/// Where the process that is to be killed writes; without it there is nothing to do.
const DATABASE: &str = "CRASH_DATABASE";

/// Writes until it is killed, and says of each changeset when it was acknowledged: its id, position and number of entries.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it is what the test of crashes kills"]
async fn writes_until_it_is_killed() {
    let Ok(url) = env::var(DATABASE) else { return };
    content::define();
    let db = Database::open(&url, 8).await.expect("the database answers");
    let queue = Queue::new(db.writer.clone());
    let mut writers = JoinSet::new();
    let process = std::process::id();
    for writer in 0..WRITERS {
        let queue = queue.clone();
        writers.spawn(async move {
            for n in 0.. {
                let operations =
                    (0..=n % 4).map(|i| vocabulary(&format!("v-{process}-{writer}-{n}-{i}")));
                let changeset =
                    Changeset { operations: operations.collect(), ..Changeset::default() };
                let applied = queue.apply(Writer::system("test"), changeset, noon()).await;
                let applied = applied.expect("it is right").expect("it is something");
                acknowledge(&format!(
                    "acknowledged {} {} {}",
                    applied.id, applied.position, applied.entries
                ));
            }
        });
    }
    while writers.join_next().await.is_some() {}
}

/// Past the test runner, which keeps what tests print for itself.
fn acknowledge(line: &str) {
    use std::io::Write;
    let mut out = std::io::stderr().lock();
    // Who has no reader any more is about to be killed.
    let _ = writeln!(out, "{line}");
}

fn vocabulary(slug: &str) -> Operation {
    let def = catalog().named("Vocabulary").expect("it is a type");
    let fields = json!({ "slug": slug, "names": [{ "lang": "en", "value": slug }] });
    let id = PublicId::derived(def.prefix, slug).to_string();
    Operation::create(def, id, serde_json::from_value(fields).expect("they are fields"))
}

fn start(url: &str) -> Child {
    let mut command = Command::new(env::current_exe().expect("we run from a file"));
    command
        .args([
            "--exact",
            "crashes_lose_nothing::writes_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(DATABASE, url)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command.spawn().expect("it starts again")
}

/// What was acknowledged in one life: changeset, position of its last entry, number of entries.
fn acknowledged(child: &mut Child) -> Vec<(String, i64, i64)> {
    let lines = BufReader::new(child.stderr.take().expect("it is ours")).lines();
    let parse = |line: String| {
        let mut words = line.strip_prefix("acknowledged ")?.split(' ').map(str::to_owned);
        let (id, position) = (words.next()?, words.next()?.parse().ok()?);
        // A line that was cut by the end is none.
        Some((id, position, words.next()?.parse().ok()?))
    };
    lines.map_while(Result::ok).filter_map(parse).collect()
}

async fn what_was_acknowledged_is_there_after_a_crash(app: TestApp) {
    let rounds = env::var("CRASH_ROUNDS").ok().and_then(|it| it.parse().ok()).unwrap_or(ROUNDS);
    let mut chance = Chance::new(7);
    let mut all = 0;
    for round in 0..rounds {
        let mut child = start(app.database().url());
        // It takes a moment before it writes.
        let moment = Duration::from_millis(300 + chance.below(400) as u64);
        let told = tokio::task::spawn_blocking(move || {
            std::thread::sleep(moment);
            child.kill().expect("it runs");
            let told = acknowledged(&mut child);
            child.wait().expect("it was ours");
            told
        });
        let told = told.await.expect("it was killed");
        all += told.len();
        what_was_begun_has_ended(&app).await;
        are_whole(&app, &told).await;
        if round % 10 == 0 || round + 1 == rounds {
            replayed(&app.db.reader, 40).await;
        }
    }
    if rounds > ROUNDS {
        acknowledge(&format!("{rounds} rounds: all of {all} acknowledged changesets are there"));
    }
    assert!(all > rounds, "it was killed before it had written: {all}");
}

/// PostgreSQL ends what a process has begun when it sees that it is gone: until then a last commit may still come.
async fn what_was_begun_has_ended(app: &TestApp) {
    let db = &app.db.writer;
    if db.get_database_backend() != DbBackend::Postgres {
        return;
    }
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'";
    for _ in 0..500 {
        sleep(Duration::from_millis(20)).await;
        let statement = Statement::from_string(DbBackend::Postgres, others);
        let row = db.query_one_raw(statement).await.expect("the statement is right");
        let count: i64 = row.expect("it counts").try_get_by_index(0).expect("it is a number");
        if count == 0 {
            return;
        }
    }
    panic!("a process that is gone still writes");
}

/// Every changeset is whole, those that were acknowledged are there, and no position is missing.
async fn are_whole(app: &TestApp, told: &[(String, i64, i64)]) {
    let db = &app.db.writer;
    let query = async |sql: &str| {
        let statement = Statement::from_string(db.get_database_backend(), sql);
        db.query_all_raw(statement).await.expect("the statement is right")
    };
    let mut known = std::collections::HashMap::new();
    let mut next = 1;
    for row in
        query("SELECT public_id, first_position, last_position FROM changeset ORDER BY id").await
    {
        let [first, last]: [i64; 2] =
            [1, 2].map(|n| row.try_get_by_index(n).expect("it is a number"));
        assert_eq!(first, next);
        next = last + 1;
        known.insert(
            row.try_get_by_index::<String>(0).expect("it is a text"),
            (last, last - first + 1),
        );
    }
    let positions: Vec<i64> = query("SELECT position FROM change_entry ORDER BY position")
        .await
        .iter()
        .map(|row| row.try_get_by_index(0).expect("it is a number"))
        .collect();
    assert_eq!(positions, (1..next).collect::<Vec<_>>());
    let counter = query("SELECT position FROM change_position").await;
    assert_eq!(counter[0].try_get_by_index::<i64>(0).expect("it is a number"), next - 1);
    for (id, position, entries) in told {
        assert_eq!(known.get(id), Some(&(*position, *entries)), "{id}");
    }
}
