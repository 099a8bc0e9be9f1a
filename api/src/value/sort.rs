//! Keys that databases compare byte by byte and that come out in a dictionary's order.
//!
//! Vietnamese, after the rules of the Vietnam Lexicography Centre (Vũ Xuân Lương, «Quy tắc sắp xếp đơn vị từ vựng trong
//! từ điển tiếng Việt», vietlex.com; Unicode CLDR has the same tones in `vi.xml`): the letters `a ă â b c d đ …`, then
//! the tones none, huyền, hỏi, ngã, sắc, nặng, syllable by syllable from the left, and last lower case before upper.
//! Syllable by syllable means that the tone of the first weighs more than the letters of the second: all that starts
//! with the word "ba" comes before all that starts with "bà".
//!
//! English: letters without marks over the whole text, then marks, then case. `đ` is a `d` with a mark.
//!
//! In both, words come first (a space sorts before letters), digits before letters, and letters of other scripts after
//! Latin ones, by code point. Punctuation counts as space.
use unicode_normalization::{
    UnicodeNormalization as _,
    char::{compose, decompose_canonical, is_combining_mark},
};

use super::fold::{is_invisible, is_word, plain};

/// Whose dictionary order a key follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alphabet {
    Vietnamese,
    /// English, and what else takes marks for a lesser difference.
    Latin,
}

/// In order. The letters f, j, w and z are foreign to the language, but have their place in dictionaries.
const VIETNAMESE: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";
/// Huyền, hỏi, ngã, sắc, nặng, in order.
const TONES: &str = "\u{300}\u{309}\u{303}\u{301}\u{323}";
/// Stands for the mark built into a letter that Unicode does not decompose, such as `đ`.
const STROKE: char = '\u{335}';

/// Ends a level: below [`WORD`], so that "ba" comes before "ba ba".
const LEVEL: char = ' ';
/// Starts a further word: below all letters and marks, so that "ba ba" comes before "bai".
const WORD: char = '!';

/// How many characters count. `PostgreSQL` refuses an index entry over 2,704 bytes; a key of so many stays below 2,000.
const COUNTED: usize = 200;

struct Letter {
    /// In lower case and, if Latin, without marks.
    base: char,
    marks: String,
    is_upper: bool,
}

/// The key of a text. Texts that differ in nothing but punctuation, spaces, or the place of a tone (hoá, hóa) may have
/// the same key. It has no NUL, which databases refuse, and does not depend on the text's normal form.
pub fn sort_key(text: &str, alphabet: Alphabet) -> String {
    let mut words = words(text);
    let mut key = String::new();
    match alphabet {
        Alphabet::Vietnamese => {
            for (index, word) in words.iter_mut().enumerate() {
                if index > 0 {
                    key.push(WORD);
                }
                key.extend(word.iter_mut().map(vietnamese));
                key.push(LEVEL);
                key.extend(word.iter().flat_map(|letter| letter.marks.chars()).map(tone));
            }
        }
        Alphabet::Latin => {
            for (index, word) in words.iter().enumerate() {
                if index > 0 {
                    key.push(WORD);
                }
                key.extend(word.iter().map(|letter| letter.base));
            }
            key.push(LEVEL);
            push_differences(&mut key, &words, |letter| match letter.marks.as_str() {
                "" => "0",
                marks => marks,
            });
        }
    }
    key.push(LEVEL);
    push_differences(&mut key, &words, |letter| if letter.is_upper { "1" } else { "0" });
    key
}

/// One entry per letter, in order, without the zeros at the end.
fn push_differences(key: &mut String, words: &[Vec<Letter>], entry: impl Fn(&Letter) -> &str) {
    let start = key.len();
    key.extend(words.iter().flatten().map(entry));
    let end = start + key[start..].trim_end_matches('0').len();
    key.truncate(end);
}

