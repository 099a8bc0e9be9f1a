//! How records lead to others: to one, to many, by links, along a path; and the abstract types that mix them.
use std::fmt;

use async_graphql::{Positioned, parser::types::Field as GqlField};
use futures_util::future::BoxFuture;

use super::{
    ask::{Ask, Selected},
    batch::Reader,
    catalog,
    def::{Argument, Def, type_code},
    pred::Pred,
    render::Chunks,
    source::Source,
};
use crate::error::ApiError;

/// An interface or union of record types.
#[derive(Debug)]
pub struct Abstract {
    pub name: &'static str,
    pub about: &'static str,
    pub members: Members,
}

#[derive(Debug)]
pub enum Members {
    /// A union of all record types.
    All,
    /// A union of these.
    Listed(&'static [fn() -> &'static Def]),
    /// An interface with these fields and arguments, of all types that say they implement it.
    Implementing { extends: &'static [&'static str], fields: fn() -> Vec<&'static str> },
}

impl Abstract {
    /// The record types of it, in the order of the catalog for interfaces.
    pub fn types(&self) -> Vec<&'static Def> {
        match self.members {
            Members::All => catalog().defs().to_vec(),
            Members::Listed(defs) => defs.iter().map(|def| def()).collect(),
            Members::Implementing { .. } => catalog()
                .defs()
                .iter()
                .copied()
                .filter(|def| def.interfaces.contains(&self.name))
                .collect(),
        }
    }
}

/// What a reference can point to.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    Record(fn() -> &'static Def),
    Any(&'static Abstract),
}

impl Target {
    pub fn types(self) -> Vec<&'static Def> {
        match self {
            Target::Record(def) => vec![def()],
            Target::Any(of) => of.types(),
        }
    }
}

impl Target {
    /// The type of an internal id among those that the target allows.
    pub fn of(self, id: i64) -> Option<&'static Def> {
        let code = type_code(id);
        self.types().into_iter().find(|def| def.code == code)
    }
}

/// One record, or none: the row whose id the column holds.
#[derive(Debug)]
pub struct One {
    pub column: usize,
    pub target: Target,
}

/// What the arguments of a list's own mean.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Put into the source's SQL; made of checked values only.
    pub sql: Option<String>,
    /// A further condition on the list's rows.
    pub condition: Option<Pred>,
    /// Whether the condition says which ranks to show, in place of what lists take for granted.
    pub ranks: bool,
}

pub type PlanScope = fn(&Ask<'_>, &Positioned<GqlField>) -> Result<Scope, ApiError>;

/// A list of other records.
pub struct Many {
    pub target: fn() -> &'static Def,
    /// Column that holds the parent's side: its id.
    pub from: usize,
    pub source: Source,
    /// What the names of the connection and edge types begin with.
    pub connection: &'static str,
    pub edge: Option<EdgeField>,
    pub scope: Option<PlanScope>,
    /// Default order, where it is not the target's: columns of the target, and whether descending.
    pub order: Vec<(usize, bool)>,
    /// The nodes are the records that this column of the rows points to, not the rows themselves.
    pub nodes: Option<One>,
    /// Shown whole, as an array, up to the longest one.
    pub plain: bool,
    /// With `plain`: shown as its first record, or null.
    pub single: bool,
    /// Deprecated rows show too.
    pub all_ranks: bool,
}

/// Cursors are bound to conditions by how these are shown. A list is shown by what it is and not by where its functions
/// are in memory: cursors outlive the process, and other instances take them.
impl fmt::Debug for Many {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Many").field(&self.source).field(&self.connection).finish()
    }
}

impl Many {
    /// SQL of the edges' field, with `{t}`, `{k}` and `{s}`.
    pub fn edge_sql(&self) -> Option<String> {
        match &self.edge.as_ref()?.value {
            EdgeValue::Sql(sql) => Some(sql.clone()),
            EdgeValue::Through => Some(self.source.through()?.row_of()),
        }
    }

    /// The type of the nodes.
    pub fn node_type(&self) -> &'static str {
        match self.nodes.as_ref().map(|one| one.target) {
            Some(Target::Any(of)) => of.name,
            Some(Target::Record(def)) => def().name,
            None => (self.target)().name,
        }
    }
}

/// Links that count where nothing else is said: an editor's own are shown only to those who ask.
pub const KNOWN_LINKS: &str = "'STATED', 'INFERRED'";

/// The argument with which a list of linked records is widened to editorial links.
pub const LINK_MODALITY: Argument = Argument::new("modality", "[Modality!]!", "Links that count.")
    .with_default("[STATED, INFERRED]");

/// A field of a list's edges: what belongs to the pair of parent and record.
#[derive(Debug)]
pub struct EdgeField {
    pub name: &'static str,
    pub about: &'static str,
    pub ty: EdgeType,
    pub value: EdgeValue,
    /// Whether the list is ordered by it, descending, before anything else.
    pub leads: bool,
}

/// Where the field of an edge comes from.
#[derive(Debug)]
pub enum EdgeValue {
    /// The row through which the list leads to its record.
    Through,
    /// SQL, with `{t}`, `{k}` and `{s}`.
    Sql(String),
}

#[derive(Debug)]
pub enum EdgeType {
    One(fn() -> &'static Def),
    /// The text of the value, of this GraphQL type.
    Text(&'static str),
}

/// What an ordinary function is asked: a value for each of these records, in their order.
pub struct Call<'a> {
    pub reader: &'a Reader,
    pub ask: &'a Ask<'a>,
    pub selected: &'a Selected<'a>,
    pub ids: Vec<i64>,
    /// Level of what it reads.
    pub level: usize,
}

pub type Resolver = for<'a> fn(Call<'a>) -> BoxFuture<'a, Result<Chunks, ApiError>>;
