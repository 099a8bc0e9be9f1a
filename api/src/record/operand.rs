//! Operands of filters: what values they take, and the input types that say so in the schema.
use async_graphql::{Name, Value, indexmap::IndexMap};
use sea_orm::Value as Bind;

use super::{
    def::Def,
    filter::{not_null, object, operand_list, strings},
    pred::{Pred, Test},
    shape::InputShape,
};
use crate::{
    error::ApiError,
    value::{day, fold},
};

type Given = IndexMap<Name, Value>;

/// Text in NFC. PostgreSQL has no NUL in a text, so that none can be equal to one.
pub(super) fn text(value: &Value) -> Result<String, ApiError> {
    match value {
        Value::String(it) if it.contains('\0') => {
            Err(ApiError::value("a text cannot hold the character NUL; remove it"))
        }
        Value::String(it) => Ok(fold::nfc(it).into_owned()),
        Value::Number(it) => Ok(it.to_string()),
        _ => Err(ApiError::filter("a string is expected, not null")),
    }
}

pub(super) fn bool(value: &Value) -> Result<bool, ApiError> {
    match value {
        Value::Boolean(it) => Ok(*it),
        _ => Err(ApiError::filter("true or false is expected, not null")),
    }
}

pub(super) fn int(value: &Value) -> Result<Bind, ApiError> {
    match value {
        Value::Number(it) => {
            it.as_i64().map(Bind::from).ok_or_else(|| ApiError::value("a whole number is expected"))
        }
        _ => Err(ApiError::filter("a number is expected, not null")),
    }
}

pub(super) fn float(value: &Value) -> Result<Bind, ApiError> {
    number(value).map(Bind::from)
}

fn number(value: &Value) -> Result<f64, ApiError> {
    match value {
        Value::Number(it) => it.as_f64().ok_or_else(|| ApiError::value("a number is expected")),
        _ => Err(ApiError::filter("a number is expected, not null")),
    }
}

/// An instant as it is stored: microseconds since the Unix epoch.
pub(super) fn instant(value: &Value) -> Result<Bind, ApiError> {
    let Value::String(text) = value else {
        return Err(ApiError::filter("an instant is expected, not null"));
    };
    chrono::DateTime::parse_from_rfc3339(text).map(|it| Bind::from(it.timestamp_micros())).map_err(
        |_| {
            ApiError::value(
                "an instant is written as in RFC 3339, such as \"2026-01-31T12:00:00Z\"",
            )
        },
    )
}

/// A complete day, as it is stored.
pub(super) fn complete_day(value: &Value) -> Result<String, ApiError> {
    match value {
        Value::String(text) if day::is_valid(text) => Ok(text.clone()),
        Value::String(_) => {
            Err(ApiError::value("a day is written `YYYY-MM-DD` and exists, such as \"2019-10-30\""))
        }
        _ => Err(ApiError::filter("a day is expected, not null")),
    }
}

/// Tests of an `IntFilter` and its like.
pub(super) fn numbers(
    given: &Given,
    read: fn(&Value) -> Result<Bind, ApiError>,
) -> Result<Vec<Test>, ApiError> {
    given
        .iter()
        .map(|(operator, value)| {
            Ok(match operator.as_str() {
                "eq" => Test::Is("=", read(value)?),
                "gt" => Test::Is(">", read(value)?),
                "gte" => Test::Is(">=", read(value)?),
                "lt" => Test::Is("<", read(value)?),
                "lte" => Test::Is("<=", read(value)?),
                "in" => Test::In(
                    operand_list(operator, value)?.iter().map(read).collect::<Result<_, _>>()?,
                ),
                _ => Test::Null(bool(value)?),
            })
        })
        .collect()
}

/// Whether a number that is there, or not, passes one of these tests.
pub(super) fn takes(test: &Test, number: Option<i64>) -> bool {
    let is = |bind: &Bind, compare: fn(&i64, &i64) -> bool| match (number, bind) {
        (Some(number), Bind::BigInt(Some(bound))) => compare(&number, bound),
        _ => false,
    };
    match test {
        Test::Is("=", bind) => is(bind, i64::eq),
        Test::Is(">", bind) => is(bind, |number, bound| number > bound),
        Test::Is(">=", bind) => is(bind, |number, bound| number >= bound),
        Test::Is("<", bind) => is(bind, |number, bound| number < bound),
        Test::Is("<=", bind) => is(bind, |number, bound| number <= bound),
        Test::In(binds) => binds.iter().any(|bind| is(bind, i64::eq)),
        Test::Null(is_null) => number.is_none() == *is_null,
        _ => false,
    }
}

/// Tests of a `DateFilter`.
pub(super) fn days(given: &Given) -> Result<Vec<Test>, ApiError> {
    numbers(given, |value| complete_day(value).map(Bind::from))
}

