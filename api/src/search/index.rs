//! The index itself.
use std::sync::{Mutex, PoisonError};

use tantivy::{
    IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term,
    collector::{Count, TopDocs},
    columnar::Column,
    query::Query,
    schema::{
        FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing,
        TextOptions, Value as _,
    },
    tokenizer::{TextAnalyzer, WhitespaceTokenizer},
};

use super::{
    document::{Document, Name, join},
    query::Asked,
    telex,
};

/// Memory for what is not committed yet.
const WRITER_BYTES: usize = 50_000_000;

/// The name of the tokenizer of words that are found already.
const WORDS: &str = "words";

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error(transparent)]
    Index(#[from] tantivy::TantivyError),
    #[error(transparent)]
    Database(#[from] sea_orm::DbErr),
    #[error("a search was broken off by a panic")]
    Broken,
}

/// The fields of the index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    pub(super) id: Field,
    pub(super) kind: Field,
    pub(super) weight: Field,
    /// Whole names, in each form as one term.
    pub(super) name: Field,
    pub(super) name_exact: Field,
    pub(super) name_joined: Field,
    pub(super) alias: Field,
    pub(super) alias_exact: Field,
    pub(super) alias_joined: Field,
    pub(super) identifier: Field,
    /// Words of names and aliases, without marks, neighbours joined too; and with marks.
    pub(super) words: Field,
    pub(super) exact_words: Field,
    pub(super) text: Field,
    pub(super) exact_text: Field,
}

pub struct Index {
    reader: IndexReader,
    writer: Mutex<IndexWriter>,
    fields: Fields,
}

/// A record that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Internal id.
    pub id: i64,
    pub score: f64,
}

/// What a query has come to.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub hits: Vec<Hit>,
    pub total: usize,
    /// The query that was answered in place of the one that was asked.
    pub instead: Option<String>,
}

impl Index {
    /// An empty one, in memory.
    pub fn in_memory() -> Result<Index, SearchError> {
        let (schema, fields) = schema();
        let index = tantivy::Index::create_in_ram(schema);
        index
            .tokenizers()
            .register(WORDS, TextAnalyzer::builder(WhitespaceTokenizer::default()).build());
        let writer = index.writer_with_num_threads(1, WRITER_BYTES)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Index { reader, writer: Mutex::new(writer), fields })
    }

    /// Puts what is searched of a record in place of what was; `weight` is how many look for it, from 0 on.
    pub fn put(&self, id: i64, document: &Document, weight: f64) -> Result<(), SearchError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.delete_term(Term::from_field_i64(self.fields.id, id));
        if !document.is_empty() {
            writer.add_document(self.fields.document(id, document, weight))?;
        }
        Ok(())
    }

    pub fn remove(&self, id: i64) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.delete_term(Term::from_field_i64(self.fields.id, id));
    }

    /// Makes what was put findable. The position of the change log up to which it is all goes with it.
    pub fn commit(&self, position: i64) -> Result<(), SearchError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(&position.to_string());
        prepared.commit()?;
        self.reader.reload()?;
        Ok(())
    }

    /// Best first. What finds nothing is asked once more with the keys of Telex as letters.
    pub fn search(&self, text: &str, codes: &[u16], limit: usize) -> Result<Found, SearchError> {
        let found = self.ask(text, codes, limit)?;
        if found.total > 0 {
            return Ok(found);
        }
        match telex::decoded(text) {
            Some(instead) => {
                let found = self.ask(&instead, codes, limit)?;
                Ok(Found { instead: (found.total > 0).then_some(instead), ..found })
            }
            None => Ok(found),
        }
    }

    fn ask(&self, text: &str, codes: &[u16], limit: usize) -> Result<Found, SearchError> {
        let Some(query) = Asked::of(text).query(&self.fields, codes) else {
            return Ok(Found::default());
        };
        let searcher = self.reader.searcher();
        let total = searcher.search(&*query as &dyn Query, &Count)?;
        if total == 0 || limit == 0 {
            return Ok(Found { total, ..Found::default() });
        }
        let top =
            TopDocs::with_limit(limit).tweak_score(move |segment: &tantivy::SegmentReader| {
                let weights: Option<Column<f64>> = segment.fast_fields().f64("weight").ok();
                move |doc: tantivy::DocId, score: f32| {
                    let weight = weights.as_ref().and_then(|it| it.first(doc)).unwrap_or_default();
                    f64::from(score) + weight
                }
            });
        let mut hits = Vec::new();
        for (score, address) in searcher.search(&*query, &top)? {
            let document: TantivyDocument = searcher.doc(address)?;
            let id = document.get_first(self.fields.id).and_then(|it| it.as_i64());
            hits.extend(id.map(|id| Hit { id, score }));
        }
        Ok(Found { hits, total, instead: None })
    }
}

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let words = || {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(WORDS)
            .set_index_option(IndexRecordOption::Basic);
        TextOptions::default().set_indexing_options(indexing)
    };
    let fields = Fields {
        id: schema.add_i64_field("id", INDEXED | STORED),
        kind: schema.add_u64_field("kind", INDEXED),
        weight: schema.add_f64_field("weight", FAST),
        name: schema.add_text_field("name", STRING),
        name_exact: schema.add_text_field("name_exact", STRING),
        name_joined: schema.add_text_field("name_joined", STRING),
        alias: schema.add_text_field("alias", STRING),
        alias_exact: schema.add_text_field("alias_exact", STRING),
        alias_joined: schema.add_text_field("alias_joined", STRING),
        identifier: schema.add_text_field("identifier", STRING),
        words: schema.add_text_field("words", words()),
        exact_words: schema.add_text_field("exact_words", words()),
        text: schema.add_text_field("text", words()),
        exact_text: schema.add_text_field("exact_text", words()),
    };
    (schema.build(), fields)
}

