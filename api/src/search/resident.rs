//! What is kept of a segment in memory, since each query asks it of the library: its terms and the documents of each, and of
//! each document what decides its place among others and what it is picked and counted by.
use std::{collections::HashMap, hash::BuildHasher as _};

use foldhash::fast::RandomState;
use tantivy::{
    DocId, InvertedIndexReader, SegmentReader, TantivyError, postings::BlockSegmentPostings,
    schema::Field,
};

use super::{
    bits::Bits,
    fields::Fields,
    index::SearchError,
    near::Near,
    terms::{Key, Terms},
    values::{By, Values},
};

/// The place of a document among all of its segment: first those that most look for, of equal ones the oldest. All sets of
/// documents are in this order, so that the best of them come first.
pub(super) type Place = u32;

/// A set of more than one of so many documents is kept as a bit for each. It takes no more memory than a list of them.
const MANY: usize = 32;

/// It belongs to a segment, and is shared by all states of the index that have it.
pub(super) struct Resident {
    terms: Terms,
    /// Of those terms that have several documents.
    lists: Vec<List>,
    near: Vec<(Field, Near)>,
    /// The library's numbers of the documents, by their places as all that follows.
    docs: Vec<DocId>,
    /// The internal id of the record, and how many look for it.
    hits: Vec<(i64, f64)>,
    /// Its type by number, its country and field by internal id, and its year.
    pub(super) values: Values,
    /// Documents of each type.
    pub(super) of_kinds: Vec<(u16, Bits)>,
}

enum List {
    Few(Box<[Place]>),
    Many(Bits),
}

impl List {
    /// Whether these are its documents.
    fn is(&self, places: &[Place]) -> bool {
        match self {
            List::Few(own) => **own == *places,
            List::Many(bits) => bits.len() == places.len() && places.iter().all(|it| bits.has(*it)),
        }
    }
}

/// Documents of a term.
#[derive(Clone, Copy, Debug)]
pub(super) enum Docs<'p> {
    One(Place),
    /// In their order.
    Few(&'p [Place]),
    Many(&'p Bits),
}

impl Docs<'_> {
    /// How many these are, with those that are deleted.
    pub(super) fn len(&self) -> usize {
        match self {
            Docs::One(_) => 1,
            Docs::Few(places) => places.len(),
            Docs::Many(bits) => bits.len(),
        }
    }
}

impl Resident {
    pub(super) fn of(segment: &SegmentReader, fields: &Fields) -> Result<Resident, SearchError> {
        let fast = segment.fast_fields();
        let (ids, weights, kinds) = (fast.i64("id")?, fast.f64("weight")?, fast.u64("kind")?);
        let weight = |doc| exact(weights.first(doc).unwrap_or_default());
        let hit = |doc| (ids.first(doc).unwrap_or_default(), weight(doc));
        let mut docs: Vec<(DocId, (i64, f64))> =
            (0..segment.max_doc()).map(|doc| (doc, hit(doc))).collect();
        docs.sort_unstable_by(|(_, a), (_, b)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let (docs, hits): (Vec<_>, Vec<_>) = docs.into_iter().unzip();
        let Read { terms, lists, near, .. } = Read::of(segment, fields, &docs)?;
        let [countries, of_fields, years] =
            [fast.i64("country")?, fast.i64("field")?, fast.i64("year")?];
        let values = Values::of(&docs, |by, doc| match by {
            By::Kind => kinds.first(doc).and_then(|it| i64::try_from(it).ok()),
            By::Country => countries.first(doc),
            By::Field => of_fields.first(doc),
            By::Year => years.first(doc),
        });
        let of_kinds = values.bits(By::Kind);
        let of_kinds = of_kinds.filter_map(|(kind, of)| Some((u16::try_from(kind).ok()?, of)));
        let of_kinds = of_kinds.collect();
        Ok(Resident { terms, lists, near, docs, hits, values, of_kinds })
    }

    /// All documents, with those that are deleted.
    pub(super) fn all(&self) -> impl Iterator<Item = Place> + use<> {
        let end = Place::try_from(self.places()).unwrap_or(Place::MAX);
        0..end
    }

    /// How many documents there are, with those that are deleted.
    pub(super) fn places(&self) -> usize {
        self.docs.len()
    }

    /// So many documents of them are rather bits than a list.
    pub(super) fn many(&self) -> usize {
        many(self.places())
    }

    pub(super) fn term(&self, field: Field, key: Key) -> Option<Docs<'_>> {
        self.terms.get(field, key).and_then(|number| self.docs(number))
    }

