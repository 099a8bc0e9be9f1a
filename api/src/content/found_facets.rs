//! How many of what was found are of a type, a country, a field and a year: the field `facets` of search.
use std::collections::VecDeque;

use super::{country::Country, term::Term};
use crate::{
    error::ApiError,
    record::{
        ask::{Ask, Selected},
        batch::Reader,
        catalog,
        def::{Def, def},
        enum_value,
        json::{self, Keyed},
        object::{ObjectField, ObjectShape},
        plan::Plan,
        price::{Count, Price},
        render::one,
    },
    search::Facets,
};

/// Groups of each count.
const GROUPS: Price = Price { rows: 0, count: Count::Exactly(50) };

pub const FACETS: ObjectShape = ObjectShape {
    name: "SearchFacets",
    about: "Counts of what was found, each list largest first.",
    fields: &[
        ObjectField::new("types", "[RecordTypeFacet!]!", "By type. At most 50."),
        ObjectField::list("countries", "[CountryFacet!]!", "By country. At most 50.", GROUPS),
        ObjectField::list("fields", "[TermFacet!]!", "By field of a network. At most 50.", GROUPS),
        ObjectField::new(
            "years",
            "[YearFacet!]!",
            "By year of start, publication or inscription. At most 50.",
        ),
    ],
};

const COUNT: ObjectField = ObjectField::new("count", "Int!", "Records found.");

pub const TYPES: ObjectShape = ObjectShape {
    name: "RecordTypeFacet",
    about: "Number of one type.",
    fields: &[ObjectField::new("type", "RecordType!", "What the records are."), COUNT],
};

pub const COUNTRIES: ObjectShape = ObjectShape {
    name: "CountryFacet",
    about: "Number in one country.",
    fields: &[ObjectField::new("country", "Country", "The country; null when it is gone."), COUNT],
};

pub const FIELDS: ObjectShape = ObjectShape {
    name: "TermFacet",
    about: "Number with one term.",
    fields: &[ObjectField::new("term", "Term", "The term; null when it is gone."), COUNT],
};

pub const YEARS: ObjectShape = ObjectShape {
    name: "YearFacet",
    about: "Number in one year.",
    fields: &[ObjectField::new("year", "Int!", "Year that the records are of."), COUNT],
};

/// What one field `facets` asks for.
pub(super) struct FacetPlan<'a>(Keyed<Item<'a>>);

enum Item<'a> {
    Typename,
    Groups(Groups<'a>),
}

/// One list of counts.
struct Groups<'a> {
    of: &'static str,
    shape: &'static ObjectShape,
    items: Keyed<GroupItem<'a>>,
}

enum GroupItem<'a> {
    Typename,
    Count,
    Type,
    Number,
    Record(Vec<Plan<'a>>),
}

/// The plans of those fields of the connection that are `facets`, in their order.
pub(super) fn plans<'a>(
    ask: &Ask<'a>,
    own: &[Selected<'a>],
) -> Result<Vec<FacetPlan<'a>>, ApiError> {
    let own = own.iter().filter(|field| field.name() == "facets");
    own.map(|selected| {
        let mut items = Vec::new();
        for inner in ask.select(FACETS.name, &selected.below()) {
            let shape = match inner.name() {
                "types" => Some(&TYPES),
                "countries" => Some(&COUNTRIES),
                "fields" => Some(&FIELDS),
                "years" => Some(&YEARS),
                _ => None,
            };
            let item = match shape {
                Some(shape) => Item::Groups(groups(ask, shape, &inner)?),
                None => Item::Typename,
            };
            items.push((json::key(inner.key), item));
        }
        Ok(FacetPlan(items))
    })
    .collect()
}

fn groups<'a>(
    ask: &Ask<'a>,
    shape: &'static ObjectShape,
    selected: &Selected<'a>,
) -> Result<Groups<'a>, ApiError> {
    let record = |def: &'static Def, inner: &Selected<'a>| {
        Ok::<_, ApiError>(GroupItem::Record(vec![Plan::new(ask, def, &inner.below())?]))
    };
    let mut items = Vec::new();
    for inner in ask.select(shape.name, &selected.below()) {
        let item = match inner.name() {
            "count" => GroupItem::Count,
            "type" => GroupItem::Type,
            "year" => GroupItem::Number,
            "country" => record(def::<Country>(), &inner)?,
            "term" => record(def::<Term>(), &inner)?,
            _ => GroupItem::Typename,
        };
        items.push((json::key(inner.key), item));
    }
    Ok(Groups { of: shape.name, shape, items })
}

/// The finished fields, one of each plan.
pub(super) async fn write(
    reader: &Reader,
    ask: &Ask<'_>,
    plans: &[FacetPlan<'_>],
    facets: &Facets,
) -> Result<VecDeque<Vec<u8>>, ApiError> {
    let mut all = VecDeque::with_capacity(plans.len());
    for FacetPlan(items) in plans {
        let mut out = vec![b'{'];
        for (n, (key, item)) in items.iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            out.extend_from_slice(key);
            match item {
                Item::Typename => json::string(&mut out, FACETS.name),
                Item::Groups(groups) => groups.write(reader, ask, facets, &mut out).await?,
            }
        }
        out.push(b'}');
        all.push_back(out);
    }
    Ok(all)
}

impl Groups<'_> {
    async fn write(
        &self,
        reader: &Reader,
        ask: &Ask<'_>,
        facets: &Facets,
        out: &mut Vec<u8>,
    ) -> Result<(), ApiError> {
        let counts = match self.of {
            "RecordTypeFacet" => &facets.kinds,
            "CountryFacet" => &facets.countries,
            "TermFacet" => &facets.fields,
            _ => &facets.years,
        };
        let mut records = Vec::new();
        for (_, item) in &self.items {
            if let GroupItem::Record(plans) = item {
                let ids = counts.iter().map(|(id, _)| Some(*id)).collect();
                records.push(one(reader, ask, plans, ids).await?);
            }
        }
        json::list(out, json::ARRAY, counts.iter().enumerate(), |out, (n, (value, count))| {
            let mut record = records.iter();
            json::list(out, json::OBJECT, &self.items, |out, (key, item)| {
                out.extend_from_slice(key);
                match item {
                    GroupItem::Typename => json::string(out, self.shape.name),
                    GroupItem::Count => json::int(out, i64::try_from(*count).unwrap_or(i64::MAX)),
                    GroupItem::Number => json::int(out, *value),
                    GroupItem::Type => {
                        let code = u16::try_from(*value).unwrap_or_default();
                        let def = catalog().defs().iter().find(|def| def.code == code);
                        json::string(out, &def.map(|def| enum_value(def)).unwrap_or_default());
                    }
                    GroupItem::Record(_) => {
                        out.extend_from_slice(record.next().map_or(b"null", |it| it.get(n)));
                    }
                }
            });
        });
        Ok(())
    }
}
