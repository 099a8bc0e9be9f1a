//! The index as it was with one commit, opened for reading. One that somebody still pages through stays as it was.
use std::{io, sync::Arc};

use tantivy::{
    DocId, DocSet as _, InvertedIndexReader, Searcher, SegmentReader, TERMINATED,
    columnar::Column,
    index::SegmentId,
    postings::{BlockSegmentPostings, SegmentPostings, TermInfo},
    schema::{Field, IndexRecordOption},
};

use super::{
    fields::Fields,
    index::{SearchError, State},
    resident::{Kept, Listed, Resident, Term},
};

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
    pub(super) resident: Arc<Resident>,
    pub(super) country: Column<i64>,
    pub(super) field: Column<i64>,
    pub(super) year: Column<i64>,
}

impl Snapshot {
    pub(super) fn of(
        searcher: &Searcher,
        fields: &Fields,
        state: State,
        before: Option<&Snapshot>,
    ) -> Result<Snapshot, SearchError> {
        let known = |id: SegmentId| {
            let mut parts = before.into_iter().flat_map(|it| &it.parts);
            parts.find(|it| it.segment.segment_id() == id).map(|it| it.resident.clone())
        };
        let mut parts = Vec::with_capacity(searcher.segment_readers().len());
        for segment in searcher.segment_readers() {
            let resident = match known(segment.segment_id()) {
                Some(resident) => resident,
                None => Arc::new(Resident::of(segment, fields)?),
            };
            parts.push(Part::of(segment, resident)?);
        }
        Ok(Snapshot { state, parts, fields: *fields })
    }

    /// Records that can be found.
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.segment.num_docs() as usize).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Internal ids of the records that are of one of these countries or fields.
    pub fn records_of(&self, named: &[i64]) -> Result<Vec<i64>, SearchError> {
        let mut ids = Vec::new();
        for part in &self.parts {
            for id in named {
                for field in [self.fields.country, self.fields.field] {
                    part.add_ids(field, *id, &mut ids)?;
                }
            }
        }
        Ok(ids)
    }
}

impl Part {
    fn of(segment: &SegmentReader, resident: Arc<Resident>) -> Result<Part, SearchError> {
        // Of columns alone there is nothing to open, and the library warns of it each time.
        let inverted = segment.schema().fields().map(|(field, entry)| match entry.is_indexed() {
            true => segment.inverted_index(field),
            false => Ok(Arc::new(InvertedIndexReader::empty(IndexRecordOption::Basic))),
        });
        let fast = segment.fast_fields();
        Ok(Part {
            segment: segment.clone(),
            inverted: inverted.collect::<Result<_, _>>()?,
            resident,
            country: fast.i64("country")?,
            field: fast.i64("field")?,
            year: fast.i64("year")?,
        })
    }

    pub(super) fn docs(&self) -> u32 {
        self.segment.max_doc()
    }

    /// Internal ids of the records that have a value.
    fn add_ids(&self, field: Field, value: i64, ids: &mut Vec<i64>) -> io::Result<()> {
        let term = tantivy::Term::from_field_i64(field, value);
        let Some(info) = self.terms(field).get(term.serialized_value_bytes())? else {
            return Ok(());
        };
        let mut docs = self.postings(field, &info)?;
        while docs.doc() != TERMINATED {
            if self.lives(docs.doc()) {
                ids.push(self.resident.hit(docs.doc()).0);
            }
            docs.advance();
        }
        Ok(())
    }

    pub(super) fn has_deleted(&self) -> bool {
        self.segment.has_deletes()
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

    pub(super) fn term(&self, field: Field, text: &str) -> io::Result<Option<Term>> {
        Ok(match self.resident.term(field, text) {
            Kept::Here(term) => Some(term),
            Kept::InDictionary => self.terms(field).get(text)?.map(|info| Term::of(field, &info)),
            Kept::Nowhere => None,
        })
    }

    /// Goes to the documents of a term with what has been used for others.
    pub(super) fn list(&self, term: Listed, list: &mut BlockSegmentPostings) -> io::Result<()> {
        self.inverted(term.field).reset_block_postings_from_terminfo(&term.info(), list)
    }

    fn postings(&self, field: Field, term: &TermInfo) -> io::Result<SegmentPostings> {
        self.inverted(field).read_postings_from_terminfo(term, IndexRecordOption::Basic)
    }
}
