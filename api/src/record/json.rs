//! Finished JSON: bytes that are written once and copied into the answer as they are.
use async_graphql::Value;
use chrono::{DateTime, SecondsFormat};

pub fn null(out: &mut Vec<u8>) {
    out.extend_from_slice(b"null");
}

pub fn bool(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

pub fn int(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// A number with the fewest digits that read back as the same one; a number that JSON does not have is null.
pub fn float(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        return null(out);
    }
    let start = out.len();
    // Writing a finite number into memory cannot fail.
    let _ = serde_json::to_writer(&mut *out, &value);
    // Whole numbers without `.0`, as other GraphQL servers write them.
    if out[start..].ends_with(b".0") {
        out.truncate(out.len() - 2);
    }
}

/// An instant in microseconds since the Unix epoch, as RFC 3339 in UTC; null for one that no calendar has.
pub fn instant(out: &mut Vec<u8>, micros: i64) {
    match DateTime::from_timestamp_micros(micros) {
        Some(instant) => string(out, &instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        None => null(out),
    }
}

pub fn string(out: &mut Vec<u8>, value: &str) {
    out.reserve(value.len() + 2);
    out.push(b'"');
    let mut rest = value.as_bytes();
    while let Some(place) = first_escaped(rest) {
        let (plain, escaped) = rest.split_at(place);
        out.extend_from_slice(plain);
        let Some((byte, after)) = escaped.split_first() else { break };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// The place of the first byte that JSON does not take as it is. Eight bytes are looked at in one go, since nearly all of an
/// answer is text and nearly none of it is escaped.
fn first_escaped(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    // The high bit of each byte that is zero, and perhaps of bytes above one that is: it is right about whether there is any.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let (words, _) = bytes.as_chunks::<8>();
    let mut start = words.len() * 8;
    for (n, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let quote = zeros(word ^ (ONES * u64::from(b'"')));
        let backslash = zeros(word ^ (ONES * u64::from(b'\\')));
        if control | quote | backslash != 0 {
            start = n * 8;
            break;
        }
    }
    let is_escaped = |byte: &u8| matches!(byte, 0x00..0x20 | b'"' | b'\\');
    Some(start + bytes.get(start..)?.iter().position(is_escaped)?)
}

/// Things to write, each under its response key, which is ready to be copied.
pub type Keyed<T> = Vec<(Box<[u8]>, T)>;

/// A string by itself.
pub fn finished_string(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    string(&mut out, text);
    out
}

/// `"key":`, ready to be copied before a value.
pub fn key(name: &str) -> Box<[u8]> {
    let mut out = Vec::with_capacity(name.len() + 3);
    string(&mut out, name);
    out.push(b':');
    out.into()
}

/// `items` between `open` and `close`, with commas.
pub fn list<T>(
    out: &mut Vec<u8>,
    (open, close): (u8, u8),
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(open);
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(close);
}

pub const ARRAY: (u8, u8) = (b'[', b']');
pub const OBJECT: (u8, u8) = (b'{', b'}');

/// Finished JSON as async-graphql carries it. Its own serializer would write the bytes as a list of numbers, so every exit
/// (HTTP, later WebSocket and SSE) writes answers with [`value`].
pub fn finished(bytes: Vec<u8>) -> Value {
    Value::Binary(bytes.into())
}

/// A value of the executor, finished parts copied as they are.
pub fn value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => null(out),
        Value::Boolean(it) => bool(out, *it),
        Value::String(it) => string(out, it),
        Value::Enum(it) => string(out, it),
        Value::Binary(it) => out.extend_from_slice(it),
        Value::List(items) => list(out, ARRAY, items, self::value),
        Value::Object(fields) => list(out, OBJECT, fields, |out, (name, it)| {
            string(out, name);
            out.push(b':');
            self::value(out, it);
        }),
        Value::Number(it) => out.extend_from_slice(it.to_string().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_read_back_as_they_were() {
        for text in ["", "Hà Nội", "\"\\\n\r\t\u{1}\u{1f}", "😀 \u{2028} \u{7f}", "\0"] {
            // At every place of the eight bytes that are looked at in one go.
            for before in 0..17 {
                let text = format!("{}{text}{}", "ộ".repeat(before), "x".repeat(20 - before));
                let mut out = Vec::new();

                string(&mut out, &text);

                assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
                assert_eq!(out, serde_json::to_vec(&text).unwrap());
            }
        }
    }

    #[test]
    fn whole_floats_have_no_fraction() {
        for (value, expected) in
            [(21.0, "21"), (-0.5, "-0.5"), (105.8412, "105.8412"), (f64::NAN, "null")]
        {
            let mut out = Vec::new();

            float(&mut out, value);

            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
