//! The order of lists.

use std::cmp::Ordering;

use culturegraph::{
    record::{
        def::{Def, OrderOn, camel},
        filter::FilterKind,
    },
    value::{
        edtf::FuzzyDate,
        sort::{Alphabet, sort_key},
    },
};
use serde_json::{Value as Json, json};

use crate::app::world::{Made, World};

#[derive(Debug, PartialEq, PartialOrd)]
enum Key {
    Number(f64),
    Text(String),
}

/// Every order field of a type in both directions, nulls at both ends, names in each alphabet.
pub(crate) fn all_orders(def: &Def) -> Vec<Json> {
    let mut all = Vec::new();
    for (field, order) in &def.orders {
        let langs = match order.on {
            OrderOn::Name { .. } => vec![Json::Null, "vi".into(), "en".into()],
            OrderOn::Column(_) => vec![Json::Null],
        };
        for lang in langs {
            for direction in ["ASC", "DESC"] {
                for nulls in ["FIRST", "LAST"] {
                    let mut key = json!({ "field": field, "direction": direction, "nulls": nulls });
                    if !lang.is_null() {
                        key["lang"] = lang.clone();
                    }
                    all.push(key);
                }
            }
        }
    }
    all
}

/// The records in an order; without one, in that of their type. What is equal stands in the order in which it was made,
/// or against it if the last key descends.
pub(crate) fn sorted<'w>(world: &'w World, mut of: Vec<&'w Made>, order: &[Json]) -> Vec<&'w Made> {
    let Some(first) = of.first() else { return of };
    let mut order = match order.is_empty() {
        true => default_order(first.def.name),
        false => order.to_vec(),
    };
    // A key that comes again decides nothing.
    let mut before = Vec::new();
    order.retain(|key| {
        let what = (key["field"].clone(), key["lang"].clone());
        !before.contains(&what) && (before.push(what), true).1
    });
    let backwards = order.last().is_some_and(is_descending);
    // They are in the order in which they were made, and sorting keeps it among equals.
    if backwards {
        of.reverse();
    }
    of.sort_by(|a, b| {
        let by = |key: &Json| compare(key, value(world, a, key), value(world, b, key));
        order.iter().map(by).find(|it| it.is_ne()).unwrap_or(Ordering::Equal)
    });
    of
}

/// As the schema describes the lists.
fn default_order(name: &str) -> Vec<Json> {
    let fields: &[&str] = match name {
        "City" | "Country" | "Person" | "Organization" | "Region" => &["NAME"],
        "Participation" => &[],
        "Initiative" | "Challenge" => &["LIST_POSITION", "NAME"],
        "Membership" => &["START_DATE", "CITY_NAME"],
        other => panic!("write down the default order of {other}"),
    };
    fields.iter().map(|field| json!({ "field": field })).collect()
}

fn is_descending(key: &Json) -> bool {
    key["direction"] == "DESC"
}

fn compare(key: &Json, a: Option<Key>, b: Option<Key>) -> Ordering {
    let nulls_first = key["nulls"] == "FIRST";
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) if nulls_first => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) if nulls_first => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) if is_descending(key) => b.partial_cmp(&a).unwrap(),
        (Some(a), Some(b)) => a.partial_cmp(&b).unwrap(),
    }
}

fn value(world: &World, record: &Made, key: &Json) -> Option<Key> {
    let field = key["field"].as_str().unwrap();
    let instant = |at: chrono::DateTime<chrono::Utc>| Key::Text(at.to_rfc3339());
    Some(match field {
        "ID" => Key::Number(world.place(&record.id)),
        "CREATED_AT" => instant(record.created_at),
        "UPDATED_AT" => instant(record.updated_at),
        "NAME" => name(record, key["lang"].as_str()),
        "CITY_NAME" => name(world.get(record.text("city")?), None),
        "RANK" => Key::Text(record.text("rank").unwrap_or("NORMAL").to_owned()),
        _ => {
            let field = camel(&field.to_lowercase());
            match record.fields.get(field.as_str())? {
                Json::String(date) if is_date(record.def, &field) => {
                    Key::Text(FuzzyDate::parse(date).unwrap().earliest?)
                }
                Json::String(text) => Key::Text(text.clone()),
                number => Key::Number(number.as_f64().unwrap()),
            }
        }
    })
}

fn is_date(def: &Def, field: &str) -> bool {
    def.filters.get(field).is_some_and(|filter| matches!(filter.kind, FilterKind::Date { .. }))
}

/// The name in a language, else the record's own; English names in the order of English, all others as in Vietnamese.
fn name(record: &Made, lang: Option<&str>) -> Key {
    let names = record.fields["names"].as_array().unwrap();
    let in_lang = names.iter().find(|name| Some(name["lang"].as_str().unwrap()) == lang);
    let alphabet = if lang == Some("en") { Alphabet::Latin } else { Alphabet::Vietnamese };
    let shown = in_lang.unwrap_or(&names[0])["value"].as_str().unwrap();
    Key::Text(sort_key(shown, alphabet))
}
