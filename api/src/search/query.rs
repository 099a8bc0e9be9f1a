//! What is asked of the index by a text: the ways in which a record can fit it, best first, each with a score. How many look
//! for a record decides among equals ([`super::ranked`]).
use tantivy::{DocId, schema::Field};

use super::{
    document::Name,
    find::{Finding, Set, near},
    index::{Fields, LONGEST_BEGINNING, MOST_BEGINNING_WORDS, SearchError, in_language},
    snapshot::{Part, Snapshot},
    words::first_words,
};

/// More characters are not looked at, nor more words: each is work.
const LONGEST_TEXT: usize = 1_000;
const MOST_WORDS: usize = 12;
/// Longer words are nobody's name.
const LONGEST_WORD: usize = 60;
/// Words from this length on may have a typo, and up to this one: what is a letter away from a longer one takes long to find.
const TYPO_FROM: usize = 4;
const TYPO_TO: usize = 40;

/// Scores. Weights of records are below 10, so that the steps between them are never made up for.
const NAME_EXACT: f32 = 1_000.0;
const NAME_IN_LANGUAGE: f32 = 950.0;
const NAME: f32 = 900.0;
const ALIAS_EXACT: f32 = 850.0;
const ALIAS: f32 = 800.0;
const JOINED: f32 = 780.0;
const ALIAS_JOINED: f32 = 700.0;
const IDENTIFIER: f32 = 680.0;
/// Names that begin with the words of a query come before those of which it has only begun the last one.
const WHOLE_PREFIX: f32 = 620.0;
const PREFIX: f32 = 600.0;
const ALIAS_WHOLE_PREFIX: f32 = 580.0;
const ALIAS_PREFIX: f32 = 560.0;
const ALL_WORDS: f32 = 400.0;
const LAST_WORD_BEGUN: f32 = 330.0;
const WITH_COUNTRY: f32 = 280.0;
const NAME_TYPO: f32 = 220.0;
const ALIAS_TYPO: f32 = 210.0;
const TYPO: f32 = 160.0;
const TEXT: f32 = 100.0;
const STORED: f32 = 90.0;
const ANYWHERE: f32 = 40.0;
/// What words with their marks add, in all.
const MARKS: f32 = 40.0;

/// A text that is looked for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub(super) name: Name,
    /// Languages whose names are preferred, best first.
    langs: Vec<String>,
}

/// What was found in each part, with scores.
pub(super) type Parts = Vec<Vec<(DocId, f32)>>;

/// What is looked at of a text.
pub(super) fn read(text: &str) -> &str {
    let end = text.char_indices().nth(LONGEST_TEXT).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or_default()
}

impl Asked {
    pub fn of(text: &str, langs: &[String]) -> Asked {
        let mut words = first_words(read(text), MOST_WORDS);
        words.retain(|it| it.folded.chars().count() <= LONGEST_WORD);
        Asked { name: Name { lang: String::new(), words }, langs: langs.to_vec() }
    }

    /// Whether there is no word in it.
    pub fn is_empty(&self) -> bool {
        self.name.words.is_empty()
    }

    /// All that fits as it is typed: by names, then by texts.
    pub(super) fn find(&self, snapshot: &Snapshot) -> Result<Parts, SearchError> {
        self.each(snapshot, |reading| {
            reading.names()?;
            reading.texts()
        })
    }

    /// What begins so, as it is looked for while somebody types.
    pub(super) fn begun(&self, snapshot: &Snapshot) -> Result<Parts, SearchError> {
        self.each(snapshot, |reading| reading.begun())
    }

    /// What fits with typos.
    pub(super) fn near(&self, snapshot: &Snapshot) -> Result<Parts, SearchError> {
        let typos = Typos::of(self, &snapshot.fields)?;
        self.each(snapshot, |reading| reading.typos(&typos))
    }

