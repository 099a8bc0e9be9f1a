//! Words of texts and queries, in the two forms in which they are compared: as typed, and without marks.
use unicode_normalization::UnicodeNormalization as _;

use crate::value::fold;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Without marks and case, as [`fold::fold`] makes it.
    pub folded: String,
    /// With its marks. The tone stands behind the letters, so that `hoá` and `hóa`, which are one word, are equal.
    pub exact: String,
    /// First character in the text, and the one after the last.
    pub start: usize,
    pub end: usize,
}

/// The words of a text, in their order. One that folds to nothing, such as a mark alone, is none.
pub(super) fn words(text: &str) -> Vec<Word> {
    first_words(text, usize::MAX)
}

/// The first ones of them; what comes after these is not looked at.
pub(super) fn first_words(text: &str, most: usize) -> Vec<Word> {
    let mut words = Vec::new();
    let mut current = String::new();
    let mut start = 0;
    let mut count = 0;
    for (place, c) in text.chars().enumerate() {
        if words.len() >= most {
            words.truncate(most);
            return words;
        }
        count = place + 1;
        if fold::is_of_word(c) {
            if current.is_empty() {
                start = place;
            }
            current.push(c);
        } else if !current.is_empty() {
            add(&mut words, &current, start, place);
            current.clear();
        }
    }
    if !current.is_empty() {
        add(&mut words, &current, start, count);
    }
    words
}

fn add(words: &mut Vec<Word>, word: &str, start: usize, end: usize) {
    // All that can be said of these letters, sooner.
    if word.is_ascii() {
        let folded = word.to_ascii_lowercase();
        words.push(Word { exact: folded.clone(), folded, start, end });
        return;
    }
    // Compatibility forms can fold into several words, as `½` does: they are found by each.
    for folded in fold::fold(word).split(' ').filter(|it| !it.is_empty()) {
        words.push(Word { folded: folded.to_owned(), exact: exact(word), start, end });
    }
}

/// Marks that are tones of Vietnamese: grave, acute, tilde, hook above, dot below.
fn is_tone(c: char) -> bool {
    matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}')
}

/// The form of a word in which its marks count, wherever its tone is written.
fn exact(word: &str) -> String {
    let lower: String = word.nfd().flat_map(char::to_lowercase).collect();
    let (tones, letters): (Vec<char>, Vec<char>) = lower.chars().partition(|it| is_tone(*it));
    letters.into_iter().chain(tones).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|it| it.folded).collect()
    }

    #[test]
    fn words_are_syllables() {
        assert_eq!(folded("Thủ đô – “Hà Nội”, 2019!"), ["thu", "do", "ha", "noi", "2019"]);
        assert_eq!(folded("\u{301} …"), [""; 0]);
    }

    #[test]
    fn a_word_knows_its_place() {
        let all = words("Ở Hà\u{a0}Nội");
        assert_eq!((all[2].start, all[2].end, &*all[2].folded), (5, 8, "noi"));
    }

    #[test]
    fn the_place_of_a_tone_does_not_matter_and_the_tone_does() {
        let exact = |text: &str| words(text)[0].exact.clone();
        assert_eq!(exact("hoá"), exact("hóa"));
        assert_eq!(exact("THUỶ"), exact("thủy"));
        assert_eq!(exact("Nội"), exact("No\u{302}\u{323}i"));
        assert_ne!(exact("Nội"), exact("Nôi"));
        assert_ne!(exact("hoa"), exact("hóa"));
    }
}
