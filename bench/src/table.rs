//! The table: a line for each query and server, with the ratio to the cheaper floor.
use std::{fmt::Write as _, time::Duration};

use crate::{load::Run, queries::Query};

/// What one server has come to with one query.
#[derive(Debug, Default)]
pub(crate) struct Side {
    requests: usize,
    server: Duration,
    database: Duration,
    p50: Vec<Duration>,
    p99: Vec<Duration>,
}

/// The product with documents that it knows and with new ones, the floor of rows, that of SQL, and constant bytes.
pub(crate) const SIDES: usize = 5;
const NAMES: [&str; SIDES] =
    ["culturegraph", "culturegraph, new document", "floor: rows", "floor: SQL", "constant bytes"];

/// A query with its servers.
pub(crate) struct Row {
    pub(crate) query: Query,
    pub(crate) statements: u64,
    pub(crate) sides: [Side; SIDES],
}

impl Side {
    pub(crate) fn add(&mut self, run: Run, server: Duration, database: Duration) {
        self.requests += run.requests();
        self.server += server;
        self.database += database;
        self.p50.push(run.percentile(50));
        self.p99.push(run.percentile(99));
    }

    /// Microseconds of all processors for one request.
    fn each(&self, time: Duration) -> f64 {
        time.as_secs_f64() * 1e6 / self.requests.max(1) as f64
    }

    fn cpu(&self) -> f64 {
        self.each(self.server) + self.each(self.database)
    }
}

/// The middle one of some rounds.
fn median(times: &[Duration]) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

pub(crate) fn table(rows: &[Row]) -> String {
    let mut out = "| query | server | statements | server µs | database µs | CPU µs | ratio | p50 ms | p99 ms |\n\
                   | --- | --- | --: | --: | --: | --: | --: | --: | --: |\n"
        .to_owned();
    for Row { query, statements, sides } in rows {
        let floor = sides[2].cpu().min(sides[3].cpu());
        for (place, (side, name)) in sides.iter().zip(NAMES).enumerate() {
            let label =
                if place == 0 { format!("{}: {}", query.name, query.about) } else { String::new() };
            let statements = if place == 0 { statements.to_string() } else { String::new() };
            // Writing into a string cannot fail.
            let _ = writeln!(
                out,
                "| {label} | {name} | {statements} | {:.0} | {:.0} | {:.0} | {:.2} | {:.2} | {:.2} |",
                side.each(side.server),
                side.each(side.database),
                side.cpu(),
                side.cpu() / floor,
                median(&side.p50),
                median(&side.p99),
            );
        }
    }
    out
}
