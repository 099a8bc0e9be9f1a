//! A page of records of any types that something else than a list of one type has found: a connection as all others are.
use super::{
    ask::{Ask, Selected},
    batch::Reader,
    json::{self, Keyed},
    plan::{EdgeItem, ListItem, PageItem, Plan, page_item},
    relation::Target,
    render::{Chunks, one},
};
use crate::error::ApiError;

/// What is asked of such a page.
pub struct FoundPlan<'a> {
    name: &'static str,
    items: Keyed<ListItem>,
    nodes: Vec<Vec<Plan<'a>>>,
    /// Whether records are asked for at all, beside a count.
    pub rows: bool,
    pub total: bool,
    /// Whether it is asked if there is a further page.
    pub looks_ahead: bool,
}

/// A record of the page.
pub struct Found {
    pub id: i64,
    pub cursor: String,
    /// The field of its edge, as finished JSON.
    pub edge: Vec<u8>,
}

/// What was found.
pub struct FoundPage {
    pub records: Vec<Found>,
    pub has_previous: bool,
    pub has_next: bool,
    pub total: i64,
    /// The field of the connection's own, as finished JSON; empty where it has none.
    pub own: Vec<u8>,
}

impl<'a> FoundPlan<'a> {
    /// The plan of the connection `name`, whose nodes are of one of the types of `of`. It can have one field of its own,
    /// and its edges too.
    pub fn new(
        ask: &Ask<'a>,
        name: &'static str,
        of: Target,
        selected: &Selected<'a>,
    ) -> Result<FoundPlan<'a>, ApiError> {
        let mut plan = FoundPlan {
            name,
            items: vec![],
            nodes: vec![],
            rows: false,
            total: false,
            looks_ahead: false,
        };
        for selected in ask.select(&format!("{name}Connection"), &selected.below()) {
            let at = |e: ApiError| e.below(selected.key);
            let item = match selected.name() {
                "nodes" => ListItem::Nodes(plan.node(ask, of, &selected).map_err(at)?),
                "edges" => ListItem::Edges(plan.edges(ask, of, &selected).map_err(at)?),
                "pageInfo" => {
                    plan.rows = true;
                    let items = ask.select("PageInfo", &selected.below());
                    let items =
                        items.into_iter().map(|it| (json::key(it.key), page_item(it.name())));
                    let items: Keyed<PageItem> = items.collect();
                    plan.looks_ahead |= items.iter().any(|(_, item)| item.looks_ahead());
                    ListItem::Page(items)
                }
                "totalCount" => {
                    plan.total = true;
                    ListItem::Total
                }
                "__typename" => ListItem::Typename,
                _ => {
                    plan.rows = true;
                    ListItem::Own
                }
            };
            plan.items.push((json::key(selected.key), item));
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
    ) -> Result<Keyed<EdgeItem>, ApiError> {
        self.rows = true;
        let mut items = Vec::new();
        for selected in ask.select(&format!("{}Edge", self.name), &selected.below()) {
            let item = match selected.name() {
                "cursor" => EdgeItem::Cursor,
                "node" => {
                    let node = self.node(ask, of, &selected);
                    EdgeItem::Node(node.map_err(|e| e.below(selected.key))?)
                }
                "__typename" => EdgeItem::Typename,
                _ => EdgeItem::Text,
            };
            items.push((json::key(selected.key), item));
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

    fn item(&self, out: &mut Vec<u8>, item: &ListItem, page: &FoundPage, nodes: &[Chunks]) {
        let records = page.records.iter().enumerate();
        match item {
            ListItem::Typename => json::string(out, &format!("{}Connection", self.name)),
            ListItem::Total => json::int(out, page.total),
            ListItem::Own => out.extend_from_slice(&page.own),
            ListItem::Nodes(plan) => json::list(out, json::ARRAY, records, |out, (n, _)| {
                out.extend_from_slice(nodes[*plan].get(n));
            }),
            ListItem::Edges(items) => json::list(out, json::ARRAY, records, |out, (n, found)| {
                json::list(out, json::OBJECT, items, |out, (key, item)| {
                    out.extend_from_slice(key);
                    match item {
                        EdgeItem::Cursor => json::string(out, &found.cursor),
                        EdgeItem::Node(plan) => out.extend_from_slice(nodes[*plan].get(n)),
                        EdgeItem::Text | EdgeItem::One(_) => out.extend_from_slice(&found.edge),
                        EdgeItem::Typename => json::string(out, &format!("{}Edge", self.name)),
                    }
                });
            }),
            ListItem::Page(items) => json::list(out, json::OBJECT, items, |out, (key, item)| {
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
                    PageItem::End => cursor(out, page.records.last()),
                }
            }),
        }
    }
}
