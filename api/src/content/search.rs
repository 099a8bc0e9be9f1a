//! Search: records that fit a text.
use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::Value;
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use sha2::{Digest as _, Sha256};

use super::{change, found_facets, found_matches, shared::RECORD};
use crate::{
    changes::feed,
    error::{ApiError, Code},
    record::{
        ask::items,
        batch::Reader,
        def::Argument,
        filter::{self, NumberTest},
        found::{Found, FoundPage, FoundPlan},
        json,
        object::{ObjectField, ObjectShape},
        page,
        price::{Count, Price},
        relation::Target,
        root::{Pages, RootCall, RootQuery},
        shape::InputShape,
        sql::Sql,
        tally::Taken,
    },
    search::{Building, Filter, Question, SearchError, Service, Snapshot},
};

/// Nobody reads on behind so many.
const MOST_FOUND: usize = 1_000;
/// So long an index that is being made is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// And so long a position that it has not reached.
const POSITION_PATIENCE: Duration = Duration::from_secs(2);
/// More characters are not looked at.
const LONGEST_QUERY: usize = 1_000;

pub const SEARCH: RootQuery = RootQuery {
    name: "search",
    ty: "SearchConnection!",
    about: "Records that fit a text in Vietnamese, English or any other language, typed with marks or without: by their names, other names, identifiers and descriptions, with the names of their country, documents and passages also by their text. Order: whole names, whole other names, what begins so, all words in any order, words with a typo where no name has them as typed, texts; with marks what has the same ones first; among equals what more people look for. In languages that are written without spaces, what stands between marks of punctuation is one word. Pages are stable while records change, and end after 1,000 records. A cursor that is not used for two minutes, from before the last 128 changes of the index, or of another instance of the server can be refused with `CURSOR_INVALID`: begin again without `after`.",
    arguments: &[
        Argument::new(
            "query",
            "String!",
            "What the reader typed; at most 1,000 characters are read, and 12 words.",
        ),
        Argument::new("types", "[RecordType!]", "Only these types; all when absent."),
        Argument::new("filter", "SearchFilter", "Only records that meet it; null is an error."),
        Argument::new(
            "lang",
            "[Lang!]",
            "Languages whose names and texts are preferred, best first; those of the header `Accept-Language` when absent.",
        ),
        Argument::new(
            "minPosition",
            "String",
            "Position of the change log that must be findable, as a write or a change gives it: waits for it for 2 seconds at most, and then answers with `POSITION_NOT_REACHED`. With `after` the list stays as it was.",
        ),
    ],
    pages: Pages::Forwards,
    run: search,
};

pub const FILTER: InputShape = InputShape::new(
    "SearchFilter",
    "Conditions on what is found; all of them hold. Null is an error.",
    &[
        (
            "countries",
            "[String!]",
            "In one of these countries, by ISO 3166-1 alpha-2 code, e.g. `VN`; at most 100.",
        ),
        (
            "fields",
            "[String!]",
            "In one of these fields of a network, by the notation of its term, e.g. `design`; at most 100.",
        ),
        ("years", "IntFilter", "Year of its start, publication or inscription."),
    ],
);

pub const CONNECTION: ObjectShape = ObjectShape {
    name: "SearchConnection",
    about: "A page of what was found, best first; at most 100.",
    fields: &[
        ObjectField::new(
            "edges",
            "[SearchEdge!]!",
            "The page, with cursors, scores and places that match.",
        ),
        ObjectField::new("nodes", "[Record!]!", "The page, without cursors."),
        ObjectField::new("pageInfo", "PageInfo!", "Where the page stands in the list."),
        ObjectField::new(
            "totalCount",
            "Int!",
            "Records in the whole list, behind the last page too.",
        ),
        ObjectField::new(
            "facets",
            "SearchFacets!",
            "Counts of the whole list; counted only when asked for.",
        ),
        ObjectField::new(
            "didYouMean",
            "String",
            "Query that was answered instead, since the one that was asked finds nothing: keys of Telex or VNI as letters; null when there is none.",
        ),
    ],
};

/// The entry of the change log that the texts of a record are read from.
const LOGGED: Price = Price { rows: 1, count: Count::Exactly(1) };

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
        ObjectField::list(
            "matches",
            "[SearchMatch!]!",
            "Texts of the record that match, best first; at most 10. Empty where none of its own does: a stored text of a document, a full text that is not served, the name of its country.",
            LOGGED,
        ),
    ],
};

