//! Filters by chance, with operands that some records meet.

use culturegraph::record::{
    catalog,
    def::{Def, Shape},
    enum_value,
    filter::FilterKind,
    source::Source,
};
use serde_json::{Map, Value as Json, json};

use super::matching;
use crate::app::{
    chance::Chance,
    world::{Made, World},
};

/// No deeper than this: what is deeper meets nobody.
const DEEPEST: usize = 3;

/// A filter on records of a type, of one to three conditions.
pub(crate) fn filter(world: &World, chance: &mut Chance, def: &'static Def) -> Json {
    record(world, chance, def, 0)
}

fn record(world: &World, chance: &mut Chance, def: &'static Def, depth: usize) -> Json {
    let mut all = Map::new();
    for _ in 0..=chance.below(2) {
        if depth < DEEPEST && chance.one_in(4) {
            let mut inner = || record(world, chance, def, depth + 1);
            let filters = [inner(), inner()];
            match chance.pick(&["and", "or", "or", "not"]) {
                "not" => all.insert("not".to_owned(), filters[0].clone()),
                word => all.insert(word.to_owned(), filters.to_vec().into()),
            };
            continue;
        }
        let names: Vec<&&str> = def.filters.keys().collect();
        let name = *chance.pick(&names);
        if let Some(operand) = operand(world, chance, def, name, depth) {
            all.insert((*name).to_owned(), operand);
        }
    }
    all.into()
}

/// Operands of one condition; none if it leads too deep.
fn operand(
    world: &World,
    chance: &mut Chance,
    def: &'static Def,
    name: &str,
    depth: usize,
) -> Option<Json> {
    // Somebody who may meet it.
    let records: Vec<&Made> = world.all(def.name).collect();
    let one = *records.get(chance.below(records.len().max(1)))?;
    let value = one.fields.get(name).cloned();
    Some(match &def.filters[name].kind {
        FilterKind::Id => {
            let id = match chance.one_in(5) {
                true => "city_01KDVDNA002KCQ1QM9WQ7844YG".into(),
                false => one.id.as_str().into(),
            };
            one_of(chance, &["eq", "in"], id)
        }
        FilterKind::Int(_) => number(chance, value, &["eq", "in", "gt", "gte", "lt", "lte"]),
        FilterKind::Float(_) => number(chance, value, &["gt", "gte", "lt", "lte"]),
        FilterKind::Bool(_) => chance.one_in(2).into(),
        FilterKind::String { .. } => string(chance, value.as_ref().and_then(Json::as_str)),
        FilterKind::Choice { of, .. } => {
            let values: Vec<&str> = of.values.iter().map(|(value, _)| *value).collect();
            json!([chance.pick(&values), chance.pick(&values)])
        }
        FilterKind::Langs(_) => json!([chance.pick(&["vi", "en", "fr", "zh-Hant"])]),
        FilterKind::Instant(_) => {
            one_of(chance, &["gt", "gte", "lt", "lte"], one.updated_at.to_rfc3339().into())
        }
        FilterKind::Day(_) if chance.one_in(4) => json!({ "isNull": chance.one_in(2) }),
        FilterKind::Day(_) => {
            let day = day(chance);
            one_of(chance, &["eq", "gte", "lte"], day.into())
        }
        FilterKind::Date { .. } => date(chance, value.as_ref().and_then(Json::as_str)),
        FilterKind::Point { .. } => point(chance),
        FilterKind::Name => text(chance, one),
        FilterKind::Identifier => identifier(chance, one),
        FilterKind::One { target, .. } if depth < DEEPEST => {
            record(world, chance, target(), depth + 1)
        }
        FilterKind::Many { field } if depth < DEEPEST => {
            let Shape::Many(many) = &def.fields[field].shape else { return None };
            // Of the lists that a condition of their own makes the model knows some.
            if matches!(many.source, Source::Where(_)) && !matching::is_known_list(def, field) {
                return None;
            }
            let mut operands = Map::new();
            for _ in 0..=chance.below(2) {
                let quantity = chance.pick(&["some", "some", "every", "none"]);
                let inner = record(world, chance, (many.target)(), depth + 1);
                operands.insert(quantity.to_owned(), inner);
            }
            operands.into()
        }
        FilterKind::Any { .. } | FilterKind::Either(_) => described(world, chance, depth),
        FilterKind::Types(_) => types(chance),
        FilterKind::Custom { ty: "HeldAtFilter", .. } => {
            json!({ "date": day(chance), "includeUnknown": chance.one_in(2) })
        }
        _ => return None,
    })
}

