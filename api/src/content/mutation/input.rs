//! What a mutation is given, as values in the form of the log: references found, texts put together with those that are there.
use std::collections::{HashMap, HashSet};

use async_graphql::{Name, Value, indexmap::IndexMap};
use sea_orm::{DatabaseConnection, DbErr};
use serde_json::{Map, Value as Json};

use crate::{
    changes::lookup,
    record::{
        ask::items,
        catalog,
        shape::InputShape,
        write::{Fields, MistakeCode},
    },
    value::fold,
};

/// A way into the arguments, from the name of one on.
pub(super) type Path = Vec<String>;

/// The fields of an input object.
pub(super) type Given = IndexMap<Name, Value>;

/// Something wrong in the arguments.
#[derive(Clone, Debug)]
pub(super) struct Wrong {
    pub(super) path: Path,
    pub(super) code: MistakeCode,
    pub(super) message: String,
}

/// What references lead to.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Public ids by client keys.
    pub(super) keys: HashMap<String, String>,
    merged: HashMap<String, String>,
    identified: HashMap<(String, String), String>,
    /// Documents by their addresses.
    pub(super) documents: HashMap<String, String>,
}

/// What is to be looked for.
#[derive(Debug, Default)]
pub(super) struct Sought {
    ids: HashSet<String>,
    identifiers: HashSet<(String, String)>,
    urls: HashSet<String>,
}

impl Sought {
    /// All references in a value of this type.
    pub(super) fn of(&mut self, ty: &str, value: &Value) {
        if let Some(item) = item_type(ty) {
            items(value.clone()).iter().for_each(|it| self.of(item, it));
            return;
        }
        let Value::Object(given) = value else { return };
        match bare(ty) {
            "RecordRef" => match (text(given, "id"), given.get("identifier")) {
                (Some(id), _) => drop(self.ids.insert(id)),
                (_, Some(Value::Object(key))) => {
                    if let Some(key) = identifier(key) {
                        self.identifiers.insert(key);
                    }
                }
                _ => {}
            },
            name => {
                if name == "SourceAddressInput" {
                    self.urls.extend(text(given, "url"));
                }
                let Some(shape) = shape(name) else { return };
                for (field, ty, _) in shape.fields {
                    if let Some(value) = given.get(*field) {
                        self.of(ty, value);
                    }
                }
            }
        }
    }

    /// Looks for them, by a statement for each kind.
    pub(super) async fn find(
        self,
        db: &DatabaseConnection,
        keys: HashMap<String, String>,
    ) -> Result<Found, DbErr> {
        let askable = |texts: HashSet<String>| -> Vec<String> {
            texts.into_iter().filter(|it| !it.contains('\0')).collect()
        };
        let mut found = Found { keys, ..Found::default() };
        if !self.ids.is_empty() {
            found.merged = lookup::merged_into(db, &askable(self.ids)).await?;
        }
        if !self.identifiers.is_empty() {
            found.identified = lookup::identified(db, &self.identifiers).await?;
        }
        if !self.urls.is_empty() {
            found.documents = lookup::documents_at(db, &askable(self.urls)).await?;
        }
        Ok(found)
    }
}

impl Found {
    /// A value in the form of the log.
    pub(super) fn json(
        &self,
        ty: &str,
        value: &Value,
        path: &[String],
        wrong: &mut Vec<Wrong>,
    ) -> Json {
        if *value == Value::Null {
            return Json::Null;
        }
        if let Some(item) = item_type(ty) {
            let list = items(value.clone());
            let item = |(n, it): (usize, &Value)| self.json(item, it, &below(path, n), wrong);
            return list.iter().enumerate().map(item).collect();
        }
        let Value::Object(given) = value else { return plain(value) };
        let name = bare(ty);
        if name == "RecordRef" {
            return self.reference(given, path, wrong);
        }
        let Some(shape) = shape(name) else { return plain(value) };
        let mut object = self.object(shape, given, path, wrong);
        if name == "AlternateNameInput" && object.contains_key("document") {
            object.insert("scope".to_owned(), "DOCUMENT".into());
        }
        Json::Object(object)
    }

    /// The fields of an input object that are given and not null.
    pub(super) fn object(
        &self,
        shape: &InputShape,
        given: &Given,
        path: &[String],
        wrong: &mut Vec<Wrong>,
    ) -> Map<String, Json> {
        let mut object = Map::new();
        for (field, ty, _) in shape.fields {
            if let Some(value) = given.get(*field).filter(|it| **it != Value::Null) {
                let value = self.json(ty, value, &below(path, field), wrong);
                object.insert((*field).to_owned(), value);
            }
        }
        object
    }

