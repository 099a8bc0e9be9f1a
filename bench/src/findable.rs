//! How soon a write is found, in an index of all that is in a base.
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use culturegraph::{
    auth::Writer,
    changes::{self, Changeset, feed::Follower},
    database::Database,
    progress::Silent,
    search::{Question, Service, Settings},
};
use serde_json::json;
use tokio::time::sleep;

use crate::writes::{close, create, now};

/// As the product looks, by default, for what other instances have written. Of its own writes it knows at once.
const INTERVAL: Duration = Duration::from_millis(250);
const LOOK: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_secs(600);

/// Writes cities one after the other into a copy of a SQLite file, and looks for each until it is found.
pub(crate) async fn measured(
    database: &str,
    folder: &Path,
    writer_bytes: usize,
    writes: usize,
) -> anyhow::Result<String> {
    let file = database.strip_prefix("sqlite://").context("the base is a SQLite file")?;
    let copy = folder.join("written.db");
    fs::copy(file, &copy)?;
    let url = format!("sqlite://{}", copy.display());
    let db = Database::open(&url, 2).await.context("the copy does not open")?;
    let follower = Follower::new(db.reader.clone(), INTERVAL);
    let settings = Settings { folder: Some(folder.join("written")), writer_bytes };
    let service = Service::new(db.reader.clone(), follower, settings);
    let made = Instant::now();
    while service.current().is_err() {
        if made.elapsed() > PATIENCE {
            bail!("the index is not made");
        }
        sleep(LOOK).await;
    }
    let mut times = Vec::with_capacity(writes);
    for number in 0..writes {
        let name = format!("findable{number}");
        let operations = vec![create("City", &name, json!({}))];
        let changeset = Changeset { operations, ..Changeset::default() };
        let writer = Writer::system("bench");
        if let Err(error) = changes::apply(&db.writer, &writer, changeset, now(), &Silent).await {
            bail!("a write is refused: {error:?}");
        }
        let written = Instant::now();
        while is_hidden(&service, &name)? {
            if written.elapsed() > PATIENCE {
                bail!("{name} is not found");
            }
            sleep(LOOK).await;
        }
        times.push(written.elapsed());
    }
    let records = service.current().map_or(0, |it| it.len());
    drop(service);
    close(db).await?;
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    Ok(format!(
        "\n{writes} writes into {records} records, by another instance, were found after {} ms in the median, {} ms for 99 of 100, {} ms at most\n",
        at(50).as_millis(),
        at(99).as_millis(),
        times.last().copied().unwrap_or_default().as_millis(),
    ))
}

fn is_hidden(service: &Service, name: &str) -> anyhow::Result<bool> {
    let Ok(snapshot) = service.current() else { return Ok(true) };
    Ok(snapshot.search(&Question::of(name, 1))?.total == 0)
}
