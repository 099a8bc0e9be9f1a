//! Identifiers elsewhere, and the lookup by them.
use std::borrow::Cow;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{
    error::ApiError,
    record::{
        ask::{Ask, Selected, items},
        catalog,
        def::{Argument, Record, Render},
        define::Define,
        filter::FilterKind,
        json::{self, Keyed},
        object::{Object, ObjectField, ObjectShape, Picked},
        plan::Plan,
        render::one,
        root::{Pages, RootCall, RootQuery, texts},
        shape::EnumType,
        sql::Sql,
        write::{Cells, Mistake, Refs, Store, text},
    },
    value::{fold::nfc, lang::Lang},
};

/// An identifier as it is stored.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Identifier<'a> {
    #[serde(borrow)]
    pub scheme: Cow<'a, str>,
    #[serde(borrow)]
    pub value: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub exactness: Option<Cow<'a, str>>,
}

impl Identifier<'_> {
    /// The page of it, for the schemes that have one.
    fn url(&self) -> Option<String> {
        let value = &self.value;
        Some(match &*self.scheme {
            "GEONAMES" => format!("https://www.geonames.org/{value}"),
            "WIKIDATA" => format!("https://www.wikidata.org/entity/{value}"),
            "UCCN" => format!("https://www.unesco.org/en/creative-cities/{value}"),
            "WHC" => format!("https://whc.unesco.org/en/list/{value}"),
            _ => return None,
        })
    }
}

impl Object for Identifier<'_> {
    const SHAPE: ObjectShape = ObjectShape {
        name: "Identifier",
        about: "An identifier in another system, unique by scheme and value.",
        fields: &[
            ObjectField::new(
                "scheme",
                "String!",
                "`WIKIDATA`, `GEONAMES`, `ISO_3166_1_ALPHA_2`, `UCCN`, `WHC`, `TERM`, `SEED`; partners can have their own.",
            ),
            ObjectField::new(
                "value",
                "String!",
                "What the scheme calls the record, e.g. `1581130`.",
            ),
            ObjectField::new("url", "URL", "Page of it; null when the scheme has none."),
            ObjectField::new("exactness", "Exactness!", "Whether it means the same thing."),
        ],
    };

    fn write(&self, field: usize, _: &[Lang], out: &mut Vec<u8>) {
        match field {
            0 => json::string(out, &self.scheme),
            1 => json::string(out, &self.value),
            2 => match self.url() {
                Some(url) => json::string(out, &url),
                None => json::null(out),
            },
            _ => json::string(out, self.exactness.as_deref().unwrap_or("EXACT")),
        }
    }
}

pub static EXACTNESS: EnumType = EnumType {
    name: "Exactness",
    about: "Whether an identifier means the same thing as the record.",
    values: &[
        ("EXACT", "The same thing."),
        ("NEAR", "The nearest fitting thing; never written as `owl:sameAs`."),
    ],
};

fn list(ask: &Ask<'_>, selected: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    let column = columns[0];
    let schemes = ask.given(selected.field(), "scheme").map(items);
    let picked = Picked::new(ask, &Identifier::SHAPE, selected)?;
    Ok(Box::new(move |out, cells| {
        let mut list: Vec<Identifier<'_>> =
            cells.text(column).and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        list.retain(|it| match &schemes {
            Some(schemes) => schemes.contains(&async_graphql::Value::from(&*it.scheme)),
            None => true,
        });
        json::list(out, json::ARRAY, &list, |out, it| picked.write(it, out));
    }))
}

impl<T: Record> Define<T> {
    /// Identifiers elsewhere, as all records have them.
    pub fn identifiers(&mut self) {
        let column = self.named("identifiers");
        let about = "Identifiers elsewhere, by scheme, then value. At most 100.";
        self.value("identifiers", "[Identifier!]!", &[column], list, about)
            .arguments(&[Argument::new(
                "scheme",
                "[String!]",
                "Only these schemes; all when absent.",
            )])
            .store(Store::Value { columns: vec![column], write });
        self.filter("identifier", FilterKind::Identifier, "Identifier elsewhere.");
    }
}

/// Longer ones do not fit into the index that they are found by.
const LONGEST_SCHEME: usize = 50;
const LONGEST_VALUE: usize = 500;

