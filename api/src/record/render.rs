//! Rows become answers, a set at a time: related records are awaited for all rows at once, then each row is written.
use std::collections::HashMap;

use futures_util::future::{BoxFuture, try_join, try_join_all};

use super::{
    ask::Ask,
    batch::{Reader, Rows},
    cell::{Cells, Row},
    def::type_code,
    json,
    plan::{EdgeItem, Item, Joined, ListItem, ListPlan, Nodes, PageItem, Plan, Related, What},
    relation::Call,
    root::too_large,
    sql::Sql,
    statement::RecordKey,
};
use crate::error::ApiError;

/// Finished JSON of many values, end to end.
#[derive(Default)]
pub struct Chunks {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Chunks {
    /// One value more, written by `write`.
    pub fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push(self.bytes.len());
    }

    /// The value at this place; null past the end.
    pub fn get(&self, place: usize) -> &[u8] {
        let start = match place.checked_sub(1) {
            Some(before) => self.ends.get(before).copied(),
            None => Some(0),
        };
        match (start, self.ends.get(place)) {
            (Some(start), Some(end)) => &self.bytes[start..*end],
            _ => b"null",
        }
    }

    /// As [`Chunks::push`], as long as this is no more than an answer may be.
    fn put(&mut self, reader: &Reader, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), ApiError> {
        let before = self.bytes.len();
        self.push(write);
        let most = reader.reading.max_bytes;
        match self.bytes.len() > most {
            true => Err(too_large(most)),
            false => reader.write(self.bytes.len() - before),
        }
    }

    fn for_rows(rows: usize, bytes: usize) -> Chunks {
        Chunks { bytes: Vec::with_capacity(rows * bytes), ends: Vec::with_capacity(rows) }
    }
}

/// The rows of a page as objects, one chunk each.
pub fn records<'a>(
    reader: &'a Reader,
    ask: &'a Ask<'a>,
    plan: &'a Plan<'a>,
    rows: Vec<Cells<'a>>,
) -> BoxFuture<'a, Result<Chunks, ApiError>> {
    Box::pin(objects(reader, ask, plan, rows, vec![None; plan.related.len()]))
}

/// As [`records`], for rows of a statement that has joined what can be joined.
fn with_joined<'a>(
    reader: &'a Reader,
    ask: &'a Ask<'a>,
    plan: &'a Plan<'a>,
    rows: Vec<Cells<'a>>,
) -> BoxFuture<'a, Result<Chunks, ApiError>> {
    let mut joined = vec![None; plan.related.len()];
    for (place, it) in plan.joined() {
        joined[place] = Some(it);
    }
    Box::pin(objects(reader, ask, plan, rows, joined))
}

async fn objects<'a>(
    reader: &'a Reader,
    ask: &'a Ask<'a>,
    plan: &'a Plan<'a>,
    rows: Vec<Cells<'a>>,
    joined: Vec<Option<Joined<'a, 'a>>>,
) -> Result<Chunks, ApiError> {
    let beside = try_join_all(plan.related.iter().zip(joined).map(async |(it, joined)| {
        Ok::<_, ApiError>(match joined {
            Some(joined) => Beside::Row(joined),
            None => Beside::Chunks(related(reader, ask, plan, it, &rows).await?),
        })
    }))
    .await?;
    let mut out = Chunks::for_rows(rows.len(), plan.items.len() * 32);
    for (n, cells) in rows.iter().enumerate() {
        out.put(reader, |out| object(out, &plan.items, *cells, n, &beside))?;
    }
    Ok(out)
}

/// Where related records are: written already, or in the same row.
enum Beside<'a> {
    Chunks(Chunks),
    Row(Joined<'a, 'a>),
}

