//! The index as it was with one commit, opened for reading. One that somebody still pages through stays as it was.
use std::{io, sync::Arc};

use tantivy::{
    DocId, DocSet as _, InvertedIndexReader, Searcher, SegmentReader, TERMINATED, Term,
    columnar::Column,
    postings::{SegmentPostings, TermInfo},
    schema::{Field, IndexRecordOption},
};

use super::index::{Fields, SearchError, State};

/// What was findable with one commit.
pub struct Snapshot {
    pub state: State,
    pub(super) parts: Vec<Part>,
    pub(super) fields: Fields,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Snapshot({:?}, {} parts)", self.state, self.parts.len())
    }
}

/// One segment of the index. What all queries need of it is opened once.
pub(super) struct Part {
    segment: SegmentReader,
    /// By the number of the field.
    inverted: Vec<Arc<InvertedIndexReader>>,
    pub(super) id: Column<i64>,
    pub(super) kind: Column<u64>,
    pub(super) weight: Column<f64>,
    pub(super) country: Column<i64>,
    pub(super) field: Column<i64>,
    pub(super) year: Column<i64>,
}

impl Snapshot {
    pub(super) fn of(
        searcher: &Searcher,
        fields: &Fields,
        state: State,
    ) -> Result<Snapshot, SearchError> {
        let parts = searcher.segment_readers().iter().map(Part::of).collect::<Result<_, _>>()?;
        Ok(Snapshot { state, parts, fields: *fields })
    }

    /// Records that can be found.
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.segment.num_docs() as usize).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Internal ids of the records that are of one of these countries.
    pub fn of_countries(&self, countries: &[i64]) -> Result<Vec<i64>, SearchError> {
        let mut ids = Vec::new();
        for part in &self.parts {
            for country in countries {
                let term = Term::from_field_i64(self.fields.country, *country);
                let key = term.serialized_value_bytes();
                if let Some(info) = part.terms(self.fields.country).get(key)? {
                    let mut docs = part.postings(self.fields.country, &info)?;
                    while docs.doc() != TERMINATED {
                        ids.extend(part.id.first(docs.doc()).filter(|_| part.lives(docs.doc())));
                        docs.advance();
                    }
                }
            }
        }
        Ok(ids)
    }
}

impl Part {
    fn of(segment: &SegmentReader) -> Result<Part, SearchError> {
        // Of columns alone there is nothing to open, and the library warns of it each time.
        let inverted = segment.schema().fields().map(|(field, entry)| match entry.is_indexed() {
            true => segment.inverted_index(field),
            false => Ok(Arc::new(InvertedIndexReader::empty(IndexRecordOption::Basic))),
        });
        let fast = segment.fast_fields();
        Ok(Part {
            segment: segment.clone(),
            inverted: inverted.collect::<Result<_, _>>()?,
            id: fast.i64("id")?,
            kind: fast.u64("kind")?,
            weight: fast.f64("weight")?,
            country: fast.i64("country")?,
            field: fast.i64("field")?,
            year: fast.i64("year")?,
        })
    }

    pub(super) fn docs(&self) -> u32 {
        self.segment.max_doc()
    }

    pub(super) fn lives(&self, doc: DocId) -> bool {
        !self.segment.is_deleted(doc)
    }

    fn inverted(&self, field: Field) -> &InvertedIndexReader {
        // Fields are numbered in the order of the schema, which is the same for all segments.
        &self.inverted[field.field_id() as usize]
    }

    pub(super) fn terms(&self, field: Field) -> &tantivy::termdict::TermDictionary {
        self.inverted(field).terms()
    }

    pub(super) fn term(&self, field: Field, text: &str) -> io::Result<Option<TermInfo>> {
        self.terms(field).get(text)
    }

    pub(super) fn postings(&self, field: Field, term: &TermInfo) -> io::Result<SegmentPostings> {
        self.inverted(field).read_postings_from_terminfo(term, IndexRecordOption::Basic)
    }
}
