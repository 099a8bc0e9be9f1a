//! What an operation can cost: the rows that it could read, from page sizes and variables, and in a mutation what it is given
//! to write, before anything of it runs.
//!
//! Selections are collected as they are when the operation runs: fields under one key are one field, and a record of each
//! type takes the fragments that are on it. So what is priced is what is read. Fields that cannot be one, since they have
//! other names or arguments, are refused here, where they would meet (`FieldsInSetCanMerge` of the specification).
use async_graphql::{
    Name, Positioned, ServerError, Value, Variables,
    indexmap::IndexMap,
    parser::types::{
        BaseType, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
        SelectionSet, Type,
    },
};
use async_graphql_value::Value as Given;

use super::{
    Limits, Refusal,
    types::{self, Types},
    written::Written,
};
use crate::{
    error::Code,
    record::{
        condition::{constant, is_taken},
        price::{Count, Price},
    },
};

/// The most selections and values of arguments, counted for each type that they are selected of: each type that a record can
/// be of has a plan of its own. The walk ends there, so its time is bounded whatever the document.
const OPENED_MAX: u64 = 20_000;
/// The most fields of input objects where something is looked for: conditions of filters, mostly, of which each is work for
/// the database. Ten values of a list are as much as one, and a text that is looked for in others as much as five.
const CONDITIONS_MAX: u64 = 500;
const TENTHS: u64 = 10;
const TENTHS_OF_SEARCH: u64 = 50;

/// What is known of an operation before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub cost: u64,
    /// Seconds that its answer may be kept; `None` where nothing says so.
    pub max_age: Option<u32>,
    /// Whether its answer is about who asks, so that nobody may keep it.
    pub is_personal: bool,
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
    let mut walk = Walk {
        types,
        document,
        operation,
        variables,
        opened: 0,
        conditions: 0,
        written: Written::new(types, variables),
        mutation: None,
        max_age: None,
        is_personal: false,
        is_fixed: true,
    };
    let root = types.root(operation.ty);
    let cost = walk.object(&[&operation.selection_set.node], root)?.rows;
    if cost > limits.cost {
        let message = format!(
            "the operation costs {cost}, and {} is allowed: it could read or write so much; ask for shorter pages, for \
             less below them, or write less at once",
            limits.cost
        );
        return Err(Refusal::new(Code::CostTooHigh, message)
            .with("limit", limits.cost)
            .with("requested", cost));
    }
    let Walk { max_age, is_personal, is_fixed, .. } = walk;
    Ok(Known { cost, max_age, is_personal, is_fixed })
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cost {
    rows: u64,
    /// Rows for the whole of the list that this is selected of, and whether anything else of the list is selected.
    of_list: u64,
    has_items: bool,
}

impl Cost {
    /// Of a field that costs nothing.
    const ITEM: Cost = Cost { rows: 0, of_list: 0, has_items: true };

    fn rows(rows: u64) -> Cost {
        Cost { rows, ..Cost::ITEM }
    }

    fn beside(self, other: Cost) -> Cost {
        Cost {
            rows: self.rows.saturating_add(other.rows),
            of_list: self.of_list.saturating_add(other.of_list),
            has_items: self.has_items || other.has_items,
        }
    }

    /// Of a record that is of one type or the other.
    fn greatest(self, other: Cost) -> Cost {
        Cost {
            rows: self.rows.max(other.rows),
            of_list: self.of_list.max(other.of_list),
            has_items: self.has_items || other.has_items,
        }
    }
}

/// A field, and what is selected below all that are merged with it.
struct Merged<'d> {
    field: &'d Positioned<Field>,
    below: Vec<&'d SelectionSet>,
}

type Fields<'d> = IndexMap<&'d str, Merged<'d>>;

struct Walk<'d> {
    types: &'d Types,
    document: &'d ExecutableDocument,
    operation: &'d OperationDefinition,
    variables: &'d Variables,
    opened: u64,
    /// In tenths.
    conditions: u64,
    written: Written<'d>,
    /// The root field that the walk is below, in a mutation.
    mutation: Option<&'d Field>,
    /// The least of all that is selected.
    max_age: Option<u32>,
    is_personal: bool,
    is_fixed: bool,
}

