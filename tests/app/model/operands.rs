//! Whether a value meets the operands of a condition. A missing value meets none but `isNull: true`.

use chrono::{DateTime, Utc};
use culturegraph::value::{edtf::FuzzyDate, fold};
use serde_json::Value as Json;

use super::matching::{each, some};
use crate::app::world::Made;

pub(super) fn id(id: &str, operands: &Json) -> bool {
    each(operands).iter().all(|(operator, operand)| match operator.as_str() {
        "eq" => operand == id,
        "in" => some(operand).iter().any(|it| it == id),
        other => unknown(other),
    })
}

pub(super) fn number(value: Option<f64>, operands: &Json) -> bool {
    each(operands).iter().all(|(operator, operand)| {
        let is = |test: fn(&f64, &f64) -> bool| {
            value.is_some_and(|value| test(&value, &operand.as_f64().unwrap()))
        };
        match operator.as_str() {
            "eq" => is(f64::eq),
            "gt" => is(f64::gt),
            "gte" => is(f64::ge),
            "lt" => is(f64::lt),
            "lte" => is(f64::le),
            "in" => some(operand).iter().any(|it| it.as_f64() == value),
            "isNull" => value.is_none() == *operand,
            other => unknown(other),
        }
    })
}

pub(super) fn instant(value: DateTime<Utc>, operands: &Json) -> bool {
    each(operands).iter().all(|(operator, operand)| {
        let operand = DateTime::parse_from_rfc3339(operand.as_str().unwrap()).unwrap();
        match operator.as_str() {
            "gt" => value > operand,
            "gte" => value >= operand,
            "lt" => value < operand,
            "lte" => value <= operand,
            other => unknown(other),
        }
    })
}

pub(super) fn string(value: Option<&str>, operands: &Json, folded: fn(&str) -> String) -> bool {
    each(operands).iter().all(|(operator, operand)| {
        let is = |test: fn(&str, &str) -> bool| {
            value.is_some_and(|value| test(value, operand.as_str().unwrap()))
        };
        let is_folded = |test: fn(&str, &str) -> bool| {
            let operand = || folded(operand.as_str().unwrap());
            value.is_some_and(|value| test(&folded(value), &operand()))
        };
        let starts = |value: &str, with: &str| value.starts_with(with);
        let contains = |value: &str, part: &str| value.contains(part);
        match operator.as_str() {
            "eq" => is(|a, b| a == b),
            "in" => some(operand).iter().any(|it| it.as_str() == value),
            "startsWith" => is(starts),
            "contains" => is(contains),
            "eqFolded" => is_folded(|a, b| a == b),
            "startsWithFolded" => is_folded(starts),
            "containsFolded" => is_folded(contains),
            "isNull" => value.is_none() == *operand,
            other => unknown(other),
        }
    })
}

/// One name meets them all, of those in the languages given; or there is none in them.
pub(super) fn name(names: &Json, operands: &Json) -> bool {
    let mut rest = each(operands).clone();
    let langs = rest.remove("lang");
    let is_meant =
        |name: &&Json| langs.as_ref().is_none_or(|langs| some(langs).contains(&name["lang"]));
    let mut meant = some(names).iter().filter(is_meant);
    if rest.get("isNull") == Some(&Json::Bool(true)) {
        return rest.len() == 1 && meant.next().is_none();
    }
    meant.any(|name| string(name["value"].as_str(), &rest.clone().into(), fold::fold))
}

/// One identifier of the scheme meets them all.
pub(super) fn identifier(identifiers: Option<&Json>, operands: &Json) -> bool {
    let meets = |value: &Json| {
        let operands = operands.get("value");
        operands.is_none_or(|it| string(value.as_str(), it, str::to_ascii_lowercase))
    };
    let of_scheme = |it: &&Json| it["scheme"] == operands["scheme"];
    let identifiers = identifiers.map(some).unwrap_or_default();
    identifiers.iter().filter(of_scheme).any(|it| meets(&it["value"]))
}