    fn each(
        &self,
        snapshot: &Snapshot,
        find: impl Fn(&mut Reading<'_>) -> Result<(), SearchError>,
    ) -> Result<Parts, SearchError> {
        let mut all = Vec::with_capacity(snapshot.parts.len());
        for part in &snapshot.parts {
            if self.is_empty() {
                all.push(Vec::new());
                continue;
            }
            let mut reading = Reading::of(self, part, &snapshot.fields)?;
            find(&mut reading)?;
            all.push(reading.finding.found);
        }
        Ok(all)
    }

    fn has_marks(&self) -> bool {
        self.name.words.iter().any(|it| it.exact != it.folded)
    }
}

/// Whether a word is long enough for a typo. Another number is never meant.
pub(super) fn can_have_typo(word: &str) -> bool {
    (TYPO_FROM..=TYPO_TO).contains(&word.chars().count()) && !word.chars().any(char::is_numeric)
}

/// What is a letter away from what was typed: of the whole, and of each of its words that can have a typo.
struct Typos {
    whole: Option<tantivy::query::DfaWrapper>,
    words: Vec<Option<tantivy::query::DfaWrapper>>,
}

impl Typos {
    fn of(asked: &Asked, fields: &Fields) -> Result<Typos, SearchError> {
        let of = |text: &str| can_have_typo(text).then(|| near(fields.words, text)).transpose();
        let words =
            asked.name.words.iter().map(|word| of(&word.folded)).collect::<Result<_, _>>()?;
        Ok(Typos { whole: of(&asked.name.joined())?, words })
    }
}

/// A query read against one part of the index.
struct Reading<'a> {
    asked: &'a Asked,
    part: &'a Part,
    fields: &'a Fields,
    finding: Finding<'a>,
    folded: String,
    joined: String,
    /// Of each word: documents that have it in a name, itself or as neighbours that are written as one.
    words: Vec<Set>,
    /// What has the words with their marks, where some were typed.
    marked: Vec<Set>,
    /// What each of these adds.
    raise: f32,
}

