//! What the inputs of mutations hold. They are no conditions that a database works off for each row, but what is written:
//! a changeset has thousands of values, so they have a bound of their own.
use async_graphql::{Variables, parser::types::Field};

use super::{
    Refusal,
    check::{Given, View},
};

/// The most values in the inputs of an operation's mutations, lists and objects among them: about as many as fit into the
/// largest body of a request, counted wherever a variable is used.
const WRITTEN_MAX: u64 = 100_000;

/// Inputs of mutations on the way through them.
pub(super) struct Written<'d> {
    variables: &'d Variables,
    values: u64,
}

impl<'d> Written<'d> {
    pub(super) fn new(variables: &'d Variables) -> Self {
        Written { variables, values: 0 }
    }

    /// All that a mutation is given.
    pub(super) fn mutation(&mut self, field: &Field) -> Result<(), Refusal> {
        field.arguments.iter().try_for_each(|(_, value)| self.value(&value.node))
    }

    fn value(&mut self, value: &impl Given) -> Result<(), Refusal> {
        self.count()?;
        match value.view() {
            View::List(items) => items.iter().try_for_each(|item| self.value(item)),
            View::Object(fields) => fields.values().try_for_each(|field| self.value(field)),
            View::Variable(name) => match self.variables.get(name) {
                Some(value) => self.value(value),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn count(&mut self) -> Result<(), Refusal> {
        self.values = self.values.saturating_add(1);
        if self.values <= WRITTEN_MAX {
            return Ok(());
        }
        let message = format!(
            "the inputs of the operation's mutations have more than {WRITTEN_MAX} values, counted wherever they are used: \
             write in several requests"
        );
        Err(Refusal::too_complex("inputValues", message))
    }
}
