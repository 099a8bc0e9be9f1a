//! Documents that the engine has accepted: they are not parsed, measured or validated again. The variables that come with
//! them are looked at each time.
use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use quick_cache::{Weighter, sync::Cache};

/// Bytes of a parsed document for each of its text: names are shared strings, and each field is a node of some hundred bytes
/// with its place. Rather too many than too few.
const BYTES_PER_BYTE: u64 = 40;

/// Known documents by their text, up to so many bytes; what is used most stays.
pub struct Documents(Option<Cache<Box<str>, Arc<ExecutableDocument>, Bytes>>);

#[derive(Clone)]
struct Bytes;

impl Weighter<Box<str>, Arc<ExecutableDocument>> for Bytes {
    fn weight(&self, text: &Box<str>, _: &Arc<ExecutableDocument>) -> u64 {
        // Never 0: that would be never removed.
        1_000 + text.len() as u64 * BYTES_PER_BYTE
    }
}

impl Documents {
    /// With 0 bytes nothing is remembered.
    pub fn new(bytes: usize) -> Self {
        let bytes = bytes as u64;
        // A guess of how many there will be, by the length of a common one.
        let many = usize::try_from(bytes / 20_000).unwrap_or(usize::MAX);
        Documents((bytes > 0).then(|| Cache::with_weighter(many, bytes, Bytes)))
    }

    pub(super) fn get(&self, text: &str) -> Option<Arc<ExecutableDocument>> {
        self.0.as_ref()?.get(text)
    }

    /// From now on the document is known, since the engine has begun to run it.
    pub fn remember(&self, text: Box<str>, document: Arc<ExecutableDocument>) {
        if let Some(cache) = &self.0 {
            cache.insert(text, document);
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

    fn remember(documents: &Documents, text: &str) {
        documents.remember(text.into(), Arc::new(parse_query(text).unwrap()));
    }

    #[test]
    fn documents_are_known_by_their_very_text() {
        let documents = Documents::new(1_000_000);

        remember(&documents, "{ ok }");

        assert!(documents.get("{ ok }").is_some());
        assert!(documents.get("{ ok  }").is_none());
    }

    #[test]
    fn they_never_take_more_than_was_allowed() {
        let documents = Documents::new(100_000);

        for n in 0..10_000 {
            remember(&documents, &format!("{{ field{n} }}"));
        }
        remember(&documents, &format!("{{ ok }} #{}", "x".repeat(10_000)));

        let cache = documents.0.as_ref().unwrap();
        assert!(cache.weight() <= 100_000 && !cache.is_empty(), "{}", cache.weight());
        assert!(Documents::new(0).get("{ ok }").is_none());
    }
}
