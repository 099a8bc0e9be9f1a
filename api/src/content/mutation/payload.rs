//! What a mutation answers: the record, the changeset, and what was wrong.
use serde_json::Value as Json;

use super::input::{Wrong, below};
use crate::{
    changes::Once,
    content::change::Changeset,
    error::ApiError,
    record::{
        ask::Selected,
        catalog,
        def::def,
        json,
        plan::Plan,
        render,
        root::RootCall,
        statement::RecordKey,
        write::{Differs, Mistake, MistakeCode},
    },
};

/// A mistake, as it is shown.
pub(super) struct UserError {
    path: Vec<String>,
    code: MistakeCode,
    message: String,
    differs: Option<Box<Differs>>,
}

/// More are not told.
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
    pub(super) answer: Option<Json>,
}

impl From<Wrong> for UserError {
    fn from(Wrong { path, code, message }: Wrong) -> Self {
        UserError { path, code, message, differs: None }
    }
}

impl UserError {
    /// A mistake of a changeset, at its place in the arguments.
    pub(super) fn of(mistake: Mistake, origins: &[Vec<String>]) -> UserError {
        let Mistake { path, code, message, differs } = mistake;
        let place = path.first().and_then(|step| step.parse::<usize>().ok());
        let origin = place.and_then(|place| origins.get(place));
        let steps = match origin {
            // The place, and the id of the record.
            Some(_) => path.get(2..).unwrap_or_default(),
            None => path.as_slice(),
        };
        let path =
            steps.iter().fold(origin.cloned().unwrap_or_default(), |path, it| below(&path, it));
        UserError { path, code, message, differs }
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
        let mut records = Vec::with_capacity(self.keys.len());
        for (key, id) in &self.keys {
            let mut fields = Vec::new();
            for field in call.ask.select("KeyedRecord", &field.below()) {
                let value = match field.name() {
                    "__typename" => typename("KeyedRecord"),
                    "key" => Ok(text(Some(key))),
                    "id" => Ok(text(Some(id))),
                    _ => record(call, &field, Some(id)).await,
                };
                fields.push((field.key, value.map_err(|error| error.below(field.key))?));
            }
            records.push(object(fields));
        }
        Ok(list(&records))
    }

    fn errors(&self, call: RootCall<'_>, field: &Selected<'_>) -> Vec<u8> {
        let errors = self.errors.iter().take(MOST_ERRORS).map(|error| {
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