/// A complete day; written so, days compare as they follow each other.
pub(super) fn day(value: Option<&str>, operands: &Json) -> bool {
    each(operands).iter().all(|(operator, operand)| {
        let is = |test: fn(&str, &str) -> bool| {
            value.is_some_and(|value| test(value, operand.as_str().unwrap()))
        };
        match operator.as_str() {
            "eq" => is(|a, b| a == b),
            "gte" => is(|a, b| a >= b),
            "lte" => is(|a, b| a <= b),
            "isNull" => value.is_none() == *operand,
            other => unknown(other),
        }
    })
}

/// The first and the last day that a date can mean.
pub(crate) fn days(date: Option<&str>) -> (Option<String>, Option<String>) {
    let date = date.map(|date| FuzzyDate::parse(date).unwrap());
    date.map_or((None, None), |date| (date.earliest, date.latest))
}

pub(super) fn date(value: Option<&str>, operands: &Json) -> bool {
    let (earliest, latest) = days(value);
    let unknown_too = operands.get("includeUnknown") == Some(&Json::Bool(true));
    let widened = unknown_too && earliest.is_none() && latest.is_none();
    each(operands).iter().all(|(operator, operand)| {
        let from = operand.get("from").map(|it| it.as_str().unwrap().to_owned());
        let to = operand.get("to").map(|it| it.as_str().unwrap().to_owned());
        match operator.as_str() {
            // All of it lies in the range. None is less than any day, so it has to be looked at apart.
            "within" => {
                let begins = from.is_none() || (earliest.is_some() && earliest >= from);
                let ends = to.is_none() || (latest.is_some() && latest <= to);
                widened || (begins && ends)
            }
            // Some of it does; an open side reaches as far as any range.
            "overlaps" => {
                let is_date = earliest.is_some() || latest.is_some();
                let reaches = from.is_none() || latest.is_none() || latest >= from;
                let begins = to.is_none() || earliest.is_none() || earliest <= to;
                widened || (is_date && reaches && begins)
            }
            "edtf" => string(value, operand, str::to_ascii_lowercase),
            "isNull" => value.is_none() == *operand,
            "includeUnknown" => true,
            other => unknown(other),
        }
    })
}

pub(super) fn point(value: Option<&Json>, operands: &Json) -> bool {
    each(operands).iter().all(|(operator, operand)| match operator.as_str() {
        "within" => value.is_some_and(|point| is_in_box(point, operand)),
        "isNull" => value.is_none() == *operand,
        other => unknown(other),
    })
}

fn is_in_box(point: &Json, corners: &Json) -> bool {
    let degrees = |name: &str| corners[name].as_f64().unwrap();
    let (latitude, longitude) =
        (point["latitude"].as_f64().unwrap(), point["longitude"].as_f64().unwrap());
    let (west, east) = (degrees("west"), degrees("east"));
    let is_between = match west <= east {
        true => west <= longitude && longitude <= east,
        false => west <= longitude || longitude <= east,
    };
    degrees("south") <= latitude && latitude <= degrees("north") && is_between
}

/// Attested on that day, or inside known ends; with `includeUnknown` wherever it is not known to be outside.
pub(crate) fn held_at(holding: &Made, operands: &Json) -> bool {
    let day = Some(operands["date"].as_str().unwrap().to_owned());
    let (start, end) = (days(holding.text("startDate")), days(holding.text("endDate")));
    let attested = holding.fields["attestedDates"].as_array().unwrap();
    let is_open = holding.text("endKind") == Some("OPEN");
    let begun = start.1.is_some() && start.1 <= day;
    let lasts = is_open || (end.0.is_some() && end.0 >= day);
    let is_outside = (start.0.is_some() && start.0 > day) || (end.1.is_some() && end.1 < day);
    let is_attested = attested.iter().any(|it| it.as_str() == day.as_deref());
    let unknown_too = operands.get("includeUnknown") == Some(&Json::Bool(true));
    is_attested || (begun && lasts) || (unknown_too && !is_outside)
}

fn unknown(operator: &str) -> bool {
    panic!("the model does not know `{operator}` yet: write down what it means")
}
