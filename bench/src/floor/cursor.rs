//! Cursors of the product, as far as the floors need them: seven bytes that say what list it is, then the values of the
//! row's keys as JSON.
use anyhow::Context;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::de::DeserializeOwned;

const HEAD: usize = 7;

/// The head of a cursor, and the values of its keys.
pub(super) fn read<K: DeserializeOwned>(cursor: &str) -> anyhow::Result<(Vec<u8>, K)> {
    let mut head = BASE64_URL_SAFE_NO_PAD.decode(cursor)?;
    let keys = head.get(HEAD..).context("a cursor is longer")?;
    let keys = serde_json::from_slice(keys)?;
    head.truncate(HEAD);
    Ok((head, keys))
}

/// A cursor of the same list.
pub(super) fn write(mut head: Vec<u8>, id: i64) -> String {
    head.extend_from_slice(format!("[{id}]").as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(head)
}
