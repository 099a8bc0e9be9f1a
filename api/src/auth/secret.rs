//! The secret of a key as its owner has it: `cg_4f0c2a91d3_…`. The part in the middle is the prefix, which is no secret: the
//! key is looked up by it and shown by it. What comes after it are 256 bits of chance, of which only the SHA-256 is kept; a
//! slow hash would protect no more, since nobody can guess so many.
use std::fmt;

use ctutils::CtEq;
use sha2::{Digest, Sha256};

use crate::value::hash::digits;

/// By which programs that look for secrets in what they should not be in find ours.
const MARK: &str = "cg";
/// Bytes of the two parts, each written as two hexadecimal digits.
const PREFIX_BYTES: usize = 5;
const CHANCE_BYTES: usize = 32;

/// It is shown with its prefix alone, so that no log has it.
pub struct Secret {
    prefix: String,
    chance: String,
}

impl Secret {
    /// A new one. The error is that the system has no chance to give.
    pub fn generate() -> Result<Secret, getrandom::Error> {
        let mut bytes = [0; PREFIX_BYTES + CHANCE_BYTES];
        getrandom::fill(&mut bytes)?;
        let (prefix, chance) = bytes.split_at(PREFIX_BYTES);
        Ok(Secret { prefix: digits(prefix), chance: digits(chance) })
    }

    /// Takes the form that is written and no other.
    pub fn parse(text: &str) -> Option<Secret> {
        let (mark, rest) = text.split_once('_')?;
        let (prefix, chance) = rest.split_once('_')?;
        let is_ours =
            mark == MARK && is_digits(prefix, PREFIX_BYTES) && is_digits(chance, CHANCE_BYTES);
        is_ours.then(|| Secret { prefix: prefix.to_owned(), chance: chance.to_owned() })
    }

    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// For its owner, once.
    pub fn reveal(&self) -> String {
        format!("{MARK}_{}_{}", self.prefix, self.chance)
    }

    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(&self.chance).into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}_{}_…", self.prefix)
    }
}

/// What is kept of a secret. Comparing takes the same time wherever two differ.
#[derive(Clone)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of nothing that anybody knows, for what there is no key of.
    pub const NONE: SecretHash = SecretHash([0; 32]);

    pub fn parse(text: &str) -> Option<SecretHash> {
        let mut bytes = [0; 32];
        if text.len() != 2 * bytes.len() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(SecretHash(bytes))
    }

    pub fn digits(&self) -> String {
        digits(&self.0)
    }

    pub fn is(&self, other: &SecretHash) -> bool {
        self.0.ct_eq(&other.0).to_bool()
    }
}

fn is_digits(text: &str, bytes: usize) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 2 * bytes && text.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_read_back_and_differs_each_time() {
        let (one, other) = (Secret::generate().unwrap(), Secret::generate().unwrap());

        let read = Secret::parse(&one.reveal()).unwrap();

        assert_eq!(read.prefix(), one.prefix());
        assert!(read.hash().is(&one.hash()) && !read.hash().is(&other.hash()));
        assert_ne!(one.prefix(), other.prefix());
        let kept = SecretHash::parse(&one.hash().digits()).unwrap();
        assert!(kept.is(&one.hash()) && !kept.is(&SecretHash::NONE));
    }

    #[test]
    fn other_texts_are_no_secrets() {
        let secret = Secret::generate().unwrap().reveal();
        for text in [
            "",
            "cg",
            "cg__",
            "cg_4f0c2a91d3_",
            &secret[1..],
            &secret[..secret.len() - 1],
            &format!("{secret}0"),
            &format!("{secret} "),
            &secret.to_uppercase(),
            &secret.replace("cg_", "gc_"),
            &format!("{}ộ", &secret[..secret.len() - 3]),
        ] {
            assert!(Secret::parse(text).is_none(), "{text}");
        }
        for text in ["", "00", &"g".repeat(64), &"ộ".repeat(21)] {
            assert!(SecretHash::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_secret_is_not_shown_by_chance() {
        let secret = Secret::generate().unwrap();

        let shown = format!("{secret:?}");

        assert_eq!(shown, format!("cg_{}_…", secret.prefix()));
    }
}
