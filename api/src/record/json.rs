//! Finished JSON: bytes that are written once and copied into the answer as they are.
use async_graphql::Value;

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

pub fn string(out: &mut Vec<u8>, value: &str) {
    out.push(b'"');
    let bytes = value.as_bytes();
    let mut written = 0;
    for (i, byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0x00..0x20 => b"",
            _ => continue,
        };
        out.extend_from_slice(&bytes[written..i]);
        if escape.is_empty() {
            out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
        } else {
            out.extend_from_slice(escape);
        }
        written = i + 1;
    }
    out.extend_from_slice(&bytes[written..]);
    out.push(b'"');
}

/// Things to write, each under its response key, which is ready to be copied.
pub type Keyed<T> = Vec<(Box<[u8]>, T)>;

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
            let mut out = Vec::new();

            string(&mut out, text);

            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
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
