//! What was found, picked by filters, best first, and counted.
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

use foldhash::fast::RandomState;
use smallvec::SmallVec;

use super::{
    find::Scored,
    index::SearchError,
    query::{Asked, Search, read},
    resident::Place,
    snapshot::{Part, Snapshot},
    telex,
    values::{By, Fitting},
};
use crate::record::filter::NumberTest;

/// Groups of each count.
const MOST_COUNTED: usize = 50;

/// What is taken of what is found.
#[derive(Default)]
pub struct Filter {
    /// Of these types, by number; all when absent.
    pub kinds: Option<Vec<u16>>,
    /// Of these countries and fields, by internal id; all when absent.
    pub countries: Option<Vec<i64>>,
    pub fields: Option<Vec<i64>>,
    pub years: Option<NumberTest>,
}

impl Filter {
    fn takes_all(&self) -> bool {
        let Filter { kinds, countries, fields, years } = self;
        kinds.is_none() && countries.is_none() && fields.is_none() && years.is_none()
    }

    /// As it is for the documents of one part.
    fn of<'p>(&self, part: &'p Part) -> Taken<'p> {
        let Filter { kinds, countries, fields, years } = self;
        let values = &part.resident.values;
        let is_one_of =
            |picked: &[i64], value: Option<i64>| value.is_some_and(|it| picked.contains(&it));
        let mut tests = SmallVec::new();
        if let Some(kinds) = kinds {
            let is_kind = |kind: Option<i64>| kinds.iter().any(|it| Some(i64::from(*it)) == kind);
            tests.push(values.fitting(By::Kind, is_kind));
        }
        for (picked, by) in [(countries, By::Country), (fields, By::Field)] {
            tests.extend(picked.iter().map(|it| values.fitting(by, |value| is_one_of(it, value))));
        }
        tests.extend(years.iter().map(|test| values.fitting(By::Year, test)));
        Taken(tests)
    }
}

/// Documents of a part that are taken.
struct Taken<'p>(SmallVec<[Fitting<'p>; 2]>);

impl Taken<'_> {
    fn has(&self, place: Place) -> bool {
        self.0.iter().all(|test| test.has(place))
    }
}

/// A record that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Internal id.
    pub id: i64,
    pub score: f64,
}

impl Hit {
    fn of(part: &Part, place: Place, score: f32) -> Hit {
        let (id, weight) = part.resident.hit(place);
        Hit { id, score: f64::from(score) + weight }
    }
}

/// Better hits are greater; of equal ones that of the older record.
impl Eq for Hit {}

impl Ord for Hit {
    fn cmp(&self, other: &Hit) -> std::cmp::Ordering {
        self.score.total_cmp(&other.score).then(other.id.cmp(&self.id))
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Hit) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The best of many hits.
struct Best {
    most: usize,
    heap: BinaryHeap<Reverse<Hit>>,
}

impl Best {
    fn new(most: usize) -> Best {
        Best { most, heap: BinaryHeap::new() }
    }

    /// Whether it is among the best so far.
    fn add(&mut self, hit: Hit) -> bool {
        if self.heap.len() < self.most {
            self.heap.push(Reverse(hit));
            return true;
        }
        let least = self.heap.peek_mut().filter(|least| hit > least.0);
        least.map(|mut least| *least = Reverse(hit)).is_some()
    }

    /// Best first.
    fn hits(self) -> Vec<Hit> {
        self.heap.into_sorted_vec().into_iter().map(|hit| hit.0).collect()
    }
}

/// What a query has come to.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub hits: Vec<Hit>,
    pub total: usize,
    /// The query that was answered in place of the one that was asked.
    pub instead: Option<String>,
    pub facets: Facets,
}

/// How many of what was found are of a type, a country, a field and a year: most first, 50 of each at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    pub kinds: Vec<(i64, usize)>,
    pub countries: Vec<(i64, usize)>,
    pub fields: Vec<(i64, usize)>,
    pub years: Vec<(i64, usize)>,
}

/// What a search is asked.
#[derive(Default)]
pub struct Question {
    pub text: String,
    /// Languages whose names are preferred, best first.
    pub langs: Vec<String>,
    pub filter: Filter,
    /// The most hits that are wanted; in suggestions of each type.
    pub limit: usize,
    /// Whether counts are wanted.
    pub counts: bool,
}

impl Question {
    pub fn of(text: &str, limit: usize) -> Question {
        Question { text: text.to_owned(), limit, ..Question::default() }
    }
}

/// Counts in the making: of types, countries, fields and years.
#[derive(Default)]
struct Counts([HashMap<i64, usize>; 4]);

