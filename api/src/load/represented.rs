//! Which statements of `facts.json` are in the records, and which wait for a record type.

use std::collections::BTreeMap;

use super::facts::{FILE, Facts};
use super::{LoadError, Place};

/// Statements without a record, by the type that they wait for. A statement leaves this list when its type comes.
pub const NOT_REPRESENTED: [(&str, &[&str]); 6] = [
    ("Goal", &["s005", "s043", "s044", "s045", "s046", "s047", "s048", "s070", "s071", "s083"]),
    (
        "Event",
        &[
            "s012", "s013", "s014", "s015", "s016", "s017", "s018", "s019", "s020", "s021", "x05",
            "x06",
        ],
    ),
    ("Presentation", &["s032", "s033", "s034", "s035", "s036", "s037", "s038"]),
    ("Opportunity", &["s049", "s050", "s051", "s052", "s053", "s054", "s055", "s056", "s057"]),
    ("Stakeholder", &["s084", "s085", "s086", "s087", "s096", "s110", "s111", "s112"]),
    ("Commitment", &["s097", "s099", "s100"]),
];

/// The record type that a statement waits for.
pub(super) fn awaits(statement: &str) -> Option<&'static str> {
    NOT_REPRESENTED
        .iter()
        .find(|(_, statements)| statements.contains(&statement))
        .map(|(record_type, _)| *record_type)
}

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

    /// Each statement must be in the records or on the list, not both: none is lost in silence.
    pub(super) fn finish(self, facts: &Facts) -> Result<BTreeMap<String, Vec<String>>, LoadError> {
        let statements =
            facts.statements.iter().map(|statement| (&statement.id, &statement.property));
        let external =
            facts.external_statements.iter().map(|statement| (&statement.id, &statement.property));
        for (id, property) in statements.chain(external) {
            let at = Place::item(FILE, id);
            match (self.0.contains_key(id), awaits(id)) {
                (true, None) | (false, Some(_)) => {}
                (false, None) => {
                    return Err(LoadError::unknown(
                        at,
                        "a property that records can hold",
                        property,
                    ));
                }
                (true, Some(record_type)) => {
                    let expected = format!("a statement that waits for {record_type}");
                    return Err(LoadError::unknown(at, expected, property));
                }
            }
        }
        Ok(self.0)
    }
}
