//! What a record type is, as data. Everything else in this module reads it; [`super::define`] makes it.
use std::{
    any::TypeId,
    collections::HashMap,
    sync::{LazyLock, OnceLock, RwLock},
};

use indexmap::IndexMap;
use sea_orm::EntityTrait;

use super::{
    ask::{Ask, Selected},
    cell::{Cells, Kind},
    define::Define,
    filter::FilterKind,
    pred::Test,
    relation::{Many, One, Resolver},
    write::{Checked, Rule, Store},
};
use crate::{auth::Scope, error::ApiError};

/// A record type. Implementing it once gives the GraphQL object, connection, filter and order types, keyset pages, counts,
/// batched relations, `node`, `byIdentifier`, and the way into changesets and the log.
pub trait Record: Sized + Send + Sync + 'static {
    type Entity: EntityTrait;
    const NAME: &'static str;
    /// Root field of one record.
    const ONE: &'static str;
    /// Root field of the list.
    const MANY: &'static str;
    const ABOUT: &'static str;
    /// Number of the type in internal ids; never used again for another type.
    const CODE: u16;
    /// What public ids of the type begin with.
    const PREFIX: &'static str;
    /// How long others may keep what was read of it, in seconds: as long as a reader may be behind a change.
    const MAX_AGE: u32 = 60;

    fn define(d: &mut Define<Self>);
}

/// A column of the type's table, or an expression over it.
pub struct Column {
    pub name: String,
    pub kind: Kind,
    pub nullable: bool,
    /// SQL with `{t}` for the table's alias; `None` for a column of the table.
    pub expression: Option<Expression>,
}

/// SQL that is made when it is first used, since it may be of all record types.
pub type Expression = LazyLock<String, Box<dyn FnOnce() -> String + Send>>;

