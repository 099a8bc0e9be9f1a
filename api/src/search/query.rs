//! What is asked of the index by a text: the ways in which a record can fit it, best first, each with a score. How many look
//! for a record decides among equals ([`super::ranked`]).
use std::rc::Rc;

use tantivy::schema::Field;

use super::{
    document::{Name, join},
    fields::{Fields, LONGEST_BEGINNING, MOST_BEGINNING_WORDS, in_language},
    find::{Before, Finding, Scored},
    index::SearchError,
    sets::{Picked, Set},
    snapshot::{Part, Snapshot},
    terms::Key,
    typo::can_have_typo,
    words::{Word, first_words},
};

/// More characters are not looked at, nor more words: each is work.
const LONGEST_TEXT: usize = 1_000;
const MOST_WORDS: usize = 12;

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
    folded: String,
    joined: String,
    keys: Keys,
}

/// What of a text is asked for as a term.
#[derive(Clone, Debug)]
struct Keys {
    folded: Key,
    joined: Key,
    /// With its marks, if it has any.
    exact: Option<Key>,
    /// As a name in each language that is preferred, best first.
    in_languages: Vec<Key>,
    /// What a name begins with that begins with all of these words.
    whole_words: Option<Key>,
    beginning: Beginning,
    words: Vec<WordKeys>,
    /// Two neighbours as one word.
    pairs: Vec<Key>,
}

#[derive(Clone, Debug)]
struct WordKeys {
    folded: Key,
    /// With its marks, if it has any.
    exact: Option<Key>,
    beginning: Beginning,
}

/// As much of a beginning as can be a term.
#[derive(Clone, Copy, Debug)]
struct Beginning {
    key: Key,
    is_all: bool,
}

impl Beginning {
    fn of_name(words: &[Word], folded: &str) -> Beginning {
        // Words that others follow end there, with a space.
        let with_spaces =
            |words: &[Word]| words.iter().map(|it| it.folded.len() + 1).sum::<usize>();
        let end = match words.split_last() {
            Some((last, before)) if before.len() < MOST_BEGINNING_WORDS => {
                with_spaces(before) + beginning(&last.folded).len()
            }
            _ => with_spaces(words.get(..MOST_BEGINNING_WORDS).unwrap_or_default()),
        };
        let key = Key::of(folded.get(..end).unwrap_or(folded));
        Beginning { key, is_all: end == folded.len() }
    }

    fn of_word(word: &str) -> Beginning {
        let beginning = beginning(word);
        Beginning { key: Key::of(beginning), is_all: beginning.len() == word.len() }
    }
}

fn beginning(word: &str) -> &str {
    let end = word.char_indices().nth(LONGEST_BEGINNING).map_or(word.len(), |(end, _)| end);
    word.get(..end).unwrap_or_default()
}

/// A query read against all of an index, way after way.
pub(super) struct Search<'a>(Vec<Reading<'a>>);

impl<'a> Search<'a> {
    pub(super) fn of(asked: &'a Asked, snapshot: &'a Snapshot) -> Search<'a> {
        let parts = snapshot.parts.iter();
        Search(parts.map(|part| Reading::of(asked, part, &snapshot.fields)).collect())
    }

    /// What fits by names as it is typed.
    pub(super) fn names(&mut self) -> Result<(), SearchError> {
        self.0.iter_mut().try_for_each(|reading| {
            reading.names();
            reading.begun()
        })
    }

    /// What begins so, as it is looked for while somebody types.
    pub(super) fn begun(&mut self) -> Result<(), SearchError> {
        self.0.iter_mut().try_for_each(Reading::begun)
    }

    /// What fits by names with typos.
    pub(super) fn typos(&mut self) {
        self.0.iter_mut().for_each(Reading::typos);
    }

    /// What fits by texts, or by names, texts and context together, of what was not found by names.
    pub(super) fn texts(&mut self) {
        self.0.iter_mut().for_each(Reading::texts);
    }

    /// What was found in each part.
    pub(super) fn found(&self) -> impl Iterator<Item = (&Part, &Scored)> {
        self.0.iter().map(|it| (it.part, &it.finding.found))
    }

    /// All of it, raised by its marks.
    pub(super) fn finish(self) -> impl Iterator<Item = (&'a Part, Scored)> {
        self.0.into_iter().map(|it| (it.part, it.finish()))
    }
}

