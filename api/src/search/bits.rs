//! Sets of documents as a bit for each.
use super::resident::Place;

/// Of all places of a part, which are in a set, and how many these are.
#[derive(Clone, Debug)]
pub(super) struct Bits {
    words: Vec<u64>,
    count: usize,
}

impl Bits {
    /// None of so many places.
    pub(super) fn none(places: usize) -> Bits {
        Bits { words: vec![0; places.div_ceil(64)], count: 0 }
    }

    pub(super) fn of(places: usize, set: impl IntoIterator<Item = Place>) -> Bits {
        let mut bits = Bits::none(places);
        set.into_iter().for_each(|place| bits.set(place));
        bits
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn has(&self, place: Place) -> bool {
        self.words.get(place as usize / 64).is_some_and(|word| word & bit(place) != 0)
    }

    pub(super) fn set(&mut self, place: Place) {
        if let Some(word) = self.words.get_mut(place as usize / 64) {
            self.count += usize::from(*word & bit(place) == 0);
            *word |= bit(place);
        }
    }

    pub(super) fn clear(&mut self, place: Place) {
        if let Some(word) = self.words.get_mut(place as usize / 64) {
            self.count -= usize::from(*word & bit(place) != 0);
            *word &= !bit(place);
        }
    }

    pub(super) fn and(&mut self, other: &Bits) {
        self.combine(other, |own, other| own & other);
    }

    pub(super) fn and_not(&mut self, other: &Bits) {
        self.combine(other, |own, other| own & !other);
    }

    pub(super) fn or(&mut self, other: &Bits) {
        self.combine(other, |own, other| own | other);
    }

    pub(super) fn retain(&mut self, is_kept: impl Fn(Place) -> bool) {
        let mut count = 0;
        for (first, word) in (0..).step_by(64).zip(&mut self.words) {
            for place in (OfWord { first, left: *word }) {
                if !is_kept(place) {
                    *word &= !bit(place);
                }
            }
            count += word.count_ones() as usize;
        }
        self.count = count;
    }

    /// Both are of the same places.
    fn combine(&mut self, other: &Bits, with: impl Fn(u64, u64) -> u64) {
        let mut count = 0;
        for (own, other) in self.words.iter_mut().zip(&other.words) {
            *own = with(*own, *other);
            count += own.count_ones() as usize;
        }
        self.count = count;
    }

    /// Those that are in both, in their order.
    pub(super) fn both<'m>(&'m self, other: &'m Bits) -> impl Iterator<Item = Place> + 'm {
        places(self.words.iter().zip(&other.words).map(|(own, other)| own & other))
    }

    /// In their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Place> + '_ {
        places(self.words.iter().copied())
    }
}

fn bit(place: Place) -> u64 {
    1 << (place % 64)
}

fn places(words: impl Iterator<Item = u64>) -> impl Iterator<Item = Place> {
    (0..).step_by(64).zip(words).flat_map(|(first, left)| OfWord { first, left })
}

/// Places of the bits of a word.
struct OfWord {
    first: Place,
    left: u64,
}

impl Iterator for OfWord {
    type Item = Place;

    #[inline]
    fn next(&mut self) -> Option<Place> {
        let next = (self.left != 0).then(|| self.first + self.left.trailing_zeros());
        // Without its lowest bit.
        self.left &= self.left.wrapping_sub(1);
        next
    }

    // For those who want all of them this is several times as fast as one call for each.
    #[inline]
    fn fold<B, F: FnMut(B, Place) -> B>(mut self, init: B, mut with: F) -> B {
        let mut all = init;
        while self.left != 0 {
            all = with(all, self.first + self.left.trailing_zeros());
            self.left &= self.left - 1;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bits: &Bits) -> Vec<Place> {
        let all: Vec<Place> = bits.iter().collect();
        assert_eq!(all.len(), bits.len());
        all
    }

    #[test]
    fn sets_are_cut_joined_and_read_in_their_order() {
        let one = Bits::of(200, [0, 63, 64, 64, 199]);
        let other = Bits::of(200, [63, 65, 199, 1_000]);
        let with = |combine: fn(&mut Bits, &Bits)| {
            let mut bits = one.clone();
            combine(&mut bits, &other);
            all(&bits)
        };
        assert_eq!(all(&one), [0, 63, 64, 199]);
        assert_eq!(with(Bits::and), [63, 199]);
        assert_eq!(with(Bits::and_not), [0, 64]);
        assert_eq!(with(Bits::or), [0, 63, 64, 65, 199]);
        assert!(one.both(&other).eq([63, 199]));
        let mut some = one.clone();
        some.retain(|place| place % 2 == 1);
        assert_eq!(all(&some), [63, 199]);
        assert!(other.has(65) && !other.has(64) && !other.has(1_000));
    }

    #[test]
    fn a_bit_is_counted_once() {
        let mut bits = Bits::none(70);
        [69, 69, 3].into_iter().for_each(|it| bits.set(it));
        [3, 3, 4].into_iter().for_each(|it| bits.clear(it));
        assert_eq!(all(&bits), [69]);
    }
}