/// Renders a value from a row's own cells.
pub type Render = Box<dyn Fn(&mut Vec<u8>, Cells<'_>) + Send + Sync>;
/// Reads the arguments and selections of a value field once; its columns are given in the order of the definition.
pub type PlanValue = fn(&Ask<'_>, &Selected<'_>, &[usize]) -> Result<Render, ApiError>;

/// An argument of a field, as the schema shows it.
#[derive(Clone, Copy)]
pub struct Argument {
    pub name: &'static str,
    pub ty: &'static str,
    pub default: Option<&'static str>,
    pub about: &'static str,
}

impl Argument {
    pub const fn new(name: &'static str, ty: &'static str, about: &'static str) -> Self {
        Argument { name, ty, default: None, about }
    }

    pub const fn with_default(self, default: &'static str) -> Self {
        Argument { default: Some(default), ..self }
    }
}

/// Where the value of a field comes from.
pub enum Shape {
    /// From the row's own cells.
    Value { columns: Vec<usize>, plan: PlanValue },
    /// One of several object types made of the row's own columns; the column's text says which.
    Variants { tag: usize, variants: Vec<Variant> },
    /// Another record, or none.
    One(One),
    /// A list of other records.
    Many(Many),
    /// An ordinary function, for what fits nothing above.
    Resolver(Resolver),
}

/// One of the object types that a value can be.
pub struct Variant {
    pub tag: &'static str,
    pub name: &'static str,
    pub about: &'static str,
    pub fields: IndexMap<&'static str, Field>,
}

pub struct Field {
    pub about: &'static str,
    /// Type reference in GraphQL's syntax; of a list of records only the connection's name is derived from it.
    pub ty: String,
    pub arguments: Vec<Argument>,
    pub shape: Shape,
    /// How a written value becomes cells; `None` for fields that follow from others.
    pub store: Option<Store>,
}

pub struct Filter {
    pub about: &'static str,
    pub kind: FilterKind,
}

/// What a list can be ordered by.
pub struct Order {
    pub about: &'static str,
    pub on: OrderOn,
}

#[derive(Clone, Copy)]
pub enum OrderOn {
    Column(usize),
    /// Sort keys of the name: in the record's own language, in Vietnamese, in English.
    Name {
        own: usize,
        vi: usize,
        en: usize,
    },
}

/// A key that records can be counted by.
pub struct Group {
    /// Value of the `…GroupBy` enum.
    pub key: &'static str,
    /// Field of the group.
    pub field: &'static str,
    pub about: &'static str,
    pub on: GroupOn,
    /// The record that the key is; `None` for a number.
    pub target: Option<fn() -> &'static Def>,
}

impl Group {
    /// The pairs of a record and a key, where the key is at the other end of links.
    pub fn linked(&self, def: &Def) -> Option<String> {
        let GroupOn::Linked { field } = self.on else { return None };
        match &def.fields.get(field)?.shape {
            Shape::Many(many) => many.source.pairs(),
            _ => None,
        }
    }
}

/// What records are counted by.
#[derive(Clone, Copy)]
pub enum GroupOn {
    Column(usize),
    /// The records at the other end of the links of a list: a record counts in the group of each, once.
    Linked {
        field: &'static str,
    },
}

/// Columns whose values together only one record has; where one of them is missing, any number has.
pub struct Unique {
    /// The field that a mistake is about.
    pub field: &'static str,
    pub columns: Vec<usize>,
    /// One column more, of which a missing value is a value like others.
    pub or_none: Option<usize>,
}

impl Unique {
    /// The fields that are kept in its columns.
    pub fn fields(&self, def: &Def) -> Vec<String> {
        let columns = self.columns.iter().chain(&self.or_none);
        columns.map(|column| def.field_of(*column)).collect()
    }
}

/// Columns of periods of which a record has one at a time.
pub struct Alone {
    /// The record that they are of.
    pub owner: usize,
    /// Last day on which one can have begun.
    pub begins: usize,
    /// First day on which one can have ended.
    pub ends: usize,
}

/// A property in words, in one or more languages.
pub struct Words {
    /// The field that shows it.
    pub field: &'static str,
    pub column: usize,
    /// Whether it is a list of texts.
    pub is_list: bool,
}

/// How the records of a type are found by texts, beside their words. SQL has `{t}` for the alias of the type's table.
#[derive(Clone, Copy, Debug)]
pub struct Searched {
    /// How many look for such a record rather than for another one of the same name, from 0 to 8.
    pub weight: f64,
    /// The country that it is of, whose names find it too.
    pub country: Option<&'static str>,
    /// The field of a network that it is of: a term.
    pub field: Option<&'static str>,
    /// The year that it is of.
    pub year: Option<&'static str>,
    /// A text that is kept elsewhere.
    pub text: Option<&'static str>,
    /// In SQL, the internal ids of those that are of the country of one of `{list}` by what other records say.
    pub of_place: Option<&'static str>,
}

impl Searched {
    /// As records with a name are, if nothing else is said.
    pub const NAMED: Searched = Searched {
        weight: 2.0,
        country: None,
        field: None,
        year: None,
        text: None,
        of_place: None,
    };
}

/// A finished definition. There is one per record type, for ever.
pub struct Def {
    pub name: &'static str,
    pub one: &'static str,
    pub many: &'static str,
    pub about: &'static str,
    pub code: u16,
    /// Seconds that others may keep what was read of it.
    pub max_age: u32,
    pub prefix: &'static str,
    pub table: String,
    pub columns: Vec<Column>,
    /// The columns `id` and `public_id`.
    pub id: usize,
    pub public_id: usize,
    pub fields: IndexMap<&'static str, Field>,
    pub filters: IndexMap<&'static str, Filter>,
    pub orders: IndexMap<String, Order>,
    /// Order of lists that ask for none: columns, and whether descending. The id always follows.
    pub default_order: Vec<(usize, bool)>,
    pub groups: Vec<Group>,
    /// What no two of its records have in common, beside ids, slugs and identifiers.
    pub uniques: Vec<Unique>,
    /// Its records are periods that do not overlap.
    pub alone: Option<Alone>,
    /// Fields that a record is found by, beside those that all records have, with their columns.
    pub keys: IndexMap<&'static str, usize>,
    /// Its texts that can be translated, in the order of the schema.
    pub words: Vec<Words>,
    /// What lists take for granted unless a filter speaks of it: no deprecated rows.
    pub implied: Option<(usize, Test)>,
    /// Fields of which claims are the truth, by the property of the claims.
    pub claimed: IndexMap<&'static str, &'static str>,
    /// A rule of the type's own on what is written, which looks at nothing else.
    pub rule: Option<Rule>,
    /// A rule of the type's own that looks at other records too.
    pub check: Option<Checked>,
    /// Names of the interfaces it implements.
    pub interfaces: Vec<&'static str>,
    /// Whether there are lists of it by its own name; a view can have lists by other names alone.
    pub is_listed: bool,
    /// Fields that not everybody may see, by what a caller must be allowed to.
    pub guarded: HashMap<&'static str, Scope>,
    /// Fields that hold whole texts of third parties, which are shown only where the server is set to serve them.
    pub full_texts: Vec<&'static str>,
    /// How its records are found by texts; `None` where they are not.
    pub searched: Option<Searched>,
    /// Fields with records that are found by what this one says too.
    pub tells_of: Vec<&'static str>,
}

/// Internal ids carry their type, so that a reference to any record needs no lookup of what it refers to.
pub(super) const NUMBER_BITS: u32 = 48;

impl Def {
    /// The internal id of the type's record with this number.
    pub fn internal_id(&self, number: i64) -> i64 {
        (i64::from(self.code) << NUMBER_BITS) | number
    }

    /// Least and greatest internal id that the type can have.
    pub fn id_range(&self) -> (i64, i64) {
        (self.internal_id(0), self.internal_id((1 << NUMBER_BITS) - 1))
    }

    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    pub fn is_described(&self) -> bool {
        self.column("names").is_some()
    }

    pub fn is_citable(&self) -> bool {
        self.column("modality").is_some()
    }
}

impl std::fmt::Debug for Def {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Number of the type that an internal id belongs to.
pub fn type_code(id: i64) -> u16 {
    u16::try_from(id >> NUMBER_BITS).unwrap_or_default()
}

/// The definition of `T`, made on first use and kept for ever.
pub fn def<T: Record>() -> &'static Def {
    static DEFS: OnceLock<RwLock<HashMap<TypeId, &'static Def>>> = OnceLock::new();
    let defs = DEFS.get_or_init(RwLock::default);
    if let Some(def) = defs.read().unwrap_or_else(|e| e.into_inner()).get(&TypeId::of::<T>()) {
        return def;
    }
    let made: &'static Def = Box::leak(Box::new(Define::<T>::made()));
    defs.write().unwrap_or_else(|e| e.into_inner()).entry(TypeId::of::<T>()).or_insert(made)
}

/// `start_date` as GraphQL writes it: `startDate`.
pub fn camel(snake: &str) -> String {
    let mut out = String::with_capacity(snake.len());
    let mut up = false;
    for c in snake.chars() {
        match c {
            '_' => up = true,
            c if up => {
                out.push(c.to_ascii_uppercase());
                up = false;
            }
            c => out.push(c),
        }
    }
    out
}

/// `startDate` as an enum value: `START_DATE`.
pub fn upper(camel: &str) -> String {
    let mut out = String::with_capacity(camel.len() + 4);
    for c in camel.chars() {
        if c.is_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out
}
