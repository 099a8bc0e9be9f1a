//! Whether a record meets a filter.

use culturegraph::{
    record::{
        catalog,
        def::{Def, Shape},
        filter::FilterKind,
        source::Source,
        write::Store,
    },
    value::fold,
};
use serde_json::{Map, Value as Json};

use super::operands;
use crate::app::world::{Made, World};

/// Whether a list with this filter shows the record: deprecated rows only where the filter speaks of ranks itself.
pub(crate) fn is_listed(world: &World, record: &Made, filter: &Json) -> bool {
    is_known(record, filter) && matches(world, record, filter)
}

fn is_known(record: &Made, filter: &Json) -> bool {
    record.text("rank") != Some("DEPRECATED") || speaks_of_rank(filter)
}

fn speaks_of_rank(filter: &Json) -> bool {
    match filter {
        Json::Object(filter) => filter.iter().any(|(name, inner)| match name.as_str() {
            "rank" => true,
            "and" | "or" | "not" => speaks_of_rank(inner),
            _ => false,
        }),
        Json::Array(filters) => filters.iter().any(speaks_of_rank),
        _ => false,
    }
}

fn matches(world: &World, record: &Made, filter: &Json) -> bool {
    each(filter).iter().all(|(name, operand)| match name.as_str() {
        "and" => some(operand).iter().all(|filter| matches(world, record, filter)),
        "or" => some(operand).iter().any(|filter| matches(world, record, filter)),
        "not" => !matches(world, record, operand),
        field => condition(world, record, field, operand),
    })
}

fn condition(world: &World, record: &Made, field: &str, operand: &Json) -> bool {
    let value = record.fields.get(field);
    match &record.def.filters[field].kind {
        FilterKind::Id => operands::id(&record.id, operand),
        FilterKind::Int(_) | FilterKind::Float(_) => {
            operands::number(value.and_then(Json::as_f64), operand)
        }
        FilterKind::Bool(_) => value.unwrap_or(&Json::Bool(false)) == operand,
        FilterKind::String { folded: Some(_), .. } => {
            operands::string(record.text(field), operand, fold::fold)
        }
        FilterKind::String { folded: None, .. } => {
            operands::string(record.text(field), operand, str::to_ascii_lowercase)
        }
        FilterKind::Choice { .. } => {
            let default = match field {
                "rank" => "NORMAL",
                "modality" => "STATED",
                _ => "",
            };
            some(operand).contains(&record.text(field).unwrap_or(default).into())
        }
        FilterKind::Langs(_) => some(operand).iter().any(|lang| Some(lang) == value),
        FilterKind::Instant(_) => operands::instant(record.updated_at, operand),
        FilterKind::Date { .. } => operands::date(record.text(field), operand),
        FilterKind::Point { .. } => operands::point(value, operand),
        FilterKind::Name => operands::name(&record.fields["names"], operand),
        FilterKind::Identifier => operands::identifier(record.fields.get("identifiers"), operand),
        FilterKind::One { .. } => {
            referred(world, record, field).is_some_and(|referred| matches(world, referred, operand))
        }
        FilterKind::Any { .. } => {
            referred(world, record, field).is_some_and(|referred| described(referred, operand))
        }
        FilterKind::Many { .. } => each(operand).iter().all(|(quantity, filter)| {
            let mut known =
                list(world, record, field).into_iter().filter(|it| is_known(it, filter));
            match quantity.as_str() {
                "some" => known.any(|it| matches(world, it, filter)),
                "every" => known.all(|it| matches(world, it, filter)),
                "none" => !known.any(|it| matches(world, it, filter)),
                other => panic!("the model does not know `{other}`"),
            }
        }),
        FilterKind::Day(_) => operands::day(record.text(field), operand),
        FilterKind::Either(_) => {
            let value = record.fields.get("value").and_then(|value| value["record"].as_str());
            let sides = record.text("subject").into_iter().chain(value);
            sides.into_iter().any(|id| described(world.get(id), operand))
        }
        FilterKind::Types(_) => {
            referred(world, record, "subject").is_some_and(|it| is_of_type(it, operand))
        }
        FilterKind::Custom { ty: "HeldAtFilter", .. } => operands::held_at(record, operand),
        other => panic!("the model does not know {other:?} yet: write down what it means"),
    }
}

/// A filter on a record of any type.
fn described(record: &Made, filter: &Json) -> bool {
    each(filter).iter().all(|(name, operand)| match name.as_str() {
        "and" => some(operand).iter().all(|filter| described(record, filter)),
        "or" => some(operand).iter().any(|filter| described(record, filter)),
        "not" => !described(record, operand),
        "id" => operands::id(&record.id, operand),
        "type" => is_of_type(record, operand),
        "slug" => {
            record.fields.contains_key("slug")
                && operands::string(record.text("slug"), operand, str::to_ascii_lowercase)
        }
        "name" => record.fields.get("names").is_some_and(|names| operands::name(names, operand)),
        "identifier" => operands::identifier(record.fields.get("identifiers"), operand),
        other => panic!("the model does not know `{other}`"),
    })
}

fn is_of_type(record: &Made, types: &Json) -> bool {
    let is = |name: &Json| catalog().by_enum(name.as_str().unwrap()).map(|it| it.name);
    some(types).iter().any(|name| is(name) == Some(record.def.name))
}

