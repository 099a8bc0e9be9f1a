//! Type-ahead: records that begin as somebody types, in groups by type.
use async_graphql::Value;
use futures_util::future::BoxFuture;

use super::{
    change,
    search::{building, internal, living, ready},
    shared::DESCRIBED,
};
use crate::{
    error::{ApiError, Code},
    record::{
        catalog,
        def::{Argument, Def},
        enum_value, json,
        object::{ObjectField, ObjectShape},
        plan::Plan,
        price::{Count, Price},
        relation::Target,
        render::one,
        root::{Pages, RootCall, RootQuery},
    },
    search::{Filter, Question},
};

/// More characters are not looked at.
const LONGEST_PREFIX: usize = 100;
const MOST_GROUPS: usize = 10;
const MOST_OF_EACH: usize = 10;
const DEFAULT_OF_EACH: usize = 3;

pub const SUGGEST: RootQuery = RootQuery {
    name: "suggest",
    ty: "[SuggestionGroup!]!",
    about: "Records whose names begin as somebody types, or have words that do, in groups by type: for a list below a search box. Words can stand in any order, and some in the name of the country; where no name fits, keys of Telex are read as letters, and one letter of a word can be wrong. Order: the group with the best record first; at most 10 groups.",
    arguments: &[
        Argument::new("prefix", "String!", "First letters; at most 100 characters are read."),
        Argument::new("types", "[RecordType!]", "Only these types; all with names when absent."),
        Argument::new("perType", "Int!", "Records of each type, 1 to 10.").with_default("3"),
        Argument::new(
            "lang",
            "[Lang!]",
            "Languages whose names are preferred, best first; those of the header `Accept-Language` when absent.",
        ),
    ],
    pages: Pages::Few(MOST_GROUPS as u64),
    run: suggest,
};

pub const GROUP: ObjectShape = ObjectShape {
    name: "SuggestionGroup",
    about: "Suggestions of one type.",
    fields: &[
        ObjectField::new("type", "RecordType!", "What the records are."),
        ObjectField::list(
            "nodes",
            "[Described!]!",
            "Records, best first; at most `perType`.",
            Price { rows: 1, count: Count::Exactly(MOST_OF_EACH as u64) },
        ),
    ],
};

enum Item<'a> {
    Typename,
    Type,
    Nodes(Vec<Plan<'a>>),
}

fn suggest(call: RootCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let RootCall { reader, ask, selected } = call;
        let mut items = Vec::new();
        for inner in ask.select(GROUP.name, &selected.below()) {
            let item = match inner.name() {
                "type" => Item::Type,
                "nodes" => {
                    let of = Target::Any(&DESCRIBED).types();
                    Item::Nodes(Plan::each(ask, of, &inner.below())?)
                }
                _ => Item::Typename,
            };
            items.push((json::key(inner.key), item));
        }
        let question = question(call)?;
        let service = ready(reader).await?;
        let snapshot = service.current().map_err(building)?;
        let found = service.compute(move || snapshot.suggest(&question)).await;
        let mut groups = found.map_err(internal)?;
        groups.truncate(MOST_GROUPS);
        let all = groups.iter().flat_map(|(_, hits)| hits.iter().map(|hit| hit.id));
        let living = living(reader, all.collect()).await?;
        let mut shown: Vec<(&Def, Vec<i64>)> = Vec::new();
        for (code, hits) in groups {
            // What has gone since is not found any more.
            let ids = hits.iter().map(|hit| hit.id).filter(|id| living.contains(id)).collect();
            let def = catalog().defs().iter().find(|def| def.code == code);
            shown.extend(
                def.map(|def| (*def, ids)).filter(|(_, ids): &(_, Vec<i64>)| !ids.is_empty()),
            );
        }
        let ids: Vec<Option<i64>> =
            shown.iter().flat_map(|(_, ids)| ids.iter().copied().map(Some)).collect();
        let mut nodes = Vec::new();
        for (_, item) in &items {
            if let Item::Nodes(plans) = item {
                nodes.push(one(reader, ask, plans, ids.clone()).await?);
            }
        }
        let mut out = Vec::new();
        let mut first = 0;
        json::list(&mut out, json::ARRAY, &shown, |out, (def, ids)| {
            let mut nodes = nodes.iter();
            json::list(out, json::OBJECT, &items, |out, (key, item)| {
                out.extend_from_slice(key);
                match item {
                    Item::Typename => json::string(out, GROUP.name),
                    Item::Type => json::string(out, &enum_value(def)),
                    Item::Nodes(_) => {
                        let chunks = nodes.next();
                        json::list(out, json::ARRAY, first..first + ids.len(), |out, n| {
                            out.extend_from_slice(chunks.map_or(b"null", |chunks| chunks.get(n)));
                        });
                    }
                }
            });
            first += ids.len();
        });
        Ok(out)
    })
}

fn question(RootCall { ask, selected, .. }: RootCall<'_>) -> Result<Question, ApiError> {
    let field = selected.field();
    let text = match ask.given(field, "prefix") {
        Some(Value::String(text)) => text.chars().take(LONGEST_PREFIX).collect(),
        _ => String::new(),
    };
    let limit = match ask.given(field, "perType") {
        None => Some(DEFAULT_OF_EACH),
        Some(Value::Number(number)) => number.as_u64().and_then(|it| usize::try_from(it).ok()),
        _ => None,
    };
    let limit = limit.filter(|it| (1..=MOST_OF_EACH).contains(it)).ok_or_else(|| {
        ApiError::new(Code::PageInvalid, format!("`perType` is from 1 to {MOST_OF_EACH} records"))
    })?;
    let langs = ask.languages(field)?.iter().map(|lang| lang.as_str().to_owned()).collect();
    let asked = change::types(ask, selected);
    let named = catalog().defs().iter().filter(|def| def.is_described()).map(|def| def.code);
    let is_asked = |code: &u16| asked.as_ref().is_none_or(|asked| asked.contains(code));
    let kinds = Some(named.filter(is_asked).collect());
    let filter = Filter { kinds, ..Filter::default() };
    Ok(Question { text, langs, filter, limit, counts: false })
}