/// A letter's place in the Vietnamese alphabet, as an ASCII character above the digits. Takes the mark that makes it a
/// letter of its own (ă, â, ơ) from its marks, so that only the tone is left.
fn vietnamese(letter: &mut Letter) -> char {
    let marked = |mark: char| match (letter.base, mark) {
        ('d', STROKE) => Some('đ'),
        (base, mark) => compose(base, mark).filter(|composed| VIETNAMESE.contains(*composed)),
    };
    let own = letter.marks.char_indices().find_map(|(index, mark)| Some((index, marked(mark)?)));
    let base = match own {
        Some((index, composed)) => {
            letter.marks.remove(index);
            composed
        }
        None => letter.base,
    };
    (b'A'..)
        .zip(VIETNAMESE.chars())
        .find(|(_, c)| *c == base)
        .map_or(base, |(place, _)| char::from(place))
}

/// Tones by their order; other marks come after them.
fn tone(mark: char) -> char {
    (b'1'..)
        .zip(TONES.chars())
        .find(|(_, tone)| *tone == mark)
        .map_or(mark, |(place, _)| char::from(place))
}

/// The words of a text in letters. Compatibility forms (full width, ligatures) count as what they stand for.
fn words(text: &str) -> Vec<Vec<Letter>> {
    let mut words = vec![Vec::new()];
    for c in text.nfkc().filter(|c| !is_invisible(*c)).take(COUNTED) {
        let Some(word) = words.last_mut() else { break };
        if is_word(c) || is_combining_mark(c) {
            let is_upper = c.is_uppercase();
            c.to_lowercase().for_each(|lower| push_letter(word, lower, is_upper));
        } else if !word.is_empty() {
            words.push(Vec::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn push_letter(word: &mut Vec<Letter>, c: char, is_upper: bool) {
    if is_combining_mark(c) {
        match word.last_mut() {
            Some(letter) if letter.base.is_ascii() => letter.marks.push(c),
            // In scripts such as Devanagari marks are vowels: they count as letters.
            Some(_) => word.push(Letter { base: c, marks: String::new(), is_upper }),
            None => {}
        }
        return;
    }
    let mut parts = String::new();
    decompose_canonical(c, |part| parts.push(part));
    let mut chars = parts.chars();
    let base = chars.next().unwrap_or(c);
    let marks = chars.as_str();
    if let Some(letters) = plain(base) {
        // The first of them carries the marks: they only have to tell æ from ae.
        let own = format!("{STROKE}{marks}");
        let marks = std::iter::once(own).chain(std::iter::repeat_with(String::new));
        word.extend(letters.chars().zip(marks).map(|(base, marks)| Letter {
            base,
            marks,
            is_upper,
        }));
    } else if base.is_ascii() {
        word.push(Letter { base, marks: marks.to_owned(), is_upper });
    } else {
        word.push(Letter { base: c, marks: String::new(), is_upper });
    }
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization as _;

    use super::{Alphabet::*, *};

    #[track_caller]
    fn assert_order(alphabet: Alphabet, texts: &[&str]) {
        let keys: Vec<String> = texts.iter().map(|text| sort_key(text, alphabet)).collect();
        for (pair, texts) in keys.windows(2).zip(texts.windows(2)) {
            assert!(pair[0] < pair[1], "{texts:?} {pair:?}");
        }
    }

    #[test]
    fn tones_follow_the_dictionary() {
        assert_order(
            Vietnamese,
            &["ma", "mà", "mả", "mã", "má", "mạ", "mai", "mài", "măng", "mâm", "mất", "me"],
        );
        assert_order(Vietnamese, &["hoa", "hoà", "hoá", "hoạ", "hoan"]);
        assert_order(Vietnamese, &["ác", "ác-si-mét", "ách", "ang", "áng", "anh"]);
    }

    #[test]
    fn letters_follow_the_alphabet() {
        let letters: Vec<String> = VIETNAMESE.chars().map(|c| c.to_string()).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();

        assert_order(Vietnamese, &letters);
        assert_order(
            Vietnamese,
            &["an", "ạn", "ăn", "ặn", "ân", "ận", "ba", "da", "dzô", "đa", "e", "ê", "ga"],
        );
        assert_order(Vietnamese, &["oi", "ôi", "ơi", "pi", "ui", "ưi", "vi"]);
    }

    #[test]
    fn vietnamese_goes_syllable_by_syllable() {
        assert_order(Vietnamese, &["ba", "ba ba", "ba mươi", "bà", "bà con", "bả", "bai"]);
        assert_order(Vietnamese, &["tuân thủ", "tuần chay"]);
        assert_order(Vietnamese, &["cha", "cha chú", "chan"]);
    }

    #[test]
    fn cities_of_viet_nam_and_others() {
        let cities = "Bắc Ninh, Biên Hòa, Cà Mau, Cam Ranh, Cần Thơ, Châu Đốc, Dĩ An, Dubai, Đà Lạt, Đà Nẵng, \
                      Điện Biên Phủ, Đồng Hới, Hà Nội, Hạ Long, Hải Phòng, Hội An, Huế, Hưng Yên, Kyiv, Zürich";
        let cities: Vec<&str> = cities.split(", ").collect();

        assert_order(Vietnamese, &cities);
        assert_order(
            Latin,
            &["Da Lat", "Đà Lạt", "Dalat", "Danang", "Dubai", "Hà Nội", "Huế", "Łódź", "London"],
        );
    }

    #[test]
    fn marks_weigh_less_than_letters_in_english() {
        assert_order(Latin, &["cote", "coté", "côte", "coterie"]);
        assert_order(Latin, &["Jose B", "José B", "Jose C"]);
        assert_order(Latin, &["da", "đa", "dab"]);
        assert_order(Latin, &["Ærø", "Arhus", "Århus", "Arles", "Zagreb"]);
    }

    #[test]
    fn case_comes_last() {
        for alphabet in [Vietnamese, Latin] {
            assert_order(alphabet, &["a", "A", "ba", "bA", "Ba", "BA", "bà", "bài", "Bài"]);
        }
    }

    #[test]
    fn words_digits_letters_other_scripts() {
        for alphabet in [Vietnamese, Latin] {
            assert_order(
                alphabet,
                &["", "1", "10", "2", "a", "a 1", "a b", "a1", "ab", "z", "Ω", "ж", "東"],
            );
            assert_order(alphabet, &["San", "San Marino", "Sana"]);
            assert_eq!(sort_key(" (San)–Marino…", alphabet), sort_key("San Marino", alphabet));
            assert_eq!(sort_key("🎉\u{301}", alphabet), sort_key("", alphabet));
        }
    }

    #[test]
    fn the_normal_form_makes_no_difference() {
        for text in ["Đà Lạt ậ ợ Ự", "Łódź ǿ Ǣ", "й한국 ก้", "İ ẞ"] {
            for alphabet in [Vietnamese, Latin] {
                let key = sort_key(text, alphabet);
                assert_eq!(sort_key(&text.nfc().to_string(), alphabet), key);
                assert_eq!(sort_key(&text.nfd().to_string(), alphabet), key);
            }
        }
        assert_eq!(sort_key("\u{d0}à", Vietnamese), sort_key("Đà", Vietnamese));
        assert_eq!(sort_key("Ｈà", Vietnamese), sort_key("Hà", Vietnamese));
    }

    #[test]
    fn keys_are_short_and_without_nul() {
        let letters =
            ["x\0y", "ẞ", "Ǽ", "Ặ", "İ", "ﷺ ", "ấ ", "x\u{334}\u{335}", "\u{10400}", "\u{10400} "];
        for text in letters {
            for alphabet in [Vietnamese, Latin] {
                let key = sort_key(&text.repeat(10_000), alphabet);
                assert!(key.len() <= 2_000, "{text} {}", key.len());
                assert!(!key.contains('\0'));
            }
        }
    }
}
