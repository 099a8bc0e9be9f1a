//! Conflicts: properties of records about which claims differ, with every side.
use async_graphql::Value;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::future::BoxFuture;
use sea_orm::Value as Bind;

use super::claim::{CLAIM_PROPERTY, Claim};
use crate::{
    error::{ApiError, Code},
    record::{
        ask::{Ask, Selected, enum_name, items},
        batch::Reader,
        catalog,
        cell::Cells,
        def::{Argument, Def, def},
        json,
        object::{ObjectField, ObjectShape},
        page::{Key, LARGEST_PAGE, Listing, page_size},
        plan::Plan,
        pred::{Pred, Test},
        relation::Scope,
        render::{Chunks, one, records},
        root::{RootCall, RootQuery},
        sql::Sql,
    },
};

pub const CONFLICT: ObjectShape = ObjectShape {
    name: "Conflict",
    about: "A property of a record with claims that differ.",
    fields: &[
        ObjectField::new("subject", "Described", "The record that they are about."),
        ObjectField::new("property", "ClaimProperty!", "The property that they differ in."),
        ObjectField::new("claims", "[Claim!]!", "Every side, best rank first. At most 100."),
    ],
};

pub const CONNECTION: ObjectShape = ObjectShape {
    name: "ConflictConnection",
    about: "A page of conflicts.",
    fields: &[
        ObjectField::new("edges", "[ConflictEdge!]!", "The page, with cursors."),
        ObjectField::new("nodes", "[Conflict!]!", "The page, without cursors."),
        ObjectField::new("pageInfo", "PageInfo!", "Where the page stands in the list."),
        ObjectField::new(
            "totalCount",
            "Int!",
            "Conflicts in the whole list; counted only when asked for.",
        ),
    ],
};

pub const EDGE: ObjectShape = ObjectShape {
    name: "ConflictEdge",
    about: "One place in a list of conflicts.",
    fields: &[
        ObjectField::new("cursor", "String!", "Opaque place in the list, for `after`."),
        ObjectField::new("node", "Conflict!", "The conflict at this place."),
    ],
};

pub const CONFLICTS: RootQuery = RootQuery {
    name: "conflicts",
    ty: "ConflictConnection!",
    about: "Properties with claims that differ, whatever their ranks. Dates that can be the same, such as 2019 and 2019-10-30, do not differ. Order: type, then oldest subject first, then property.",
    arguments: &[
        Argument::new("property", "[ClaimProperty!]", "Only these properties; all when absent."),
        Argument::new("types", "[RecordType!]", "Only these types of subjects; all when absent."),
        Argument::new("first", "Int", "Page size, 1 to 100; 20 by default."),
        Argument::new("after", "String", "Cursor to go on after."),
    ],
    run: conflicts,
};

/// Properties of which a record has one value at a time, so that two values are a conflict. Counts are left out, since they
/// change with the year, and lists, whose values stand beside each other.
const SINGLE: [&str; 9] = [
    "NAME",
    "COUNTRY",
    "GEO",
    "AREA",
    "FOUNDING_DATE",
    "START_DATE",
    "END_DATE",
    "FIELD",
    "STATUS",
];

/// Claims differ if the ranges of two dates have no day in common, or if two other values are not the same.
const DIFFER: &str = "max(c.value_earliest) > min(c.value_latest) OR count(DISTINCT CASE WHEN c.value_kind <> 'DATE' THEN \
     coalesce(CAST(c.value_record_id AS TEXT), CAST(c.value_text AS TEXT), c.value_string, c.value_amount, \
     CAST(c.value_latitude AS TEXT) || ' ' || CAST(c.value_longitude AS TEXT), c.value_absence) END) > 1";

/// A conflict: subject and property.
type Place = (i64, String);

