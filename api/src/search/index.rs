//! The index itself: what is written to it, how far it has come, and where it is kept.
use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
    thread::sleep,
    time::Duration,
};

use tantivy::{
    IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TantivyError, Term,
    directory::{MmapDirectory, error::OpenReadError},
    tokenizer::{TextAnalyzer, WhitespaceTokenizer},
};

use super::{
    document::Document,
    fields::{Fields, WORDS, schema},
    snapshot::Snapshot,
    words,
};

/// What the fields are and how words are made. An index of another format is made anew: raise it with either.
const FORMAT: u32 = 3;

/// How often it is tried to make one segment of all, and the pause in between.
const MOST_MERGES: usize = 50;
const AFTER_A_MERGE: Duration = Duration::from_millis(100);

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error(transparent)]
    Index(#[from] TantivyError),
    #[error("the search index cannot be read: {0}")]
    Read(#[from] std::io::Error),
    #[error(transparent)]
    Database(#[from] sea_orm::DbErr),
    #[error("a search was broken off by a panic")]
    Broken,
}

pub struct Index {
    reader: IndexReader,
    writer: Mutex<IndexWriter>,
    fields: Fields,
    current: RwLock<Arc<Snapshot>>,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Index({:?})", self.current().state)
    }
}

/// What the log was when the index was last written: enough to know it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Position of the log up to which all is findable.
    pub position: i64,
    /// What tells this log from others that have come as far.
    pub mark: String,
    /// Whether something was redacted that may still be in a file.
    pub is_purge_due: bool,
}

impl State {
    fn payload(&self) -> String {
        format!("{FORMAT} {} {} {}", u8::from(self.is_purge_due), self.position, self.mark)
    }

    /// `None` of an index that was never finished, or by another version of the program.
    fn read(payload: Option<&str>) -> Option<State> {
        let mut parts = payload?.splitn(4, ' ');
        let format: u32 = parts.next()?.parse().ok()?;
        let is_purge_due = parts.next()? != "0";
        let position = parts.next()?.parse().ok()?;
        let mark = parts.next()?.to_owned();
        (format == FORMAT).then_some(State { position, mark, is_purge_due })
    }
}

impl Index {
    /// An empty one, in memory.
    pub fn in_memory(writer_bytes: usize) -> Result<Index, SearchError> {
        Index::of(tantivy::Index::create_in_ram(schema().0), writer_bytes)
    }

    /// An empty one in a folder, which must be empty.
    pub fn create(folder: &Path, writer_bytes: usize) -> Result<Index, SearchError> {
        let directory = MmapDirectory::open(folder).map_err(TantivyError::from)?;
        let index = tantivy::Index::create(directory, schema().0, IndexSettings::default())?;
        Index::of(index, writer_bytes)
    }

    /// The one that a folder has, and how far it has come; `None` where there is no finished one of this format, or where
    /// one of its files is not what was written. What keeps it from being read otherwise is an error: it may be whole.
    pub fn open(folder: &Path, writer_bytes: usize) -> Result<Option<Index>, SearchError> {
        let index = match tantivy::Index::open_in_dir(folder) {
            Err(error) if is_damage(&error) => return Ok(None),
            opened => opened?,
        };
        let damaged = match index.validate_checksum() {
            Err(error) if is_damage(&error) => return Ok(None),
            checked => checked?,
        };
        if index.schema() != schema().0 || !damaged.is_empty() {
            return Ok(None);
        }
        let index = Index::of(index, writer_bytes)?;
        let is_finished = index.current().state != State::default();
        Ok(is_finished.then_some(index))
    }

    fn of(index: tantivy::Index, writer_bytes: usize) -> Result<Index, SearchError> {
        words::prepare();
        index
            .tokenizers()
            .register(WORDS, TextAnalyzer::builder(WhitespaceTokenizer::default()).build());
        let payload = index.load_metas()?.payload;
        let state = State::read(payload.as_deref()).unwrap_or_default();
        let writer = index.writer_with_num_threads(1, writer_bytes)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let (_, fields) = schema();
        let snapshot = Snapshot::of(&reader.searcher(), &fields, state, None)?;
        let current = RwLock::new(Arc::new(snapshot));
        Ok(Index { reader, writer: Mutex::new(writer), fields, current })
    }

