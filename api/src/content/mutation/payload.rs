//! What a mutation answers: the record, the changeset, and what was wrong.
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

use serde_json::Value as Json;

use super::{
    input::{Path, Wrong},
    origin::Origin,
};
use crate::{
    changes::Once,
    content::change::Changeset,
    error::ApiError,
    record::{
        ask::Selected,
        catalog,
        def::{Def, def},
        json,
        plan::Plan,
        render,
        root::{self, RootCall},
        statement::RecordKey,
        write::{Differs, Mistake, MistakeCode},
    },
};

/// A mistake, as it is shown.
#[derive(Clone)]
pub(super) struct UserError {
    path: Path,
    code: MistakeCode,
    message: String,
    differs: Option<Box<Differs>>,
}

/// More are not told, but for their number.
const MOST_ERRORS: usize = 100;

/// What has come of a mutation.
#[derive(Default)]
pub(super) struct Outcome {
    /// Public id of the record that it was about; `None` when refused.
    pub(super) record: Option<String>,
    /// Internal id of the changeset.
    pub(super) changeset: Option<i64>,
    pub(super) errors: Vec<UserError>,
    /// Client keys with their records.
    pub(super) keys: Vec<(String, String)>,
    /// The name of the write, under which its answer is to be kept.
    pub(super) once: Option<Once>,
    /// The answer as it was given before.
    pub(super) answer: Option<String>,
}

impl From<Wrong> for UserError {
    fn from(Wrong { path, code, message }: Wrong) -> Self {
        UserError { path, code, message, differs: None }
    }
}

impl UserError {
    /// A mistake of a changeset, at its place in the arguments.
    pub(super) fn of(mistake: Mistake, origins: &[Origin]) -> UserError {
        let Mistake { path, code, message, differs } = mistake;
        let place = path.first().and_then(|step| step.parse::<usize>().ok());
        let path = match (place.and_then(|place| origins.get(place)), path.as_slice()) {
            (Some(origin), [_, id, steps @ ..]) => origin.path(id, steps),
            _ => path,
        };
        UserError { path, code, message, differs }
    }

    /// What is wrong with the arguments, and what else the changeset finds: of a reference that leads nowhere it finds only
    /// that nothing is there, and of a field and the claim that is made of it the same.
    pub(super) fn all(wrong: Vec<Wrong>, found: impl Iterator<Item = UserError>) -> Vec<UserError> {
        let paths: Vec<Path> = wrong.iter().map(|it| it.path.clone()).collect();
        let follows = |error: &UserError| {
            let is_of_nothing =
                matches!(error.code, MistakeCode::Required | MistakeCode::UnknownReference);
            let covers = |path: &Path| {
                path == &error.path || (is_of_nothing && path.starts_with(&error.path))
            };
            paths.iter().any(covers)
        };
        let mut told = HashSet::new();
        let found = found.filter(|error| !follows(error));
        let all = wrong.into_iter().map(UserError::from).chain(found);
        // That a value is missing says no more than why there is none.
        let what = |it: &UserError| match it.code {
            MistakeCode::Required => String::new(),
            _ => it.message.clone(),
        };
        all.filter(|it| told.insert((it.path.clone(), it.code(), what(it)))).collect()
    }

    fn code(&self) -> &'static str {
        match self.code {
            MistakeCode::Required => "REQUIRED",
            MistakeCode::UnknownField | MistakeCode::Format => "FORMAT_INVALID",
            MistakeCode::UnknownReference => "NOT_FOUND",
            MistakeCode::Duplicate => "TAKEN",
            MistakeCode::QuoteNotFound => "QUOTE_MISMATCH",
            MistakeCode::StaleVersion => "STALE_VERSION",
            MistakeCode::Overlap => "OVERLAP",
            MistakeCode::InUse => "IN_USE",
            MistakeCode::Contradiction => "CONTRADICTION",
            MistakeCode::Forbidden => "FORBIDDEN",
            MistakeCode::TooMany => "TOO_MANY",
        }
    }
}

impl Outcome {
    /// The payload of this type, as it was asked for.
    pub(super) async fn payload(
        &self,
        call: RootCall<'_>,
        name: &'static str,
    ) -> Result<Vec<u8>, ApiError> {
        let RootCall { ask, selected, .. } = call;
        let mut fields = Vec::new();
        for field in ask.select(name, &selected.below()) {
            let value = match field.name() {
                "__typename" => typename(name),
                "changeset" => self.changeset(call, &field).await,
                "userErrors" => Ok(self.errors(call, &field)),
                "records" => self.records(call, &field).await,
                "deletedId" => Ok(text(self.record.as_deref())),
                _ => record(call, &field, self.record.as_deref()).await,
            };
            fields.push((field.key, value.map_err(|error| error.below(field.key))?));
        }
        Ok(object(fields))
    }

    async fn changeset(
        &self,
        call: RootCall<'_>,
        field: &Selected<'_>,
    ) -> Result<Vec<u8>, ApiError> {
        let RootCall { reader, ask, .. } = call;
        let plan = Plan::new(&ask.below(), def::<Changeset>(), &field.below())?;
        let chunks = render::one(reader, ask, &[plan], vec![self.changeset]).await?;
        Ok(chunks.get(0).to_vec())
    }