fn conflicts(call: RootCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let RootCall { reader, ask, selected } = call;
        let field = selected.field();
        let size = page_size(ask, field)?;
        let asked =
            list(ask, selected, "property").unwrap_or_else(|| SINGLE.map(str::to_owned).to_vec());
        let types = list(ask, selected, "types");
        let after = match ask.given(field, "after") {
            Some(Value::String(cursor)) => Some(read_cursor(&cursor)?),
            _ => None,
        };
        let page = plan(ask, selected)?;

        let mut sql = Sql::new(reader.postgres);
        sql.text.push_str("SELECT c.subject_id, c.property FROM claim c WHERE c.property IN (");
        let known = CLAIM_PROPERTY.values.iter().map(|(name, _)| *name);
        let shown: Vec<String> = known
            .filter(|name| SINGLE.contains(name) && asked.iter().any(|it| it == name))
            .map(|name| format!("'{name}'"))
            .collect();
        sql.text.push_str(if shown.is_empty() { "NULL" } else { "" });
        sql.text.push_str(&shown.join(", "));
        sql.text.push(')');
        if let Some(types) = types {
            let ranges = types.iter().filter_map(|name| Some(catalog().by_enum(name)?.id_range()));
            let ranges: Vec<String> =
                ranges.map(|(a, b)| format!("c.subject_id BETWEEN {a} AND {b}")).collect();
            sql.text.push_str(&format!(
                " AND ({})",
                if ranges.is_empty() { "FALSE".into() } else { ranges.join(" OR ") }
            ));
        }
        let grouped = format!(" GROUP BY c.subject_id, c.property HAVING ({DIFFER})");
        let mut count = sql.clone();
        count.text = format!("SELECT count(*) FROM ({}{grouped}) x", sql.text);
        if let Some((subject, property)) = &after {
            sql.binds.extend([Bind::from(*subject), Bind::from(property.clone())]);
            sql.text.push_str(" AND (c.subject_id, c.property) > ($1, $2)");
        }
        sql.text
            .push_str(&format!("{grouped} ORDER BY c.subject_id, c.property LIMIT {}", size + 1));

        let rows = reader.rows(sql).await?;
        let places = rows.iter().filter_map(|row| Some((row.int(0)?, row.text(1)?.to_owned())));
        let mut places: Vec<Place> = places.collect();
        let more = places.len() > size;
        places.truncate(size);
        let total = match page.iter().any(|(_, item)| matches!(item, PageItem::Total)) {
            true => {
                reader.rows(count).await?.first().and_then(|row| row.int(0)).unwrap_or_default()
            }
            false => 0,
        };
        let found = Found { places, more, previous: after.is_some(), total };
        found.render(reader, ask, &page).await
    })
}

/// The names that an enum argument lists; none when it was left out.
fn list(ask: &Ask<'_>, selected: &Selected<'_>, name: &str) -> Option<Vec<String>> {
    let list = items(ask.given(selected.field(), name)?);
    Some(list.iter().filter_map(enum_name).map(str::to_owned).collect())
}

fn cursor((subject, property): &Place) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("1 {subject} {property}"))
}

fn read_cursor(cursor: &str) -> Result<Place, ApiError> {
    let place = || {
        let raw = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (subject, property) = raw.strip_prefix("1 ")?.split_once(' ')?;
        CLAIM_PROPERTY.values.iter().find(|(name, _)| *name == property)?;
        Some((subject.parse().ok()?, property.to_owned()))
    };
    let broken = "this cursor is not one of this list; take `endCursor` or an edge's `cursor`";
    place().ok_or_else(|| ApiError::new(Code::CursorInvalid, broken))
}

