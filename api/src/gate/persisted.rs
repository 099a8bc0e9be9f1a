//! Documents that clients name by their hash, so that they are sent once and not each time (Apollo's automatic persisted
//! queries). They are not stored: a client that is told that its hash is not known sends the document again.
use std::sync::Arc;

use quick_cache::{Weighter, sync::Cache};
use sha2::{Digest, Sha256};

use super::Refusal;
use crate::error::Code;

/// The SHA-256 of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// From 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
            *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
        }
        Some(Hash(bytes))
    }

    fn of(text: &str) -> Self {
        Hash(Sha256::digest(text).into())
    }
}

/// Documents by their hash, up to so many bytes; what is used most stays.
pub(super) struct Persisted(Option<Cache<Hash, Arc<str>, Bytes>>);

#[derive(Clone)]
struct Bytes;

impl Weighter<Hash, Arc<str>> for Bytes {
    fn weight(&self, _: &Hash, text: &Arc<str>) -> u64 {
        text.len() as u64 + 100
    }
}

impl Persisted {
    /// With 0 bytes nothing is kept.
    pub(super) fn new(bytes: usize) -> Self {
        let bytes = bytes as u64;
        let many = usize::try_from(bytes / 1_000).unwrap_or(usize::MAX);
        Persisted((bytes > 0).then(|| Cache::with_weighter(many, bytes, Bytes)))
    }

    /// The text of what is asked, with its hash if it is to be kept.
    pub(super) fn text(
        &self,
        text: Option<String>,
        hash: Option<Hash>,
    ) -> Result<(Arc<str>, Option<Hash>), Refusal> {
        match (text, hash) {
            (Some(text), None) => Ok((text.into(), None)),
            (Some(text), Some(hash)) if Hash::of(&text) == hash => Ok((text.into(), Some(hash))),
            (Some(_), Some(_)) => {
                let message = "`sha256Hash` is not the SHA-256 of `query`";
                Err(Refusal::new(Code::BodyInvalid, message))
            }
            (None, Some(hash)) => {
                let Some(cache) = &self.0 else {
                    let message = "PersistedQueryNotSupported";
                    return Err(Refusal::new(Code::PersistedQueryNotSupported, message));
                };
                let text = cache.get(&hash).ok_or_else(|| {
                    Refusal::new(Code::PersistedQueryNotFound, "PersistedQueryNotFound")
                })?;
                Ok((text, None))
            }
            (None, None) => {
                let message = "`query` is missing: it holds the document";
                Err(Refusal::new(Code::BodyInvalid, message))
            }
        }
    }

    pub(super) fn keep(&self, hash: Hash, text: Arc<str>) {
        if let Some(cache) = &self.0 {
            cache.insert(hash, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: &str = "{ ok }";

    #[test]
    fn hashes_are_64_digits() {
        let hash = Hash::of(OK);
        let digits = crate::value::hash::digits(&hash.0);

        assert_eq!(Hash::parse(&digits), Some(hash));
        assert_eq!(Hash::parse(&digits.to_uppercase()), Some(hash));
        for wrong in
            ["", "00", &digits[1..], &format!("{digits}0"), &"g".repeat(64), &"ộ".repeat(21)]
        {
            assert_eq!(Hash::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_document_is_known_by_its_hash_once_it_is_kept() {
        let persisted = Persisted::new(10_000);
        let hash = Some(Hash::of(OK));
        let code = |result: Result<_, Refusal>| result.map(drop).unwrap_err().code;

        assert_eq!(code(persisted.text(None, hash)), Code::PersistedQueryNotFound);
        let (text, to_keep) =
            persisted.text(Some(OK.to_owned()), hash).map_err(|it| it.errors).unwrap();
        persisted.keep(to_keep.unwrap(), text);

        assert_eq!(&*persisted.text(None, hash).map_err(|it| it.errors).unwrap().0, OK);
        let other = persisted.text(Some("{ no }".to_owned()), hash);
        assert_eq!(code(other), Code::BodyInvalid);
        assert_eq!(code(Persisted::new(0).text(None, hash)), Code::PersistedQueryNotSupported);
    }

    #[test]
    fn they_never_take_more_than_was_allowed() {
        let persisted = Persisted::new(10_000);
        for n in 0..1_000 {
            let text = format!("{{ field{n} }}");
            persisted.keep(Hash::of(&text), text.into());
        }

        let cache = persisted.0.as_ref().unwrap();
        assert!(cache.weight() <= 10_000 && !cache.is_empty(), "{}", cache.weight());
    }
}