impl Counts {
    fn add(&mut self, part: &Part, found: &Scored) {
        part.resident.values.count(found.len(), found.places(), |by, value, count| {
            *self.0[by as usize].entry(value).or_default() += count;
        });
    }

    fn facets(self) -> Facets {
        let [kinds, countries, fields, years] = self.0.map(|count| {
            let mut all: Vec<(i64, usize)> = count.into_iter().collect();
            all.sort_unstable_by_key(|(key, count)| (Reverse(*count), *key));
            all.truncate(MOST_COUNTED);
            all
        });
        Facets { kinds, countries, fields, years }
    }
}

impl Snapshot {
    /// Best first. What finds nothing is asked once more with the keys of Telex as letters.
    pub fn search(&self, asked: &Question) -> Result<Found, SearchError> {
        let (instead, found) = self.find(asked)?;
        let mut best = Best::new(asked.limit);
        let mut counts = asked.counts.then(Counts::default);
        let mut total = 0;
        for (part, found) in self.parts.iter().zip(found) {
            total += found.len();
            if let Some(counts) = &mut counts {
                counts.add(part, &found);
            }
            found.few.iter().for_each(|(place, score)| _ = best.add(Hit::of(part, *place, *score)));
            for (bits, score) in &found.many {
                // They come best first.
                bits.iter().all(|place| best.add(Hit::of(part, place, *score)));
            }
        }
        let facets = counts.map(Counts::facets).unwrap_or_default();
        Ok(Found { hits: best.hits(), total, instead, facets })
    }

    /// The best of each type of what begins so; the type of the best one first.
    pub fn suggest(&self, asked: &Question) -> Result<Vec<(u16, Vec<Hit>)>, SearchError> {
        let mut best: HashMap<u16, Best, RandomState> = HashMap::default();
        let mut add =
            |kind, hit| best.entry(kind).or_insert_with(|| Best::new(asked.limit)).add(hit);
        for (part, found) in self.parts.iter().zip(self.begun(asked)?) {
            let resident = &part.resident;
            for (place, score) in found.few {
                resident.kind(place).map(|kind| add(kind, Hit::of(part, place, score)));
            }
            for (bits, score) in found.many {
                for (kind, of_kind) in &resident.of_kinds {
                    // They come best first.
                    bits.both(of_kind).all(|place| add(*kind, Hit::of(part, place, score)));
                }
            }
        }
        let mut groups: Vec<(u16, Vec<Hit>)> =
            best.into_iter().map(|(kind, best)| (kind, best.hits())).collect();
        groups.sort_by(|(_, a), (_, b)| b.first().cmp(&a.first()));
        Ok(groups)
    }

    /// What a text finds as it is typed, by names, or else by texts. Where that is nothing, what it finds with the keys of
    /// Telex as letters, and this text. Names that it would have with typos are looked for where it is none as it is typed.
    fn find(&self, asked: &Question) -> Result<(Option<String>, Vec<Scored>), SearchError> {
        let typed = Asked::of(&asked.text, &asked.langs);
        if typed.is_empty() {
            return Ok((None, Vec::new()));
        }
        let mut search = Search::of(&typed, self);
        search.names()?;
        if asked.has(&search) {
            search.texts();
            return Ok((None, asked.taken(search)));
        }
        let Some(instead) = telex::decoded(read(&asked.text)) else {
            search.typos();
            search.texts();
            return Ok((None, asked.taken(search)));
        };
        // What might be keys is more likely a typo only where they mean nothing.
        search.texts();
        if !asked.has(&search) {
            let decoded = Asked::of(&instead, &asked.langs);
            let mut other = Search::of(&decoded, self);
            other.names()?;
            other.texts();
            if asked.has(&other) {
                return Ok((Some(instead), asked.taken(other)));
            }
        }
        search.typos();
        Ok((None, asked.taken(search)))
    }

    /// As [`Self::find`], of names that begin so.
    fn begun(&self, asked: &Question) -> Result<Vec<Scored>, SearchError> {
        let typed = Asked::of(&asked.text, &asked.langs);
        if typed.is_empty() {
            return Ok(Vec::new());
        }
        let mut search = Search::of(&typed, self);
        search.begun()?;
        if asked.has(&search) {
            return Ok(asked.taken(search));
        }
        if let Some(instead) = telex::decoded(read(&asked.text)) {
            let decoded = Asked::of(&instead, &asked.langs);
            let mut other = Search::of(&decoded, self);
            other.begun()?;
            if asked.has(&other) {
                return Ok(asked.taken(other));
            }
        }
        search.typos();
        Ok(asked.taken(search))
    }
}

