//! A look at the text of a document before the parser takes it.

/// What a text is made of, before anybody knows whether it is a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    /// Lexical tokens of the specification: names, numbers, strings and punctuators.
    pub tokens: usize,
    /// How many brackets, of whatever kind, are open at most at the same time.
    pub nesting: usize,
}

/// Runs once over the text, and needs no stack. What stands in strings and comments does not count; what no token begins
/// with is one, since the parser ends there.
pub(super) fn scan(text: &str) -> Scan {
    let bytes = text.as_bytes();
    let mut scan = Scan::default();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => continue,
            b'#' => {
                at += length(&bytes[at..], |rest| matches!(rest[0], b'\n' | b'\r'));
                continue;
            }
            b'{' | b'(' | b'[' => {
                depth += 1;
                scan.nesting = scan.nesting.max(depth);
            }
            b'}' | b')' | b']' => depth = depth.saturating_sub(1),
            b'"' if bytes[at..].starts_with(b"\"\"") => at = block_string(bytes, at + 2),
            b'"' => at = string(bytes, at),
            b'.' if bytes[at..].starts_with(b"..") => at += 2,
            byte if is_word(*byte) => at += length(&bytes[at..], |rest| !goes_on(rest)),
            _ => {}
        }
        scan.tokens += 1;
    }
    scan
}

/// Whether a name or number goes on; a point is one of a number where a digit follows.
fn goes_on(rest: &[u8]) -> bool {
    is_word(rest[0]) || matches!(rest, [b'.', digit, ..] if digit.is_ascii_digit())
}

/// What names and numbers are made of, and all that is not ASCII: a byte order mark is no token of its own.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+') || !byte.is_ascii()
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
            assert_eq!(scan(text).nesting, expected, "{text}");
        }
    }

    #[test]
    fn tokens_are_those_of_the_specification() {
        for (text, expected) in [
            ("", 0),
            (" \t\r\n,,, # a { b\n", 0),
            ("{ a }", 3),
            ("{a(b:[1,-2.5e+3]){...c}}", 15),
            ("query($a:Int!=1){a@b(c:$a)}", 21),
            (r#"{ a(b: "x y \" z" c: "") }"#, 11),
            (r#"{ a(b: """ x " y """) }"#, 8),
            ("... on A", 3),
            ("a|b&c", 5),
            ("\u{feff}{a}", 4),
        ] {
            assert_eq!(scan(text).tokens, expected, "{text}");
        }
    }
}
