//! Variables against the types that an operation declares for them (`CoerceVariableValues` of the specification).
use async_graphql::{
    Name, Positioned, ServerError, Value, Variables,
    parser::types::{BaseType, Type, VariableDefinition},
};

use super::{
    Refusal,
    types::{Input, Types},
};
use crate::error::Code;

impl Types {
    /// The variables that an operation declares, with their defaults; others are left out. Types that the schema does not
    /// have are the engine's to refuse.
    pub(super) fn coerce(
        &self,
        definitions: &[Positioned<VariableDefinition>],
        mut given: Variables,
    ) -> Result<Variables, Refusal> {
        let mut coerced = Variables::default();
        let mut mistakes = Vec::new();
        for definition in definitions {
            let VariableDefinition { name, var_type, default_value, .. } = &definition.node;
            let (name, ty) = (&name.node, &var_type.node);
            let default = default_value.as_ref().map(|value| value.node.clone());
            let mut check =
                Check { types: self, place: format!("variable `${name}`"), mistakes: Vec::new() };
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
                    None => check.mistake(format!("a value of type {ty} is missing")),
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

/// One variable on its way down into its value.
struct Check<'t> {
    types: &'t Types,
    /// The variable, and where in its value we are.
    place: String,
    mistakes: Vec<String>,
}

impl Check<'_> {
    fn mistake(&mut self, what: String) {
        self.mistakes.push(format!("{}: {what}", self.place));
    }

    fn below(&mut self, step: &str, check: impl FnOnce(&mut Self)) {
        let length = self.place.len();
        // Names of unknown fields are the client's and may be long.
        self.place.extend(step.chars().take(100));
        check(self);
        self.place.truncate(length);
    }

    fn value(&mut self, value: &Value, ty: &Type) {
        match (value, &ty.base) {
            (Value::Null, _) if ty.nullable => {}
            (Value::Null, _) => self.mistake(format!("expected {ty}, not null")),
            (Value::List(items), BaseType::List(ty)) => {
                for (n, item) in items.iter().enumerate() {
                    self.below(&format!("[{n}]"), |check| check.value(item, ty));
                }
            }
            // A value alone is a list of one.
            (value, BaseType::List(ty)) => self.value(value, ty),
            (value, BaseType::Named(name)) => {
                if let Some(input) = self.types.input(name) {
                    self.named(value, name, input);
                }
            }
        }
    }

    fn named(&mut self, value: &Value, name: &Name, input: &Input) {
        let fits = match (input, value) {
            (Input::Int, Value::Number(number)) => {
                number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
            }
            (Input::Float, Value::Number(_)) => true,
            (Input::String | Input::Id, Value::String(_)) => true,
            (Input::Id, Value::Number(number)) => number.is_i64() || number.is_u64(),
            (Input::Boolean, Value::Boolean(_)) => true,
            (Input::Scalar, Value::String(_)) => true,
            (Input::Enum(values), Value::String(value)) => values.contains(value.as_str()),
            (Input::Object { fields, one_of }, Value::Object(given)) => {
                for (key, value) in given {
                    match fields.get(key) {
                        Some(field) => {
                            self.below(&format!(".{key}"), |check| check.value(value, &field.ty));
                        }
                        None => self.below(&format!(".{key}"), |check| {
                            check.mistake(format!("{name} has no such field"));
                        }),
                    }
                }
                for (key, field) in fields {
                    let is_needed = !field.ty.nullable && !field.has_default;
                    if is_needed && !given.contains_key(key) {
                        self.below(&format!(".{key}"), |check| {
                            check.mistake(format!("a value of type {} is missing", field.ty));
                        });
                    }
                }
                if *one_of && (given.len() != 1 || given.values().any(|it| *it == Value::Null)) {
                    self.mistake(format!("{name} takes exactly one field, which is not null"));
                }
                true
            }
            _ => false,
        };
        if !fits {
            self.mistake(format!("expected {name}, not {}", kind(value)));
        }
    }
}

/// What a value is, without the value: that may be long, and nobody's business in a log.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Number(_) => "this number",
        Value::String(_) | Value::Enum(_) | Value::Binary(_) => "this text",
        Value::Boolean(_) => "a boolean",
        Value::List(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::{parse_query, types::DocumentOperations};
    use serde_json::json;

    use super::{super::tests::SDL, *};

    fn coerce(declared: &str, given: serde_json::Value) -> Result<serde_json::Value, Vec<String>> {
        let document = parse_query(format!("query ({declared}) {{ ok }}")).unwrap();
        let DocumentOperations::Single(operation) = document.operations else { unreachable!() };
        let given = serde_json::from_value(given).unwrap();
        match Types::new(SDL).unwrap().coerce(&operation.node.variable_definitions, given) {
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
            ("Lang", json!(["vi"]), "variable `$v`: expected Lang, not a list"),
            ("Kind", json!("VILLAGE"), "variable `$v`: expected Kind, not this text"),
            ("[Int!]", json!([1, null]), "variable `$v`[1]: expected Int!, not null"),
            ("[Int]", json!([[1]]), "variable `$v`[0]: expected Int, not a list"),
            ("By", json!({}), "variable `$v`: By takes exactly one field, which is not null"),
            (
                "By",
                json!({"id": null}),
                "variable `$v`: By takes exactly one field, which is not null",
            ),
            (
                "By",
                json!({"id": "a", "slug": "b"}),
                "variable `$v`: By takes exactly one field, which is not null",
            ),
            ("Filter", json!({"scheme": "S", "a": 1}), "variable `$v`.a: Filter has no such field"),
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