fn object(out: &mut Vec<u8>, items: &[Item], cells: Cells<'_>, n: usize, beside: &[Beside<'_>]) {
    json::list(out, json::OBJECT, items, |out, item| {
        out.extend_from_slice(&item.key);
        match &item.what {
            What::Typename(name) => json::string(out, name),
            What::Value(render) => render(out, cells),
            What::Related(place) => match &beside[*place] {
                Beside::Chunks(chunks) => out.extend_from_slice(chunks.get(n)),
                Beside::Row(Joined { plan, lead, .. }) => {
                    let cells = Cells { row: cells.row, mask: plan.mask, lead: *lead };
                    match cells.int(plan.def.id) {
                        Some(_) => object(out, &plan.items, cells, n, &[]),
                        None => json::null(out),
                    }
                }
            },
            What::Variants { tag, items } => {
                let tag = cells.text(*tag);
                match items.iter().find(|(name, _)| Some(*name) == tag) {
                    Some((_, items)) => object(out, items, cells, n, beside),
                    None => json::null(out),
                }
            }
        }
    });
}

fn related<'a>(
    reader: &'a Reader,
    ask: &'a Ask<'a>,
    plan: &'a Plan<'a>,
    related: &'a Related<'a>,
    rows: &'a [Cells<'a>],
) -> BoxFuture<'a, Result<Chunks, ApiError>> {
    match related {
        Related::One { column, targets } => {
            let ids = rows.iter().map(|cells| cells.int(*column)).collect();
            Box::pin(one(reader, ask, targets, ids))
        }
        Related::Many(list) => Box::pin(many(reader, ask, list, rows)),
        Related::Resolver { resolver, selected, level } => {
            let ids = rows.iter().map(|cells| cells.int(plan.def.id).unwrap_or_default()).collect();
            resolver(Call { reader, ask, selected, ids, level: *level })
        }
    }
}