enum PageItem<'a> {
    Typename,
    Total,
    Nodes(Vec<(Box<[u8]>, Item<'a>)>),
    Edges(Vec<(Box<[u8]>, EdgeItem<'a>)>),
    Info(Vec<(Box<[u8]>, String)>),
}

enum EdgeItem<'a> {
    Typename,
    Cursor,
    Node(Vec<(Box<[u8]>, Item<'a>)>),
}

enum Item<'a> {
    Typename,
    Property,
    Subject(Vec<Plan<'a>>),
    Claims(Plan<'a>),
}

type Keyed<T> = Vec<(Box<[u8]>, T)>;

fn plan<'a>(ask: &Ask<'a>, selected: &Selected<'a>) -> Result<Keyed<PageItem<'a>>, ApiError> {
    let mut page = Vec::new();
    for selected in ask.select(CONNECTION.name, &selected.below()) {
        let item = match selected.name() {
            "totalCount" => PageItem::Total,
            "nodes" => PageItem::Nodes(node(ask, &selected).map_err(|e| e.below(selected.key))?),
            "edges" => {
                let mut edges = Vec::new();
                for inner in ask.select(EDGE.name, &selected.below()) {
                    let item = match inner.name() {
                        "cursor" => EdgeItem::Cursor,
                        "node" => {
                            EdgeItem::Node(node(ask, &inner).map_err(|e| e.below(inner.key))?)
                        }
                        _ => EdgeItem::Typename,
                    };
                    edges.push((json::key(inner.key), item));
                }
                PageItem::Edges(edges)
            }
            "pageInfo" => {
                let info = ask.select("PageInfo", &selected.below());
                PageItem::Info(
                    info.iter().map(|it| (json::key(it.key), it.name().to_owned())).collect(),
                )
            }
            _ => PageItem::Typename,
        };
        page.push((json::key(selected.key), item));
    }
    Ok(page)
}

fn node<'a>(ask: &Ask<'a>, selected: &Selected<'a>) -> Result<Keyed<Item<'a>>, ApiError> {
    let mut items = Vec::new();
    for selected in ask.select(CONFLICT.name, &selected.below()) {
        let below = |e: ApiError| e.below(selected.key);
        let item = match selected.name() {
            "property" => Item::Property,
            "subject" => {
                let described = super::shared::DESCRIBED.types();
                Item::Subject(Plan::each(ask, described, &selected.below()).map_err(below)?)
            }
            "claims" => {
                Item::Claims(Plan::new(ask, def::<Claim>(), &selected.below()).map_err(below)?)
            }
            _ => Item::Typename,
        };
        items.push((json::key(selected.key), item));
    }
    Ok(items)
}

/// A page of conflicts, to be written.
struct Found {
    places: Vec<Place>,
    more: bool,
    previous: bool,
    total: i64,
}

impl Found {
    async fn render(
        &self,
        reader: &Reader,
        ask: &Ask<'_>,
        page: &Keyed<PageItem<'_>>,
    ) -> Result<Vec<u8>, ApiError> {
        let mut out = Vec::new();
        out.push(b'{');
        for (i, (key, item)) in page.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            out.extend_from_slice(key);
            match item {
                PageItem::Typename => json::string(&mut out, CONNECTION.name),
                PageItem::Total => json::int(&mut out, self.total),
                PageItem::Info(info) => self.info(&mut out, info),
                PageItem::Nodes(items) => {
                    let nodes = self.nodes(reader, ask, items).await?;
                    let all = 0..self.places.len();
                    json::list(&mut out, json::ARRAY, all, |out, n| {
                        out.extend_from_slice(nodes.get(n))
                    });
                }
                PageItem::Edges(edges) => self.edges(reader, ask, edges, &mut out).await?,
            }
        }
        out.push(b'}');
        Ok(out)
    }

    fn info(&self, out: &mut Vec<u8>, info: &Keyed<String>) {
        json::list(out, json::OBJECT, info, |out, (key, name)| {
            out.extend_from_slice(key);
            let place = match name.as_str() {
                "hasNextPage" => return json::bool(out, self.more),
                "hasPreviousPage" => return json::bool(out, self.previous),
                "startCursor" => self.places.first(),
                "endCursor" => self.places.last(),
                _ => return json::string(out, "PageInfo"),
            };
            match place {
                Some(place) => json::string(out, &cursor(place)),
                None => json::null(out),
            }
        });
    }

    async fn edges(
        &self,
        reader: &Reader,
        ask: &Ask<'_>,
        edges: &Keyed<EdgeItem<'_>>,
        out: &mut Vec<u8>,
    ) -> Result<(), ApiError> {
        let mut nodes = Vec::new();
        for (_, item) in edges {
            if let EdgeItem::Node(items) = item {
                nodes.push(self.nodes(reader, ask, items).await?);
            }
        }
        json::list(out, json::ARRAY, self.places.iter().enumerate(), |out, (n, place)| {
            let mut node = nodes.iter();
            json::list(out, json::OBJECT, edges, |out, (key, item)| {
                out.extend_from_slice(key);
                match item {
                    EdgeItem::Typename => json::string(out, EDGE.name),
                    EdgeItem::Cursor => json::string(out, &cursor(place)),
                    EdgeItem::Node(_) => {
                        out.extend_from_slice(node.next().map_or(b"null", |chunks| chunks.get(n)))
                    }
                }
            });
        });
        Ok(())
    }

    async fn nodes(
        &self,
        reader: &Reader,
        ask: &Ask<'_>,
        items: &Keyed<Item<'_>>,
    ) -> Result<Chunks, ApiError> {
        let mut parts = Vec::new();
        for (_, item) in items {
            parts.push(match item {
                Item::Subject(plans) => {
                    let ids = self.places.iter().map(|(subject, _)| Some(*subject)).collect();
                    one(reader, ask, plans, ids).await?
                }
                Item::Claims(plan) => self.claims(reader, ask, plan).await?,
                Item::Typename | Item::Property => Chunks::default(),
            });
        }
        let mut out = Chunks::default();
        for (n, (_, property)) in self.places.iter().enumerate() {
            out.push(|out| {
                json::list(
                    out,
                    json::OBJECT,
                    items.iter().zip(&parts),
                    |out, ((key, item), part)| {
                        out.extend_from_slice(key);
                        match item {
                            Item::Typename => json::string(out, CONFLICT.name),
                            Item::Property => json::string(out, property),
                            Item::Subject(_) | Item::Claims(_) => {
                                out.extend_from_slice(part.get(n))
                            }
                        }
                    },
                );
            });
        }
        Ok(out)
    }

    /// The sides of each conflict, as arrays.
    async fn claims(
        &self,
        reader: &Reader,
        ask: &Ask<'_>,
        plan: &Plan<'_>,
    ) -> Result<Chunks, ApiError> {
        let def: &'static Def = def::<Claim>();
        let (Some(subject), Some(property), Some(rank)) =
            (def.column("subject_id"), def.column("property"), def.column("rank"))
        else {
            return Ok(Chunks::default());
        };
        let subjects = self.places.iter().map(|(subject, _)| Bind::from(*subject)).collect();
        let properties =
            self.places.iter().map(|(_, property)| Bind::from(property.clone())).collect();
        let mask = plan.mask | 1 << subject | 1 << property;
        let listing = Listing {
            condition: Pred::All(vec![
                Pred::column(def, subject, Test::In(subjects)),
                Pred::column(def, property, Test::In(properties)),
            ]),
            order: vec![
                Key { column: Some(rank), descending: true, nulls_first: false },
                Key { column: Some(def.id), descending: false, nulls_first: false },
            ],
            size: self.places.len() * LARGEST_PAGE,
            after: None,
            backwards: false,
            scope: Scope::default(),
        };
        let rows = reader.rows(Sql::list(reader.postgres, def, &listing, mask)).await?;
        let cells: Vec<Cells<'_>> = rows.iter().map(|row| Cells { row, mask, lead: 0 }).collect();
        let chunks = records(reader, ask, plan, cells.clone()).await?;
        let mut out = Chunks::default();
        for (of, about) in &self.places {
            let sides = cells.iter().enumerate().filter(|(_, cells)| {
                cells.int(subject) == Some(*of) && cells.text(property) == Some(about)
            });
            out.push(|out| {
                json::list(out, json::ARRAY, sides.take(LARGEST_PAGE), |out, (n, _)| {
                    out.extend_from_slice(chunks.get(n));
                });
            });
        }
        Ok(out)
    }
}
