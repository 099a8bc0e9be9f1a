//! What an operation asks: its selections with fragments opened, its arguments with variables put in.
use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet},
};

use super::{batch::Reading, catalog, condition::is_taken};
use crate::{auth::Caller, error::ApiError, value::lang::Lang};

/// The document and the variables of one operation, and the languages that its reader prefers. async-graphql has validated
/// the document: fragments exist and do not turn in circles, fields and arguments are those of the schema.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    /// Default of every `lang` argument, from `Accept-Language`.
    pub langs: &'a [Lang],
    /// Whether stored texts of third parties may be served whole.
    pub serve_full_text: bool,
    /// The current year (UTC).
    pub year: i64,
    /// Who asks.
    pub caller: &'a Caller,
    /// How many records lead to what is planned, itself among them: 1 at the root.
    pub level: usize,
}

/// A response key with the fields that were merged under it; never empty.
pub struct Selected<'a> {
    pub key: &'a str,
    pub fields: Vec<&'a Positioned<Field>>,
}

impl<'a> Selected<'a> {
    pub fn field(&self) -> &'a Positioned<Field> {
        self.fields[0]
    }

    pub fn name(&self) -> &'a str {
        self.field().node.name.node.as_str()
    }

    /// The selections below all merged fields.
    pub fn below(&self) -> Vec<&'a SelectionSet> {
        self.fields.iter().map(|field| &field.node.selection_set.node).collect()
    }
}

impl<'a> Ask<'a> {
    pub fn new(
        fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
        operation: &'a OperationDefinition,
        variables: &'a Variables,
        reading: &'a Reading,
    ) -> Self {
        Ask {
            fragments,
            operation,
            variables,
            langs: &reading.langs,
            serve_full_text: reading.serve_full_text,
            year: reading.year,
            caller: &reading.caller,
            level: 1,
        }
    }

    /// For the records that those of this level lead to.
    #[must_use]
    pub fn below(&self) -> Self {
        self.at(self.level + 1)
    }

    /// For records of this level.
    #[must_use]
    pub fn at(&self, level: usize) -> Self {
        Ask { level, ..*self }
    }

    /// `CollectFields` of the specification for an object of type `on`: fragments opened, equal response keys merged.
    pub fn select(&self, on: &str, sets: &[&'a SelectionSet]) -> Vec<Selected<'a>> {
        let mut out = Vec::with_capacity(8);
        for set in sets {
            self.collect(on, set, &mut out);
        }
        out
    }

    /// The fields of the root, fragments opened.
    pub fn roots(&self) -> Vec<Selected<'a>> {
        self.roots_of("Query")
    }

    /// As [`Ask::roots`], of the root of this type.
    pub fn roots_of(&self, name: &str) -> Vec<Selected<'a>> {
        self.select(name, &[&self.operation.selection_set.node])
    }

    /// All root fields under the response key of one of them.
    pub fn root(&self, field: &'a Positioned<Field>) -> Selected<'a> {
        self.root_of("Query", field)
    }

    /// As [`Ask::root`], of the root of this type.
    pub fn root_of(&self, name: &str, field: &'a Positioned<Field>) -> Selected<'a> {
        let key = field.node.response_key().node.as_str();
        let found = self.roots_of(name).into_iter().find(|it| it.key == key);
        found.unwrap_or(Selected { key, fields: vec![field] })
    }

    fn collect(&self, on: &str, set: &'a SelectionSet, out: &mut Vec<Selected<'a>>) {
        for selection in &set.items {
            let (condition, directives, inner) = match &selection.node {
                Selection::Field(field) => {
                    if is_taken(&field.node.directives, self.variables) {
                        let key = field.node.response_key().node.as_str();
                        match out.iter_mut().find(|selected| selected.key == key) {
                            Some(selected) => selected.fields.push(field),
                            None => out.push(Selected { key, fields: vec![field] }),
                        }
                    }
                    continue;
                }
                Selection::InlineFragment(it) => {
                    let condition =
                        it.node.type_condition.as_ref().map(|it| it.node.on.node.as_str());
                    (condition, &it.node.directives, &it.node.selection_set.node)
                }
                Selection::FragmentSpread(it) => {
                    let Some(fragment) = self.fragments.get(&it.node.fragment_name.node) else {
                        continue;
                    };
                    let condition = Some(fragment.node.type_condition.node.on.node.as_str());
                    (condition, &it.node.directives, &fragment.node.selection_set.node)
                }
            };
            if condition.is_none_or(|it| catalog().is_a(on, it))
                && is_taken(directives, self.variables)
            {
                self.collect(on, inner, out);
            }
        }
    }

    /// An argument; `None` when it was left out, or given as a variable that was.
    pub fn argument(&self, field: &Positioned<Field>, name: &str) -> Option<Value> {
        self.value(&field.node.get_argument(name)?.node)
    }

    /// As [`Ask::argument`], where null says as much as leaving it out.
    pub fn given(&self, field: &Positioned<Field>, name: &str) -> Option<Value> {
        self.argument(field, name).filter(|value| *value != Value::Null)
    }

    /// The languages of a `lang` argument, else the reader's.
    pub fn languages(&self, field: &Positioned<Field>) -> Result<Vec<Lang>, ApiError> {
        match self.given(field, "lang") {
            None => Ok(self.langs.to_vec()),
            Some(value) => items(value)
                .into_iter()
                .map(|it| language(&it).map_err(|e| e.at(field.pos)))
                .collect(),
        }
    }

    fn value(&self, value: &async_graphql_value::Value) -> Option<Value> {
        use async_graphql_value::Value as Given;
        Some(match value {
            Given::Variable(name) => self.variable(name)?,
            Given::List(list) => {
                Value::List(list.iter().map(|it| self.value(it).unwrap_or(Value::Null)).collect())
            }
            Given::Object(map) => Value::Object(
                map.iter().filter_map(|(k, it)| Some((k.clone(), self.value(it)?))).collect(),
            ),
            Given::Null => Value::Null,
            Given::Number(it) => Value::Number(it.clone()),
            Given::String(it) => Value::String(it.clone()),
            Given::Boolean(it) => Value::Boolean(*it),
            Given::Binary(it) => Value::Binary(it.clone()),
            Given::Enum(it) => Value::Enum(it.clone()),
        })
    }

    fn variable(&self, name: &Name) -> Option<Value> {
        self.variables.get(name).cloned().or_else(|| {
            let definition =
                self.operation.variable_definitions.iter().find(|it| it.node.name.node == *name)?;
            definition.node.default_value.as_ref().map(|it| it.node.clone())
        })
    }
}

/// A language tag given as an argument.
pub fn language(value: &Value) -> Result<Lang, ApiError> {
    let Value::String(tag) = value else {
        return Err(ApiError::value("a language tag is a string such as \"vi\""));
    };
    Lang::parse(tag).ok_or_else(|| {
        let shown: String = tag.chars().take(40).collect();
        ApiError::value(format!(
            "`{shown}` is not a language tag; give one of BCP 47, such as \"vi\" or \"zh-Hant\""
        ))
    })
}

/// The items of a list argument; a single value stands for a list of it, as the specification has it.
pub fn items(value: Value) -> Vec<Value> {
    match value {
        Value::List(items) => items,
        one => vec![one],
    }
}

/// The name of an enum value, also when it came in a variable, as a string.
pub fn enum_name(value: &Value) -> Option<&str> {
    match value {
        Value::Enum(name) => Some(name),
        Value::String(name) => Some(name),
        _ => None,
    }
}
