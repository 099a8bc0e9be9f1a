//! Typos: one letter more, less, other, or swapped with its neighbour.
use std::ops::RangeInclusive;

/// Letters of what can have a typo: who types less can mean anything, and longer names are typed in their words.
pub(super) const LETTERS: RangeInclusive<usize> = 4..=24;

/// Whether a word is long enough for a typo. Another number is never meant.
pub(super) fn can_have_typo(word: &str) -> bool {
    can_be_meant(word, LETTERS)
}

pub(super) fn can_be_meant(word: &str, lengths: RangeInclusive<usize>) -> bool {
    // An end of the count: words can be long.
    let letters = word.chars().take(lengths.end() + 1).count();
    lengths.contains(&letters) && !word.chars().any(char::is_numeric)
}

/// Whether texts differ by one letter more, less, other, or swapped with its neighbour; or not at all.
pub(super) fn is_near(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (a.chars(), b.chars());
    loop {
        let rest = (a.clone(), b.clone());
        match (a.next(), b.next()) {
            (None, None) => return true,
            (first, second) if first == second => {}
            (first, second) => {
                let is_swapped = || {
                    let (mut a, mut b) = (a.clone(), b.clone());
                    a.next() == second && b.next() == first && a.eq(b)
                };
                return a.clone().eq(b.clone())
                    || a.clone().eq(rest.1)
                    || rest.0.eq(b.clone())
                    || is_swapped();
            }
        }
    }
}

/// Hashes of a word and of what is left of it without one of its letters. Two words that are a letter apart have one of
/// these in common.
pub(super) fn forms(word: &str) -> impl Iterator<Item = u32> {
    let letters: Vec<char> = word.chars().collect();
    (0..=letters.len()).filter_map(move |left_out| {
        // Without one of two equal neighbours it is the same.
        let is_again = left_out > 0 && letters.get(left_out - 1) == letters.get(left_out);
        (!is_again).then(|| {
            let kept = letters.iter().enumerate().filter(|(at, _)| *at != left_out);
            kept.fold(0x811c_9dc5, |hash: u32, (_, letter)| {
                (hash.rotate_left(5) ^ *letter as u32).wrapping_mul(0x9e37_79b9)
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_letter_is_a_typo_and_two_are_none() {
        for (a, b) in [
            ("hanoi", "hanoi"),
            ("hanoii", "hanoi"),
            ("anoi", "hanoi"),
            ("hano", "hanoi"),
            ("hanio", "hanoi"),
            ("ahnoi", "hanoi"),
            ("hanoj", "hanoi"),
            ("xanoi", "hanoi"),
            ("", "a"),
        ] {
            assert!(is_near(a, b) && is_near(b, a), "{a} {b}");
        }
        for (a, b) in [("hnaio", "hanoi"), ("hanoixx", "hanoi"), ("noiha", "hanoi"), ("", "ab")] {
            assert!(!is_near(a, b) && !is_near(b, a), "{a} {b}");
        }
    }

    #[test]
    fn words_a_letter_apart_have_a_form_in_common() {
        let word = "xuan";
        let all: HashSet<u32> = forms(word).collect();
        for at in 0..=word.len() {
            let mut others = vec![format!("{}đ{}", &word[..at], &word[at..])];
            if at < word.len() {
                others.push(format!("{}{}", &word[..at], &word[at + 1..]));
                others.push(format!("{}o{}", &word[..at], &word[at + 1..]));
            }
            if let (Some(first), Some(second)) = (word.get(at..at + 1), word.get(at + 1..at + 2)) {
                others.push(format!("{}{second}{first}{}", &word[..at], &word[at + 2..]));
            }
            for other in others {
                assert!(forms(&other).any(|form| all.contains(&form)), "{other}");
            }
        }
    }

    #[test]
    fn numbers_and_short_words_have_none() {
        assert!(can_have_typo("hoan"));
        assert!(!can_have_typo("hoa") && !can_have_typo("2019") && !can_have_typo(&"a".repeat(25)));
    }
}
