//! A page of records of any types that something else than a list of one type has found: a connection as all others are.
use super::{
    ask::{Ask, Selected},
    batch::Reader,
    json::{self, Keyed},
    plan::{PageItem, Plan, page_item},
    relation::Target,
    render::{Chunks, one},
};
use crate::error::ApiError;

/// What is asked of such a page.
pub struct FoundPlan<'a> {
    name: &'static str,
    items: Keyed<Item>,
    /// Fields of the connection's own, and of its edges', in the order in which they are finished.
    pub own: Vec<Selected<'a>>,
    pub edge: Vec<Selected<'a>>,
    nodes: Vec<Vec<Plan<'a>>>,
    /// Whether records are asked for at all, beside a count.
    pub rows: bool,
    pub total: bool,
    /// Whether it is asked if there is a further page.
    pub looks_ahead: bool,
}

/// A part of the connection; of a field of its own, its place among these.
enum Item {
    Typename,
    Nodes(usize),
    Edges(Keyed<Edge>),
    Page(Keyed<PageItem>),
    Total,
    Own(usize),
}

enum Edge {
    Typename,
    Cursor,
    Node(usize),
    Own(usize),
}

/// A record of the page.
pub struct Found {
    pub id: i64,
    pub cursor: String,
    /// The fields of its edge that the plan wants, as finished JSON.
    pub edge: Vec<Vec<u8>>,
}

/// What was found.
pub struct FoundPage {
    pub records: Vec<Found>,
    pub has_previous: bool,
    pub has_next: bool,
    /// The cursor of its end, where that is not its last record's: what has gone meanwhile is not on the page.
    pub end: Option<String>,
    pub total: i64,
    /// The fields of the connection's own that the plan wants, as finished JSON.
    pub own: Vec<Vec<u8>>,
}

impl<'a> FoundPlan<'a> {
    /// The plan of the connection `name`, whose nodes are of one of the types of `of`.
    pub fn new(
        ask: &Ask<'a>,
        name: &'static str,
        of: Target,
        selected: &Selected<'a>,
    ) -> Result<FoundPlan<'a>, ApiError> {
        let mut plan = FoundPlan {
            name,
            items: vec![],
            own: vec![],
            edge: vec![],
            nodes: vec![],
            rows: false,
            total: false,
            looks_ahead: false,
        };
        for selected in ask.select(&format!("{name}Connection"), &selected.below()) {
            let at = |e: ApiError| e.below(selected.key);
            let item = match selected.name() {
                "nodes" => Item::Nodes(plan.node(ask, of, &selected).map_err(at)?),
                "edges" => Item::Edges(plan.edges(ask, of, &selected).map_err(at)?),
                "pageInfo" => {
                    plan.rows = true;
                    let items = ask.select("PageInfo", &selected.below());
                    let items =
                        items.into_iter().map(|it| (json::key(it.key), page_item(it.name())));
                    let items: Keyed<PageItem> = items.collect();
                    plan.looks_ahead |= items.iter().any(|(_, item)| item.looks_ahead());
                    Item::Page(items)
                }
                "totalCount" => {
                    plan.total = true;
                    Item::Total
                }
                "__typename" => Item::Typename,
                _ => {
                    plan.rows = true;
                    Item::Own(plan.own.len())
                }
            };
            plan.items.push((json::key(selected.key), item));
            if let Some((_, Item::Own(_))) = plan.items.last() {
                plan.own.push(selected);
            }
        }
        Ok(plan)
    }

    fn node(
        &mut self,
        ask: &Ask<'a>,
        of: Target,
        selected: &Selected<'a>,
    ) -> Result<usize, ApiError> {
        self.rows = true;
        self.nodes.push(Plan::each(ask, of.types(), &selected.below())?);
        Ok(self.nodes.len() - 1)
    }

    fn edges(
        &mut self,
        ask: &Ask<'a>,
        of: Target,
        selected: &Selected<'a>,
    ) -> Result<Keyed<Edge>, ApiError> {
        self.rows = true;
        let mut items = Vec::new();
        for selected in ask.select(&format!("{}Edge", self.name), &selected.below()) {
            let item = match selected.name() {
                "cursor" => Edge::Cursor,
                "node" => {
                    let node = self.node(ask, of, &selected);
                    Edge::Node(node.map_err(|e| e.below(selected.key))?)
                }
                "__typename" => Edge::Typename,
                _ => Edge::Own(self.edge.len()),
            };
            items.push((json::key(selected.key), item));
            if let Some((_, Edge::Own(_))) = items.last() {
                self.edge.push(selected);
            }
        }
        Ok(items)
    }

    /// The finished connection.
    pub async fn write(
        &self,
        reader: &Reader,
        ask: &Ask<'_>,
        page: &FoundPage,
    ) -> Result<Vec<u8>, ApiError> {
        let mut nodes = Vec::with_capacity(self.nodes.len());
        for plans in &self.nodes {
            let ids = page.records.iter().map(|it| Some(it.id)).collect();
            nodes.push(one(reader, ask, plans, ids).await?);
        }
        let mut out = Vec::new();
        json::list(&mut out, json::OBJECT, &self.items, |out, (key, item)| {
            out.extend_from_slice(key);
            self.item(out, item, page, &nodes);
        });
        Ok(out)
    }

    fn edges_of(&self, out: &mut Vec<u8>, items: &Keyed<Edge>, page: &FoundPage, nodes: &[Chunks]) {
        let records = page.records.iter().enumerate();
        json::list(out, json::ARRAY, records, |out, (n, found)| {
            json::list(out, json::OBJECT, items, |out, (key, item)| {
                out.extend_from_slice(key);
                match item {
                    Edge::Own(place) => own(out, &found.edge, *place),
                    Edge::Cursor => json::string(out, &found.cursor),
                    Edge::Node(plan) => out.extend_from_slice(nodes[*plan].get(n)),
                    Edge::Typename => json::string(out, &format!("{}Edge", self.name)),
                }
            });
        });
    }

    fn item(&self, out: &mut Vec<u8>, item: &Item, page: &FoundPage, nodes: &[Chunks]) {
        let records = page.records.iter().enumerate();
        match item {
            Item::Typename => json::string(out, &format!("{}Connection", self.name)),
            Item::Total => json::int(out, page.total),
            Item::Nodes(plan) => json::list(out, json::ARRAY, records, |out, (n, _)| {
                out.extend_from_slice(nodes[*plan].get(n));
            }),
            Item::Edges(items) => self.edges_of(out, items, page, nodes),
            Item::Own(place) => own(out, &page.own, *place),
            Item::Page(items) => json::list(out, json::OBJECT, items, |out, (key, item)| {
                out.extend_from_slice(key);
                let cursor = |out: &mut Vec<u8>, found: Option<&Found>| match found {
                    Some(found) => json::string(out, &found.cursor),
                    None => json::null(out),
                };
                match item {
                    PageItem::Typename => json::string(out, "PageInfo"),
                    PageItem::HasNext => json::bool(out, page.has_next),
                    PageItem::HasPrevious => json::bool(out, page.has_previous),
                    PageItem::Start => cursor(out, page.records.first()),
                    PageItem::End => match &page.end {
                        Some(end) => json::string(out, end),
                        None => cursor(out, page.records.last()),
                    },
                }
            }),
        }
    }
}

/// A field of the connection's or the edge's own.
fn own(out: &mut Vec<u8>, finished: &[Vec<u8>], place: usize) {
    out.extend_from_slice(finished.get(place).map_or(b"null", Vec::as_slice));
}
