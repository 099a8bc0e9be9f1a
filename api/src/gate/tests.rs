use std::fmt::Write as _;

use super::*;
use crate::record::price::Prices;

pub(super) const SDL: &str = "
    type Query { ok: Boolean  one(by: By!): One  many(first: Int, filter: Filter): Many! }
    type One { id: ID!  one: One  many: Many! }
    type Many { nodes: [One!]! }
    enum Kind { TOWN CITY }
    scalar Lang
    input By @oneOf { id: ID  slug: String }
    input Filter {
        and: [Filter!]  not: Filter  kind: [Kind!]  count: Int  area: Float  is: Boolean
        lang: Lang  name: String  scheme: String!  page: Int! = 3
    }";

/// A gate of a schema in which nothing costs anything.
pub(super) fn gate(sdl: &str) -> Gate {
    let types = Types::new(sdl, &Prices::default()).unwrap();
    Gate::new(Arc::new(types), Rules::default())
}

fn admit(query: &str, name: Option<&str>) -> Result<Operation, Refusal> {
    let name = name.map(str::to_owned);
    let asked = Asked { query: Some(query.to_owned()), operation_name: name, ..Asked::default() };
    gate(SDL).admit(asked)
}

fn refused(query: &str) -> (Code, String) {
    let refusal = admit(query, None).map(drop).unwrap_err();
    (refusal.code, refusal.errors[0].message.clone())
}

fn limit_of(refusal: &Refusal) -> (Code, Option<String>) {
    let limit = refusal.errors[0].extensions.as_ref().and_then(|it| it.get("limit"));
    let limit = limit.and_then(|limit| match limit {
        Value::String(limit) => Some(limit.clone()),
        _ => None,
    });
    (refusal.code, limit)
}

#[test]
fn each_limit_is_named_by_its_refusal() {
    let with = |rules: Rules, query: &str| {
        let types = Types::new(SDL, &Prices::default()).unwrap();
        let operation_name = query.contains("query A").then(|| "A".to_owned());
        let asked = Asked { query: Some(query.to_owned()), operation_name, ..Asked::default() };
        let refusal = Gate::new(Arc::new(types), rules).admit(asked).map(drop);
        refusal.map_err(|refusal| limit_of(&refusal))
    };
    let limits = Limits {
        characters: 200,
        tokens: 60,
        operations: 2,
        selections: 12,
        depth: 3,
        introspection_depth: 4,
        aliases: 2,
        root_fields: 5,
        directives: 2,
        cost: 10_000,
    };
    let (large, complex) = (Code::DocumentTooLarge, Code::DocumentTooComplex);
    for (limit, code, fits, too_much) in [
        (
            "characters",
            large,
            format!("{{ ok }}{}", "#".repeat(194)),
            format!("{{ ok }}{}", "#".repeat(195)),
        ),
        (
            "tokens",
            large,
            format!("{{ ok(a: [{}]) }}", "1 ".repeat(51)),
            format!("{{ ok(a: [{}]) }}", "1 ".repeat(53)),
        ),
        (
            "operations",
            complex,
            "query A { ok } query B { ok }".into(),
            "query A { ok } query B { ok } query C { ok }".into(),
        ),
        (
            "selections",
            complex,
            "{ many { nodes { id id id id id id id id id id } } }".into(),
            "{ many { nodes { id id id id id id id id id id id } } }".into(),
        ),
        (
            "depth",
            complex,
            "{ many { nodes { id } } }".into(),
            "{ many { nodes { one { id } } } }".into(),
        ),
        (
            "introspectionDepth",
            complex,
            "{ __schema { a { b { c { d } } } } }".into(),
            "{ __schema { a { b { c { d { e } } } } } }".into(),
        ),
        (
            "introspectionLists",
            complex,
            "{ __schema { types { fields { name } } } }".into(),
            "{ __type { fields { type { fields { type { fields { name } } } } } } }".into(),
        ),
        ("aliases", complex, "{ a: ok b: ok }".into(), "{ a: ok b: ok c: ok }".into()),
        ("rootFields", complex, "{ ok ok ok ok ok }".into(), "{ ok ok ok ok ok ok }".into()),
        ("directives", complex, "{ ok @a @a }".into(), "{ ok @a @a @a }".into()),
    ] {
        let mut limits = limits.clone();
        if limit == "introspectionLists" {
            limits.introspection_depth = 20;
        }
        let rules = Rules { limits, ..Rules::default() };
        assert!(
            with(rules.clone(), &fits).is_ok(),
            "{limit}: {:?}",
            with(rules.clone(), &fits).err()
        );
        let refusal = with(rules, &too_much).expect_err(limit);
        assert_eq!(refusal, (code, Some(limit.to_owned())), "{limit}");
    }
}

