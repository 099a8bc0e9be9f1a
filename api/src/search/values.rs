//! What documents are picked and counted by: their types, countries, fields and years.
use std::collections::HashMap;

use foldhash::fast::RandomState;
use tantivy::DocId;

use super::{bits::Bits, resident::Place};

/// A kind of value, of which each document has one or none.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    Kind,
    Country,
    Field,
    Year,
}

pub(super) const ALL: [By; 4] = [By::Kind, By::Country, By::Field, By::Year];

/// Which of all values of each kind, counted from one; or zero.
type Group = [u32; ALL.len()];

pub(super) struct Values {
    /// By the place of the document: which of the groups.
    of: Vec<u32>,
    /// Documents that have all values in common. There are far fewer groups than documents, so that many are counted by them.
    groups: Vec<Group>,
    /// In their order.
    all: [Vec<i64>; ALL.len()],
}

impl Values {
    pub(super) fn of(docs: &[DocId], value: impl Fn(By, DocId) -> Option<i64>) -> Values {
        let all = ALL.map(|by| {
            let mut all: Vec<i64> = docs.iter().filter_map(|doc| value(by, *doc)).collect();
            all.sort_unstable();
            all.dedup();
            all
        });
        let which = |by: By, doc| {
            let which = |value| all[by as usize].partition_point(|it| *it <= value);
            u32::try_from(value(by, doc).map_or(0, which)).unwrap_or_default()
        };
        let mut known: HashMap<Group, u32, RandomState> = HashMap::default();
        let mut groups = Vec::new();
        let of = docs.iter().map(|doc| {
            let group = ALL.map(|by| which(by, *doc));
            *known.entry(group).or_insert_with(|| {
                groups.push(group);
                u32::try_from(groups.len() - 1).unwrap_or_default()
            })
        });
        let of = of.collect();
        Values { of, groups, all }
    }

    fn group(&self, place: Place) -> Option<&Group> {
        self.groups.get(*self.of.get(place as usize)? as usize)
    }

    pub(super) fn get(&self, by: By, place: Place) -> Option<i64> {
        let which = self.group(place)?[by as usize] as usize;
        self.all[by as usize].get(which.checked_sub(1)?).copied()
    }

    /// All values of a kind, with the documents that have them.
    pub(super) fn bits(&self, by: By) -> impl Iterator<Item = (i64, Bits)> + '_ {
        let all = &self.all[by as usize];
        let mut bits = vec![Bits::none(self.of.len()); all.len()];
        for place in (0..).take(self.of.len()) {
            let which = self.group(place).and_then(|it| (it[by as usize] as usize).checked_sub(1));
            which.and_then(|it| bits.get_mut(it)).into_iter().for_each(|it| it.set(place));
        }
        all.iter().copied().zip(bits)
    }

    /// Prepares to ask many documents whether theirs fits a test.
    pub(super) fn fitting(&self, by: By, fits: impl Fn(Option<i64>) -> bool) -> Fitting<'_> {
        let values = self.all[by as usize].iter().map(|it| Some(*it));
        let fits = [None].into_iter().chain(values).map(fits).collect();
        Fitting { values: self, by, fits }
    }

    /// Tells of so many documents which values they have, and how many of them have each.
    pub(super) fn count(
        &self,
        count: usize,
        places: impl Iterator<Item = Place>,
        mut tell: impl FnMut(By, i64, usize),
    ) {
        let mut counts = self.all.each_ref().map(|all| vec![0; all.len() + 1]);
        let mut add = |group: &Group, times: usize| {
            for (counts, which) in counts.iter_mut().zip(group) {
                counts.get_mut(*which as usize).into_iter().for_each(|count| *count += times);
            }
        };
        // Many one by one within the iterator: a loop would ask after each of them which of its sets is next.
        if count < self.groups.len() {
            places.for_each(|place| self.group(place).into_iter().for_each(|it| add(it, 1)));
        } else {
            let mut of_groups = vec![0; self.groups.len()];
            places.for_each(|place| {
                let group = self.of.get(place as usize).map_or(0, |it| *it as usize);
                of_groups.get_mut(group).into_iter().for_each(|count| *count += 1);
            });
            self.groups.iter().zip(of_groups).for_each(|(group, times)| add(group, times));
        }
        for (by, counts) in ALL.into_iter().zip(counts) {
            let counted = self.all[by as usize].iter().zip(counts.into_iter().skip(1));
            counted.filter(|(_, count)| *count > 0).for_each(|(value, it)| tell(by, *value, it));
        }
    }
}

pub(super) struct Fitting<'v> {
    values: &'v Values,
    by: By,
    fits: Vec<bool>,
}

impl Fitting<'_> {
    pub(super) fn has(&self, place: Place) -> bool {
        let which = self.values.group(place).map_or(0, |group| group[self.by as usize]);
        self.fits.get(which as usize).is_some_and(|it| *it)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn few_and_many_are_counted_alike() {
        let docs: Vec<DocId> = (0..500).collect();
        let value = |by, doc: DocId| match by {
            By::Kind => Some(i64::from(doc % 2)),
            By::Country => (!doc.is_multiple_of(3)).then_some(-i64::from(doc % 7)),
            By::Field => None,
            By::Year => Some(i64::from(doc) / 100),
        };
        let values = Values::of(&docs, value);
        for first in [0, 1, 400, 499, 500] {
            let mut counted = BTreeMap::new();
            let places = 500 - first as usize;
            values.count(places, first..500, |by, value, count| {
                counted.insert((by as usize, value), count);
            });
            let mut expected = BTreeMap::new();
            for doc in first..500 {
                for by in ALL {
                    assert_eq!(values.get(by, doc), value(by, doc));
                    if let Some(value) = value(by, doc) {
                        *expected.entry((by as usize, value)).or_default() += 1;
                    }
                }
            }
            assert_eq!(counted, expected, "from {first} on");
        }
        let odd = values.fitting(By::Kind, |kind| kind == Some(1));
        assert!((0..500).all(|place| odd.has(place) == (place % 2 == 1)));
        let without = values.fitting(By::Country, |country| country.is_none());
        assert!((0..500).all(|place| without.has(place) == place.is_multiple_of(3)));
    }
}
