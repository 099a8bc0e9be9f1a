//! Where records that were found fit: the field `matches` of search.
use std::{collections::VecDeque, time::Instant};

use super::search::internal;
use crate::{
    changes::current::living,
    error::ApiError,
    record::{
        ask::{Ask, Selected},
        batch::Reader,
        catalog,
        json::{self, Keyed},
        object::{Object, ObjectField, ObjectShape, Picked},
        tally::Taken,
    },
    search::{Asked, Match, Service, matches, said},
    value::lang::Lang,
};

pub const MATCH: ObjectShape = ObjectShape {
    name: "SearchMatch",
    about: "One text of a record that matches.",
    fields: &[
        ObjectField::new(
            "field",
            "String!",
            "Field that it stands in: `name`, `alternateNames`, `identifiers`, `description`, or another text or code of its type, e.g. `alpha2Code`.",
        ),
        ObjectField::new(
            "value",
            "String!",
            "The text, cut to the place that matches; at most 300 characters.",
        ),
        ObjectField::new(
            "highlights",
            "[Highlight!]!",
            "Words that match, in the order of the text; at most 20.",
        ),
    ],
};

/// A stretch of the text of a match.
pub struct Highlight {
    start: usize,
    end: usize,
}

impl Object for Highlight {
    const SHAPE: ObjectShape = ObjectShape {
        name: "Highlight",
        about: "A stretch of `SearchMatch.value`, half-open.",
        fields: &[
            ObjectField::new("start", "Int!", "First character, in Unicode code points from 0."),
            ObjectField::new("end", "Int!", "The one after its last character."),
        ],
    };

    fn write(&self, field: usize, _: &[Lang], out: &mut Vec<u8>) {
        let place = if field == 0 { self.start } else { self.end };
        json::int(out, i64::try_from(place).unwrap_or(i64::MAX));
    }
}

enum Item {
    Typename,
    Field,
    Value,
    Highlights(Picked),
}

/// What one field `matches` asks for.
pub(super) struct MatchPlan(Keyed<Item>);

/// The plans of those fields of the edges that are `matches`, in their order.
pub(super) fn plans(ask: &Ask<'_>, own: &[Selected<'_>]) -> Result<Vec<MatchPlan>, ApiError> {
    let own = own.iter().filter(|field| field.name() == "matches");
    own.map(|selected| {
        let mut items = Vec::new();
        for inner in ask.select(MATCH.name, &selected.below()) {
            let item = match inner.name() {
                "field" => Item::Field,
                "value" => Item::Value,
                "highlights" => Item::Highlights(Picked::new(ask, &Highlight::SHAPE, &inner)?),
                _ => Item::Typename,
            };
            items.push((json::key(inner.key), item));
        }
        Ok(MatchPlan(items))
    })
    .collect()
}

impl MatchPlan {
    fn write(&self, all: &[Match]) -> Vec<u8> {
        let mut out = Vec::new();
        json::list(&mut out, json::ARRAY, all, |out, it| {
            json::list(out, json::OBJECT, &self.0, |out, (key, item)| {
                out.extend_from_slice(key);
                match item {
                    Item::Typename => json::string(out, MATCH.name),
                    Item::Field => json::string(out, it.field),
                    Item::Value => json::string(out, &it.value),
                    Item::Highlights(picked) => {
                        json::list(out, json::ARRAY, &it.highlights, |out, (start, end)| {
                            picked.write(&Highlight { start: *start, end: *end }, out);
                        });
                    }
                }
            });
        });
        out
    }
}

/// The finished fields: for each record those of all plans.
pub(super) async fn write(
    reader: &Reader,
    service: &Service,
    plans: &[MatchPlan],
    asked: &str,
    langs: &[String],
    ids: &[i64],
) -> Result<VecDeque<Vec<u8>>, ApiError> {
    if plans.is_empty() || ids.is_empty() {
        return Ok(VecDeque::new());
    }
    let began = Instant::now();
    let records = living(&reader.db, ids).await?;
    let rows = records.len() as u64;
    reader.count(0, Taken { statements: 1, rows, time: began.elapsed() });
    let (asked, langs) = (Asked::of(asked, langs), langs.to_vec());
    let (ids, serves_full_text) = (ids.to_vec(), reader.reading.serve_full_text);
    // Texts can be long: their words are found where it does not hold up others.
    let found = service.compute(move || {
        let of = |id: &i64| {
            let (def, fields) = (catalog().of_id(*id)?, records.get(id)?);
            let mut said = said(def, fields);
            let is_hidden = |field: &str| def.full_texts.contains(&field);
            said.retain(|it| serves_full_text || !is_hidden(it.field));
            Some(matches(&asked, &said, &langs))
        };
        Ok(ids.iter().map(|id| of(id).unwrap_or_default()).collect::<Vec<_>>())
    });
    let mut out = VecDeque::new();
    for all in found.await.map_err(internal)? {
        out.extend(plans.iter().map(|plan| plan.write(&all)));
    }
    Ok(out)
}
