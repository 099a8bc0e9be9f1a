//! The best claim: what a field shows of which sources may differ.
use std::collections::HashSet;

use serde_json::{Value as Json, json};

use crate::record::{
    def::{Def, Field},
    write::Store,
};
use crate::value::edtf::{FuzzyDate, coarser, compatible};

/// One claim about a property, with its sources.
pub(super) struct Side {
    /// Internal id: older claims have smaller ones.
    pub(super) id: i64,
    pub(super) rank: String,
    /// As in the record of the claim: an object with one field, the kind.
    pub(super) value: Json,
    /// Ids of those who support it: organizations that have given it sources, and documents that were loaded as such.
    pub(super) sources: HashSet<String>,
}

/// The value of the best claim, in the form in which a field is written; `None` if there is none to show.
///
/// Best are the preferred claims if there are any, else the normal ones, never deprecated ones. Among these the value with
/// most sources wins, where dates that can be the same count together and the coarser is shown, and then the oldest claim.
pub(super) fn best(sides: &[Side]) -> Option<Json> {
    let of_rank = |rank: &str| sides.iter().filter(|side| side.rank == rank).collect::<Vec<_>>();
    let candidates =
        Some(of_rank("PREFERRED")).filter(|it| !it.is_empty()).unwrap_or_else(|| of_rank("NORMAL"));
    let with_support = candidates.iter().map(|side| {
        let agreeing: Vec<&&Side> =
            candidates.iter().filter(|other| agree(&side.value, &other.value)).collect();
        let sources: HashSet<&String> = agreeing.iter().flat_map(|other| &other.sources).collect();
        let oldest = agreeing.iter().map(|other| other.id).min().unwrap_or(side.id);
        (sources.len(), std::cmp::Reverse(oldest), *side)
    });
    let (_, _, winner) = with_support.max_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)))?;
    let shown = candidates.iter().filter(|other| agree(&winner.value, &other.value)).fold(
        winner,
        |shown, other| match (date(&other.value), date(&shown.value)) {
            (Some(other_date), Some(shown_date)) if coarser(&other_date, &shown_date) => other,
            _ => shown,
        },
    );
    written(&shown.value)
}

fn date(value: &Json) -> Option<FuzzyDate> {
    FuzzyDate::parse(value.get("date")?.as_str()?).ok()
}

/// Whether two values can be the same.
pub(super) fn agree(a: &Json, b: &Json) -> bool {
    match (date(a), date(b)) {
        (Some(a), Some(b)) => compatible(&a, &b),
        _ => a == b,
    }
}

/// A claim's value as a field's: a count as a number, all else as it is.
fn written(value: &Json) -> Option<Json> {
    let (kind, value) = value.as_object()?.iter().next()?;
    match kind.as_str() {
        "quantity" => value.get("amount")?.as_str()?.parse::<i64>().ok().map(Json::from),
        "date" | "geo" | "record" | "string" | "text" => Some(value.clone()),
        // Known to be unknown, or to be none: there is nothing to show.
        _ => None,
    }
}

/// The kind of claims about a field; `None` where claims have no such kind of value.
fn kind(def: &Def, field: &str) -> Option<&'static str> {
    let Field { ty, store, .. } = def.fields.get(field)?;
    Some(match (store.as_ref()?, ty.trim_end_matches('!')) {
        (Store::One { .. }, _) => "record",
        (_, "FuzzyDate") => "date",
        (_, "GeoCoordinates") => "geo",
        (_, "Text" | "[Text!]") => "text",
        (_, "Int" | "Float") => "quantity",
        (_, "String") => "string",
        _ => return None,
    })
}

/// A field's value as a claim's; `None` where claims have no such kind of value.
pub fn as_claimed(def: &Def, field: &str, value: &Json) -> Option<Json> {
    if value.is_null() {
        return None;
    }
    Some(match kind(def, field)? {
        "quantity" => json!({ "quantity": { "amount": value.to_string() } }),
        kind => Json::Object([(kind.to_owned(), value.clone())].into_iter().collect()),
    })
}

/// Whether a claim about a field has a value that it can show, or says that there is none. The error says what it can be.
pub(super) fn fits(def: &Def, field: &str, value: &Json) -> Result<(), String> {
    let Some(expected) = kind(def, field) else { return Ok(()) };
    let given = value.as_object().and_then(|it| it.keys().next()).map(String::as_str);
    match given {
        // That the value is none at all is said where it is written.
        None | Some("absence") => Ok(()),
        Some(given) if given != expected => Err(format!(
            "a claim about `{field}` has a value of the kind `{expected}`, not `{given}`"
        )),
        // What a reference leads to is looked at with all others.
        Some("record") => Ok(()),
        Some(_) => match written(value) {
            Some(shown) => def.takes(field, &shown).map_err(|mistake| mistake.message),
            None => Err(format!("`{field}` is a whole number")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(id: i64, rank: &str, edtf: &str, sources: &[&str]) -> Side {
        let sources = sources.iter().map(|it| (*it).to_owned()).collect();
        Side { id, rank: rank.to_owned(), value: json!({ "date": edtf }), sources }
    }

    #[test]
    fn compatible_dates_count_together_and_the_coarser_is_shown() {
        let sides = [
            side(1, "NORMAL", "2020", &["a", "b"]),
            side(2, "NORMAL", "2019-10-30", &["c"]),
            side(3, "NORMAL", "2019", &["d", "e"]),
        ];

        assert_eq!(best(&sides), Some(json!("2019")));
    }

    #[test]
    fn a_day_without_a_year_is_shown_before_the_same_day_with_an_inferred_one() {
        let sides =
            [side(1, "NORMAL", "XXXX-12-13", &["a"]), side(2, "NORMAL", "2021-12-13", &["b", "c"])];

        assert_eq!(best(&sides), Some(json!("XXXX-12-13")));
    }

    #[test]
    fn a_preferred_claim_beats_many_normal_ones() {
        let sides =
            [side(1, "NORMAL", "2019", &["a", "b", "c"]), side(2, "PREFERRED", "2020", &[])];

        assert_eq!(best(&sides), Some(json!("2020")));
    }

    #[test]
    fn among_equals_the_oldest_wins() {
        let sides = [side(7, "NORMAL", "2020", &["a"]), side(3, "NORMAL", "2012", &["b"])];

        assert_eq!(best(&sides), Some(json!("2012")));
    }

    #[test]
    fn a_deprecated_claim_is_never_shown() {
        assert_eq!(best(&[side(1, "DEPRECATED", "2012", &["a"])]), None);
    }

    #[test]
    fn a_count_is_shown_as_a_number() {
        let sides = [Side {
            id: 1,
            rank: "NORMAL".into(),
            value: json!({ "quantity": { "amount": "8053663" } }),
            sources: HashSet::new(),
        }];

        assert_eq!(best(&sides), Some(json!(8_053_663)));
    }
}
