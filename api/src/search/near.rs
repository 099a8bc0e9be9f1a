//! Terms that are a letter away from a word.
use super::typo::{self, LETTERS, can_be_meant, is_near};

/// Terms that are looked at for one word. Those beyond are of words that differ in a letter from very many others.
const MOST_LOOKED_AT: usize = 256;

/// Each term under itself and under what is left of it without one of its letters: of two that are a letter apart, both are
/// under one of these. (As in `SymSpell`, with a hash in place of the text.)
#[derive(Default)]
pub(super) struct Near {
    /// Form, and which of the terms.
    forms: Vec<(u32, u32)>,
    /// Where the text of each ends, and its number.
    terms: Vec<(usize, u32)>,
    texts: String,
}

impl Near {
    /// Terms are added in their order.
    pub(super) fn add(&mut self, key: &[u8], number: u32) {
        let (Ok(text), Ok(term)) = (std::str::from_utf8(key), u32::try_from(self.terms.len()))
        else {
            return;
        };
        // Who types too much or too little has a letter more or less.
        let lengths = LETTERS.start() - 1..=LETTERS.end() + 1;
        if can_be_meant(text, lengths) {
            self.forms.extend(typo::forms(text).map(|form| (form, term)));
            self.texts.push_str(text);
            self.terms.push((self.texts.len(), number));
        }
    }

    pub(super) fn sorted(mut self) -> Near {
        self.forms.sort_unstable();
        self
    }

    fn text(&self, term: u32) -> &str {
        let term = term as usize;
        let end = |term: usize| self.terms.get(term).map_or(0, |it| it.0);
        let start = term.checked_sub(1).map_or(0, end);
        self.texts.get(start..end(term)).unwrap_or_default()
    }

    /// Numbers of the terms with at most one letter more, less, other or swapped, in the order of the terms.
    pub(super) fn to(&self, word: &str) -> impl Iterator<Item = u32> {
        let mut found = Vec::new();
        for form in typo::forms(word) {
            let first = self.forms.partition_point(|it| it.0 < form);
            let same = self.forms.iter().skip(first).take_while(|it| it.0 == form);
            found.extend(same.map(|it| it.1).take(MOST_LOOKED_AT));
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|term| is_near(self.text(*term), word));
        found.into_iter().filter_map(|term| self.terms.get(term as usize).map(|it| it.1))
    }
}