    /// The public id of the record that is meant; what leads nowhere is told by those who know what is there.
    pub(super) fn reference(&self, given: &Given, path: &[String], wrong: &mut Vec<Wrong>) -> Json {
        let mut refuse = |field: &str, message: String| {
            let (path, code) = (below(path, field), MistakeCode::UnknownReference);
            wrong.push(Wrong { path, code, message });
            Json::Null
        };
        if let Some(id) = text(given, "id") {
            return self.merged.get(&id).cloned().unwrap_or(id).into();
        }
        if let Some(key) = text(given, "key") {
            return match self.keys.get(&key) {
                Some(id) => id.clone().into(),
                None => refuse("key", format!("no record of the changeset has the key `{key}`")),
            };
        }
        let key = match given.get("identifier") {
            Some(Value::Object(key)) => identifier(key),
            _ => None,
        };
        match key.as_ref().and_then(|key| self.identified.get(key)) {
            Some(id) => id.clone().into(),
            None => refuse("identifier", "no record has this identifier".to_owned()),
        }
    }
}

/// Texts after a change: languages that are not named stay, those without a text go.
pub(super) fn with_texts(now: Option<&Json>, change: Json) -> Json {
    let Json::Array(change) = change else { return change };
    let is_named = |text: &&Json| !change.iter().any(|it| it.get("lang") == text.get("lang"));
    let kept = now.and_then(Json::as_array).into_iter().flatten().filter(is_named).cloned();
    let new = change.iter().filter(|it| it.get("value").is_some()).cloned();
    let texts: Vec<Json> = kept.chain(new).collect();
    if texts.is_empty() { Json::Null } else { texts.into() }
}

/// What an operation gives a record, by an input made for its type.
pub(super) fn fields(
    found: &Found,
    input: &str,
    given: &Given,
    now: Option<&Fields>,
    path: &[String],
    wrong: &mut Vec<Wrong>,
) -> Fields {
    /// These are no fields of the record.
    const BESIDE: [&str; 3] = ["citations", "claimRank", "links"];
    let mut fields = Fields::new();
    let Some(shape) = shape(input) else { return fields };
    for (name, ty, _) in shape.fields.iter().filter(|(name, ..)| !BESIDE.contains(name)) {
        let Some(value) = given.get(*name) else { continue };
        let mut value = found.json(ty, value, &below(path, name), wrong);
        if bare(ty) == "[TextInput!]" {
            value = with_texts(now.and_then(|now| now.get(*name)), value);
        }
        fields.insert((*name).to_owned(), value);
    }
    fields
}

/// The input object type of this name.
pub(super) fn shape(name: &str) -> Option<&'static InputShape> {
    catalog().parts.inputs.iter().find(|it| it.name == name)
}

/// The type of a list's items; `None` if it is none.
fn item_type(ty: &str) -> Option<&str> {
    bare(ty).strip_prefix('[')?.strip_suffix(']')
}

/// A type without whether it must be there.
fn bare(ty: &str) -> &str {
    ty.strip_suffix('!').unwrap_or(ty)
}

fn plain(value: &Value) -> Json {
    value.clone().into_json().unwrap_or_default()
}

pub(super) fn text(given: &Given, name: &str) -> Option<String> {
    match given.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::Enum(name)) => Some(name.to_string()),
        _ => None,
    }
}

pub(super) fn object<'g>(given: &'g Given, name: &str) -> Option<&'g Given> {
    match given.get(name) {
        Some(Value::Object(object)) => Some(object),
        _ => None,
    }
}

pub(super) fn list(given: &Given, name: &str) -> Vec<Value> {
    given.get(name).filter(|it| **it != Value::Null).cloned().map(items).unwrap_or_default()
}

pub(super) fn number(given: &Given, name: &str) -> Option<i64> {
    match given.get(name) {
        Some(Value::Number(number)) => number.as_i64(),
        _ => None,
    }
}

fn identifier(key: &Given) -> Option<(String, String)> {
    let value = text(key, "value").filter(|it| !it.contains('\0'))?;
    Some((text(key, "scheme")?, fold::nfc(&value).into_owned()))
}

/// A path one step further.
pub(super) fn below(path: &[String], step: impl ToString) -> Path {
    path.iter().cloned().chain([step.to_string()]).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn languages_that_are_not_named_stay() {
        let now = json!([{ "lang": "vi", "value": "Huế" }, { "lang": "en", "value": "Hue" }]);
        let change = json!([{ "lang": "en" }, { "lang": "fr", "value": "Hué" }]);

        let after = with_texts(Some(&now), change);

        let expected = json!([{ "lang": "vi", "value": "Huế" }, { "lang": "fr", "value": "Hué" }]);
        assert_eq!(after, expected);
        assert_eq!(with_texts(None, json!([{ "lang": "en" }])), Json::Null);
        assert_eq!(with_texts(Some(&now), Json::Null), Json::Null);
    }

    #[test]
    fn types_are_taken_apart() {
        assert_eq!(item_type("[[TextInput!]!]"), Some("[TextInput!]!"));
        assert_eq!(item_type("[TextInput!]!"), Some("TextInput!"));
        assert_eq!(item_type("TextInput!"), None);
    }
}