/// The condition of a `FuzzyDateFilter` on the columns as written, earliest, latest.
pub(super) fn date(
    def: &'static Def,
    columns: [usize; 3],
    given: &Given,
) -> Result<Pred, ApiError> {
    let [written, earliest, latest] = columns;
    let column = |column, test| Pred::column(def, column, test);
    let missing = |place| column(place, Test::Null(true));
    let with_unknown = match given.get("includeUnknown") {
        Some(value) => bool(value)?,
        None => false,
    };
    let widen = |range: Pred| match with_unknown {
        true => Pred::Any(vec![range, Pred::All(vec![missing(earliest), missing(latest)])]),
        false => range,
    };
    let mut all = Vec::new();
    for (operator, value) in given {
        all.push(match operator.as_str() {
            "within" => {
                let (from, to) = range(object(value)?)?;
                let mut tests = Vec::new();
                tests.extend(from.map(|day| column(earliest, Test::Is(">=", day.into()))));
                tests.extend(to.map(|day| column(latest, Test::Is("<=", day.into()))));
                widen(Pred::All(tests))
            }
            "overlaps" => {
                let (from, to) = range(object(value)?)?;
                // An interval that is open at one side reaches as far as any range.
                let open =
                    |side, other| Pred::All(vec![missing(side), column(other, Test::Null(false))]);
                let mut tests = Vec::new();
                tests.extend(from.map(|day| {
                    Pred::Any(vec![
                        column(latest, Test::Is(">=", day.into())),
                        open(latest, earliest),
                    ])
                }));
                tests.extend(to.map(|day| {
                    Pred::Any(vec![
                        column(earliest, Test::Is("<=", day.into())),
                        open(earliest, latest),
                    ])
                }));
                widen(Pred::All(tests))
            }
            "edtf" => {
                let tests = strings(object(value)?, |text| text.to_ascii_lowercase())?;
                let lower =
                    |(folded, test)| if folded { Test::Lower(Box::new(test)) } else { test };
                Pred::All(tests.into_iter().map(lower).map(|test| column(written, test)).collect())
            }
            "isNull" => column(written, Test::Null(bool(value)?)),
            _ => Pred::always(),
        });
    }
    Ok(Pred::All(all))
}

fn range(given: &Given) -> Result<(Option<String>, Option<String>), ApiError> {
    let from = given.get("from").map(complete_day).transpose()?;
    let to = given.get("to").map(complete_day).transpose()?;
    match (&from, &to) {
        (None, None) => Err(ApiError::filter("a range needs `from` or `to`")),
        (Some(from), Some(to)) if from > to => Err(ApiError::filter(format!(
            "the range from {from} to {to} is empty; exchange its ends"
        ))),
        _ => Ok((from, to)),
    }
}

/// The condition of a `GeoFilter` on the columns of latitude and longitude.
pub(super) fn point(
    def: &'static Def,
    [latitude, longitude]: [usize; 2],
    given: &Given,
) -> Result<Pred, ApiError> {
    let column = |column, test| Pred::column(def, column, test);
    let mut all = Vec::new();
    if let Some(value) = given.get("within") {
        let corners = object(value)?;
        let side = |name: &str, limit: f64| {
            let degrees = number(corners.get(name).unwrap_or(&Value::Null))?;
            match degrees.abs() <= limit {
                true => Ok(degrees),
                false => Err(ApiError::value(format!(
                    "`{name}` is in degrees, from -{limit} to {limit}"
                ))),
            }
        };
        let (south, north) = (side("south", 90.0)?, side("north", 90.0)?);
        let (west, east) = (side("west", 180.0)?, side("east", 180.0)?);
        if south > north {
            return Err(ApiError::filter("the box is empty: `south` is greater than `north`"));
        }
        let over = column(longitude, Test::Is(">=", west.into()));
        let under = column(longitude, Test::Is("<=", east.into()));
        all.push(column(latitude, Test::Is(">=", south.into())));
        all.push(column(latitude, Test::Is("<=", north.into())));
        // A box whose west is east of its east crosses the antimeridian.
        all.push(if west <= east {
            Pred::All(vec![over, under])
        } else {
            Pred::Any(vec![over, under])
        });
    }
    if let Some(value) = given.get("isNull") {
        not_null("isNull", value)?;
        all.push(column(latitude, Test::Null(bool(value)?)));
    }
    Ok(Pred::All(all))
}

const IS_NULL: (&str, &str, &str) =
    ("isNull", "Boolean", "True: there is no value. False: there is one.");
