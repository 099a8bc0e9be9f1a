//! The core: what every record type gets from its definition.
//!
//! A record type says once what it is ([`define`]); from that come its GraphQL types ([`schema`]), filters ([`filter`]),
//! orders and pages ([`page`]), groups ([`group`]), statements for both databases ([`sql`]), batches ([`batch`]) and answers
//! ([`plan`], [`render`]), and the way from written values to rows ([`mod@write`]). This module names no subject: the types
//! themselves are in [`crate::content`].
use std::{
    collections::{HashMap, HashSet},
    sync::OnceLock,
};

pub mod ask;
pub mod batch;
pub mod cell;
pub mod condition;
pub mod def;
pub mod define;
pub mod entry;
pub mod federation;
pub mod filter;
pub mod found;
pub mod gap;
pub mod group;
pub mod json;
mod meta;
pub mod object;
mod operand;
pub mod page;
pub mod plan;
pub mod pred;
pub mod price;
pub mod relation;
pub mod render;
pub mod root;
mod root_schema;
pub mod rule;
pub mod scalar;
pub mod schema;
pub mod shape;
pub mod source;
pub mod sql;
pub mod statement;
pub mod streamed;
pub mod tally;
pub mod write;
pub mod written;

use self::{
    def::{Def, Shape, upper},
    object::ObjectShape,
    relation::{Abstract, Members},
    root::RootQuery,
    shape::{EnumType, InputShape, ScalarType},
    streamed::RootStream,
    written::RootMutation,
};

/// All that the schema is made of. There is one catalog in a process, since definitions are for ever.
pub struct Catalog {
    defs: Vec<&'static Def>,
    views: Vec<&'static Def>,
    by_enum: HashMap<String, &'static Def>,
    by_code: HashMap<u16, &'static Def>,
    /// Concrete and abstract type, for all that go together.
    kinds: HashSet<(&'static str, &'static str)>,
    pub parts: Parts,
}

/// What a catalog is made from.
pub struct Catalogued {
    pub records: Vec<&'static Def>,
    /// Types that are read as records are, but are none: they have no root fields, no log and no place in `node`.
    pub views: Vec<&'static Def>,
    pub parts: Parts,
}

/// What a catalog is made from, beside the record types.
pub struct Parts {
    /// Interfaces before those that extend them, then unions.
    pub abstracts: Vec<&'static Abstract>,
    pub objects: Vec<ObjectShape>,
    pub enums: Vec<&'static EnumType>,
    pub inputs: Vec<InputShape>,
    pub scalars: Vec<ScalarType>,
    /// Root fields that are not of one record type.
    pub queries: Vec<RootQuery>,
    /// Objects that tell of who asks, so that nobody keeps an answer with one.
    pub personal: Vec<&'static str>,
    /// Objects that any write can make other ones, so that no answer with one is kept.
    pub momentary: Vec<&'static str>,
    /// Fields of the root of subscriptions.
    pub streams: Vec<RootStream>,
    /// Fields of the root of mutations.
    pub mutations: Vec<RootMutation>,
}

static CATALOG: OnceLock<Catalog> = OnceLock::new();

/// Makes the catalog known; the first call counts.
pub fn install(make: impl FnOnce() -> Catalogued) {
    CATALOG.get_or_init(|| {
        let Catalogued { records: defs, views, parts } = make();
        let mut kinds = HashSet::new();
        for def in &defs {
            kinds.extend(def.interfaces.iter().map(|interface| (def.name, *interface)));
            for field in def.fields.values() {
                if let Shape::Variants { variants, .. } = &field.shape {
                    let union = &*field.ty.trim_end_matches('!').to_owned().leak();
                    kinds.extend(variants.iter().map(|variant| (variant.name, union)));
                }
            }
        }
        for of in &parts.abstracts {
            match of.members {
                Members::All => kinds.extend(defs.iter().map(|def| (def.name, of.name))),
                Members::Listed(members) => {
                    kinds.extend(members.iter().map(|def| (def().name, of.name)));
                }
                Members::Implementing { .. } => {}
            }
        }
        let by_enum = defs.iter().map(|def| (enum_value(def), *def)).collect();
        let by_code = defs.iter().map(|def| (def.code, *def)).collect();
        Catalog { defs, views, by_enum, by_code, kinds, parts }
    });
}

/// The catalog of the process.
pub fn catalog() -> &'static Catalog {
    CATALOG.get().expect("the schema is built before anything is asked of it")
}

impl Catalog {
    /// All record types, in the order of their list.
    pub fn defs(&self) -> &[&'static Def] {
        &self.defs
    }

    /// Types that are read as records are, but are none.
    pub fn views(&self) -> &[&'static Def] {
        &self.views
    }

    /// The type by its value of `RecordType`.
    pub fn by_enum(&self, value: &str) -> Option<&'static Def> {
        self.by_enum.get(value).copied()
    }

    /// The type that an internal id is of.
    pub fn of_id(&self, id: i64) -> Option<&'static Def> {
        self.by_code.get(&def::type_code(id)).copied()
    }

    /// The type that a public id is of.
    pub fn of_public_id(&self, id: &str) -> Option<&'static Def> {
        let (prefix, _) = id.split_once('_')?;
        self.defs.iter().copied().find(|def| def.prefix == prefix)
    }

    /// The type by its name.
    pub fn named(&self, name: &str) -> Option<&'static Def> {
        self.defs.iter().copied().find(|def| def.name == name)
    }

    /// Whether an object of type `concrete` matches a fragment on `condition`.
    pub fn is_a(&self, concrete: &str, condition: &str) -> bool {
        concrete == condition || self.kinds.contains(&(concrete, condition))
    }
}

/// The value of `RecordType` for a type: `OFFICE_HOLDING`.
pub fn enum_value(def: &Def) -> String {
    upper(def.name).trim_start_matches('_').to_owned()
}
