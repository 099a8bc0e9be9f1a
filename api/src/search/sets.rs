//! Sets of documents of one part of the index: those of terms, and what is picked from several of them.
use std::{borrow::Cow, cell::Cell};

use smallvec::SmallVec;
use tantivy::schema::Field;

use super::{
    index::SearchError,
    marks::Marks,
    resident::{Docs, Place, Resident},
    snapshot::Part,
    terms::Key,
};

/// Terms that one word can stand for, where it is only begun or has a typo. Words that stand for more say nothing.
const MOST_TERMS: usize = 64;
/// A list is read that has no more than so many documents for each that is looked for in it.
const READ_BESIDE: usize = 8;

/// Documents that have any of some terms. Most have one.
#[derive(Clone, Debug, Default)]
pub(super) struct Set<'p>(SmallVec<[Docs<'p>; 2]>);

impl<'p> Set<'p> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn and(mut self, other: &Set<'p>) -> Set<'p> {
        self.0.extend_from_slice(&other.0);
        self
    }

    pub(super) fn docs(&self) -> &[Docs<'p>] {
        &self.0
    }

    /// The most documents that can be in it.
    pub(super) fn size(&self) -> usize {
        size(&self.0)
    }

    /// Whether it is all of a set that it is in.
    pub(super) fn is_all_of(&self, whole: &Set<'_>) -> bool {
        self.0.iter().any(|docs| docs.len() == whole.size())
    }
}

fn size(set: &[Docs<'_>]) -> usize {
    set.iter().map(Docs::len).sum()
}

/// Sets of a part by their terms.
impl Part {
    pub(super) fn exactly(&self, field: Field, key: Key) -> Set<'_> {
        Set(self.resident.term(field, key).into_iter().collect())
    }

    /// Terms that begin so; none where there are too many.
    pub(super) fn begun(&self, field: Field, text: &str) -> Result<Set<'_>, SearchError> {
        let mut terms = SmallVec::new();
        // No term has a byte above those of UTF-8.
        let end = [text.as_bytes(), &[0xff]].concat();
        let dictionary = self.terms(field)?;
        let mut stream = dictionary.terms().range().ge(text).lt(end).into_stream()?;
        while stream.advance() {
            terms.extend(self.resident.term(field, Key::of(stream.key())));
            if terms.len() > MOST_TERMS {
                return Ok(Set::default());
            }
        }
        Ok(Set(terms))
    }

    /// Terms with at most one letter more, less, other or swapped; the first ones where there are many.
    pub(super) fn near(&self, field: Field, text: &str) -> Set<'_> {
        Set(self.resident.near(field, text).take(MOST_TERMS).collect())
    }
}

/// Documents that were picked from sets.
#[derive(Clone, Debug)]
pub(super) enum Picked {
    /// In their order.
    Few(Vec<Place>),
    Many(Marks),
}

impl Default for Picked {
    fn default() -> Picked {
        Picked::Few(Vec::new())
    }
}

impl Picked {
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn len(&self) -> usize {
        match self {
            Picked::Few(places) => places.len(),
            Picked::Many(marks) => marks.len(),
        }
    }

    pub(super) fn docs(&self) -> Docs<'_> {
        match self {
            Picked::Few(places) => Docs::Few(places),
            Picked::Many(marks) => Docs::Many(marks),
        }
    }

    /// Takes out what is among these.
    pub(super) fn without(&mut self, others: &Marks) {
        match self {
            Picked::Few(places) => places.retain(|it| !others.has(*it)),
            Picked::Many(marks) => marks.and_not(others),
        }
    }

    /// Takes out some of its own.
    pub(super) fn take_out(&mut self, taken: &Picked) {
        match (&mut *self, taken) {
            (all, taken) if all.len() == taken.len() => *all = Picked::default(),
            (Picked::Few(places), Picked::Few(taken)) => {
                let mut next = taken.iter().peekable();
                places.retain(|it| next.next_if_eq(&it).is_none());
            }
            (Picked::Many(marks), Picked::Few(taken)) => {
                taken.iter().for_each(|it| marks.unmark(*it));
            }
            (_, Picked::Many(taken)) => self.without(taken),
        }
    }
}

