//! Counts of records by group, with the list's own filter, without reading the records.
use async_graphql::Value;

use super::{
    ask::{Ask, Selected, enum_name, items},
    batch::Reader,
    def::{Def, Group},
    filter, json,
    plan::Plan,
    render::one,
    sql::Sql,
};
use crate::error::ApiError;

/// Groups shown where no number is asked for, and at most.
pub const DEFAULT_GROUPS: usize = 100;
pub const MOST_GROUPS: usize = 1_000;
const MOST_KEYS: usize = 3;

enum GroupItem<'a> {
    Typename,
    Count,
    /// A number among the keys; `None` when it was not asked to group by it.
    Number(Option<usize>),
    Record(Option<usize>, Vec<Plan<'a>>),
}

/// Answers a field such as `membershipStats`.
pub async fn stats(
    reader: &Reader,
    ask: &Ask<'_>,
    def: &'static Def,
    selected: &Selected<'_>,
) -> Result<Vec<u8>, ApiError> {
    let field = selected.field();
    let keys = keys(def, ask.given(field, "groupBy"))?;
    let condition = filter::parse(def, ask.argument(field, "filter").as_ref())?;
    let by_key = ask.given(field, "orderBy").as_ref().and_then(enum_name) == Some("KEY");
    let first = match ask.given(field, "first") {
        None => DEFAULT_GROUPS,
        Some(Value::Number(number)) => {
            match number.as_u64().and_then(|n| usize::try_from(n).ok()) {
                Some(first @ 1..=MOST_GROUPS) => first,
                _ => {
                    let message =
                        format!("`first` is from 1 to {MOST_GROUPS} groups, not {number}");
                    return Err(ApiError::new(crate::error::Code::PageInvalid, message));
                }
            }
        }
        Some(_) => return Err(ApiError::value("`first` is a whole number")),
    };
    let rows =
        reader.rows(Sql::groups(reader.postgres, def, &condition, &keys, by_key, first)).await?;
    let number =
        |place: usize| rows.first().and_then(|row| row.int(keys.len() + place)).unwrap_or_default();

    let mut out = Vec::new();
    let mut first_item = true;
    out.push(b'{');
    for selected in ask.select(&format!("{}Stats", def.name), &selected.below()) {
        if !std::mem::take(&mut first_item) {
            out.push(b',');
        }
        out.extend_from_slice(&json::key(selected.key));
        match selected.name() {
            "totalCount" => json::int(&mut out, number(2)),
            "groupCount" => json::int(&mut out, number(1)),
            "groups" => groups(reader, ask, def, &keys, &selected, &rows, &mut out)
                .await
                .map_err(|e| e.below(selected.key))?,
            _ => json::string(&mut out, &format!("{}Stats", def.name)),
        }
    }
    out.push(b'}');
    Ok(out)
}

fn keys(def: &'static Def, asked: Option<Value>) -> Result<Vec<&'static Group>, ApiError> {
    let asked = asked.map(items).unwrap_or_default();
    let mut keys: Vec<&'static Group> = Vec::with_capacity(asked.len());
    for name in asked.iter().filter_map(enum_name) {
        match def.groups.iter().find(|group| group.key == name) {
            Some(group) if keys.iter().all(|key| key.key != name) => keys.push(group),
            _ => return Err(ApiError::filter(format!("`{name}` stands twice in `groupBy`"))),
        }
    }
    match keys.len() {
        1..=MOST_KEYS => Ok(keys),
        n => Err(ApiError::filter(format!(
            "`groupBy` takes 1 to {MOST_KEYS} different keys, not {n}"
        ))),
    }
}

async fn groups(
    reader: &Reader,
    ask: &Ask<'_>,
    def: &'static Def,
    keys: &[&'static Group],
    selected: &Selected<'_>,
    rows: &[super::cell::Row],
    out: &mut Vec<u8>,
) -> Result<(), ApiError> {
    let name = format!("{}Group", def.name);
    let mut items = Vec::new();
    for selected in ask.select(&name, &selected.below()) {
        let place = keys.iter().position(|key| key.field == selected.name());
        let item = match def.groups.iter().find(|group| group.field == selected.name()) {
            Some(group) => match group.target {
                Some(target) => {
                    let plan = Plan::new(ask, target(), &selected.below())
                        .map_err(|e| e.below(selected.key))?;
                    GroupItem::Record(place, vec![plan])
                }
                None => GroupItem::Number(place),
            },
            None if selected.name() == "count" => GroupItem::Count,
            None => GroupItem::Typename,
        };
        items.push((json::key(selected.key), item));
    }
    let mut records = Vec::new();
    for (_, item) in &items {
        if let GroupItem::Record(place, plans) = item {
            let ids = rows.iter().map(|row| row.int((*place)?)).collect();
            records.push(one(reader, ask, plans, ids).await?);
        }
    }
    json::list(out, json::ARRAY, rows.iter().enumerate(), |out, (n, row)| {
        let mut record = records.iter();
        json::list(out, json::OBJECT, &items, |out, (key, item)| {
            out.extend_from_slice(key);
            match item {
                GroupItem::Typename => json::string(out, &name),
                GroupItem::Count => json::int(out, row.int(keys.len()).unwrap_or_default()),
                GroupItem::Number(place) => match place.and_then(|place| row.int(place)) {
                    Some(number) => json::int(out, number),
                    None => json::null(out),
                },
                GroupItem::Record(..) => {
                    out.extend_from_slice(record.next().map_or(b"null", |chunks| chunks.get(n)))
                }
            }
        });
    });
    Ok(())
}
