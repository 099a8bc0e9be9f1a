//! Names for addresses: folded to ASCII, unique in their type.

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower case, without marks, a hyphen for each run of anything but letters and digits; empty when nothing is left.
pub(super) fn fold(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase).nfd().filter(|c| !is_combining_mark(*c)) {
        match without_mark(c) {
            Some(letters) => slug.push_str(letters),
            None if c.is_ascii_alphanumeric() => slug.push(c),
            None if slug.is_empty() || slug.ends_with('-') => {}
            None => slug.push('-'),
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// Letters whose mark is part of them: decomposition leaves them alone.
fn without_mark(c: char) -> Option<&'static str> {
    Some(match c {
        'đ' | 'ð' => "d",
        'ł' => "l",
        'ı' => "i",
        'ø' => "o",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ß' => "ss",
        _ => return None,
    })
}

/// The slug of a title, which can be a sentence: cut between words.
pub(super) fn fold_title(title: &str) -> String {
    const LONGEST: usize = 80;
    let mut slug = fold(title);
    if slug.len() > LONGEST {
        let end = slug[..=LONGEST].rfind('-').unwrap_or(LONGEST);
        slug.truncate(end);
    }
    slug
}

/// What a city brings to the choice of its slug.
pub(super) struct Candidate<'a> {
    pub(super) wanted: String,
    /// Slug of its country.
    pub(super) country: Option<&'a str>,
    /// What sets it apart when neither name nor country do.
    pub(super) id: String,
    pub(super) population: u64,
    pub(super) is_member: bool,
}

/// A slug for each, in their order. Of those that want the same one the most populous gets it, of equals a member of a
/// network, then the first; the others add their country, then their id. `reserved` are slugs that nobody may have.
pub(super) fn share_out(candidates: &[Candidate<'_>], reserved: &[&str]) -> Vec<String> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|&i| {
        let candidate = &candidates[i];
        (std::cmp::Reverse((candidate.population, candidate.is_member)), i)
    });
    let mut taken: BTreeSet<String> = reserved.iter().map(|&slug| slug.to_owned()).collect();
    let mut slugs = vec![String::new(); candidates.len()];
    let mut later = Vec::new();
    for i in order {
        let wanted = &candidates[i].wanted;
        if !wanted.is_empty() && taken.insert(wanted.clone()) {
            slugs[i].clone_from(wanted);
        } else {
            later.push(i);
        }
    }
    for i in later {
        slugs[i] = candidates[i].second_choice(&mut taken);
    }
    slugs
}

impl Candidate<'_> {
    fn second_choice(&self, taken: &mut BTreeSet<String>) -> String {
        let in_country = match self.country {
            _ if self.wanted.is_empty() => self.id.clone(),
            Some(country) => format!("{}-{country}", self.wanted),
            None => format!("{}-{}", self.wanted, self.id),
        };
        if taken.insert(in_country.clone()) {
            return in_country;
        }
        let with_id = format!("{in_country}-{}", self.id);
        taken.insert(with_id.clone());
        with_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_to_ascii() {
        for (name, slug) in [
            ("Hà Nội", "ha-noi"),
            ("Đà Nẵng", "da-nang"),
            ("Ðà Lạt", "da-lat"),
            ("Thành phố Hồ Chí Minh", "thanh-pho-ho-chi-minh"),
            ("Wałbrzych", "walbrzych"),
            ("İzmir", "izmir"),
            ("Iğdır", "igdir"),
            ("Côte d’Ivoire", "cote-d-ivoire"),
            ("Misato, Saitama", "misato-saitama"),
            ("  (A)  ", "a"),
            ("福井県", ""),
        ] {
            assert_eq!(fold(name), slug);
        }
    }

    #[test]
    fn long_titles_are_cut_between_words() {
        let slug = fold_title(&"mười chữ ".repeat(20));

        assert_eq!(slug, "muoi-chu-".repeat(8) + "muoi-chu");
        assert_eq!(fold_title(&"a".repeat(100)).len(), 80);
    }

    fn candidate<'a>(
        wanted: &str,
        country: Option<&'a str>,
        id: &str,
        population: u64,
    ) -> Candidate<'a> {
        Candidate {
            wanted: wanted.to_owned(),
            country,
            id: id.to_owned(),
            population,
            is_member: false,
        }
    }

    #[test]
    fn the_most_populous_keeps_the_plain_slug() {
        let cities = [
            candidate("london", Some("canada"), "1", 400),
            candidate("london", Some("united-kingdom"), "2", 9000),
            candidate("london", Some("canada"), "3", 300),
            candidate("london", None, "x", 0),
        ];

        assert_eq!(
            share_out(&cities, &[]),
            ["london-canada", "london", "london-canada-3", "london-x"]
        );
    }

    #[test]
    fn of_equals_the_member_comes_first() {
        let mut cities =
            [candidate("kashan", Some("iran"), "1", 5), candidate("kashan", Some("iran"), "2", 5)];
        cities[1].is_member = true;

        assert_eq!(share_out(&cities, &[]), ["kashan-iran", "kashan"]);
    }

    #[test]
    fn a_reserved_or_empty_slug_is_given_to_nobody() {
        let cities = [
            candidate("hanoi", Some("vietnam"), "1", 5),
            candidate("", Some("japan"), "geonames-2", 5),
        ];

        assert_eq!(share_out(&cities, &["hanoi"]), ["hanoi-vietnam", "geonames-2"]);
    }
}