fn described(world: &World, chance: &mut Chance, depth: usize) -> Json {
    let one = &world.records[chance.below(world.records.len())];
    match chance.below(9) {
        0 => json!({ "id": { "in": [one.id] } }),
        1 | 2 => json!({ "type": types(chance) }),
        3 if one.fields.contains_key("slug") => json!({ "slug": string(chance, one.text("slug")) }),
        4 | 5 if one.fields.contains_key("names") => json!({ "name": text(chance, one) }),
        6 => json!({ "identifier": identifier(chance, one) }),
        7 if depth < DEEPEST => json!({ "not": described(world, chance, depth + 1) }),
        8 if depth < DEEPEST => {
            let mut inner = || described(world, chance, depth + 1);
            let filters = [inner(), inner()];
            json!({ chance.pick(&["and", "or"]): filters })
        }
        _ => json!({}),
    }
}

fn types(chance: &mut Chance) -> Json {
    let types: Vec<String> = catalog().defs().iter().map(|def| enum_value(def)).collect();
    json!([chance.pick(&types), chance.pick(&types), "CITY"])
}

/// An operator with its operand, which is a list for `in`.
fn one_of(chance: &mut Chance, operators: &[&str], operand: Json) -> Json {
    match chance.pick(operators) {
        "in" => json!({ "in": [operand] }),
        operator => json!({ operator: operand }),
    }
}

fn number(chance: &mut Chance, value: Option<Json>, operators: &[&str]) -> Json {
    let value = value.unwrap_or_else(|| 1_000.into());
    match chance.below(6) {
        0 => json!({ "isNull": chance.one_in(2) }),
        1 => json!({ "gte": value, "lt": 60_000 }),
        2 if operators.contains(&"in") => json!({ "in": [] }),
        _ => one_of(chance, operators, value),
    }
}

fn string(chance: &mut Chance, value: Option<&str>) -> Json {
    let value = value.unwrap_or("a");
    let length = value.chars().count();
    let from = chance.below(length + 1);
    let part: String = value.chars().skip(from).take(1 + chance.below(4)).collect();
    let head: String = value.chars().take(1 + chance.below(4)).collect();
    match chance.below(9) {
        0 => json!({ "eq": value }),
        1 => json!({ "in": [value, "Huế"] }),
        2 => json!({ "startsWith": head }),
        3 => json!({ "contains": part }),
        4 => json!({ "eqFolded": value.to_uppercase() }),
        5 => json!({ "startsWithFolded": head.to_uppercase() }),
        6 => json!({ "containsFolded": part.to_uppercase() }),
        7 => json!({ "isNull": chance.one_in(2) }),
        _ => json!({ "startsWithFolded": head, "contains": part }),
    }
}

fn text(chance: &mut Chance, one: &Made) -> Json {
    let names = one.fields["names"].as_array().unwrap();
    let name = chance.pick(names);
    let mut operands = string(chance, name["value"].as_str());
    if chance.one_in(3) {
        operands["lang"] = json!([chance.pick(&["vi", "en"])]);
    }
    operands
}

fn identifier(chance: &mut Chance, one: &Made) -> Json {
    let first = one.fields.get("identifiers").map(|it| it[0].clone());
    let first = first.unwrap_or_else(|| json!({ "scheme": "GEONAMES", "value": "Q1" }));
    match chance.one_in(2) {
        true => json!({ "scheme": first["scheme"] }),
        false => {
            json!({ "scheme": first["scheme"], "value": string(chance, first["value"].as_str()) })
        }
    }
}

fn day(chance: &mut Chance) -> &'static str {
    chance.pick(&[
        "1998-06-01",
        "2004-10-14",
        "2019-01-01",
        "2019-10-30",
        "2021-07-01",
        "2025-12-31",
    ])
}

fn date(chance: &mut Chance, value: Option<&str>) -> Json {
    let (a, b) = (day(chance), day(chance));
    let range = match chance.below(3) {
        0 => json!({ "from": a }),
        1 => json!({ "to": a }),
        _ => json!({ "from": a.min(b), "to": a.max(b) }),
    };
    let mut operands = match chance.below(8) {
        0 => json!({ "edtf": string(chance, value) }),
        1 => json!({ "isNull": chance.one_in(2) }),
        2..5 => json!({ "within": range }),
        _ => json!({ "overlaps": range }),
    };
    if chance.one_in(3) {
        operands["includeUnknown"] = chance.one_in(3).into();
    }
    operands
}

fn point(chance: &mut Chance) -> Json {
    if chance.one_in(4) {
        return json!({ "isNull": chance.one_in(2) });
    }
    let mut sides: [f64; 5] = [-90.0, -10.0, 0.0, 21.0278, 60.0];
    let (a, b) = (chance.pick(&sides), chance.pick(&sides));
    sides = [-180.0, -43.2, 0.0, 105.8342, 180.0];
    let (west, east) = (chance.pick(&sides), chance.pick(&sides));
    json!({ "within": { "south": a.min(b), "north": a.max(b), "west": west, "east": east } })
}
