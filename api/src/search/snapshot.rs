//! The index as it was with one commit, opened for reading. One that somebody still pages through stays as it was.
use std::sync::Arc;

use tantivy::{InvertedIndexReader, Searcher, SegmentReader, index::SegmentId, schema::Field};

use super::{
    bits::Bits,
    fields::Fields,
    index::{SearchError, State},
    resident::{Place, Resident},
    values::By,
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

/// One segment of the index.
pub(super) struct Part {
    segment: SegmentReader,
    pub(super) resident: Arc<Resident>,
    /// Documents that are deleted.
    pub(super) dead: Option<Arc<Bits>>,
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
            parts.find(|it| it.segment.segment_id() == id)
        };
        let mut parts = Vec::with_capacity(searcher.segment_readers().len());
        for segment in searcher.segment_readers() {
            parts.push(match known(segment.segment_id()) {
                Some(before) => before.now(segment),
                None => Part::of(segment, Arc::new(Resident::of(segment, fields)?)),
            });
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
    pub fn records_of(&self, named: &[i64]) -> Vec<i64> {
        if named.is_empty() {
            return Vec::new();
        }
        let is_named = |value: Option<i64>| value.is_some_and(|it| named.contains(&it));
        let mut ids = Vec::new();
        for part in &self.parts {
            let values = &part.resident.values;
            let of = [By::Country, By::Field].map(|by| values.fitting(by, is_named));
            let places = part.resident.all().filter(|place| part.lives(*place));
            let named = places.filter(|place| of.iter().any(|it| it.has(*place)));
            ids.extend(named.map(|place| part.resident.hit(place).0));
        }
        ids
    }
}

impl Part {
    fn of(segment: &SegmentReader, resident: Arc<Resident>) -> Part {
        let is_dead = |doc| segment.is_deleted(doc);
        let dead = segment.has_deletes().then(|| Arc::new(resident.with(is_dead)));
        Part { segment: segment.clone(), dead, resident }
    }

    /// The same part after a commit.
    fn now(&self, segment: &SegmentReader) -> Part {
        let resident = self.resident.clone();
        // None that is deleted comes back.
        match segment.num_deleted_docs() == self.segment.num_deleted_docs() {
            true => Part { segment: segment.clone(), dead: self.dead.clone(), resident },
            false => Part::of(segment, resident),
        }
    }

    fn lives(&self, place: Place) -> bool {
        self.dead.as_ref().is_none_or(|dead| !dead.has(place))
    }

    /// The dictionary of a field, for what is not asked of single terms.
    pub(super) fn terms(&self, field: Field) -> Result<Arc<InvertedIndexReader>, SearchError> {
        Ok(self.segment.inverted_index(field)?)
    }
}
