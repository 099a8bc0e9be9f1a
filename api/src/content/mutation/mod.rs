//! Mutations: what is given becomes a changeset, and what came of it is answered. Their types are made of the definitions
//! ([`types`]); references are found and operations put together by `input` and `expand`; nothing is checked here that
//! [`crate::changes`] checks.
mod expand;
mod input;
mod payload;
pub mod types;

use std::sync::Arc;

use async_graphql::Value;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde_json::json;

use self::{
    expand::{Expanded, Wanted, by_id, of_changeset},
    input::{Given, Wrong},
    payload::{Outcome, UserError},
    types::{Kind, Made},
};
use crate::{
    auth::Writer,
    changes::{self, ChangeError, Changeset, Contradictions, Kept, Once, Operation, Queue},
    error::{ApiError, Code},
    record::{
        catalog,
        def::Def,
        object::ObjectShape,
        root::RootCall,
        shape::InputShape,
        write::MistakeCode,
        written::{MutationCall, RootMutation},
    },
};

/// What writing needs of the request beside the reader.
#[derive(Clone)]
pub struct Desk {
    pub queue: Queue,
    pub now: DateTime<Utc>,
    /// The idempotency key, and the hash of what is asked.
    pub named: Option<(String, String)>,
    /// Told when something was written.
    pub wrote: Arc<dyn Fn() + Send + Sync>,
}

