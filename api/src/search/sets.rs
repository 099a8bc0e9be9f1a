//! Sets of documents of one part of the index: those of terms, and what is picked from several of them.
use std::{borrow::Cow, cell::Cell};

use smallvec::SmallVec;
use tantivy::schema::Field;

use super::{
    bits::Bits,
    index::SearchError,
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
    Many(Bits),
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
            Picked::Many(bits) => bits.len(),
        }
    }

    pub(super) fn docs(&self) -> Docs<'_> {
        match self {
            Picked::Few(places) => Docs::Few(places),
            Picked::Many(bits) => Docs::Many(bits),
        }
    }

    /// Takes out what is among these.
    pub(super) fn without(&mut self, others: &Bits) {
        match self {
            Picked::Few(places) => places.retain(|it| !others.has(*it)),
            Picked::Many(bits) => bits.and_not(others),
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
            (Picked::Many(bits), Picked::Few(taken)) => {
                taken.iter().for_each(|it| bits.clear(*it));
            }
            (_, Picked::Many(taken)) => self.without(taken),
        }
    }
}

/// Sets against documents.
impl Resident {
    /// As bits.
    pub(super) fn bits<'p>(&self, set: &[Docs<'p>]) -> Cow<'p, Bits> {
        if let [Docs::Many(bits)] = set {
            return Cow::Borrowed(bits);
        }
        let mut all = Bits::none(self.places());
        for docs in set {
            match docs {
                Docs::One(place) => all.set(*place),
                Docs::Few(places) => places.iter().for_each(|it| all.set(*it)),
                Docs::Many(bits) => all.or(bits),
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
                Docs::Many(bits) => all.extend(bits.iter()),
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
            false => Picked::Many(self.bits(set).into_owned()),
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

    /// Keeps what is in a set that is no smaller: few are never looked for in fewer.
    fn keep(&self, picked: &mut Picked, set: &[Docs<'_>]) {
        match picked {
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
            Picked::Many(bits) => {
                bits.and(&self.bits(set));
                if bits.len() < self.many() {
                    *picked = Picked::Few(bits.iter().collect());
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
            [Docs::Many(bits)] => all.for_each(|n| tell(n, bits.has(place(n)))),
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
            // To look for it takes as long as to read some of it, and bits have to be made.
            docs if size(set) + self.places() / 256 < 4 * docs.len() * count => {
                let bits = self.bits(set);
                all.for_each(|n| tell(n, bits.has(place(n))));
            }
            docs => {
                let mut docs: SmallVec<[Docs<'_>; 2]> = docs.into();
                all.for_each(|n| tell(n, docs.iter_mut().any(|docs| docs.seek(place(n)))));
            }
        }
    }
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
            Docs::Many(bits) => bits.has(place),
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
    use std::collections::BTreeSet;

    use super::*;

    const PLACES: u32 = 3_000;

    /// The same numbers in each run.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, most: u32) -> u32 {
            self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            u32::try_from(self.0 >> 33).unwrap() % most
        }

        /// Of any size, fewer than are kept as bits and more.
        fn places(&mut self) -> BTreeSet<Place> {
            let size = self.below(12);
            let most = 1 + self.below(1 << size);
            (0..most).map(|_| self.below(PLACES)).collect()
        }
    }

    /// Documents of a term, as they are kept.
    enum Term {
        One(Place),
        Few(Vec<Place>),
        Many(Bits),
    }

    impl Term {
        fn of(places: &BTreeSet<Place>, many: usize) -> Term {
            match places.first() {
                Some(place) if places.len() == 1 => Term::One(*place),
                _ if places.len() < many => Term::Few(places.iter().copied().collect()),
                _ => Term::Many(Bits::of(PLACES as usize, places.iter().copied())),
            }
        }

        fn docs(&self) -> Docs<'_> {
            match self {
                Term::One(place) => Docs::One(*place),
                Term::Few(places) => Docs::Few(places),
                Term::Many(bits) => Docs::Many(bits),
            }
        }
    }

    fn all(picked: &Picked) -> Vec<Place> {
        match picked {
            Picked::Few(places) => places.clone(),
            Picked::Many(bits) => bits.iter().collect(),
        }
    }

    #[test]
    fn sets_of_lists_and_bits_are_cut_as_sets_of_documents_are() {
        let resident = Resident::of_places(PLACES);
        let mut chance = Chance(11);
        let mut kinds = BTreeSet::new();
        for _ in 0..4_000 {
            let sets: Vec<Vec<BTreeSet<Place>>> = (0..=chance.below(3))
                .map(|_| (0..=chance.below(3)).map(|_| chance.places()).collect())
                .collect();
            let terms: Vec<Vec<Term>> = sets
                .iter()
                .map(|set| set.iter().map(|it| Term::of(it, resident.many())).collect())
                .collect();
            let docs: Vec<Vec<Docs<'_>>> =
                terms.iter().map(|set| set.iter().map(Term::docs).collect()).collect();
            let unions: Vec<BTreeSet<Place>> =
                sets.iter().map(|set| set.iter().flatten().copied().collect()).collect();
            let has_all = |place: &Place| unions.iter().all(|set| set.contains(place));
            let expected: Vec<Place> = (0..PLACES).filter(has_all).collect();

            let picked = resident.in_all(docs.iter().map(Vec::as_slice));

            assert_eq!((all(&picked), picked.is_empty()), (expected.clone(), expected.is_empty()));
            let mut rest = resident.pick(&docs[0]);
            rest.take_out(&picked);
            let expected: Vec<Place> =
                unions[0].iter().filter(|it| !has_all(it)).copied().collect();
            assert_eq!(all(&rest), expected);
            kinds.insert((matches!(picked, Picked::Few(_)), matches!(rest, Picked::Few(_))));

            let asked: Vec<Place> = chance.places().into_iter().collect();
            let mut told = vec![false; asked.len()];
            resident.ask(&docs[0], asked.len(), |n| asked[n], |n, is_in| told[n] = is_in);
            let expected: Vec<bool> = asked.iter().map(|it| unions[0].contains(it)).collect();
            assert_eq!(told, expected);
        }
        assert_eq!(kinds.len(), 4, "few and many of each");
    }

    #[test]
    fn a_set_is_all_of_another_one_only_if_it_is() {
        let (few, many) = ([1, 2, 3], [1, 2, 3, 4]);
        let set = |docs: &[Docs<'static>]| Set(docs.into());
        let whole: &'static [Place] = many.to_vec().leak();
        let part: &'static [Place] = few.to_vec().leak();
        let whole = set(&[Docs::Few(whole)]);

        assert!(set(&[Docs::One(4), whole.docs()[0]]).is_all_of(&whole));
        // Together they are as many, and one document is in both.
        assert!(!set(&[Docs::Few(part), Docs::One(3)]).is_all_of(&whole));
        assert!(!Set::default().is_all_of(&whole));
    }

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
