//! What is kept of a segment in memory, since each query asks it of the library: whether a term is in a dictionary at all, which
//! terms are a letter away from a word, and of each document what decides its place among others.
use std::{
    collections::HashMap,
    hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState},
    ops::Range,
    sync::{Mutex, PoisonError},
};

use tantivy::{
    DocId, SegmentReader,
    postings::{BlockSegmentPostings, TermInfo},
    schema::Field,
};

use super::{
    fields::Fields,
    index::SearchError,
    typo::{self, LETTERS, can_be_meant, is_near},
};

/// Terms that are looked at for one word. Those beyond are of words that differ in a letter from very many others.
const MOST_LOOKED_AT: usize = 256;

/// So many searches that run at once find memory for so many lists each; with more, they have to make it.
const MOST_SEARCHES: usize = 16;
const MOST_LISTS: usize = 64;

/// A list of documents. Its buffers are large: in a box they stay where they are.
pub(super) struct List(pub(super) Box<BlockSegmentPostings>);

/// Memory for lists, as a search has needed it.
pub(super) type Lists = Vec<List>;

/// It belongs to a segment, and is shared by all states of the index that have it.
pub(super) struct Resident {
    /// So that nobody knows which terms have the same hash.
    seed: u64,
    known: Known,
    /// Terms of several documents, by their hash. Few are, and they are what most queries are made of.
    common: HashMap<u64, Listed, BuildHasherDefault<Same>>,
    /// Whole names that one document has, and which.
    alone: HashMap<u64, DocId, BuildHasherDefault<Same>>,
    near: Vec<(Field, Near)>,
    /// Of each document the internal id of its record, and how many look for it.
    hits: Vec<(i64, f64)>,
    /// The type of each.
    kinds: Vec<u16>,
    /// Memory in which lists of this segment were read.
    lists: Mutex<Vec<Lists>>,
}

impl Resident {
    pub(super) fn of(segment: &SegmentReader, fields: &Fields) -> Result<Resident, SearchError> {
        let mut dictionaries = Vec::new();
        for (field, entry) in segment.schema().fields() {
            if entry.field_type().is_str() && entry.is_indexed() {
                dictionaries.push((field, segment.inverted_index(field)?));
            }
        }
        let mut known = Known::of(dictionaries.iter().map(|(_, it)| it.terms().num_terms()).sum());
        let seed = RandomState::new().hash_one(0);
        let (mut common, mut alone) = (HashMap::default(), HashMap::default());
        let whole = fields.of_whole_names();
        let mut list = BlockSegmentPostings::empty();
        let mut near = Vec::new();
        let with_typos = fields.with_typos();
        for (field, dictionary) in &dictionaries {
            let mut of_field = with_typos.contains(field).then(Near::default);
            let mut terms = dictionary.terms().stream()?;
            while terms.advance() {
                let (key, term) = (terms.key(), Listed::of(*field, terms.value()));
                let hash = hash(seed, *field, key);
                known.add(hash);
                if term.docs > 1 {
                    common.insert(hash, term);
                } else if whole.contains(field) {
                    dictionary.reset_block_postings_from_terminfo(terms.value(), &mut list)?;
                    alone.extend(list.docs().first().map(|doc| (hash, *doc)));
                }
                if let Some(near) = &mut of_field {
                    near.add(key, term);
                }
            }
            near.extend(of_field.map(|near| (*field, near.sorted())));
        }
        let fast = segment.fast_fields();
        let (id, weight, kind) = (fast.i64("id")?, fast.f64("weight")?, fast.u64("kind")?);
        let docs = 0..segment.max_doc();
        let hit = |doc| (id.first(doc).unwrap_or_default(), weight.first(doc).unwrap_or_default());
        let hits = docs.clone().map(hit).collect();
        let kind = |doc| kind.first(doc).and_then(|it| u16::try_from(it).ok()).unwrap_or_default();
        let kinds = docs.map(kind).collect();
        Ok(Resident { seed, known, common, alone, near, hits, kinds, lists: Mutex::default() })
    }

    /// What is known of a term without its dictionary.
    pub(super) fn term(&self, field: Field, term: &str) -> Kept {
        let hash = hash(self.seed, field, term.as_bytes());
        if !self.known.may_have(hash) {
            return Kept::Nowhere;
        }
        let many = || self.common.get(&hash).map(|term| Term::Many(*term));
        let one = || self.alone.get(&hash).map(|doc| Term::One(*doc));
        many().or_else(one).map_or(Kept::InDictionary, Kept::Here)
    }

    /// Terms of a field with at most one letter more, less, other or swapped, in their order.
    pub(super) fn near(&self, field: Field, word: &str) -> impl Iterator<Item = Term> {
        let near = self.near.iter().find(|it| it.0 == field);
        near.into_iter().flat_map(move |(_, near)| near.to(word))
    }

    /// Memory for lists of this segment. It goes with the segment, since lists hold on to its files.
    pub(super) fn lists(&self) -> Lists {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    pub(super) fn keep(&self, mut lists: Lists) {
        lists.truncate(MOST_LISTS);
        let mut kept = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < MOST_SEARCHES {
            kept.push(lists);
        }
    }

    /// The internal id of a document's record, and how many look for it.
    pub(super) fn hit(&self, doc: DocId) -> (i64, f64) {
        self.hits.get(doc as usize).copied().unwrap_or_default()
    }

    pub(super) fn kind(&self, doc: DocId) -> u16 {
        self.kinds.get(doc as usize).copied().unwrap_or_default()
    }
}

/// The documents of a term.
#[derive(Clone, Copy, Debug)]
pub(super) enum Term {
    One(DocId),
    Many(Listed),
}

impl Term {
    pub(super) fn of(field: Field, info: &TermInfo) -> Term {
        Term::Many(Listed::of(field, info))
    }