impl<'a> Reading<'a> {
    fn of(
        asked: &'a Asked,
        part: &'a Part,
        fields: &'a Fields,
    ) -> Result<Reading<'a>, SearchError> {
        let mut words = Vec::with_capacity(asked.name.words.len());
        let mut marked = Vec::new();
        for word in &asked.name.words {
            let one = part.exactly(fields.words, &word.folded)?;
            words.push(one.and(&part.exactly(fields.joined_words, &word.folded)?));
            if word.exact != word.folded {
                let name = part.exactly(fields.exact_words, &word.exact)?;
                marked.push(name.and(&part.exactly(fields.exact_text, &word.exact)?));
            }
        }
        let (folded, joined) = (asked.name.folded(), asked.name.joined());
        let raise = MARKS / words.len().max(1) as f32;
        let finding = Finding::new(part);
        Ok(Reading { asked, part, fields, finding, folded, joined, words, marked, raise })
    }

    fn way(&mut self, sets: &[&Set], score: f32) -> Result<(), SearchError> {
        Ok(self.finding.all(sets, score, &self.marked, self.raise)?)
    }

    /// What has a text as one of its whole terms.
    fn whole(&mut self, field: Field, text: &str, score: f32) -> Result<(), SearchError> {
        let set = self.part.exactly(field, text)?;
        Ok(self.finding.all(&[&set], score, &[], 0.0)?)
    }

    /// By names, as it is typed.
    fn names(&mut self) -> Result<(), SearchError> {
        let Fields { name, name_exact, name_lang, alias, alias_exact, .. } = *self.fields;
        let (asked, folded, joined) = (self.asked, self.folded.clone(), self.joined.clone());
        let exact = asked.has_marks().then(|| asked.name.exact());
        if let Some(exact) = &exact {
            self.whole(name_exact, exact, NAME_EXACT)?;
        }
        for lang in &asked.langs {
            self.whole(name_lang, &in_language(lang, &folded), NAME_IN_LANGUAGE)?;
        }
        self.whole(name, &folded, NAME)?;
        if let Some(exact) = &exact {
            self.whole(alias_exact, exact, ALIAS_EXACT)?;
        }
        self.whole(alias, &folded, ALIAS)?;
        self.whole(self.fields.name_joined, &joined, JOINED)?;
        self.whole(self.fields.alias_joined, &joined, ALIAS_JOINED)?;
        self.whole(self.fields.identifier, &folded, IDENTIFIER)?;
        self.begun()
    }

    /// By what names begin with, and by words of them.
    fn begun(&mut self) -> Result<(), SearchError> {
        let Fields { name_begun, alias_begun, name, alias, .. } = *self.fields;
        let words = format!("{} ", self.folded);
        for (terms, whole, with_words, score) in [
            (name_begun, name, WHOLE_PREFIX, PREFIX),
            (alias_begun, alias, ALIAS_WHOLE_PREFIX, ALIAS_PREFIX),
        ] {
            let set = self.part.exactly(terms, &words)?;
            self.way(&[&set], with_words)?;
            let set = self.beginning(terms, whole)?;
            self.way(&[&set], score)?;
        }
        let words = std::mem::take(&mut self.words);
        let all: Vec<&Set> = words.iter().collect();
        self.way(&all, ALL_WORDS)?;
        self.with_neighbours(&words)?;
        if let (Some(last), Some((_, before))) = (self.asked.name.words.last(), words.split_last())
        {
            let last = self.beginning_word(&last.folded)?;
            let all: Vec<&Set> = before.iter().chain([&last]).collect();
            self.way(&all, LAST_WORD_BEGUN)?;
        }
        self.with_country(&words)?;
        self.words = words;
        Ok(())
    }

    /// Names that begin as typed.
    fn beginning(&self, terms: Field, whole: Field) -> Result<Set, SearchError> {
        let words = &self.asked.name.words;
        let last = words.last().map_or(0, |word| word.folded.chars().count());
        let has_term = words.len() <= MOST_BEGINNING_WORDS && last <= LONGEST_BEGINNING;
        Ok(match has_term {
            true => self.part.exactly(terms, &self.folded)?,
            false => self.part.begun(whole, &self.folded)?,
        })
    }

    /// Names with a word that begins so.
    fn beginning_word(&self, word: &str) -> Result<Set, SearchError> {
        Ok(match word.chars().count() <= LONGEST_BEGINNING {
            true => self.part.exactly(self.fields.begun_words, word)?,
            false => self.part.begun(self.fields.words, word)?,
        })
    }

    /// All words, two neighbours of which are one in the name: who types `hoi an` may look for `Hoian`.
    fn with_neighbours(&mut self, words: &[Set]) -> Result<(), SearchError> {
        let asked = self.asked;
        for (at, pair) in asked.name.words.windows(2).enumerate() {
            let [first, second] = pair else { continue };
            let joined = self
                .part
                .exactly(self.fields.words, &format!("{}{}", first.folded, second.folded))?;
            let others = words.iter().enumerate().filter(|(n, _)| *n != at && *n != at + 1);
            let all: Vec<&Set> = others.map(|(_, set)| set).chain([&joined]).collect();
            self.way(&all, ALL_WORDS)?;
        }
        Ok(())
    }

    /// Of each word, what is of a country with it in its name; empty where it cannot be meant.
    fn countries(&self) -> Result<Vec<Set>, SearchError> {
        let words = &self.asked.name.words;
        match words.len() {
            // A country alone means the country.
            0 | 1 => Ok(Vec::new()),
            _ => words
                .iter()
                .map(|word| Ok(self.part.exactly(self.fields.context, &word.folded)?))
                .collect(),
        }
    }

    /// Some words in the name, the others in that of its country.
    fn with_country(&mut self, words: &[Set]) -> Result<(), SearchError> {
        let countries = self.countries()?;
        if countries.iter().all(Set::is_empty) {
            return Ok(());
        }
        let either: Vec<Set> =
            words.iter().zip(&countries).map(|(word, country)| word.clone().and(country)).collect();
        let in_name = words.iter().fold(Set::default(), Set::and);
        let all: Vec<&Set> = either.iter().chain([&in_name]).collect();
        self.way(&all, WITH_COUNTRY)
    }

    /// By names with a typo, in the whole of it or in its words.
    fn typos(&mut self, typos: &Typos) -> Result<(), SearchError> {
        let Fields { name_joined, alias_joined, words, .. } = *self.fields;
        if let Some(whole) = &typos.whole {
            for (field, score) in [(name_joined, NAME_TYPO), (alias_joined, ALIAS_TYPO)] {
                let set = self.part.near(field, whole)?;
                self.way(&[&set], score)?;
            }
        }
        let mut sets = Vec::with_capacity(typos.words.len());
        for (near, typed) in typos.words.iter().zip(&self.words) {
            let set = match near {
                Some(near) => self.part.near(words, near)?,
                None => typed.clone(),
            };
            if set.is_empty() {
                return Ok(());
            }
            sets.push(set);
        }
        let all: Vec<&Set> = sets.iter().collect();
        self.way(&all, TYPO)
    }

    /// By texts, then by names, texts and countries together.
    fn texts(&mut self) -> Result<(), SearchError> {
        let asked = self.asked;
        let mut texts: Vec<Set> = Vec::with_capacity(asked.name.words.len());
        for (field, score) in [(self.fields.text, TEXT), (self.fields.stored, STORED)] {
            let sets = asked.name.words.iter().map(|it| self.part.exactly(field, &it.folded));
            let sets = sets.collect::<Result<Vec<Set>, _>>()?;
            let all: Vec<&Set> = sets.iter().collect();
            self.way(&all, score)?;
            texts = match texts.is_empty() {
                true => sets,
                false => texts.into_iter().zip(&sets).map(|(text, set)| text.and(set)).collect(),
            };
        }
        if texts.len() < 2 {
            return Ok(());
        }
        let own: Vec<Set> =
            self.words.iter().zip(&texts).map(|(word, text)| word.clone().and(text)).collect();
        let in_it = own.iter().fold(Set::default(), Set::and);
        let countries = self.countries()?;
        let anywhere: Vec<Set> =
            own.into_iter().zip(&countries).map(|(word, country)| word.and(country)).collect();
        let all: Vec<&Set> = anywhere.iter().chain([&in_it]).collect();
        self.way(&all, ANYWHERE)
    }
}
