//! What two versions of a record differ in, by path.
use std::collections::BTreeSet;

use futures_util::future::BoxFuture;
use serde_json::Value as Json;

use super::change::hidden;
use crate::{
    error::ApiError,
    record::{
        json,
        object::{Object, ObjectField, ObjectShape, Picked},
        relation::Call,
        render::Chunks,
        sql::Sql,
    },
    value::lang::Lang,
};

/// Values that are told of for one pair of versions.
const MOST: usize = 200;
/// Steps of a path; what lies deeper is told of as one value.
const DEEPEST: usize = 10;

/// One value that differs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FieldDiff {
    path: Vec<String>,
    before: Json,
    after: Json,
}

impl Object for FieldDiff {
    const SHAPE: ObjectShape = ObjectShape {
        name: "FieldDiff",
        about: "One value that differs between two versions of a record.",
        fields: &[
            ObjectField::new(
                "path",
                "[String!]!",
                "Field, then what it has inside; of a list the language where its items have one each, else the place from 0. At most 10.",
            ),
            ObjectField::new(
                "before",
                "JSON",
                "Earlier value; null when there was none, and of full texts that are not served.",
            ),
            ObjectField::new(
                "after",
                "JSON",
                "Later value; null when there is none, and of full texts that are not served.",
            ),
        ],
    };

    fn write(&self, field: usize, _: &[Lang], out: &mut Vec<u8>) {
        match field {
            0 => json::list(out, json::ARRAY, &self.path, |out, step| json::string(out, step)),
            1 => out.extend_from_slice(self.before.to_string().as_bytes()),
            _ => out.extend_from_slice(self.after.to_string().as_bytes()),
        }
    }
}

/// The differences of changes from earlier versions, by one statement for all.
pub(super) fn differences(call: Call<'_>) -> BoxFuture<'_, Result<Chunks, ApiError>> {
    Box::pin(async move {
        let Call { reader, ask, selected, ids, level } = call;
        let picked = Picked::new(ask, &FieldDiff::SHAPE, selected)?;
        let since = match ask.given(selected.field(), "since") {
            Some(async_graphql::Value::Number(number)) => number.as_i64(),
            _ => None,
        };
        let keys = if reader.postgres { "ANY($1)" } else { "(SELECT value FROM json_each($1))" };
        let mut sql = Sql::with_keys(reader.postgres).at(level);
        let version = match since {
            Some(since) => {
                sql.binds.push(since.into());
                "$2"
            }
            None => "e.version - 1",
        };
        sql.text = format!(
            "SELECT e.position, e.record_id, e.version, CAST(b.record AS TEXT), CAST(e.record AS TEXT) \
             FROM change_entry e LEFT JOIN change_entry b ON b.record_id = e.record_id AND b.version = {version} \
             WHERE e.position {} {keys}",
            if reader.postgres { "=" } else { "IN" }
        );
        let rows = reader.load(sql, 0, ids.clone()).await?;
        let mut out = Chunks::default();
        for id in ids {
            let row = rows.get(&id).and_then(Option::as_ref).and_then(|rows| rows.first());
            let all = row.map_or_else(Vec::new, |row| {
                let is_later = since.is_none_or(|since| Some(since) < row.int(2));
                let hidden = match ask.serve_full_text {
                    true => &[],
                    false => hidden(row.int(1).unwrap_or_default()),
                };
                match is_later {
                    true => between(&fields(row.text(3)), &fields(row.text(4)), hidden),
                    false => Vec::new(),
                }
            });
            out.push(|out| {
                json::list(out, json::ARRAY, &all, |out, differs| picked.write(differs, out));
            });
        }
        Ok(out)
    })
}

/// The fields of a logged record; without any where it is not there.
fn fields(record: Option<&str>) -> Json {
    let fields = record.and_then(|record| serde_json::from_str(record).ok());
    fields.unwrap_or_else(|| Json::Object(Default::default()))
}

/// What two records differ in; of `hidden` fields only that they do.
fn between(before: &Json, after: &Json, hidden: &[&str]) -> Vec<FieldDiff> {
    let mut walk = Walk { found: Vec::new(), path: Vec::new(), hidden };
    walk.values(before, after);
    walk.found
}

struct Walk<'a> {
    found: Vec<FieldDiff>,
    path: Vec<String>,
    hidden: &'a [&'a str],
}

