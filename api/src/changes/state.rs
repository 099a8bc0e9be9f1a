//! A record as a changeset leaves it.
use super::{Cited, current::Current};
use crate::record::{
    def::Def,
    write::{Fields, Mistake},
};

/// A record as the changeset leaves it.
pub(super) struct State {
    /// Place of the operation in the changeset; `None` for a record that follows from others, such as the subject of a claim.
    pub(super) operation: Option<usize>,
    /// Place of the operation that it follows from, where that is known.
    pub(super) cause: Option<usize>,
    pub(super) def: &'static Def,
    pub(super) id: i64,
    pub(super) public_id: String,
    pub(super) version: i64,
    /// Empty for a record that goes.
    pub(super) fields: Fields,
    /// Its fields in the base; `None` for a new record.
    pub(super) before: Option<Fields>,
    /// Where in the operation stands what it is made of, if it is made of a part.
    pub(super) part: Vec<String>,
    /// Sources of what the operation gives.
    pub(super) cited: Cited,
    /// How it goes, if it does.
    pub(super) end: Option<End>,
    /// The field that is blanked in all that is known of it.
    pub(super) redacted: Option<String>,
}

/// How a record goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Deleted,
    /// Internal id of the record that takes its place.
    Merged(i64),
}

impl State {
    /// A record that is changed by what happens to others.
    pub(super) fn following(def: &'static Def, public_id: String, now: &Current) -> State {
        State {
            operation: None,
            cause: None,
            def,
            id: now.id,
            public_id,
            version: now.version + 1,
            fields: now.fields.clone(),
            before: Some(now.fields.clone()),
            part: Vec::new(),
            cited: Cited::default(),
            end: None,
            redacted: None,
        }
    }

    pub(super) fn is_new(&self) -> bool {
        self.version == 1
    }

    /// Whether it is there when the changeset is done.
    pub(super) fn lives(&self) -> bool {
        self.end.is_none()
    }

    /// Whether the changeset gives a field another value, or its first.
    pub(super) fn has_other(&self, field: &str) -> bool {
        self.before.as_ref().is_none_or(|before| before.get(field) != self.fields.get(field))
    }

    /// The record goes.
    pub(super) fn ends(&mut self, end: End) {
        self.fields.clear();
        self.end = Some(end);
    }

    /// A text of the record, as the changeset leaves it.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }

    /// A mistake in this record's operation.
    pub(super) fn mistake(&self, mut mistake: Mistake) -> Mistake {
        if !self.part.is_empty() {
            // A claim is the value of a field, which has no fields of its own.
            mistake.path.retain(|_| self.def.name != "Claim");
            mistake.path.splice(0..0, self.part.iter().cloned());
        }
        let Some(place) = self.operation.or(self.cause) else {
            return mistake.below(self.public_id.clone());
        };
        if self.operation.is_none() {
            // It gives no fields of this record.
            mistake.path.clear();
        }
        mistake.below(self.public_id.clone()).below(place.to_string())
    }
}