/// The record that a field leads to.
fn referred<'w>(world: &'w World, record: &Made, field: &str) -> Option<&'w Made> {
    let id = match (record.def.name, field) {
        ("Membership", "currentField") => current_field(world, record)?,
        ("Challenge" | "Opportunity", "subject") => {
            record.text("membership").or(record.text("city"))?
        }
        ("Organization", "jurisdictionCity") => {
            record.text("jurisdiction").filter(|id| world.get(id).def.name == "City")?
        }
        ("Goal", "city") => record.text("subject").filter(|id| world.get(id).def.name == "City")?,
        ("Goal", "organization") => {
            record.text("subject").filter(|id| world.get(id).def.name == "Organization")?
        }
        ("Passage", "document") => world.get(record.text("documentVersion")?).text("document")?,
        ("Mention", "document") => {
            return referred(world, world.get(record.text("passage")?), "document");
        }
        ("Country", "continent") => continent(world, record)?,
        _ => record.text(field)?,
    };
    Some(world.get(id))
}

/// The first made of the regions that it is said to lie in and that are continents.
fn continent<'w>(world: &'w World, country: &Made) -> Option<&'w str> {
    let is_continent = |region: &&Made| {
        let kind = region.text("kind").map(|kind| world.get(kind).text("notation"));
        kind == Some(Some("continent"))
    };
    let links = world.all("Link").filter(|link| {
        link.text("from") == Some(&country.id)
            && link.text("relation") == Some("LOCATED_IN")
            && link.text("rank") != Some("DEPRECATED")
    });
    let regions: Vec<&str> = links.filter_map(|link| link.text("to")).collect();
    let mut continents = world.all("Region").filter(is_continent);
    continents.find(|region| regions.contains(&&*region.id)).map(|region| &*region.id)
}

/// Whether [`list`] knows a list that no reference and no link makes.
pub(super) fn is_known_list(def: &Def, field: &str) -> bool {
    matches!((def.name, field), ("City" | "Country", "regions"))
}

/// The regions that a city or its country is said to lie in, and those around these.
fn regions<'w>(world: &'w World, place: &Made) -> Vec<&'w Made> {
    let starts = [Some(&*place.id), place.text("country")];
    let mut around: Vec<&str> = linked(world, "LOCATED_IN", |link| {
        starts.contains(&link.text("from")).then(|| link.text("to"))?
    });
    let mut seen = 0;
    while let Some(id) = around.get(seen) {
        let outer = world.get(id).text("containedInRegion");
        around.extend(outer.filter(|outer| !around.contains(outer)));
        seen += 1;
    }
    world.all("Region").filter(|region| around.contains(&&*region.id)).collect()
}

/// What the links of a relation that show by default lead to.
fn linked<'w>(
    world: &'w World,
    relation: &str,
    end: impl Fn(&'w Made) -> Option<&'w str>,
) -> Vec<&'w str> {
    let of_relation = world.all("Link").filter(|it| it.text("relation") == Some(relation));
    let known = of_relation
        .filter(|it| it.text("modality") != Some("EDITORIAL"))
        .filter(|it| it.text("rank") != Some("DEPRECATED"));
    known.filter_map(end).collect()
}

/// That of the period that began last; periods without a start come first, and later ones win.
fn current_field<'w>(world: &'w World, membership: &Made) -> Option<&'w str> {
    let periods = world.all("FieldPeriod").filter(|it| {
        it.text("membership") == Some(&membership.id) && it.text("rank") != Some("DEPRECATED")
    });
    let latest = |it: &&Made| operands::days(it.text("startDate")).1;
    periods.max_by_key(latest)?.text("field")
}

/// The records of a list field, deprecated ones too.
pub(crate) fn list<'w>(world: &'w World, record: &Made, field: &str) -> Vec<&'w Made> {
    let Shape::Many(many) = &record.def.fields[field].shape else {
        panic!("{}.{field} is no list", record.def.name);
    };
    let target = (many.target)();
    match &many.source {
        Source::Child { key } => {
            let back = written_to(target, key);
            world.all(target.name).filter(|it| it.text(back) == Some(&record.id)).collect()
        }
        Source::Link { relations, outgoing } => {
            let (here, there) = if *outgoing { ("from", "to") } else { ("to", "from") };
            let of = |relation: &&'static str| {
                linked(world, relation, |link| {
                    (link.text(here) == Some(&record.id)).then(|| link.text(there))?
                })
            };
            let links: Vec<&str> = relations.iter().flat_map(of).collect();
            world.all(target.name).filter(|it| links.contains(&it.id.as_str())).collect()
        }
        Source::Where(_) if is_known_list(record.def, field) => regions(world, record),
        source => panic!("the model does not know the list of {source:?}"),
    }
}

/// The field that is kept in a column.
fn written_to(def: &Def, column: &str) -> &'static str {
    let is_kept = |store: &Option<Store>| matches!(store, Some(Store::One { column: place, .. }) if def.columns[*place].name == column);
    let field = def.fields.iter().find(|(_, field)| is_kept(&field.store));
    field.map(|(name, _)| *name).expect("a list hangs on a field of its records")
}

pub(super) fn each(object: &Json) -> &Map<String, Json> {
    object.as_object().expect("filters are objects")
}

pub(super) fn some(list: &Json) -> &[Json] {
    list.as_array().expect("several filters or operands are a list")
}