/// Inputs, objects and root fields of the mutations of these types.
pub(super) fn parts(
    defs: &[&'static Def],
) -> (Vec<InputShape>, Vec<ObjectShape>, Vec<RootMutation>) {
    let made = Made::of(defs);
    let mutations = kinds(defs).into_iter().map(|(_, (name, ty, about, arguments))| RootMutation {
        name,
        ty,
        about,
        arguments,
        run: mutate,
    });
    (made.inputs, made.objects, mutations.collect())
}

fn kinds(defs: &[&'static Def]) -> Vec<(Kind, types::Signature)> {
    defs.iter().flat_map(|def| types::of_type(def)).chain(types::of_all()).collect()
}

/// What a root field does, by its name.
fn kind(name: &str) -> Option<Kind> {
    let of = |verb: &str| {
        let name = name.strip_prefix(verb)?;
        catalog().named(name).filter(|def| def.is_described())
    };
    let merged = |name: &str| {
        let many = name.strip_prefix("merge")?;
        let is = |def: &&&Def| def.is_described() && def.many.eq_ignore_ascii_case(many);
        catalog().defs().iter().find(is).copied()
    };
    match name {
        "applyChangeset" => Some(Kind::Apply),
        "restoreRecord" => Some(Kind::Restore),
        "redactRecord" => Some(Kind::Redact),
        _ => of("create")
            .map(Kind::Create)
            .or_else(|| of("update").map(Kind::Update))
            .or_else(|| of("delete").map(Kind::Delete))
            .or_else(|| merged(name).map(Kind::Merge)),
    }
}

/// The longest comment, in characters.
const LONGEST_COMMENT: usize = 1_000;

fn mutate(it: MutationCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let MutationCall { call, ctx } = it;
        let RootCall { reader, ask, selected } = call;
        let (Some(kind), Ok(desk)) = (kind(selected.name()), ctx.data::<Desk>()) else {
            return Err(ApiError::value("there is no such mutation"));
        };
        // Before anything else is looked at: who may not write learns nothing by it.
        let caller = &reader.reading.caller;
        let redactor = matches!(kind, Kind::Redact).then(|| caller.redactor()).transpose()?;
        let writer = match &redactor {
            Some(redactor) => redactor.writer().clone(),
            None => caller.writer()?,
        };
        let mutation = catalog().parts.mutations.iter().find(|it| it.name == selected.name());
        let payload = mutation.map_or("", |it| it.ty.trim_end_matches('!'));
        let argument = |name: &str| ask.given(selected.field(), name);
        let given = |name: &str| match argument(name) {
            Some(Value::Object(given)) => given,
            _ => Given::default(),
        };
        let version = |name: &str| match argument(name) {
            Some(Value::Number(number)) => number.as_i64().unwrap_or_default(),
            _ => 0,
        };
        let input = given("input");
        let change = match kind {
            Kind::Apply => input::object(&input, "change").cloned().unwrap_or_default(),
            _ => given("change"),
        };
        let mut wrong = Vec::new();
        let at = vec!["input".to_owned()];
        let seen = version("expectedVersion");
        let wanted = match kind {
            Kind::Create(def) => vec![(Wanted::Create { def, key: None, input }, at)],
            Kind::Update(def) => {
                let record = by_id(argument("id"));
                vec![(Wanted::Update { def: Some(def), record, version: seen, input }, at)]
            }
            Kind::Delete(def) => {
                let policy = match argument("policy") {
                    Some(Value::Enum(policy)) => Some(policy.to_string()),
                    Some(Value::String(policy)) => Some(policy),
                    _ => None,
                };
                let record = by_id(argument("id"));
                vec![(
                    Wanted::Delete { record, version: seen, policy, of: Some(def) },
                    vec!["id".to_owned()],
                )]
            }
            Kind::Merge(def) => {
                let (into, from) = (by_id(argument("id")), by_id(argument("from")));
                let from_version = version("fromVersion");
                let merge =
                    Wanted::Merge { into, version: seen, from, from_version, of: Some(def) };
                vec![(merge, vec!["id".to_owned()])]
            }
            Kind::Apply => of_changeset(&input, &mut wrong),
            Kind::Restore => {
                let outcome = restore(
                    desk,
                    &writer,
                    &by_id(argument("id")),
                    seen,
                    version("version"),
                    change,
                )
                .await?;
                return answered(desk, outcome, call, payload).await;
            }
            Kind::Redact => {
                let id = argument("id").map(Value::into_json).and_then(Result::ok);
                let field = argument("field").map(Value::into_json).and_then(Result::ok);
                let text = |it: Option<serde_json::Value>| {
                    it.and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
                };
                let (id, field) = (text(id), text(field));
                let mut expanded = Expanded { about: vec![id.clone()], ..Expanded::default() };
                if let Some(proof) = redactor {
                    expanded.operations.push(Operation::Redact {
                        id,
                        expected_version: seen,
                        field,
                        proof,
                    });
                    expanded.origins.push(Vec::new());
                }
                let outcome = apply(desk, &writer, expanded, &change).await?;
                return answered(desk, outcome, call, payload).await;
            }
        };
        let expanded = Expanded::of(&reader.db, wanted, wrong).await?;
        let outcome = apply(desk, &writer, expanded, &change).await?;
        answered(desk, outcome, call, payload).await
    })
}

/// An earlier version as a new one.
async fn restore(
    desk: &Desk,
    writer: &Writer,
    record: &Given,
    seen: i64,
    version: i64,
    change: Given,
) -> Result<Outcome, ApiError> {
    let id = input::text(record, "id").unwrap_or_default();
    let db = desk.queue.db();
    let mut expanded = Expanded { about: vec![id.clone()], ..Expanded::default() };
    let now = match id.contains('\0') {
        true => None,
        false => changes::current(db, std::slice::from_ref(&id)).await?.remove(&id),
    };
    let then = match now {
        Some(_) => changes::at_version(db, &id, version).await?,
        None => None,
    };
    match (now, then) {
        (Some(now), Some(mut fields)) => {
            for name in now.fields.into_iter().map(|(name, _)| name) {
                fields.entry(name).or_insert(serde_json::Value::Null);
            }
            expanded.operations.push(Operation::update(id, seen, fields));
            expanded.origins.push(Vec::new());
        }
        (None, _) => {
            let (path, code) = (vec!["id".to_owned()], MistakeCode::UnknownReference);
            expanded.wrong.push(Wrong {
                path,
                code,
                message: format!("there is no record `{id}`"),
            });
        }
        (Some(_), None) => {
            let (path, code) = (vec!["version".to_owned()], MistakeCode::UnknownReference);
            let message = format!("`{id}` has no version {version}");
            expanded.wrong.push(Wrong { path, code, message });
        }
    }
    apply(desk, writer, expanded, &change).await
}

