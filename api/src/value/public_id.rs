//! Public ids of records, `city_01KDVDNA00…`: a type's prefix and a ULID. Clients take them as opaque.
use std::fmt;

use sha2::{Digest as _, Sha256};
use ulid::Ulid;

/// 2026-01-01T00:00:00Z in milliseconds since the Unix epoch: the time in all derived ids.
const DERIVED_AT: u64 = 1_767_225_600_000;
/// Keeps these hashes apart from any other use of SHA-256 on the same keys. Never to be changed: the ids hang on it.
const DOMAIN: &[u8] = b"culturegraph public id 1\0";
/// Longer prefixes are not parsed. A bound makes it cheap to refuse foreign texts.
const PREFIX_MAX: usize = 16;

/// A prefix and a ULID. Prefixes are of 1 to 16 lower-case ASCII letters; another would not parse again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicId<'p> {
    pub prefix: &'p str,
    pub ulid: Ulid,
}

impl<'p> PublicId<'p> {
    /// The id of a record that comes with the software or from a list, by a key that stays the same: every installation
    /// derives the same one.
    pub fn derived(prefix: &'p str, key: &str) -> Self {
        // Prefixes have no NUL, so that no other pair of prefix and key hashes the same bytes.
        let hash = Sha256::new()
            .chain_update(DOMAIN)
            .chain_update(prefix)
            .chain_update(b"\0")
            .chain_update(key);
        let mut random = [0; 10];
        random.copy_from_slice(&hash.finalize()[..10]);
        PublicId::new(prefix, DERIVED_AT, random)
    }

    /// A new id. `now_millis` counts from the Unix epoch; only its 48 lower bits fit, enough until the year 10889.
    pub fn new(prefix: &'p str, now_millis: u64, random: [u8; 10]) -> Self {
        let mut wide = [0; 16];
        wide[6..].copy_from_slice(&random);
        PublicId { prefix, ulid: Ulid::from_parts(now_millis, u128::from_be_bytes(wide)) }
    }

    /// Takes the form that is written and no other: a ULID may also be read in lower case or with I for 1, and then one
    /// record would have many ids.
    pub fn parse(text: &'p str) -> Option<Self> {
        let (prefix, encoded) = text.split_once('_')?;
        let is_prefix = (1..=PREFIX_MAX).contains(&prefix.len())
            && prefix.bytes().all(|byte| byte.is_ascii_lowercase());
        if !is_prefix {
            return None;
        }
        let ulid = Ulid::from_string(encoded).ok()?;
        let mut buffer = [0; ulid::ULID_LEN];
        // The decoder lets more than 128 bits overflow; the comparison finds that too.
        (*ulid.array_to_str(&mut buffer) == *encoded).then_some(PublicId { prefix, ulid })
    }
}

/// A slug that says no more than the id does.
pub fn slug_of(public_id: &str) -> String {
    public_id.to_ascii_lowercase().replace('_', "-")
}

impl fmt::Display for PublicId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.prefix, self.ulid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_never_change() {
        assert_eq!(
            PublicId::derived("city", "geonames:1581130").to_string(),
            "city_01KDVDNA002KCQ1QM9WQ7844YG"
        );
        assert_eq!(
            PublicId::derived("country", "").to_string(),
            "country_01KDVDNA00SNAS028NXQBEZJKG"
        );
    }

    #[test]
    fn derived_ids_differ_by_prefix_and_key() {
        let id = PublicId::derived("city", "a");

        assert_eq!(id, PublicId::derived("city", "a"));
        assert_ne!(id.ulid, PublicId::derived("city", "b").ulid);
        assert_ne!(id.ulid, PublicId::derived("person", "a").ulid);
        assert_eq!(id.ulid.timestamp_ms(), DERIVED_AT);
    }

    #[test]
    fn new_ids_hold_time_and_chance() {
        let id = PublicId::new("claim", 1_767_225_600_001, [255; 10]);

        assert_eq!(id.ulid.timestamp_ms(), 1_767_225_600_001);
        assert_eq!(id.ulid.random(), (1 << 80) - 1);
        assert_eq!(
            PublicId::new("claim", u64::MAX, [0; 10]).to_string(),
            "claim_7ZZZZZZZZZ0000000000000000"
        );
    }

    #[test]
    fn written_ids_parse() {
        for id in [
            PublicId::derived("city", "x"),
            PublicId::new("holding", 0, [7; 10]),
            PublicId::new("doc", 1, [0; 10]),
        ] {
            assert_eq!(PublicId::parse(&id.to_string()), Some(id));
        }
    }

    #[test]
    fn other_texts_do_not() {
        let texts = [
            "",
            "_",
            "city",
            "city_",
            "city_0",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "City_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "city_01arz3ndektsv4rrffq69g5fav",
            "city_01ARZ3NDEKTSV4RRFFQ69G5FA",
            "city_01ARZ3NDEKTSV4RRFFQ69G5FAVV",
            "city_81ARZ3NDEKTSV4RRFFQ69G5FAV",
            "city_O1ARZ3NDEKTSV4RRFFQ69G5FAV",
            "city_I1ARZ3NDEKTSV4RRFFQ69G5FAV",
            "city_U1ARZ3NDEKTSV4RRFFQ69G5FAV",
            "city__01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "city_01ARZ3NDEKTSV4RRFFQ69G5FAV ",
            "cityđ_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "city_01ARZ3NDEKTSV4RRFFQ69G5Fđ",
            "aaaaaaaaaaaaaaaaa_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        ];
        for text in texts {
            assert_eq!(PublicId::parse(text), None, "{text}");
        }
        assert!(PublicId::parse("city_01ARZ3NDEKTSV4RRFFQ69G5FAV").is_some());
    }
}
