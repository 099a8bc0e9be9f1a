//! What is left of the keys of Telex and VNI where no keyboard has turned them into letters: `ddoongf xuaan`, `d9o6ng2 xua6n`
//! are `đồng xuân`.
use unicode_normalization::UnicodeNormalization as _;

/// No syllable of Vietnamese has more letters than `nghiêng`.
const MOST_LETTERS: usize = 7;

/// The text with its keys as letters; `None` if no word of it has any. What has none stays.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut is_changed = false;
    let mut decoded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !decoded.is_empty() {
            decoded.push(' ');
        }
        match Syllable::of(word).and_then(Syllable::decoded) {
            Some(word) => {
                is_changed = true;
                decoded.push_str(&word);
            }
            None => decoded.push_str(word),
        }
    }
    is_changed.then_some(decoded)
}

/// A syllable, key by key.
#[derive(Default)]
struct Syllable {
    letters: Vec<char>,
    tone: Option<char>,
    /// Some keys were marks of letters.
    is_marked: bool,
}

/// The tone of a key.
fn tone(key: char) -> Option<char> {
    Some(match key {
        'f' | '2' => '\u{300}',
        's' | '1' => '\u{301}',
        'r' | '3' => '\u{309}',
        'x' | '4' => '\u{303}',
        'j' | '5' => '\u{323}',
        _ => return None,
    })
}

fn circumflex(letter: char) -> Option<char> {
    Some(match letter {
        'a' => 'â',
        'e' => 'ê',
        'o' => 'ô',
        _ => return None,
    })
}

fn horn(letter: char) -> Option<char> {
    Some(match letter {
        'o' => 'ơ',
        'u' => 'ư',
        _ => return None,
    })
}

fn breve(letter: char) -> Option<char> {
    (letter == 'a').then_some('ă')
}

fn is_vowel(letter: char) -> bool {
    "aăâeêioôơuưy".contains(letter)
}

impl Syllable {
    /// `None` for what is no syllable of these keys: in none does a letter such as `r` or `s` stand after the vowel.
    fn of(word: &str) -> Option<Syllable> {
        let mut syllable = Syllable::default();
        for key in word.chars().flat_map(char::to_lowercase) {
            syllable.take(key).filter(|()| syllable.letters.len() <= MOST_LETTERS)?;
        }
        Some(syllable)
    }

    fn take(&mut self, key: char) -> Option<()> {
        let has_vowel = self.letters.iter().any(|it| is_vowel(*it));
        if let Some(tone) = tone(key).filter(|_| has_vowel) {
            return self.tone.replace(tone).is_none().then_some(());
        }
        let is_mark = match key {
            'a' | 'e' | 'o' => self.mark(|it| circumflex(it).filter(|_| it == key)),
            '6' => self.mark(circumflex),
            'w' => self.mark(|it| breve(it).or_else(|| horn(it))) && self.both_horns(),
            '7' => self.mark(horn) && self.both_horns(),
            '8' => self.mark(breve),
            'd' | '9' => self.stroke(),
            _ => false,
        };
        match key {
            _ if is_mark => self.is_marked = true,
            // Alone, it is short for the two keys of this letter.
            'w' => {
                self.letters.push('ư');
                self.is_marked = true;
            }
            _ if key.is_alphabetic() => self.letters.push(key),
            _ => return None,
        }
        Some(())
    }

    /// Marks the last letter that takes the mark.
    fn mark(&mut self, marked: impl Fn(char) -> Option<char>) -> bool {
        let letter = self.letters.iter_mut().rev().find_map(|it| Some((marked(*it)?, it)));
        letter.map(|(marked, it)| *it = marked).is_some()
    }

    /// `uo` has two horns: `nuowc` is `nươc`.
    fn both_horns(&mut self) -> bool {
        if let [.., first, second] = self.letters.as_mut_slice()
            && (*first, *second) == ('u', 'ơ')
        {
            *first = 'ư';
        }
        true
    }

    fn stroke(&mut self) -> bool {
        match self.letters.first_mut() {
            Some(first) if *first == 'd' => {
                *first = 'đ';
                true
            }
            _ => false,
        }
    }

    fn decoded(self) -> Option<String> {
        let Some(tone) = self.tone else {
            return self.is_marked.then(|| self.letters.into_iter().collect());
        };
        let on = self.toned()?;
        let letters = self.letters.into_iter().enumerate();
        let marked = letters.flat_map(|(at, letter)| {
            [Some(letter), (at == on).then_some(tone)].into_iter().flatten()
        });
        Some(marked.nfc().collect())
    }

    /// The letter that the tone is written on: a marked vowel, else the one before the last unless consonants follow.
    fn toned(&self) -> Option<usize> {
        let onset = match self.letters.as_slice() {
            // They are consonants here.
            ['q', 'u', next, ..] | ['g', 'i', next, ..] if is_vowel(*next) => 2,
            _ => 0,
        };
        let places = self.letters.iter().enumerate().skip(onset);
        let vowels: Vec<usize> =
            places.filter(|(_, it)| is_vowel(**it)).map(|(at, _)| at).collect();
        let marked =
            vowels.iter().rev().find(|at| self.letters.get(**at).is_some_and(|it| !it.is_ascii()));
        let last = *vowels.last()?;
        let is_closed = last + 1 < self.letters.len();
        let before = vowels.len().checked_sub(2).and_then(|at| vowels.get(at)).copied();
        Some(marked.copied().unwrap_or(if is_closed { last } else { before.unwrap_or(last) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_letters() {
        for (keys, text) in [
            ("ddoongf xuaan", "đồng xuân"),
            ("vawn hoas", "văn hóa"),
            ("haf nooij", "hà nội"),
            ("vieejt nam", "việt nam"),
            ("thuwowng", "thương"),
            ("nuwowcs", "nước"),
            ("nuowcs", "nước"),
            ("d9o6ng2 xua6n", "đồng xuân"),
            ("Ha2 No6i5", "hà nội"),
            ("quoocs", "quốc"),
            ("gias", "giá"),
            ("ddaf lajt", "đà lạt"),
            ("hueej", "huệ"),
        ] {
            assert_eq!(decoded(keys).as_deref(), Some(text), "{keys}");
        }
    }

    #[test]
    fn what_has_no_keys_stays() {
        for text in ["ha noi", "paris", "", "1581130", "hà nội", "𝓪 🎨", "ssss"] {
            assert_eq!(decoded(text), None, "{text}");
        }
        assert_eq!(decoded("paris ddoongf"), Some("paris đồng".to_owned()));
    }
}
