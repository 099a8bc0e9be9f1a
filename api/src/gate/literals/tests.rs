use std::fmt::Write as _;

use async_graphql::{Variables, parser::parse_query};
use serde_json::{Value as Json, json};

use super::{
    super::{
        Asked, Gate,
        tests::{SDL, gate as gate_of},
    },
    *,
};

/// Types of values, each that of `v` of a field.
const TYPES: [&str; 12] = [
    "Int",
    "Float!",
    "String",
    "ID!",
    "Boolean",
    "Kind!",
    "Lang",
    "By!",
    "Filter",
    "[Int!]!",
    "[[Kind]!]",
    "[Filter!]",
];

fn gate() -> Gate {
    let mut fields = "type Query {".to_owned();
    for (n, ty) in TYPES.iter().enumerate() {
        write!(fields, " t{n}(v: {ty}): One ").unwrap();
    }
    let directive = "directive @include(if: Boolean!) on FIELD";
    gate_of(&(SDL.replacen("type Query {", &fields, 1) + directive))
}

/// The messages of a refusal, as far as they name no place.
fn refused(gate: &Gate, query: String, variables: Variables) -> Option<(Code, Vec<String>)> {
    let refusal = gate.admit(Asked { query: Some(query), variables, ..Asked::default() }).err()?;
    Some((refusal.code, refusal.errors.into_iter().map(|it| it.message).collect()))
}

fn messages(query: &str) -> Vec<String> {
    let document = parse_query(query).unwrap();
    let Err(refusal) = gate().types.check_literals(&document, true) else { return Vec::new() };
    assert_eq!(refusal.code, Code::DocumentInvalid);
    refusal.errors.into_iter().map(|it| it.message).collect()
}

#[test]
fn values_that_fit_pass() {
    for query in [
        "{ one(by: {id: 1}) { id } }",
        "query ($s: String!, $f: Filter!) { one(by: {slug: $s}) { id } many(filter: {and: [$f], scheme: $s}) { nodes { id } } }",
        "{ many(first: null, filter: null) { nodes { id } } }",
        "{ many(filter: {scheme: \"a\", kind: TOWN, not: {scheme: \"b\", kind: [TOWN, CITY]}}) { nodes { id } } }",
        "query ($p: Int, $s: String = \"\", $k: [Kind!]!) { many(filter: {scheme: $s, page: $p, kind: $k}) { nodes { id } } }",
        "query ($n: Int = 1, $f: Filter = {scheme: \"a\"}) { many(first: $n, filter: $f) { nodes { id } } }",
        "{ one(by: {id: 1}) @include(if: true) { id } }",
        // The engine's to refuse.
        "{ none(v: {}) { none(v: []) } one(none: 1) { id } ... on None { none(v: 1) } ok @none(if: 1) }",
    ] {
        assert_eq!(messages(query), [""; 0], "{query}");
    }
}

#[test]
fn values_that_do_not_fit_are_told_with_their_place() {
    for (query, message) in [
        (
            "{ one(by: \"ha-noi\") { id } }",
            "argument `one(by:)`: expected By, which is an object, not this text",
        ),
        (
            "{ one(by: {}) { id } }",
            "argument `one(by:)`: By takes exactly one of id, slug, which is not null",
        ),
        (
            "query ($a: ID!) { one(by: {id: $a, slug: \"b\"}) { id } }",
            "argument `one(by:)`: By takes exactly one of id, slug, which is not null",
        ),
        (
            "{ a: many(filter: [{}]) { nodes { id } } }",
            "argument `many(filter:)`: expected Filter, which is an object, not a list",
        ),
        (
            "{ one(by: {id: 1}) { many(filter: {scheme: \"a\", kind: \"TOWN\"}) { nodes { id } } } }",
            "", // `One.many` takes no arguments, the engine says so.
        ),
        (
            "{ many(filter: {scheme: \"a\", kind: \"TOWN\"}) { nodes { id } } }",
            "argument `many(filter:)`.kind: expected Kind, not this text: write TOWN without quotes",
        ),
        (
            "{ many(filter: {scheme: \"a\", kind: [TOWN, VILLAGE]}) { nodes { id } } }",
            "argument `many(filter:)`.kind[1]: expected Kind, one of TOWN, CITY, not this word",
        ),
        (
            "{ many(filter: {scheme: \"a\", kind: TOWNS}) { nodes { id } } }",
            "argument `many(filter:)`.kind: expected Kind, one of TOWN, CITY, not this word; did you mean TOWN?",
        ),
        (
            "{ many(filter: {scheme: \"a\", not: true}) { nodes { id } } }",
            "argument `many(filter:)`.not: expected Filter, which is an object, not a boolean",
        ),
        (
            "query ($x: Int) { many(filter: {scheme: \"a\", not: {and: [{coun: $x, scheme: null}]}}) { nodes { id } } }",
            "argument `many(filter:)`.not.and[0].coun: Filter has no such field; did you mean `count`?",
        ),
        (
            "{ many(filter: {}) { nodes { id } } }",
            "argument `many(filter:)`.scheme: a value of type String! is missing",
        ),
        (
            "{ many(filter: {scheme: a}) { nodes { id } } }",
            "argument `many(filter:)`.scheme: expected String, not this word: write it in quotes",
        ),
        (
            "{ many(filter: {scheme: \"a\", lang: 1}) { nodes { id } } }",
            "argument `many(filter:)`.lang: expected Lang, which is a string, not this number",
        ),
        (
            "{ ...F } fragment F on Query { ... { many(first: \"1\") { nodes { id } } } }",
            "argument `many(first:)`: expected Int, not this text",
        ),
        (
            "query ($f: Filter = 1) { many(filter: $f) { nodes { id } } }",
            "default of variable `$f`: expected Filter, which is an object, not this number",
        ),
        (
            "{ ok @include(if: \"no\") }",
            "argument `@include(if:)`: expected Boolean, not this text",
        ),
    ] {
        let found = messages(query);
        assert_eq!(found.first().map_or("", String::as_str), message, "{query}");
    }
}

