//! An operation from the gate to its response, whatever transport it came over.
use std::{
    any::Any,
    future::ready,
    panic::AssertUnwindSafe,
    sync::{Arc, LazyLock},
    time::Duration,
};

use async_graphql::{Request as Execution, ServerError, Value, parser::types::OperationType};
use axum::http::HeaderMap;
use chrono::DateTime;
use futures_util::{FutureExt, future::BoxFuture, stream::BoxStream};
use sea_orm::DbErr;
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::{
    answer::{self, Cost, Outcome},
    caller::{self, Peer},
    changed::{self, Follow},
    request::RequestId,
    state::{App, Phase},
};
use crate::{
    auth::{Caller, Left},
    content::mutation::Desk,
    database::Database,
    error::{ApiError, Code},
    gate::{self, Asked, Operation, Refusal, RootField},
    record::{
        ask::Ask,
        batch::{Reader, Reading},
        root,
        tally::Tally,
    },
    value::{hash, lang::Lang},
};

/// Failures of one request that the log tells of; they mostly have one cause.
const LOGGED_MAX: usize = 5;

/// What runs operations. Transports take any: the product's is [`App`].
pub trait Run: Clone + Send + Sync + 'static {
    /// Who calls.
    type Caller: Clone + Send + Sync + 'static;

    /// Finds out who calls, by what a connection that stays open says of itself. The error is why it may not stay.
    fn connect<'a>(
        &'a self,
        hello: Hello<'a>,
    ) -> BoxFuture<'a, Result<Connected<Self::Caller>, Refusal>>;

    /// Whether what proved who calls still does; asked every few seconds for as long as a connection is open.
    fn is_still<'a>(&'a self, _: &'a Self::Caller) -> BoxFuture<'a, bool> {
        Box::pin(ready(true))
    }

    /// What the headers of an answer tell its caller.
    fn tell(&self, _: &Self::Caller, _: &mut HeaderMap) {}

    /// Lets an operation through the gate and runs it.
    fn run(&self, asked: Asked, call: Call<Self::Caller>) -> BoxFuture<'_, Ran>;
}

/// What a client says of itself. It may hold secrets, so it is not for logs.
#[derive(Clone, Copy)]
pub struct Hello<'a> {
    /// Those of the request that began the connection.
    pub headers: &'a HeaderMap,
    /// What came with `connection_init`; empty for clients that have no such message.
    pub payload: &'a Map<String, Json>,
    /// The other end of the connection; `None` where there is none, as in memory.
    pub peer: Option<Peer>,
}

impl<'a> Hello<'a> {
    /// That of a request, which says nothing else of itself.
    pub fn of(headers: &'a HeaderMap, peer: Option<Peer>) -> Hello<'a> {
        static NOTHING: LazyLock<Map<String, Json>> = LazyLock::new(Map::new);
        Hello { headers, payload: &NOTHING, peer }
    }
}

/// Somebody who may ask.
#[derive(Clone, Copy, Debug)]
pub struct Connected<C> {
    pub caller: C,
    /// When what proved it is no longer true, and the connection ends.
    pub expires: Option<Instant>,
}

/// What belongs to an operation beside what it asks.
#[derive(Clone, Debug)]
pub struct Call<C> {
    pub id: RequestId,
    /// Default of every `lang` argument.
    pub langs: Vec<Lang>,
    /// It came by a way that must change nothing.
    pub is_safe: bool,
    pub caller: C,
    /// The name under which a write is done once; `None` for one without.
    pub once: Option<String>,
}

/// What an operation has come to.
pub enum Ran {
    /// It did not run.
    Refused(Refusal),
    /// The response of a query or a mutation.
    Once(Answer),
    /// Those of a subscription.
    Many(BoxStream<'static, Vec<u8>>),
}

/// A finished response.
#[derive(Debug)]
pub struct Answer {
    /// As JSON.
    pub body: Vec<u8>,
    /// Whether nothing of it failed or is about its caller, so that it would be the same again for others.
    pub is_whole: bool,
    /// Seconds that others may keep it; `None` where nothing says so.
    pub max_age: Option<u32>,
}

impl Run for App {
    type Caller = Caller;

    fn connect<'a>(
        &'a self,
        hello: Hello<'a>,
    ) -> BoxFuture<'a, Result<Connected<Caller>, Refusal>> {
        Box::pin(caller::connect(self, hello))
    }

