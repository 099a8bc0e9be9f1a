//! How much a document is once its fragments are opened.
use std::collections::HashMap;

use async_graphql::{
    Name, ServerError,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};

use super::{Limits, Refusal};
use crate::error::Code;

/// The most selection sets inside each other, those of fragments too: whoever walks a document calls itself for each.
const LEVELS_MAX: u64 = 32;
/// The most lists inside each other that a question about the schema may ask for: all types with all of their fields.
const LISTS_MAX: u64 = 2;
/// Fields of introspection that lead from a type to many others.
const LISTS: [&str; 5] = ["types", "fields", "inputFields", "interfaces", "possibleTypes"];

/// What a document comes to with its fragments opened. Numbers stay at their greatest where they would be greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub selections: u64,
    pub aliases: u64,
    pub directives: u64,
    /// Fields of the set itself; at the root there is a limit on them.
    pub fields: u64,
    /// Selection sets inside each other, those of fragments too.
    pub levels: u64,
    pub records: Depth,
    /// Below `__schema` and `__type`.
    pub schema: Depth,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Depth {
    /// Fields inside each other.
    pub fields: u64,
    /// Those among them that are lists of introspection.
    pub lists: u64,
}

impl Depth {
    fn greatest(self, other: Depth) -> Depth {
        Depth { fields: self.fields.max(other.fields), lists: self.lists.max(other.lists) }
    }
}

impl Size {
    /// Of what can be in an answer at the same place.
    fn beside(self, other: Size) -> Size {
        Size {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            fields: self.fields.saturating_add(other.fields),
            ..self.greatest(other)
        }
    }

    /// Of what is never run together.
    fn greatest(self, other: Size) -> Size {
        Size {
            selections: self.selections.max(other.selections),
            aliases: self.aliases.max(other.aliases),
            directives: self.directives.max(other.directives),
            fields: self.fields.max(other.fields),
            levels: self.levels.max(other.levels),
            records: self.records.greatest(other.records),
            schema: self.schema.greatest(other.schema),
        }
    }

    /// Of a selection, with so many directives, that has this below it.
    fn below(self, directives: usize) -> Size {
        Size {
            selections: self.selections.saturating_add(1),
            directives: self.directives.saturating_add(directives as u64),
            levels: self.levels + 1,
            ..self
        }
    }

    /// Of a field that has this below it.
    fn below_field(self, field: &Field) -> Size {
        let name = field.name.node.as_str();
        let size = self.below(field.directives.len());
        let (records, schema) = match is_introspection(name) {
            false => {
                let Depth { fields, lists } = size.records;
                let is_list = LISTS.contains(&name);
                (Depth { fields: fields + 1, lists: lists + u64::from(is_list) }, size.schema)
            }
            true => (Depth { fields: 1, lists: 0 }, size.schema.greatest(size.records)),
        };
        let aliases = size.aliases.saturating_add(field.alias.is_some().into());
        Size { fields: 1, aliases, records, schema, ..size }
    }

    /// Refuses what is too much.
    fn check(self, limits: &Limits) -> Result<(), Refusal> {
        let schema = "inside each other below `__schema` or `__type`";
        for (limit, size, most, what) in [
            ("selections", self.selections, limits.selections, "selections"),
            ("depth", self.records.fields, limits.depth, "fields inside each other"),
            ("levels", self.levels, LEVELS_MAX, LEVELS),
            ("rootFields", self.fields, limits.root_fields, "fields at its root"),
            ("aliases", self.aliases, limits.aliases, "aliases"),
            ("directives", self.directives, limits.directives, "directives"),
            (
                "introspectionDepth",
                self.schema.fields,
                limits.introspection_depth,
                &format!("fields {schema}"),
            ),
            (
                "introspectionLists",
                self.schema.lists,
                LISTS_MAX,
                &format!("lists of types and fields {schema}"),
            ),
        ] {
            if size > most {
                return Err(too_much(limit, most, what));
            }
        }
        Ok(())
    }
}

const LEVELS: &str = "selection sets inside each other";

fn too_much(limit: &str, most: u64, what: &str) -> Refusal {
    let message = format!("the document has more than {most} {what}, with its fragments opened");
    Refusal::too_complex(limit, message)
}

