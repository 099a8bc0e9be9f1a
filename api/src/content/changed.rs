//! The stream of changes: what it is asked, and how its events are read.
use std::collections::HashMap;

use super::change::{Change, after, types};
use crate::{
    changes::feed::{self, Page, Wanted},
    error::ApiError,
    record::{
        ask::{Ask, Selected},
        batch::Reader,
        def::{Argument, def},
        plan::Plan,
        render::{Chunks, one},
        root::texts,
        sql::Sql,
        streamed::RootStream,
    },
};

pub const CHANGED: RootStream = RootStream {
    name: "changed",
    ty: "Change!",
    about: "Changes as they are applied, in the order of positions, none left out and none twice. To go on after a connection was lost, give the `position` of the last one to `after`.",
    arguments: &[
        Argument::new("types", "[RecordType!]", "Only records of these types; all when absent."),
        Argument::new(
            "ids",
            "[ID!]",
            "Only these records, which must have been there; of one that was merged, also the one that stayed. At most 100; all when absent.",
        ),
        Argument::new(
            "after",
            "String",
            "Position seen last: all since then is sent first. Only new changes when absent.",
        ),
    ],
};

/// What a stream is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    wanted: Wanted,
    ids: Option<Vec<String>>,
    after: Option<i64>,
}

impl Asked {
    /// Looks at the arguments and the selection, so that what is wrong is told before anything is sent.
    pub fn new(ask: &Ask<'_>, selected: &Selected<'_>) -> Result<Asked, ApiError> {
        plan(ask, selected)?;
        let ids = match ask.given(selected.field(), "ids") {
            Some(_) => Some(texts(ask, selected, "ids")?),
            None => None,
        };
        let wanted = Wanted { types: types(ask, selected), records: None };
        Ok(Asked { wanted, ids, after: after(ask, selected)? })
    }

    /// Where the stream begins, and which entries it is of.
    pub async fn begin(self, reader: &Reader) -> Result<(i64, Wanted), ApiError> {
        let Asked { mut wanted, ids, after } = self;
        if let Some(ids) = ids {
            wanted.records = Some(records(reader, &ids).await?);
        }
        // Of no entry at all: this only asks where the log ends.
        let nothing = Wanted { types: Some(Vec::new()), records: None };
        let newest = read(reader, &nothing, 0, 1).await?.newest;
        match after {
            Some(after) if after > newest => Err(feed::unknown(newest)),
            after => Ok((after.unwrap_or(newest), wanted)),
        }
    }
}

/// The records of public ids, and those that took their place.
async fn records(reader: &Reader, ids: &[String]) -> Result<Vec<i64>, ApiError> {
    let askable: Vec<String> = ids.iter().filter(|id| !id.contains('\0')).cloned().collect();
    let mut known: HashMap<String, [i64; 2]> = HashMap::new();
    if !askable.is_empty() {
        for row in reader.rows(Sql::all_ids(reader.postgres, &askable)).await? {
            if let (Some(public_id), Some(id), Some(stayed)) = (row.text(0), row.int(1), row.int(2))
            {
                known.insert(public_id.to_owned(), [id, stayed]);
            }
        }
    }
    let mut records = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(found) = known.get(id) else {
            let shown: String = id.chars().take(60).collect();
            return Err(ApiError::value(format!("no record was ever called `{shown}`")));
        };
        records.extend(found);
    }
    records.sort_unstable();
    records.dedup();
    Ok(records)
}

/// What a stream reads of the log in one go.
pub async fn read(
    reader: &Reader,
    wanted: &Wanted,
    after: i64,
    limit: usize,
) -> Result<Page, ApiError> {
    let (sql, keys) = wanted.statement(reader.postgres, after, limit);
    let rows = match keys {
        Some(keys) => reader.rows_of(sql, &keys).await?,
        None => reader.rows(sql).await?,
    };
    wanted.page(&rows, after, limit, limit)
}

fn plan<'a>(ask: &Ask<'a>, selected: &Selected<'a>) -> Result<Plan<'a>, ApiError> {
    Plan::new(ask, def::<Change>(), &selected.below())
}

/// The changes at these positions.
pub async fn events(
    reader: &Reader,
    ask: &Ask<'_>,
    selected: &Selected<'_>,
    positions: &[i64],
) -> Result<Chunks, ApiError> {
    let plans = [plan(ask, selected)?];
    one(reader, ask, &plans, positions.iter().copied().map(Some).collect()).await
}
