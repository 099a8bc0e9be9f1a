//! How much a document selects once its fragments are opened.
use std::collections::HashMap;

use async_graphql::{
    Name, ServerError,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

use super::Refusal;
use crate::error::Code;

/// What a document comes to with its fragments opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub selections: u64,
    /// Fields inside each other.
    pub depth: u64,
    /// Selection sets inside each other, those of fragments too.
    pub levels: u64,
}

impl Size {
    /// The greatest of what can be in an answer at the same place.
    fn beside(self, other: Size) -> Size {
        Size {
            selections: self.selections.saturating_add(other.selections),
            depth: self.depth.max(other.depth),
            levels: self.levels.max(other.levels),
        }
    }

    /// The selection that has this below it.
    fn around(self, depth: u64) -> Size {
        Size {
            selections: self.selections.saturating_add(1),
            depth: self.depth + depth,
            levels: self.levels + 1,
        }
    }
}

/// The size of all operations, each fragment counted as often as it is spread; its own is measured once and remembered, so
/// the time is linear in the document's length.
pub(super) fn size(document: &ExecutableDocument) -> Result<Size, Refusal> {
    let mut measure = Measure { document, fragments: HashMap::new() };
    let mut all = Size::default();
    for (_, operation) in document.operations.iter() {
        all = all.beside(measure.set(&operation.node.selection_set.node)?);
    }
    // Those that no operation spreads are looked at too.
    for name in document.fragments.keys() {
        let own = measure.fragment(name)?;
        all.selections = all.selections.max(own.selections);
        all = Size { selections: 0, ..own }.beside(all);
    }
    Ok(all)
}

struct Measure<'d> {
    document: &'d ExecutableDocument,
    /// `None` while the fragment is being measured.
    fragments: HashMap<&'d Name, Option<Size>>,
}

impl<'d> Measure<'d> {
    fn set(&mut self, set: &'d SelectionSet) -> Result<Size, Refusal> {
        let mut size = Size::default();
        for selection in &set.items {
            let selection = match &selection.node {
                Selection::Field(field) => self.set(&field.node.selection_set.node)?.around(1),
                Selection::InlineFragment(it) => self.set(&it.node.selection_set.node)?.around(0),
                Selection::FragmentSpread(it) => {
                    self.fragment(&it.node.fragment_name.node)?.around(0)
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
        let size = self.set(&fragment.node.selection_set.node)?;
        self.fragments.insert(name, Some(size));
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

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
            ("{ a } fragment f on Q { a b c { d { e } } }", 5, 3, 3),
        ] {
            let expected = Size { selections, depth, levels };
            assert_eq!(size(&parse_query(query).unwrap()).unwrap(), expected, "{query}");
        }
    }
}
