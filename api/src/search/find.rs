//! Documents of one part of the index that fit a way of reading a query: sets of documents, of which all must agree.
//!
//! Ways are tried best first, and a document counts where it fits first. So a document is scored once, whatever else of a
//! query it fits, and nothing is scored that is only counted.
use std::{cell::Cell, io};

use smallvec::SmallVec;
use tantivy::{DocId, postings::BlockSegmentPostings, schema::Field};

use super::{
    resident::{List, Listed, Term},
    snapshot::Part,
};

/// Terms that one word can stand for, where it is only begun or has a typo. Words that stand for more say nothing.
const MOST_TERMS: usize = 64;
/// A list is read, where it has no more than so many documents for each that is looked for in it.
const READ_BESIDE: usize = 6;
/// So many documents are put in order, to be looked for in lists.
const SORTED: usize = 1_000;
/// So many documents are looked for one by one in those that are known already.
const FEW: usize = 48;

/// Documents that have any of some terms. Most have one.
#[derive(Clone, Debug, Default)]
pub(super) struct Set(SmallVec<[Term; 2]>);

impl Set {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn and(mut self, other: &Set) -> Set {
        self.0.extend_from_slice(&other.0);
        self
    }

    /// The most documents that can be in it: a set in another one of the same size is that one.
    pub(super) fn size(&self) -> usize {
        self.0.iter().map(Term::docs).sum()
    }
}

/// Sets of a part by their terms.
impl Part {
    pub(super) fn exactly(&self, field: Field, text: &str) -> io::Result<Set> {
        let mut set = Set::default();
        if let Some(term) = self.term(field, text)? {
            set.0.push(term);
        }
        Ok(set)
    }

    /// Terms that begin so; none where there are too many.
    pub(super) fn begun(&self, field: Field, text: &str) -> io::Result<Set> {
        let mut terms = SmallVec::new();
        // No term has a byte above those of UTF-8.
        let end = [text.as_bytes(), &[0xff]].concat();
        let range = self.terms(field).range().ge(text).lt(end);
        let mut stream = range.without_keys().into_stream()?;
        while stream.advance() {
            terms.push(Term::of(field, stream.value()));
            if terms.len() > MOST_TERMS {
                return Ok(Set::default());
            }
        }
        Ok(Set(terms))
    }

    /// Terms with at most one letter more, less, other or swapped; the first ones where there are many.
    pub(super) fn near(&self, field: Field, text: &str) -> Set {
        Set(self.resident.near(field, text).take(MOST_TERMS).collect())
    }
}

/// Lists of documents, each read in memory that others were read in.
struct Lists<'p> {
    part: &'p Part,
    free: Vec<List>,
}

impl Drop for Lists<'_> {
    fn drop(&mut self) {
        self.part.resident.keep(std::mem::take(&mut self.free));
    }
}

impl Lists<'_> {
    fn open(&mut self, term: Listed) -> io::Result<List> {
        let free = self.free.pop();
        let mut list = free.unwrap_or_else(|| List(Box::new(BlockSegmentPostings::empty())));
        self.part.list(term, &mut list.0)?;
        Ok(list)
    }

    /// All documents of a set: in their order, and each once, where it has one term.
    fn each(&mut self, set: &Set, mut add: impl FnMut(&[DocId])) -> io::Result<()> {
        for term in &set.0 {
            match term {
                Term::One(doc) => add(&[*doc]),
                Term::Many(term) => {
                    let mut list = self.open(*term)?;
                    while !list.0.docs().is_empty() {
                        add(list.0.docs());
                        list.0.advance();
                    }
                    self.free.push(list);
                }
            }
        }
        Ok(())
    }

    /// Finds which of so many documents, which are in their order, are in a set.
    fn each_in(
        &mut self,
        set: &Set,
        count: usize,
        doc: impl Fn(usize) -> DocId,
        mut add: impl FnMut(usize),
    ) -> io::Result<()> {
        match set.0.as_slice() {
            // To read a list beside them takes less than to seek each of them in it.
            [Term::Many(term)] if set.size() <= READ_BESIDE * count => {
                let mut list = self.open(*term)?;
                let mut next = 0;
                while !list.0.docs().is_empty() && next < count {
                    for listed in list.0.docs() {
                        while next < count && doc(next) < *listed {
                            next += 1;
                        }
                        if next < count && doc(next) == *listed {
                            add(next);
                            next += 1;
                        }
                    }
                    list.0.advance();
                }
                self.free.push(list);
            }
            _ => {
                let mut test = self.membership(set, count)?;
                (0..count).filter(|n| test.has(doc(*n))).for_each(add);
                self.close(test);
            }
        }
        Ok(())
    }

    /// Keeps documents, which are in their order, that are in a set.
    fn keep(&mut self, docs: &mut Vec<DocId>, set: &Set) -> io::Result<()> {
        let cells = Cell::from_mut(docs.as_mut_slice()).as_slice_of_cells();
        let mut kept = 0;
        self.each_in(
            set,
            cells.len(),
            |n| cells[n].get(),
            |n| {
                cells[kept].set(cells[n].get());
                kept += 1;
            },
        )?;
        docs.truncate(kept);
        Ok(())
    }

    /// Prepares to ask so many documents.
    fn membership(&mut self, set: &Set, asked: usize) -> io::Result<Membership> {
        // To ask a list is to seek in it, which takes as long as to read some of its documents, and marks have to be made.
        if set.size() + self.part.docs() as usize / 256 < 4 * set.0.len() * asked {
            return Ok(Membership::Marked(self.marks(set)?));
        }
        let mut asked = SmallVec::new();
        for term in &set.0 {
            asked.push(match term {
                Term::One(doc) => Asked::One(*doc),
                Term::Many(term) => Asked::List(self.open(*term)?),
            });
        }
        Ok(Membership::Asked(asked))
    }

    fn marks(&mut self, set: &Set) -> io::Result<Marks> {
        let mut marks = Marks::of(self.part.docs());
        self.each(set, |docs| docs.iter().for_each(|doc| _ = marks.mark(*doc)))?;
        Ok(marks)
    }

    fn close(&mut self, membership: Membership) {
        if let Membership::Asked(asked) = membership {
            self.free.extend(asked.into_iter().filter_map(|it| match it {
                Asked::One(_) => None,
                Asked::List(list) => Some(list),
            }));
        }
    }
}