/// The records of these ids, each of the type that its id says; null for those that are not there.
pub async fn one(
    reader: &Reader,
    ask: &Ask<'_>,
    targets: &[Plan<'_>],
    ids: Vec<Option<i64>>,
) -> Result<Chunks, ApiError> {
    let parts = try_join_all(targets.iter().map(|plan| one_type(reader, ask, plan, &ids))).await?;
    let mut out = Chunks::for_rows(ids.len(), 64);
    for id in ids {
        // The ids that were found are sorted; few types share a field, and an id is of one of them.
        let found = id.and_then(|id| {
            parts.iter().find_map(|(ids, chunks)| Some(chunks.get(ids.binary_search(&id).ok()?)))
        });
        out.put(reader, |out| out.extend_from_slice(found.unwrap_or(b"null")))?;
    }
    Ok(out)
}

/// The records of the plan's type among these ids: the ids found, and their chunks in the same order.
async fn one_type(
    reader: &Reader,
    ask: &Ask<'_>,
    plan: &Plan<'_>,
    ids: &[Option<i64>],
) -> Result<(Vec<i64>, Chunks), ApiError> {
    let mut wanted: Vec<i64> =
        ids.iter().flatten().copied().filter(|id| type_code(*id) == plan.def.code).collect();
    if wanted.is_empty() {
        return Ok(Default::default());
    }
    wanted.sort_unstable();
    wanted.dedup();
    let sql = Sql::by_ids(reader.postgres, plan).at(plan.level);
    let loaded = reader.load(sql, plan.id_place(), wanted.clone()).await?;
    wanted.retain(|id| loaded.get(id).is_some_and(Option::is_some));
    let rows: Vec<&Row> =
        wanted.iter().filter_map(|id| loaded.get(id)?.as_ref()?.first()).collect();
    let cells = rows.iter().map(|row| Cells { row, mask: plan.mask, lead: 0 }).collect();
    let chunks = with_joined(reader, ask, plan, cells).await?;
    Ok((wanted, chunks))
}

/// A list below each of the rows.
async fn many(
    reader: &Reader,
    ask: &Ask<'_>,
    list: &ListPlan<'_>,
    parents: &[Cells<'_>],
) -> Result<Chunks, ApiError> {
    let Some(many) = list.many else { return Ok(Chunks::default()) };
    let keys: Vec<i64> =
        parents.iter().map(|cells| cells.int(many.from).unwrap_or_default()).collect();
    let pages = async {
        match list.rows {
            true => {
                let sql =
                    Sql::children(reader.postgres, many, &list.listing, list.mask, list.extra);
                reader.load(sql.at(list.level), 0, keys.clone()).await
            }
            false => Ok(HashMap::new()),
        }
    };
    let counts = async {
        match list.total {
            true => {
                let sql = Sql::child_counts(reader.postgres, many, &list.listing);
                reader.load(sql.at(list.level), 0, keys.clone()).await
            }
            false => Ok(HashMap::new()),
        }
    };
    let (pages, counts) = try_join(pages, counts).await?;
    let held: Vec<Option<&Rows>> = keys.iter().map(|key| pages.get(key)?.as_ref()).collect();
    let groups: Vec<&[Row]> = held.iter().map(|rows| rows.map_or(&[][..], |rows| rows)).collect();
    let total = |key| counts.get(key)?.as_ref()?.first()?.int(1);
    let totals: Vec<i64> = keys.iter().map(|key| total(key).unwrap_or_default()).collect();
    connections(reader, ask, list, &groups, &totals).await
}

/// A connection for each group of rows; a group has a row more than its page if there is a next one.
async fn connections(
    reader: &Reader,
    ask: &Ask<'_>,
    list: &ListPlan<'_>,
    groups: &[&[Row]],
    totals: &[i64],
) -> Result<Chunks, ApiError> {
    let below = usize::from(list.many.is_some());
    let lead = below + usize::from(list.extra);
    let extra = list.extra.then_some(below);
    let mut rows: Vec<Cells<'_>> = Vec::new();
    let mut starts = vec![0];
    for group in groups {
        let page = &group[..group.len().min(list.listing.size)];
        let cells = page.iter().map(|row| Cells { row, mask: list.mask, lead });
        if list.listing.backwards {
            rows.extend(cells.rev())
        } else {
            rows.extend(cells)
        }
        starts.push(rows.len());
    }
    let nodes = try_join_all(list.nodes.iter().map(|it| nodes(reader, ask, it, &rows)));
    let edges = try_join_all(list.edges.iter().map(|targets| {
        let ids = rows.iter().map(|cells| cells.row.int(extra?)).collect();
        one(reader, ask, targets, ids)
    }));
    let (nodes, edges) = try_join(nodes, edges).await?;
    let page = Page { list, rows: &rows, nodes: &nodes, edges: &edges, extra };
    let mut out = Chunks::for_rows(
        groups.len(),
        64 + nodes.iter().map(|chunks| chunks.bytes.len()).sum::<usize>(),
    );
    for (g, group) in groups.iter().enumerate() {
        let total = totals.get(g).copied().unwrap_or_default();
        out.put(reader, |out| {
            page.list(out, starts[g]..starts[g + 1], group.len() > list.listing.size, total)
        })?;
    }
    Ok(out)
}

/// The nodes of a list's rows.
fn nodes<'a>(
    reader: &'a Reader,
    ask: &'a Ask<'a>,
    nodes: &'a Nodes<'a>,
    rows: &[Cells<'a>],
) -> BoxFuture<'a, Result<Chunks, ApiError>> {
    match nodes {
        Nodes::Rows(plan) => records(reader, ask, plan, rows.to_vec()),
        Nodes::Others(column, targets) => {
            let ids = rows.iter().map(|cells| cells.int(*column)).collect();
            Box::pin(one(reader, ask, targets, ids))
        }
    }
}

/// All that the connections of one list are written from.
struct Page<'a> {
    list: &'a ListPlan<'a>,
    rows: &'a [Cells<'a>],
    nodes: &'a [Chunks],
    edges: &'a [Chunks],
    extra: Option<usize>,
}

