//! The data that the product ships, as records: what the first start puts into an empty base.
//!
//! Pure: texts in, records in their write form out, each with a key that never changes, because public ids are
//! derived from it. All that can be wrong with the files is found here. Writing the records is left to `changes`.

mod check;
mod cities;
mod countries;
mod datasets;
mod documents;
mod entities;
mod error;
mod facts;
mod form;
mod heritage;
mod members;
mod network;
mod origins;
mod read;
mod regions;
mod represented;
mod seed;
mod slug;
#[cfg(test)]
mod tests;
mod text;
mod vocabularies;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use self::error::{LoadError, Place};

/// One record as the shipped data have it.
#[derive(Clone, Debug, PartialEq)]
pub struct Put {
    /// `City`.
    pub record_type: &'static str,
    /// Stable for ever: `GEONAMES:1581130`, or a path where the record has no identifier.
    pub key: String,
    /// In the write form; a field that is absent is null, or an empty list.
    pub fields: Map<String, Value>,
}

/// The records of one file, or of one group that belongs to no single file.
#[derive(Clone, Debug)]
pub struct Source {
    /// For messages and progress.
    pub name: &'static str,
    pub puts: Vec<Put>,
}

/// The texts of the files in `data/`.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    pub article: &'a str,
    pub facts: &'a str,
    pub countries: &'a str,
    pub regions: &'a str,
    pub cities: &'a str,
    pub city_names: &'a str,
    pub uccn_members: &'a str,
    pub uccn_conflicts: &'a str,
    pub uccn_field_history: &'a str,
    pub uccn_sources: &'a str,
    pub uccn_totals: &'a str,
    pub vocabularies: &'a str,
    pub world_heritage: &'a str,
}

/// The files as they were when this binary was built.
pub const SHIPPED: Files<'static> = Files {
    article: include_str!("../../../data/article.vi.txt"),
    facts: include_str!("../../../data/facts.json"),
    countries: include_str!("../../../data/countries.csv"),
    regions: include_str!("../../../data/regions.csv"),
    cities: include_str!("../../../data/cities.csv"),
    city_names: include_str!("../../../data/city_names.csv"),
    uccn_members: include_str!("../../../data/uccn_members.csv"),
    uccn_conflicts: include_str!("../../../data/uccn_conflicts.csv"),
    uccn_field_history: include_str!("../../../data/uccn_field_history.csv"),
    uccn_sources: include_str!("../../../data/uccn_sources.csv"),
    uccn_totals: include_str!("../../../data/uccn_totals.csv"),
    vocabularies: include_str!("../../../data/vocabularies.json"),
    world_heritage: include_str!("../../../data/world_heritage_vn.csv"),
};

/// Records, and what they say.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// A record comes after all that it refers to, but for countries: their capitals come later.
    pub sources: Vec<Source>,
    /// By statement of `facts.json`, the keys of the records that say it.
    pub represented: BTreeMap<String, Vec<String>>,
}

/// The records of the shipped files.
///
/// # Errors
/// What is wrong in the files, the first thing found.
pub fn shipped() -> Result<Vec<Source>, LoadError> {
    load(&SHIPPED).map(|loaded| loaded.sources)
}

/// The records of any files of this shape.
///
/// # Errors
/// What is wrong in the files, the first thing found.
pub fn load(files: &Files<'_>) -> Result<Loaded, LoadError> {
    let facts = facts::Facts::read(files.facts, files.article)?;
    let lists = vocabularies::Lists::read(files.vocabularies)?;
    let terms = vocabularies::Terms::new(&lists, &facts);
    let properties = heritage::read(files.world_heritage)?;
    let documents =
        documents::Documents::read(files.uccn_sources, &properties, &lists, &facts, &terms)?;
    let mut countries = countries::Countries::read(files.countries)?;
    let members = members::read(files.uccn_members)?;
    let cities = cities::Cities::read(files, &members, &countries, &facts)?;
    countries.set_capitals(&cities.puts);
    let seed = seed::Context { facts: &facts, terms: &terms, documents: &documents };
    let mut represented = represented::Represented::default();
    let mut in_network = network::puts(&facts, &documents, files.uccn_totals, &mut represented)?;
    let context = members::Context {
        facts: &facts,
        terms: &terms,
        documents: &documents,
        countries: &countries,
        cities: &cities,
    };
    in_network.append(&mut members::puts(&context, files, &members, &mut represented)?);
    let lists = lists.puts(&terms, &documents)?;
    let regions = regions::puts(files.regions, &countries, &terms, &facts)?;
    let heritage = heritage::puts(&properties, &countries, &documents, &terms)?;
    let of_article = seed.puts(files.article, &mut represented)?;
    let mut documents_of_article = seed.first_puts()?;
    documents_of_article.extend(documents.puts);
    let sources = vec![
        Source { name: "kinds and roles", puts: vocabularies::own(&facts) },
        Source { name: "documents", puts: documents_of_article },
        Source { name: vocabularies::FILE, puts: lists },
        Source { name: countries::FILE, puts: countries.puts },
        Source { name: regions::FILE, puts: regions },
        Source { name: cities::FILE, puts: cities.puts },
        Source { name: members::FILE, puts: in_network },
        Source { name: facts::FILE, puts: of_article },
        Source { name: heritage::FILE, puts: heritage },
        Source { name: "data sets", puts: datasets::puts(&facts, files.uccn_totals)? },
    ];
    check::records(&sources)?;
    Ok(Loaded { sources, represented: represented.finish(&facts)? })
}