    /// What is findable, as it was with the last commit.
    pub fn current(&self) -> Arc<Snapshot> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts what is searched of a record in place of what was.
    pub fn put(&self, id: i64, document: &Document) -> Result<(), SearchError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.delete_term(Term::from_field_i64(self.fields.id, id));
        if !document.is_empty() {
            writer.add_document(self.fields.document(id, document))?;
        }
        Ok(())
    }

    pub fn remove(&self, id: i64) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.delete_term(Term::from_field_i64(self.fields.id, id));
    }

    /// Makes what was put findable. How far the log is followed with it goes into the same commit.
    pub fn commit(&self, state: State) -> Result<(), SearchError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.write(&mut writer, state)
    }

    fn write(&self, writer: &mut IndexWriter, state: State) -> Result<(), SearchError> {
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(&state.payload());
        prepared.commit()?;
        self.reload(state)
    }

    /// Writes all anew, so that nothing is left in any file of what is not searched any more.
    pub fn purge(&self) -> Result<(), SearchError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        for tried in 1.. {
            let segments = writer.index().searchable_segment_ids()?;
            if segments.is_empty() {
                break;
            }
            match writer.merge(&segments).wait() {
                Ok(_) => break,
                Err(error) if tried >= MOST_MERGES => return Err(error.into()),
                // A merge that the library has begun by itself has taken some of them away.
                Err(_) => sleep(AFTER_A_MERGE),
            }
        }
        let state = State { is_purge_due: false, ..self.current().state.clone() };
        self.write(&mut writer, state)?;
        writer.garbage_collect_files().wait()?;
        Ok(())
    }

    fn reload(&self, state: State) -> Result<(), SearchError> {
        self.reader.reload()?;
        let before = self.current();
        let snapshot = Snapshot::of(&self.reader.searcher(), &self.fields, state, Some(&before))?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
        Ok(())
    }
}