impl Question {
    /// Whether something was found that is taken.
    fn has(&self, search: &Search<'_>) -> bool {
        search.found().filter(|(_, found)| !found.is_empty()).any(|(part, found)| {
            let taken = self.filter.of(part);
            found.places().any(|place| taken.has(place))
        })
    }

    /// What of all that was found is taken.
    fn taken(&self, search: Search<'_>) -> Vec<Scored> {
        let taken = search.finish().map(|(part, mut found)| {
            if !found.is_empty() && !self.filter.takes_all() {
                let taken = self.filter.of(part);
                found.retain(|place| taken.has(place));
            }
            found
        });
        taken.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::search::{Document, Index, State, document::Name};

    const BYTES: usize = 15_000_000;
    /// None begins as another one, and no two of them are one as neighbours.
    const WORDS: [&str; 12] =
        ["bà", "bé", "bi", "bo", "bú", "by", "da", "đe", "di", "do", "du", "dy"];
    const WITHOUT_MARKS: [&str; 12] =
        ["ba", "be", "bi", "bo", "bu", "by", "da", "de", "di", "do", "du", "dy"];

    /// A record with the words that it has, and which of all words have their marks in it.
    #[derive(Clone)]
    struct Said {
        words: Vec<usize>,
        marked: u32,
        year: i64,
    }

    /// The same numbers in each run.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, most: u32) -> u32 {
            self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            u32::try_from(self.0 >> 33).unwrap() % most
        }
    }

    impl Said {
        /// Half of them have the first word, a quarter the second one, and few have the last.
        fn by_chance(chance: &mut Chance) -> Said {
            let mut words: Vec<usize> =
                (0..WORDS.len()).filter(|word| chance.below(2 << word) == 0).collect();
            let turn = chance.below(12) as usize % words.len().max(1);
            words.rotate_left(turn);
            Said {
                words,
                marked: chance.below(1 << WORDS.len()),
                year: 2000 + i64::from(chance.below(9)),
            }
        }

        fn has_marks(&self, word: usize) -> bool {
            self.marked & (1 << word) != 0
        }

        fn document(&self, weight: f64) -> Document {
            let word = |word: &usize| {
                let words = if self.has_marks(*word) { WORDS } else { WITHOUT_MARKS };
                words[*word]
            };
            let name = self.words.iter().map(word).collect::<Vec<_>>().join(" ");
            let names = vec![Name::of("vi", &name)];
            Document { names, weight, year: Some(self.year), ..Document::default() }
        }
    }

    /// Records by their ids, in an index of several parts from which some are deleted.
    fn index() -> (Index, BTreeMap<i64, Said>) {
        let index = Index::in_memory(BYTES).unwrap();
        let (mut all, mut chance) = (BTreeMap::new(), Chance(7));
        for position in 0..4 {
            for _ in 0..700 {
                let kind = 2 + i64::from(chance.below(3));
                let id = (kind << 48) + i64::from(chance.below(2_000));
                if chance.below(6) == 0 {
                    index.remove(id);
                    all.remove(&id);
                    continue;
                }
                let said = Said::by_chance(&mut chance);
                let weight = f64::from(chance.below(40)) / 5.0;
                index.put(id, &said.document(weight)).unwrap();
                all.insert(id, said);
            }
            let mark = String::new();
            index.commit(State { position, mark, is_purge_due: false }).unwrap();
        }
        (index, all)
    }

    fn ids(found: &Found) -> BTreeSet<i64> {
        found.hits.iter().map(|hit| hit.id).collect()
    }

    #[test]
    fn what_is_found_is_what_has_all_words_however_many_that_are() {
        let (index, all) = index();
        let snapshot = index.current();
        let mut sizes = BTreeSet::new();
        let words = || WITHOUT_MARKS.iter().enumerate();
        for (first, one) in words() {
            for (second, other) in words().skip(first) {
                let query = [other, " ", one].concat();
                let has = |said: &Said| said.words.contains(&first) && said.words.contains(&second);
                let expected = all.iter().filter(|(_, said)| has(said));
                let expected: BTreeSet<i64> = expected.map(|(id, _)| *id).collect();
                if expected.is_empty() {
                    continue;
                }
                sizes.insert(expected.len().ilog2());
                let found = snapshot.search(&Question::of(&query, 10_000)).unwrap();
                assert_eq!(ids(&found), expected, "{query}");
                assert_eq!(found.total, expected.len(), "{query}");
                assert!(found.hits.is_sorted_by(|a, b| a > b), "{query}");

                let first = snapshot.search(&Question::of(&query, 20)).unwrap();
                assert_eq!(first.hits, found.hits[..first.hits.len()], "{query}");
                assert_eq!((first.total, first.hits.len()), (found.total, found.total.min(20)));
            }
        }
        assert!(sizes.len() > 6, "sets of few and of many: {sizes:?}");
    }

    #[test]
    fn filters_and_counts_are_of_what_is_found_however_many_that_are() {
        let (index, all) = index();
        for (number, word) in WITHOUT_MARKS.iter().enumerate() {
            let is_taken = |id: i64, said: &Said| {
                said.words.contains(&number) && said.year < 2005 && id >> 48 != 3
            };
            let mut years: BTreeMap<i64, usize> = BTreeMap::new();
            for (_, said) in all.iter().filter(|(id, said)| is_taken(**id, said)) {
                *years.entry(said.year).or_default() += 1;
            }
            let years_before = Box::new(|year: Option<i64>| year.is_some_and(|it| it < 2005));
            let filter =
                Filter { kinds: Some(vec![2, 4]), years: Some(years_before), ..Filter::default() };
            let question = Question { filter, counts: true, ..Question::of(word, 10_000) };
            let found = index.current().search(&question).unwrap();

            assert_eq!(found.total, years.values().sum::<usize>(), "{word}");
            assert_eq!(found.facets.years.iter().copied().collect::<BTreeMap<_, _>>(), years);
            assert!(ids(&found).iter().all(|id| is_taken(*id, &all[id])), "{word}");
        }
    }

    #[test]
    fn each_word_with_its_marks_raises_what_has_them() {
        let (index, all) = index();
        // Of each, how many words it has, and which have marks.
        for (words, marked, query) in [
            (1_u32, vec![1], "bé"),
            (2, vec![1], "bé ba"),
            (2, vec![0, 1], "bà bé"),
            (2, vec![1, 4], "bé bú"),
            (2, vec![4], "bú ba"),
        ] {
            let plain = query.replace('à', "a").replace('é', "e").replace('ú', "u");
            let scores = |query: &str| -> BTreeMap<i64, f64> {
                let found = index.current().search(&Question::of(query, 10_000)).unwrap();
                found.hits.iter().map(|hit| (hit.id, hit.score)).collect()
            };
            let (before, after) = (scores(&plain), scores(query));
            assert!(before.len() > 10 && before.keys().eq(after.keys()), "{query}");
            for (id, score) in &after {
                // Whole names are found in another way.
                if all[id].words.len() == words as usize {
                    continue;
                }
                let raised = marked.iter().filter(|word| all[id].has_marks(**word)).count();
                let raised = 40.0 * raised as f64 / f64::from(words);
                assert!((score - before[id] - raised).abs() < 0.01, "{query} {id}");
            }
        }
    }

    #[test]
    fn weights_that_differ_by_nothing_are_equal_whatever_they_are_added_to() {
        let index = Index::in_memory(BYTES).unwrap();
        for (id, weight) in [(1, 5.0), (2, 5.0 + 2e-15), (3, 5.0 + 1e-15), (4, 0.0), (5, -0.0)] {
            let said = Said { words: vec![0], marked: 0, year: 2000 };
            index.put((2 << 48) + id, &said.document(weight)).unwrap();
        }
        index.commit(State { position: 1, mark: String::new(), is_purge_due: false }).unwrap();
        let found = |limit| index.current().search(&Question::of("ba", limit)).unwrap().hits;

        let all: Vec<i64> = found(5).iter().map(|hit| hit.id & 0xffff).collect();
        assert_eq!(all, [1, 2, 3, 4, 5]);
        for limit in 1..5 {
            assert_eq!(found(limit), found(5)[..limit]);
        }
    }

    #[test]
    fn the_best_of_each_type_are_suggested_however_many_there_are() {
        let (index, all) = index();
        let suggested = |limit| index.current().suggest(&Question::of("b", limit)).unwrap();
        let begins = |said: &Said| said.words.iter().any(|word| WORDS[*word].starts_with('b'));

        let everything = suggested(10_000);
        let found: BTreeMap<u16, usize> =
            everything.iter().map(|(kind, hits)| (*kind, hits.len())).collect();
        let mut expected = BTreeMap::new();
        for (id, _) in all.iter().filter(|(_, said)| begins(said)) {
            *expected.entry(u16::try_from(id >> 48).unwrap()).or_default() += 1;
        }
        assert_eq!((found, expected.len()), (expected.clone(), 3));
        let best: Vec<(u16, Vec<Hit>)> =
            everything.into_iter().map(|(kind, hits)| (kind, hits[..5].to_vec())).collect();
        assert_eq!(suggested(5), best);
    }
}
