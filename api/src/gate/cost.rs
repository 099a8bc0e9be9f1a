//! What an operation can cost: the rows that it could read, from page sizes and variables, before anything of it runs.
use std::collections::HashMap;

use async_graphql::{
    Name, Value, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
};

use async_graphql_value::Value as Given;

use super::{
    Limits, Refusal,
    condition::{constant, is_taken},
    types::{self, Types},
};
use crate::{
    error::Code,
    record::price::{Count, Price},
};

/// What it costs to tell of a type of the schema, and of those that its fields lead to.
const ROWS_PER_TYPE: u64 = 100;
const ROWS_OF_TYPE: u64 = 10 * ROWS_PER_TYPE;
/// The most selections of an operation with its interfaces and unions opened too: each type that a record can be of has a
/// plan of its own.
const OPENED_MAX: u64 = 20_000;

/// What is known of an operation before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub cost: u64,
    /// Seconds that its answer may be kept; `None` where nothing says so.
    pub max_age: Option<u32>,
    /// Whether it would be the same with other values of the same variables.
    pub is_fixed: bool,
}

/// The cost of an operation, or why it is too much.
pub(super) fn check(
    types: &Types,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    limits: &Limits,
) -> Result<Known, Refusal> {
    let mut walk =
        Walk { types, document, variables, known: HashMap::new(), max_age: None, is_fixed: true };
    let root = types.root(operation.ty);
    let Cost { rows, opened, .. } = walk.object(&operation.selection_set.node, root);
    if opened > OPENED_MAX {
        let message = format!(
            "the document has more than {OPENED_MAX} selections, with its interfaces and unions opened: \
             say with `... on` which types are meant"
        );
        return Err(Refusal::too_complex("types", message));
    }
    if rows > limits.cost {
        let message = format!(
            "the operation costs {rows}, and {} is allowed: it could read so many records; ask for shorter pages, \
             or for less below them",
            limits.cost
        );
        return Err(Refusal::new(Code::CostTooHigh, message)
            .with("limit", limits.cost)
            .with("requested", rows));
    }
    Ok(Known { cost: rows, max_age: walk.max_age, is_fixed: walk.is_fixed })
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cost {
    rows: u64,
    /// Rows for the whole of the list that this is selected of, and whether anything else of the list is selected.
    of_list: u64,
    has_items: bool,
    /// Selections, counted for each type that they are selected of.
    opened: u64,
}

impl Cost {
    /// Of a field that costs nothing.
    const ITEM: Cost = Cost { rows: 0, of_list: 0, has_items: true, opened: 1 };

    fn beside(self, other: Cost) -> Cost {
        Cost {
            rows: self.rows.saturating_add(other.rows),
            of_list: self.of_list.saturating_add(other.of_list),
            has_items: self.has_items || other.has_items,
            opened: self.opened.saturating_add(other.opened),
        }
    }
}

/// A selection set, by where it is in memory, and the type that it is selected of.
type Place<'d> = (*const SelectionSet, &'d Name);

struct Walk<'d> {
    types: &'d Types,
    document: &'d ExecutableDocument,
    variables: &'d Variables,
    /// What was counted already, where a set is met more than once: below interfaces and unions, and in fragments. So the
    /// time is linear in the document's length, for each type of the schema.
    known: HashMap<Place<'d>, Cost>,
    /// The least of all that is selected.
    max_age: Option<u32>,
    is_fixed: bool,
}

impl<'d> Walk<'d> {
    /// Of a set that is selected of `on`, whatever that is: the dearest of its types, since a record is of one.
    fn set(&mut self, set: &'d SelectionSet, on: &'d Name) -> Cost {
        let types = self.types;
        match types.objects_of(on) {
            Some(objects) => self.once(set, on, |walk| {
                let mut all = Cost::default();
                for object in objects {
                    let cost = walk.object(set, object);
                    let (rows, of_list) = (all.rows.max(cost.rows), all.of_list.max(cost.of_list));
                    all = Cost { rows, of_list, ..all.beside(cost) };
                }
                all
            }),
            None => self.object(set, on),
        }
    }

