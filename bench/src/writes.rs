//! Writing: changesets by many writers through the product's queue, against a bare loop that repeats the statements that it
//! has sent, with the same driver, settings and grouping.
use std::{
    collections::HashMap,
    fmt::Write,
    process,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::ValueEnum;
use culturegraph::{
    auth::{Actor, ActorKind, Caller, Scope, Writer},
    changes::{self, Changeset, Contradictions, Operation, Queue},
    content,
    database::Database,
    progress::Silent,
    record::catalog,
    value::public_id::PublicId,
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use serde_json::{Value as Json, json};
use tokio::task::{self, JoinSet};

use crate::cpu;

#[derive(Debug, clap::Args)]
pub(crate) struct Writes {
    /// A folder for SQLite, or a PostgreSQL where bases may be made
    #[arg(long)]
    database: String,
    /// The first process of the PostgreSQL server, whose time counts as the database's
    #[arg(long)]
    postgres: Option<u32>,
    /// They wait for their answer before they write again
    #[arg(long)]
    writers: usize,
    #[arg(long, default_value_t = 2_000)]
    changesets: usize,
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Only these
    #[arg(long)]
    only: Vec<What>,
    /// Print the statements of one changeset of each kind, and measure nothing
    #[arg(long)]
    show: bool,
}

/// What a changeset does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// A city more, with two names and a country.
    Create,
    /// Another time zone of a city.
    Update,
    /// Another population of a city, with its source: a claim, a citation, and the city that shows it.
    Claim,
}

const ALL: [What; 3] = [What::Create, What::Update, What::Claim];

/// What one side has come to.
#[derive(Clone, Copy, Debug, Default)]
struct Side {
    time: Duration,
    cpu: Duration,
    database: Duration,
}

const HEAD: &str = "| changeset | statements | bare /s | culturegraph /s | ratio | bare CPU µs | culturegraph CPU µs |\n\
                   | --- | --: | --: | --: | --: | --: | --: |\n";

pub(crate) async fn run(writes: &Writes) -> anyhow::Result<()> {
    content::define();
    let mut out = if writes.show { "" } else { HEAD }.to_owned();
    for what in ALL.into_iter().filter(|it| writes.only.is_empty() || writes.only.contains(it)) {
        let recorded = record(writes, what).await?;
        if writes.show {
            out = recorded.last().into_iter().flatten().fold(out, |out, it| out + &it.sql + "\n");
            continue;
        }
        let statements: usize = recorded.iter().map(Vec::len).sum();
        let (mut product, mut bare) = (Side::default(), Side::default());
        for round in 0..writes.rounds {
            // Each comes first in turn.
            for turn in 0..2 {
                if (round + turn) % 2 == 0 {
                    product.add(writes.product(what).await?);
                } else {
                    bare.add(writes.bare(what, recorded.clone()).await?);
                }
            }
        }
        let count = (writes.changesets * writes.rounds) as f64;
        let rate = |side: &Side| count / side.time.as_secs_f64();
        let cpu = |side: &Side| (side.cpu + side.database).as_secs_f64() * 1e6 / count;
        // Writing into a string cannot fail.
        let _ = writeln!(
            out,
            "| {what:?} | {:.1} | {:.0} | {:.0} | {:.2} | {:.0} | {:.0} |",
            statements as f64 / writes.changesets as f64,
            rate(&bare),
            rate(&product),
            rate(&product) / rate(&bare),
            cpu(&bare),
            cpu(&product),
        );
    }
    use std::io::Write as _;
    std::io::stdout().write_all(out.as_bytes())?;
    Ok(())
}

impl Side {
    fn add(&mut self, other: Side) {
        self.time += other.time;
        self.cpu += other.cpu;
        self.database += other.database;
    }
}

impl Writes {
    /// An empty base of its own.
    async fn base(&self) -> anyhow::Result<Database> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let name = format!("writes_{}_{}", process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let url = match self.database.strip_prefix("postgres://") {
            Some(server) => {
                let maker = sea_orm::Database::connect(&self.database).await?;
                maker.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
                maker.close().await?;
                let (server, _) = server.rsplit_once('/').context("the URL names a database")?;
                format!("postgres://{server}/{name}")
            }
            None => format!("sqlite://{}/{name}.db", self.database),
        };
        let connections = u32::try_from(self.writers)?.min(8) + 1;
        let db = Database::open(&url, connections).await.context("the database does not open")?;
        migration::up(&db.writer).await?;
        Ok(db)
    }

    /// A base with what the changesets need.
    async fn filled(&self, what: What) -> anyhow::Result<Database> {
        let db = self.base().await?;
        let mut operations = vec![
            create("Country", "vn", json!({ "alpha2Code": "VN", "alpha3Code": "VNM" })),
            create("Organization", "editors", json!({})),
            create("Document", "census", json!({ "inLanguage": "en" })),
        ];
        if what != What::Create {
            let cities = (0..self.changesets).map(city);
            operations.extend(cities);
        }
        let changeset = Changeset { operations, ..Changeset::default() };
        let filled =
            changes::apply(&db.writer, &Writer::system("bench"), changeset, now(), &Silent).await;
        if let Err(error) = filled {
            bail!("the rows do not go in: {error:?}");
        }
        if db.is_postgres() {
            // As a server in use, which knows what its tables hold.
            db.writer.execute_unprepared("ANALYZE").await?;
        }
        Ok(db)
    }

    async fn product(&self, what: What) -> anyhow::Result<Side> {
        let db = self.filled(what).await?;
        let side = self.timed(write(self, what, &db)).await?;
        close(db).await?;
        Ok(side)
    }

    async fn bare(&self, what: What, recorded: Vec<Vec<Statement>>) -> anyhow::Result<Side> {
        let db = self.filled(what).await?;
        let side = match db.is_postgres() {
            true => self.timed(side_by_side(self, &db.writer, recorded)).await?,
            false => self.timed(in_groups(self, &db.writer, recorded)).await?,
        };
        close(db).await?;
        Ok(side)
    }

    async fn timed(&self, run: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<Side> {
        let database = || self.postgres.map(cpu::of_family).unwrap_or_default();
        let before = (Instant::now(), cpu::of_process(process::id()), database());
        run.await?;
        Ok(Side {
            time: before.0.elapsed(),
            cpu: cpu::of_process(process::id()) - before.1,
            database: database().saturating_sub(before.2),
        })
    }
}

pub(crate) async fn close(db: Database) -> anyhow::Result<()> {
    db.reads.close();
    db.reader.close().await?;
    Ok(db.writer.close().await?)
}

/// The statements of each changeset, in the order in which they were begun.
async fn record(writes: &Writes, what: What) -> anyhow::Result<Vec<Vec<Statement>>> {
    #[derive(Default)]
    struct Recorded {
        places: HashMap<task::Id, usize>,
        statements: Vec<Vec<Statement>>,
    }
    let mut db = writes.filled(what).await?;
    let recorded = Arc::new(Mutex::new(Recorded::default()));
    let seen = recorded.clone();
    // The queue has a task for each changeset.
    db.writer.set_metric_callback(move |info| {
        let Some(id) = task::try_id() else { return };
        let mut recorded = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let next = recorded.statements.len();
        let place = *recorded.places.entry(id).or_insert(next);
        if place == next {
            recorded.statements.push(Vec::new());
        }
        recorded.statements[place].push(info.statement.clone());
    });
    write(writes, what, &db).await?;
    close(db).await?;
    let mut recorded = recorded.lock().unwrap_or_else(PoisonError::into_inner);
    let statements = std::mem::take(&mut recorded.statements);
    if statements.len() != writes.changesets {
        bail!("{} changesets were {} tasks", writes.changesets, statements.len());
    }
    Ok(statements)
}

/// By the product.
async fn write(writes: &Writes, what: What, db: &Database) -> anyhow::Result<()> {
    // As in the server: what is read before the transaction is not read by who writes, and is no statement of the bare loop.
    let queue = Queue::reading(db.reader.clone(), db.writer.clone());
    let next = Arc::new(AtomicUsize::new(0));
    let actor = Actor {
        kind: ActorKind::Key,
        name: "Editor".to_owned(),
        key: None,
        organization: Some(id("Organization", "editors")),
    };
    let caller = Caller::new(actor, [Scope::Write, Scope::Publish].into_iter().collect());
    let mut writers = JoinSet::new();
    for _ in 0..writes.writers {
        let (queue, next, count) = (queue.clone(), next.clone(), writes.changesets);
        let writer = caller.writer()?;
        writers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return anyhow::Ok(());
                }
                let changeset = changeset(what, number);
                if let Err(error) = queue.apply(writer.clone(), changeset, now()).await {
                    bail!("a changeset is refused: {error:?}");
                }
            }
        });
    }
    writers.join_all().await.into_iter().collect()
}

