//! Language tags (BCP 47): which are taken, what a reader asks for, and which of the languages at hand that is.
use std::fmt;

/// The longest tag that is taken, as RFC 5646 recommends (section 4.4.1).
const LENGTH_MAX: usize = 35;
/// How many languages of a header count.
const WANTED_MAX: usize = 10;

/// A tag in canonical case: `vi`, `zh-Hant`, `en-GB`, `und`.
///
/// Well-formed, which is not to say registered: a language of 2 or 3 letters, then in this order, each if there is one,
/// a script, a region and variants. Extensions (`-u-…`), private use (`-x-…`) and the registered exceptions of old
/// (`i-klingon`) are not taken: they say more than which language a text is in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lang(String);

impl Lang {
    /// Takes a tag in any case. `None` if it is not well-formed or longer than 35 characters.
    pub fn parse(tag: &str) -> Option<Lang> {
        if tag.len() > LENGTH_MAX {
            return None;
        }
        let mut subtags = tag.split('-').peekable();
        let language = subtags
            .next()
            .filter(|subtag| matches!(subtag.len(), 2 | 3) && is_alphabetic(subtag))?;
        let mut canonical = language.to_ascii_lowercase();
        if let Some(script) = subtags.next_if(|subtag| subtag.len() == 4 && is_alphabetic(subtag)) {
            let (first, rest) = script.split_at(1);
            canonical.extend(["-", &first.to_ascii_uppercase(), &rest.to_ascii_lowercase()]);
        }
        if let Some(region) = subtags.next_if(|subtag| is_region(subtag)) {
            canonical.extend(["-", &region.to_ascii_uppercase()]);
        }
        let mut variants: Vec<String> = Vec::new();
        for subtag in subtags {
            let variant = subtag.to_ascii_lowercase();
            if !is_variant(&variant) || variants.contains(&variant) {
                return None;
            }
            canonical.extend(["-", &variant]);
            variants.push(variant);
        }
        Some(Lang(canonical))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_alphabetic(subtag: &str) -> bool {
    subtag.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A country of ISO 3166-1 or an area of UN M.49.
fn is_region(subtag: &str) -> bool {
    match subtag.len() {
        2 => is_alphabetic(subtag),
        3 => subtag.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    }
}

fn is_variant(subtag: &str) -> bool {
    let is_long = match subtag.len() {
        4 => subtag.starts_with(|c: char| c.is_ascii_digit()),
        5..=8 => true,
        _ => false,
    };
    is_long && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The languages of an `Accept-Language` header (RFC 9110, section 12.5.4), the most wanted first, those wanted alike
/// in the header's order; at most 10. Left out are `*`, what is not well-formed, and what is refused by `q=0`.
pub fn accept_language(header: &str) -> Vec<Lang> {
    let mut ranges: Vec<(u16, Lang)> = header.split(',').filter_map(range).collect();
    ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let mut wanted: Vec<Lang> = Vec::new();
    for (_, lang) in ranges {
        if wanted.len() == WANTED_MAX {
            break;
        }
        if !wanted.contains(&lang) {
            wanted.push(lang);
        }
    }
    wanted
}

/// A part of the header with its weight in thousandths.
fn range(part: &str) -> Option<(u16, Lang)> {
    let (tag, weight) = match part.split_once(';') {
        Some((tag, parameter)) => (tag, weight(parameter)?),
        None => (part, 1000),
    };
    let lang = Lang::parse(trim(tag))?;
    (weight > 0).then_some((weight, lang))
}

/// `q=0.8`: 0 or 1 with up to three decimals, and no more than 1.
fn weight(parameter: &str) -> Option<u16> {
    let parameter = trim(parameter);
    let value = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="))?;
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

/// Without the blanks that HTTP allows there.
fn trim(part: &str) -> &str {
    part.trim_matches([' ', '\t'])
}

/// Where the best of the available tags is, by lookup (RFC 4647, section 3.4): along the wanted list, each one first
/// as it is, then with ever fewer of its last subtags, so that `en-GB` finds `en`, and `en` does not find `en-GB`. The
/// first, if several tags are equal; `None` if nothing fits.
pub fn best<'a>(wanted: &[Lang], available: impl Iterator<Item = &'a str>) -> Option<usize> {
    let ranks = available.enumerate().filter_map(|(index, tag)| Some((rank(wanted, tag)?, index)));
    ranks.min().map(|(_, index)| index)
}

/// How far down the list the tag is found, and how much of the wanted one had to go: less is better.
fn rank(wanted: &[Lang], tag: &str) -> Option<(usize, usize)> {
    wanted.iter().enumerate().find_map(|(place, lang)| {
        let head = lang
            .0
            .get(..tag.len())
            .filter(|head| !head.is_empty() && head.eq_ignore_ascii_case(tag))?;
        let rest = &lang.0[head.len()..];
        (rest.is_empty() || rest.starts_with('-')).then_some((place, rest.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn langs(tags: &[&str]) -> Vec<Lang> {
        tags.iter().map(|tag| Lang::parse(tag).unwrap()).collect()
    }

    #[test]
    fn tags_get_their_canonical_case() {
        let tags = [
            ("vi", "vi"),
            ("VI", "vi"),
            ("zh-hant", "zh-Hant"),
            ("EN-gb", "en-GB"),
            ("und", "und"),
            ("es-419", "es-419"),
            ("ZH-HANS-cn", "zh-Hans-CN"),
            ("sl-ROZAJ-1994-Biske", "sl-rozaj-1994-biske"),
            ("de-1996", "de-1996"),
            ("sr-LATN-RS-ekavsk", "sr-Latn-RS-ekavsk"),
        ];
        for (tag, canonical) in tags {
            assert_eq!(Lang::parse(tag).unwrap().as_str(), canonical);
        }
    }

    #[test]
    fn malformed_tags_are_refused() {
        let tags = [
            "",
            "-",
            "v",
            "vi-",
            "-vi",
            "vi--VN",
            "viet",
            "vi_VN",
            "v1",
            "vi-VN-Latn",
            "vi-V",
            "vi-VNM",
            "vi-1",
            "*",
            "vi ",
            "en-u-co-phonebk",
            "vi-x-hue",
            "x-hue",
            "i-klingon",
            "tiếng",
            "vi-Việt",
            "đ",
            "vi-Latđ",
            "de-1996-1996",
            "de-abcdefghi",
            "de-abcd1",
            "de-19966-DE",
            "en-aaaaaaaa-bbbbbbbb-cccccccc-ddddddd",
        ];
        for tag in tags {
            let is_fine = tag == "de-abcd1";
            assert_eq!(Lang::parse(tag).is_some(), is_fine, "{tag}");
        }
        assert!(Lang::parse("en-aaaaaaaa-bbbbbbbb-cccccccc-ddddd").is_some());
    }

    #[test]
    fn headers_sort_by_weight() {
        let header = "en;q=0.5, vi, fr ; q=0.8,\tde;Q=0.800, vi;q=0.1, en-gb;q=0.501";

        assert_eq!(accept_language(header), langs(&["vi", "fr", "de", "en-GB", "en"]));
        assert_eq!(accept_language("vi;q=1.000, en;q=0.999, fr;q=0."), langs(&["vi", "en"]));
    }

    #[test]
    fn malformed_parts_are_left_out() {
        let header = "*, *;q=0.5, en;q=0, fr;q=2, de;q=1.001, ja;q=0.1234, ko;q=.5, ru;q=-1, it;q, es;level=1, \
                      pt;q=0.5;x, ,, q=1, 🎉, zh;q=0.５, nl;q=, vi";

        assert_eq!(accept_language(header), langs(&["vi"]));
        assert_eq!(accept_language(""), []);
    }

    #[test]
    fn ten_languages_are_enough() {
        let header: Vec<String> =
            ('a'..='z').map(|c| format!("x{c};q=0.{}", u32::from(c))).collect();

        let wanted = accept_language(&header.join(","));

        assert_eq!(wanted.len(), 10);
        assert_eq!(wanted[0].as_str(), "xc");
    }

    #[test]
    fn lookup_truncates_the_wanted_tag() {
        let find =
            |wanted: &[&str], available: &[&str]| best(&langs(wanted), available.iter().copied());

        assert_eq!(find(&["en-GB"], &["vi", "en"]), Some(1));
        assert_eq!(find(&["en-GB"], &["en", "en-GB"]), Some(1));
        assert_eq!(find(&["zh-Hant-TW"], &["zh", "zh-hant", "zh-TW"]), Some(1));
        assert_eq!(find(&["en"], &["en-GB"]), None);
        assert_eq!(find(&["fr", "vi-VN", "en"], &["en", "vi"]), Some(1));
        assert_eq!(find(&["fr-CA", "vi"], &["vi", "fr"]), Some(1));
        assert_eq!(find(&["vi"], &["vi", "vi"]), Some(0));
        assert_eq!(find(&["fil"], &["fi", "", "đ", "filđ"]), None);
        assert_eq!(find(&[], &["vi"]), None);
        assert_eq!(find(&["vi"], &[]), None);
    }
}
