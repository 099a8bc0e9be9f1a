//! Hashes as they are written: two lower-case hexadecimal digits for each byte.
use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The SHA-256 of these bytes, of a text those of its UTF-8.
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    digits(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut digits, byte| {
        // Writing into a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_sha256sum() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

        assert_eq!(sha256(""), empty);
        assert_eq!(digits(&[0, 15, 255]), "000fff");
    }
}