#[test]
fn the_operation_is_the_one_that_is_named() {
    let two = "query A { ok } mutation B { ok }";

    assert_eq!(admit(two, Some("A")).unwrap().ty, OperationType::Query);
    assert_eq!(admit(two, Some("B")).unwrap().ty, OperationType::Mutation);
    for (query, name) in [
        (two, None),
        (two, Some("C")),
        (two, Some("")),
        ("{ ok }", Some("A")),
        ("query A { ok }", Some("B")),
    ] {
        let refusal = admit(query, name).map(drop).unwrap_err();
        assert_eq!(refusal.code, Code::OperationUnknown, "{query} {name:?}");
    }
    for (query, name) in [("{ ok }", None), ("{ ok }", Some("")), ("query A { ok }", None)] {
        assert!(admit(query, name).is_ok(), "{query} {name:?}");
    }
}

#[test]
fn a_syntax_error_is_one_line_with_its_place() {
    let refusal = admit("{\n  ok(", None).map(drop).unwrap_err();

    let error = &refusal.errors[0];
    assert_eq!(refusal.code, Code::SyntaxInvalid);
    assert!(error.message.starts_with("syntax error: expected "), "{}", error.message);
    assert!(!error.message.contains('\n'));
    assert_eq!((error.locations[0].line, error.locations[0].column), (2, 6));
}

#[test]
fn syntax_errors_do_not_repeat_the_document() {
    let long = "x".repeat(10_000);
    for query in ["", "}", "query", "fragment A on Query { ok }", &format!("{{ ok }} {long}")] {
        let (code, message) = refused(query);
        assert_eq!(code, Code::SyntaxInvalid, "{query}");
        assert!(message.len() < 200 && !message.contains('\n'), "{message}");
    }
}

#[test]
fn long_documents_are_refused() {
    let fill = "#".repeat(Limits::default().characters - "{ ok }\n".len());

    assert!(admit(&format!("{{ ok }}\n{fill}"), None).is_ok());
    assert_eq!(refused(&format!("{{ ok }}\n{fill}#")).0, Code::DocumentTooLarge);
    // Characters count, not bytes.
    assert!(admit(&format!("{{ ok }}\n#{}", "ộ".repeat(fill.len() - 1)), None).is_ok());
}

#[test]
fn deep_documents_are_refused_before_they_are_parsed() {
    for (open, close) in [("[", "]"), ("{a:", "}")] {
        let value = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));

        assert!(admit(&format!("{{ a(x: {}) {{ b }} }}", value(NESTING_MAX - 2)), None).is_ok());
        let query = format!("{{ a(x: {}) {{ b }} }}", value(NESTING_MAX - 1));
        let refusal = admit(&query, None).map(drop).unwrap_err();
        assert_eq!(limit_of(&refusal), (Code::DocumentTooComplex, Some("nesting".to_owned())));
    }
    assert_eq!(refused(&"{a".repeat(900)).0, Code::DocumentTooComplex);
}

#[test]
fn fragments_that_open_to_much_are_refused_at_once() {
    let mut query = "{ ...f0 }".to_owned();
    for n in 0..120 {
        write!(query, " fragment f{n} on Query {{ ...f{0} ...f{0} }}", n + 1).unwrap();
    }
    query.push_str(" fragment f120 on Query { ok }");

    assert_eq!(refused(&query).0, Code::DocumentTooComplex);
}

#[test]
fn fragments_that_hold_themselves_are_refused() {
    for query in [
        "{ ...a } fragment a on Query { ok ...a }",
        "{ ...a } fragment a on Query { ...b ...b } fragment b on Query { ok { ...a } }",
        "{ ok } fragment a on Query { ... { ...a } }",
    ] {
        assert_eq!(refused(query).0, Code::DocumentInvalid, "{query}");
    }
}