fn changeset(what: What, number: usize) -> Changeset {
    let operation = match what {
        What::Create => city(number),
        What::Update => {
            let zone = json!({ "timeZone": "Asia/Bangkok" });
            Operation::update(id("City", &number.to_string()), 1, map(zone))
        }
        What::Claim => {
            let fields = json!({ "population": 10_000 + number });
            let source = json!({ "document": id("Document", "census"), "quote": "as counted" });
            let cited = changes::Cited { sources: vec![map(source)], rank: None };
            let id = id("City", &number.to_string());
            Operation::Update { id, expected_version: 1, fields: map(fields), cited }
        }
    };
    Changeset {
        operations: vec![operation],
        contradictions: Contradictions::KeepBoth,
        ..Changeset::default()
    }
}

fn city(number: usize) -> Operation {
    let mut fields = json!({
        "country": id("Country", "vn"),
        "timeZone": "Asia/Ho_Chi_Minh",
        "population": 1_000 + number,
    });
    fields["names"] = json!([
        { "lang": "vi", "value": format!("Thành phố {number}") },
        { "lang": "en", "value": format!("City {number}") },
    ]);
    create("City", &number.to_string(), fields)
}

pub(crate) fn create(name: &str, key: &str, mut fields: Json) -> Operation {
    let def = catalog().named(name).expect("it is a record type");
    fields["slug"] = format!("{}-{key}", name.to_lowercase()).into();
    if fields.get("names").is_none() {
        fields["names"] = json!([{ "lang": "en", "value": key }]);
    }
    Operation::create(def, id(name, key), map(fields))
}