#[test]
fn variables_fit_by_their_types() {
    let many = "{ many(first: $v, filter: {scheme: \"a\"}) { nodes { id } } }";
    let filter = |field: &str| {
        format!("{{ many(filter: {{scheme: \"a\", and: [{{scheme: \"b\", {field}}}]}}) {{ ok }} }}")
    };
    for (declared, of, taken) in [
        ("Int", many.to_owned(), None),
        ("Int!", many.to_owned(), None),
        ("Float", many.to_owned(), Some("Int")),
        ("[Int]", many.to_owned(), Some("Int")),
        ("Int", filter("name: $v"), Some("String")),
        ("String", filter("scheme: $v"), Some("String!")),
        ("String = \"\"", filter("scheme: $v"), None),
        // The field has a default.
        ("Int", filter("page: $v"), None),
        ("Kind!", filter("kind: $v"), Some("[Kind!]")),
        ("Kind!", filter("kind: [$v]"), None),
        ("Kind", filter("kind: [$v]"), Some("Kind!")),
        ("[Kind!]!", filter("kind: $v"), None),
        ("[Kind]", filter("kind: $v"), Some("[Kind!]")),
        ("[Filter!]", filter("not: $v"), Some("Filter")),
        ("Boolean", "{ ok @include(if: $v) }".to_owned(), Some("Boolean!")),
        ("String!", "{ one(by: {slug: $v}) { id } }".to_owned(), None),
        ("String!", "{ ...A ...A } fragment A on Query { ...B } fragment B on Query { many(first: $v) { nodes { id } } }".to_owned(), Some("Int")),
    ] {
        let messages = messages(&format!("query ($v: {declared}) {of}"));

        let told = messages.first().map(|it| it.split_once("is of type ").unwrap().1.to_owned());
        let declared = declared.split(' ').next().unwrap();
        let expected = taken.map(|taken| format!("{declared}, {taken} is taken there"));
        assert_eq!(told, expected, "{declared} {of}");
        assert!(messages.len() < 2, "{messages:?}");
    }
    let message = "argument `one(by:)`.slug: variable `$v` is of type String, cannot be null there";
    assert_eq!(messages("query ($v: String) { one(by: {slug: $v}) { id } }"), [message]);
    // Each operation has its own variables.
    let two = "query A($v: Int) { ...F } query B($v: ID) { ...F } fragment F on Query { many(first: $v) { nodes { id } } }";
    let message = "argument `many(first:)`: variable `$v` is of type ID, Int is taken there";
    assert_eq!(messages(two), [message]);
}

#[test]
fn a_mistake_is_where_its_argument_is() {
    let query = "{\n  ok\n  many(first: 1,\n    filter: true) { nodes { id } }\n}".to_owned();

    let asked = Asked { query: Some(query), ..Asked::default() };
    let refusal = gate().admit(asked).map(drop).unwrap_err();

    let place = refusal.errors[0].locations[0];
    assert_eq!((place.line, place.column), (4, 5));
}

#[test]
fn mistakes_are_told_but_not_without_end() {
    let many = "{by: 1}, ".repeat(1_000);
    let query =
        format!("{{ many(filter: {{scheme: \"a\", and: [{many}]}}) {{ nodes {{ id }} }} }}");
    assert_eq!(messages(&query).len(), MISTAKES_MAX);

    let query = format!("{{ many(filter: {{{}: 1}}) {{ nodes {{ id }} }} }}", "x".repeat(10_000));
    assert!(messages(&query).iter().all(|message| message.len() < 300));
}

