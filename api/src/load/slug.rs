//! Names for addresses where many want the same one, and short ones for titles.

use std::collections::BTreeSet;

use crate::value::fold::slug;

/// The slug of a title, which can be a sentence: cut between words.
pub(super) fn of_title(title: &str) -> String {
    const LONGEST: usize = 80;
    let mut short = slug(title);
    if short.len() > LONGEST {
        let end = short[..=LONGEST].rfind('-').unwrap_or(LONGEST);
        short.truncate(end);
    }
    short
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
    fn long_titles_are_cut_between_words() {
        let slug = of_title(&"mười chữ ".repeat(20));

        assert_eq!(slug, "muoi-chu-".repeat(8) + "muoi-chu");
        assert_eq!(of_title(&"a".repeat(100)).len(), 80);
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