impl Walk<'_> {
    fn values(&mut self, before: &Json, after: &Json) {
        if before == after || self.found.len() >= MOST {
            return;
        }
        if let [field] = &self.path[..]
            && self.hidden.contains(&field.as_str())
        {
            return self.put(&Json::Null, &Json::Null);
        }
        match (before, after) {
            _ if self.path.len() >= DEEPEST => self.put(before, after),
            (Json::Object(before), Json::Object(after)) => {
                let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
                for name in names {
                    self.below(name, before.get(name), after.get(name));
                }
            }
            (Json::Array(before), Json::Array(after)) => match (langs(before), langs(after)) {
                (Some(of_before), Some(of_after)) => {
                    let all: BTreeSet<&str> = of_before.iter().chain(&of_after).copied().collect();
                    for lang in all {
                        let find = |list, langs: &[&str]| item(list, langs, lang);
                        self.below(lang, find(before, &of_before), find(after, &of_after));
                    }
                }
                _ => {
                    for place in 0..before.len().max(after.len()) {
                        self.below(&place.to_string(), before.get(place), after.get(place));
                    }
                }
            },
            _ => self.put(before, after),
        }
    }

    fn below(&mut self, step: &str, before: Option<&Json>, after: Option<&Json>) {
        self.path.push(step.to_owned());
        self.values(before.unwrap_or(&Json::Null), after.unwrap_or(&Json::Null));
        self.path.pop();
    }

    fn put(&mut self, before: &Json, after: &Json) {
        let (before, after) = (before.clone(), after.clone());
        self.found.push(FieldDiff { path: self.path.clone(), before, after });
    }
}

/// The language of each item, if all have one and none the same.
fn langs(list: &[Json]) -> Option<Vec<&str>> {
    let langs: Option<Vec<&str>> = list.iter().map(|item| item.get("lang")?.as_str()).collect();
    langs.filter(|langs| langs.iter().collect::<BTreeSet<_>>().len() == langs.len())
}

fn item<'a>(list: &'a [Json], langs: &[&str], lang: &str) -> Option<&'a Json> {
    list.get(langs.iter().position(|it| *it == lang)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(before: Json, after: Json) -> Vec<(String, Json, Json)> {
        let all = between(&before, &after, &["text"]);
        all.into_iter().map(|it| (it.path.join("."), it.before, it.after)).collect()
    }

    #[test]
    fn equal_records_differ_in_nothing() {
        let record = json!({ "names": [{ "lang": "vi", "value": "Huế" }], "a": null });

        assert_eq!(found(record.clone(), record), []);
        assert_eq!(found(json!({}), json!({ "a": null })), []);
    }

    #[test]
    fn items_are_matched_by_language_and_else_by_place() {
        let before = json!({
            "names": [{ "lang": "vi", "value": "Huế" }, { "lang": "en", "value": "Hue" }],
            "alternateNames": [{ "lang": "en", "value": "a" }, { "lang": "en", "value": "b" }],
            "geo": { "latitude": 1, "longitude": 2 },
            "gone": 1,
        });
        let after = json!({
            "names": [{ "lang": "en", "value": "Huế City" }, { "lang": "vi", "value": "Huế" }],
            "alternateNames": [{ "lang": "en", "value": "a" }],
            "geo": { "latitude": 1, "longitude": 3 },
            "new": [1],
        });

        let expected = [
            ("alternateNames.1", json!({ "lang": "en", "value": "b" }), Json::Null),
            ("geo.longitude", json!(2), json!(3)),
            ("gone", json!(1), Json::Null),
            ("names.en.value", json!("Hue"), json!("Huế City")),
            ("new", Json::Null, json!([1])),
        ];
        let expected = expected.map(|(path, before, after)| (path.to_owned(), before, after));
        assert_eq!(found(before, after), expected);
    }

    #[test]
    fn of_hidden_texts_it_is_only_told_that_they_differ() {
        let text = |value: &str| json!({ "text": [{ "lang": "vi", "value": value }] });

        let expected = [("text".to_owned(), Json::Null, Json::Null)];
        assert_eq!(found(text("a"), text("b")), expected);
        assert_eq!(found(json!({}), text("b")), expected);
    }

    #[test]
    fn what_is_told_is_bounded() {
        let many = Json::Object((0..300).map(|n| (format!("f{n}"), json!(n))).collect());
        assert_eq!(found(json!({}), many).len(), MOST);
        let deep = |value| (0..50).fold(json!(value), |inner, _| json!({ "a": inner }));
        let all = found(deep(1), deep(2));
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].0.split('.').count(), DEEPEST);
    }
}