/// What is refused as a literal is refused as a variable, in the same words, and the other way round.
#[test]
fn literals_and_variables_are_taken_alike() {
    let gate = gate();
    let mut chance = Chance(0x5eed);
    let mut counts = [0; 2];
    for _ in 0..10_000 {
        let n = chance.below(TYPES.len());
        let value = chance.value(TYPES[n], 0);
        let literal = literal(&gate.types, &value, TYPES[n]);

        let query = format!("{{ t{n}(v: {literal}) {{ id }} }}");
        let as_literal = refused(&gate, query, Variables::default());
        let query = format!("query ($v: {}) {{ t{n}(v: $v) {{ id }} }}", TYPES[n]);
        let variables = serde_json::from_value(json!({ "v": value })).unwrap();
        let as_variable = refused(&gate, query, variables);

        let is_refused = as_literal.is_some();
        counts[usize::from(is_refused)] += 1;
        let words = |refused: Option<(Code, Vec<String>)>, place: &str| {
            let messages = refused.into_iter().flat_map(|(_, messages)| messages);
            let mut messages: Vec<String> = messages
                .map(|it| it.replace(place, "").replace("this word", "this text"))
                .collect();
            messages.sort();
            messages
        };
        let as_literal = words(as_literal, &format!("argument `t{n}(v:)`"));
        let as_variable = words(as_variable, "variable `$v`");
        assert_eq!(as_literal, as_variable, "{literal} for {}", TYPES[n]);
        assert_eq!(is_refused, !as_variable.is_empty());
    }
    assert!(counts.iter().all(|count| *count > 1_000), "{counts:?}");
}

/// A JSON value as it is written in a document, where a type tells enum values from strings.
fn literal(types: &Types, value: &Json, ty: &str) -> String {
    use super::super::types::Input;
    let ty = ty.strip_suffix('!').unwrap_or(ty);
    let item = ty.strip_prefix('[').and_then(|ty| ty.strip_suffix(']'));
    let input = types.input(&Name::new(item.map_or(ty, |item| item.trim_matches(['[', ']', '!']))));
    match value {
        Json::Array(items) => {
            let items = items.iter().map(|it| literal(types, it, item.unwrap_or("Unknown")));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        Json::Object(given) => {
            let fields = given.iter().map(|(key, value)| {
                let ty = match input {
                    Some(Input::Object { fields, .. }) => fields.get(key.as_str()),
                    _ => None,
                };
                let ty = ty.map_or("Unknown".to_owned(), |place| place.ty.to_string());
                format!("{key}: {}", literal(types, value, &ty))
            });
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Json::String(word) if matches!(input, Some(Input::Enum(_))) => word.clone(),
        other => other.to_string(),
    }
}

struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    /// Mostly of the type.
    fn value(&mut self, ty: &str, depth: usize) -> Json {
        if self.below(8) == 0 {
            return self.anything(depth);
        }
        let ty = ty.strip_suffix('!').unwrap_or(ty);
        if let Some(item) = ty.strip_prefix('[').and_then(|ty| ty.strip_suffix(']')) {
            return (0..self.below(3)).map(|_| self.value(item, depth + 1)).collect();
        }
        let field = |name: &str, value: Json| json!({ name: value });
        match ty {
            "Int" => [json!(1), json!(-7), json!(2_147_483_647)][self.below(3)].clone(),
            "Float" => [json!(1.5), json!(2)][self.below(2)].clone(),
            "ID" => [json!("a"), json!(7)][self.below(2)].clone(),
            "Boolean" => json!(self.below(2) == 0),
            "Kind" => json!(["TOWN", "CITY", "CITYS", "VILLAGE"][self.below(4)]),
            "By" => match self.below(2) {
                0 => field("id", self.value("ID!", depth)),
                _ => field("slug", self.value("String!", depth)),
            },
            "Filter" => {
                let mut filter = field("scheme", self.value("String!", depth));
                for _ in 0..self.below(3) {
                    let (name, ty) = [
                        ("not", "Filter"),
                        ("and", "[Filter!]"),
                        ("kind", "[Kind!]"),
                        ("count", "Int"),
                        ("area", "Float"),
                        ("is", "Boolean"),
                        ("lang", "Lang"),
                        ("page", "Int!"),
                        ("nane", "String"),
                    ][self.below(9)];
                    if depth < 4 {
                        filter[name] = self.value(ty, depth + 1);
                    }
                }
                filter
            }
            _ => json!(["vi", ""][self.below(2)]),
        }
    }

    fn anything(&mut self, depth: usize) -> Json {
        match self.below(if depth < 4 { 10 } else { 8 }) {
            0 => Json::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(5)),
            3 => json!(2_147_483_648_u64),
            4 => json!(u64::MAX),
            5 => json!(1e300),
            6 => json!("x"),
            7 => json!({}),
            8 => (0..self.below(3)).map(|_| self.anything(depth + 1)).collect(),
            _ => json!({ "id": self.anything(depth + 1), "slug": self.anything(depth + 1) }),
        }
    }
}
