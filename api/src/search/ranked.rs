//! What was found, picked by filters, best first, and counted.
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

use tantivy::DocId;

use super::{
    index::SearchError,
    query::{Asked, Parts, Search, read},
    snapshot::{Part, Snapshot},
    telex,
};
use crate::record::filter::NumberTest;

/// Groups of each count.
const MOST_COUNTED: usize = 50;

/// What is taken of what is found.
#[derive(Default)]
pub struct Filter {
    /// Of these types, by number; all when absent.
    pub kinds: Option<Vec<u16>>,
    /// Of these countries and fields, by internal id; all when absent.
    pub countries: Option<Vec<i64>>,
    pub fields: Option<Vec<i64>>,
    pub years: Option<NumberTest>,
}

impl Filter {
    fn takes_all(&self) -> bool {
        let Filter { kinds, countries, fields, years } = self;
        kinds.is_none() && countries.is_none() && fields.is_none() && years.is_none()
    }

    fn takes(&self, part: &Part, doc: DocId) -> bool {
        let is_one_of = |picked: &Option<Vec<i64>>, value: &dyn Fn() -> Option<i64>| {
            picked.as_ref().is_none_or(|picked| value().is_some_and(|it| picked.contains(&it)))
        };
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&part.resident.kind(doc)))
            && is_one_of(&self.countries, &|| part.country.first(doc))
            && is_one_of(&self.fields, &|| part.field.first(doc))
            && self.years.as_ref().is_none_or(|test| test(part.year.first(doc)))
    }
}

/// A record that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Internal id.
    pub id: i64,
    pub score: f64,
}

/// Better hits are greater; of equal ones that of the older record.
impl Eq for Hit {}

impl Ord for Hit {
    fn cmp(&self, other: &Hit) -> std::cmp::Ordering {
        self.score.total_cmp(&other.score).then(other.id.cmp(&self.id))
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Hit) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The best of many hits.
struct Best {
    most: usize,
    heap: BinaryHeap<Reverse<Hit>>,
}

impl Best {
    fn new(most: usize) -> Best {
        Best { most, heap: BinaryHeap::new() }
    }

    fn add(&mut self, hit: Hit) {
        if self.heap.len() < self.most {
            self.heap.push(Reverse(hit));
        } else if let Some(mut least) = self.heap.peek_mut()
            && hit > least.0
        {
            *least = Reverse(hit);
        }
    }

    /// Best first.
    fn hits(self) -> Vec<Hit> {
        self.heap.into_sorted_vec().into_iter().map(|hit| hit.0).collect()
    }
}

/// What a query has come to.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub hits: Vec<Hit>,
    pub total: usize,
    /// The query that was answered in place of the one that was asked.
    pub instead: Option<String>,
    pub facets: Facets,
}

/// How many of what was found are of a type, a country, a field and a year: most first, 50 of each at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    pub kinds: Vec<(i64, usize)>,
    pub countries: Vec<(i64, usize)>,
    pub fields: Vec<(i64, usize)>,
    pub years: Vec<(i64, usize)>,
}

/// What a search is asked.
#[derive(Default)]
pub struct Question {
    pub text: String,
    /// Languages whose names are preferred, best first.
    pub langs: Vec<String>,
    pub filter: Filter,
    /// The most hits that are wanted; in suggestions of each type.
    pub limit: usize,
    /// Whether counts are wanted.
    pub counts: bool,
}

impl Question {
    pub fn of(text: &str, limit: usize) -> Question {
        Question { text: text.to_owned(), limit, ..Question::default() }
    }
}

/// Counts in the making: of types, countries, fields and years.
#[derive(Default)]
struct Counts([HashMap<i64, usize>; 4]);

impl Counts {
    fn add(&mut self, part: &Part, doc: DocId) {
        let kind = Some(i64::from(part.resident.kind(doc)));
        let [country, field, year] =
            [&part.country, &part.field, &part.year].map(|column| column.first(doc));
        for (count, key) in self.0.iter_mut().zip([kind, country, field, year]) {
            if let Some(key) = key {
                *count.entry(key).or_default() += 1;
            }
        }
    }