    fn once(
        &mut self,
        set: &'d SelectionSet,
        on: &'d Name,
        count: impl FnOnce(&mut Self) -> Cost,
    ) -> Cost {
        let place = (std::ptr::from_ref(set), on);
        if let Some(known) = self.known.get(&place) {
            return *known;
        }
        let cost = count(self);
        self.known.insert(place, cost);
        cost
    }

    fn object(&mut self, set: &'d SelectionSet, on: &'d Name) -> Cost {
        if let Some(age) = self.types.max_age(on) {
            self.max_age = Some(self.max_age.map_or(age, |least| least.min(age)));
        }
        let mut all = Cost::default();
        for selection in &set.items {
            let directives = selection.node.directives();
            self.is_fixed &= directives.is_empty();
            if !is_taken(directives, self.variables) {
                continue;
            }
            let cost = match &selection.node {
                Selection::Field(field) => self.field(&field.node, on),
                Selection::InlineFragment(it) => {
                    let condition = it.node.type_condition.as_ref().map(|it| &it.node.on.node);
                    match condition.is_none_or(|condition| self.types.is_a(on, condition)) {
                        true => self.object(&it.node.selection_set.node, on),
                        false => continue,
                    }
                }
                Selection::FragmentSpread(it) => {
                    let name = &it.node.fragment_name.node;
                    let Some(fragment) = self.document.fragments.get(name) else { continue };
                    if !self.types.is_a(on, &fragment.node.type_condition.node.on.node) {
                        continue;
                    }
                    let set = &fragment.node.selection_set.node;
                    self.once(set, on, |walk| walk.object(set, on))
                }
            };
            all = all.beside(cost);
        }
        all
    }

    fn field(&mut self, field: &'d Field, on: &'d Name) -> Cost {
        let (name, types) = (&field.name.node, self.types);
        match name.as_str() {
            "__schema" => {
                let rows = ROWS_PER_TYPE.saturating_mul(types.len() as u64);
                return Cost { rows, ..Cost::ITEM };
            }
            "__type" => return Cost { rows: ROWS_OF_TYPE, ..Cost::ITEM },
            "__typename" => return Cost { has_items: false, ..Cost::ITEM },
            _ => {}
        }
        // Those of introspection, and those that the engine refuses.
        let Some(of) = types.field(on, name) else { return Cost::ITEM };
        let below = match field.selection_set.node.items.is_empty() {
            true => Cost::default(),
            false => self.set(&field.selection_set.node, types::name(&of.ty)),
        };
        let opened = below.opened.saturating_add(1);
        let Some(Price { rows, count }) = of.price else {
            return Cost { opened, has_items: true, ..below };
        };
        let times = match count {
            Count::OfList => return Cost { rows: 0, of_list: rows, has_items: false, opened },
            Count::Page { .. } if !below.has_items => 0,
            _ => self.times(field, count),
        };
        let rows = rows.saturating_add(below.rows).saturating_mul(times);
        let rows = rows.saturating_add(below.of_list);
        Cost { rows, of_list: 0, has_items: true, opened }
    }

    fn times(&mut self, field: &Field, count: Count) -> u64 {
        let mut given = |name: &str| {
            let value = &field.get_argument(name)?.node;
            self.is_fixed &= !matches!(value, Given::Variable(_));
            constant(value, self.variables)
        };
        match count {
            Count::Exactly(times) => times,
            Count::OfList => 1,
            Count::Page { default, most } => {
                let size = [given("first"), given("last")].into_iter().flatten().find_map(number);
                size.unwrap_or(default).min(most)
            }
            Count::Values(name) => match field.get_argument(name).map(|value| &value.node) {
                Some(Given::List(values)) => values.len() as u64,
                _ => match given(name) {
                    Some(Value::List(values)) => values.len() as u64,
                    _ => 1,
                },
            },
        }
    }
}

/// A page size; what is none is refused when it is run.
fn number(value: Value) -> Option<u64> {
    match value {
        Value::Number(number) => Some(number.as_u64().unwrap_or_default()),
        _ => None,
    }
}
