//! Search: records that fit a text.
use std::{collections::HashSet, time::Duration};

use async_graphql::Value;
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};

use super::{change, shared::RECORD};
use crate::{
    error::{ApiError, Code},
    record::{
        batch::Reader,
        def::Argument,
        found::{Found, FoundPage, FoundPlan},
        json,
        object::{ObjectField, ObjectShape},
        page,
        relation::Target,
        root::{Pages, RootCall, RootQuery},
    },
};

/// Nobody reads on behind so many.
const MOST_FOUND: usize = 1_000;
/// So long an index that is being made is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// More characters are not looked at.
const LONGEST_QUERY: usize = 1_000;

pub const SEARCH: RootQuery = RootQuery {
    name: "search",
    ty: "SearchConnection!",
    about: "Records that fit a text in Vietnamese, English or any other language, typed with marks or without: by their names, other names, identifiers and descriptions, and passages by their text. Order: whole names, whole other names, what begins so, all words in any order, words with a typo, texts; with marks what has the same ones first; among equals what more people look for. Pages end after 1,000 records.",
    arguments: &[
        Argument::new(
            "query",
            "String!",
            "What the reader typed; at most 1,000 characters are read.",
        ),
        Argument::new("types", "[RecordType!]", "Only these types; all when absent."),
    ],
    pages: Pages::Forwards,
    run: search,
};

pub const CONNECTION: ObjectShape = ObjectShape {
    name: "SearchConnection",
    about: "A page of what was found, best first; at most 100.",
    fields: &[
        ObjectField::new("edges", "[SearchEdge!]!", "The page, with cursors and scores."),
        ObjectField::new("nodes", "[Record!]!", "The page, without cursors."),
        ObjectField::new("pageInfo", "PageInfo!", "Where the page stands in the list."),
        ObjectField::new(
            "totalCount",
            "Int!",
            "Records in the whole list; counted only when asked for.",
        ),
        ObjectField::new(
            "didYouMean",
            "String",
            "Query that was answered instead, since the one that was asked finds nothing: keys of Telex or VNI as letters; null when there is none.",
        ),
    ],
};

pub const EDGE: ObjectShape = ObjectShape {
    name: "SearchEdge",
    about: "One place in what was found.",
    fields: &[
        ObjectField::new("cursor", "String!", "Opaque place in the list, for `after`."),
        ObjectField::new("node", "Record!", "What was found: a record with a name, or a passage."),
        ObjectField::new(
            "score",
            "Float!",
            "Higher fits better; comparable within one answer only.",
        ),
    ],
};

fn search(call: RootCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let RootCall { reader, ask, selected } = call;
        let plan = FoundPlan::new(ask, "Search", Target::Any(&RECORD), selected)?;
        let size = page::page_size(ask, selected.field())?;
        let text = match ask.given(selected.field(), "query") {
            Some(Value::String(text)) => text.chars().take(LONGEST_QUERY).collect::<String>(),
            _ => String::new(),
        };
        let Some(index) = &reader.reading.search else { return Err(building()) };
        let asked = ask.given(selected.field(), "after");
        let after = match &asked {
            Some(Value::String(cursor)) => Some(Place::read(cursor)?),
            _ => None,
        };
        let start = after.map_or(0, |it| it.place.min(MOST_FOUND));
        let limit = (start + size + 1).min(MOST_FOUND);
        let codes = change::types(ask, selected);
        let asks_nothing = codes.as_ref().is_some_and(Vec::is_empty);
        let text = if asks_nothing { String::new() } else { text };
        // A small base has its index at once.
        index.reaches(0, PATIENCE).await;
        let found = index.search(text, codes.unwrap_or_default(), limit).await;
        let found = found.map_err(|error| ApiError::new(Code::Internal, error.to_string()))?;
        let Some((found, position)) = found else { return Err(building()) };
        if after.is_some_and(|it| it.position != position) {
            let message =
                "the cursor has expired, since records were changed: begin again without `after`";
            return Err(ApiError::new(Code::CursorInvalid, message));
        }
        let mut own = Vec::new();
        match &found.instead {
            Some(instead) => json::string(&mut own, instead),
            None => json::null(&mut own),
        }
        let hits = found.hits.iter().enumerate().skip(start).take(size);
        let living = living(reader, hits.clone().map(|(_, hit)| hit.id).collect()).await?;
        // What has gone since is not found any more.
        let records = hits.filter(|(_, hit)| living.contains(&hit.id)).map(|(place, hit)| Found {
            id: hit.id,
            cursor: Place { position, place: place + 1 }.to_string(),
            edge: hit.score.to_string().into_bytes(),
        });
        let page = FoundPage {
            records: records.collect(),
            has_previous: start > 0,
            has_next: found.hits.len() > start + size,
            total: i64::try_from(found.total).unwrap_or(i64::MAX),
            own,
        };
        plan.write(reader, ask, &page).await
    })
}

fn building() -> ApiError {
    let message = "the search index is being made: try again in a moment";
    ApiError::new(Code::IndexBuilding, message)
}

/// Those of these records that are there.
async fn living(reader: &Reader, ids: Vec<i64>) -> Result<HashSet<i64>, ApiError> {
    use entities::record::Column::{DeletedAt, Id, MergedIntoId};
    let rows = entities::record::Entity::find().select_only().column(Id);
    let rows = rows.filter(Id.is_in(ids)).filter(DeletedAt.is_null());
    let rows = rows.filter(MergedIntoId.is_null()).into_tuple::<i64>();
    Ok(rows.all(&reader.db).await?.into_iter().collect())
}

/// A place in what was found in one state of the index: in another one, records have other places.
#[derive(Clone, Copy, Debug)]
struct Place {
    position: i64,
    place: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}{:04x}", self.position, self.place)
    }
}

impl Place {
    fn read(cursor: &str) -> Result<Place, ApiError> {
        let parts = cursor.split_at_checked(16);
        let read = parts.and_then(|(position, place)| {
            let position = i64::from_str_radix(position, 16).ok()?;
            Some(Place { position, place: usize::from_str_radix(place, 16).ok()? })
        });
        let message = "`after` takes a cursor of the same search, as this server has given it";
        read.ok_or_else(|| ApiError::new(Code::CursorInvalid, message))
    }
}
