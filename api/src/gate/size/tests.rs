use std::fmt::Write as _;

use async_graphql::parser::parse_query;

use super::*;

fn size_of(query: &str) -> Size {
    size(&parse_query(query).unwrap()).map_err(|it| it.errors).unwrap()
}

#[test]
fn fragments_count_as_often_as_they_are_spread() {
    for (query, selections, depth, levels) in [
        ("{ a }", 1, 1, 1),
        ("{ a { b c } }", 3, 2, 2),
        ("{ ... { a } }", 2, 1, 2),
        ("{ ...f ...f } fragment f on Q { a b { c } }", 8, 2, 3),
        ("{ ...f } fragment f on Q { ...g ...g } fragment g on Q { a }", 5, 1, 3),
        ("{ ...unknown }", 1, 0, 1),
        ("query A { a } query B { b { c } }", 3, 2, 2),
        ("{ a } fragment f on Q { a b c { d { e } } }", 5, 1, 3),
    ] {
        let size = size_of(query);
        assert_eq!(
            (size.selections, size.records.fields, size.levels),
            (selections, depth, levels),
            "{query}"
        );
    }
}

#[test]
fn aliases_directives_and_fields_of_the_root_count() {
    for (query, aliases, directives, fields) in [
        ("{ a b { c d } }", 0, 0, 2),
        ("{ x: a @m y: b @m @n { z: c } }", 3, 3, 2),
        ("query A @m { ...f @m ... @m { a } } fragment f on Q @n { x: a b }", 1, 4, 3),
        ("query A { x: a b } query B { y: a @m }", 1, 1, 2),
        ("{ ...f ...f } fragment f on Q { x: a @m }", 2, 2, 2),
    ] {
        let size = size_of(query);
        assert_eq!(
            (size.aliases, size.directives, size.fields),
            (aliases, directives, fields),
            "{query}"
        );
    }
}

#[test]
fn what_the_schema_is_asked_has_a_depth_of_its_own() {
    for (query, depth, schema, lists) in [
        ("{ a { fields { fields { b } } } }", 4, 0, 0),
        ("{ __schema { types { fields { type { name } } } } }", 1, 4, 2),
        (
            "{ __type(name: \"A\") { ...f } a { b } } fragment f on T { fields { type { fields { name } } } }",
            2,
            4,
            2,
        ),
        (
            "{ ...s } fragment s on Q { __schema { types { fields { type { fields { name } } } } } }",
            1,
            5,
            3,
        ),
    ] {
        let size = size_of(query);
        assert_eq!(size.records.fields, depth, "{query}");
        assert_eq!(size.schema, Depth { fields: schema, lists }, "{query}");
    }
}

/// A document of many fragments, each of which spreads some of those after it, of whatever shape chance gives it.
fn by_chance(seed: u64, fragments: usize) -> String {
    let mut state = seed;
    let mut below = move |n: u64| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % n
    };
    let mut query = String::new();
    for n in 0..fragments {
        let head = if n == 0 { "query".to_owned() } else { format!("fragment f{n} on Q") };
        write!(query, "{head} {{ a ").unwrap();
        for _ in 0..1 + below(4) {
            match below(5) {
                0 => write!(query, "x: b @m ").unwrap(),
                1 => write!(query, "c {{ d @m @n y: e {{ f }} }} ").unwrap(),
                2 => write!(query, "... @m {{ g z: h }} ").unwrap(),
                _ if n + 1 < fragments => {
                    let after = (fragments - n - 1) as u64;
                    write!(query, "...f{} ", n as u64 + 1 + below(after.min(3))).unwrap();
                }
                _ => {}
            }
        }
        query.push_str("} ");
    }
    query
}

/// A selection of the document as it would stand there without fragments.
struct Opened {
    is_aliased: bool,
    directives: u64,
    fields_around: u64,
    sets_around: u64,
}

/// Opens each fragment where it is spread.
fn open(
    document: &ExecutableDocument,
    set: &SelectionSet,
    around: (u64, u64),
    out: &mut Vec<Opened>,
) {
    let (fields_around, sets_around) = (around.0, around.1 + 1);
    for selection in &set.items {
        let directives = selection.node.directives().len() as u64;
        let (is_aliased, is_field, below) = match &selection.node {
            Selection::Field(it) => (it.node.alias.is_some(), true, &it.node.selection_set.node),
            Selection::InlineFragment(it) => (false, false, &it.node.selection_set.node),
            Selection::FragmentSpread(it) => {
                let fragment = &document.fragments[&it.node.fragment_name.node];
                (false, false, &fragment.node.selection_set.node)
            }
        };
        let fields_around = fields_around + u64::from(is_field);
        out.push(Opened { is_aliased, directives, fields_around, sets_around });
        open(document, below, (fields_around, sets_around), out);
    }
}

#[test]
fn the_count_is_that_of_a_naive_expansion() {
    let mut greatest = 0;
    for seed in 0..400 {
        let document = parse_query(by_chance(seed, 2 + (seed % 9) as usize)).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();

        let counted = size(&document).map_err(|it| it.errors).unwrap();

        let mut opened = Vec::new();
        open(&document, &operation.node.selection_set.node, (0, 0), &mut opened);
        let selections = opened.len() as u64;
        greatest = greatest.max(selections);
        // Fragments that nobody spreads can be larger.
        assert!(counted.selections >= selections, "{seed}");
        assert!(counted.levels >= opened.iter().map(|it| it.sets_around).max().unwrap(), "{seed}");
        assert_eq!(counted.aliases, opened.iter().filter(|it| it.is_aliased).count() as u64);
        assert_eq!(counted.directives, opened.iter().map(|it| it.directives).sum::<u64>());
        assert_eq!(counted.records.fields, opened.iter().map(|it| it.fields_around).max().unwrap());
        let spread = Measure { document: &document, inside: 0, fragments: HashMap::new() }
            .set(&operation.node.selection_set.node)
            .map_err(|it| it.errors)
            .unwrap();
        assert_eq!(spread.selections, selections, "{seed}");
    }
    assert!(greatest > 100, "{greatest}");
}

#[test]
fn a_chain_of_fragments_is_refused_whatever_its_length() {
    for length in [40, 50_000] {
        let mut query = "{ ...f0 ".to_owned();
        for n in 0..length {
            write!(query, "}} fragment f{n} on Q {{ ...f{} ", n + 1).unwrap();
        }
        write!(query, "}} fragment f{length} on Q {{ a }}").unwrap();

        let refusal = size(&parse_query(query).unwrap()).unwrap_err();

        assert_eq!(refusal.code, Code::DocumentTooComplex);
    }
}

#[test]
fn numbers_that_would_be_too_great_stay_at_their_greatest() {
    let mut query = "{ ...f0 ".to_owned();
    let many = |n: usize| format!("...f{n} ").repeat(10);
    for n in 0..25 {
        write!(query, "}} fragment f{n} on Q {{ x: a @m {} ", many(n + 1)).unwrap();
    }
    query.push_str("} fragment f25 on Q { a }");

    let size = size_of(&query);

    assert_eq!([size.selections, size.aliases, size.directives, size.fields], [u64::MAX; 4]);
}
