//! Rules that records of all types keep, on the fields as they are written.
use serde_json::{Map, Value as Json};

use super::{
    def::Def,
    write::{Fields, Mistake, MistakeCode},
};
use crate::value::edtf::FuzzyDate;

/// A page of the change log has up to 100 records whole, and each version of a record is kept. Stored texts, which are shown
/// apart, may be as long as a request.
const LARGEST_RECORD: usize = 64 * 1024;

/// About as many bytes as the fields take in JSON.
fn length(fields: &Map<String, Json>) -> usize {
    fn of(value: &Json) -> usize {
        match value {
            Json::String(text) => text.len() + 2,
            Json::Array(list) => list.iter().map(|it| of(it) + 1).sum::<usize>() + 2,
            Json::Object(map) => length(map),
            _ => 8,
        }
    }
    fields.iter().map(|(name, value)| name.len() + of(value) + 4).sum()
}

/// What is wrong in the fields of the record of this public id, by what they say of each other.
pub fn broken(def: &Def, public_id: &str, fields: &Fields) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let is_editorial = fields.get("modality").is_some_and(|it| it == "EDITORIAL");
    if is_editorial && !fields.contains_key("assertedBy") {
        let message = "what no source says is asserted by an editor, who is named";
        mistakes.push(Mistake::new(MistakeCode::Required, message).below("assertedBy"));
    }
    for (name, value) in fields {
        if value == public_id && def.is_reference(name) {
            mistakes.push(Mistake::format("a record does not refer to itself").below(name));
        }
    }
    mistakes.extend(ends_first(fields));
    if def.full_texts.is_empty() && length(fields) > LARGEST_RECORD {
        let message = format!(
            "the record has more than {LARGEST_RECORD} bytes in the form of the change log: it could no longer be read with others"
        );
        mistakes.push(Mistake::new(MistakeCode::TooMany, message));
    }
    for (field, ..) in def.parts() {
        let parts = fields.get(field).and_then(Json::as_array).into_iter().flatten();
        for (place, part) in parts.enumerate() {
            let wrong = part.as_object().and_then(ends_first);
            mistakes.extend(wrong.map(|it| it.below(place.to_string()).below(field)));
        }
    }
    mistakes.extend(def.rule.and_then(|rule| rule(fields)));
    mistakes
}

/// A stretch of time that is over before it can have begun.
fn ends_first(fields: &Map<String, Json>) -> Option<Mistake> {
    let date = |name: &str| FuzzyDate::parse(fields.get(name)?.as_str()?).ok();
    let (start, end) = (date("startDate")?, date("endDate")?);
    let (earliest, latest) = (start.earliest?, end.latest?);
    (latest < earliest).then(|| {
        let message = format!("it ends ({}) before it starts ({})", end.edtf, start.edtf);
        Mistake::format(message).below("endDate")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_ends_has_begun() {
        let is_wrong = |start: &str, end: &str| {
            let fields = json!({ "startDate": start, "endDate": end });
            ends_first(fields.as_object().unwrap()).is_some()
        };
        assert!(is_wrong("2024-05-02", "2024-05-01"));
        assert!(is_wrong("2024", "2023-12"));
        for (start, end) in [("2024", "2024-03"), ("2024-05", "2024"), ("2024-05-01", "2024-05-01")]
        {
            assert!(!is_wrong(start, end), "{start} to {end}");
        }
        assert!(!is_wrong("XXXX-12-13", "2020"), "no year, so nothing to say");
    }
}
