//! Filters: typed inputs, parsed into predicates. One predicate feeds the page, the count and the groups of a list.
use async_graphql::{Name, Value, indexmap::IndexMap};
use sea_orm::Value as Bind;

use super::{
    ask::{enum_name, items, language},
    catalog,
    def::{Def, Shape},
    operand,
    pred::{KeyTest, Pred, Quantity, Test},
    shape::EnumType,
};
use crate::{error::ApiError, value::fold};

/// What a field's conditions are, in the schema and in SQL.
#[derive(Clone, Debug)]
pub enum FilterKind {
    Id,
    Int(usize),
    Float(usize),
    Bool(usize),
    /// `folded` holds the text without case and marks; without it the column is ASCII and only case is set aside.
    String {
        column: usize,
        folded: Option<usize>,
    },
    /// Any of some values of an enum.
    Choice {
        column: usize,
        of: &'static EnumType,
    },
    /// Any of some language tags.
    Langs(usize),
    Day(usize),
    Instant(usize),
    /// A date as a source has it: as written, first and last day it can mean.
    Date {
        written: usize,
        earliest: usize,
        latest: usize,
    },
    Point {
        latitude: usize,
        longitude: usize,
    },
    Name,
    Identifier,
    One {
        column: usize,
        target: fn() -> &'static Def,
    },
    Any {
        column: usize,
    },
    /// On the record that one of two columns points to.
    Either([usize; 2]),
    Many {
        field: &'static str,
    },
    /// Any of some record types that a column points to.
    Types(usize),
    /// A condition of its own: the input's type, and what it means.
    Custom {
        ty: &'static str,
        parse: fn(&'static Def, &Value) -> Result<Pred, ApiError>,
    },
}

/// Lists of filters and operands are this long at most.
const MOST_FILTERS: usize = 20;
const MOST_OPERANDS: usize = 100;
const MOST_CHARACTERS: usize = 1_000;
/// Filters are this deep at most: beyond it no reader of the query knows what it asks.
const DEEPEST: usize = 12;

type Given = IndexMap<Name, Value>;

/// The predicate of a list of `def`: its filter, and what its lists take for granted.
pub fn parse(def: &'static Def, filter: Option<&Value>) -> Result<Pred, ApiError> {
    Ok(Pred::All(vec![known(def, filter), own(def, filter)?]))
}

/// The filter alone.
pub fn own(def: &'static Def, filter: Option<&Value>) -> Result<Pred, ApiError> {
    filter.map_or(Ok(Pred::always()), |filter| record(def, filter, 0))
}

/// A test of a number that a record has, or has not.
pub type NumberTest = Box<dyn Fn(Option<i64>) -> bool + Send + Sync>;

/// The test that an `IntFilter` is, for numbers that no statement compares.
pub fn of_number(filter: &Value) -> Result<NumberTest, ApiError> {
    let tests = operand::numbers(object(filter)?, operand::int)?;
    Ok(Box::new(move |number| tests.iter().all(|test| operand::takes(test, number))))
}

/// What lists of `def` take for granted, unless the filter speaks of it itself.
fn known(def: &'static Def, filter: Option<&Value>) -> Pred {
    match &def.implied {
        Some((column, test)) if !filter.is_some_and(speaks_of_rank) => {
            Pred::column(def, *column, test.clone())
        }
        _ => Pred::always(),
    }
}

fn speaks_of_rank(filter: &Value) -> bool {
    match filter {
        Value::Object(map) => map.iter().any(|(name, value)| match name.as_str() {
            "rank" => true,
            "and" | "or" | "not" => speaks_of_rank(value),
            _ => false,
        }),
        Value::List(list) => list.iter().any(speaks_of_rank),
        _ => false,
    }
}

fn record(def: &'static Def, filter: &Value, depth: usize) -> Result<Pred, ApiError> {
    if depth > DEEPEST {
        return Err(ApiError::filter(format!(
            "a filter is at most {DEEPEST} levels deep; split the question"
        )));
    }
    let mut all = Vec::new();
    for (name, value) in object(filter)? {
        let pred = match name.as_str() {
            "and" => Pred::All(filters(name, value, |it| record(def, it, depth + 1))?),
            "or" => any(filters(name, value, |it| record(def, it, depth + 1))?)?,
            "not" => Pred::Not(Box::new(record(def, value, depth + 1)?)),
            field => match def.filters.get(field) {
                Some(filter) => {
                    condition(def, &filter.kind, value, depth).map_err(|e| in_field(e, field))?
                }
                None => {
                    return Err(ApiError::filter(format!(
                        "{} has no condition `{field}`",
                        def.name
                    )));
                }
            },
        };
        all.push(pred);
    }
    Ok(Pred::All(all))
}

fn in_field(mut error: ApiError, field: &str) -> ApiError {
    if !error.message.starts_with("in `") {
        error.message = format!("in `{field}`: {}", error.message);
    }
    error
}

fn filters(
    name: &str,
    value: &Value,
    parse: impl Fn(&Value) -> Result<Pred, ApiError>,
) -> Result<Vec<Pred>, ApiError> {
    let list = items(value.clone());
    if list.len() > MOST_FILTERS {
        return Err(ApiError::filter(format!(
            "`{name}` takes at most {MOST_FILTERS} filters, not {}",
            list.len()
        )));
    }
    list.iter().map(parse).collect()
}

/// Any of none holds never, which nobody means who leaves the list empty.
fn any(preds: Vec<Pred>) -> Result<Pred, ApiError> {
    match preds.is_empty() {
        true => Err(ApiError::filter("`or` needs at least one filter")),
        false => Ok(Pred::Any(preds)),
    }
}

fn condition(
    def: &'static Def,
    kind: &FilterKind,
    value: &Value,
    depth: usize,
) -> Result<Pred, ApiError> {
    let columns = |column: usize, tests: Vec<Test>| {
        Pred::All(tests.into_iter().map(|test| Pred::column(def, column, test)).collect())
    };
    Ok(match kind {
        FilterKind::Id => Pred::Key { def, column: def.id, test: ids(object(value)?)? },
        FilterKind::Int(column) => {
            columns(*column, operand::numbers(object(value)?, operand::int)?)
        }
        FilterKind::Float(column) => {
            columns(*column, operand::numbers(object(value)?, operand::float)?)
        }
        FilterKind::Bool(column) => {
            columns(*column, vec![Test::Is("=", operand::bool(value)?.into())])
        }
        FilterKind::String { column, folded } => {
            let fold = if folded.is_some() { fold::fold } else { lower };
            let tests =
                strings(object(value)?, fold)?.into_iter().map(|(is_folded, test)| {
                    match (is_folded, folded) {
                        (false, _) => Pred::column(def, *column, test),
                        (true, Some(folded)) => Pred::column(def, *folded, test),
                        (true, None) => Pred::column(def, *column, Test::Lower(Box::new(test))),
                    }
                });
            Pred::All(tests.collect())
        }
        FilterKind::Choice { column, of } => columns(*column, vec![Test::In(choices(value, of)?)]),
        FilterKind::Langs(column) => {
            let tags = list("inLanguage", value)?;
            let tags = tags.iter().map(|it| language(it).map(|tag| Bind::from(tag.as_str())));
            columns(*column, vec![Test::In(tags.collect::<Result<_, _>>()?)])
        }
        FilterKind::Day(column) => columns(*column, operand::days(object(value)?)?),
        FilterKind::Instant(column) => {
            columns(*column, operand::numbers(object(value)?, operand::instant)?)
        }
        FilterKind::Date { written, earliest, latest } => {
            operand::date(def, [*written, *earliest, *latest], object(value)?)?
        }
        FilterKind::Point { latitude, longitude } => {
            operand::point(def, [*latitude, *longitude], object(value)?)?
        }
        FilterKind::Name => name(def, def.id, object(value)?)?,
        FilterKind::Identifier => {
            Pred::Key { def, column: def.id, test: identifier(object(value)?)? }
        }
        FilterKind::One { column, target } => {
            let target = target();
            Pred::One {
                def,
                column: *column,
                target,
                inner: Box::new(record(target, value, depth + 1)?),
            }
        }
        FilterKind::Any { column } => {
            let exists = Pred::column(def, *column, Test::Null(false));
            Pred::All(vec![exists, any_record(def, *column, value, depth)?])
        }
        FilterKind::Either(columns) => {
            let each = columns
                .iter()
                .map(|column| condition(def, &FilterKind::Any { column: *column }, value, depth));
            Pred::Any(each.collect::<Result<_, _>>()?)
        }
        FilterKind::Many { field } => many(def, field, object(value)?, depth)?,
        FilterKind::Types(column) => Pred::Key { def, column: *column, test: types(value)? },
        FilterKind::Custom { parse, .. } => {
            not_null("value", value)?;
            parse(def, value)?
        }
    })
}

fn many(def: &'static Def, field: &str, given: &Given, depth: usize) -> Result<Pred, ApiError> {
    let Some(Shape::Many(list)) = def.fields.get(field).map(|field| &field.shape) else {
        return Err(ApiError::filter(format!("{} has no list `{field}`", def.name)));
    };
    let target = (list.target)();
    let mut all = Vec::new();
    for (name, filter) in given {
        let quantity = match name.as_str() {
            "some" => Quantity::Some,
            "every" => Quantity::Every,
            _ => Quantity::None,
        };
        let inner = Box::new(record(target, filter, depth + 1)?);
        let known = Box::new(known(target, Some(filter)));
        all.push(Pred::Many { def, list, quantity, known, inner });
    }
    Ok(Pred::All(all))
}

/// Conditions on a record of any type, at the other end of a column.
fn any_record(
    def: &'static Def,
    column: usize,
    value: &Value,
    depth: usize,
) -> Result<Pred, ApiError> {
    if depth > DEEPEST {
        return Err(ApiError::filter(format!(
            "a filter is at most {DEEPEST} levels deep; split the question"
        )));
    }
    let key = |test| Pred::Key { def, column, test };
    let mut all = Vec::new();
    for (field, value) in object(value)? {
        let each = || filters(field, value, |it| any_record(def, column, it, depth + 1));
        all.push(match field.as_str() {
            "and" => Pred::All(each()?),
            "or" => any(each()?)?,
            "not" => Pred::Not(Box::new(any_record(def, column, value, depth + 1)?)),
            "id" => key(ids(object(value)?)?),
            "type" => key(types(value)?),
            "slug" => key(KeyTest::Slug(codes(object(value)?)?)),
            "name" => name(def, column, object(value)?)?,
            _ => key(identifier(object(value)?)?),
        });
    }
    Ok(Pred::All(all))
}

fn ids(given: &Given) -> Result<KeyTest, ApiError> {
    let mut ids: Option<Vec<String>> = None;
    for (operator, value) in given {
        let of = list(operator, value)?.iter().map(operand::text).collect::<Result<Vec<_>, _>>()?;
        ids = Some(match ids {
            Some(before) => before.into_iter().filter(|id| of.contains(id)).collect(),
            None => of,
        });
    }
    // No operand at all says nothing.
    Ok(ids.map_or(KeyTest::Type(vec![(0, i64::MAX)]), KeyTest::Id))
}

fn types(value: &Value) -> Result<KeyTest, ApiError> {
    let names = list("type", value)?;
    let range = |name: &Value| catalog().by_enum(enum_name(name)?).map(Def::id_range);
    Ok(KeyTest::Type(names.iter().filter_map(range).collect()))
}

fn name(def: &'static Def, column: usize, given: &Given) -> Result<Pred, ApiError> {
    let mut rest = given.clone();
    let langs = match rest.shift_remove("lang") {
        Some(value) => Some(
            list("lang", &value)?
                .iter()
                .map(|it| language(it).map(|tag| tag.as_str().to_owned()))
                .collect::<Result<Vec<_>, _>>()?,
        ),
        None => None,
    };
    let is_missing = rest.get("isNull") == Some(&Value::Boolean(true));
    if is_missing {
        rest.shift_remove("isNull");
    }
    let tests = strings(&rest, fold::fold)?;
    let has = |tests| {
        let test = KeyTest::Name { langs: langs.clone(), tests };
        Pred::Key { def, column, test }
    };
    if !is_missing {
        return Ok(has(tests));
    }
    // No wording can say that there is none.
    let missing = Pred::Not(Box::new(has(Vec::new())));
    Ok(if rest.is_empty() { missing } else { Pred::All(vec![missing, has(tests)]) })
}

fn identifier(given: &Given) -> Result<KeyTest, ApiError> {
    let scheme = operand::text(given.get("scheme").unwrap_or(&Value::Null))?;
    let tests = match given.get("value") {
        Some(value) => codes(object(value)?)?,
        None => Vec::new(),
    };
    Ok(KeyTest::Identifier { scheme, tests })
}

/// Codes are ASCII: to fold them is to set case aside.
fn lower(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// Tests on a code such as a slug.
fn codes(given: &Given) -> Result<Vec<Test>, ApiError> {
    let tests = strings(given, lower)?.into_iter();
    Ok(tests
        .map(|(folded, test)| if folded { Test::Lower(Box::new(test)) } else { test })
        .collect())
}

/// Tests of a `StringFilter` or `TextFilter`, each with whether it is on the folded text.
pub(super) fn strings(
    given: &Given,
    fold: fn(&str) -> String,
) -> Result<Vec<(bool, Test)>, ApiError> {
    let mut out = Vec::with_capacity(given.len());
    for (operator, value) in given {
        let text = || short_text(value);
        out.push(match operator.as_str() {
            "eq" => (false, Test::Is("=", text()?.into())),
            "in" => {
                let texts = list(operator, value)?;
                let texts = texts.iter().map(|it| short_text(it).map(Bind::from));
                (false, Test::In(texts.collect::<Result<_, _>>()?))
            }
            "startsWith" => (false, Test::StartsWith(text()?)),
            "contains" => (false, Test::Contains(text()?)),
            "eqFolded" => (true, Test::Is("=", fold(&text()?).into())),
            "startsWithFolded" => (true, Test::StartsWith(fold(&text()?))),
            "containsFolded" => (true, Test::Contains(fold(&text()?))),
            _ => (false, Test::Null(operand::bool(value)?)),
        });
    }
    Ok(out)
}

fn short_text(value: &Value) -> Result<String, ApiError> {
    let text = operand::text(value)?;
    match text.chars().count() > MOST_CHARACTERS {
        true => {
            Err(ApiError::filter(format!("an operand has at most {MOST_CHARACTERS} characters")))
        }
        false => Ok(text),
    }
}

/// Values of an enum.
fn choices(value: &Value, of: &'static EnumType) -> Result<Vec<Bind>, ApiError> {
    list(of.name, value)?
        .iter()
        .map(|given| {
            let known =
                enum_name(given).filter(|name| of.values.iter().any(|(value, _)| value == name));
            known
                .map(Bind::from)
                .ok_or_else(|| ApiError::filter(format!("{given} is no value of {}", of.name)))
        })
        .collect()
}

pub(super) fn not_null(name: &str, value: &Value) -> Result<(), ApiError> {
    match value {
        Value::Null => Err(ApiError::filter(format!(
            "null is no operand of `{name}`: leave it out, or ask with `isNull`, or with `not` and `{{}}` for a relation"
        ))),
        _ => Ok(()),
    }
}

/// An input object none of whose values is null.
pub(super) fn object(value: &Value) -> Result<&Given, ApiError> {
    let Value::Object(map) = value else {
        return Err(ApiError::filter(
            "null is no filter: leave it out, or use `{}` for one that takes every record",
        ));
    };
    for (name, value) in map {
        not_null(name, value)?;
    }
    Ok(map)
}

/// A list of operands none of which is null.
fn list(name: &str, value: &Value) -> Result<Vec<Value>, ApiError> {
    let list = items(value.clone());
    if list.len() > MOST_OPERANDS {
        return Err(ApiError::filter(format!(
            "`{name}` takes at most {MOST_OPERANDS} values, not {}",
            list.len()
        )));
    }
    for value in &list {
        not_null(name, value)?;
    }
    Ok(list)
}

pub(super) fn operand_list(name: &str, value: &Value) -> Result<Vec<Value>, ApiError> {
    list(name, value)
}
