//! What is asked of the index by a text: the ways in which a record can fit it, best first, each with a score. How many look
//! for a record decides among equals ([`super::ranked`]).
use std::{mem, rc::Rc};

use tantivy::{DocId, schema::Field};

use super::{
    document::Name,
    fields::{Fields, LONGEST_BEGINNING, MOST_BEGINNING_WORDS, in_language},
    find::{Finding, Set},
    index::SearchError,
    snapshot::{Part, Snapshot},
    typo::can_have_typo,
    words::first_words,
};

/// More characters are not looked at, nor more words: each is work.
const LONGEST_TEXT: usize = 1_000;
const MOST_WORDS: usize = 12;
/// Longer words are nobody's name.
const LONGEST_WORD: usize = 60;

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
/// Who types a word that names have means that one, before names that begin so without their spaces.
const JOINED_PREFIX: f32 = 380.0;
const LAST_WORD_BEGUN: f32 = 330.0;
const WITH_CONTEXT: f32 = 280.0;
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

/// A query read against all of an index, way after way.
pub(super) struct Search<'a>(Vec<Reading<'a>>);

impl<'a> Search<'a> {
    pub(super) fn of(asked: &'a Asked, snapshot: &'a Snapshot) -> Search<'a> {
        let parts = snapshot.parts.iter().filter(|_| !asked.is_empty());
        Search(parts.map(|part| Reading::of(asked, part, &snapshot.fields)).collect())
    }

    /// What fits by names as it is typed.
    pub(super) fn names(&mut self) -> Result<(), SearchError> {
        self.0.iter_mut().try_for_each(|reading| {
            reading.names()?;
            reading.begun()
        })
    }

    /// What begins so, as it is looked for while somebody types.
    pub(super) fn begun(&mut self) -> Result<(), SearchError> {
        self.0.iter_mut().try_for_each(Reading::begun)
    }

    /// What fits by names with typos.
    pub(super) fn typos(&mut self) -> Result<(), SearchError> {
        self.0.iter_mut().try_for_each(Reading::typos)
    }

    /// What fits by texts, or by names, texts and context together, of what was not found by names.
    pub(super) fn texts(&mut self) -> Result<(), SearchError> {
        self.0.iter_mut().try_for_each(Reading::texts)
    }

    /// Whether something was found that is taken.
    pub(super) fn has(&self, takes: impl Fn(&Part, DocId) -> bool) -> bool {
        self.0.iter().any(|it| it.finding.found.iter().any(|(doc, _)| takes(it.part, *doc)))
    }

    pub(super) fn finish(self) -> Result<Parts, SearchError> {
        self.0.into_iter().map(Reading::finish).collect()
    }
}

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

    fn has_marks(&self) -> bool {
        self.name.words.iter().any(|it| it.exact != it.folded)
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
    /// Of each word: documents that have it in a name, itself or as neighbours that are written as one. Looked up when it is
    /// needed.
    words: Option<Rc<[Set]>>,
    /// What has all words somewhere and was not found yet.
    left: Vec<DocId>,
    /// Found documents from this one on are raised by the marks of their words.
    raised_from: usize,
}