fn search(call: RootCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let RootCall { reader, ask, selected } = call;
        let plan = FoundPlan::new(ask, "Search", Target::Any(&RECORD), selected)?;
        let matches = found_matches::plans(ask, &plan.edge)?;
        let facets = found_facets::plans(ask, &plan.own)?;
        let size = page::page_size(ask, selected.field())?;
        let (question, shape) = question(call, !facets.is_empty()).await?;
        let after = match ask.given(selected.field(), "after") {
            Some(Value::String(cursor)) => Some(Place::read(&cursor, shape)?),
            _ => None,
        };
        let start = after.map_or(0, |it| it.place.min(MOST_FOUND));
        let question = Question { limit: (start + size + 1).min(MOST_FOUND), ..question };
        let service = ready(reader).await?;
        reach(call, service).await?;
        let snapshot = snapshot(service, after)?;
        let (position, at) = (snapshot.state.position, snapshot.clone());
        let (text, langs) = (question.text.clone(), question.langs.clone());
        let found = service.compute(move || at.search(&question)).await.map_err(internal)?;

        let has_next = found.hits.len() > start + size;
        if has_next {
            service.keep(&snapshot);
        }
        let hits = found.hits.iter().enumerate().skip(start).take(size);
        let end = hits.clone().next_back().map(|(place, _)| place + 1);
        let living = living(reader, hits.clone().map(|(_, hit)| hit.id).collect()).await?;
        // What has gone since is not found any more.
        let hits: Vec<_> = hits.filter(|(_, hit)| living.contains(&hit.id)).collect();
        let ids: Vec<i64> = hits.iter().map(|(_, hit)| hit.id).collect();
        let asked = found.instead.as_deref().unwrap_or(&text);
        let mut matched =
            found_matches::write(reader, service, &matches, asked, &langs, &ids).await?;
        let cursor = |place| Place { position, place, shape }.to_string();
        let records = hits.iter().map(|(place, hit)| {
            let own = plan.edge.iter().map(|field| match field.name() {
                "score" => hit.score.to_string().into_bytes(),
                _ => matched.pop_front().unwrap_or_default(),
            });
            Found { id: hit.id, cursor: cursor(place + 1), edge: own.collect() }
        });
        let records = records.collect();
        let mut counted = found_facets::write(reader, ask, &facets, &found.facets).await?;
        let own = plan.own.iter().map(|field| match (field.name(), &found.instead) {
            ("facets", _) => counted.pop_front().unwrap_or_default(),
            (_, Some(instead)) => json::finished_string(instead),
            (_, None) => b"null".to_vec(),
        });
        let page = FoundPage {
            records,
            has_previous: start > 0,
            has_next,
            end: end.map(cursor),
            total: i64::try_from(found.total).unwrap_or(i64::MAX),
            own: own.collect(),
        };
        plan.write(reader, ask, &page).await
    })
}

/// What is asked, but for how many hits, and what tells cursors of it from those of other searches.
async fn question(
    RootCall { reader, ask, selected }: RootCall<'_>,
    counts: bool,
) -> Result<(Question, [u8; 4]), ApiError> {
    let field = selected.field();
    let text = match ask.given(field, "query") {
        Some(Value::String(text)) => text.chars().take(LONGEST_QUERY).collect::<String>(),
        _ => String::new(),
    };
    let langs = ask.languages(field)?.iter().map(|lang| lang.as_str().to_owned()).collect();
    let mut filter = Filter { kinds: change::types(ask, selected), ..Filter::default() };
    let given = ask.argument(field, "filter");
    let shape = Sha256::digest(format!("{text:?} {langs:?} {:?} {given:?}", filter.kinds));
    let shape = std::array::from_fn(|i| shape[i]);
    match given {
        None => {}
        Some(Value::Object(given)) => {
            for (name, value) in given {
                match name.as_str() {
                    "years" => filter.years = Some(years(&value)?),
                    "countries" => {
                        filter.countries = Some(keyed(reader, &name, value, COUNTRIES).await?);
                    }
                    _ => filter.fields = Some(keyed(reader, &name, value, FIELDS).await?),
                }
            }
        }
        Some(_) => {
            return Err(ApiError::filter("`filter` is null: leave it out to take all records"));
        }
    }
    Ok((Question { text, langs, filter, limit: 0, counts }, shape))
}

const COUNTRIES: &str = "SELECT id FROM country WHERE lower(alpha2_code) = ";
/// Notations are written in one case only, whichever it is: in that of the vocabulary.
const FIELDS: &str = "SELECT id FROM term WHERE lower(notation) = ";

/// Internal ids of the records with one of these codes; codes that nothing has find nothing.
async fn keyed(
    reader: &Reader,
    name: &str,
    value: Value,
    select: &str,
) -> Result<Vec<i64>, ApiError> {
    if value == Value::Null {
        return Err(ApiError::filter(format!(
            "in `filter`: `{name}` is null; leave it out to take all records"
        )));
    }
    let codes = items(value);
    if codes.len() > crate::record::root::MOST_KEYS {
        return Err(crate::record::root::too_many(name, codes.len()));
    }
    let mut sql = Sql::new(reader.postgres);
    let is_text = |code: &Value| match code {
        Value::String(code) if !code.contains('\0') => Some(code.to_ascii_lowercase()),
        _ => None,
    };
    for (n, code) in codes.iter().filter_map(is_text).enumerate() {
        sql.text += if n == 0 { "" } else { " UNION " };
        sql.text += &format!("{select}${}", n + 1);
        sql.binds.push(code.into());
    }
    if sql.text.is_empty() {
        return Ok(Vec::new());
    }
    let rows = reader.rows(sql).await?;
    Ok(rows.iter().filter_map(|row| row.int(0)).collect())
}

