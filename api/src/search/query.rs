//! What is asked of the index by a text: one condition for each way in which a record can fit it, each with a score of its own,
//! of which the best counts. How many look for a record decides among equals ([`super::index`]).
use tantivy::{
    Term,
    query::{
        BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, Query,
        RegexQuery, TermQuery,
    },
    schema::{Field, IndexRecordOption},
};

use super::{document::Name, index::Fields, words::Word};

/// More words are not looked at: each is work.
const MOST_WORDS: usize = 12;
/// Longer words are nobody's name.
const LONGEST_WORD: usize = 60;
/// Words from this length on may have a typo.
const TYPO_FROM: usize = 4;

/// Scores. Weights of records are below 10, so that the steps between them are never made up for.
const NAME_EXACT: f32 = 1_000.0;
const NAME: f32 = 900.0;
const ALIAS_EXACT: f32 = 850.0;
const ALIAS: f32 = 800.0;
const JOINED: f32 = 780.0;
const ALIAS_JOINED: f32 = 700.0;
const IDENTIFIER: f32 = 680.0;
const PREFIX: f32 = 600.0;
const ALIAS_PREFIX: f32 = 560.0;
const ALL_WORDS: f32 = 400.0;
const LAST_WORD_BEGUN: f32 = 330.0;
const NAME_TYPO: f32 = 260.0;
const ALIAS_TYPO: f32 = 240.0;
const TYPO: f32 = 200.0;
const TEXT: f32 = 100.0;
const ANYWHERE: f32 = 60.0;
/// What words with their marks add, in all.
const MARKS: f32 = 40.0;

/// A text that is looked for.
pub(super) struct Asked {
    name: Name,
}

type Part = Box<dyn Query>;

impl Asked {
    pub(super) fn of(text: &str) -> Asked {
        let mut name = Name::of(text);
        name.words.truncate(MOST_WORDS);
        name.words.retain(|it| it.folded.chars().count() <= LONGEST_WORD);
        Asked { name }
    }

    /// `None` where there is no word.
    pub(super) fn query(&self, fields: &Fields, codes: &[u16]) -> Option<Part> {
        if self.name.words.is_empty() {
            return None;
        }
        let (folded, exact, joined) = (self.name.folded(), self.name.exact(), self.name.joined());
        let mut ways = vec![
            term(fields.name, &folded, NAME),
            term(fields.alias, &folded, ALIAS),
            term(fields.name_joined, &joined, JOINED),
            term(fields.alias_joined, &joined, ALIAS_JOINED),
            term(fields.identifier, &folded, IDENTIFIER),
        ];
        if self.has_marks() {
            ways.push(term(fields.name_exact, &exact, NAME_EXACT));
            ways.push(term(fields.alias_exact, &exact, ALIAS_EXACT));
        }
        for (field, score) in [(fields.name, PREFIX), (fields.alias, ALIAS_PREFIX)] {
            ways.extend(begun(field, &folded, score));
        }
        for words in self.ways_to_split() {
            ways.push(self.all(&words, fields, ALL_WORDS, |word| {
                Some(any_of(vec![term(fields.words, word, 1.0)]))
            }));
        }
        let plain: Vec<String> = self.name.words.iter().map(|it| it.folded.clone()).collect();
        let last = plain.last().cloned().unwrap_or_default();
        ways.push(self.all(&plain, fields, LAST_WORD_BEGUN, |word| match word == last {
            true => begun(fields.words, word, 1.0),
            false => Some(term(fields.words, word, 1.0)),
        }));
        if joined.chars().count() >= TYPO_FROM {
            ways.push(near(fields.name_joined, &joined, NAME_TYPO));
            ways.push(near(fields.alias_joined, &joined, ALIAS_TYPO));
        }
        ways.push(self.all(&plain, fields, TYPO, |word| {
            Some(match word.chars().count() >= TYPO_FROM {
                true => near(fields.words, word, 1.0),
                false => term(fields.words, word, 1.0),
            })
        }));
        ways.push(self.all(&plain, fields, TEXT, |word| Some(term(fields.text, word, 1.0))));
        ways.push(self.all(&plain, fields, ANYWHERE, |word| {
            Some(any_of(vec![term(fields.words, word, 1.0), term(fields.text, word, 1.0)]))
        }));
        let best: Part = Box::new(DisjunctionMaxQuery::new(ways));
        if codes.is_empty() {
            return Some(best);
        }
        let kinds = codes.iter().map(|code| {
            let term = Term::from_field_u64(fields.kind, u64::from(*code));
            let query: Part = Box::new(TermQuery::new(term, IndexRecordOption::Basic));
            query
        });
        let kinds = scored(any_of(kinds.collect()), 0.0);
        Some(Box::new(BooleanQuery::new(vec![(Occur::Must, best), (Occur::Must, kinds)])))
    }

    fn has_marks(&self) -> bool {
        self.name.words.iter().any(|it| it.exact != it.folded)
    }

    /// The words, and the words with two neighbours as one: who types `hoi an` may look for `Hoian`.
    fn ways_to_split(&self) -> Vec<Vec<String>> {
        let words: Vec<&str> = self.name.words.iter().map(|it| it.folded.as_str()).collect();
        let mut ways = vec![words.iter().map(|it| (*it).to_owned()).collect::<Vec<String>>()];
        for at in 1..words.len() {
            let (before, after) = words.split_at(at);
            let (Some((first, before)), Some((second, after))) =
                (before.split_last(), after.split_first())
            else {
                continue;
            };
            let joined = format!("{first}{second}");
            let all = before.iter().copied().chain([joined.as_str()]).chain(after.iter().copied());
            ways.push(all.map(str::to_owned).collect());
        }
        ways
    }

    /// All words, each somewhere, in any order; with their marks they score more.
    fn all(
        &self,
        words: &[String],
        fields: &Fields,
        score: f32,
        way: impl Fn(&str) -> Option<Part>,
    ) -> Part {
        let mut parts: Vec<(Occur, Part)> = Vec::new();
        let count = words.len().max(1) as f32;
        for word in words {
            if let Some(part) = way(word) {
                parts.push((Occur::Must, scored(part, score / count)));
            }
        }
        let marked = self.name.words.iter().filter(|it| it.exact != it.folded);
        for Word { exact, .. } in marked {
            for field in [fields.exact_words, fields.exact_text] {
                parts.push((Occur::Should, term(field, exact, MARKS / count)));
            }
        }
        Box::new(BooleanQuery::new(parts))
    }
}

fn scored(query: Part, score: f32) -> Part {
    Box::new(ConstScoreQuery::new(query, score))
}

fn term(field: Field, text: &str, score: f32) -> Part {
    let term = Term::from_field_text(field, text);
    scored(Box::new(TermQuery::new(term, IndexRecordOption::Basic)), score)
}

fn any_of(parts: Vec<Part>) -> Part {
    Box::new(BooleanQuery::new(parts.into_iter().map(|it| (Occur::Should, it)).collect()))
}

/// Terms that begin so. Words and names without marks have letters, digits and spaces alone: nothing of a pattern.
fn begun(field: Field, text: &str, score: f32) -> Option<Part> {
    let is_plain = text.chars().all(|it| it.is_alphanumeric() || it == ' ');
    let query = RegexQuery::from_pattern(&format!("{text}.*"), field).ok()?;
    is_plain.then(|| scored(Box::new(query), score))
}

/// Terms with at most one letter more, less, other or swapped.
fn near(field: Field, text: &str, score: f32) -> Part {
    let term = Term::from_field_text(field, text);
    scored(Box::new(FuzzyTermQuery::new(term, 1, true)), score)
}
