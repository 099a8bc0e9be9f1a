//! Words of texts and queries, in the two forms in which they are compared: as typed, and without marks.
use std::{collections::HashMap, sync::LazyLock};

use smallvec::SmallVec;
use unicode_normalization::UnicodeNormalization as _;

use crate::value::fold;

/// Longer words, in letters without marks, are nobody's name: they are none.
const LONGEST: usize = 60;
/// Characters that a letter can be written with.
const MARKED: usize = 4;

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
    // What comes after a text ends its last word.
    for (place, c) in text.chars().chain([' ']).enumerate() {
        let is_letter = LETTERS.of(c).is_some() || fold::is_word(c);
        if is_letter && current.is_empty() {
            start = place;
        }
        // A mark that stands behind no letter is of no word.
        if is_letter || !current.is_empty() && fold::is_of_word(c) {
            current.push(c);
        } else if !current.is_empty() {
            if place - start <= MARKED * LONGEST {
                add(&mut words, &current, start, place);
            }
            current.clear();
        }
        if words.len() >= most {
            words.truncate(most);
            break;
        }
    }
    words
}

fn add(words: &mut Vec<Word>, word: &str, start: usize, end: usize) {
    let forms = match known(word) {
        Some(forms) => SmallVec::from_buf([forms]),
        // Compatibility forms can fold into several words, as `½` does: they are found by each.
        None => several(word),
    };
    let forms = forms.into_iter().filter(|it| it.0.chars().count() <= LONGEST);
    words.extend(forms.map(|(folded, exact)| Word { folded, exact, start, end }));
}

fn several(word: &str) -> SmallVec<[(String, String); 1]> {
    let folded = fold::fold(word);
    let all = folded.split(' ').filter(|it| !it.is_empty());
    all.map(|folded| (folded.to_owned(), exact(word))).collect()
}

/// A letter that is one character in each of its forms.
#[derive(Clone, Copy)]
struct Letter {
    folded: char,
    /// Without its tone.
    letter: char,
    tone: Option<char>,
}

/// Letters that nearly all words are made of, with their forms, which take long to find by the rules of Unicode.
struct Letters {
    /// By code point, from the first.
    letters: Vec<Option<Letter>>,
    toned: HashMap<(char, char), char>,
}

static LETTERS: LazyLock<Letters> = LazyLock::new(|| {
    // Up to the last letter of Vietnamese.
    let letters: Vec<Option<Letter>> = ('\0'..='ỹ').map(letter).collect();
    // Those that are the same with the tone behind all other marks.
    let all = ('\0'..='ỹ').zip(&letters).filter(|(c, _)| exact(&c.to_string()).chars().eq([*c]));
    let toned =
        all.filter_map(|(c, letter)| letter.and_then(|it| Some(((it.letter, it.tone?), c))));
    Letters { toned: toned.collect(), letters }
});

/// Finds the forms of these letters, which no query should wait for.
pub(super) fn prepare() {
    LazyLock::force(&LETTERS);
}

impl Letters {
    fn of(&self, c: char) -> Option<Letter> {
        self.letters.get(c as usize).copied().flatten()
    }
}

fn letter(c: char) -> Option<Letter> {
    if !fold::is_of_word(c) {
        return None;
    }
    let lower: String = c.nfd().flat_map(char::to_lowercase).collect();
    let (tones, letters): (Vec<char>, Vec<char>) = lower.chars().partition(|it| is_tone(*it));
    let tone = match tones.as_slice() {
        [] => None,
        [tone] => Some(*tone),
        _ => return None,
    };
    let letter = only(letters.into_iter().nfc())?;
    // Between others, since some leave a gap behind.
    let folded: Vec<char> = fold::fold(&format!("a{c}a")).chars().collect();
    match folded.as_slice() {
        ['a', folded, 'a'] if *folded != ' ' => Some(Letter { folded: *folded, letter, tone }),
        _ => None,
    }
}

fn only(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

/// Both forms of a word of such letters with no more than one tone.
fn known(word: &str) -> Option<(String, String)> {
    let (mut folded, mut exact) = (String::new(), String::new());
    let mut tone = None;
    for c in word.chars() {
        let letter = LETTERS.of(c)?;
        folded.push(letter.folded);
        exact.push(letter.letter);
        if let Some(of_letter) = letter.tone
            && tone.replace(of_letter).is_some()
        {
            return None;
        }
    }
    if let Some(tone) = tone {
        let last = exact.pop()?;
        match LETTERS.toned.get(&(last, tone)) {
            Some(toned) => exact.push(*toned),
            // With most consonants it is no letter.
            None if last.is_ascii() => exact.extend([last, tone]),
            None => return None,
        }
    }
    Some((folded, exact))
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
    fn forms_of_known_letters_are_those_of_unicode() {
        let same = |word: &str| {
            if let Some(forms) = known(word) {
                assert_eq!(forms, (fold::fold(word), exact(word)), "{word}");
                return 1;
            }
            0
        };
        let letters: Vec<char> = ('\0'..='ỹ').filter(|c| LETTERS.of(*c).is_some()).collect();
        let mut count = 0;
        for first in &letters {
            count += same(&first.to_string());
            for second in "aếonỵđÔ".chars() {
                count += same(&format!("{first}{second}")) + same(&format!("{second}{first}"));
            }
        }
        assert!(count > 10_000, "{count}");
        for word in ["nghiêng", "ĐƯỜNG", "thuỷ", "hoá", "2019", "Nội", "toán", "bộ"] {
            assert_eq!(same(word), 1, "{word}");
        }
    }

    #[test]
    fn what_is_longer_than_words_are_is_none() {
        let marked = "e\u{302}\u{323}".repeat(60);
        assert_eq!(folded(&format!("{} {marked} ha", "b".repeat(60))).len(), 3);
        let marks = "\u{301}".repeat(300);
        assert_eq!(folded(&format!("{} a{marks} ha", "b".repeat(61))), ["ha"]);
    }

    #[test]
    fn a_word_knows_its_place() {
        let all = words("Ở Hà\u{a0}\u{301}Nội");
        assert_eq!((all[2].start, all[2].end, &*all[2].folded), (6, 9, "noi"));
        assert_eq!((all[0].start, all[0].end), (0, 1));
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