fn years(value: &Value) -> Result<NumberTest, ApiError> {
    filter::of_number(value).map_err(|mut error| {
        error.message = format!("in `filter.years`: {}", error.message);
        error
    })
}

/// The index, once it is made.
pub(super) async fn ready(reader: &Reader) -> Result<&Service, ApiError> {
    let Some(service) = &reader.reading.search else {
        return Err(building(Building { done: 0, total: 0 }));
    };
    // A small base has its index at once.
    service.reaches(0, PATIENCE).await;
    Ok(service)
}

/// Waits for the position that must be findable, where one is asked for.
async fn reach(
    RootCall { reader, ask, selected }: RootCall<'_>,
    service: &Service,
) -> Result<(), ApiError> {
    let Some(Value::String(given)) = ask.given(selected.field(), "minPosition") else {
        return Ok(());
    };
    let position = feed::read(&given).ok_or_else(|| {
        ApiError::value("`minPosition` takes a position of the change log as this server has given it, 16 digits with all zeros")
    })?;
    let began = Instant::now();
    let newest = feed::newest(&reader.db).await?;
    reader.count(0, Taken { statements: 1, rows: 1, time: began.elapsed() });
    if position > newest {
        return Err(feed::unknown(newest));
    }
    match service.reaches(position, POSITION_PATIENCE).await {
        true => Ok(()),
        false => {
            let message =
                "the search index has not come to `minPosition` within 2 seconds: ask again";
            Err(ApiError::new(Code::PositionNotReached, message))
        }
    }
}

fn snapshot(service: &Service, after: Option<Place>) -> Result<Arc<Snapshot>, ApiError> {
    let current = service.current().map_err(building)?;
    match after {
        None => Ok(current),
        Some(place) => service.at(place.position).ok_or_else(|| {
            let message = "the cursor has expired, since records were changed after it was given: begin again without `after`";
            ApiError::new(Code::CursorInvalid, message)
        }),
    }
}

pub(super) fn building(Building { done, total }: Building) -> ApiError {
    let message = format!(
        "the search index is being made, {done} of {total} records are in it: try again in a moment"
    );
    ApiError::new(Code::IndexBuilding, message)
}

pub(super) fn internal(error: SearchError) -> ApiError {
    ApiError::new(Code::Internal, error.to_string())
}

/// Those of these records that are there.
pub(super) async fn living(reader: &Reader, ids: Vec<i64>) -> Result<HashSet<i64>, ApiError> {
    use entities::record::Column::{DeletedAt, Id, MergedIntoId};
    let rows = entities::record::Entity::find().select_only().column(Id);
    let rows = rows.filter(Id.is_in(ids)).filter(DeletedAt.is_null());
    let rows = rows.filter(MergedIntoId.is_null()).into_tuple::<i64>();
    Ok(rows.all(&reader.db).await?.into_iter().collect())
}

/// A place in what a search has found in one state of the index: in another one, records have other places.
#[derive(Clone, Copy, Debug)]
struct Place {
    position: i64,
    place: usize,
    shape: [u8; 4],
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shape = u32::from_be_bytes(self.shape);
        write!(f, "{:016x}{:04x}{shape:08x}", self.position, self.place)
    }
}

impl Place {
    fn read(cursor: &str, shape: [u8; 4]) -> Result<Place, ApiError> {
        let parts = cursor.split_at_checked(16);
        let parts = parts.and_then(|(position, rest)| Some((position, rest.split_at_checked(4)?)));
        let read = parts.and_then(|(position, (place, shape))| {
            let position = i64::from_str_radix(position, 16).ok()?;
            let place = usize::from_str_radix(place, 16).ok()?;
            let is_one = shape.len() == 8;
            let shape = u32::from_str_radix(shape, 16).ok().filter(|_| is_one)?;
            Some(Place { position, place, shape: shape.to_be_bytes() })
        });
        let place = read.ok_or_else(|| {
            let message = "`after` takes a cursor of the same search, as this server has given it";
            ApiError::new(Code::CursorInvalid, message)
        })?;
        match place.shape == shape {
            true => Ok(place),
            false => {
                let message = "`after` is a cursor of another search: its query, types, filter and languages must be the same";
                Err(ApiError::new(Code::CursorMismatch, message))
            }
        }
    }
}