/// What is looked at of a text.
pub(super) fn read(text: &str) -> &str {
    let end = text.char_indices().nth(LONGEST_TEXT).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or_default()
}

impl Asked {
    pub fn of(text: &str, langs: &[String]) -> Asked {
        let name = Name { lang: String::new(), words: first_words(read(text), MOST_WORDS) };
        let (folded, joined) = (name.folded(), name.joined());
        let keys = Keys::of(&name, &folded, &joined, langs);
        Asked { name, folded, joined, keys }
    }

    /// Whether there is no word in it.
    pub fn is_empty(&self) -> bool {
        self.name.words.is_empty()
    }
}

impl Keys {
    fn of(name: &Name, folded: &str, joined: &str, langs: &[String]) -> Keys {
        let words = &name.words;
        let has_marks = words.iter().any(|it| it.exact != it.folded);
        let whole_words = words.len() <= MOST_BEGINNING_WORDS;
        let pairs = words.windows(2);
        Keys {
            folded: Key::of(folded),
            joined: Key::of(joined),
            exact: has_marks.then(|| Key::of(name.exact())),
            in_languages: langs.iter().map(|it| Key::of(in_language(it, folded))).collect(),
            whole_words: whole_words.then(|| Key::of([folded, " "].concat())),
            beginning: Beginning::of_name(words, folded),
            words: words.iter().map(WordKeys::of).collect(),
            pairs: pairs.map(|it| Key::of(join(it.iter().map(|it| &*it.folded), ""))).collect(),
        }
    }
}

impl WordKeys {
    fn of(word: &Word) -> WordKeys {
        WordKeys {
            folded: Key::of(&word.folded),
            exact: (word.exact != word.folded).then(|| Key::of(&word.exact)),
            beginning: Beginning::of_word(&word.folded),
        }
    }
}

/// A query read against one part of the index.
struct Reading<'a> {
    asked: &'a Asked,
    part: &'a Part,
    fields: &'a Fields,
    finding: Finding<'a>,
    /// Of each word: documents that have it in a name, itself or as neighbours that are written as one. Looked up when it is
    /// needed.
    words: Option<Rc<[Set<'a>]>>,
    /// What has all words somewhere and was not found yet.
    left: Picked,
    /// What was found before is not raised by the marks of its words: they are all there, or none is.
    unraised: Before,
}

impl<'a> Reading<'a> {
    fn of(asked: &'a Asked, part: &'a Part, fields: &'a Fields) -> Reading<'a> {
        Reading {
            asked,
            part,
            fields,
            finding: Finding::new(part),
            words: None,
            left: Picked::default(),
            unraised: Before::default(),
        }
    }

    /// Of each word, documents that have it in a field.
    fn sets(&self, field: Field) -> Vec<Set<'a>> {
        self.asked.keys.words.iter().map(|it| self.part.exactly(field, it.folded)).collect()
    }