    async fn records(&self, call: RootCall<'_>, field: &Selected<'_>) -> Result<Vec<u8>, ApiError> {
        let mut records: Vec<Vec<(&str, Vec<u8>)>> = vec![Vec::new(); self.keys.len()];
        for field in call.ask.select("KeyedRecord", &field.below()) {
            let values: Vec<Vec<u8>> = match field.name() {
                "__typename" => self.keys.iter().map(|_| text(Some("KeyedRecord"))).collect(),
                "key" => self.keys.iter().map(|(key, _)| text(Some(key))).collect(),
                "id" => self.keys.iter().map(|(_, id)| text(Some(id))).collect(),
                _ => self.of_keys(call, &field).await.map_err(|error| error.below(field.key))?,
            };
            for (record, value) in records.iter_mut().zip(values) {
                record.push((field.key, value));
            }
        }
        Ok(list(&records.into_iter().map(object).collect::<Vec<_>>()))
    }

    /// The records of the client keys: those of a type are read at once.
    async fn of_keys(
        &self,
        call: RootCall<'_>,
        field: &Selected<'_>,
    ) -> Result<Vec<Vec<u8>>, ApiError> {
        let ids: Vec<String> = self.keys.iter().map(|(_, id)| id.clone()).collect();
        let types: BTreeMap<u16, &'static Def> = ids
            .iter()
            .filter_map(|id| catalog().of_public_id(id))
            .map(|def| (def.code, def))
            .collect();
        let call = RootCall { ask: &call.ask.below(), selected: field, ..call };
        let chunks = root::by_ids(call, types.into_values().collect(), ids).await?;
        Ok((0..self.keys.len()).map(|place| chunks.get(place).to_vec()).collect())
    }

    fn errors(&self, call: RootCall<'_>, field: &Selected<'_>) -> Vec<u8> {
        let errors = told(&self.errors).into_iter().map(|error| {
            let fields = call.ask.select("UserError", &field.below()).into_iter().map(|field| {
                let value = match field.name() {
                    "code" => text(Some(error.code())),
                    "path" => json_of(&error.path.clone().into()),
                    "message" => text(Some(&error.message)),
                    "conflict" => conflict(call, &field, error.differs.as_deref()),
                    _ => text(Some("UserError")),
                };
                (field.key, value)
            });
            object(fields.collect())
        });
        list(&errors.collect::<Vec<_>>())
    }
}

/// The mistakes that are told, in their order. If they are too many, each code is among them, and the last says how many more
/// there are.
fn told(errors: &[UserError]) -> Vec<Cow<'_, UserError>> {
    let Some(more) = errors.len().checked_sub(MOST_ERRORS).filter(|more| *more > 0) else {
        return errors.iter().map(Cow::Borrowed).collect();
    };
    let mut codes = Vec::new();
    let mut places: Vec<usize> = Vec::new();
    for (place, error) in errors.iter().enumerate() {
        if !codes.contains(&error.code()) {
            codes.push(error.code());
            places.push(place);
        }
    }
    let others = (0..errors.len()).filter(|place| !places.contains(place));
    let others: Vec<usize> = others.take(MOST_ERRORS - places.len()).collect();
    places.extend(others);
    places.sort_unstable();
    let last = UserError {
        path: Path::new(),
        code: MistakeCode::TooMany,
        message: format!("there are {more} more mistakes: mend these first"),
        differs: None,
    };
    let told = places.into_iter().filter_map(|place| errors.get(place));
    told.map(Cow::Borrowed).chain([Cow::Owned(last)]).collect()
}

fn conflict(call: RootCall<'_>, field: &Selected<'_>, differs: Option<&Differs>) -> Vec<u8> {
    let Some(differs) = differs else { return b"null".to_vec() };
    let fields = call.ask.select("FieldConflict", &field.below()).into_iter().map(|field| {
        let value = match field.name() {
            "base" => json_of(&differs.base),
            "current" => json_of(&differs.current),
            "proposed" => json_of(&differs.proposed),
            _ => text(Some("FieldConflict")),
        };
        (field.key, value)
    });
    object(fields.collect())
}

/// A record of whatever type, by its public id; null for none.
async fn record(
    call: RootCall<'_>,
    field: &Selected<'_>,
    id: Option<&str>,
) -> Result<Vec<u8>, ApiError> {
    let RootCall { reader, ask, .. } = call;
    let of = id.and_then(|id| catalog().of_public_id(id));
    let (Some(def), Some(id)) = (of, id) else { return Ok(b"null".to_vec()) };
    let ask = ask.below();
    let plan = Plan::new(&ask, def, &field.below())?;
    render::lookup(reader, &ask, &plan, &RecordKey::Id(id.to_owned())).await
}

fn typename(name: &str) -> Result<Vec<u8>, ApiError> {
    Ok(text(Some(name)))
}

fn text(text: Option<&str>) -> Vec<u8> {
    let mut out = Vec::new();
    match text {
        Some(text) => json::string(&mut out, text),
        None => json::null(&mut out),
    }
    out
}

fn json_of(value: &Json) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn object(fields: Vec<(&str, Vec<u8>)>) -> Vec<u8> {
    let mut out = Vec::new();
    json::list(&mut out, json::OBJECT, fields, |out, (key, value)| {
        out.extend_from_slice(&json::key(key));
        out.extend_from_slice(&value);
    });
    out
}

fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    json::list(&mut out, json::ARRAY, items, |out, item| out.extend_from_slice(item));
    out
}
