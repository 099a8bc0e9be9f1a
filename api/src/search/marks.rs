//! Sets of documents as a bit for each.
use super::resident::Place;

/// Of all places of a part, which are in a set, and how many these are.
#[derive(Clone, Debug)]
pub(super) struct Marks {
    words: Vec<u64>,
    count: usize,
}

impl Marks {
    /// None of so many places.
    pub(super) fn none(places: usize) -> Marks {
        Marks { words: vec![0; places.div_ceil(64)], count: 0 }
    }

    pub(super) fn of(places: usize, marked: impl IntoIterator<Item = Place>) -> Marks {
        let mut marks = Marks::none(places);
        marked.into_iter().for_each(|place| marks.mark(place));
        marks
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

    pub(super) fn mark(&mut self, place: Place) {
        if let Some(word) = self.words.get_mut(place as usize / 64) {
            self.count += usize::from(*word & bit(place) == 0);
            *word |= bit(place);
        }
    }

    pub(super) fn unmark(&mut self, place: Place) {
        if let Some(word) = self.words.get_mut(place as usize / 64) {
            self.count -= usize::from(*word & bit(place) != 0);
            *word &= !bit(place);
        }
    }

    pub(super) fn and(&mut self, other: &Marks) {
        self.combine(other, |own, other| own & other);
    }

    pub(super) fn and_not(&mut self, other: &Marks) {
        self.combine(other, |own, other| own & !other);
    }

    pub(super) fn or(&mut self, other: &Marks) {
        self.combine(other, |own, other| own | other);
    }

    pub(super) fn retain(&mut self, is_kept: impl Fn(Place) -> bool) {
        let out: Vec<Place> = self.iter().filter(|it| !is_kept(*it)).collect();
        out.into_iter().for_each(|place| self.unmark(place));
    }

    /// Both are of the same places.
    fn combine(&mut self, other: &Marks, with: impl Fn(u64, u64) -> u64) {
        let mut count = 0;
        for (own, other) in self.words.iter_mut().zip(&other.words) {
            *own = with(*own, *other);
            count += own.count_ones() as usize;
        }
        self.count = count;
    }

    /// Those that are in both, in their order.
    pub(super) fn both<'m>(&'m self, other: &'m Marks) -> impl Iterator<Item = Place> + 'm {
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
    (0..).step_by(64).zip(words).flat_map(|(first, mut word): (Place, u64)| {
        std::iter::from_fn(move || {
            let next = (word != 0).then(|| first + word.trailing_zeros());
            // Without its lowest bit.
            word &= word.wrapping_sub(1);
            next
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(marks: &Marks) -> Vec<Place> {
        let all: Vec<Place> = marks.iter().collect();
        assert_eq!(all.len(), marks.len());
        all
    }

    #[test]
    fn sets_are_cut_joined_and_read_in_their_order() {
        let one = Marks::of(200, [0, 63, 64, 64, 199]);
        let other = Marks::of(200, [63, 65, 199, 1_000]);
        let with = |combine: fn(&mut Marks, &Marks)| {
            let mut marks = one.clone();
            combine(&mut marks, &other);
            all(&marks)
        };
        assert_eq!(all(&one), [0, 63, 64, 199]);
        assert_eq!(with(Marks::and), [63, 199]);
        assert_eq!(with(Marks::and_not), [0, 64]);
        assert_eq!(with(Marks::or), [0, 63, 64, 65, 199]);
        assert!(one.both(&other).eq([63, 199]));
        assert!(other.has(65) && !other.has(64) && !other.has(1_000));
    }

    #[test]
    fn a_mark_is_counted_once() {
        let mut marks = Marks::none(70);
        [69, 69, 3].into_iter().for_each(|it| marks.mark(it));
        [3, 3, 4].into_iter().for_each(|it| marks.unmark(it));
        assert_eq!(all(&marks), [69]);
    }
}