impl Fields {
    fn document(&self, id: i64, document: &Document, weight: f64) -> TantivyDocument {
        let mut out = TantivyDocument::new();
        out.add_i64(self.id, id);
        out.add_u64(self.kind, u64::from(crate::record::def::type_code(id)));
        out.add_f64(self.weight, weight);
        for (names, [whole, exact, joined]) in [
            (&document.names, [self.name, self.name_exact, self.name_joined]),
            (&document.aliases, [self.alias, self.alias_exact, self.alias_joined]),
        ] {
            for name in names {
                out.add_text(whole, name.folded());
                out.add_text(exact, name.exact());
                out.add_text(joined, name.joined());
                out.add_text(self.words, with_neighbours(name));
                out.add_text(
                    self.exact_words,
                    join(name.words.iter().map(|it| it.exact.as_str()), " "),
                );
            }
        }
        for identifier in &document.identifiers {
            out.add_text(self.identifier, identifier);
        }
        out.add_text(self.text, join(document.text.iter().map(|it| it.folded.as_str()), " "));
        out.add_text(self.exact_text, join(document.text.iter().map(|it| it.exact.as_str()), " "));
        out
    }
}

/// The words of a name, and two or three neighbours as one: `ha noi` is found by `hanoi`.
fn with_neighbours(name: &Name) -> String {
    let words: Vec<&str> = name.words.iter().map(|it| it.folded.as_str()).collect();
    let joined = [2, 3].into_iter().flat_map(|size| words.windows(size)).map(|it| it.concat());
    let all: Vec<String> = words.iter().map(|it| (*it).to_owned()).chain(joined).collect();
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CITY: i64 = 2 << 48;

    /// An index of cities by their names, the later ones less looked for.
    fn index(names: &[&str]) -> Index {
        let index = Index::in_memory().unwrap();
        for (n, name) in (0_i32..).zip(names) {
            let fields = json!({ "names": [{ "lang": "vi", "value": name }] });
            let document = Document::of(fields.as_object().unwrap());
            index.put(CITY + i64::from(n), &document, 5.0 - f64::from(n)).unwrap();
        }
        index.commit(1).unwrap();
        index
    }

    /// Which of the cities are found, best first.
    fn found(index: &Index, query: &str) -> Vec<i64> {
        let found = index.search(query, &[], 10).unwrap();
        found.hits.into_iter().map(|it| it.id - CITY).collect()
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
    fn keys_of_telex_are_read_where_nothing_else_is_found() {
        let index = index(&["Đồng Xuân", "Paris"]);

        let decoded = index.search("ddoongf xuaan", &[], 10).unwrap();
        assert_eq!((decoded.total, decoded.instead.as_deref()), (1, Some("đồng xuân")));
        assert_eq!(index.search("paris", &[], 10).unwrap().instead, None);
    }

    #[test]
    fn what_is_put_again_or_removed_is_not_found_as_it_was() {
        let index = index(&["Hà Nội", "Huế"]);
        let fields = json!({ "names": [{ "lang": "vi", "value": "Thăng Long" }] });
        index.put(CITY, &Document::of(fields.as_object().unwrap()), 1.0).unwrap();
        index.remove(CITY + 1);
        index.commit(2).unwrap();

        for query in ["ha noi", "hue"] {
            assert_eq!(found(&index, query), [0_i64; 0], "{query}");
        }
        assert_eq!(found(&index, "thang long"), [0]);
    }

    #[test]
    fn types_are_picked() {
        let index = index(&["Huế"]);

        assert_eq!(index.search("hue", &[2], 10).unwrap().total, 1);
        assert_eq!(index.search("hue", &[3], 10).unwrap().total, 0);
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
            index.search(query, &[], 10).unwrap();
        }
    }
}