fn id(name: &str, key: &str) -> String {
    let def = catalog().named(name).expect("it is a record type");
    PublicId::derived(def.prefix, &format!("bench/{key}")).to_string()
}

fn map(fields: Json) -> serde_json::Map<String, Json> {
    match fields {
        Json::Object(fields) => fields,
        _ => serde_json::Map::new(),
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap_or_default()
}

/// Each transaction by itself, as many at a time as there are writers.
async fn side_by_side(
    writes: &Writes,
    db: &DatabaseConnection,
    recorded: Vec<Vec<Statement>>,
) -> anyhow::Result<()> {
    let recorded = Arc::new(Mutex::new(recorded.into_iter()));
    let mut writers = JoinSet::new();
    for _ in 0..writes.writers {
        let (db, recorded) = (db.clone(), recorded.clone());
        writers.spawn(async move {
            loop {
                let next = recorded.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(statements) = next else { return anyhow::Ok(()) };
                let tx = db.begin().await?;
                send(&tx, statements).await?;
                tx.commit().await?;
            }
        });
    }
    writers.join_all().await.into_iter().collect()
}

/// In groups of as many as there are writers, each in a savepoint.
async fn in_groups(
    writes: &Writes,
    db: &DatabaseConnection,
    recorded: Vec<Vec<Statement>>,
) -> anyhow::Result<()> {
    let mut recorded = recorded.into_iter().peekable();
    while recorded.peek().is_some() {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = db.begin_with_options(options).await?;
        for statements in recorded.by_ref().take(writes.writers) {
            let savepoint = tx.begin().await?;
            send(&savepoint, statements).await?;
            savepoint.commit().await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

async fn send(tx: &DatabaseTransaction, statements: Vec<Statement>) -> Result<(), DbErr> {
    for statement in statements {
        let has_rows = ["SELECT", "WITH"].iter().any(|it| statement.sql.starts_with(it));
        if has_rows || statement.sql.contains("RETURNING") {
            tx.query_all_raw(statement).await?;
        } else {
            tx.execute_raw(statement).await?;
        }
    }
    Ok(())
}