const STRING: [(&str, &str, &str); 8] = [
    ("eq", "String", "Equals, after NFC."),
    ("in", "[String!]", "Equals one of these; at most 100."),
    ("startsWith", "String", "Begins with."),
    ("contains", "String", "Has in it."),
    ("eqFolded", "String", "Equals, whatever case and marks: `ha noi` finds Hà Nội."),
    ("startsWithFolded", "String", "Begins with, whatever case and marks."),
    ("containsFolded", "String", "Has in it, whatever case and marks."),
    IS_NULL,
];

/// The operand types of all filters.
pub(super) const INPUTS: &[InputShape] = &[
    InputShape::new(
        "StringFilter",
        "Conditions on characters. Operands are at most 1,000 characters long.",
        &STRING,
    ),
    InputShape::new(
        "TextFilter",
        "Conditions on a multilingual text: one wording meets them all.",
        &[
            ("lang", "[Lang!]", "Only wordings in these languages; any when absent."),
            STRING[0],
            STRING[1],
            STRING[2],
            STRING[3],
            STRING[4],
            STRING[5],
            STRING[6],
            STRING[7],
        ],
    ),
    InputShape::new(
        "IDFilter",
        "Conditions on an id.",
        &[("eq", "ID", "Is this one."), ("in", "[ID!]", "Is one of these; at most 100.")],
    ),
    InputShape::new(
        "IntFilter",
        "Conditions on a whole number.",
        &[
            ("eq", "Int", "Equals."),
            ("in", "[Int!]", "Equals one of these; at most 100."),
            ("gt", "Int", "Greater."),
            ("gte", "Int", "Greater or equal."),
            ("lt", "Int", "Less."),
            ("lte", "Int", "Less or equal."),
            IS_NULL,
        ],
    ),
    InputShape::new(
        "FloatFilter",
        "Conditions on a number.",
        &[
            ("gt", "Float", "Greater."),
            ("gte", "Float", "Greater or equal."),
            ("lt", "Float", "Less."),
            ("lte", "Float", "Less or equal."),
            IS_NULL,
        ],
    ),
    InputShape::new(
        "DateFilter",
        "Conditions on a day.",
        &[
            ("eq", "Date", "That day."),
            ("gte", "Date", "That day or later."),
            ("lte", "Date", "That day or earlier."),
            IS_NULL,
        ],
    ),
    InputShape::new(
        "DateTimeFilter",
        "Conditions on an instant.",
        &[
            ("gt", "DateTime", "Later."),
            ("gte", "DateTime", "Then or later."),
            ("lt", "DateTime", "Earlier."),
            ("lte", "DateTime", "Then or earlier."),
        ],
    ),
    InputShape::new(
        "FuzzyDateFilter",
        "Conditions on a date as a source has it. A date without a year meets no range unless `includeUnknown` is true.",
        &[
            ("within", "DateRange", "Certainly in the range: all days that it can mean are."),
            ("overlaps", "DateRange", "Possibly in the range: a day that it can mean is."),
            ("edtf", "StringFilter", "As written."),
            (
                "includeUnknown",
                "Boolean",
                "With a range: true also keeps dates without a year and missing dates; false when absent.",
            ),
            ("isNull", "Boolean", "True: there is no date. False: there is one."),
        ],
    ),
    InputShape::new(
        "DateRange",
        "A range of days, both ends included. At least one is given.",
        &[
            ("from", "Date", "First day; open when absent."),
            ("to", "Date", "Last day; open when absent."),
        ],
    ),
    InputShape::new(
        "GeoFilter",
        "Conditions on a point.",
        &[
            ("within", "BoundingBox", "In the box, its border included."),
            ("isNull", "Boolean", "True: there is no point. False: there is one."),
        ],
    ),
    InputShape::new(
        "BoundingBox",
        "A box of WGS 84 degrees. West greater than east crosses the antimeridian.",
        &[
            ("south", "Float!", "Least latitude."),
            ("west", "Float!", "Western longitude."),
            ("north", "Float!", "Greatest latitude."),
            ("east", "Float!", "Eastern longitude."),
        ],
    ),
    InputShape::new(
        "IdentifierFilter",
        "Has an identifier.",
        &[
            ("scheme", "String!", "Scheme, e.g. `GEONAMES`."),
            ("value", "StringFilter", "Conditions on its value; any when absent."),
        ],
    ),
    InputShape::new(
        "DescribedFilter",
        "Conditions on a record of any type. A record that is named meets them by its names and its slug.",
        &[
            ("and", "[DescribedFilter!]", "All of these hold."),
            ("or", "[DescribedFilter!]", "At least one of these holds."),
            ("not", "DescribedFilter", "This does not hold."),
            ("id", "IDFilter", "The record of this id."),
            ("type", "[RecordType!]", "Any of these types."),
            ("slug", "StringFilter", "Slug, also a former one; unique only within a type."),
            ("name", "TextFilter", "Name in any language, or in those given."),
            ("identifier", "IdentifierFilter", "Identifier elsewhere."),
        ],
    ),
];