impl<'d> Walk<'d> {
    /// Of sets that are selected of `on`, whatever that is: the dearest of its types, since a record is of one.
    fn sets(&mut self, sets: &[&'d SelectionSet], on: &'d Name) -> Result<Cost, Refusal> {
        let Some(objects) = self.types.objects_of(on) else { return self.object(sets, on) };
        let mut all = Cost::default();
        for object in objects {
            all = all.greatest(self.object(sets, object)?);
        }
        Ok(all)
    }

    fn object(&mut self, sets: &[&'d SelectionSet], on: &'d Name) -> Result<Cost, Refusal> {
        self.is_personal |= self.types.is_personal(on);
        if let Some(age) = self.types.max_age(on) {
            self.max_age = Some(self.max_age.map_or(age, |least| least.min(age)));
        }
        let mut fields = Fields::new();
        for set in sets {
            self.collect(set, on, &mut fields)?;
        }
        let mut all = Cost::default();
        for merged in fields.values() {
            all = all.beside(self.field(merged, on)?);
        }
        Ok(all)
    }

    /// `CollectFields` of the specification for an object.
    fn collect(
        &mut self,
        set: &'d SelectionSet,
        on: &Name,
        out: &mut Fields<'d>,
    ) -> Result<(), Refusal> {
        for selection in &set.items {
            self.open(1)?;
            let directives = selection.node.directives();
            self.is_fixed &= directives.is_empty();
            if !is_taken(directives, self.variables) {
                continue;
            }
            let (condition, inner) = match &selection.node {
                Selection::Field(field) => {
                    self.merge(field, out)?;
                    continue;
                }
                Selection::InlineFragment(it) => {
                    let condition = it.node.type_condition.as_ref().map(|it| &it.node.on.node);
                    (condition, &it.node.selection_set.node)
                }
                Selection::FragmentSpread(it) => {
                    let name = &it.node.fragment_name.node;
                    let Some(fragment) = self.document.fragments.get(name) else { continue };
                    let condition = &fragment.node.type_condition.node.on.node;
                    (Some(condition), &fragment.node.selection_set.node)
                }
            };
            if condition.is_none_or(|condition| self.types.is_a(on, condition)) {
                self.collect(inner, on, out)?;
            }
        }
        Ok(())
    }

    fn merge(&mut self, field: &'d Positioned<Field>, out: &mut Fields<'d>) -> Result<(), Refusal> {
        let key = field.node.response_key().node.as_str();
        let below = &field.node.selection_set.node;
        let Some(merged) = out.get_mut(key) else {
            out.insert(key, Merged { field, below: vec![below] });
            return Ok(());
        };
        if !is_same(&merged.field.node, &field.node) {
            let message = format!(
                "fields under the key `{key}` have other names or arguments, so that they cannot be one: give one of \
                 them an alias"
            );
            let error = ServerError::new(message, Some(field.pos));
            return Err(Refusal::of(Code::DocumentInvalid, vec![error]));
        }
        merged.below.push(below);
        Ok(())
    }

    fn field(&mut self, merged: &Merged<'d>, on: &'d Name) -> Result<Cost, Refusal> {
        let (field, types) = (&merged.field.node, self.types);
        let name = &field.name.node;
        let written = self.arguments(field, on)?;
        match name.as_str() {
            "__typename" => return Ok(Cost::default()),
            "__schema" | "__type" => {
                let rows = self.introspection(&merged.below)?;
                return Ok(Cost::rows(rows));
            }
            _ => {}
        }
        // Those that the engine refuses.
        let Some(of) = types.field(on, name) else { return Ok(Cost::ITEM) };
        let is_leaf = merged.below.iter().all(|set| set.items.is_empty());
        let below = match is_leaf {
            true => Cost::default(),
            false => self.sets(&merged.below, types::name(&of.ty))?,
        };
        let Some(Price { rows, count }) = of.price else {
            return Ok(Cost { has_items: true, ..below });
        };
        let times = match count {
            Count::OfList => return Ok(Cost { rows: 0, of_list: rows, has_items: false }),
            Count::Page { .. } if !below.has_items => 0,
            _ => self.times(field, count),
        };
        let rows = rows.saturating_add(below.rows).saturating_mul(times);
        Ok(Cost::rows(rows.saturating_add(below.of_list).saturating_add(written)))
    }

    fn times(&mut self, field: &Field, count: Count) -> u64 {
        let mut given = |name: &str| {
            let value = &field.get_argument(name)?.node;
            self.is_fixed &= !matches!(value, Given::Variable(_));
            constant(value, self.variables)
        };
        match count {
            Count::Exactly(times) => times,
            Count::Written { list, most } => self.given_to_write(list).min(most),
            Count::OfList => 1,
            Count::Page { default, most } | Count::Groups { default, most } => {
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

    /// How many values a list in the input of the mutation has.
    fn given_to_write(&self, list: &str) -> u64 {
        let constant = |value: Option<&Value>| match value {
            Some(Value::List(values)) => values.len() as u64,
            // A value alone is a list of one.
            _ => 1,
        };
        let input = self.mutation.and_then(|field| field.get_argument("input"));
        match input.map(|value| &value.node) {
            Some(Given::Object(input)) => match input.get(list) {
                Some(Given::List(values)) => values.len() as u64,
                Some(Given::Variable(name)) => constant(self.variables.get(name)),
                _ => 1,
            },
            Some(Given::Variable(name)) => match self.variables.get(name) {
                Some(Value::Object(input)) => constant(input.get(list)),
                _ => 1,
            },
            _ => 1,
        }
    }

    /// What the schema is asked: a point for each type, field and argument that could be told of.
    fn introspection(&mut self, sets: &[&'d SelectionSet]) -> Result<u64, Refusal> {
        // Fragments are on the types of introspection, which have no subtypes.
        let mut fields = Fields::new();
        for set in sets {
            self.collect_all(set, &mut fields)?;
        }
        let mut all = 0_u64;
        for merged in fields.values() {
            let times = match merged.field.node.name.node.as_str() {
                "types" => self.types.len() as u64,
                "fields" | "inputFields" => FIELDS_OF_TYPE,
                "interfaces" | "possibleTypes" | "enumValues" | "args" | "directives" => FEW,
                _ => 0,
            };
            let below = self.introspection(&merged.below)?;
            let rows = match times {
                0 => below,
                _ => times.saturating_mul(below.saturating_add(1)),
            };
            all = all.saturating_add(rows);
        }
        Ok(all)
    }

    /// As [`Walk::collect`], whatever type a fragment is on.
    fn collect_all(&mut self, set: &'d SelectionSet, out: &mut Fields<'d>) -> Result<(), Refusal> {
        for selection in &set.items {
            self.open(1)?;
            match &selection.node {
                Selection::Field(field) => self.merge(field, out)?,
                Selection::InlineFragment(it) => {
                    self.collect_all(&it.node.selection_set.node, out)?;
                }
                Selection::FragmentSpread(it) => {
                    if let Some(it) = self.document.fragments.get(&it.node.fragment_name.node) {
                        self.collect_all(&it.node.selection_set.node, out)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What a field is given: something to look for, or in a mutation something to write, and what that costs.
    fn arguments(&mut self, field: &'d Field, on: &Name) -> Result<u64, Refusal> {
        if self.operation.ty == OperationType::Mutation && on == self.types.root(self.operation.ty)
        {
            self.is_fixed = false;
            self.mutation = Some(field);
            return self.written.mutation(field, on);
        }
        field.arguments.iter().try_for_each(|(_, value)| self.value(&value.node))?;
        Ok(0)
    }

    /// An argument, with all that is in it.
    fn value(&mut self, value: &'d Given) -> Result<(), Refusal> {
        self.open(1)?;
        match value {
            Given::List(items) => {
                self.conditions(items.len() as u64)?;
                items.iter().try_for_each(|item| self.value(item))
            }
            Given::Object(fields) => fields.iter().try_for_each(|(name, field)| {
                self.conditions(tenths(name))?;
                self.value(field)
            }),
            Given::Variable(name) => {
                self.is_fixed &= self.is_short(name);
                match self.variables.get(name) {
                    Some(value) => self.constant(value),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn constant(&mut self, value: &Value) -> Result<(), Refusal> {
        match value {
            Value::List(items) => {
                self.open(items.len() as u64)?;
                self.conditions(items.len() as u64)?;
                items.iter().try_for_each(|item| self.constant(item))
            }
            Value::Object(fields) => fields.iter().try_for_each(|(name, field)| {
                self.open(1)?;
                self.conditions(tenths(name))?;
                self.constant(field)
            }),
            _ => Ok(()),
        }
    }

    /// Whether a variable has one value at most, whatever it is.
    fn is_short(&self, name: &Name) -> bool {
        let definitions = &self.operation.variable_definitions;
        let definition = definitions.iter().find(|it| it.node.name.node == *name);
        definition.is_none_or(|it| match &it.node.var_type.node {
            Type { base: BaseType::Named(name), .. } => self.types.is_short(name),
            _ => false,
        })
    }

    fn open(&mut self, count: u64) -> Result<(), Refusal> {
        self.opened = self.opened.saturating_add(count);
        if self.opened <= OPENED_MAX {
            return Ok(());
        }
        let message = format!(
            "the operation has more than {OPENED_MAX} selections and values, counted for each type of an interface: say \
             with `... on` which types are meant, or ask in several requests"
        );
        Err(Refusal::too_complex("types", message))
    }

    fn conditions(&mut self, tenths: u64) -> Result<(), Refusal> {
        self.conditions = self.conditions.saturating_add(tenths);
        if self.conditions <= CONDITIONS_MAX * TENTHS {
            return Ok(());
        }
        let message = format!(
            "the operation has more than {CONDITIONS_MAX} conditions in its arguments, counted wherever they are used: \
             ask in several requests"
        );
        Err(Refusal::too_complex("conditions", message))
    }
}

/// What a field of an input object counts.
fn tenths(name: &Name) -> u64 {
    if matches!(name.as_str(), "contains" | "containsFolded") { TENTHS_OF_SEARCH } else { TENTHS }
}

/// About as many fields as a type has, and as many of what it has few of.
const FIELDS_OF_TYPE: u64 = 10;
const FEW: u64 = 4;

/// Whether fields under one key are one field.
fn is_same(one: &Field, other: &Field) -> bool {
    let is_given = |name: &Name, value: &Given| {
        let given = one.arguments.iter().find(|(it, _)| it.node == *name);
        given.is_some_and(|(_, it)| it.node == *value)
    };
    one.name.node == other.name.node
        && one.arguments.len() == other.arguments.len()
        && other.arguments.iter().all(|(name, value)| is_given(&name.node, &value.node))
}

/// A page size; what is none is refused when it is run.
fn number(value: Value) -> Option<u64> {
    match value {
        Value::Number(number) => Some(number.as_u64().unwrap_or_default()),
        _ => None,
    }
}
