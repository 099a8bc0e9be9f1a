//! Documents of one part of the index that fit a way of reading a query: sets of documents, of which all must agree.
//!
//! Ways are tried best first, and a document counts where it fits first. So a document is scored once, whatever else of a
//! query it fits, and nothing is scored that is only counted.
use std::io;

use tantivy::{
    DocId, DocSet as _, TERMINATED, Term,
    postings::{SegmentPostings, TermInfo},
    query::{DfaWrapper, FuzzyTermQuery},
    schema::Field,
};

use super::{index::SearchError, snapshot::Part};

/// Terms that one word can stand for, where it is only begun or has a typo. Words that stand for more say nothing.
const MOST_TERMS: usize = 64;
/// From so many terms on a set is marked once, instead of being asked at each document.
const MARKED_FROM: usize = 4;

/// Documents that have any of some terms.
#[derive(Clone, Debug, Default)]
pub(super) struct Set(Vec<(Field, TermInfo)>);

impl Set {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn and(mut self, other: &Set) -> Set {
        self.0.extend_from_slice(&other.0);
        self
    }

    fn size(&self) -> u64 {
        self.0.iter().map(|(_, term)| u64::from(term.doc_freq)).sum()
    }
}

/// Sets of a part by their terms.
impl Part {
    pub(super) fn exactly(&self, field: Field, text: &str) -> io::Result<Set> {
        Ok(Set(self.term(field, text)?.map(|term| (field, term)).into_iter().collect()))
    }

    /// Terms that begin so; none where there are too many.
    pub(super) fn begun(&self, field: Field, text: &str) -> io::Result<Set> {
        let mut terms = Vec::new();
        // No term has a byte above those of UTF-8.
        let end = [text.as_bytes(), &[0xff]].concat();
        let range = self.terms(field).range().ge(text).lt(end);
        let mut stream = range.without_keys().into_stream()?;
        while stream.advance() {
            terms.push((field, stream.value().clone()));
            if terms.len() > MOST_TERMS {
                return Ok(Set::default());
            }
        }
        Ok(Set(terms))
    }

    /// Terms with at most one letter more, less, other or swapped; the first ones where there are many.
    pub(super) fn near(&self, field: Field, near: &DfaWrapper) -> io::Result<Set> {
        let mut terms = Vec::new();
        let mut stream = self.terms(field).search(near).without_keys().into_stream()?;
        while terms.len() < MOST_TERMS && stream.advance() {
            terms.push((field, stream.value().clone()));
        }
        Ok(Set(terms))
    }
}

/// What is a letter away from a text.
pub(super) fn near(field: Field, text: &str) -> Result<DfaWrapper, SearchError> {
    Ok(FuzzyTermQuery::new(Term::from_field_text(field, text), 1, true).automaton()?)
}

/// Documents of a part that were found, each once, and the score that it got.
pub(super) struct Finding<'p> {
    part: &'p Part,
    pub(super) found: Vec<(DocId, f32)>,
    seen: Marks,
    candidates: Vec<DocId>,
}

impl<'p> Finding<'p> {
    pub(super) fn new(part: &'p Part) -> Finding<'p> {
        let seen = Marks::of(part.docs());
        Finding { part, found: Vec::new(), seen, candidates: Vec::new() }
    }

    /// Documents that are in all of these sets, with a score; each of the `raising` sets that they are in adds to it.
    pub(super) fn all(
        &mut self,
        sets: &[&Set],
        score: f32,
        raising: &[Set],
        raise: f32,
    ) -> io::Result<()> {
        if sets.iter().any(|set| set.is_empty()) {
            return Ok(());
        }
        let mut sets = sets.to_vec();
        sets.sort_by_key(|set| set.size());
        let Some((smallest, others)) = sets.split_first() else { return Ok(()) };
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.clear();
        for (field, term) in &smallest.0 {
            let mut docs = self.part.postings(*field, term)?;
            while docs.doc() != TERMINATED {
                candidates.push(docs.doc());
                docs.advance();
            }
        }
        if smallest.0.len() > 1 {
            candidates.sort_unstable();
            candidates.dedup();
        }
        for set in others {
            let mut test = Membership::of(self.part, set)?;
            candidates.retain(|doc| test.has(*doc));
        }
        // Most ways find nothing, and what would raise it need not be read.
        let raising = if candidates.is_empty() { &[] } else { raising };
        let mut raised = Vec::with_capacity(raising.len());
        for set in raising {
            raised.push(Membership::of(self.part, set)?);
        }
        for doc in candidates.drain(..) {
            if self.part.lives(doc) && self.seen.mark(doc) {
                let count = raised.iter_mut().map(|it| usize::from(it.has(doc))).sum::<usize>();
                self.found.push((doc, score + raise * count as f32));
            }
        }
        self.candidates = candidates;
        Ok(())
    }
}

/// Whether documents, asked in their order, are in a set.
enum Membership {
    Asked(Vec<SegmentPostings>),
    Marked(Marks),
}

impl Membership {
    fn of(part: &Part, set: &Set) -> io::Result<Membership> {
        let postings = set.0.iter().map(|(field, term)| part.postings(*field, term));
        let mut postings = postings.collect::<io::Result<Vec<_>>>()?;
        if postings.len() < MARKED_FROM {
            return Ok(Membership::Asked(postings));
        }
        let mut marks = Marks::of(part.docs());
        for docs in &mut postings {
            while docs.doc() != TERMINATED {
                marks.mark(docs.doc());
                docs.advance();
            }
        }
        Ok(Membership::Marked(marks))
    }

    fn has(&mut self, doc: DocId) -> bool {
        match self {
            Membership::Asked(postings) => postings.iter_mut().any(|docs| {
                // To seek what lies behind is not allowed.
                docs.doc() == doc || (docs.doc() < doc && docs.seek(doc) == doc)
            }),
            Membership::Marked(marks) => marks.has(doc),
        }
    }
}

/// A bit for each document.
struct Marks(Vec<u64>);

impl Marks {
    fn of(docs: u32) -> Marks {
        Marks(vec![0; docs.div_ceil(64) as usize])
    }

    /// Whether it was not marked before.
    fn mark(&mut self, doc: DocId) -> bool {
        let Some(word) = self.0.get_mut(doc as usize / 64) else { return false };
        let bit = 1 << (doc % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    fn has(&self, doc: DocId) -> bool {
        self.0.get(doc as usize / 64).is_some_and(|word| word & (1 << (doc % 64)) != 0)
    }
}