/// Applies what was put together, and tells what came of it.
async fn apply(
    desk: &Desk,
    writer: &Writer,
    expanded: Expanded,
    change: &Given,
) -> Result<Outcome, ApiError> {
    let Expanded { operations, origins, keys, about, mut wrong } = expanded;
    let comment = input::text(change, "comment");
    if comment.as_ref().is_some_and(|it| it.chars().count() > LONGEST_COMMENT) {
        let path = vec!["change".to_owned(), "comment".to_owned()];
        let message = format!("a comment has at most {LONGEST_COMMENT} characters");
        wrong.push(Wrong { path, code: MistakeCode::Format, message });
    }
    let contradictions = match input::text(change, "onConflict").as_deref() {
        Some("REPLACE") => Contradictions::Replace,
        Some("REFUSE") => Contradictions::Refuse,
        _ => Contradictions::KeepBoth,
    };
    if !wrong.is_empty() {
        let errors = wrong.into_iter().map(UserError::from).collect();
        return Ok(Outcome { errors, ..Outcome::default() });
    }
    let record = about.into_iter().next();
    let once = desk.named.clone().map(|(name, fingerprint)| Once {
        caller: writer.actor().key.clone().unwrap_or_default(),
        name,
        fingerprint,
        outcome: json!({ "record": record, "keys": keys }),
    });
    let changeset = Changeset { comment, operations, contradictions, once: once.clone() };
    match desk.queue.apply(writer.clone(), changeset, desk.now).await {
        Ok(applied) => {
            (desk.wrote)();
            let changeset = applied.map(|it| it.first_position());
            Ok(Outcome { record, changeset, keys, once, ..Outcome::default() })
        }
        Err(ChangeError::Before(kept)) => Ok(before(*kept)),
        Err(ChangeError::NameReused) => {
            let message = "this `Idempotency-Key` was used for another request: give each write a key of its own";
            Err(ApiError::new(Code::IdempotencyKeyReused, message))
        }
        Err(ChangeError::Refused(mistakes)) => {
            let errors = mistakes.into_iter().map(|it| UserError::of(it, &origins)).collect();
            Ok(Outcome { errors, ..Outcome::default() })
        }
        Err(ChangeError::Busy) => {
            let message = "too many changes wait to be written; try again in a moment";
            Err(ApiError::new(Code::Unavailable, message))
        }
        Err(ChangeError::Database(error)) => Err(error.into()),
    }
}

/// What came of a write the first time.
fn before(kept: Kept) -> Outcome {
    let Kept { outcome, answer } = kept;
    let keys = outcome.get("keys").cloned().unwrap_or_default();
    Outcome {
        record: outcome.get("record").and_then(|it| it.as_str()).map(str::to_owned),
        changeset: outcome.get("changeset").and_then(serde_json::Value::as_i64),
        keys: serde_json::from_value(keys).unwrap_or_default(),
        answer,
        ..Outcome::default()
    }
}

/// The answer, which is kept for who asks again.
async fn answered(
    desk: &Desk,
    outcome: Outcome,
    call: RootCall<'_>,
    payload: &'static str,
) -> Result<Vec<u8>, ApiError> {
    if let Some(answer) = &outcome.answer {
        return Ok(answer.to_string().into_bytes());
    }
    let answer = outcome.payload(call, payload).await?;
    if let Some(once) = &outcome.once
        && let Ok(json) = serde_json::from_slice(&answer)
        && let Err(error) = changes::keep(desk.queue.db(), once, &json).await
    {
        // It is made anew for who asks again.
        tracing::warn!(%error, "the answer to a write was not kept");
    }
    Ok(answer)
}
