//! Values against the types of the schema, whether they came as variables or stand in the document.
use async_graphql::{
    Name, Value as Const,
    indexmap::{IndexMap, IndexSet},
    parser::types::{BaseType, Type},
};
use async_graphql_value::{Number, Value as Literal};

use super::{
    MISTAKES_MAX,
    types::{Input, Place, Types},
};
use crate::value::near::nearest;

/// The most characters of a list of names in a message.
const NAMES_MAX: usize = 200;
/// The most characters of a name of the client's in a message.
const NAME_MAX: usize = 100;

/// Where a value comes from: JSON has no other word for the value of an enum than a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Variable,
    Document,
}

/// A value, whatever it is kept as.
pub(super) trait Given: Sized {
    fn view(&self) -> View<'_, Self>;
}

pub(super) enum View<'v, V> {
    Null,
    Number(&'v Number),
    Text(&'v str),
    Word(&'v Name),
    Boolean,
    List(&'v [V]),
    Object(&'v IndexMap<Name, V>),
    Variable(&'v Name),
}

impl Given for Const {
    fn view(&self) -> View<'_, Self> {
        match self {
            Const::Null => View::Null,
            Const::Number(it) => View::Number(it),
            Const::String(it) => View::Text(it),
            Const::Binary(_) => View::Text(""),
            Const::Enum(it) => View::Word(it),
            Const::Boolean(_) => View::Boolean,
            Const::List(it) => View::List(it),
            Const::Object(it) => View::Object(it),
        }
    }
}

impl Given for Literal {
    fn view(&self) -> View<'_, Self> {
        match self {
            Literal::Null => View::Null,
            Literal::Number(it) => View::Number(it),
            Literal::String(it) => View::Text(it),
            Literal::Binary(_) => View::Text(""),
            Literal::Enum(it) => View::Word(it),
            Literal::Boolean(_) => View::Boolean,
            Literal::List(it) => View::List(it),
            Literal::Object(it) => View::Object(it),
            Literal::Variable(it) => View::Variable(it),
        }
    }
}

impl<V> View<'_, V> {
    /// What a value is, without the value: that may be long, and nobody's business in a log.
    fn kind(&self) -> &'static str {
        match self {
            View::Null => "null",
            View::Number(_) => "this number",
            View::Text(_) => "this text",
            View::Word(_) => "this word",
            View::Boolean => "a boolean",
            View::List(_) => "a list",
            View::Object(_) => "an object",
            View::Variable(_) => "a variable",
        }
    }
}

/// Where a variable is given.
pub(super) struct Usage<'t> {
    pub variable: Name,
    /// What is taken there.
    pub ty: &'t Type,
    /// Whether it can be left out there, though not be null.
    pub has_default: bool,
    pub is_one_of: bool,
    pub place: String,
}

/// One variable or argument on the way down into its value.
pub(super) struct Check<'t> {
    types: &'t Types,
    source: Source,
    /// Whether messages may tell names of the schema that were not asked.
    advises: bool,
    /// The variable or argument, and where in its value we are.
    place: String,
    pub(super) mistakes: Vec<String>,
    /// A variable's value is looked at by itself. Whether its type fits depends on the operation, which a fragment does
    /// not know.
    pub(super) usages: Vec<Usage<'t>>,
}

impl<'t> Check<'t> {
    pub(super) fn new(types: &'t Types, source: Source, advises: bool, place: String) -> Self {
        Check { types, source, advises, place, mistakes: Vec::new(), usages: Vec::new() }
    }

    fn is_full(&self) -> bool {
        self.mistakes.len() >= MISTAKES_MAX
    }

    fn mistake(&mut self, what: &str) {
        if !self.is_full() {
            self.mistakes.push(format!("{}: {what}", self.place));
        }
    }

    pub(super) fn missing(&mut self, ty: &Type) {
        self.mistake(&format!("a value of type {ty} is missing"));
    }

    fn below(&mut self, step: &str, check: impl FnOnce(&mut Self)) {
        let length = self.place.len();
        self.place.extend(step.chars().take(NAME_MAX));
        check(self);
        self.place.truncate(length);
    }

    /// What is given for an argument or a field of an input.
    pub(super) fn given(&mut self, value: &impl Given, place: &'t Place, is_one_of: bool) {
        match value.view() {
            View::Variable(name) => self.usage(name, &place.ty, place.has_default, is_one_of),
            _ => self.value(value, &place.ty),
        }
    }

    fn usage(&mut self, variable: &Name, ty: &'t Type, has_default: bool, is_one_of: bool) {
        let (variable, place) = (variable.clone(), self.place.clone());
        self.usages.push(Usage { variable, ty, has_default, is_one_of, place });
    }

