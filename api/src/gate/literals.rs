//! What arguments are given in the document, against the types that they take: values, and variables by the types that they
//! are declared with.
//!
//! The engine looks at values too, but takes whatever is no object for an input object, and a string for an enum. Its rule
//! for the types of variables is never called (in 7.2 `VisitorCons` does not pass `enter_input_value` on).
use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Pos, Positioned, ServerError,
    parser::types::{
        BaseType, Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet, Type,
    },
};
use async_graphql_value::Value;

use super::{
    MISTAKES_MAX, Refusal,
    check::{Check, Source, Usage},
    types::{self, Place, Types},
};
use crate::error::Code;

impl Types {
    /// Refuses a document in which a value or a variable does not fit its place. Fields, arguments and variables that there
    /// are not are the engine's to refuse. Each operation and fragment is walked once, so the time is linear in the
    /// document's length.
    pub(super) fn check_literals(
        &self,
        document: &ExecutableDocument,
        advises: bool,
    ) -> Result<(), Refusal> {
        let mut errors = Vec::new();
        let mut fragments = HashMap::new();
        for (name, fragment) in &document.fragments {
            let fragment = &fragment.node;
            let mut walk = Walk::new(self, advises);
            walk.directives(&fragment.directives);
            walk.set(&fragment.selection_set.node, Some(&fragment.type_condition.node.on.node));
            errors.append(&mut walk.errors);
            fragments.insert(name, walk);
        }
        for (_, operation) in document.operations.iter() {
            let operation = &operation.node;
            let mut walk = Walk::new(self, advises);
            walk.defaults(operation);
            walk.directives(&operation.directives);
            walk.set(&operation.selection_set.node, Some(self.root(operation.ty)));
            errors.append(&mut walk.errors);
            variables(operation, &walk, &fragments, &mut errors);
        }
        match errors.is_empty() {
            true => Ok(()),
            false => Err(Refusal::of(Code::DocumentInvalid, errors)),
        }
    }
}

/// An operation or a fragment by itself.
struct Walk<'t, 'd> {
    types: &'t Types,
    advises: bool,
    errors: Vec<ServerError>,
    usages: Vec<(Usage<'t>, Pos)>,
    spreads: Vec<&'d Name>,
}

impl<'t, 'd> Walk<'t, 'd> {
    fn new(types: &'t Types, advises: bool) -> Self {
        Walk { types, advises, errors: Vec::new(), usages: Vec::new(), spreads: Vec::new() }
    }

    fn defaults(&mut self, operation: &OperationDefinition) {
        for definition in &operation.variable_definitions {
            let (pos, definition) = (definition.pos, &definition.node);
            if let Some(default) = &definition.default_value {
                let place = format!("default of variable `${}`", definition.name.node);
                let mut check = Check::new(self.types, Source::Document, self.advises, place);
                check.value(&default.node, &definition.var_type.node);
                let mistakes = check.mistakes;
                self.mistakes(mistakes, pos);
            }
        }
    }

    /// `on`: the type that it is selected of, if the schema has it.
    fn set(&mut self, set: &'d SelectionSet, on: Option<&Name>) {
        for selection in &set.items {
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => {
                    let (name, field) = (&field.node.name.node, &field.node);
                    let of = on.and_then(|on| self.types.field(on, name));
                    for (argument, value) in &field.arguments {
                        if let Some(place) = of.and_then(|of| of.arguments.get(&argument.node)) {
                            self.argument(name, argument, &value.node, place);
                        }
                    }
                    self.set(&field.selection_set.node, of.map(|of| types::name(&of.ty)));
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let on = condition.map(|it| &it.node.on.node).or(on);
                    self.set(&inline.node.selection_set.node, on);
                }
                Selection::FragmentSpread(spread) => {
                    self.spreads.push(&spread.node.fragment_name.node);
                }
            }
        }
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        for directive in directives {
            let name = &directive.node.name.node;
            let Some(arguments) = self.types.directive(name) else { continue };
            for (argument, value) in &directive.node.arguments {
                if let Some(place) = arguments.get(&argument.node) {
                    self.argument(&format!("@{name}"), argument, &value.node, place);
                }
            }
        }
    }

    fn argument(&mut self, of: &str, argument: &Positioned<Name>, value: &Value, to: &'t Place) {
        let place = format!("argument `{of}({}:)`", argument.node);
        let mut check = Check::new(self.types, Source::Document, self.advises, place);
        check.given(value, to, false);
        let Check { mistakes, usages, .. } = check;
        self.usages.extend(usages.into_iter().map(|usage| (usage, argument.pos)));
        self.mistakes(mistakes, argument.pos);
    }

    fn mistakes(&mut self, mistakes: Vec<String>, pos: Pos) {
        let room = MISTAKES_MAX.saturating_sub(self.errors.len());
        let mistakes = mistakes.into_iter().take(room);
        self.errors.extend(mistakes.map(|it| ServerError::new(it, Some(pos))));
    }
}

/// The variables of an operation where it and its fragments give them (`VariablesInAllowedPosition` of the specification).
fn variables<'d>(
    operation: &OperationDefinition,
    walk: &Walk<'_, 'd>,
    fragments: &HashMap<&'d Name, Walk<'_, 'd>>,
    errors: &mut Vec<ServerError>,
) {
    let definitions =
        operation.variable_definitions.iter().map(|it| (&it.node.name.node, &it.node));
    let definitions: HashMap<_, _> = definitions.collect();
    let mut seen = HashSet::new();
    let mut rest = vec![walk];
    while let Some(walk) = rest.pop() {
        for (usage, pos) in &walk.usages {
            let Some(definition) = definitions.get(&usage.variable) else { continue };
            let ty = &definition.var_type.node;
            // A default does not keep null away, but then the variable is told of, or the field.
            let may_lack = definition.default_value.is_some() || usage.has_default;
            let mistake = match usage.is_one_of && ty.nullable {
                true => "cannot be null there".to_owned(),
                false if is_taken(ty, usage.ty, may_lack) => continue,
                false => format!("{} is taken there", usage.ty),
            };
            if errors.len() >= MISTAKES_MAX {
                return;
            }
            let message = format!(
                "{}: variable `${}` is of type {ty}, {mistake}",
                usage.place, usage.variable
            );
            errors.push(ServerError::new(message, Some(*pos)));
        }
        let spreads = walk.spreads.iter().filter(|name| seen.insert(**name));
        rest.extend(spreads.filter_map(|name| fragments.get(name)));
    }
}

/// Whether a value of one type is one of another.
fn is_taken(given: &Type, taken: &Type, may_lack: bool) -> bool {
    if given.nullable && !taken.nullable && !may_lack {
        return false;
    }
    match (&given.base, &taken.base) {
        (BaseType::Named(given), BaseType::Named(taken)) => given == taken,
        (BaseType::List(given), BaseType::List(taken)) => is_taken(given, taken, false),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
