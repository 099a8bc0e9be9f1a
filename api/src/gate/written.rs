//! What the inputs of mutations hold. They are no conditions that a database works off for each row, but what is written:
//! a changeset has thousands of values, so they have a bound of their own, and a price.
use async_graphql::{
    Name, Variables,
    parser::types::{BaseType, Field, Type},
};

use super::{
    Refusal,
    check::{Given, View},
    types::{Input, Types},
};

/// The most values in the inputs of an operation's mutations, lists and objects among them: about as many as fit into the
/// largest body of a request, counted wherever a variable is used.
const WRITTEN_MAX: u64 = 100_000;
/// An item of a list, whatever it is: a name, an identifier, an operation.
const ITEM: u64 = 1;
/// Bytes of a text that cost a point: it is stored, logged and searched.
const BYTES: u64 = 1_000;

/// Inputs of mutations on the way through them.
pub(super) struct Written<'d> {
    types: &'d Types,
    variables: &'d Variables,
    values: u64,
    points: u64,
}

impl<'d> Written<'d> {
    pub(super) fn new(types: &'d Types, variables: &'d Variables) -> Self {
        Written { types, variables, values: 0, points: 0 }
    }

    /// What it costs to write what a mutation is given.
    pub(super) fn mutation(&mut self, field: &Field, root: &Name) -> Result<u64, Refusal> {
        let before = self.points;
        // One that the schema does not have is the engine's to refuse.
        let Some(of) = self.types.field(root, &field.name.node) else { return Ok(0) };
        for (name, value) in &field.arguments {
            if let Some(place) = of.arguments.get(&name.node) {
                self.value(&value.node, &place.ty)?;
            }
        }
        Ok(self.points - before)
    }

    fn value(&mut self, value: &impl Given, ty: &Type) -> Result<(), Refusal> {
        self.count()?;
        match (value.view(), &ty.base) {
            (View::Null, _) => Ok(()),
            (View::Variable(name), _) => match self.variables.get(name) {
                Some(value) => self.value(value, ty),
                None => Ok(()),
            },
            (View::List(items), BaseType::List(ty)) => {
                items.iter().try_for_each(|item| self.item(item, ty))
            }
            // A value alone is a list of one.
            (_, BaseType::List(ty)) => self.item(value, ty),
            (View::Object(given), BaseType::Named(name)) => {
                self.pay(self.types.points(name));
                let Some(Input::Object { fields, .. }) = self.types.input(name) else {
                    return Ok(());
                };
                given.iter().try_for_each(|(name, value)| match fields.get(name) {
                    Some(place) => self.value(value, &place.ty),
                    None => Ok(()),
                })
            }
            (View::Text(text), _) => {
                self.pay(text.len() as u64 / BYTES);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn item(&mut self, value: &impl Given, ty: &Type) -> Result<(), Refusal> {
        self.pay(ITEM);
        self.value(value, ty)
    }

    fn pay(&mut self, points: u64) {
        self.points = self.points.saturating_add(points);
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
