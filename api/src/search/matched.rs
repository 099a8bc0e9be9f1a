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
const MOST_JOINED: usize = 4;

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
    let mut all = ranked(asked, said, langs, false);
    // Where no text has all words as they are typed, some stand there with a typo.
    if all.first().is_none_or(|it| it.missing > 0) {
        all = ranked(asked, said, langs, true);
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
    asked: &Asked,
    said: &'s [Said<'s>],
    langs: &[String],
    with_typos: bool,
) -> Vec<Fitting<'s>> {
    let fitting = said.iter().filter_map(|said| {
        let (count, places) = places(asked, &words(said.text), with_typos)?;
        Some(Fitting { said, missing: asked.name.words.len() - count, places })
    });
    let mut all: Vec<Fitting<'_>> = fitting.collect();
    let lang = |said: &Said<'_>| langs.iter().position(|it| it == said.lang);
    all.sort_by_key(|it| (it.missing, it.said.role, lang(it.said).unwrap_or(langs.len())));
    all
}

/// How many words of the query stand in a text, and where; `None` where none does. The last one may be begun only.
fn places(asked: &Asked, text: &[Word], with_typos: bool) -> Option<(usize, Vec<(usize, usize)>)> {
    let typed: Vec<&str> = asked.name.words.iter().map(|it| it.folded.as_str()).collect();
    let whole = typed.concat();
    let mut found = vec![false; typed.len()];
    let mut places: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while let Some(first) = text.get(at) {
        let mut taken = 1;
        let mut joined = String::new();
        let mut is_found = false;
        for (n, word) in text.iter().skip(at).take(MOST_JOINED).enumerate() {
            joined.push_str(&word.folded);
            for (place, typed_word) in typed.iter().enumerate() {
                let is_last = place + 1 == typed.len();
                let is_begun = n == 0 && is_last && joined.starts_with(typed_word);
                if is_begun || fits(&joined, typed_word, with_typos) {
                    found[place] = true;
                    (is_found, taken) = (true, n + 1);
                }
            }
            // The whole of what was typed, as one word or as several.
            if fits(&joined, &whole, with_typos) {
                found.fill(true);
                (is_found, taken) = (true, n + 1);
            }
            // A pair of typed words that the text has as one.
            let pair = typed.windows(2).position(|pair| pair.concat() == joined);
            if let Some(pair) = pair {
                found[pair] = true;
                found[pair + 1] = true;
                (is_found, taken) = (true, n + 1);
            }
        }
        if is_found {
            let last = text.get(at + taken - 1).unwrap_or(first);
            places.push((first.start, last.end));
        }
        at += taken;
    }
    places.dedup();
    let count = found.iter().filter(|it| **it).count();
    (count > 0).then_some((count, places))
}

fn fits(word: &str, typed: &str, with_typos: bool) -> bool {
    word == typed || (with_typos && can_have_typo(typed) && is_near(word, typed))
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
