//! Search finds what people mean: the relevance suite (`tests/search`), which was written before the search was.

use std::{collections::BTreeMap, fmt::Write as _, io::Write as _, sync::Arc};

use culturegraph::{
    progress::Silent,
    record::catalog,
    search::{self, Filter, Index, Question},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde::Deserialize;

use crate::app::Shipped;

on_both!(what_people_mean_is_found);

const SUITE: &str = include_str!("search/relevance.json");

/// All others are met, so that no kind can make up for another. It only becomes shorter.
const NOT_MET: [&str; 2] = ["sáng tạo kinh đô", "Long Thạnh"];

/// More than there are: what must be absent is not among the last ones either.
const LOOKED_AT: usize = 100_000;

#[derive(Deserialize)]
struct Asked {
    query: String,
    kind: String,
    #[serde(default)]
    expect: Option<String>,
    #[serde(default)]
    within: usize,
    #[serde(default)]
    below: Vec<String>,
    #[serde(default)]
    absent: Vec<String>,
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    lang: Option<String>,
}

/// What the queries of a kind have come to.
#[derive(Default)]
struct Kind {
    asked: usize,
    met: usize,
    reciprocal: f64,
    at: [usize; 3],
}

/// The internal id of a record by `Type/slug` or `Type/SCHEME:value`.
async fn id(db: &DatabaseConnection, of: &str) -> i64 {
    let (name, key) = of.split_once('/').expect("a type and a key");
    let code = catalog().named(name).expect("it is a type").code;
    let (sql, values) = match key.split_once(':') {
        Some((scheme, value)) => (
            format!(
                "SELECT record_id FROM record_identifier WHERE scheme = $1 AND value = $2 AND record_id >> 48 = {code}"
            ),
            vec![scheme.into(), value.into()],
        ),
        None => (
            format!("SELECT record_id FROM record_slug WHERE slug = $1 AND type = {code}"),
            vec![key.into()],
        ),
    };
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let row = db.query_one_raw(statement).await.unwrap();
    row.unwrap_or_else(|| panic!("{of} is not there")).try_get_by_index(0).unwrap()
}

async fn what_people_mean_is_found(Shipped { db, .. }: Shipped) {
    let suite: Vec<Asked> = serde_json::from_str(SUITE).unwrap();
    let index = Arc::new(Index::in_memory(16_000_000).unwrap());
    search::fill(&index, &db.reader, &Silent).await.unwrap();
    let snapshot = index.current();
    let mut kinds: BTreeMap<&str, Kind> = BTreeMap::new();
    let mut missed = String::new();
    let mut not_met = Vec::new();
    for asked in &suite {
        let codes: Vec<u16> =
            asked.types.iter().map(|name| catalog().named(name).unwrap().code).collect();
        let kinds_asked = (!codes.is_empty()).then_some(codes);
        let filter = Filter { kinds: kinds_asked, ..Filter::default() };
        let question = Question {
            filter,
            langs: asked.lang.iter().cloned().collect(),
            ..Question::of(&asked.query, LOOKED_AT)
        };
        let found = snapshot.search(&question).unwrap();
        let place = async |of: &str| {
            let id = id(&db.reader, of).await;
            found.hits.iter().position(|hit| hit.id == id).map(|place| place + 1)
        };
        let kind = kinds.entry(&asked.kind).or_default();
        kind.asked += 1;
        let at = match &asked.expect {
            Some(expected) => place(expected).await,
            None => None,
        };
        let mut is_met = asked.expect.is_none() || at.is_some_and(|at| at <= asked.within);
        for below in &asked.below {
            is_met &= place(below).await.is_none_or(|other| at.is_some_and(|at| at < other));
        }
        for absent in &asked.absent {
            is_met &= place(absent).await.is_none();
        }
        kind.met += usize::from(is_met);
        kind.reciprocal += at.map_or(0.0, |at| 1.0 / at as f64);
        for (n, within) in [1, 3, 10].into_iter().enumerate() {
            kind.at[n] += usize::from(at.is_some_and(|at| at <= within));
        }
        if !is_met {
            not_met.push(asked.query.as_str());
            let _ =
                writeln!(missed, "{} `{}`: {:?} at {at:?}", asked.kind, asked.query, asked.expect);
        }
    }
    let is_known = |query: &&str| NOT_MET.contains(query);
    let unexpected: Vec<&str> = not_met.iter().copied().filter(|it| !is_known(it)).collect();
    let mut table = String::new();
    for (name, Kind { asked, met, reciprocal, at: [one, three, ten] }) in &kinds {
        let mean = reciprocal / *asked as f64;
        let _ = writeln!(
            table,
            "{name:15} {asked:4} met {met:4} MRR {mean:.3} @1 {one:3} @3 {three:3} @10 {ten:3}"
        );
    }
    let met: usize = kinds.values().map(|it| it.met).sum();
    // Shown with `--nocapture`.
    let told = format!("{table}{missed}{met} of {}\n", suite.len());
    std::io::stdout().write_all(told.as_bytes()).unwrap();
    assert_eq!(unexpected, [""; 0], "{told}");
}