/// Whether anything is asked of the schema, in operations or fragments.
pub(super) fn asks_schema(document: &ExecutableDocument) -> bool {
    fn asks(set: &SelectionSet) -> bool {
        set.items.iter().any(|selection| match &selection.node {
            Selection::Field(field) => {
                let field = &field.node;
                matches!(field.name.node.as_str(), "__schema" | "__type" | "_service")
                    || asks(&field.selection_set.node)
            }
            Selection::InlineFragment(it) => asks(&it.node.selection_set.node),
            Selection::FragmentSpread(_) => false,
        })
    }
    document.operations.iter().any(|(_, it)| asks(&it.node.selection_set.node))
        || document.fragments.values().any(|it| asks(&it.node.selection_set.node))
}

fn is_introspection(name: &str) -> bool {
    matches!(name, "__schema" | "__type")
}

/// Refuses a document that is too much. Each fragment counts as often as it is spread; its own size is measured once and
/// remembered, so the time is linear in the document's length.
pub(super) fn check(document: &ExecutableDocument, limits: &Limits) -> Result<(), Refusal> {
    size(document)?.check(limits)
}

/// The greatest of the operations, of which one runs; but the selections of all, since all are validated.
fn size(document: &ExecutableDocument) -> Result<Size, Refusal> {
    let mut measure = Measure { document, inside: 0, fragments: HashMap::new() };
    let mut all = Size::default();
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        let own = measure.set(&operation.selection_set.node)?;
        let directives = own.directives.saturating_add(operation.directives.len() as u64);
        let selections = all.selections.saturating_add(own.selections);
        all = Size { selections, ..all.greatest(Size { directives, ..own }) };
    }
    // Those that no operation spreads are validated too, though they never run.
    for name in document.fragments.keys() {
        let Size { selections, levels, .. } = measure.fragment(name)?;
        all = all.greatest(Size { selections, levels, ..Size::default() });
    }
    Ok(all)
}

struct Measure<'d> {
    document: &'d ExecutableDocument,
    /// Selection sets that we are inside of.
    inside: u64,
    /// `None` while the fragment is being measured.
    fragments: HashMap<&'d Name, Option<Size>>,
}

impl<'d> Measure<'d> {
    /// Ends where a set is too deep, since that is refused in any case, and the stack of a thread is bounded.
    fn set(&mut self, set: &'d SelectionSet) -> Result<Size, Refusal> {
        if self.inside == LEVELS_MAX && !set.items.is_empty() {
            return Err(too_much("levels", LEVELS_MAX, LEVELS));
        }
        self.inside += 1;
        let size = self.items(set);
        self.inside -= 1;
        size
    }

    fn items(&mut self, set: &'d SelectionSet) -> Result<Size, Refusal> {
        let mut size = Size::default();
        for selection in &set.items {
            let selection = match &selection.node {
                Selection::Field(field) => {
                    self.set(&field.node.selection_set.node)?.below_field(&field.node)
                }
                Selection::InlineFragment(it) => {
                    self.set(&it.node.selection_set.node)?.below(it.node.directives.len())
                }
                Selection::FragmentSpread(it) => {
                    let own = self.fragment(&it.node.fragment_name.node)?;
                    own.below(it.node.directives.len())
                }
            };
            size = size.beside(selection);
        }
        Ok(size)
    }

    fn fragment(&mut self, name: &'d Name) -> Result<Size, Refusal> {
        // The engine says which are not there.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Size::default());
        };
        match self.fragments.get(name) {
            Some(Some(known)) => return Ok(*known),
            Some(None) => {
                let message = format!("the fragment `{name}` holds itself");
                let error = ServerError::new(message, Some(fragment.pos));
                return Err(Refusal::of(Code::DocumentInvalid, vec![error]));
            }
            None => {}
        }
        self.fragments.insert(name, None);
        let mut size = self.set(&fragment.node.selection_set.node)?;
        size.directives = size.directives.saturating_add(fragment.node.directives.len() as u64);
        self.fragments.insert(name, Some(size));
        Ok(size)
    }
}

#[cfg(test)]
mod tests;
