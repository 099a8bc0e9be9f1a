//! The one way to write. A changeset is a list of operations on records: it is checked as a whole, applied in one
//! transaction, and recorded there as entries of the change log. Nothing else writes content tables; all that follows a
//! write (revisions, the feed, the search index) reads the log.
mod addressed;
mod apply;
mod best;
mod checked;
mod cited;
mod collided;
pub(crate) mod current;
pub mod feed;
mod gone;
mod kept;
mod keys;
mod lock;
mod logged;
pub mod lookup;
mod merged;
mod open;
mod owned;
mod periods;
mod plain;
mod pointing;
mod queue;
mod quoted;
mod redacted;
mod rows;
mod said;
mod shown;
mod sighted;
mod slugs;
mod state;
mod store;
mod unique;
mod work;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

pub use self::{
    apply::apply,
    best::as_claimed,
    current::{Current, at_version, current},
    kept::{KEPT_FOR, Kept, Once, keep},
    queue::Queue,
    sighted::Sighted,
};
use crate::{
    auth::{ActorKind, Redactor, Writer},
    record::{
        def::Def,
        write::{Fields, Mistake},
    },
};

/// Version of the form in which the log keeps records: the API's field names.
pub const SCHEMA_VERSION: i64 = 1;

/// What is to be done, as a whole or not at all.
#[derive(Clone, Debug, Default)]
pub struct Changeset {
    pub comment: Option<String>,
    pub operations: Vec<Operation>,
    pub contradictions: Contradictions,
    /// By what it is known if it is asked for again.
    pub once: Option<Once>,
    /// It is wrong already by what is known outside: it is only asked what else is wrong with it.
    pub is_refused: bool,
    /// Public ids of documents that are made for an address, where there is none of it by then.
    pub addressed: HashSet<String>,
    /// Public ids of new records that the writer knows by keys.
    pub keyed: HashSet<String>,
    /// Quotes that were found before; [`Queue`] sees to it.
    pub sighted: Arc<Sighted>,
}

/// What to do where a new value stands against what others have said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contradictions {
    /// Take every operation as it is given. For the program's own loaders, which know what they do; for all others it is
    /// `KeepBoth`.
    #[default]
    AsGiven,
    /// Keep both as claims, to be ranked.
    KeepBoth,
    /// The new value takes the place of the other one.
    Replace,
    /// Refuse the changeset.
    Refuse,
}

impl Contradictions {
    /// What it is for this writer.
    fn of(self, writer: &Writer) -> Contradictions {
        match self {
            Contradictions::AsGiven if writer.actor().kind != ActorKind::System => {
                Contradictions::KeepBoth
            }
            it => it,
        }
    }
}

#[derive(Clone, Debug)]
pub enum Operation {
    /// A new record under a public id that no other has had.
    Create { def: &'static Def, id: String, fields: Fields, cited: Cited },
    /// New values of a record: an absent field stays, null clears. The version is the one that the writer saw.
    Update { id: String, expected_version: i64, fields: Fields, cited: Cited },
    /// Takes a record away, with the links, claims, citations and mentions that are about it.
    Delete {
        id: String,
        expected_version: i64,
        /// What needs the record goes too, what may be without it loses it. Else it is refused while anything points to it.
        takes_along: bool,
    },
    /// Makes two records of one thing one: `from` goes, and all that led to it leads to the one that stays.
    Merge { into: String, expected_version: i64, from: String, from_version: i64 },
    /// Takes a field out of a record and of all that the log says of it; only for who has shown that they may.
    Redact { id: String, expected_version: i64, field: String, proof: Redactor },
}

/// Sources of what an operation gives. Those fields of which claims are the truth are then claims with these sources.
#[derive(Clone, Debug, Default)]
pub struct Cited {
    /// Fields of citations, but for their subject. One with a `documentVersion` and a `quote` is found in the text, and so is a
    /// quote of a `document` whose text is stored.
    pub sources: Vec<Fields>,
    /// Rank of the claims; normal when absent.
    pub rank: Option<String>,
}

impl Operation {
    /// A new record, without sources.
    pub fn create(def: &'static Def, id: String, fields: Fields) -> Operation {
        Operation::Create { def, id, fields, cited: Cited::default() }
    }

    /// New values of a record, without sources.
    pub fn update(id: String, expected_version: i64, fields: Fields) -> Operation {
        Operation::Update { id, expected_version, fields, cited: Cited::default() }
    }

    /// The records that were there before, with the versions that the writer saw.
    fn seen(&self) -> impl Iterator<Item = (&String, i64)> {
        let (one, other) = match self {
            Operation::Create { .. } => (None, None),
            Operation::Update { id, expected_version, .. }
            | Operation::Delete { id, expected_version, .. }
            | Operation::Redact { id, expected_version, .. } => {
                (Some((id, *expected_version)), None)
            }
            Operation::Merge { into, expected_version, from, from_version } => {
                (Some((into, *expected_version)), Some((from, *from_version)))
            }
        };
        one.into_iter().chain(other)
    }

    fn fields(&self) -> Option<&Fields> {
        match self {
            Operation::Create { fields, .. } | Operation::Update { fields, .. } => Some(fields),
            Operation::Delete { .. } | Operation::Merge { .. } | Operation::Redact { .. } => None,
        }
    }
}

/// A changeset that is in the base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Public id of the changeset.
    pub id: String,
    /// Position of its last entry in the change log.
    pub position: i64,
    pub entries: usize,
    /// Version of each record that it names, by public id.
    pub versions: HashMap<String, i64>,
}

impl Applied {
    /// Position of its first entry, which is the internal id of the changeset too.
    pub fn first_position(&self) -> i64 {
        self.position - i64::try_from(self.entries).unwrap_or_default() + 1
    }
}

/// Why a changeset was not applied. Nothing of it is in the base then.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// All mistakes, each with the place of its operation first in the path.
    #[error("the changeset has {} mistakes", .0.len())]
    Refused(Vec<Mistake>),
    /// It is in the base already: this came of it.
    #[error("the changeset was applied before")]
    Before(Box<Kept>),
    /// The name is that of something else.
    #[error("the idempotency key was used for another request")]
    NameReused,
    /// As many changesets wait as may, or no more are taken because the server stops.
    #[error("too many changes wait to be written")]
    Busy,
    #[error(transparent)]
    Database(#[from] sea_orm::DbErr),
}
