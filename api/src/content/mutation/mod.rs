//! Mutations: what is given becomes a changeset, and what came of it is answered. Their types are made of the definitions
//! (`types`, `signatures`; `shapes` has what is of no type); references are found and operations put together by `input`,
//! `wanted` and `expand`; nothing is checked here that [`crate::changes`] checks.
mod asked;
mod expand;
mod input;
mod origin;
mod payload;
pub mod shapes;
mod signatures;
mod sources;
mod types;
mod wanted;

use std::sync::Arc;

use async_graphql::Value;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde_json::json;

use self::{
    asked::can_be_answered,
    expand::Expanded,
    input::{Given, Path, Wrong},
    origin::Origin,
    payload::{Outcome, UserError},
    signatures::{Kind, Signature, of_all, of_type},
    types::Made,
    wanted::{Place, Wanted, by_id, of_changeset},
};
use crate::{
    auth::{Redactor, Writer},
    changes::{self, ChangeError, Changeset, Contradictions, Kept, Once, Operation, Queue},
    error::{ApiError, Code},
    record::{
        catalog,
        def::Def,
        object::ObjectShape,
        price::WRITE,
        root::RootCall,
        shape::InputShape,
        write::MistakeCode,
        written::{MutationCall, RootMutation},
    },
};

/// What writing needs of the request beside the reader.
#[derive(Clone)]
pub struct Desk {
    /// What is looked up to put operations together is read beside those who write: whether it still holds is decided in the
    /// transaction.
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
    let mutations = kinds(defs).into_iter().map(|(kind, (name, ty, about, arguments))| {
        // The operations of a changeset have their prices where they are given.
        let points = if matches!(kind, Kind::Apply) { 1 } else { WRITE };
        RootMutation { name, ty, about, arguments, points, run: mutate }
    });
    (made.inputs, made.objects, mutations.collect())
}

fn kinds(defs: &[&'static Def]) -> Vec<(Kind, Signature)> {
    defs.iter().flat_map(|def| of_type(def)).chain(of_all()).collect()
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
        let RootCall { reader, selected, .. } = call;
        let (Some(kind), Ok(desk)) = (kind(selected.name()), ctx.data::<Desk>()) else {
            return Err(ApiError::value("there is no such mutation"));
        };
        // Before anything else is looked at: who may not write learns nothing by it.
        let caller = &reader.reading.caller;
        let given = Arguments { call };
        let (writer, expanded) = match kind {
            Kind::Redact => {
                let redactor = caller.redactor()?;
                (redactor.writer().clone(), redact(&given, redactor))
            }
            Kind::Restore => (caller.writer()?, restore(desk, &given).await?),
            _ => {
                let (writer, mut wrong) = (caller.writer()?, Vec::new());
                let wanted = wanted(kind, &given, &mut wrong);
                (writer, Expanded::of(desk.queue.reader(), wanted, wrong).await?)
            }
        };
        let mutation = catalog().parts.mutations.iter().find(|it| it.name == selected.name());
        let payload = mutation.map_or("", |it| it.ty.trim_end_matches('!'));
        can_be_answered(call, payload)?;
        let change = match kind {
            Kind::Apply => input::object(&given.object("input"), "change").cloned(),
            _ => Some(given.object("change")),
        };
        let at: &[&str] =
            if matches!(kind, Kind::Apply) { &["input", "change"] } else { &["change"] };
        let change = Change::of(&change.unwrap_or_default(), at);
        let outcome = apply(desk, &writer, expanded, change).await?;
        answered(desk, outcome, call, payload).await
    })
}

/// The arguments of a mutation.
struct Arguments<'a> {
    call: RootCall<'a>,
}

impl Arguments<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        self.call.ask.given(self.call.selected.field(), name)
    }

    fn object(&self, name: &str) -> Given {
        match self.value(name) {
            Some(Value::Object(given)) => given,
            _ => Given::default(),
        }
    }

    fn number(&self, name: &str) -> i64 {
        match self.value(name) {
            Some(Value::Number(number)) => number.as_i64().unwrap_or_default(),
            _ => 0,
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        input::text(&by_id(self.value(name)), "id")
    }
}

/// The operations of a mutation on one record, or of a changeset, with their places in the arguments.
fn wanted(kind: Kind, given: &Arguments<'_>, wrong: &mut Vec<Wrong>) -> Vec<(Wanted, Place)> {
    let version = given.number("expectedVersion");
    let at = |fields: &str| Place {
        whole: Path::new(),
        fields: vec![fields.to_owned()],
        record: vec!["id".to_owned()],
    };
    let record = || by_id(given.value("id"));
    let input = given.object("input");
    match kind {
        Kind::Create(def) => vec![(Wanted::Create { def, key: None, input }, at("input"))],
        Kind::Update(def) => {
            let record = record();
            vec![(Wanted::Update { def: Some(def), record, version, input }, at("input"))]
        }
        Kind::Delete(def) => {
            let (record, policy) = (record(), given.text("policy"));
            vec![(Wanted::Delete { record, version, policy, of: Some(def) }, at("id"))]
        }
        Kind::Merge(def) => {
            let (into, from) = (record(), by_id(given.value("from")));
            let from_version = given.number("fromVersion");
            let merge = Wanted::Merge { into, version, from, from_version, of: Some(def) };
            vec![(merge, at("id"))]
        }
        Kind::Apply => of_changeset(&input, wrong),
        Kind::Restore | Kind::Redact => Vec::new(),
    }
}

