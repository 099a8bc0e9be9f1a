//! The one way to write. A changeset is a list of operations on records: it is checked as a whole, applied in one
//! transaction, and recorded there as entries of the change log. Nothing else writes content tables; all that follows a
//! write (revisions, the feed, the search index) reads the log.
mod apply;
mod best;
mod current;
pub mod feed;
mod keys;
mod rows;
mod shown;
mod store;
mod unique;
mod work;

pub use self::{
    apply::apply,
    current::{Current, current},
};
use crate::record::{
    def::Def,
    write::{Fields, Mistake},
};

/// Version of the form in which the log keeps records: the API's field names.
pub const SCHEMA_VERSION: i64 = 1;

/// What is to be done, as a whole or not at all.
pub struct Changeset {
    pub comment: Option<String>,
    pub operations: Vec<Operation>,
}

pub enum Operation {
    /// A new record under a public id that no other has had.
    Create { def: &'static Def, id: String, fields: Fields },
    /// New values of a record: an absent field stays, null clears. The version is the one that the writer saw.
    Update { id: String, expected_version: i64, fields: Fields },
}

impl Operation {
    fn fields(&self) -> &Fields {
        match self {
            Operation::Create { fields, .. } | Operation::Update { fields, .. } => fields,
        }
    }
}

/// A changeset that is in the base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Position of its last entry in the change log.
    pub position: i64,
    pub entries: usize,
}

/// Why a changeset was not applied. Nothing of it is in the base then.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// All mistakes, each with the place of its operation first in the path.
    #[error("the changeset has {} mistakes", .0.len())]
    Refused(Vec<Mistake>),
    #[error(transparent)]
    Database(#[from] sea_orm::DbErr),
}
