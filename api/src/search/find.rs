//! Documents of one part of the index that fit a way of reading a query: sets of documents, of which all must agree.
//!
//! Ways are tried best first, and a document counts where it fits first. So a document is scored once, whatever else of a
//! query it fits, and nothing is scored that is only counted. Sets of very many are a bit for each document, and cost the same whether ten
//! thousand documents are in them or a hundred thousand.
use std::cell::Cell;

use super::{
    bits::Bits,
    resident::{Place, Resident},
    sets::{Picked, Set},
    snapshot::Part,
};

/// So many documents are put in order, to be looked for in lists.
const SORTED: usize = 1_000;
/// So many documents are looked for one by one in those that are known already.
const FEW: usize = 48;

/// Documents of a part that were found, each once, with the score that it got.
#[derive(Debug, Default)]
pub(super) struct Scored {
    pub(super) few: Vec<(Place, f32)>,
    pub(super) many: Vec<(Bits, f32)>,
}

impl Scored {
    pub(super) fn is_empty(&self) -> bool {
        self.few.is_empty() && self.many.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.few.len() + self.many.iter().map(|it| it.0.len()).sum::<usize>()
    }

    pub(super) fn places(&self) -> impl Iterator<Item = Place> + '_ {
        let few = self.few.iter().map(|it| it.0);
        few.chain(self.many.iter().flat_map(|it| it.0.iter()))
    }

    pub(super) fn retain(&mut self, is_kept: impl Fn(Place) -> bool) {
        self.few.retain(|it| is_kept(it.0));
        self.many.iter_mut().for_each(|it| it.0.retain(&is_kept));
    }
}

/// What is found in the making.
pub(super) struct Finding<'p> {
    part: &'p Part,
    pub(super) found: Scored,
    /// All of `found.many` and the first ones of `found.few`, once these are many, and how many.
    seen: Option<(usize, Bits)>,
}

impl<'p> Finding<'p> {
    pub(super) fn new(part: &'p Part) -> Finding<'p> {
        Finding { part, found: Scored::default(), seen: None }
    }

    /// Documents that are in all of these sets, and were not found yet.
    pub(super) fn new_in(&mut self, sets: &[&Set<'p>]) -> Picked {
        let mut new = self.part.resident.in_all(sets.iter().map(|set| set.docs()));
        if let Some(dead) = &self.part.dead {
            new.without(dead);
        }
        self.keep_new(&mut new);
        new
    }

    /// Takes those documents that are in all of these sets, and were not found yet.
    pub(super) fn take(&mut self, from: &mut Picked, sets: &[&Set<'p>]) -> Picked {
        let all = [from.docs()];
        let sets = sets.iter().map(|set| set.docs());
        let mut taken = self.part.resident.in_all(sets.chain([all.as_slice()]));
        if taken.is_empty() {
            return taken;
        }
        from.take_out(&taken);
        self.keep_new(&mut taken);
        taken
    }

    pub(super) fn add(&mut self, new: Picked, score: f32) {
        match new {
            Picked::Few(places) => self.found.few.extend(places.iter().map(|it| (*it, score))),
            Picked::Many(bits) if bits.is_empty() => {}
            Picked::Many(bits) => {
                let places = self.part.resident.places();
                let seen = self.seen.get_or_insert_with(|| (0, Bits::none(places)));
                seen.1.or(&bits);
                self.found.many.push((bits, score));
            }
        }
    }

    /// Adds to the score of what was found after this, for each set that it is in.
    pub(super) fn raise(&mut self, before: &Before, sets: &[Set<'_>], raise: f32) {
        let few = self.found.few.get_mut(before.few..).unwrap_or_default();
        if !few.is_empty() {
            self.part.resident.raise(few, sets, raise);
        }
        let many = self.found.many.split_off(before.many.min(self.found.many.len()));
        for (bits, score) in many {
            let mut score = score;
            for bits in self.part.resident.by_fitting(bits, sets) {
                if !bits.is_empty() {
                    self.found.many.push((bits, score));
                }
                score += raise;
            }
        }
    }

    pub(super) fn before(&self) -> Before {
        Before { few: self.found.few.len(), many: self.found.many.len() }
    }

    /// Keeps those that were not found yet.
    fn keep_new(&mut self, picked: &mut Picked) {
        if self.found.is_empty() || picked.is_empty() {
            return;
        }
        let few = &self.found.few;
        match picked {
            Picked::Few(places) if self.seen.is_none() && few.len().max(places.len()) <= FEW => {
                places.retain(|place| few.iter().all(|it| it.0 != *place));
            }
            _ => {
                let places = self.part.resident.places();
                let seen = self.seen.get_or_insert_with(|| (0, Bits::none(places)));
                few.iter().skip(seen.0).for_each(|it| seen.1.set(it.0));
                seen.0 = few.len();
                picked.without(&seen.1);
            }
        }
    }
}

/// How much was found at a time.
#[derive(Default)]
pub(super) struct Before {
    few: usize,
    many: usize,
}

impl Resident {
    /// Adds to the score of some documents, for each set that they are in.
    fn raise(&self, few: &mut [(Place, f32)], sets: &[Set<'_>], raise: f32) {
        // Very many take longer to be put in order than to be looked for by bits.
        let is_sorted = few.is_sorted_by_key(|it| it.0);
        let is_asked = is_sorted || few.len() <= SORTED;
        if is_asked && !is_sorted {
            few.sort_unstable_by_key(|it| it.0);
        }
        let cells = Cell::from_mut(few).as_slice_of_cells();
        let raise = |n: usize, is_in| {
            let (place, score) = cells[n].get();
            cells[n].set((place, if is_in { score + raise } else { score }));
        };
        for set in sets {
            if is_asked {
                self.ask(set.docs(), cells.len(), |n| cells[n].get().0, raise);
            } else {
                let bits = self.bits(set.docs());
                (0..cells.len()).for_each(|n| raise(n, bits.has(cells[n].get().0)));
            }
        }
    }

    /// Parts documents by how many of some sets they are in, from none on.
    fn by_fitting(&self, all: Bits, sets: &[Set<'_>]) -> Vec<Bits> {
        let mut parts = vec![all];
        for set in sets.iter().filter(|set| !set.is_empty()) {
            let fitting = self.bits(set.docs());
            // From the last one on, so that none goes up twice.
            for n in (0..parts.len()).rev() {
                let part = parts.get_mut(n).filter(|part| !part.is_empty());
                let Some(part) = part else { continue };
                let mut up = part.clone();
                up.and(&fitting);
                part.and_not(&up);
                match parts.get_mut(n + 1) {
                    Some(next) => next.or(&up),
                    None if up.is_empty() => {}
                    None => parts.push(up),
                }
            }
        }
        parts
    }
}