/// A field taken out of a record.
fn redact(given: &Arguments<'_>, proof: Redactor) -> Expanded {
    let [id, field] = ["id", "field"].map(|name| given.text(name).unwrap_or_default());
    let expected_version = given.number("expectedVersion");
    Expanded {
        about: vec![id.clone()],
        operations: vec![Operation::Redact { id, expected_version, field, proof }],
        origins: vec![
            Origin::whole(vec!["id".to_owned()]).gives(&["field"], vec!["field".to_owned()]),
        ],
        ..Expanded::default()
    }
}

/// An earlier version as a new one.
async fn restore(desk: &Desk, given: &Arguments<'_>) -> Result<Expanded, ApiError> {
    /// Slugs that led to it go on to do so.
    const KEPT: &str = "formerSlugs";
    let db = desk.queue.reader();
    let (id, version) = (given.text("id").unwrap_or_default(), given.number("version"));
    let now = changes::current(db, std::slice::from_ref(&id)).await?.remove(&id);
    let then = match now {
        Some(_) => changes::at_version(db, &id, version).await?,
        None => None,
    };
    let mut expanded = Expanded { about: vec![id.clone()], ..Expanded::default() };
    let mut refuse = |argument: &str, message: String| {
        let (path, code) = (vec![argument.to_owned()], MistakeCode::UnknownReference);
        expanded.wrong.push(Wrong { path, code, message });
    };
    match (now, then) {
        (Some(now), Some(mut fields)) => {
            for name in now.fields.into_iter().map(|(name, _)| name) {
                fields.entry(name).or_insert(serde_json::Value::Null);
            }
            fields.remove(KEPT);
            let seen = given.number("expectedVersion");
            expanded.operations.push(Operation::update(id, seen, fields));
            let origin = Origin::whole(vec!["version".to_owned()]).names(vec!["id".to_owned()]);
            expanded.origins.push(origin);
        }
        (None, _) => refuse("id", format!("there is no record `{id}`")),
        (Some(_), None) => refuse("version", format!("`{id}` has no version {version}")),
    }
    Ok(expanded)
}

/// How a change is made.
struct Change {
    comment: Option<String>,
    contradictions: Contradictions,
    wrong: Option<Wrong>,
}

impl Change {
    fn of(given: &Given, at: &[&str]) -> Change {
        let comment = input::text(given, "comment");
        let contradictions = match input::text(given, "onConflict").as_deref() {
            Some("REPLACE") => Contradictions::Replace,
            Some("REFUSE") => Contradictions::Refuse,
            _ => Contradictions::KeepBoth,
        };
        let is_none = |it: &&String| it.chars().count() > LONGEST_COMMENT || it.contains('\0');
        let wrong = comment.as_ref().filter(is_none).map(|_| {
            let path = at.iter().chain(&["comment"]).map(|it| (*it).to_owned()).collect();
            let message =
                format!("a comment has at most {LONGEST_COMMENT} characters, none of them NUL");
            Wrong { path, code: MistakeCode::Format, message }
        });
        Change { comment, contradictions, wrong }
    }
}

/// Applies what was put together, and tells what came of it.
async fn apply(
    desk: &Desk,
    writer: &Writer,
    expanded: Expanded,
    change: Change,
) -> Result<Outcome, ApiError> {
    let Expanded { operations, origins, keys, about, addressed, mut wrong } = expanded;
    let Change { comment, contradictions, wrong: of_change } = change;
    wrong.extend(of_change);
    let record = about.into_iter().next();
    let once = desk.named.clone().map(|(name, fingerprint)| Once {
        caller: writer.actor().key.clone().unwrap_or_default(),
        name,
        fingerprint,
        outcome: json!({ "record": record, "keys": keys }),
    });
    // With mistakes of its own it is still asked what else is wrong: all is told at once.
    let is_refused = !wrong.is_empty();
    let changeset = Changeset {
        comment,
        operations,
        contradictions,
        once: once.clone(),
        is_refused,
        addressed,
        keyed: keys.iter().map(|(_, id)| id.clone()).collect(),
        ..Changeset::default()
    };
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
            let found = mistakes.into_iter().map(|it| UserError::of(it, &origins));
            Ok(Outcome { errors: UserError::all(wrong, found), ..Outcome::default() })
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
        return Ok(answer.clone().into_bytes());
    }
    let answer = outcome.payload(call, payload).await?;
    if let Some(once) = &outcome.once
        && let Ok(text) = String::from_utf8(answer.clone())
        && let Err(error) = changes::keep(desk.queue.db(), once, text).await
    {
        // It is made anew for who asks again.
        tracing::warn!(%error, "the answer to a write was not kept");
    }
    Ok(answer)
}