/// Sets against documents.
impl Resident {
    /// As marks.
    pub(super) fn marks<'p>(&self, set: &[Docs<'p>]) -> Cow<'p, Marks> {
        if let [Docs::Many(marks)] = set {
            return Cow::Borrowed(marks);
        }
        let mut all = Marks::none(self.places());
        for docs in set {
            match docs {
                Docs::One(place) => all.mark(*place),
                Docs::Few(places) => places.iter().for_each(|it| all.mark(*it)),
                Docs::Many(marks) => all.or(marks),
            }
        }
        Cow::Owned(all)
    }

    /// In their order.
    fn list(&self, set: &[Docs<'_>]) -> Vec<Place> {
        let mut all = Vec::with_capacity(size(set));
        for docs in set {
            match docs {
                Docs::One(place) => all.push(*place),
                Docs::Few(places) => all.extend_from_slice(places),
                Docs::Many(marks) => all.extend(marks.iter()),
            }
        }
        if set.len() > 1 {
            all.sort_unstable();
            all.dedup();
        }
        all
    }

    fn pick(&self, set: &[Docs<'_>]) -> Picked {
        match size(set) < self.many() {
            true => Picked::Few(self.list(set)),
            false => Picked::Many(self.marks(set).into_owned()),
        }
    }

    /// What is in all of some sets.
    pub(super) fn in_all<'s>(&self, sets: impl Iterator<Item = &'s [Docs<'s>]>) -> Picked {
        let mut sets: SmallVec<[&[Docs<'_>]; 8]> = sets.collect();
        sets.sort_by_key(|set| size(set));
        let mut picked = Picked::default();
        for (n, set) in sets.into_iter().enumerate() {
            match n {
                0 => picked = self.pick(set),
                _ => self.keep(&mut picked, set),
            }
            if picked.is_empty() {
                break;
            }
        }
        picked
    }

    /// Keeps what is in a set.
    fn keep(&self, picked: &mut Picked, set: &[Docs<'_>]) {
        match picked {
            Picked::Few(places) if size(set) < places.len() => {
                let mut few = self.list(set);
                keep_in(&mut few, places);
                *picked = Picked::Few(few);
            }
            Picked::Few(places) => {
                let cells = Cell::from_mut(places.as_mut_slice()).as_slice_of_cells();
                let mut kept = 0;
                self.ask(
                    set,
                    cells.len(),
                    |n| cells[n].get(),
                    |n, is_in| {
                        cells[kept].set(cells[n].get());
                        kept += usize::from(is_in);
                    },
                );
                places.truncate(kept);
            }
            Picked::Many(marks) if size(set) < self.many() => {
                let mut few = self.list(set);
                few.retain(|it| marks.has(*it));
                *picked = Picked::Few(few);
            }
            Picked::Many(marks) => {
                marks.and(&self.marks(set));
                if marks.len() < self.many() {
                    *picked = Picked::Few(marks.iter().collect());
                }
            }
        }
    }

    /// Tells of each of so many documents, which are in their order, whether it is in a set.
    pub(super) fn ask(
        &self,
        set: &[Docs<'_>],
        count: usize,
        place: impl Fn(usize) -> Place,
        mut tell: impl FnMut(usize, bool),
    ) {
        let all = 0..count;
        match set {
            [Docs::One(one)] => all.for_each(|n| tell(n, place(n) == *one)),
            [Docs::Many(marks)] => all.for_each(|n| tell(n, marks.has(place(n)))),
            // To read all of it takes less than to look for each.
            [Docs::Few(places)] if places.len() <= READ_BESIDE * count => {
                let mut next = 0;
                for n in all {
                    let place = place(n);
                    while places.get(next).is_some_and(|it| *it < place) {
                        next += 1;
                    }
                    tell(n, places.get(next) == Some(&place));
                }
            }
            // To look for it takes as long as to read some of it, and marks have to be made.
            docs if size(set) + self.places() / 256 < 4 * docs.len() * count => {
                let marks = self.marks(set);
                all.for_each(|n| tell(n, marks.has(place(n))));
            }
            docs => {
                let mut docs: SmallVec<[Docs<'_>; 2]> = docs.into();
                all.for_each(|n| tell(n, docs.iter_mut().any(|docs| docs.seek(place(n)))));
            }
        }
    }
}

/// Keeps what is in a longer list.
fn keep_in(few: &mut Vec<Place>, mut places: &[Place]) {
    few.retain(|place| {
        places = from(places, *place);
        places.first() == Some(place)
    });
}

impl Docs<'_> {
    /// Whether a document is in them; of lists, those before it are left behind.
    fn seek(&mut self, place: Place) -> bool {
        match self {
            Docs::One(one) => *one == place,
            Docs::Few(places) => {
                *places = from(places, place);
                places.first() == Some(&place)
            }
            Docs::Many(marks) => marks.has(place),
        }
    }
}

/// What of a list is not before a place.
fn from(places: &[Place], place: Place) -> &[Place] {
    let mut end = 1;
    while places.get(end).is_some_and(|it| *it < place) {
        end *= 2;
    }
    // All up to the half of it were before.
    let rest = places.get(end / 2..).unwrap_or_default();
    let within = rest.get(..=end - end / 2).unwrap_or(rest);
    rest.get(within.partition_point(|it| *it < place)..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_gone_through_in_leaps_and_nothing_is_left_out() {
        let list: Vec<Place> = (0..1_000).map(|it| it * it / 7).collect();
        for first in [0, 1, 2, 3, 5, 8, 17, 40, 300, 999, 1_000] {
            let rest = &list[first..];
            for place in (0..150_000).step_by(61).chain(list.iter().copied()) {
                let expected = &rest[rest.partition_point(|it| *it < place)..];
                assert_eq!(from(rest, place), expected, "{place} from {first}");
            }
        }
    }
}
