//! The stored text: that quotes are at their places.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{LoadError, Place};
use crate::value::hash;

const FILE: &str = "article.vi.txt";

/// Half-open; characters are Unicode code points, bytes those of UTF-8.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Span {
    pub(super) char_start: usize,
    pub(super) char_end: usize,
    pub(super) byte_start: usize,
    pub(super) byte_end: usize,
}

impl Span {
    pub(super) fn to_json(self) -> Value {
        json!({
            "charStart": self.char_start,
            "charEnd": self.char_end,
            "byteStart": self.byte_start,
            "byteEnd": self.byte_end,
        })
    }
}

/// A text whose characters can be found without counting from the start each time.
pub(super) struct Text<'a> {
    text: &'a str,
    /// Byte at which each character starts, and the end.
    starts: Vec<usize>,
}

impl<'a> Text<'a> {
    /// The offsets hold for one text only, so its hash is checked first.
    pub(super) fn new(text: &'a str, sha256: &str) -> Result<Self, LoadError> {
        let found = hash::sha256(text);
        if found != sha256 {
            return Err(LoadError::unexpected(
                Place::file(FILE),
                format!("SHA-256 {sha256}"),
                found,
            ));
        }
        let starts = text.char_indices().map(|(start, _)| start).chain([text.len()]).collect();
        Ok(Self { text, starts })
    }

    /// The quote must be exactly what stands at its characters, and its bytes must be the same place.
    pub(super) fn check(&self, at: &Place, quote: &str, span: Span) -> Result<(), LoadError> {
        let place = format!("characters {}..{}", span.char_start, span.char_end);
        let bytes = self.starts.get(span.char_start).zip(self.starts.get(span.char_end));
        let Some((start, end, found)) =
            bytes.and_then(|(&start, &end)| Some((start, end, self.text.get(start..end)?)))
        else {
            let expected =
                format!("a place in {FILE}, which has {} characters", self.starts.len() - 1);
            return Err(LoadError::unexpected(at.clone(), expected, place));
        };
        if found != quote {
            return Err(LoadError::unknown(
                at.clone(),
                format!("{quote:?} at {place} of {FILE}"),
                found,
            ));
        }
        if (start, end) != (span.byte_start, span.byte_end) {
            return Err(LoadError::unexpected(
                at.clone(),
                format!("bytes {start}..{end} for {place}"),
                format!("{}..{}", span.byte_start, span.byte_end),
            ));
        }
        if quote.is_empty() {
            return Err(LoadError::unexpected(
                at.clone(),
                "words",
                format!("an empty quote at {place}"),
            ));
        }
        Ok(())
    }
}