    fn is_still<'a>(&'a self, caller: &'a Caller) -> BoxFuture<'a, bool> {
        Box::pin(caller::is_still(self, caller))
    }

    fn tell(&self, caller: &Caller, headers: &mut HeaderMap) {
        answer::tell_left(headers, caller.budget().left());
    }

    fn run(&self, asked: Asked, call: Call<Caller>) -> BoxFuture<'_, Ran> {
        Box::pin(run(self, asked, call))
    }
}

pub(super) fn not_ready(app: &App) -> Refusal {
    let reason = match app.phase() {
        Phase::Starting(what) => what,
        Phase::Ready => "starting",
        Phase::Stopping => "stopping",
    };
    let message = format!("the server is not ready: {reason}; try again in a moment");
    Refusal::new(Code::Unavailable, message)
}

async fn run(app: &App, asked: Asked, call: Call<Caller>) -> Ran {
    let Some(database) = app.database() else { return Ran::Refused(not_ready(app)) };
    let config = app.config();
    let Call { id, langs, is_safe, caller, once } = call;
    let fingerprint = once.as_ref().map(|_| fingerprint(&asked));
    let reading = Reading {
        langs,
        serve_full_text: config.serve_full_text,
        year: this_year(),
        max_bytes: config.max_answer_bytes,
        max_cost: config.limits.cost,
        caller,
        search: Some(app.search(database).clone()),
    };
    let tally = Arc::<Tally>::default();

    // In a box: what wraps a future moves it, and this one is large.
    let run = Box::pin(async {
        let (mut operation, left) = admit(app, asked, is_safe, &reading.caller)?;
        if operation.ty == OperationType::Subscription {
            let follow = Follow { app, database, reading, id: id.clone() };
            return Ok(Done::Begun(changed::begin(follow, operation).await?));
        }
        let (session, db) = (database.reads.session(), database.reader.clone());
        let reader = Reader::new(session, db, reading, tally.clone());
        let desk = desk(app, database, &operation, once.zip(fingerprint))?;
        let (data, errors) = execute(app, &mut operation, reader, desk).await?;
        let Operation { root, cost, max_age, is_personal, .. } = operation;
        // What others may keep is not told of one caller; the headers tell it.
        let left = (!is_safe).then_some(left);
        let requested = cost;
        Ok(Done::Answered(Answered { root, requested, left, max_age, is_personal, data, errors }))
    });
    let answered = match bounded(run, config.request_timeout).await {
        Ended::Done(Ok(Done::Answered(answered))) => answered,
        Ended::Done(Ok(Done::Begun(events))) => return Ran::Many(events),
        Ended::Done(Err(refusal)) => return Ran::Refused(refusal),
        Ended::TimedOut => {
            let body = timed_out(&id, config.request_timeout);
            return Ran::Once(Answer { body, is_whole: false, max_age: None });
        }
        Ended::Panicked(panic) => return Ran::Refused(panicked(panic, &id)),
    };
    let Answered { root, requested, left, max_age, is_personal, data, mut errors } = answered;
    errors.extend(tally.failures().into_iter().map(ApiError::into_server_error));
    report(&mut errors, &id);
    let is_whole = errors.is_empty() && !is_personal;
    let cost = cost(app, requested, left, &tally);
    let body = answer::done(&root, Outcome { data, errors, cost, position: None });
    if body.len() > config.max_answer_bytes {
        let body = answer::cut(root::too_large(config.max_answer_bytes).into_server_error());
        return Ran::Once(Answer { body, is_whole: false, max_age: None });
    }
    Ran::Once(Answer { body, is_whole, max_age })
}