/// Whether an index that does not open for this has to be made anew.
fn is_damage(error: &TantivyError) -> bool {
    match error {
        TantivyError::OpenReadError(error) => !matches!(error, OpenReadError::IoError { .. }),
        TantivyError::OpenDirectoryError(_)
        | TantivyError::DataCorruption(_)
        | TantivyError::IncompatibleIndex(_)
        | TantivyError::SchemaError(_)
        | TantivyError::FieldNotFound(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::{
        content::{self, city::City},
        record::def::def,
        search::{Filter, Found, Question},
    };

    const CITY: i64 = 2 << 48;
    const BYTES: usize = 16_000_000;

    fn document(fields: Json, weight: f64) -> Document {
        content::define();
        let document = Document::of(def::<City>(), fields.as_object().unwrap());
        Document { weight, ..document }
    }

    fn named(name: &str, weight: f64) -> Document {
        document(json!({ "names": [{ "lang": "vi", "value": name }] }), weight)
    }

    fn at(position: i64) -> State {
        State { position, mark: "log".to_owned(), is_purge_due: false }
    }

    /// An index of cities by their names, the later ones less looked for.
    fn index(names: &[&str]) -> Index {
        let index = Index::in_memory(BYTES).unwrap();
        for (n, name) in (0_i32..).zip(names) {
            index.put(CITY + i64::from(n), &named(name, 5.0 - f64::from(n))).unwrap();
        }
        index.commit(at(1)).unwrap();
        index
    }

    fn search(index: &Index, query: &str) -> Found {
        index.current().search(&Question::of(query, 10)).unwrap()
    }

    /// Which of the cities are found, best first.
    fn found(index: &Index, query: &str) -> Vec<i64> {
        search(index, query).hits.into_iter().map(|it| it.id - CITY).collect()
    }

    #[test]
    fn marks_raise_what_has_them_and_hide_nothing() {
        let index = index(&["Hoi an", "Hội An", "Hà Nội"]);

        assert_eq!(found(&index, "Hội An"), [1, 0]);
        assert_eq!(found(&index, "hoi an"), [0, 1]);
        assert_eq!(found(&index, "hanoi"), [2]);
        assert_eq!(found(&index, "noi ha"), [2]);
        assert_eq!(found(&index, "hà nôi"), [2]);
        assert_eq!(found(&index, "vinh"), [0_i64; 0]);
    }

    #[test]
    fn syllables_join_and_split() {
        let index = index(&["Thành phố Buôn Ma Thuột", "Lehongson", "Xyzabc"]);

        for query in
            ["buonmathuot", "buon mathuot", "thanhpho buon ma thuot", "thanh pho buonma thuot"]
        {
            assert_eq!(found(&index, query), [0], "{query}");
        }
        assert_eq!(found(&index, "le hongson"), [1]);
    }

    #[test]
    fn a_typo_is_found_where_nothing_is_as_typed_and_no_other_number_is_meant() {
        let index = index(&["Nha Trang", "Nha Trangg", "Hội nghị 2019"]);

        assert_eq!(found(&index, "nha trang"), [0, 1]);
        for query in ["nha trnag", "nhatrng", "trnag nha"] {
            assert_eq!(found(&index, query).first(), Some(&0), "{query}");
        }
        assert_eq!(found(&index, "hoi nghi 2018"), [0_i64; 0]);
        assert_eq!(found(&index, "nha tarng 3"), [0_i64; 0]);
    }

    #[test]
    fn names_of_the_country_find_what_is_in_it() {
        let index = index(&["Paris"]);
        let mut london = named("London", 1.0);
        let country = named("Vương quốc Anh", 0.0);
        london.context = country.names[0].words.clone();
        index.put(CITY + 1, &london).unwrap();
        index.put(CITY + 2, &named("London", 2.0)).unwrap();
        index.commit(at(2)).unwrap();

        assert_eq!(found(&index, "london anh"), [1]);
        assert_eq!(found(&index, "london"), [2, 1]);
        assert_eq!(found(&index, "vuong quoc anh"), [0_i64; 0]);
    }

    #[test]
    fn keys_of_telex_are_read_where_nothing_else_is_found() {
        let index = index(&["Đồng Xuân", "Paris"]);

        let decoded = search(&index, "ddoongf xuaan");
        assert_eq!((decoded.total, decoded.instead.as_deref()), (1, Some("đồng xuân")));
        assert_eq!(search(&index, "paris").instead, None);
    }

    #[test]
    fn what_is_put_again_or_removed_is_not_found_as_it_was() {
        let index = index(&["Hà Nội", "Huế"]);
        let before = index.current();
        index.put(CITY, &named("Thăng Long", 1.0)).unwrap();
        index.remove(CITY + 1);
        index.commit(at(2)).unwrap();

        for query in ["ha noi", "hue"] {
            assert_eq!(found(&index, query), [0_i64; 0], "{query}");
            assert_eq!(before.search(&Question::of(query, 10)).unwrap().total, 1, "{query}");
        }
        assert_eq!(found(&index, "thang long"), [0]);
    }

    #[test]
    fn filters_pick_and_counts_count_what_is_picked() {
        let index = index(&["Huế"]);
        let inside =
            Document { country: Some(7), field: Some(8), year: Some(2019), ..named("Huế", 1.0) };
        index.put((3 << 48) + 1, &inside).unwrap();
        index.commit(at(2)).unwrap();
        let ask = |filter: Filter| {
            let question = Question { filter, counts: true, ..Question::of("hue", 10) };
            index.current().search(&question).unwrap()
        };

        let all = ask(Filter::default());
        assert_eq!((all.total, &*all.facets.kinds), (2, &[(2, 1), (3, 1)][..]));
        assert_eq!((&*all.facets.countries, &*all.facets.years), (&[(7, 1)][..], &[(2019, 1)][..]));
        for (filter, count) in [
            (Filter { kinds: Some(vec![2]), ..Filter::default() }, 1),
            (Filter { kinds: Some(vec![]), ..Filter::default() }, 0),
            (Filter { countries: Some(vec![7, 9]), ..Filter::default() }, 1),
            (Filter { fields: Some(vec![9]), ..Filter::default() }, 0),
            (Filter { years: Some(Box::new(|year| year.is_none())), ..Filter::default() }, 1),
        ] {
            let found = ask(filter);
            let counted: usize = found.facets.kinds.iter().map(|(_, count)| count).sum();
            assert_eq!((found.total, counted), (count, count));
        }
    }

    #[test]
    fn suggestions_are_grouped_by_type() {
        let index = index(&["Huế", "Hà Nội", "Hải Phòng", "Paris"]);
        index.put((3 << 48) + 1, &named("Hà", 9.0)).unwrap();
        index.commit(at(2)).unwrap();
        let suggested = |prefix: &str, limit: usize| {
            let groups = index.current().suggest(&Question::of(prefix, limit)).unwrap();
            let of = |hits: Vec<crate::search::Hit>| {
                hits.iter().map(|hit| hit.id & 0xffff).collect::<Vec<i64>>()
            };
            groups.into_iter().map(|(kind, hits)| (kind, of(hits))).collect::<Vec<_>>()
        };

        assert_eq!(suggested("h", 2), [(3, vec![1]), (2, vec![0, 1])]);
        assert_eq!(suggested("hano", 3), [(2, vec![1])]);
        assert_eq!(suggested("ph", 3), [(2, vec![2])]);
        assert_eq!(suggested("", 3), []);
    }

    #[test]
    fn an_index_in_a_folder_is_opened_as_it_was_and_a_damaged_one_is_not() {
        let folder =
            std::env::temp_dir().join(format!("culturegraph-index-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let open = || Index::open(&folder, BYTES).unwrap();
        assert!(open().is_none());
        let index = Index::create(&folder, BYTES).unwrap();
        index.put(CITY, &named("Huế", 1.0)).unwrap();
        drop(index);
        assert!(open().is_none(), "it was never finished");
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        let index = Index::create(&folder, BYTES).unwrap();
        index.put(CITY, &named("Huế", 1.0)).unwrap();
        index.commit(at(7)).unwrap();
        drop(index);

        let index = open().unwrap();
        assert_eq!((index.current().state.clone(), found(&index, "hue")), (at(7), vec![0]));
        drop(index);
        let files = std::fs::read_dir(&folder).unwrap().flatten().map(|file| file.path());
        let term = files.filter(|file| file.extension().is_some_and(|it| it == "term"));
        for file in term {
            let mut bytes = std::fs::read(&file).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(&file, bytes).unwrap();
        }
        assert!(open().is_none(), "a byte is another one");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn nothing_is_left_in_the_files_of_what_is_purged() {
        let folder =
            std::env::temp_dir().join(format!("culturegraph-purge-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let index = Index::create(&folder, BYTES).unwrap();
        // Of these files terms are made, in which a text does not stand as it is.
        let terms = || {
            let files = std::fs::read_dir(&folder).unwrap().flatten().map(|file| file.path());
            let terms = files.filter(|file| file.extension().is_some_and(|it| it == "term"));
            terms.collect::<Vec<_>>()
        };
        index.put(CITY, &named("unspeakable", 1.0)).unwrap();
        index.put(CITY + 1, &named("Huế", 1.0)).unwrap();
        index.commit(at(1)).unwrap();
        let before = terms();
        index.put(CITY, &named("said", 1.0)).unwrap();
        index.commit(at(2)).unwrap();

        index.purge().unwrap();

        assert!(!before.is_empty() && terms().iter().all(|file| !before.contains(file)));
        let searcher = index.reader.searcher();
        assert!(searcher.segment_readers().iter().all(|segment| !segment.has_deletes()));
        assert_eq!((found(&index, "said"), found(&index, "hue")), (vec![0], vec![1]));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn odd_texts_are_answered() {
        let index = index(&["Hà Nội"]);
        let long = "ộ ".repeat(10_000);
        for query in [
            "",
            " ",
            "\u{301}\u{323}",
            "🎨",
            "\"ha AND (noi",
            "a:b*~2^",
            "\0",
            &long,
            &"a".repeat(10_000),
        ] {
            search(&index, query);
            index.current().suggest(&Question::of(query, 10)).unwrap();
        }
    }
}
