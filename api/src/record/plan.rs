//! Plans: what a selection asks of a record or of a list, worked out once, whatever the number of rows.
use async_graphql::parser::types::SelectionSet;
use indexmap::IndexMap;

use super::{
    ask::{Ask, Selected},
    cell::Mask,
    def::{Def, Field, Render, Shape},
    json::{self, Keyed},
    page::Listing,
    pred::Pred,
    relation::{EdgeType, Many, Resolver},
};
use crate::error::{ApiError, Code};

/// What is asked of records of one type.
pub struct Plan<'a> {
    pub def: &'static Def,
    pub(super) items: Vec<Item>,
    pub(super) related: Vec<Related<'a>>,
    /// Columns that the statement must select.
    pub mask: Mask,
    pub(super) level: usize,
}

/// A response key and what goes under it.
pub(super) struct Item {
    pub(super) key: Box<[u8]>,
    pub(super) what: What,
}

pub(super) enum What {
    Typename(&'static str),
    Value(Render),
    /// Object types by the text of a column.
    Variants {
        tag: usize,
        items: Vec<(&'static str, Vec<Item>)>,
    },
    /// Place in the plan's related records.
    Related(usize),
}

/// What has to be awaited.
pub(super) enum Related<'a> {
    One { column: usize, targets: Vec<Plan<'a>> },
    Many(Box<ListPlan<'a>>),
    Resolver { resolver: Resolver, selected: Selected<'a>, level: usize },
}

impl<'a> Plan<'a> {
    pub fn new(
        ask: &Ask<'a>,
        def: &'static Def,
        sets: &[&'a SelectionSet],
    ) -> Result<Plan<'a>, ApiError> {
        let level = ask.level;
        let mut plan = Plan { def, items: vec![], related: vec![], mask: 1 << def.id, level };
        plan.items = plan.items(ask, def.name, &def.fields, sets)?;
        Ok(plan)
    }

    /// One plan for each type that a record can be of.
    pub fn each(
        ask: &Ask<'a>,
        defs: Vec<&'static Def>,
        sets: &[&'a SelectionSet],
    ) -> Result<Vec<Plan<'a>>, ApiError> {
        defs.into_iter().map(|def| Plan::new(ask, def, sets)).collect()
    }

    fn items(
        &mut self,
        ask: &Ask<'a>,
        name: &'static str,
        fields: &'static IndexMap<&'static str, Field>,
        sets: &[&'a SelectionSet],
    ) -> Result<Vec<Item>, ApiError> {
        let mut items = Vec::new();
        for selected in ask.select(name, sets) {
            let (key, at) = (selected.key, selected.field().pos);
            let what = match fields.get(selected.name()) {
                Some(field) => self
                    .allowed(ask, selected.name())
                    .and_then(|()| self.what(ask, field, selected))
                    .map_err(|e| e.at(at).below(key))?,
                None if selected.name() == "__typename" => What::Typename(name),
                // Validation lets no other through.
                None => {
                    return Err(ApiError::new(Code::Internal, "no such field").at(at).below(key));
                }
            };
            items.push(Item { key: json::key(key), what });
        }
        Ok(items)
    }

    /// Whether whoever asks may see a field.
    fn allowed(&self, ask: &Ask<'_>, field: &str) -> Result<(), ApiError> {
        match self.def.guarded.get(field) {
            Some(scope) => Ok(ask.caller.may(*scope)?),
            None => Ok(()),
        }
    }

    fn what(
        &mut self,
        ask: &Ask<'a>,
        field: &'static Field,
        selected: Selected<'a>,
    ) -> Result<What, ApiError> {
        let related = match &field.shape {
            Shape::Value { columns, plan } => {
                columns.iter().for_each(|column| self.mask |= 1 << column);
                return Ok(What::Value(plan(ask, &selected, columns)?));
            }
            Shape::Variants { tag, variants } => {
                self.mask |= 1 << tag;
                let mut items = Vec::with_capacity(variants.len());
                for variant in variants {
                    let fields =
                        self.items(ask, variant.name, &variant.fields, &selected.below())?;
                    items.push((variant.tag, fields));
                }
                return Ok(What::Variants { tag: *tag, items });
            }
            Shape::One(one) => {
                self.mask |= 1 << one.column;
                let targets = Plan::each(&ask.below(), one.target.types(), &selected.below())?;
                Related::One { column: one.column, targets }
            }
            Shape::Many(many) => {
                self.mask |= 1 << many.from;
                let below = ask.below();
                Related::Many(Box::new(ListPlan::new(
                    &below,
                    (many.target)(),
                    Some(many),
                    &selected,
                )?))
            }
            Shape::Resolver(resolver) => {
                Related::Resolver { resolver: *resolver, selected, level: ask.level + 1 }
            }
        };
        self.related.push(related);
        Ok(What::Related(self.related.len() - 1))
    }

    /// The records that a statement on single rows fetches in the same row, by their places among the related: those of one
    /// type of which nothing but columns is asked. On a page they have a statement of their own, since a join would be made
    /// for all rows that are sorted, not for those of the page.
    pub(super) fn joined(&self) -> impl Iterator<Item = (usize, Joined<'_, 'a>)> {
        let mut lead = self.mask.count_ones() as usize;
        let joined = self.related.iter().enumerate().filter_map(|(place, related)| match related {
            Related::One { column, targets } => match &targets[..] {
                [plan] if plan.related.is_empty() => Some((place, *column, plan)),
                _ => None,
            },
            _ => None,
        });
        joined.take(MOST_JOINED).map(move |(place, column, plan)| {
            let joined = Joined { column, plan, lead };
            lead += plan.mask.count_ones() as usize;
            (place, joined)
        })
    }

    /// Where the id is among the selected columns.
    pub(super) fn id_place(&self) -> usize {
        place(self.mask, self.def.id)
    }
}

/// Planners of databases take the longer, the more they can turn round.
const MOST_JOINED: usize = 6;

/// A related record in the row of the record that leads to it.
#[derive(Clone, Copy)]
pub(super) struct Joined<'p, 'a> {
    /// Column that holds its id.
    pub(super) column: usize,
    pub(super) plan: &'p Plan<'a>,
    /// How many columns of the row come before its own.
    pub(super) lead: usize,
}

fn place(mask: Mask, column: usize) -> usize {
    (mask & ((1 << column) - 1)).count_ones() as usize
}

/// What is asked of a list.
pub struct ListPlan<'a> {
    pub def: &'static Def,
    pub many: Option<&'static Many>,
    pub listing: Listing,
    pub(super) items: Keyed<ListItem>,
    pub(super) nodes: Vec<Nodes<'a>>,
    /// Plans for the record of the edges' field.
    pub(super) edges: Vec<Vec<Plan<'a>>>,
    pub mask: Mask,
    pub total: bool,
    /// Whether rows are read at all, beside a count.
    pub rows: bool,
    /// Whether rows carry the edges' field.
    pub extra: bool,
    pub(super) shape: [u8; 6],
    pub(super) connection: &'static str,
    pub(super) level: usize,
}

/// What the nodes of a list are.
pub(super) enum Nodes<'a> {
    Rows(Plan<'a>),
    /// The records that a column of the rows points to.
    Others(usize, Vec<Plan<'a>>),
}

pub(super) enum ListItem {
    Typename,
    Nodes(usize),
    Edges(Keyed<EdgeItem>),
    Page(Keyed<PageItem>),
    Total,
}

pub(super) enum EdgeItem {
    Typename,
    Cursor,
    Node(usize),
    Text,
    One(usize),
}

#[derive(Clone, Copy)]
pub(super) enum PageItem {
    Typename,
    HasNext,
    HasPrevious,
    Start,
    End,
}

impl<'a> ListPlan<'a> {
    pub fn new(
        ask: &Ask<'a>,
        def: &'static Def,
        many: Option<&'static Many>,
        selected: &Selected<'a>,
    ) -> Result<ListPlan<'a>, ApiError> {
        ListPlan::make(ask, def, many, selected, None)
    }

    /// A root list of the records that a condition takes.
    pub fn narrowed(
        ask: &Ask<'a>,
        def: &'static Def,
        selected: &Selected<'a>,
        condition: Pred,
    ) -> Result<ListPlan<'a>, ApiError> {
        ListPlan::make(ask, def, None, selected, Some(condition))
    }

    fn make(
        ask: &Ask<'a>,
        def: &'static Def,
        many: Option<&'static Many>,
        selected: &Selected<'a>,
        condition: Option<Pred>,
    ) -> Result<ListPlan<'a>, ApiError> {
        let listing = Listing::parse(ask, selected.field(), def, many, condition)?;
        let connection = many.map_or(def.name, |many| many.connection);
        let mut plan = ListPlan {
            def,
            many,
            items: vec![],
            nodes: vec![],
            edges: vec![],
            mask: 1 << def.id,
            total: false,
            rows: false,
            extra: many.and_then(|many| many.edge.as_ref()).is_some_and(|edge| edge.leads),
            shape: [0; 6],
            connection,
            level: ask.level,
            listing,
        };
        if many.is_some_and(|many| many.plain) {
            plan.node(ask, selected)?;
            return Ok(plan);
        }
        let mut cursors = false;
        for selected in ask.select(&format!("{connection}Connection"), &selected.below()) {
            let key = selected.key;
            let item = match selected.name() {
                "nodes" => ListItem::Nodes(plan.node(ask, &selected).map_err(|e| e.below(key))?),
                "edges" => ListItem::Edges(
                    plan.edge_items(ask, &selected, &mut cursors).map_err(|e| e.below(key))?,
                ),
                "pageInfo" => ListItem::Page(plan.page_items(ask, &selected, &mut cursors)),
                "totalCount" => {
                    plan.total = true;
                    ListItem::Total
                }
                _ => ListItem::Typename,
            };
            plan.items.push((json::key(key), item));
        }
        let (columns, more) = plan.asked();
        plan.listing.check_size(def, columns, more)?;
        if cursors {
            plan.shape = plan.listing.shape(def, many);
            let keys = plan.listing.order.iter().filter_map(|key| key.column);
            plan.mask |= keys.fold(0, |mask, column| mask | 1 << column);
        }
        Ok(plan)
    }

    /// The columns that are asked for of the records of the list, and whether there is more to ask than columns.
    fn asked(&self) -> (Mask, bool) {
        let asked = |nodes: &Nodes<'_>| match nodes {
            Nodes::Rows(plan) => (plan.mask, !plan.related.is_empty()),
            Nodes::Others(..) => (0, true),
        };
        let all = self.nodes.iter().map(asked);
        let start = (0, self.extra);
        all.fold(start, |(columns, more), (mask, related)| (columns | mask, more || related))
    }

    fn node(&mut self, ask: &Ask<'a>, selected: &Selected<'a>) -> Result<usize, ApiError> {
        self.rows = true;
        let nodes = match self.many.and_then(|many| many.nodes.as_ref()) {
            Some(one) => {
                self.mask |= 1 << one.column;
                let below = ask.below();
                let plans = Plan::each(&below, one.target.types(), &selected.below())?;
                Nodes::Others(one.column, plans)
            }
            None => {
                let plan = Plan::new(ask, self.def, &selected.below())?;
                self.mask |= plan.mask;
                Nodes::Rows(plan)
            }
        };
        self.nodes.push(nodes);
        Ok(self.nodes.len() - 1)
    }

    fn edge_items(
        &mut self,
        ask: &Ask<'a>,
        selected: &Selected<'a>,
        cursors: &mut bool,
    ) -> Result<Keyed<EdgeItem>, ApiError> {
        self.rows = true;
        let mut items = Vec::new();
        for selected in ask.select(&format!("{}Edge", self.connection), &selected.below()) {
            let key = selected.key;
            let item = match (selected.name(), self.many.and_then(|many| many.edge.as_ref())) {
                ("cursor", _) => {
                    *cursors = true;
                    EdgeItem::Cursor
                }
                ("node", _) => EdgeItem::Node(self.node(ask, &selected).map_err(|e| e.below(key))?),
                (name, Some(edge)) if name == edge.name => {
                    self.extra = true;
                    match edge.ty {
                        EdgeType::Text(_) => EdgeItem::Text,
                        EdgeType::One(target) => {
                            let plan = Plan::new(&ask.below(), target(), &selected.below())
                                .map_err(|e| e.below(key))?;
                            self.edges.push(vec![plan]);
                            EdgeItem::One(self.edges.len() - 1)
                        }
                    }
                }
                _ => EdgeItem::Typename,
            };
            items.push((json::key(key), item));
        }
        Ok(items)
    }

    fn page_items(
        &mut self,
        ask: &Ask<'a>,
        selected: &Selected<'a>,
        cursors: &mut bool,
    ) -> Keyed<PageItem> {
        self.rows = true;
        let mut items = Vec::new();
        for selected in ask.select("PageInfo", &selected.below()) {
            let item = page_item(selected.name());
            *cursors |= matches!(item, PageItem::Start | PageItem::End);
            self.listing.looks_ahead |= item.looks_ahead();
            items.push((json::key(selected.key), item));
        }
        items
    }
}

impl PageItem {
    /// Whether a row beyond the page is read for it.
    pub(super) fn looks_ahead(self) -> bool {
        matches!(self, PageItem::HasNext | PageItem::HasPrevious)
    }
}

/// A field of `PageInfo`.
pub(super) fn page_item(name: &str) -> PageItem {
    match name {
        "hasNextPage" => PageItem::HasNext,
        "hasPreviousPage" => PageItem::HasPrevious,
        "startCursor" => PageItem::Start,
        "endCursor" => PageItem::End,
        _ => PageItem::Typename,
    }
}
