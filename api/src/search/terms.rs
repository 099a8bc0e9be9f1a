//! All terms of a segment in memory, by their hashes: most terms that a query asks for are nowhere, and to learn that from
//! the library's dictionary takes longer than all else.
use std::{hash::BuildHasher as _, sync::LazyLock};

use foldhash::quality::RandomState;
use tantivy::schema::Field;

/// One for all, so that what is asked has the same hash in all segments. Nobody knows which terms have the same.
static HASHES: LazyLock<RandomState> = LazyLock::new(RandomState::default);

/// A text as it is asked for, in any field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key(u64);

impl Key {
    pub(super) fn of(text: impl AsRef<[u8]>) -> Key {
        Key(HASHES.hash_one(text.as_ref()))
    }

    fn hash_in(self, field: Field) -> u64 {
        let field = u64::from(field.field_id()) + 1;
        self.0 ^ field.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// Numbers of terms. Of a thousand million terms that are not there, less than one is taken for one that is: one of a hundred
/// passes the filter, is compared with two dozen slots, and would have to have the 32 bits at least that each keeps of a hash.
pub(super) struct Terms {
    known: Known,
    /// The number and one, and above that what of the hash has room; or nothing. In the slot of its hash, or in the first free
    /// one after it.
    slots: Vec<u64>,
    bits_of_number: u32,
}

impl Terms {
    /// For no more terms than these, with numbers below one.
    pub(super) fn with_room(terms: usize, numbers: usize) -> Terms {
        let bits_of_number = usize::BITS - numbers.leading_zeros();
        // With a seventh of them free, a term is found in its fourth slot on average.
        Terms { known: Known::of(terms), slots: vec![0; terms + terms / 6 + 1], bits_of_number }
    }

    pub(super) fn add(&mut self, field: Field, key: Key, number: u32) {
        let hash = key.hash_in(field);
        self.known.add(hash);
        let (first, tag) = self.slot(hash);
        let (before, from) = self.slots.split_at_mut(first);
        if let Some(free) = from.iter_mut().chain(before).find(|it| **it == 0) {
            *free = tag | (u64::from(number) + 1);
        }
    }

    pub(super) fn get(&self, field: Field, key: Key) -> Option<u32> {
        let hash = key.hash_in(field);
        if !self.known.may_have(hash) {
            return None;
        }
        let (first, tag) = self.slot(hash);
        let (before, from) = self.slots.split_at(first);
        let mut taken = from.iter().chain(before).take_while(|it| **it != 0);
        let slot = taken.find(|it| (**it ^ tag) >> self.bits_of_number == 0)?;
        u32::try_from((slot ^ tag) - 1).ok()
    }

    /// The first slot of a hash, by its highest bits, and its lowest as they are kept in it.
    fn slot(&self, hash: u64) -> (usize, u64) {
        (part_of(hash, self.slots.len()), hash << self.bits_of_number)
    }
}

/// Which of so many a hash means.
fn part_of(hash: u64, all: usize) -> usize {
    usize::try_from((u128::from(hash) * all as u128) >> 64).unwrap_or_default()
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
    fn block(&self, hash: u64) -> (usize, [u64; 8]) {
        let mut bits = [0; 8];
        for shift in [0, 9, 18, 27] {
            let bit = (hash >> shift) % BITS_OF_A_BLOCK as u64;
            bits[(bit / 64) as usize] |= 1 << (bit % 64);
        }
        (part_of(hash, self.0.len()), bits)
    }

    fn add(&mut self, hash: u64) {
        let (block, bits) = self.block(hash);
        self.0[block].iter_mut().zip(bits).for_each(|(word, bits)| *word |= bits);
    }

    fn may_have(&self, hash: u64) -> bool {
        let (block, bits) = self.block(hash);
        self.0[block].iter().zip(bits).all(|(word, bits)| word & bits == bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: u32 = 7;
    const TERMS: u32 = 20_000;

    fn term(number: u32) -> (Field, Key) {
        (Field::from_field_id(number % FIELDS), Key::of(format!("w{}", number / FIELDS)))
    }

    #[test]
    fn a_term_has_its_number_in_its_field() {
        let mut terms = Terms::with_room(TERMS as usize, TERMS as usize);
        for number in 0..TERMS {
            let (field, key) = term(number);
            terms.add(field, key, number);
        }
        for number in 0..2 * TERMS {
            let (field, key) = term(number);
            assert_eq!(terms.get(field, key), (number < TERMS).then_some(number), "{number}");
        }
    }

    #[test]
    fn there_is_room_for_none_and_for_one() {
        for most in 0..2 {
            let mut terms = Terms::with_room(most as usize, most as usize);
            (0..most).for_each(|number| terms.add(term(number).0, term(number).1, number));
            let found = [0, 1].map(|it| terms.get(term(it).0, term(it).1));
            assert_eq!(found, [(most == 1).then_some(0), None]);
        }
    }

    #[test]
    fn few_terms_are_taken_for_others() {
        let mut known = Known::of(10_000);
        let hash = |number| term(number).1.hash_in(term(number).0);
        (0..10_000).for_each(|number| known.add(hash(number)));
        assert!((0..10_000).all(|number| known.may_have(hash(number))));
        let wrong = (10_000..30_000).filter(|number| known.may_have(hash(*number))).count();
        assert!(wrong < 600, "{wrong} of 20,000");
    }
}
