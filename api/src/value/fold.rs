//! Names without what readers leave out when they type: marks, case, punctuation.
use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark, is_nfc};

/// The longest slug in bytes: an address should stay readable, and databases limit what they index.
pub const SLUG_MAX: usize = 200;

/// The text in NFC, the form in which all text is stored. Text that has it already is not copied.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// The form in which names and queries are compared when marks do not count: "Hà Nội" and "ha noi" fold alike.
///
/// Lower case, marks dropped, letters that have a mark built in (`đ`, `ł`, `ø`) by their plain ones, and runs of
/// anything but letters and digits as one space. Folding twice changes nothing. The result may be empty.
///
/// It decomposes by compatibility (NFKD) where plain NFD would do for Vietnamese: the full-width letters and digits of
/// East Asian keyboards, the ligatures of PDF files and the ² of km² then fold as readers type them. NFKD does all that
/// NFC and NFD do, and the folded form is never shown, so nothing is lost.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut is_after_gap = false;
    for c in text.nfkd().flat_map(char::to_lowercase) {
        if is_combining_mark(c) || is_invisible(c) {
            continue;
        }
        if !is_word(c) {
            is_after_gap = true;
            continue;
        }
        if is_after_gap && !folded.is_empty() {
            folded.push(' ');
        }
        is_after_gap = false;
        match (plain(c), c) {
            (Some(letters), _) => folded.push_str(letters),
            // A sigma at a word's end has a form of its own in lower case, not in upper case.
            (None, 'ς') => folded.push('σ'),
            (None, c) => folded.push(c),
        }
    }
    folded
}

/// The name as a part of an address: folded words joined by hyphens, ASCII only, at most [`SLUG_MAX`] bytes in whole
/// words. Letters of other scripts are dropped, so that it is empty for a name that has no Latin letter or digit.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for word in fold(text).split(' ') {
        let mut word: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        if word.is_empty() {
            continue;
        }
        if slug.is_empty() {
            word.truncate(SLUG_MAX);
            slug = word;
        } else if slug.len() + 1 + word.len() <= SLUG_MAX {
            slug.push('-');
            slug.push_str(&word);
        } else {
            break;
        }
    }
    slug
}

/// The plain letters of a lower-case Latin letter that Unicode does not decompose. `ð` is Icelandic, and what the
/// Vietnamese `đ` becomes in texts from old encodings: the capitals Ð (U+00D0) and Đ (U+0110) look the same.
pub(super) fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'đ' | 'ð' | 'ɖ' => "d",
        'ł' => "l",
        'ø' | 'ɔ' => "o",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        'ŋ' => "n",
        // The Azerbaijani letter, also as its look-alike.
        'ə' | 'ǝ' | 'ɛ' => "e",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        'þ' => "th",
        _ => return None,
    })
}

/// Whether the character is of a word. Unicode counts the apostrophes of transcriptions (ʻ in Nukuʻalofa) as letters;
/// others write them with the apostrophe of the keyboard.
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() && !('\u{2b9}'..='\u{2ff}').contains(&c)
}

/// Whether a character is of a word or changes one that it stands behind.
pub fn is_of_word(c: char) -> bool {
    is_word(c) || is_combining_mark(c) || is_invisible(c)
}

/// Characters that nobody sees and that come along with copied text: soft hyphens, joiners, byte order marks, marks of
/// direction. They separate no words.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_nfc_is_not_copied() {
        assert!(matches!(nfc("Hà Nội"), Cow::Borrowed("Hà Nội")));
        assert_eq!(nfc("Ha\u{300} No\u{323}\u{302}i"), "Hà Nội");
        assert_eq!(nfc("Ha\u{300} No\u{302}\u{323}i"), "Hà Nội");
    }

    #[test]
    fn marks_and_case_fold_away() {
        assert_eq!(fold("Hà Nội"), "ha noi");
        assert_eq!(fold("HA\u{300} NO\u{323}\u{302}I"), "ha noi");
        assert_eq!(fold("Đồng Xuân"), "dong xuan");
        assert_eq!(fold("\u{d0}à Lạt"), "da lat");
        assert_eq!(fold("\u{f0}à lạt"), "da lat");
        assert_eq!(fold("Thừa Thiên Huế, Thủ Đức, Cử chỉ, Ỷ"), "thua thien hue thu duc cu chi y");
        assert_eq!(fold("hoá"), fold("hóa"));
    }

    #[test]
    fn letters_without_a_decomposition_fold_to_plain_ones() {
        assert_eq!(
            fold("Łódź Ærøskøbing Gießen Diyarbakır İstanbul"),
            "lodz aeroskobing giessen diyarbakir istanbul"
        );
        assert_eq!(fold("Þórshöfn Ħamrun Gəncə Lǝnkǝran"), "thorshofn hamrun gence lenkeran");
    }

    #[test]
    fn punctuation_is_one_space() {
        assert_eq!(fold("“Thành phố – sáng tạo”"), "thanh pho sang tao");
        assert_eq!(fold("Xi’an"), fold("Xi'an"));
        assert_eq!(fold("Nukuʻalofa"), fold("Nuku'alofa"));
        assert_eq!(fold("  Bà Rịa–Vũng\u{a0}Tàu\t(cũ)… "), "ba ria vung tau cu");
        assert_eq!(fold("a\0b"), "a b");
        assert_eq!(fold("1755/QĐ-TTg"), "1755 qd ttg");
    }

    #[test]
    fn what_is_not_seen_separates_nothing() {
        assert_eq!(fold("\u{feff}Hà\u{ad} N\u{200b}ội"), "ha noi");
    }

    #[test]
    fn text_without_letters_folds_to_nothing() {
        assert_eq!(fold("Huế 🎉👩‍🎨"), "hue");
        for text in ["", " ", "🎉", "\u{301}\u{323}\u{302}", "…“”"] {
            assert_eq!(fold(text), "", "{text:?}");
            assert_eq!(slug(text), "", "{text:?}");
        }
    }

    #[test]
    fn full_width_forms_and_ligatures_fold_as_typed() {
        assert_eq!(fold("Ｈà　Ｎội ２０１９"), "ha noi 2019");
        assert_eq!(fold("ﬁlm km² ™"), "film km2 tm");
    }

    #[test]
    fn other_scripts_stay() {
        assert_eq!(fold("東京 Москва"), "東京 москва");
        assert_eq!(fold("ΠΕΙΡΑΙΆΣ"), fold("Πειραιάς"));
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let folded = fold(&format!("a{c}b"));
            assert_eq!(fold(&folded), folded, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn long_text_folds_whole() {
        let long = "Đồ ".repeat(10_000 / 3 + 1);

        assert_eq!(fold(&long).len(), 3 * (10_000 / 3 + 1) - 1);
        assert_eq!(fold(&"\u{301}".repeat(10_000)), "");
        assert_eq!(slug(&long).len(), SLUG_MAX);
        assert_eq!(slug(&"x".repeat(10_000)).len(), SLUG_MAX);
    }

    #[test]
    fn slugs_are_ascii() {
        assert_eq!(slug("Hà Nội"), "ha-noi");
        assert_eq!(slug("“Đà Lạt” – thành phố âm nhạc"), "da-lat-thanh-pho-am-nhac");
        assert_eq!(slug("東京 Tokyo, Łódź"), "tokyo-lodz");
        assert_eq!(slug("東京"), "");
        assert_eq!(slug("ha-noi"), "ha-noi");
    }
}
