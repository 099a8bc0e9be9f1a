//! Where a record that was found fits what was asked: its texts, with the words in them that do.
use super::{
    document::Said,
    query::Asked,
    typo::{can_have_typo, is_near},
    words::{Word, words},
};

/// Texts of one record.
const MOST_MATCHES: usize = 10;
/// Places in one text.
const MOST_HIGHLIGHTS: usize = 20;
/// Characters of a text that are shown.
const LONGEST: usize = 300;
/// Of these, before the first place.
const BEFORE: usize = 60;
/// Neighbours that can be one word of what was typed.
const MOST_JOINED: usize = 8;

/// A text that fits, cut to the place where it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    pub field: &'static str,
    pub value: String,
    /// Half-open stretches of `value`, in characters.
    pub highlights: Vec<(usize, usize)>,
}

/// The texts of a record in which words of the query stand, best first: those with most of its words, names before other
/// texts, those in a language that is preferred.
pub fn matches(asked: &Asked, said: &[Said<'_>], langs: &[String]) -> Vec<Match> {
    let typed = Typed::of(asked);
    let texts: Vec<(&Said<'_>, Vec<Word>)> = said.iter().map(|it| (it, words(it.text))).collect();
    let mut all = ranked(&typed, &texts, langs, false);
    // Where no text has all words as they are typed, one can have them with typos.
    if all.first().is_none_or(|it| it.missing > 0) {
        let near = ranked(&typed, &texts, langs, true);
        if near.first().is_some_and(|it| it.missing == 0) {
            all = near;
        }
    }
    // What has less of the query is no reason why it was found, where one text is enough.
    if all.first().is_some_and(|it| it.missing == 0) {
        all.retain(|it| it.missing == 0);
    }
    let mut shown: Vec<Match> = Vec::new();
    for it in all {
        let found = cut(it.said, &it.places);
        // Identifiers of several schemes can be alike.
        if shown.len() < MOST_MATCHES && !shown.contains(&found) {
            shown.push(found);
        }
    }
    shown
}

/// A text in which some of the query stands.
struct Fitting<'s> {
    said: &'s Said<'s>,
    /// Words of the query that do not stand there.
    missing: usize,
    places: Vec<(usize, usize)>,
}

/// Best first.
fn ranked<'s>(
    typed: &Typed,
    texts: &[(&'s Said<'s>, Vec<Word>)],
    langs: &[String],
    with_typos: bool,
) -> Vec<Fitting<'s>> {
    let fitting = texts.iter().filter_map(|(said, words)| {
        let (count, places) = typed.places(words, with_typos)?;
        Some(Fitting { said, missing: typed.words.len() - count, places })
    });
    let mut all: Vec<Fitting<'_>> = fitting.collect();
    let lang = |said: &Said<'_>| langs.iter().position(|it| it == said.lang);
    all.sort_by_key(|it| (it.missing, it.said.role, lang(it.said).unwrap_or(langs.len())));
    all
}

/// What was typed, in the forms that texts are compared with.
struct Typed {
    words: Vec<Form>,
    /// All words as one.
    whole: Form,
    /// Neighbours as one.
    pairs: Vec<String>,
    /// Bytes of what can fit, with a letter more.
    longest: usize,
}

struct Form {
    text: String,
    can_have_typo: bool,
}

impl Form {
    fn of(text: &str) -> Form {
        Form { can_have_typo: can_have_typo(text), text: text.to_owned() }
    }

    fn fits(&self, word: &str, with_typos: bool) -> bool {
        word == self.text || (with_typos && self.can_have_typo && is_near(word, &self.text))
    }
}

impl Typed {
    fn of(asked: &Asked) -> Typed {
        let words: Vec<&str> = asked.name.words.iter().map(|it| it.folded.as_str()).collect();
        let whole = Form::of(&words.concat());
        Typed {
            longest: whole.text.len() + char::MAX_LEN_UTF8,
            pairs: words.windows(2).map(<[&str]>::concat).collect(),
            words: words.into_iter().map(Form::of).collect(),
            whole,
        }
    }

    /// Which of the typed words stands in some words of a text as one; the last one may be begun only, in the last of these.
    fn find(&self, joined: &str, before: usize, with_typos: bool, found: &mut [bool]) -> bool {
        let mut is_found = false;
        let last = self.words.len().saturating_sub(1);
        for ((place, typed), found) in self.words.iter().enumerate().zip(&mut *found) {
            let is_begun =
                place == last && before < typed.text.len() && joined.starts_with(&typed.text);
            if is_begun || typed.fits(joined, with_typos) {
                *found = true;
                is_found = true;
            }
        }
        if self.whole.fits(joined, with_typos) {
            found.fill(true);
            is_found = true;
        }
        // Typed words that the text has as one.
        if let Some(pair) = self.pairs.iter().position(|pair| pair == joined) {
            found.iter_mut().skip(pair).take(2).for_each(|it| *it = true);
            is_found = true;
        }
        is_found
    }