    /// Of terms of a field with at most one letter more, less, other or swapped, in the order of the terms.
    pub(super) fn near(&self, field: Field, word: &str) -> impl Iterator<Item = Docs<'_>> {
        let near = self.near.iter().find(|it| it.0 == field);
        near.into_iter().flat_map(|(_, near)| near.to(word)).filter_map(|it| self.docs(it))
    }

    /// Terms have numbers: the place of the one document, or from there on that of the list.
    fn docs(&self, number: u32) -> Option<Docs<'_>> {
        match (number as usize).checked_sub(self.places()) {
            None => Some(Docs::One(number)),
            Some(list) => self.lists.get(list).map(|list| match list {
                List::Few(places) => Docs::Few(places),
                List::Many(bits) => Docs::Many(bits),
            }),
        }
    }

    /// The internal id of a document's record, and how many look for it.
    pub(super) fn hit(&self, place: Place) -> (i64, f64) {
        self.hits.get(place as usize).copied().unwrap_or_default()
    }

    /// The number of its type.
    pub(super) fn kind(&self, place: Place) -> Option<u16> {
        u16::try_from(self.values.get(By::Kind, place)?).ok()
    }

    /// Documents by what the library says of them.
    pub(super) fn with(&self, is_with: impl Fn(DocId) -> bool) -> Bits {
        let with = (0..).zip(&self.docs).filter(|(_, doc)| is_with(**doc));
        Bits::of(self.places(), with.map(|(place, _)| place))
    }
}

#[cfg(test)]
impl Resident {
    /// One without terms.
    pub(super) fn of_places(places: u32) -> Resident {
        Resident {
            terms: Terms::with_room(0, 0),
            lists: Vec::new(),
            near: Vec::new(),
            docs: (0..places).collect(),
            hits: Vec::new(),
            values: Values::of(&[], |_, _| None),
            of_kinds: Vec::new(),
        }
    }
}

/// A weight that can be added to any score without a loss, so that sums are in the order of weights.
fn exact(weight: f64) -> f64 {
    const STEPS: f64 = 1_048_576.0;
    // And no zero is a negative one.
    (weight * STEPS).round() / STEPS + 0.0
}

fn many(places: usize) -> usize {
    places / MANY + 1
}

/// Terms as they are read, field after field.
struct Read {
    /// By the library's number.
    places: Vec<Place>,
    terms: Terms,
    lists: Vec<List>,
    /// Which of the lists, by hashes of what is in them: many terms stand in the same documents, such as those that begin a name.
    same: HashMap<u64, usize, RandomState>,
    near: Vec<(Field, Near)>,
    postings: BlockSegmentPostings,
}

impl Read {
    fn of(segment: &SegmentReader, fields: &Fields, docs: &[DocId]) -> Result<Read, SearchError> {
        let mut places = vec![0; docs.len()];
        for (place, doc) in (0..).zip(docs) {
            if let Some(of) = places.get_mut(*doc as usize) {
                *of = place;
            }
        }
        let mut of_words = Vec::new();
        for (field, entry) in segment.schema().fields() {
            if entry.field_type().is_str() && entry.is_indexed() {
                of_words.push((field, segment.inverted_index(field)?));
            }
        }
        let terms = of_words.iter().map(|(_, inverted)| inverted.terms().num_terms()).sum();
        let mut read = Read {
            terms: Terms::with_room(terms, docs.len() + terms),
            places,
            lists: Vec::new(),
            same: HashMap::default(),
            near: Vec::new(),
            postings: BlockSegmentPostings::empty(),
        };
        for (field, inverted) in of_words {
            read.field(field, &inverted, fields.with_typos().contains(&field))?;
        }
        read.lists.shrink_to_fit();
        Ok(read)
    }

    fn field(
        &mut self,
        field: Field,
        inverted: &InvertedIndexReader,
        with_typos: bool,
    ) -> Result<(), SearchError> {
        let mut near = Near::default();
        let mut terms = inverted.terms().stream()?;
        while terms.advance() {
            inverted.reset_block_postings_from_terminfo(terms.value(), &mut self.postings)?;
            let Some(number) = self.number()? else { continue };
            self.terms.add(field, Key::of(terms.key()), number);
            if with_typos {
                near.add(terms.key(), number);
            }
        }
        if with_typos {
            self.near.push((field, near.sorted()));
        }
        Ok(())
    }

    /// The number of the term whose documents are opened.
    fn number(&mut self) -> Result<Option<u32>, SearchError> {
        let mut places = Vec::with_capacity(self.postings.doc_freq() as usize);
        while !self.postings.docs().is_empty() {
            let docs = self.postings.docs().iter();
            places.extend(docs.filter_map(|doc| self.places.get(*doc as usize)));
            self.postings.advance();
        }
        if let [] | [_] = places.as_slice() {
            return Ok(places.first().copied());
        }
        places.sort_unstable();
        let hash = self.same.hasher().hash_one(&places);
        let same = self.same.get(&hash).copied();
        let same = same.filter(|at| self.lists.get(*at).is_some_and(|it| it.is(&places)));
        let at = same.unwrap_or(self.lists.len());
        if same.is_none() {
            self.same.insert(hash, at);
            self.lists.push(match places.len() >= many(self.places.len()) {
                true => List::Many(Bits::of(self.places.len(), places)),
                false => List::Few(places.into()),
            });
        }
        let number = u32::try_from(self.places.len() + at);
        let too_many = |_| TantivyError::SystemError("a segment has too many terms".to_owned());
        let number = number.map_err(too_many)?;
        Ok(Some(number))
    }
}
