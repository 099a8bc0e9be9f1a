//! The fields of an answer: which there are, and in which order.
use std::collections::HashSet;

use async_graphql::{
    Name, Variables,
    parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};

use super::types::Types;
use crate::record::condition::is_taken;

/// A field of the answer's `data`. The engine gives them in the order in which they are done, and leaves out those that
/// failed; the specification wants the order of the document, null for a field that may be null, and else no data at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootField {
    pub key: Name,
    pub is_nullable: bool,
}

/// `CollectFields` of the specification for the root; variables have their defaults.
pub(super) fn fields(
    types: &Types,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Vec<RootField> {
    let mut collect = Collect {
        types,
        document,
        operation,
        variables,
        keys: HashSet::new(),
        spread: HashSet::new(),
        fields: Vec::new(),
    };
    collect.set(&operation.selection_set.node);
    collect.fields
}

struct Collect<'d> {
    types: &'d Types,
    document: &'d ExecutableDocument,
    operation: &'d OperationDefinition,
    variables: &'d Variables,
    keys: HashSet<&'d Name>,
    spread: HashSet<&'d Name>,
    fields: Vec<RootField>,
}

impl<'d> Collect<'d> {
    /// Type conditions are not looked at: all that can be true at a root are.
    fn set(&mut self, set: &'d SelectionSet) {
        for selection in &set.items {
            if !is_taken(selection.node.directives(), self.variables) {
                continue;
            }
            match &selection.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    if self.keys.insert(key) {
                        let name = &field.node.name.node;
                        let is_nullable = self.types.is_root_nullable(self.operation.ty, name);
                        self.fields.push(RootField { key: key.clone(), is_nullable });
                    }
                }
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.spread.insert(name)
                    {
                        self.set(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{
        Asked,
        tests::{SDL, gate},
    };

    fn keys(query: &str, variables: serde_json::Value) -> Vec<(String, bool)> {
        let variables = serde_json::from_value(variables).unwrap();
        let asked = Asked { query: Some(query.to_owned()), variables, ..Asked::default() };
        let operation = gate(SDL).admit(asked).map_err(|it| it.errors).unwrap();
        operation.root.into_iter().map(|it| (it.key.to_string(), it.is_nullable)).collect()
    }

    fn of(expected: &[(&str, bool)]) -> Vec<(String, bool)> {
        expected.iter().map(|(key, nullable)| ((*key).to_owned(), *nullable)).collect()
    }

    #[test]
    fn fields_come_in_the_order_of_the_document_each_once() {
        let query = "{ ...F b: many { nodes { id } } ok a: one(by: {id: 1}) { id } ok ...F }
            fragment F on Query { __typename ... on Query { c: ok b: many { nodes { id } } } }";

        let expected =
            [("__typename", false), ("c", true), ("b", false), ("ok", true), ("a", true)];
        assert_eq!(keys(query, json!({})), of(&expected));
    }

    #[test]
    fn skipped_fields_are_not_there() {
        let query = "query ($yes: Boolean = true, $no: Boolean!) {
            a: ok @include(if: $yes) b: ok @skip(if: $yes) c: ok @include(if: $no) d: ok @skip(if: $no)
            e: ok @skip(if: false) @include(if: false) ... @include(if: $no) { f: ok } ...G @skip(if: true)
        } fragment G on Query { g: ok }";

        assert_eq!(keys(query, json!({"no": false})), of(&[("a", true), ("d", true)]));
        let all_but_a = keys(query, json!({"yes": false, "no": true}));
        assert_eq!(all_but_a, of(&[("b", true), ("c", true), ("f", true)]));
    }
}