impl Page<'_> {
    /// The list of one group of rows: a connection, or an array of its records.
    fn list(&self, out: &mut Vec<u8>, rows: std::ops::Range<usize>, more: bool, total: i64) {
        match self.list.many.is_some_and(|many| many.plain) {
            true if self.list.many.is_some_and(|many| many.single) => {
                let record = rows.map(|n| self.nodes[0].get(n)).next();
                out.extend_from_slice(record.unwrap_or(b"null"));
            }
            true => json::list(out, json::ARRAY, rows, |out, n| {
                out.extend_from_slice(self.nodes[0].get(n))
            }),
            false => self.connection(out, rows, more, total),
        }
    }

    fn connection(&self, out: &mut Vec<u8>, rows: std::ops::Range<usize>, more: bool, total: i64) {
        json::list(out, json::OBJECT, &self.list.items, |out, (key, item)| {
            out.extend_from_slice(key);
            match item {
                ListItem::Typename => {
                    json::string(out, &format!("{}Connection", self.list.connection))
                }
                ListItem::Total => json::int(out, total),
                ListItem::Nodes(plan) => json::list(out, json::ARRAY, rows.clone(), |out, n| {
                    out.extend_from_slice(self.nodes[*plan].get(n));
                }),
                ListItem::Edges(items) => json::list(out, json::ARRAY, rows.clone(), |out, n| {
                    json::list(out, json::OBJECT, items, |out, (key, item)| {
                        out.extend_from_slice(key);
                        self.edge(out, item, n);
                    });
                }),
                ListItem::Page(items) => {
                    json::list(out, json::OBJECT, items, |out, (key, item)| {
                        out.extend_from_slice(key);
                        self.page_info(out, *item, &rows, more);
                    })
                }
            }
        });
    }

    fn edge(&self, out: &mut Vec<u8>, item: &EdgeItem, n: usize) {
        match item {
            EdgeItem::Typename => json::string(out, &format!("{}Edge", self.list.connection)),
            EdgeItem::Cursor => self.cursor(out, n),
            EdgeItem::Node(plan) => out.extend_from_slice(self.nodes[*plan].get(n)),
            EdgeItem::One(plan) => out.extend_from_slice(self.edges[*plan].get(n)),
            EdgeItem::Text => match self.extra.and_then(|extra| self.rows[n].row.text(extra)) {
                Some(text) => json::string(out, text),
                None => json::null(out),
            },
        }
    }

    fn page_info(
        &self,
        out: &mut Vec<u8>,
        item: PageItem,
        rows: &std::ops::Range<usize>,
        more: bool,
    ) {
        let listing = &self.list.listing;
        // The row of the cursor stands before the page, so there is something there.
        let (next, previous) = if listing.backwards {
            (listing.after.is_some(), more)
        } else {
            (more, listing.after.is_some())
        };
        match item {
            PageItem::Typename => json::string(out, "PageInfo"),
            PageItem::HasNext => json::bool(out, next),
            PageItem::HasPrevious => json::bool(out, previous),
            PageItem::Start | PageItem::End if rows.is_empty() => json::null(out),
            PageItem::Start => self.cursor(out, rows.start),
            PageItem::End => self.cursor(out, rows.end - 1),
        }
    }

    fn cursor(&self, out: &mut Vec<u8>, n: usize) {
        self.list.listing.write_cursor(
            out,
            self.list.def,
            self.list.shape,
            self.rows[n],
            self.extra,
        );
    }
}

/// A list of the root.
pub async fn list(
    reader: &Reader,
    ask: &Ask<'_>,
    list: &ListPlan<'_>,
) -> Result<Vec<u8>, ApiError> {
    let rows = async {
        match list.rows {
            true => {
                reader.rows(Sql::list(reader.postgres, list.def, &list.listing, list.mask)).await
            }
            false => Ok(Vec::new()),
        }
    };
    let total = async {
        match list.total {
            true => {
                reader.rows(Sql::count(reader.postgres, list.def, &list.listing.condition)).await
            }
            false => Ok(Vec::new()),
        }
    };
    let (rows, total) = try_join(rows, total).await?;
    let total = total.first().and_then(|row| row.int(0)).unwrap_or_default();
    Ok(connections(reader, ask, list, &[&rows], &[total]).await?.bytes)
}

/// The record of a key, or null.
pub async fn lookup(
    reader: &Reader,
    ask: &Ask<'_>,
    plan: &Plan<'_>,
    key: &RecordKey,
) -> Result<Vec<u8>, ApiError> {
    let rows = reader.rows(Sql::by_key(reader.postgres, plan, key)).await?;
    let Some(row) = rows.first() else { return Ok(b"null".to_vec()) };
    let cells = Cells { row, mask: plan.mask, lead: 0 };
    Ok(with_joined(reader, ask, plan, vec![cells]).await?.bytes)
}