    /// How many these are, with those that are deleted.
    pub(super) fn docs(&self) -> usize {
        match self {
            Term::One(_) => 1,
            Term::Many(listed) => listed.docs as usize,
        }
    }
}

/// Where the documents of a term are: what is needed of the library's `TermInfo`, which is larger.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed {
    pub(super) field: Field,
    docs: u32,
    start: usize,
    end: usize,
}

impl Listed {
    fn of(field: Field, info: &TermInfo) -> Listed {
        let Range { start, end } = info.postings_range;
        Listed { field, docs: info.doc_freq, start, end }
    }

    pub(super) fn info(&self) -> TermInfo {
        TermInfo {
            doc_freq: self.docs,
            postings_range: self.start..self.end,
            positions_range: 0..0,
        }
    }
}

pub(super) enum Kept {
    Here(Term),
    /// It may be there: of a hundred that are not, one is taken for one that is.
    InDictionary,
    Nowhere,
}

/// For keys that are hashes.
#[derive(Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// FNV-1a, and a last step that brings all of it into each bit.
fn hash(seed: u64, field: Field, term: &[u8]) -> u64 {
    // A field must not make up for a letter.
    let mut hash = (seed ^ u64::from(field.field_id())).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in term {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    }
    hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

/// A Bloom filter in blocks of the size of a cache line, so that a question touches one.
struct Known(Vec<[u64; 8]>);

const BITS_OF_A_BLOCK: usize = 512;
/// With four of them set, one term of a hundred is taken for one that is there.
const BITS_OF_A_TERM: usize = 12;

impl Known {
    fn of(terms: usize) -> Known {
        Known(vec![[0; 8]; (terms * BITS_OF_A_TERM).div_ceil(BITS_OF_A_BLOCK).max(1)])
    }

    /// The block of a term, and the bits of each of its words.
    fn place(&self, hash: u64) -> (usize, [u64; 8]) {
        let block = (u128::from(hash) * self.0.len() as u128) >> 64;
        let mut bits = [0; 8];
        for shift in [0, 9, 18, 27] {
            let bit = (hash >> shift) % BITS_OF_A_BLOCK as u64;
            bits[(bit / 64) as usize] |= 1 << (bit % 64);
        }
        (usize::try_from(block).unwrap_or_default(), bits)
    }

    fn add(&mut self, hash: u64) {
        let (block, bits) = self.place(hash);
        self.0[block].iter_mut().zip(bits).for_each(|(word, bits)| *word |= bits);
    }

    fn may_have(&self, hash: u64) -> bool {
        let (block, bits) = self.place(hash);
        self.0[block].iter().zip(bits).all(|(word, bits)| word & bits == bits)
    }
}

/// Each term under itself and under what is left of it without one of its letters: of two that are a letter apart, both are
/// under one of these. (As in `SymSpell`, with a hash in place of the text.)
#[derive(Default)]
struct Near {
    /// Form, and number of the term.
    forms: Vec<(u32, u32)>,
    /// Where the text of each ends.
    terms: Vec<(usize, Listed)>,
    texts: String,
}

impl Near {
    fn add(&mut self, key: &[u8], term: Listed) {
        let (Ok(text), Ok(number)) = (std::str::from_utf8(key), u32::try_from(self.terms.len()))
        else {
            return;
        };
        // Who types too much or too little has a letter more or less.
        let lengths = LETTERS.start() - 1..=LETTERS.end() + 1;
        if can_be_meant(text, lengths) {
            self.forms.extend(typo::forms(text).map(|form| (form, number)));
            self.texts.push_str(text);
            self.terms.push((self.texts.len(), term));
        }
    }

    fn sorted(mut self) -> Near {
        self.forms.sort_unstable();
        self
    }

    fn text(&self, number: u32) -> &str {
        let number = number as usize;
        let end = |number: usize| self.terms.get(number).map_or(0, |it| it.0);
        let start = number.checked_sub(1).map_or(0, end);
        self.texts.get(start..end(number)).unwrap_or_default()
    }

    /// Terms that are a letter away from a word.
    fn to(&self, word: &str) -> impl Iterator<Item = Term> {
        let mut found = Vec::new();
        for form in typo::forms(word) {
            let first = self.forms.partition_point(|it| it.0 < form);
            let same = self.forms.iter().skip(first).take_while(|it| it.0 == form);
            found.extend(same.map(|it| it.1).take(MOST_LOOKED_AT));
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|number| is_near(self.text(*number), word));
        found
            .into_iter()
            .filter_map(|number| self.terms.get(number as usize).map(|it| Term::Many(it.1)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn few_terms_are_taken_for_others() {
        let field = Field::from_field_id(1);
        let term = |number: usize| hash(7, field, format!("w{number}").as_bytes());
        let mut known = Known::of(10_000);
        (0..10_000).for_each(|number| known.add(term(number)));
        assert!((0..10_000).all(|number| known.may_have(term(number))));
        let wrong = (10_000..30_000).filter(|number| known.may_have(term(*number))).count();
        assert!(wrong < 600, "{wrong} of 20,000");
    }

    #[test]
    fn terms_of_different_fields_have_different_hashes() {
        let mut all = HashSet::new();
        for field in 0..20 {
            for letter in b'a'..=b'z' {
                all.insert(hash(7, Field::from_field_id(field), &[letter]));
                all.insert(hash(7, Field::from_field_id(field), &[letter, letter]));
            }
        }
        assert_eq!(all.len(), 20 * 26 * 2);
    }
}