/// What has come of an operation that was let in.
enum Done {
    Answered(Answered),
    /// A subscription, which has begun.
    Begun(BoxStream<'static, Vec<u8>>),
}

/// A query or a mutation that has ended.
struct Answered {
    root: Vec<RootField>,
    requested: u64,
    left: Option<Left>,
    max_age: Option<u32>,
    is_personal: bool,
    data: Value,
    errors: Vec<ServerError>,
}

/// What an answer tells of its cost.
pub(super) fn cost(app: &App, requested: u64, left: Option<Left>, tally: &Tally) -> Cost {
    let config = app.config();
    let taken = config.show_statements.then(|| tally.taken());
    Cost { requested, limit: config.limits.cost, left, taken }
}

/// Lets an operation pass that there is, and takes its cost off its caller's budget.
fn admit(
    app: &App,
    asked: Asked,
    is_safe: bool,
    caller: &Caller,
) -> Result<(Operation, Left), Refusal> {
    let operation = app.gate().admit(asked)?;
    match operation.ty {
        OperationType::Mutation if is_safe => {
            Err(Refusal::new(Code::MethodNotAllowed, "send mutations by POST"))
        }
        // The engine says so once for the operation and once more for its fields.
        OperationType::Mutation if !app.gate().serves(operation.ty) => {
            Err(Refusal::new(Code::DocumentInvalid, "there are no mutations; ask with `query`"))
        }
        _ => gate::charge(caller.budget(), operation.cost).map(|left| (operation, left)),
    }
}

/// What a mutation writes with; `None` for what writes nothing.
fn desk(
    app: &App,
    database: &Database,
    operation: &Operation,
    named: Option<(String, String)>,
) -> Result<Option<Desk>, Refusal> {
    if operation.ty != OperationType::Mutation {
        return Ok(None);
    }
    if named.is_some() && operation.root.len() != 1 {
        let message = "with `Idempotency-Key` a request has one mutation field: send the others by themselves, each with a key of its own";
        return Err(Refusal::new(Code::BodyInvalid, message));
    }
    let now = DateTime::from_timestamp_micros(app.clock().micros()).unwrap_or_default();
    let (queue, wake) = (app.queue(database).clone(), app.clone());
    let wrote = Arc::new(move || wake.wrote());
    Ok(Some(Desk { queue, now, named, wrote }))
}

/// What tells one request from another under the same idempotency key.
fn fingerprint(asked: &Asked) -> String {
    let Asked { query, operation_name, variables, persisted } = asked;
    let mut hash = Sha256::new();
    for part in [
        query.clone().unwrap_or_default(),
        operation_name.clone().unwrap_or_default(),
        serde_json::to_string(variables).unwrap_or_default(),
        format!("{persisted:?}"),
    ] {
        // With its length, so that no two lists of parts hash the same bytes.
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash::digits(&hash.finalize())
}

/// Nobody could say in time who calls.
pub(super) fn unknown_in_time() -> Refusal {
    let message = "it took too long to find out who calls: try again in a moment";
    Refusal::new(Code::Unavailable, message)
}

/// Runs an operation: one with a new document by the engine, which validates it; one that it has accepted before without it.
async fn execute(
    app: &App,
    operation: &mut Operation,
    reader: Reader,
    desk: Option<Desk>,
) -> Result<(Value, Vec<ServerError>), Refusal> {
    if operation.fresh.is_none() && operation.ty == OperationType::Query {
        let definition = operation.definition()?;
        let (fragments, variables) = (&operation.document.fragments, &operation.variables);
        let ask = Ask::new(fragments, definition, variables, &reader.reading);
        if let Some(answer) = root::execute(&reader, &ask).await {
            return Ok(answer);
        }
    }
    let mut request = Execution::data(operation.request(), reader);
    if let Some(desk) = desk {
        request = request.data(desk);
    }
    let response = app.schema().execute(request).await;
    let (data, errors) = (response.data, once_each(response.errors));
    // The engine refuses a document as a whole; what fails while it runs fails at a path.
    if data == Value::Null && !errors.is_empty() && errors.iter().all(|error| error.path.is_empty())
    {
        return Err(unfit(app, errors));
    }
    if let Some(fresh) = operation.fresh.take() {
        app.gate().remember(fresh, operation.document.clone());
    }
    Ok((data, errors))
}

/// The refusal of a document that does not fit the schema.
pub(super) fn unfit(app: &App, mut errors: Vec<ServerError>) -> Refusal {
    if !app.config().introspection {
        errors.iter_mut().for_each(without_advice);
    }
    Refusal::of(Code::DocumentInvalid, errors)
}

/// The engine says which names of the schema are near to one that is not there.
fn without_advice(error: &mut ServerError) {
    if let Some(end) = error.message.find(" Did you mean") {
        error.message.truncate(end);
    }
}

/// The engine asks once for each field of the root that is merged with others, and each time it hears of the same mistake.
fn once_each(errors: Vec<ServerError>) -> Vec<ServerError> {
    let mut kept: Vec<ServerError> = Vec::with_capacity(errors.len());
    for error in errors {
        let is_known = |it: &ServerError| it.path == error.path && it.message == error.message;
        if error.path.is_empty() || !kept.iter().any(is_known) {
            kept.push(error);
        }
    }
    kept
}

/// An operation that ran for too long has no answer, which is not a mistake of its document.
fn timed_out(id: &RequestId, limit: Duration) -> Vec<u8> {
    tracing::warn!(request_id = id.as_str(), ?limit, "an operation was cut");
    let message = format!("the operation took longer than {limit:?}: ask for less at once");
    answer::cut(ApiError::new(Code::TimedOut, message).into_server_error())
}

/// What a panic leaves.
pub(super) type Panic = Box<dyn Any + Send>;

/// How a future came to its end.
pub(super) enum Ended<T> {
    Done(T),
    TimedOut,
    Panicked(Panic),
}

/// Runs a future for so long at most. A panic ends with the future: what it held is dropped, nothing of it is seen again.
pub(super) async fn bounded<T>(future: impl Future<Output = T>, limit: Duration) -> Ended<T> {
    match tokio::time::timeout(limit, AssertUnwindSafe(future).catch_unwind()).await {
        Ok(Ok(value)) => Ended::Done(value),
        Ok(Err(panic)) => Ended::Panicked(panic),
        Err(_) => Ended::TimedOut,
    }
}

/// Tells the log what a panic said, and the client that it was our failure.
pub(super) fn panicked(panic: Panic, id: &RequestId) -> Refusal {
    let panic = message_of(panic);
    tracing::error!(request_id = id.as_str(), panic, "a request panicked");
    internal(id)
}

fn message_of(panic: Panic) -> String {
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast_ref::<&str>().copied().unwrap_or_default().to_owned(),
    }
}

/// Writes our own failures to the log, and takes what they say out of the answer. An error that nobody gave a code is one.
pub(super) fn report(errors: &mut [ServerError], id: &RequestId) {
    let code = |error: &ServerError| match error.extensions.as_ref().and_then(|it| it.get("code")) {
        Some(Value::String(code)) => Some(code.clone()),
        _ => None,
    };
    let internal = Code::Internal.as_str();
    let ours = errors.iter_mut().filter(|it| code(it).is_none_or(|code| code == internal));
    for (n, error) in ours.enumerate() {
        if n < LOGGED_MAX {
            let cause = match error.source::<DbErr>() {
                Some(cause) => cause.to_string(),
                None => error.message.clone(),
            };
            let path: Vec<String> = error
                .path
                .iter()
                .map(|it| match it {
                    async_graphql::PathSegment::Field(name) => name.clone(),
                    async_graphql::PathSegment::Index(index) => index.to_string(),
                })
                .collect();
            let path = path.join(".");
            tracing::error!(request_id = id.as_str(), path, cause, "a field failed");
        }
        hide(error, id);
    }
}

/// A failure of ours before anything of the operation was answered.
fn internal(id: &RequestId) -> Refusal {
    let mut refusal = Refusal::new(Code::Internal, "internal error");
    refusal.errors.iter_mut().for_each(|error| hide(error, id));
    refusal
}

/// Leaves of an error of ours where it happened and the id under which the log has it.
fn hide(error: &mut ServerError, id: &RequestId) {
    "internal error".clone_into(&mut error.message);
    error.source = None;
    let mut extensions = async_graphql::ErrorExtensionValues::default();
    extensions.set("code", Code::Internal.as_str());
    extensions.set("requestId", id.as_str());
    error.extensions = Some(extensions);
}

/// The current year (UTC), for what follows from it.
#[expect(clippy::disallowed_methods, reason = "here time comes in")]
fn this_year() -> i64 {
    chrono::Datelike::year(&chrono::Utc::now()).into()
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn what_is_done_at_once_has_always_time() {
        assert!(matches!(bounded(ready(1), Duration::ZERO).await, Ended::Done(1)));
    }

    #[tokio::test]
    async fn what_never_ends_is_cut() {
        assert!(matches!(bounded(pending::<()>(), Duration::ZERO).await, Ended::TimedOut));
    }

    #[tokio::test]
    async fn a_panic_ends_one_request_and_tells_why() {
        for format in [false, true] {
            let future = async move {
                if format {
                    panic!("{} is odd", 1);
                }
                panic!("1 is odd");
            };

            let ended: Ended<()> = bounded(future, Duration::from_secs(10)).await;

            let Ended::Panicked(panic) = ended else { panic!("it did not end so") };
            assert_eq!(message_of(panic), "1 is odd");
        }
    }
}
