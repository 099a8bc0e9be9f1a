//! A look at the text of a document before the parser takes it.

/// How many brackets, of whatever kind, are open at most at the same time. Those in strings and comments do not count.
/// Runs once over the text, and needs no stack.
pub(super) fn nesting(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' | b'(' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b')' | b']' => depth = depth.saturating_sub(1),
            b'#' => at += length(&bytes[at..], |rest| matches!(rest[0], b'\n' | b'\r')),
            b'"' if bytes[at..].starts_with(b"\"\"") => at = block_string(bytes, at + 2),
            b'"' => at = string(bytes, at),
            _ => {}
        }
    }
    deepest
}

/// The end of a string that begins at `at`. One that does not end ends with its line, where the parser stops too.
fn string(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at += length(&bytes[at..], |rest| matches!(rest[0], b'"' | b'\\' | b'\n' | b'\r'));
        match bytes.get(at) {
            Some(b'\\') if at + 1 < bytes.len() => at += 2,
            Some(_) => return at + 1,
            None => return at,
        }
    }
}

fn block_string(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at += length(&bytes[at..], |rest| {
            rest.starts_with(b"\"\"\"") || rest.starts_with(b"\\\"\"\"")
        });
        match bytes.get(at) {
            Some(b'\\') => at += 4,
            Some(_) => return at + 3,
            None => return at,
        }
    }
}

/// How many bytes there are before the first place where `ends` is true; all if there is none.
fn length(bytes: &[u8], ends: impl Fn(&[u8]) -> bool) -> usize {
    (0..bytes.len()).find(|n| ends(&bytes[*n..])).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_count_outside_strings_and_comments() {
        for (text, expected) in [
            ("", 0),
            ("{ a(b: [1]) { c } }", 3),
            ("}}}{", 1),
            (r#"{ a(b: "[[[{{{") }"#, 2),
            (r#"{ a(b: "\"[[[" c: [[1]]) }"#, 4),
            (r#"{ a(b: "\\" c: [[1]]) }"#, 4),
            (r#"{ a(b: """ [[[ " [[ \""" [[ """ c: [1]) }"#, 3),
            (r#"{ a(b: "" c: [1]) }"#, 3),
            ("{ # [[[ \" \n a(b: [1]) }", 3),
            ("{ # [[[ \r a(b: [1]) }", 3),
            ("\"[[[\n{{", 2),
            ("\"\\", 0),
            ("\"", 0),
            ("\"\"", 0),
            ("\"\"\"", 0),
            ("\"\"\"\\\"\"\"[[", 0),
            ("#", 0),
            ("ộ{ộ\"ộ\"ộ#ộ", 1),
        ] {
            assert_eq!(nesting(text), expected, "{text}");
        }
    }
}