/// Documents of a part that were found, each once, and the score that it got.
pub(super) struct Finding<'p> {
    lists: Lists<'p>,
    pub(super) found: Vec<(DocId, f32)>,
    /// The first ones of `found`, once these are many, and how many.
    seen: Option<(usize, Marks)>,
}

impl<'p> Finding<'p> {
    pub(super) fn new(part: &'p Part) -> Finding<'p> {
        let lists = Lists { part, free: part.resident.lists() };
        Finding { lists, found: Vec::new(), seen: None }
    }

    /// Documents that are in all of these sets, and were not found yet.
    pub(super) fn new_in(&mut self, sets: &[&Set]) -> io::Result<Vec<DocId>> {
        let mut new = Vec::new();
        if sets.iter().any(|set| set.is_empty()) {
            return Ok(new);
        }
        let Some(smallest) = sets.iter().min_by_key(|set| set.size()) else { return Ok(new) };
        self.lists.each(smallest, |docs| new.extend_from_slice(docs))?;
        if smallest.0.len() > 1 {
            new.sort_unstable();
            new.dedup();
        }
        let others = sets.iter().filter(|set| !std::ptr::eq(**set, *smallest));
        self.keep(&mut new, others.copied())?;
        if self.lists.part.has_deleted() {
            new.retain(|doc| self.lists.part.lives(*doc));
        }
        self.keep_new(&mut new);
        Ok(new)
    }

    /// Takes those documents that are in all of these sets, and were not found yet.
    pub(super) fn take(&mut self, from: &mut Vec<DocId>, sets: &[&Set]) -> io::Result<Vec<DocId>> {
        if from.is_empty() || sets.iter().any(|set| set.is_empty()) {
            return Ok(Vec::new());
        }
        let mut taken = from.clone();
        self.keep(&mut taken, sets.iter().copied())?;
        if taken.len() == from.len() {
            from.clear();
        } else {
            let mut next = taken.iter().peekable();
            from.retain(|doc| next.next_if_eq(&doc).is_none());
        }
        self.keep_new(&mut taken);
        Ok(taken)
    }

    pub(super) fn add(&mut self, new: &[DocId], score: f32) {
        self.found.extend(new.iter().map(|doc| (*doc, score)));
    }

    /// Adds to the score of what was found from one place on, for each set that it is in.
    pub(super) fn raise(&mut self, from: usize, sets: &[Set], raise: f32) -> io::Result<()> {
        let mut raised = self.found.split_off(from);
        if !raised.is_sorted_by_key(|it| it.0) {
            // Very many take longer to be put in order than to be looked for in marks.
            if raised.len() > SORTED {
                for set in sets.iter().filter(|set| !set.is_empty()) {
                    let marks = self.lists.marks(set)?;
                    let fitting = raised.iter_mut().filter(|it| marks.has(it.0));
                    fitting.for_each(|it| it.1 += raise);
                }
                self.found.append(&mut raised);
                return Ok(());
            }
            raised.sort_unstable_by_key(|it| it.0);
        }
        let cells = Cell::from_mut(raised.as_mut_slice()).as_slice_of_cells();
        for set in sets {
            self.lists.each_in(
                set,
                cells.len(),
                |n| cells[n].get().0,
                |n| {
                    let (doc, score) = cells[n].get();
                    cells[n].set((doc, score + raise));
                },
            )?;
        }
        self.found.append(&mut raised);
        Ok(())
    }

    /// Keeps documents that are in all of these sets.
    fn keep<'s>(
        &mut self,
        docs: &mut Vec<DocId>,
        sets: impl Iterator<Item = &'s Set>,
    ) -> io::Result<()> {
        let mut sets: SmallVec<[&Set; 8]> = sets.collect();
        sets.sort_by_key(|set| set.size());
        for set in sets {
            if docs.is_empty() {
                break;
            }
            self.lists.keep(docs, set)?;
        }
        Ok(())
    }

    /// Keeps those that were not found yet.
    fn keep_new(&mut self, docs: &mut Vec<DocId>) {
        if self.found.is_empty() || docs.is_empty() {
            return;
        }
        if self.found.len().max(docs.len()) <= FEW {
            docs.retain(|doc| self.found.iter().all(|it| it.0 != *doc));
            return;
        }
        let seen = self.seen.get_or_insert_with(|| (0, Marks::of(self.lists.part.docs())));
        for (doc, _) in self.found.iter().skip(seen.0) {
            seen.1.mark(*doc);
        }
        seen.0 = self.found.len();
        docs.retain(|doc| !seen.1.has(*doc));
    }
}

/// Whether documents, asked in their order, are in a set.
enum Membership {
    Asked(SmallVec<[Asked; 4]>),
    Marked(Marks),
}

enum Asked {
    One(DocId),
    List(List),
}

impl Membership {
    fn has(&mut self, doc: DocId) -> bool {
        match self {
            Membership::Asked(asked) => asked.iter_mut().any(|it| match it {
                Asked::One(one) => *one == doc,
                Asked::List(list) => {
                    let at = list.0.seek(doc);
                    list.0.doc(at) == doc
                }
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