    fn words(&mut self) -> Rc<[Set<'a>]> {
        if let Some(words) = &self.words {
            return words.clone();
        }
        let (words, joined) = (self.sets(self.fields.words), self.sets(self.fields.joined_words));
        let words: Rc<[Set<'_>]> =
            words.into_iter().zip(&joined).map(|(it, of)| it.and(of)).collect();
        self.words = Some(words.clone());
        words
    }

    /// All that is in these sets.
    fn way(&mut self, sets: &[&Set<'a>], score: f32) {
        let new = self.finding.new_in(sets);
        self.finding.add(new, score);
    }

    /// What of all that is left is in these sets.
    fn take(&mut self, sets: &[&Set<'a>], score: f32) {
        let new = self.finding.take(&mut self.left, sets);
        self.finding.add(new, score);
    }

    /// What has a text as one of its whole terms.
    fn whole(&mut self, field: Field, key: Key, score: f32) {
        let set = self.part.exactly(field, key);
        self.way(&[&set], score);
    }

    /// By names, as it is typed.
    fn names(&mut self) {
        let Fields { name, name_exact, name_lang, alias, alias_exact, .. } = *self.fields;
        let asked = self.asked;
        let Keys { folded, joined, exact, in_languages, .. } = &asked.keys;
        // What has a name in one of its other forms has it in this one.
        let names = self.part.exactly(self.fields.name_joined, *joined);
        let aliases = self.part.exactly(self.fields.alias_joined, *joined);
        if !names.is_empty() {
            if let Some(exact) = exact {
                self.whole(name_exact, *exact, NAME_EXACT);
            }
            for in_language in in_languages {
                self.whole(name_lang, *in_language, NAME_IN_LANGUAGE);
            }
            self.whole(name, *folded, NAME);
        }
        if !aliases.is_empty() {
            if let Some(exact) = exact {
                self.whole(alias_exact, *exact, ALIAS_EXACT);
            }
            self.whole(alias, *folded, ALIAS);
        }
        self.way(&[&names], JOINED);
        self.way(&[&aliases], ALIAS_JOINED);
        self.whole(self.fields.identifier, *folded, IDENTIFIER);
        self.unraised = self.finding.before();
    }

    /// By what names begin with, and by words of them.
    fn begun(&mut self) -> Result<(), SearchError> {
        let Fields { name_begun, alias_begun, name, alias, .. } = *self.fields;
        let asked = self.asked;
        for (terms, whole, with_words, score) in [
            (name_begun, name, WHOLE_PREFIX, PREFIX),
            (alias_begun, alias, ALIAS_WHOLE_PREFIX, ALIAS_PREFIX),
        ] {
            let Some(set) = self.beginning(terms, whole)? else { continue };
            let of_words = asked.keys.whole_words.map(|it| self.part.exactly(terms, it));
            let of_words = of_words.unwrap_or_default();
            self.way(&[&of_words], with_words);
            if set.size() > of_words.size() {
                self.way(&[&set], score);
            }
        }
        let anywhere = self.sets(self.fields.anywhere);
        let all: Vec<&Set<'_>> = anywhere.iter().collect();
        self.left = self.finding.new_in(&all);
        if !self.left.is_empty() {
            let words = self.words();
            // A word that is only in names needs no second look.
            let others = words.iter().zip(&anywhere).filter(|(it, all)| !it.is_all_of(all));
            let others: Vec<&Set<'_>> = others.map(|(it, _)| it).collect();
            self.take(&others, ALL_WORDS);
        }
        self.with_neighbours();
        // No name that is written as one has a space.
        if asked.keys.words.len() == 1 {
            let set = self.beginning(self.fields.joined_begun, self.fields.name_joined)?;
            self.way(&[&set.unwrap_or_default()], JOINED_PREFIX);
        }
        self.last_begun(&anywhere)?;
        self.with_context();
        Ok(())
    }

    /// Names that begin as typed.
    fn beginning(&self, terms: Field, whole: Field) -> Result<Option<Set<'a>>, SearchError> {
        self.begins(terms, self.asked.keys.beginning, whole, &self.asked.folded)
    }

    /// What begins with a text, in a field of beginnings and in that of the texts that begin so. `None` if nothing does; too
    /// much is an empty set.
    fn begins(
        &self,
        terms: Field,
        beginning: Beginning,
        whole: Field,
        text: &str,
    ) -> Result<Option<Set<'a>>, SearchError> {
        let begun = self.part.exactly(terms, beginning.key);
        if begun.is_empty() {
            return Ok(None);
        }
        // What begins with all of it begins with as much of it as has a term, and little does.
        let is_all = beginning.is_all;
        Ok(Some(if is_all { begun } else { self.part.begun(whole, text)? }))
    }

    /// All words, two neighbours of which are one in the name: who types `hoi an` may look for `Hoian`.
    fn with_neighbours(&mut self) {
        let asked = self.asked;
        for (at, pair) in asked.keys.pairs.iter().enumerate() {
            let joined = self.part.exactly(self.fields.words, *pair);
            if joined.is_empty() {
                continue;
            }
            let words = self.words();
            let others = words.iter().enumerate().filter(|(n, _)| *n != at && *n != at + 1);
            let all: Vec<&Set<'_>> = others.map(|(_, set)| set).chain([&joined]).collect();
            self.way(&all, ALL_WORDS);
        }
    }

    /// All words, the last of which is only begun.
    fn last_begun(&mut self, anywhere: &[Set<'a>]) -> Result<(), SearchError> {
        let asked = self.asked;
        let typed = asked.name.words.last().zip(asked.keys.words.last());
        let (Some((typed, last)), Some((_, before))) = (typed, anywhere.split_last()) else {
            return Ok(());
        };
        if before.iter().any(Set::is_empty) {
            return Ok(());
        }
        let whole = self.part.exactly(self.fields.words, last.folded);
        let Fields { begun_words, words, .. } = *self.fields;
        let last = self.begins(begun_words, last.beginning, words, &typed.folded)?;
        let last = last.unwrap_or_default();
        if last.size() == whole.size() {
            return Ok(());
        }
        let all: Vec<&Set<'_>> = before.iter().chain([&last]).collect();
        let mut new = self.finding.new_in(&all);
        if !new.is_empty() {
            let words = self.words();
            let before: Vec<&Set<'_>> = words.iter().take(before.len()).collect();
            let new = self.finding.take(&mut new, &before);
            self.finding.add(new, LAST_WORD_BEGUN);
        }
        Ok(())
    }

    /// Some words in the name, the others in those of its country and field or in its year.
    fn with_context(&mut self) {
        // A country alone means the country.
        if self.left.is_empty() || self.asked.keys.words.len() < 2 {
            return;
        }
        let context = self.sets(self.fields.context);
        if context.iter().all(Set::is_empty) {
            return;
        }
        let words = self.words();
        let either = words.iter().zip(&context).map(|(own, context)| own.clone().and(context));
        let either: Vec<Set<'_>> = either.collect();
        let own = own(&words, &context);
        let all: Vec<&Set<'_>> = either.iter().chain(&own).collect();
        self.take(&all, WITH_CONTEXT);
    }

    /// Of what has all words, by texts, then by names, texts and context together.
    fn texts(&mut self) {
        if self.left.is_empty() {
            return;
        }
        let mut of_texts = Vec::with_capacity(2);
        for (field, score) in [(self.fields.text, TEXT), (self.fields.stored, STORED)] {
            let sets = self.sets(field);
            self.take(&sets.iter().collect::<Vec<_>>(), score);
            if self.left.is_empty() {
                return;
            }
            of_texts.push(sets);
        }
        let mut all = self.words().to_vec();
        if all.len() < 2 {
            return;
        }
        for sets in &of_texts {
            all = all.into_iter().zip(sets).map(|(all, set)| all.and(set)).collect();
        }
        let own = own(&all, &self.sets(self.fields.context));
        self.take(&own.iter().collect::<Vec<_>>(), ANYWHERE);
    }

    /// By names with a typo, in the whole of it or in its words.
    fn typos(&mut self) {
        let Fields { name_joined, alias_joined, words, .. } = *self.fields;
        let asked = self.asked;
        if can_have_typo(&asked.joined) {
            for (field, score) in [(name_joined, NAME_TYPO), (alias_joined, ALIAS_TYPO)] {
                let set = self.part.near(field, &asked.joined);
                self.way(&[&set], score);
            }
        }
        let typed = self.words();
        let mut sets = Vec::with_capacity(typed.len());
        for (typed, word) in typed.iter().zip(&asked.name.words) {
            let set = match can_have_typo(&word.folded) {
                true => self.part.near(words, &word.folded),
                false => typed.clone(),
            };
            if set.is_empty() {
                return;
            }
            sets.push(set);
        }
        self.way(&sets.iter().collect::<Vec<_>>(), TYPO);
    }

    /// What was found, raised by each word that stands there with the marks that it was typed with.
    fn finish(mut self) -> Scored {
        let words = &self.asked.keys.words;
        let raise = MARKS / words.len().max(1) as f32;
        let exact = words.iter().filter_map(|it| it.exact);
        let exact = exact.map(|it| self.part.exactly(self.fields.exact_words, it));
        let sets: Vec<Set<'_>> = exact.filter(|it| !it.is_empty()).collect();
        if !sets.is_empty() {
            self.finding.raise(&self.unraised, &sets, raise);
        }
        self.finding.found
    }
}

/// What has any of the words itself, as a set that has to be asked for beside those of all words. No set is needed where
/// a word is in no context: who has all words has that one itself.
fn own<'p>(words: &[Set<'p>], context: &[Set<'p>]) -> Option<Set<'p>> {
    let is_needed = !context.iter().any(Set::is_empty);
    is_needed.then(|| words.iter().fold(Set::default(), Set::and))
}