    fn facets(self) -> Facets {
        let [kinds, countries, fields, years] = self.0.map(|count| {
            let mut all: Vec<(i64, usize)> = count.into_iter().collect();
            all.sort_unstable_by_key(|(key, count)| (Reverse(*count), *key));
            all.truncate(MOST_COUNTED);
            all
        });
        Facets { kinds, countries, fields, years }
    }
}

impl Snapshot {
    /// Best first. What finds nothing is asked once more with the keys of Telex as letters.
    pub fn search(&self, asked: &Question) -> Result<Found, SearchError> {
        let (instead, found) = self.find(asked)?;
        let mut best = Best::new(asked.limit);
        let mut counts = asked.counts.then(Counts::default);
        let mut total = 0;
        self.each(&found, &asked.filter, |part, doc, hit| {
            total += 1;
            best.add(hit);
            if let Some(counts) = &mut counts {
                counts.add(part, doc);
            }
        });
        let facets = counts.map(Counts::facets).unwrap_or_default();
        Ok(Found { hits: best.hits(), total, instead, facets })
    }

    /// The best of each type of what begins so; the type of the best one first.
    pub fn suggest(&self, asked: &Question) -> Result<Vec<(u16, Vec<Hit>)>, SearchError> {
        let found = self.begun(asked)?;
        let mut best: HashMap<u16, Best> = HashMap::new();
        self.each(&found, &asked.filter, |part, doc, hit| {
            let kind = part.resident.kind(doc);
            let best = best.entry(kind).or_insert_with(|| Best::new(asked.limit));
            best.add(hit);
        });
        let mut groups: Vec<(u16, Vec<Hit>)> =
            best.into_iter().map(|(kind, best)| (kind, best.hits())).collect();
        groups.sort_by(|(_, a), (_, b)| b.first().cmp(&a.first()));
        Ok(groups)
    }

    /// What a text finds as it is typed, by names, or else by texts. Where that is nothing, what it finds with the keys of
    /// Telex as letters, and this text. Names that it would have with typos are looked for where it is none as it is typed.
    fn find(&self, asked: &Question) -> Result<(Option<String>, Parts), SearchError> {
        let takes = |part: &Part, doc| asked.filter.takes(part, doc);
        let typed = Asked::of(&asked.text, &asked.langs);
        let mut search = Search::of(&typed, self);
        search.names()?;
        if search.has(takes) {
            search.texts()?;
            return Ok((None, search.finish()?));
        }
        let Some(instead) = telex::decoded(read(&asked.text)) else {
            search.typos()?;
            search.texts()?;
            return Ok((None, search.finish()?));
        };
        // What might be keys is more likely a typo only where they mean nothing.
        search.texts()?;
        if !search.has(takes) {
            let decoded = Asked::of(&instead, &asked.langs);
            let mut other = Search::of(&decoded, self);
            other.names()?;
            other.texts()?;
            if other.has(takes) {
                return Ok((Some(instead), other.finish()?));
            }
        }
        search.typos()?;
        Ok((None, search.finish()?))
    }

    /// As [`Self::find`], of names that begin so.
    fn begun(&self, asked: &Question) -> Result<Parts, SearchError> {
        let takes = |part: &Part, doc| asked.filter.takes(part, doc);
        let typed = Asked::of(&asked.text, &asked.langs);
        let mut search = Search::of(&typed, self);
        search.begun()?;
        if search.has(takes) {
            return search.finish();
        }
        if let Some(instead) = telex::decoded(read(&asked.text)) {
            let decoded = Asked::of(&instead, &asked.langs);
            let mut other = Search::of(&decoded, self);
            other.begun()?;
            if other.has(takes) {
                return other.finish();
            }
        }
        search.typos()?;
        search.finish()
    }

    /// All that was found and is taken, with its score: how it fits, and how many look for it.
    fn each(&self, found: &Parts, filter: &Filter, mut add: impl FnMut(&Part, DocId, Hit)) {
        let takes_all = filter.takes_all();
        for (part, found) in self.parts.iter().zip(found) {
            for (doc, score) in found {
                if takes_all || filter.takes(part, *doc) {
                    let (id, weight) = part.resident.hit(*doc);
                    add(part, *doc, Hit { id, score: f64::from(*score) + weight });
                }
            }
        }
    }
}
