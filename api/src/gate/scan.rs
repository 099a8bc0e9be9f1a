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
            b'-' | b'0'..=b'9' => at = number(bytes, at - 1),
            byte if is_word(*byte) => {
                let end = at + length(&bytes[at..], |rest| !is_word(rest[0]));
                scan.tokens += words_in(&bytes[at - 1..end]);
                at = end;
            }
            _ => {}
        }
        scan.tokens += 1;
    }
    scan
}

/// How many values the parser can find in a word beside the first, at most: it ends these without looking at what follows.
fn words_in(word: &[u8]) -> usize {
    let words: [&[u8]; 3] = [b"true", b"false", b"null"];
    match words.iter().any(|it| word.starts_with(it) && word.len() > it.len()) {
        true => word.len(),
        false => 0,
    }
}

/// What names are made of, and all that is not ASCII, with which no token begins: the parser ends there.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// The end of a number that begins at `at`, by the grammar: what follows a zero is another number. At least one byte.
fn number(bytes: &[u8], start: usize) -> usize {
    let digits = |at: usize| at + length(&bytes[at..], |rest| !rest[0].is_ascii_digit());
    let is = |at: usize, of: &[u8]| bytes.get(at).is_some_and(|byte| of.contains(byte));
    let begin = start + usize::from(is(start, b"-"));
    let mut at = if is(begin, b"0") { begin + 1 } else { digits(begin) };
    if at > begin && is(at, b".") && is(at + 1, b"0123456789") {
        at = digits(at + 1);
    }
    if at > begin && is(at, b"eE") {
        let exponent = at + 1 + usize::from(is(at + 1, b"+-"));
        if is(exponent, b"0123456789") {
            at = digits(exponent);
        }
    }
    at.max(start + 1)
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
            ("1-1-1", 3),
            ("0000", 4),
            ("-0.5e-10 1e5 1.5", 3),
            ("-", 1),
            ("--1", 2),
            ("1.e", 3),
            ("1e", 2),
            ("10e+5a", 2),
        ] {
            assert_eq!(scan(text).tokens, expected, "{text}");
        }
    }

    #[test]
    fn there_are_as_many_tokens_as_the_parser_finds_values() {
        use async_graphql::parser::{parse_query, types::Selection};
        use async_graphql_value::Value;

        let mut state = 7_u64;
        let mut below = |n: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            usize::try_from(state >> 33).unwrap() % n
        };
        let pieces = [
            "0", "1", "-1", "12", "a", "b1", ".5", "e3", "E-2", "\"s\"", "$v", " ", ",", "0x", "+",
            "true",
        ];
        let mut parsed = 0;
        for _ in 0..20_000 {
            let list: String = (0..1 + below(12)).map(|_| pieces[below(pieces.len())]).collect();
            let text = format!("{{ a(b: [{list}]) }}");
            let Ok(document) = parse_query(&text) else { continue };
            let (_, operation) = document.operations.iter().next().unwrap();
            let Selection::Field(field) = &operation.node.selection_set.node.items[0].node else {
                panic!()
            };
            let Value::List(values) = &field.node.arguments[0].1.node else { panic!() };
            // Names of variables have a sign of their own.
            let variables = values.iter().filter(|it| matches!(it, Value::Variable(_))).count();
            let expected = 9 + values.len() + variables;
            let tokens = scan(&text).tokens;
            let is_exact = ["true", "false", "null"].iter().all(|it| !list.contains(it));
            assert!(tokens == expected || tokens > expected && !is_exact, "{text}: {tokens}");
            parsed += 1;
        }
        assert!(parsed > 1_000, "{parsed}");
    }
}
