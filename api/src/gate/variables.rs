//! Variables against the types that an operation declares for them (`CoerceVariableValues` of the specification).
use async_graphql::{Positioned, ServerError, Variables, parser::types::VariableDefinition};

use super::{
    MISTAKES_MAX, Refusal,
    check::{Check, Source},
    types::Types,
};
use crate::error::Code;

impl Types {
    /// The variables that an operation declares, with their defaults; others are left out. Types that the schema does not
    /// have are the engine's to refuse.
    pub(super) fn coerce(
        &self,
        definitions: &[Positioned<VariableDefinition>],
        mut given: Variables,
        advises: bool,
    ) -> Result<Variables, Refusal> {
        let mut coerced = Variables::default();
        let mut mistakes = Vec::new();
        for definition in definitions {
            if mistakes.len() >= MISTAKES_MAX {
                break;
            }
            let VariableDefinition { name, var_type, default_value, .. } = &definition.node;
            let (name, ty) = (&name.node, &var_type.node);
            let default = default_value.as_ref().map(|value| value.node.clone());
            let mut check =
                Check::new(self, Source::Variable, advises, format!("variable `${name}`"));
            match given.remove(name) {
                Some(value) => {
                    check.value(&value, ty);
                    coerced.insert(name.clone(), value);
                }
                None => match default {
                    Some(value) => {
                        coerced.insert(name.clone(), value);
                    }
                    None if ty.nullable => {}
                    None => check.missing(ty),
                },
            }
            let found = check.mistakes.into_iter();
            mistakes.extend(found.map(|it| ServerError::new(it, Some(definition.pos))));
        }
        match mistakes.is_empty() {
            true => Ok(coerced),
            false => Err(Refusal::of(Code::VariablesInvalid, mistakes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::{parse_query, types::DocumentOperations};
    use serde_json::json;

    use super::{
        super::tests::{SDL, gate},
        *,
    };

    fn coerce(declared: &str, given: serde_json::Value) -> Result<serde_json::Value, Vec<String>> {
        let document = parse_query(format!("query ({declared}) {{ ok }}")).unwrap();
        let DocumentOperations::Single(operation) = document.operations else { unreachable!() };
        let given = serde_json::from_value(given).unwrap();
        match gate(SDL).types.coerce(&operation.node.variable_definitions, given, true) {
            Ok(variables) => Ok(serde_json::to_value(variables).unwrap()),
            Err(refusal) => {
                assert_eq!(refusal.code, Code::VariablesInvalid);
                let mut messages: Vec<_> =
                    refusal.errors.into_iter().map(|it| it.message).collect();
                messages.sort();
                Err(messages)
            }
        }
    }

    #[test]
    fn values_that_fit_pass() {
        for (ty, value) in [
            ("Int", json!(-2147483648)),
            ("Int", json!(null)),
            ("Float!", json!(1)),
            ("Float!", json!(1e300)),
            ("String!", json!("\0 Hà Nội \u{10ffff}")),
            ("ID!", json!("city_1")),
            ("ID!", json!(18446744073709551615_u64)),
            ("Boolean!", json!(false)),
            ("Kind!", json!("CITY")),
            ("Lang!", json!("vi")),
            ("[Int!]!", json!([1, 2])),
            ("[Int!]!", json!(3)),
            ("[[Int]]", json!([[1, null], null, 4])),
            ("By!", json!({"slug": "ha-noi"})),
            ("Filter!", json!({"scheme": "S", "and": [{"scheme": "S", "not": {"scheme": "T"}}]})),
            ("Filter!", json!({"scheme": "S", "kind": "TOWN", "page": 1})),
            ("Unknown!", json!(1)),
        ] {
            let result = coerce(&format!("$v: {ty}"), json!({ "v": value }));
            assert_eq!(result, Ok(json!({ "v": value })), "{ty}");
        }
    }

    #[test]
    fn values_that_do_not_fit_are_told_with_their_place() {
        for (ty, value, message) in [
            ("Int", json!("1"), "variable `$v`: expected Int, not this text"),
            ("Int", json!(2147483648_i64), "variable `$v`: expected Int, not this number"),
            ("Int", json!(1.5), "variable `$v`: expected Int, not this number"),
            ("Int!", json!(null), "variable `$v`: expected Int!, not null"),
            ("Float", json!(true), "variable `$v`: expected Float, not a boolean"),
            ("String", json!(1), "variable `$v`: expected String, not this number"),
            ("String", json!([["a"]]), "variable `$v`: expected String, not a list"),
            ("ID", json!(1.5), "variable `$v`: expected ID, not this number"),
            ("Boolean", json!("true"), "variable `$v`: expected Boolean, not this text"),
            (
                "Kind",
                json!("VILLAGE"),
                "variable `$v`: expected Kind, one of TOWN, CITY, not this text",
            ),
            ("[Int!]", json!([1, null]), "variable `$v`[1]: expected Int!, not null"),
            ("[Int]", json!([[1]]), "variable `$v`[0]: expected Int, not a list"),
            ("By", json!({}), "variable `$v`: By takes exactly one of id, slug, which is not null"),
            (
                "By",
                json!({"id": null}),
                "variable `$v`: By takes exactly one of id, slug, which is not null",
            ),
            (
                "By",
                json!({"id": "a", "slug": "b"}),
                "variable `$v`: By takes exactly one of id, slug, which is not null",
            ),
            ("Filter", json!({"scheme": "S", "a": 1}), "variable `$v`.a: Filter has no such field"),
            ("Lang", json!(1), "variable `$v`: expected Lang, which is a string, not this number"),
            (
                "Filter",
                json!("x"),
                "variable `$v`: expected Filter, which is an object, not this text",
            ),
            ("Filter", json!({}), "variable `$v`.scheme: a value of type String! is missing"),
            (
                "Filter",
                json!({"scheme": "S", "page": null}),
                "variable `$v`.page: expected Int!, not null",
            ),
            (
                "Filter",
                json!({"scheme": "S", "and": [{"scheme": "S", "not": {"scheme": 1}}]}),
                "variable `$v`.and[0].not.scheme: expected String, not this number",
            ),
        ] {
            let result = coerce(&format!("$v: {ty}"), json!({ "v": value }));
            assert_eq!(result, Err(vec![message.to_owned()]), "{ty}");
        }
    }

    #[test]
    fn absent_values_get_their_defaults() {
        let declared = "$a: Int = 3, $b: Int, $c: Boolean! = true, $d: Int! = 1";

        assert_eq!(coerce(declared, json!({"z": 1})), Ok(json!({"a": 3, "c": true, "d": 1})));
        assert_eq!(
            coerce(declared, json!({"a": null, "c": false})),
            Ok(json!({"a": null, "c": false, "d": 1}))
        );
        assert_eq!(
            coerce("$a: Int!", json!({})),
            Err(vec!["variable `$a`: a value of type Int! is missing".to_owned()])
        );
    }

    #[test]
    fn all_mistakes_are_told_but_not_without_end() {
        let result = coerce("$a: Int!, $b: Int!", json!({"a": "", "b": ""}));
        assert_eq!(result.unwrap_err().len(), 2);

        let many = vec![json!("x"); 10_000];
        let result = coerce("$a: [Int]", json!({ "a": many }));
        assert_eq!(result.unwrap_err().len(), 20);
    }

    #[test]
    fn long_names_are_cut() {
        let result = coerce("$a: By", json!({ "a": { "x".repeat(1_000_000): 1, "id": "b" } }));

        assert!(result.unwrap_err().iter().all(|message| message.len() < 200));
    }
}
