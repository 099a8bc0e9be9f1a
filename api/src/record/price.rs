//! What fields cost: how many rows they can read, from the definitions. The gate multiplies this along a selection.
use std::collections::{HashMap, HashSet};

use super::{
    catalog,
    def::{Def, Field, Shape},
    group::{DEFAULT_GROUPS, MOST_GROUPS},
    page::{DEFAULT_PAGE, LARGEST_KEY_PAGE, LARGEST_PAGE, LONGEST_ARRAY},
    relation::{EdgeType, Many},
    root::{Pages, RootQuery},
    streamed::SUBSCRIPTION,
    written::MUTATION,
};

/// What a field costs for each object that it is asked of: so many times as its count says, its own rows and what is below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    pub rows: u64,
    pub count: Count,
}

/// How often something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many for each object.
    Exactly(u64),
    /// One for the whole list, however many objects are on the page.
    OfList,
    /// As `first` or `last` says. What is more than the most is refused when it is run.
    Page { default: u64, most: u64 },
    /// As a page of groups, which is read whatever is asked of it.
    Groups { default: u64, most: u64 },
    /// As many as a list argument has values.
    Values(&'static str),
    /// As many as a list in the `input` of the mutation has values. What is more than the most is refused when it is run.
    Written { list: &'static str, most: u64 },
}

impl Price {
    const ONE: Price = Price { rows: 1, count: Count::Exactly(1) };
    const OF_LIST: Price = Price { rows: 1, count: Count::OfList };

    fn page() -> Price {
        Price {
            rows: 1,
            count: Count::Page { default: DEFAULT_PAGE as u64, most: LARGEST_PAGE as u64 },
        }
    }
}

/// What the definitions say of reading: the prices of all fields that cost something, by type and name, and how long what
/// was read of a type may be kept, in seconds.
#[derive(Debug, Default)]
pub struct Prices {
    fields: HashMap<String, HashMap<String, Price>>,
    /// Of input objects, by their names.
    inputs: HashMap<&'static str, u64>,
    ages: HashMap<String, u32>,
    personal: HashSet<&'static str>,
}

impl Prices {
    pub fn of(&self, ty: &str, field: &str) -> Option<Price> {
        self.fields.get(ty)?.get(field).copied()
    }

    /// What it costs to write what an input object says.
    pub fn of_input(&self, name: &str) -> u64 {
        self.inputs.get(name).copied().unwrap_or_default()
    }

    /// `None` for what is part of something else.
    pub fn max_age(&self, ty: &str) -> Option<u32> {
        self.ages.get(ty).copied()
    }

    /// Whether objects of the type tell of who asks.
    pub fn is_personal(&self, ty: &str) -> bool {
        self.personal.contains(ty)
    }

    fn put(&mut self, ty: &str, field: &str, price: Price) {
        self.fields.entry(ty.to_owned()).or_default().insert(field.to_owned(), price);
    }

    /// Of all types of the catalog.
    pub fn of_catalog() -> Prices {
        let catalog = catalog();
        let personal = catalog.parts.personal.iter().copied().collect();
        let mut prices = Prices { personal, ..Prices::default() };
        // The row after the page, by which it is known whether there is one.
        for name in ["hasNextPage", "hasPreviousPage"] {
            prices.put("PageInfo", name, Price::OF_LIST);
        }
        for def in catalog.defs().iter().chain(catalog.views()) {
            prices.ages.insert(def.name.to_owned(), def.max_age);
            prices.connection(def.name);
            for (name, field) in &def.fields {
                prices.field(def.name, name, field);
            }
        }
        for def in catalog.defs() {
            prices.root(def);
        }
        let momentary = catalog.parts.momentary.iter();
        prices.ages.extend(momentary.map(|name| ((*name).to_owned(), 0)));
        for shape in &catalog.parts.objects {
            for field in shape.fields {
                let ty = field.ty.trim_matches(|c| "[]!".contains(c));
                let is_record = catalog.parts.abstracts.iter().any(|of| of.name == ty);
                let is_view = catalog.views().iter().any(|view| view.name == ty);
                if let Some(price) = field.price {
                    prices.put(shape.name, field.name, price);
                } else if is_record || is_view || catalog.named(ty).is_some() {
                    prices.put(shape.name, field.name, Price::ONE);
                }
            }
        }
        for query in &catalog.parts.queries {
            prices.query(query);
        }
        for mutation in &catalog.parts.mutations {
            let price = Price { rows: mutation.points, count: Count::Exactly(1) };
            prices.put(MUTATION, mutation.name, price);
        }
        let inputs = catalog.parts.inputs.iter().filter(|it| it.points > 0);
        prices.inputs.extend(inputs.map(|it| (it.name, it.points)));
        // For each event: what says that there is one, and what it is about.
        for stream in &catalog.parts.streams {
            let price = Price { rows: 2, count: Count::Exactly(1) };
            prices.put(SUBSCRIPTION, stream.name, price);
        }
        prices
    }

    fn field(&mut self, ty: &str, name: &str, field: &'static Field) {
        match &field.shape {
            // These are columns of the row.
            Shape::Value { .. } => {}
            Shape::Variants { variants, .. } => {
                for variant in variants {
                    for (name, field) in &variant.fields {
                        self.field(variant.name, name, field);
                    }
                }
            }
            Shape::One(_) => self.put(ty, name, Price::ONE),
            // A row that says which record is meant, and that record.
            Shape::Resolver(_) => {
                self.put(ty, name, Price { rows: 2, count: Count::Exactly(1) });
            }
            Shape::Many(many) if many.single => self.put(ty, name, Price::ONE),
            Shape::Many(many) if many.plain => {
                let count = Count::Exactly(LONGEST_ARRAY as u64);
                let rows = 1 + u64::from(many.nodes.is_some());
                self.put(ty, name, Price { rows, count });
            }
            Shape::Many(many) => {
                self.put(ty, name, Price::page());
                self.list(many);
            }
        }
    }

    /// A connection, whose count has a statement of its own.
    fn connection(&mut self, name: &str) {
        self.put(&format!("{name}Connection"), "totalCount", Price::OF_LIST);
    }

    /// What the connection and the edges of a list read beside its rows.
    fn list(&mut self, many: &Many) {
        self.connection(many.connection);
        let edge = format!("{}Edge", many.connection);
        if many.nodes.is_some() {
            self.put(&format!("{}Connection", many.connection), "nodes", Price::ONE);
            self.put(&edge, "node", Price::ONE);
        }
        if let Some(own) = &many.edge
            && let EdgeType::One(_) = own.ty
        {
            self.put(&edge, own.name, Price::ONE);
        }
    }

    fn root(&mut self, def: &Def) {
        self.put("Query", def.one, Price::ONE);
        self.put("Query", def.many, root_page());
        if !def.groups.is_empty() {
            let count = Count::Groups { default: DEFAULT_GROUPS as u64, most: MOST_GROUPS as u64 };
            self.put("Query", &format!("{}Stats", def.one), Price { rows: 1, count });
            let keys = def.groups.iter().filter(|group| group.target.is_some());
            for group in keys {
                self.put(&format!("{}Group", def.name), group.field, Price::ONE);
            }
        }
    }

    /// A root field that first finds out which records are meant, and then reads them.
    fn query(&mut self, query: &RootQuery) {
        // Who asks is known before.
        if self.personal.contains(query.ty.trim_end_matches('!')) {
            return;
        }
        let values = query.arguments.iter().find(|argument| argument.ty.starts_with('['));
        let price = match (query.pages, values) {
            (Pages::Of(_), _) => root_page(),
            (Pages::Forwards, _) => {
                self.put(query.ty.trim_end_matches('!'), "totalCount", Price::OF_LIST);
                Price::page()
            }
            (Pages::Few(most), _) => Price { rows: 1, count: Count::Exactly(most) },
            (Pages::None, Some(values)) => Price { rows: 2, count: Count::Values(values.name) },
            (Pages::None, None) => Price { rows: 2, count: Count::Exactly(1) },
        };
        self.put("Query", query.name, price);
    }
}

/// What an operation on a record costs. What it reads to be checked is not counted; that it is dearer than reading is.
pub const WRITE: u64 = 10;

/// A root list can be longer where only keys are asked for.
fn root_page() -> Price {
    let count = Count::Page { default: DEFAULT_PAGE as u64, most: LARGEST_KEY_PAGE as u64 };
    Price { rows: 1, count }
}
