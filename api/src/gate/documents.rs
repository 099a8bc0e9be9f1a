//! Documents that the engine has accepted: they are not parsed, measured or validated again. What the engine looks at depends
//! on which operation is meant and on which variables are there, so a document is known for the manner in which it was asked;
//! the values of variables are looked at each time.
use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Arc, Mutex},
};

use async_graphql::{
    Positioned, Value, Variables,
    parser::types::{ExecutableDocument, VariableDefinition},
};
use quick_cache::{Weighter, sync::Cache};

use super::{cost, persisted::Hash};

/// Bytes of a parsed document for each of its tokens, and beside them: a field is some hundred bytes in a list that has room
/// for more, and has at least a name and a part of a bracket; a value is less. Rather too many than too few.
const BYTES_PER_TOKEN: u64 = 250;
const BYTES_BESIDE: u64 = 4_000;
/// Clients send few combinations of variables; what is beyond these is validated each time.
const MANNERS_MAX: usize = 16;

/// Known documents by their text, up to so many bytes; what is used most stays.
pub(super) struct Documents(Option<Cache<Arc<str>, Arc<Known>, Bytes>>);

/// A parsed document, and for what it was accepted.
pub(super) struct Known {
    pub(super) document: Arc<ExecutableDocument>,
    /// Bytes that it takes, as far as is known before.
    weight: u64,
    /// Each with its cost, where that does not depend on values.
    manners: Mutex<HashMap<Manner, Option<cost::Known>>>,
}

/// The name of the operation, and which of its variables are absent, null or given.
pub(super) type Manner = Box<str>;

/// What is to be remembered when the engine has accepted it.
pub struct Fresh {
    pub(super) text: Arc<str>,
    /// By which its client will name it.
    pub(super) hash: Option<Hash>,
    pub(super) tokens: u64,
    pub(super) manner: Manner,
    pub(super) cost: Option<cost::Known>,
}

pub(super) fn manner(
    name: Option<&str>,
    definitions: &[Positioned<VariableDefinition>],
    variables: &Variables,
) -> Manner {
    let mut manner = String::new();
    for definition in definitions {
        manner.push(match variables.get(&definition.node.name.node) {
            None => '-',
            Some(Value::Null) => '0',
            Some(_) => '1',
        });
    }
    // Writing into a string cannot fail.
    let _ = write!(manner, " {}", name.unwrap_or_default());
    manner.into()
}

impl Known {
    /// Whether it was accepted in this manner, and with which cost, if all values have the same.
    pub(super) fn accepts(&self, manner: &str) -> Option<Option<cost::Known>> {
        self.manners.lock().unwrap_or_else(|e| e.into_inner()).get(manner).copied()
    }

    fn accept(&self, manner: Manner, cost: Option<cost::Known>) {
        let mut manners = self.manners.lock().unwrap_or_else(|e| e.into_inner());
        if manners.len() < MANNERS_MAX {
            manners.insert(manner, cost);
        }
    }
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Arc<str>, Arc<Known>> for Bytes {
    fn weight(&self, text: &Arc<str>, known: &Arc<Known>) -> u64 {
        known.weight.max(text.len() as u64)
    }
}

impl Documents {
    /// With 0 bytes nothing is remembered.
    pub(super) fn new(bytes: usize) -> Self {
        let bytes = bytes as u64;
        // A guess of how many there will be, by the weight of a common one.
        let many = usize::try_from(bytes / 30_000).unwrap_or(usize::MAX);
        Documents((bytes > 0).then(|| Cache::with_weighter(many, bytes, Bytes)))
    }

    pub(super) fn get(&self, text: &str) -> Option<Arc<Known>> {
        self.0.as_ref()?.get(text)
    }

    /// From now on the document is known in this manner, since the engine has begun to run it.
    pub(super) fn remember(&self, fresh: Fresh, document: Arc<ExecutableDocument>) {
        let Some(cache) = &self.0 else { return };
        let Fresh { text, tokens, manner, cost, .. } = fresh;
        match cache.get(&text) {
            Some(known) => known.accept(manner, cost),
            None => {
                // Names of operations are not longer than the text; there may be as many of them as manners.
                let manners = (MANNERS_MAX * (manner.len() + 100)) as u64;
                let weight =
                    BYTES_BESIDE + manners + 2 * text.len() as u64 + tokens * BYTES_PER_TOKEN;
                let manners = Mutex::new(HashMap::from([(manner, cost)]));
                cache.insert(text, Arc::new(Known { document, weight, manners }));
            }
        }
    }
}

impl std::fmt::Debug for Documents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("known documents")
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn remember(documents: &Documents, text: &str, manner: &str) {
        let fresh =
            Fresh { text: text.into(), hash: None, tokens: 1, manner: manner.into(), cost: None };
        documents.remember(fresh, Arc::new(parse_query(text).unwrap()));
    }

    #[test]
    fn documents_are_known_by_their_very_text_and_manner() {
        let documents = Documents::new(1_000_000);

        remember(&documents, "{ ok }", "1 A");
        remember(&documents, "{ ok }", "0 A");

        let known = documents.get("{ ok }").unwrap();
        assert_eq!(
            ["1 A", "0 A", "- A", "1 B"].map(|it| known.accepts(it).is_some()),
            [true, true, false, false]
        );
        assert!(documents.get("{ ok  }").is_none());
    }

    #[test]
    fn they_never_take_more_than_was_allowed() {
        let documents = Documents::new(100_000);

        for n in 0..10_000 {
            remember(&documents, &format!("{{ field{n} }}"), "");
        }
        remember(&documents, &format!("{{ ok }} #{}", "x".repeat(10_000)), "");

        let cache = documents.0.as_ref().unwrap();
        assert!(cache.weight() <= 100_000 && !cache.is_empty(), "{}", cache.weight());
        assert!(Documents::new(0).get("{ ok }").is_none());
    }
}
