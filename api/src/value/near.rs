//! Which of some words is likely to be meant by another.

/// Words that are longer are not compared: no name of ours is.
const LONGEST: usize = 64;
/// Fewer letters are inside too many others.
const SHORTEST_INSIDE: usize = 3;

/// The known word that is closest to one that is not known, if it is close enough to be a slip of the hand: changes of a
/// third of its letters at most, whatever the case. Else the nearest that has it inside, or is inside it.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let letters = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<Vec<_>>();
    if word.len() > LONGEST {
        return None;
    }
    let word = letters(word);
    let near = known.into_iter().filter_map(|known| {
        let letters = letters(known);
        let changes = changes(&word, &letters);
        let is_inside = is_inside(&word, &letters) || is_inside(&letters, &word);
        match changes <= letters.len().max(3) / 3 {
            true => Some(((0, changes), known)),
            false => is_inside.then_some(((1, changes), known)),
        }
    });
    near.min_by_key(|(changes, _)| *changes).map(|(_, known)| known)
}

fn is_inside(word: &[char], other: &[char]) -> bool {
    word.len() >= SHORTEST_INSIDE && other.windows(word.len()).any(|it| it == word)
}

/// The least number of letters put in, left out or exchanged that leads from one word to another.
fn changes(from: &[char], to: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let exchanged = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = exchanged.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognized_and_other_words_are_not() {
        let known = ["listen", "database-url", "public-url", "log-level"];
        for (word, near) in [
            ("listne", Some("listen")),
            ("LISTEN", Some("listen")),
            ("databas-url", Some("database-url")),
            ("log-levle", Some("log-level")),
            ("port", None),
            ("url", Some("public-url")),
            ("ur", None),
            ("listen-address", Some("listen")),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), near, "{word}");
        }
        assert_eq!(nearest(&"x".repeat(1_000_000), known), None);
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn changes_are_counted() {
        for (from, to, expected) in
            [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(changes(&letters(from), &letters(to)), expected, "{from} {to}");
        }
    }
}