fn write(value: &Json, columns: &[usize], _: &Refs<'_>, cells: &mut Cells) -> Result<(), Mistake> {
    let mut list: Vec<Identifier<'_>> = Deserialize::deserialize(value)
        .map_err(|_| Mistake::format("identifiers are a list, each with `scheme` and `value`"))?;
    if list.len() > 100 {
        return Err(Mistake::format("a record has at most 100 identifiers"));
    }
    for it in &mut list {
        it.value = text(&Json::String(it.value.to_string()))?.into();
        let is_scheme = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        if it.scheme.is_empty() || !it.scheme.chars().all(is_scheme) || it.value.is_empty() {
            return Err(Mistake::format(
                "a scheme is of capital letters, digits and `_`, and a value is not empty",
            ));
        }
        if it.scheme.len() > LONGEST_SCHEME || it.value.chars().count() > LONGEST_VALUE {
            return Err(Mistake::format(format!(
                "a scheme has at most {LONGEST_SCHEME} characters, and a value {LONGEST_VALUE}"
            )));
        }
        match it.exactness.as_deref() {
            None | Some("NEAR") => {}
            Some("EXACT") => it.exactness = None,
            Some(_) => return Err(Mistake::format("`exactness` is EXACT or NEAR")),
        }
    }
    list.sort_by(|a, b| (&a.scheme, &a.value).cmp(&(&b.scheme, &b.value)));
    if list.windows(2).any(|it| (&it[0].scheme, &it[0].value) == (&it[1].scheme, &it[1].value)) {
        return Err(Mistake::format("an identifier stands once"));
    }
    cells.set(columns[0], serde_json::to_value(&list).map_err(|e| Mistake::format(e.to_string()))?);
    Ok(())
}

/// The type of an answer of `byIdentifier`; its fields are written below.
pub const MATCH: ObjectShape = ObjectShape {
    name: "IdentifierMatch",
    about: "What was found for one identifier.",
    fields: &[
        ObjectField::new("value", "String!", "The value asked for."),
        ObjectField::new(
            "identifier",
            "Identifier",
            "The identifier as stored; null when not found.",
        ),
        ObjectField::new("record", "Record", "Whose identifier it is; null when not found."),
    ],
};

pub const BY_IDENTIFIER: RootQuery = RootQuery {
    name: "byIdentifier",
    ty: "[IdentifierMatch!]!",
    about: "Records by identifiers of one scheme: one answer a value, in the order of `values`.",
    arguments: &[
        Argument::new(
            "scheme",
            "String!",
            "Scheme, e.g. `GEONAMES`; an unknown one matches nothing.",
        ),
        Argument::new("values", "[String!]!", "At most 100 values of it."),
    ],
    pages: Pages::None,
    run: by_identifier,
};

enum Item<'a> {
    Typename,
    Value,
    Identifier(Picked),
    Record(Vec<Plan<'a>>),
}

fn by_identifier(call: RootCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let RootCall { reader, ask, selected } = call;
        let scheme = texts(ask, selected, "scheme")?.pop().unwrap_or_default();
        let values = texts(ask, selected, "values")?;
        let items = plan(ask, selected)?;

        let normal: Vec<String> = values.iter().map(|value| nfc(value).into_owned()).collect();
        let askable: Vec<String> =
            normal.iter().filter(|value| !value.contains('\0')).cloned().collect();
        let rows = match askable.is_empty() || scheme.contains('\0') {
            true => Vec::new(),
            false => reader.rows(Sql::identifiers(reader.postgres, &scheme, &askable)).await?,
        };
        let found = |value: &str| rows.iter().find(|row| row.text(0) == Some(value));
        let ids: Vec<Option<i64>> = normal.iter().map(|value| found(value)?.int(2)).collect();
        let mut records = Vec::new();
        for (_, item) in &items {
            if let Item::Record(plans) = item {
                records.push(one(reader, ask, plans, ids.clone()).await?);
            }
        }

        let mut out = Vec::new();
        json::list(&mut out, json::ARRAY, values.iter().enumerate(), |out, (n, value)| {
            let mut record = records.iter();
            json::list(out, json::OBJECT, &items, |out, (key, item)| {
                out.extend_from_slice(key);
                match item {
                    Item::Typename => json::string(out, MATCH.name),
                    Item::Value => json::string(out, value),
                    Item::Identifier(picked) => picked.write_some(
                        found(&normal[n]).map(|row| Identifier {
                            scheme: scheme.as_str().into(),
                            value: normal[n].as_str().into(),
                            exactness: row.text(1).map(Cow::from),
                        }),
                        out,
                    ),
                    Item::Record(_) => {
                        out.extend_from_slice(record.next().map_or(b"null", |chunks| chunks.get(n)))
                    }
                }
            });
        });
        Ok(out)
    })
}

fn plan<'a>(ask: &Ask<'a>, selected: &Selected<'a>) -> Result<Keyed<Item<'a>>, ApiError> {
    let mut items = Vec::new();
    for selected in ask.select(MATCH.name, &selected.below()) {
        let item = match selected.name() {
            "value" => Item::Value,
            "identifier" => Item::Identifier(Picked::new(ask, &Identifier::SHAPE, &selected)?),
            "record" => Item::Record(
                Plan::each(ask, catalog().defs().to_vec(), &selected.below())
                    .map_err(|e| e.below(selected.key))?,
            ),
            _ => Item::Typename,
        };
        items.push((json::key(selected.key), item));
    }
    Ok(items)
}