    pub(super) fn value(&mut self, value: &impl Given, ty: &'t Type) {
        // What is wrong beyond these is not told, and a message takes long to make.
        if self.is_full() {
            return;
        }
        match (value.view(), &ty.base) {
            (View::Variable(name), _) => self.usage(name, ty, false, false),
            (View::Null, _) if ty.nullable => {}
            (View::Null, _) => self.mistake(&format!("expected {ty}, not null")),
            (View::List(items), BaseType::List(ty)) => {
                for (n, item) in items.iter().enumerate() {
                    self.below(&format!("[{n}]"), |check| check.value(item, ty));
                }
            }
            // A value alone is a list of one.
            (_, BaseType::List(ty)) => self.value(value, ty),
            (view, BaseType::Named(name)) => {
                if let Some(input) = self.types.input(name) {
                    self.named(&view, name, input);
                }
            }
        }
    }

    fn named(&mut self, view: &View<'_, impl Given>, name: &Name, input: &'t Input) {
        let fits = match (input, view) {
            (Input::Int, View::Number(number)) => {
                number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
            }
            (Input::Float, View::Number(_)) => true,
            (Input::String | Input::Id | Input::Scalar, View::Text(_)) => true,
            (Input::Id, View::Number(number)) => number.is_i64() || number.is_u64(),
            (Input::Boolean, View::Boolean) | (Input::Any, _) => true,
            (Input::Enum(values), View::Text(word)) => {
                self.source == Source::Variable && values.contains(*word)
            }
            (Input::Enum(values), View::Word(word)) => {
                self.source == Source::Document && values.contains(*word)
            }
            (Input::Object { fields, required, one_of }, View::Object(given)) => {
                return self.object(given, name, (fields, required, *one_of));
            }
            _ => false,
        };
        if !fits {
            let expected = self.expected(view, name, input);
            self.mistake(&format!("expected {expected}"));
        }
    }

    fn object<V: Given>(
        &mut self,
        given: &IndexMap<Name, V>,
        name: &Name,
        (fields, required, one_of): (&'t IndexMap<Name, Place>, &[Name], bool),
    ) {
        for (key, value) in given {
            if self.is_full() {
                return;
            }
            self.below(&format!(".{key}"), |check| match fields.get(key) {
                Some(place) => check.given(value, place, one_of),
                None => {
                    let near = nearest(key, fields.keys().map(Name::as_str));
                    let near = near.filter(|_| check.advises);
                    let advice = near.map(|it| format!("; did you mean `{it}`?"));
                    check.mistake(&format!(
                        "{name} has no such field{}",
                        advice.unwrap_or_default()
                    ));
                }
            });
        }
        for key in required {
            if !given.contains_key(key) {
                self.below(&format!(".{key}"), |check| check.missing(&fields[key].ty));
            }
        }
        let is_null = |value: &V| matches!(value.view(), View::Null);
        if one_of && (given.len() != 1 || given.values().any(is_null)) {
            let keys = match self.advises {
                true => names(fields.keys()),
                false => "its keys".to_owned(),
            };
            self.mistake(&format!("{name} takes exactly one of {keys}, which is not null"));
        }
    }

    /// What a named type takes, and what it was given.
    fn expected(&self, view: &View<'_, impl Given>, name: &Name, input: &Input) -> String {
        let not = view.kind();
        match (input, view) {
            (Input::Enum(values), View::Text(word)) if values.contains(*word) => {
                format!("{name}, not this text: write {word} without quotes")
            }
            (Input::Enum(_), _) if !self.advises => format!("a value of {name}, not {not}"),
            (Input::Enum(values), View::Text(word)) => one_of(name, values, word, not),
            (Input::Enum(values), View::Word(word)) => one_of(name, values, word, not),
            (Input::Enum(values), _) => one_of(name, values, "", not),
            (Input::Object { .. }, _) => format!("{name}, which is an object, not {not}"),
            (Input::Scalar, _) => format!("{name}, which is a string, not {not}"),
            (Input::String | Input::Id, View::Word(_)) => {
                format!("{name}, not {not}: write it in quotes")
            }
            _ => format!("{name}, not {not}"),
        }
    }
}

/// The values of an enum, and the one that is likely to be meant.
fn one_of(name: &Name, values: &IndexSet<Name>, word: &str, not: &str) -> String {
    let near = nearest(word, values.iter().map(Name::as_str));
    let advice = near.map(|it| format!("; did you mean {it}?"));
    format!("{name}, one of {}, not {not}{}", names(values.iter()), advice.unwrap_or_default())
}

/// Names one after another, as many as a reader of a message reads.
fn names<'n>(all: impl ExactSizeIterator<Item = &'n Name>) -> String {
    let count = all.len();
    let mut out = String::new();
    for (n, name) in all.enumerate() {
        if n > 0 && out.len() + name.len() > NAMES_MAX {
            return format!("{out} and {} more", count - n);
        }
        out += if n == 0 { "" } else { ", " };
        out += name;
    }
    out
}