impl<'a> Reading<'a> {
    fn of(asked: &'a Asked, part: &'a Part, fields: &'a Fields) -> Reading<'a> {
        let (folded, joined) = (asked.name.folded(), asked.name.joined());
        let finding = Finding::new(part);
        Reading {
            asked,
            part,
            fields,
            finding,
            folded,
            joined,
            words: None,
            left: Vec::new(),
            raised_from: 0,
        }
    }

    /// Of each word, documents that have it in a field.
    fn sets(&self, field: Field) -> Result<Vec<Set>, SearchError> {
        let words = &self.asked.name.words;
        let mut sets = Vec::with_capacity(words.len());
        for word in words {
            sets.push(self.part.exactly(field, &word.folded)?);
        }
        Ok(sets)
    }

    fn words(&mut self) -> Result<Rc<[Set]>, SearchError> {
        if let Some(words) = &self.words {
            return Ok(words.clone());
        }
        let joined = self.sets(self.fields.joined_words)?;
        let words = self.sets(self.fields.words)?;
        let words: Rc<[Set]> = words.into_iter().zip(&joined).map(|(it, of)| it.and(of)).collect();
        self.words = Some(words.clone());
        Ok(words)
    }

    /// All that is in these sets.
    fn way(&mut self, sets: &[&Set], score: f32) -> Result<(), SearchError> {
        let new = self.finding.new_in(sets)?;
        self.finding.add(&new, score);
        Ok(())
    }

    /// What of all that is left is in these sets.
    fn take(&mut self, sets: &[&Set], score: f32) -> Result<(), SearchError> {
        let new = self.finding.take(&mut self.left, sets)?;
        self.finding.add(&new, score);
        Ok(())
    }

    /// What has a text as one of its whole terms.
    fn whole(&mut self, field: Field, text: &str, score: f32) -> Result<(), SearchError> {
        let set = self.part.exactly(field, text)?;
        self.way(&[&set], score)
    }

    /// By names, as it is typed.
    fn names(&mut self) -> Result<(), SearchError> {
        let Fields { name, name_exact, name_lang, alias, alias_exact, .. } = *self.fields;
        let asked = self.asked;
        let (folded, joined) = (mem::take(&mut self.folded), mem::take(&mut self.joined));
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
        self.raised_from = self.finding.found.len();
        (self.folded, self.joined) = (folded, joined);
        Ok(())
    }

    /// By what names begin with, and by words of them.
    fn begun(&mut self) -> Result<(), SearchError> {
        let Fields { name_begun, alias_begun, name, alias, .. } = *self.fields;
        let words = [&*self.folded, " "].concat();
        for (terms, whole, with_words, score) in [
            (name_begun, name, WHOLE_PREFIX, PREFIX),
            (alias_begun, alias, ALIAS_WHOLE_PREFIX, ALIAS_PREFIX),
        ] {
            let with_space = self.part.exactly(terms, &words)?;
            self.way(&[&with_space], with_words)?;
            let set = self.beginning(terms, whole)?;
            if set.size() > with_space.size() {
                self.way(&[&set], score)?;
            }
        }
        let anywhere = self.sets(self.fields.anywhere)?;
        let all: Vec<&Set> = anywhere.iter().collect();
        self.left = self.finding.new_in(&all)?;
        if !self.left.is_empty() {
            let words = self.words()?;
            self.take(&words.iter().collect::<Vec<_>>(), ALL_WORDS)?;
        }
        self.with_neighbours()?;
        let set = self.beginning(self.fields.joined_begun, self.fields.name_joined)?;
        self.way(&[&set], JOINED_PREFIX)?;
        self.last_begun(&anywhere)?;
        self.with_context()
    }

    /// Names that begin as typed.
    fn beginning(&self, terms: Field, whole: Field) -> Result<Set, SearchError> {
        let words = &self.asked.name.words;
        let last = words.last().map_or("", |word| &word.folded);
        if words.len() <= MOST_BEGINNING_WORDS && last.chars().count() <= LONGEST_BEGINNING {
            return Ok(self.part.exactly(terms, &self.folded)?);
        }
        // What begins with all of it begins with as much of it as has a term, and few names do.
        let mut first = String::new();
        for (n, word) in words.iter().take(MOST_BEGINNING_WORDS).enumerate() {
            match n + 1 == words.len() {
                true => first.extend(word.folded.chars().take(LONGEST_BEGINNING)),
                false => first.extend([&word.folded, " "]),
            }
        }
        match self.part.exactly(terms, &first)?.is_empty() {
            true => Ok(Set::default()),
            false => Ok(self.part.begun(whole, &self.folded)?),
        }
    }

    /// Names with a word that begins so.
    fn beginning_word(&self, word: &str) -> Result<Set, SearchError> {
        let beginning = word.char_indices().nth(LONGEST_BEGINNING);
        let beginning = beginning.and_then(|(end, _)| word.get(..end));
        let begun = self.part.exactly(self.fields.begun_words, beginning.unwrap_or(word))?;
        Ok(match beginning.is_none() || begun.is_empty() {
            true => begun,
            false => self.part.begun(self.fields.words, word)?,
        })
    }

    /// All words, two neighbours of which are one in the name: who types `hoi an` may look for `Hoian`.
    fn with_neighbours(&mut self) -> Result<(), SearchError> {
        let asked = self.asked;
        let mut joined = String::new();
        for (at, pair) in asked.name.words.windows(2).enumerate() {
            joined.clear();
            joined.extend(pair.iter().map(|it| it.folded.as_str()));
            let joined = self.part.exactly(self.fields.words, &joined)?;
            if joined.is_empty() {
                continue;
            }
            let words = self.words()?;
            let others = words.iter().enumerate().filter(|(n, _)| *n != at && *n != at + 1);
            let all: Vec<&Set> = others.map(|(_, set)| set).chain([&joined]).collect();
            self.way(&all, ALL_WORDS)?;
        }
        Ok(())
    }

    /// All words, the last of which is only begun.
    fn last_begun(&mut self, anywhere: &[Set]) -> Result<(), SearchError> {
        let (Some(last), Some((_, before))) = (self.asked.name.words.last(), anywhere.split_last())
        else {
            return Ok(());
        };
        if before.iter().any(Set::is_empty) {
            return Ok(());
        }
        let whole = self.part.exactly(self.fields.words, &last.folded)?;
        let last = self.beginning_word(&last.folded)?;
        if last.size() == whole.size() {
            return Ok(());
        }
        let all: Vec<&Set> = before.iter().chain([&last]).collect();
        let mut new = self.finding.new_in(&all)?;
        if !new.is_empty() {
            let words = self.words()?;
            let before: Vec<&Set> = words.iter().take(before.len()).collect();
            let new = self.finding.take(&mut new, &before)?;
            self.finding.add(&new, LAST_WORD_BEGUN);
        }
        Ok(())
    }

    /// Some words in the name, the others in those of its country and field or in its year.
    fn with_context(&mut self) -> Result<(), SearchError> {
        // A country alone means the country.
        if self.left.is_empty() || self.asked.name.words.len() < 2 {
            return Ok(());
        }
        let context = self.sets(self.fields.context)?;
        if context.iter().all(Set::is_empty) {
            return Ok(());
        }
        let words = self.words()?;
        let either = words.iter().zip(&context).map(|(own, context)| own.clone().and(context));
        let either: Vec<Set> = either.collect();
        let own = own(&words, &context);
        let all: Vec<&Set> = either.iter().chain(&own).collect();
        self.take(&all, WITH_CONTEXT)
    }

    /// Of what has all words, by texts, then by names, texts and context together.
    fn texts(&mut self) -> Result<(), SearchError> {
        if self.left.is_empty() {
            return Ok(());
        }
        let mut of_texts = Vec::with_capacity(2);
        for (field, score) in [(self.fields.text, TEXT), (self.fields.stored, STORED)] {
            let sets = self.sets(field)?;
            self.take(&sets.iter().collect::<Vec<_>>(), score)?;
            if self.left.is_empty() {
                return Ok(());
            }
            of_texts.push(sets);
        }
        let mut all = self.words()?.to_vec();
        if all.len() < 2 {
            return Ok(());
        }
        for sets in &of_texts {
            all = all.into_iter().zip(sets).map(|(all, set)| all.and(set)).collect();
        }
        let own = own(&all, &self.sets(self.fields.context)?);
        self.take(&own.iter().collect::<Vec<_>>(), ANYWHERE)
    }

    /// By names with a typo, in the whole of it or in its words.
    fn typos(&mut self) -> Result<(), SearchError> {
        let Fields { name_joined, alias_joined, words, .. } = *self.fields;
        if can_have_typo(&self.joined) {
            for (field, score) in [(name_joined, NAME_TYPO), (alias_joined, ALIAS_TYPO)] {
                let set = self.part.near(field, &self.joined);
                self.way(&[&set], score)?;
            }
        }
        let typed = self.words()?;
        let mut sets = Vec::with_capacity(typed.len());
        for (typed, word) in typed.iter().zip(&self.asked.name.words) {
            let set = match can_have_typo(&word.folded) {
                true => self.part.near(words, &word.folded),
                false => typed.clone(),
            };
            if set.is_empty() {
                return Ok(());
            }
            sets.push(set);
        }
        self.way(&sets.iter().collect::<Vec<_>>(), TYPO)
    }

    /// What was found, raised by each word that stands there with the marks that it was typed with.
    fn finish(mut self) -> Result<Vec<(DocId, f32)>, SearchError> {
        let words = &self.asked.name.words;
        let raise = MARKS / words.len().max(1) as f32;
        if self.finding.found.len() > self.raised_from {
            let mut sets = Vec::with_capacity(words.len());
            for word in words.iter().filter(|it| it.exact != it.folded) {
                sets.push(self.part.exactly(self.fields.exact_words, &word.exact)?);
            }
            if !sets.is_empty() {
                self.finding.raise(self.raised_from, &sets, raise)?;
            }
        }
        Ok(mem::take(&mut self.finding.found))
    }
}

/// What has any of the words itself, as a set that has to be asked for beside those of all words. No set is needed where
/// a word is in no context: who has all words has that one itself.
fn own(words: &[Set], context: &[Set]) -> Option<Set> {
    let is_needed = !context.iter().any(Set::is_empty);
    is_needed.then(|| words.iter().fold(Set::default(), Set::and))
}
