//! Quotes in a text: where they stand, in characters and in bytes.
use crate::record::write::MistakeCode;

/// First and last character of a quote, first and last byte, half-open.
pub(super) type Span = [usize; 4];

/// Why a quote has no place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unplaced {
    Empty,
    Missing {
        start: Option<u64>,
    },
    /// The first two characters at which it stands.
    Twice([usize; 2]),
}

impl Unplaced {
    pub(super) fn code(&self) -> MistakeCode {
        match self {
            Unplaced::Empty => MistakeCode::Required,
            Unplaced::Missing { .. } | Unplaced::Twice(_) => MistakeCode::QuoteNotFound,
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Unplaced::Empty => "a quote has words".to_owned(),
            Unplaced::Missing { start: Some(start) } => {
                format!("the text does not have these words at character {start}")
            }
            Unplaced::Missing { start: None } => {
                "the text does not have these words: copy them as they stand there".to_owned()
            }
            Unplaced::Twice([first, second]) => format!(
                "the text has these words at character {first}, at {second} and perhaps further on: say by `charStart` \
                 of a `quote` which are meant"
            ),
        }
    }
}

/// A text that quotes are looked for in. From a byte to its character and back is a walk of one page, however long the text.
pub(super) struct Quoted {
    text: String,
    /// The characters that begin before each page.
    before: Vec<usize>,
}

/// Bytes of a page.
const PAGE: usize = 4_096;

impl Quoted {
    pub(super) fn new(text: String) -> Quoted {
        let mut before = vec![0];
        let mut count = 0;
        for page in text.as_bytes().chunks_exact(PAGE) {
            count += starts(page);
            before.push(count);
        }
        Quoted { text, before }
    }

    /// Where a quote stands: with a place given there and nowhere else, without one where it stands once.
    pub(super) fn place(&self, quote: &str, start: Option<u64>) -> Result<Span, Unplaced> {
        let Some(first) = quote.chars().next() else { return Err(Unplaced::Empty) };
        let missing = || Unplaced::Missing { start };
        if let Some(start) = start {
            let char = usize::try_from(start).map_err(|_| missing())?;
            let byte = self.byte_of(char).filter(|byte| self.has(quote, *byte));
            return byte.map(|byte| span(quote, char, byte)).ok_or_else(missing);
        }
        let byte = self.text.find(quote).ok_or_else(missing)?;
        let char = self.char_of(byte);
        // It may overlap itself.
        let after = byte + first.len_utf8();
        match self.text.get(after..).and_then(|rest| rest.find(quote)) {
            Some(further) => Err(Unplaced::Twice([char, self.char_of(after + further)])),
            None => Ok(span(quote, char, byte)),
        }
    }

    fn has(&self, quote: &str, byte: usize) -> bool {
        self.text.get(byte..).is_some_and(|rest| rest.starts_with(quote))
    }

    /// The number of the character that begins at a byte.
    fn char_of(&self, byte: usize) -> usize {
        let page = byte / PAGE;
        let before = self.before.get(page).copied().unwrap_or_default();
        before + self.text.as_bytes().get(page * PAGE..byte).map_or(0, starts)
    }

    /// The byte at which a character begins; `None` behind the end.
    fn byte_of(&self, char: usize) -> Option<usize> {
        let page = self.before.partition_point(|before| *before <= char).checked_sub(1)?;
        let (from, left) = (page * PAGE, char - self.before.get(page)?);
        let bytes = self.text.as_bytes().get(from..)?;
        let (byte, _) = bytes.iter().enumerate().filter(|(_, byte)| is_start(**byte)).nth(left)?;
        Some(from + byte)
    }
}

fn span(quote: &str, char: usize, byte: usize) -> Span {
    [char, char + quote.chars().count(), byte, byte + quote.len()]
}

/// How many characters begin in these bytes of UTF-8.
fn starts(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| is_start(**byte)).count()
}

fn is_start(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All places at which a quote stands, each found by looking at all that is before it.
    fn naive(text: &str, quote: &str) -> Vec<Span> {
        let at = |(char, (byte, _)): (usize, (usize, char))| {
            let stands = text[byte..].starts_with(quote);
            stands.then(|| [char, char + quote.chars().count(), byte, byte + quote.len()])
        };
        text.char_indices().enumerate().filter_map(at).collect()
    }

    /// Numbers that look like chance, the same each time.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, end: usize) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap() % end
        }

        /// Of few letters, of one to four bytes, so that words stand often and overlap.
        fn text(&mut self, length: usize) -> String {
            (0..length).map(|_| ['a', 'đ', 'ộ', '🎨'][self.below(4)]).collect()
        }
    }

    #[test]
    fn places_are_those_of_a_naive_search() {
        let mut chance = Chance(1);
        for round in 0..400 {
            // Some are longer than a page, whose end is in the middle of a character then.
            let length = [1, 3, 20, 200, 2_500][round % 5];
            let text = chance.text(length);
            let quoted = Quoted::new(text.clone());
            let length = 1 + chance.below(6);
            let quote = chance.text(length);
            let all = naive(&text, &quote);

            let expected = match all.as_slice() {
                [] => Err(Unplaced::Missing { start: None }),
                [one] => Ok(*one),
                [first, second, ..] => Err(Unplaced::Twice([first[0], second[0]])),
            };
            assert_eq!(quoted.place(&quote, None), expected, "{quote} in {text}");
            for _ in 0..20 {
                let start = chance.below(text.chars().count() + 2);
                let there = all.iter().find(|span| span[0] == start).copied();
                let start = Some(start as u64);
                let expected = there.ok_or(Unplaced::Missing { start });
                assert_eq!(quoted.place(&quote, start), expected, "{quote} at {start:?} in {text}");
            }
        }
    }

    #[test]
    fn each_character_of_a_long_text_has_its_byte() {
        let text = "aộ🎨đ".repeat(PAGE);
        let quoted = Quoted::new(text.clone());

        for (char, (byte, _)) in text.char_indices().enumerate() {
            assert_eq!((quoted.byte_of(char), quoted.char_of(byte)), (Some(byte), char));
        }
        assert_eq!(quoted.byte_of(text.chars().count()), None);
        assert_eq!(quoted.byte_of(usize::MAX), None);
    }

    #[test]
    fn a_quote_is_found_in_characters_and_bytes() {
        assert_eq!(Quoted::new("Ở Hà Nội".to_owned()).place("Hà Nội", None), Ok([2, 8, 4, 13]));
    }

    #[test]
    fn a_quote_without_words_is_none() {
        assert_eq!(Quoted::new("a".to_owned()).place("", None), Err(Unplaced::Empty));
        assert_eq!(
            Quoted::new(String::new()).place("a", Some(0)),
            Err(Unplaced::Missing { start: Some(0) })
        );
    }

    #[test]
    fn words_that_stand_twice_need_their_place() {
        let text = Quoted::new("đêm, đêm".to_owned());

        let told = text.place("đêm", None).unwrap_err();
        assert_eq!(told.code(), MistakeCode::QuoteNotFound);
        assert!(told.message().contains("`charStart`"), "{}", told.message());
        assert_eq!(text.place("đêm", Some(5)).unwrap()[0], 5);
        assert_eq!(text.place("đêm", Some(4)).unwrap_err().code(), MistakeCode::QuoteNotFound);
    }
}
