//! What documents are picked and counted by, such as their countries.
use tantivy::DocId;

use super::{bits::Bits, resident::Place};

/// A value of each document, or none.
pub(super) struct Values {
    /// By the place of the document: which of all values, counted from one; or zero.
    of: Vec<u32>,
    all: Vec<i64>,
}

impl Values {
    pub(super) fn of(docs: &[DocId], value: impl Fn(DocId) -> Option<i64>) -> Values {
        let mut all: Vec<i64> = docs.iter().filter_map(|doc| value(*doc)).collect();
        all.sort_unstable();
        all.dedup();
        let which = |value: i64| all.partition_point(|it| *it <= value);
        let which = |doc: &DocId| value(*doc).map_or(0, which);
        let of = docs.iter().map(|doc| u32::try_from(which(doc)).unwrap_or_default()).collect();
        Values { of, all }
    }

    fn which(&self, place: Place) -> usize {
        self.of.get(place as usize).map_or(0, |it| *it as usize)
    }

    pub(super) fn get(&self, place: Place) -> Option<i64> {
        self.all.get(self.which(place).checked_sub(1)?).copied()
    }

    /// All values, with the documents that have them.
    pub(super) fn bits(&self) -> impl Iterator<Item = (i64, Bits)> + '_ {
        let mut bits = vec![Bits::none(self.of.len()); self.all.len()];
        for (place, which) in (0..).zip(&self.of) {
            let of_value = (*which as usize).checked_sub(1).and_then(|it| bits.get_mut(it));
            of_value.into_iter().for_each(|it| it.set(place));
        }
        self.all.iter().copied().zip(bits)
    }

    /// Prepares to ask many documents whether theirs fits a test.
    pub(super) fn fitting(&self, fits: impl Fn(Option<i64>) -> bool) -> Fitting<'_> {
        let values = self.all.iter().map(|it| Some(*it));
        Fitting { values: self, fits: [None].into_iter().chain(values).map(fits).collect() }
    }

    /// Prepares to count documents by theirs.
    pub(super) fn counting(&self) -> Counting<'_> {
        Counting { values: self, counts: vec![0; self.all.len() + 1] }
    }
}

pub(super) struct Fitting<'v> {
    values: &'v Values,
    fits: Vec<bool>,
}

impl Fitting<'_> {
    pub(super) fn has(&self, place: Place) -> bool {
        self.fits.get(self.values.which(place)).is_some_and(|it| *it)
    }
}

pub(super) struct Counting<'v> {
    values: &'v Values,
    counts: Vec<usize>,
}

impl Counting<'_> {
    pub(super) fn add(&mut self, place: Place) {
        if let Some(count) = self.counts.get_mut(self.values.which(place)) {
            *count += 1;
        }
    }

    /// Values that were counted, and how often.
    pub(super) fn counted(&self) -> impl Iterator<Item = (i64, usize)> + '_ {
        let counts = self.counts.iter().skip(1);
        self.values.all.iter().copied().zip(counts.copied()).filter(|(_, count)| *count > 0)
    }
}