    /// How many words of it stand in a text, and where; `None` where none does.
    fn places(&self, text: &[Word], with_typos: bool) -> Option<(usize, Vec<(usize, usize)>)> {
        let mut found = vec![false; self.words.len()];
        let mut places: Vec<(usize, usize)> = Vec::new();
        let mut joined = String::new();
        let mut at = 0;
        while let Some(first) = text.get(at) {
            let mut taken = None;
            joined.clear();
            for (n, word) in text.iter().skip(at).take(MOST_JOINED).enumerate() {
                let before = joined.len();
                joined.push_str(&word.folded);
                if self.find(&joined, before, with_typos, &mut found) {
                    taken = Some((n, word));
                }
                if joined.len() > self.longest {
                    break;
                }
            }
            if let Some((_, last)) = taken {
                places.push((first.start, last.end));
            }
            at += taken.map_or(1, |(n, _)| n + 1);
        }
        places.dedup();
        let count = found.iter().filter(|it| **it).count();
        (count > 0).then_some((count, places))
    }
}

/// The text around the first place, with the places that are in it.
fn cut(said: &Said<'_>, places: &[(usize, usize)]) -> Match {
    let length = said.text.chars().count();
    let first = places.first().map_or(0, |(start, _)| *start);
    let begin = match length <= LONGEST {
        true => 0,
        false => first.saturating_sub(BEFORE).min(length - LONGEST),
    };
    let value: String = said.text.chars().skip(begin).take(LONGEST).collect();
    let end = begin + LONGEST;
    let inside = places.iter().filter(|(start, stop)| *start >= begin && *stop <= end);
    let highlights =
        inside.take(MOST_HIGHLIGHTS).map(|(start, stop)| (start - begin, stop - begin));
    Match { field: said.field, value, highlights: highlights.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Role;

    fn found(query: &str, text: &str) -> Vec<String> {
        let asked = Asked::of(query, &[]);
        let said = [Said { role: Role::Name, field: "name", lang: "vi", text }];
        let all = matches(&asked, &said, &[]);
        let Some(found) = all.first() else { return Vec::new() };
        let letters: Vec<char> = found.value.chars().collect();
        found.highlights.iter().map(|(start, end)| letters[*start..*end].iter().collect()).collect()
    }

    #[test]
    fn words_are_found_as_they_stand() {
        assert_eq!(found("ha noi", "Thành phố Hà Nội"), ["Hà Nội"]);
        assert_eq!(found("noi ha", "Thành phố Hà Nội"), ["Hà", "Nội"]);
        assert_eq!(found("hanoi", "Thành phố Hà Nội"), ["Hà Nội"]);
        assert_eq!(found("ha noi", "City of Hanoi"), ["Hanoi"]);
        assert_eq!(found("sang", "Thành phố sáng tạo"), ["sáng"]);
        assert_eq!(found("sa", "Thành phố sáng tạo"), ["sáng"]);
        assert_eq!(found("nha trangg", "Nha Trang"), ["Nha Trang"]);
        assert_eq!(found("Londno", "London"), ["London"]);
        assert_eq!(found("xyz", "London"), [""; 0]);
        // One word of two with a typo is nothing of what was looked for.
        assert_eq!(found("da nang", "Kinh đô sáng tạo"), [""; 0]);
        assert_eq!(found("buonmat", "TP Buôn Ma Thuột"), ["Buôn Ma Thuột"]);
        let city = "Thành phố Hồ Chí Minh";
        assert_eq!(found("thanhphohochiminh", city), [city]);
        assert_eq!(found("sa", "Sáng tạo sạch"), ["Sáng", "sạch"]);
    }

    #[test]
    fn letters_are_counted_in_code_points() {
        let text = format!("{} Hà Nội", "x ".repeat(400));
        let asked = Asked::of("ha noi", &[]);
        let said = [Said { role: Role::Text, field: "text", lang: "vi", text: &text }];

        let all = matches(&asked, &said, &[]);

        assert_eq!(all[0].value.chars().count(), LONGEST);
        let (start, end) = all[0].highlights[0];
        let shown: String = all[0].value.chars().skip(start).take(end - start).collect();
        assert_eq!(shown, "Hà Nội");
    }
}
