//! Which records say what the statements of `facts.json` say.

use std::collections::BTreeMap;

use super::facts::{FILE, Facts};
use super::{LoadError, Place};

/// Keys of the records that say what a statement says.
#[derive(Default)]
pub(super) struct Represented(BTreeMap<String, Vec<String>>);

impl Represented {
    pub(super) fn add(&mut self, statement: &str, key: impl Into<String>) {
        let keys = self.0.entry(statement.to_owned()).or_default();
        let key = key.into();
        if !keys.contains(&key) {
            keys.push(key);
        }
    }

    /// Each statement must be in the records: none is lost in silence.
    pub(super) fn finish(self, facts: &Facts) -> Result<BTreeMap<String, Vec<String>>, LoadError> {
        let statements =
            facts.statements.iter().map(|statement| (&statement.id, &statement.property));
        let external =
            facts.external_statements.iter().map(|statement| (&statement.id, &statement.property));
        for (id, property) in statements.chain(external) {
            if !self.0.contains_key(id) {
                let at = Place::item(FILE, id);
                return Err(LoadError::unknown(at, "a property that records can hold", property));
            }
        }
        Ok(self.0)
    }
}
