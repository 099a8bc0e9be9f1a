//! Subscriptions to changes. A stream keeps the position up to which it has sent all, and reads what comes after it when the
//! log has grown: a few changes at a time, and none before those are sent. So a client that reads slowly holds no more than
//! these, one that waits holds no connection to the database, and nobody misses anything.
use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_graphql::{Name, Request as Execution, ServerError, Value, indexmap::IndexMap};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::{sync::watch, time::sleep};

use super::{
    answer::{self, Outcome},
    request::RequestId,
    run::{Ended, bounded, cost, panicked, report, unfit},
    state::App,
};
use crate::{
    changes::feed::{Page, Wanted},
    content::changed::{Asked, CHANGED, events, read},
    database::Database,
    error::{ApiError, Code},
    gate::{Operation, Refusal, charge},
    record::{
        ask::{Ask, Selected},
        batch::{Reader, Reading},
        json,
        streamed::SUBSCRIPTION,
        tally::Tally,
    },
};

/// Changes that are read at once, at most; fewer where each could cost much.
const BATCH: u64 = 50;
/// How often reading is tried before a stream ends because of a failure of ours, and how long it waits in between: a
/// database that was started anew must not cost anybody their stream.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// Who follows, and where.
pub(super) struct Follow<'a> {
    pub app: &'a App,
    pub database: &'a Database,
    pub reading: Reading,
    pub id: RequestId,
}

/// Begins a stream, or says why not: what is wrong with an operation is told before its first event.
pub(super) async fn begin(
    follow: Follow<'_>,
    mut operation: Operation,
) -> Result<BoxStream<'static, Vec<u8>>, Refusal> {
    let Follow { app, database, reading, id } = follow;
    if let Some(fresh) = operation.fresh.take() {
        let request: Execution = operation.request();
        if let Some(response) = app.schema().execute_stream(request).next().await {
            return Err(unfit(app, response.errors));
        }
        app.gate().remember(fresh, operation.document.clone());
    }
    let reader = reader(database, &reading, Arc::default());
    let (position, wanted) = {
        let ask = ask(&operation, &reading)?;
        let selected = root(&ask)?;
        // On the path of the field, as everywhere.
        let at = |error: ApiError| refusal(error.at(selected.field().pos).below(selected.key), &id);
        Asked::new(&ask, &selected).map_err(at)?.begin(&reader).await.map_err(at)?
    };
    let at_once = app.config().limits.cost.min(reading.caller.budget().left().limit.into());
    let most = (at_once / operation.cost.max(1)).clamp(1, BATCH);
    let stream = Changed {
        news: app.follower(database).follow(),
        app: app.clone(),
        database: database.clone(),
        operation,
        reading,
        id,
        wanted,
        position,
        most: usize::try_from(most).unwrap_or(1),
        alone: 0,
        tries: 0,
        ready: VecDeque::new(),
        is_over: false,
    };
    Ok(stream::unfold(stream, Changed::next).boxed())
}

fn reader(database: &Database, reading: &Reading, tally: Arc<Tally>) -> Reader {
    Reader::new(database.reads.session(), database.reader.clone(), reading.clone(), tally)
}

fn ask<'a>(operation: &'a Operation, reading: &'a Reading) -> Result<Ask<'a>, Refusal> {
    let definition = operation.definition()?;
    Ok(Ask::new(&operation.document.fragments, definition, &operation.variables, reading))
}

/// The one field of a subscription.
fn root<'a>(ask: &Ask<'a>) -> Result<Selected<'a>, Refusal> {
    let mut roots = ask.roots_of(SUBSCRIPTION);
    match (roots.pop(), roots.pop()) {
        (Some(selected), None) if selected.name() == CHANGED.name => Ok(selected),
        _ => {
            let message = format!("a subscription has exactly one field: `{}`", CHANGED.name);
            Err(Refusal::new(Code::DocumentInvalid, message))
        }
    }
}

/// An error as a refusal of the whole.
fn refusal(error: ApiError, id: &RequestId) -> Refusal {
    let code = error.code;
    let mut errors = vec![error.into_server_error()];
    report(&mut errors, id);
    Refusal { code, errors, retry_after: None }
}

/// A stream at work.
struct Changed {
    app: App,
    database: Database,
    operation: Operation,
    reading: Reading,
    id: RequestId,
    wanted: Wanted,
    /// All up to here is sent or ready.
    position: i64,
    /// Changes that are read at once.
    most: usize,
    /// So many are read one by one, since together they failed.
    alone: usize,
    /// How often reading has failed in a row.
    tries: u32,
    ready: VecDeque<Vec<u8>>,
    news: watch::Receiver<i64>,
    /// Nothing comes after what is ready.
    is_over: bool,
}

impl Changed {
    async fn next(mut self) -> Option<(Vec<u8>, Self)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some((event, self));
            }
            if self.is_over {
                return None;
            }
            // What is told from now on is not missed, whenever it is that the log is read.
            self.news.borrow_and_update();
            match self.read().await {
                // The server is gone if nobody tells any more.
                Ok(false) => self.news.changed().await.ok()?,
                Ok(true) => {}
                Err(failure) => self.fail(failure).await,
            }
        }
    }

    /// Reads what comes next. Whether there is, or may be, more than that.
    async fn read(&mut self) -> Result<bool, Failure> {
        let limit = self.app.config().request_timeout;
        let unread = |error| Failure { error, of: vec![] };
        let Batch { events, next, has_more } = match bounded(Box::pin(self.batch()), limit).await {
            Ended::Done(batch) => batch?,
            Ended::TimedOut => {
                let message =
                    format!("reading changes took longer than {limit:?}: ask for less of them");
                return Err(unread(ApiError::new(Code::TimedOut, message)));
            }
            Ended::Panicked(panic) => {
                return Err(unread(internal(panicked(panic, &self.id))));
            }
        };
        self.tries = 0;
        self.alone = self.alone.saturating_sub(events.len());
        self.ready.extend(events);
        self.position = next;
        Ok(has_more || !self.ready.is_empty())
    }

    /// The connection to the database, if it is one for all of this, is given back at the end.
    async fn batch(&self) -> Result<Batch, Failure> {
        let limit = if self.alone > 0 { 1 } else { self.most };
        let tally = Arc::<Tally>::default();
        let reader = reader(&self.database, &self.reading, tally.clone());
        let page = read(&reader, &self.wanted, self.position, limit).await;
        let unread = |error| Failure { error, of: vec![] };
        let page = self.pay(page.map_err(unread)?).map_err(unread)?;
        let failed = |error| Failure { error, of: page.positions.clone() };
        let wrong = |refusal: Refusal| failed(internal(refusal));
        let ask = ask(&self.operation, &self.reading).map_err(wrong)?;
        let selected = root(&ask).map_err(wrong)?;
        let key = selected.key;
        let chunks = events(&reader, &ask, &selected, &page.positions).await;
        let chunks = chunks.map_err(|error| failed(error.below(key)))?;
        let events = page.positions.iter().enumerate().map(|(place, position)| {
            let value = json::finished(chunks.get(place).to_vec());
            let data = Value::Object(IndexMap::from_iter([(Name::new(key), value)]));
            self.event(data, vec![], *position, &tally)
        });
        Ok(Batch { events: events.collect(), next: page.next, has_more: page.has_more })
    }

    /// As much of a page as there is budget for: each event costs what its operation does.
    fn pay(&self, mut page: Page) -> Result<Page, ApiError> {
        let (budget, cost) = (self.reading.caller.budget(), self.operation.cost.max(1));
        let affordable = usize::try_from(u64::from(budget.left().remaining) / cost).unwrap_or(1);
        if page.positions.len() > affordable.max(1) {
            page.positions.truncate(affordable.max(1));
            page.next = page.positions.last().copied().unwrap_or(self.position);
            page.has_more = true;
        }
        if let Some(events) = u64::try_from(page.positions.len()).ok().filter(|it| *it > 0) {
            let spent = "the budget of the minute is spent";
            charge(budget, cost * events).map_err(|it| ApiError::new(it.code, spent))?;
        }
        Ok(page)
    }

    fn event(
        &self,
        data: Value,
        errors: Vec<ServerError>,
        position: i64,
        tally: &Tally,
    ) -> Vec<u8> {
        let Operation { root, cost: requested, .. } = &self.operation;
        let cost = cost(&self.app, *requested, None, tally);
        answer::done(root, Outcome { data, errors, cost, position: Some(position) })
    }

    /// Goes on after a failure as well as it can.
    async fn fail(&mut self, failure: Failure) {
        let Failure { error, of } = failure;
        match (&of[..], error.code) {
            // One of them is to blame, and the others are not.
            ([_, _, ..], _) => self.alone = of.len(),
            // Nothing is lost by it: what comes waits in the log.
            (_, Code::BudgetExhausted) => {
                let budget = self.reading.caller.budget();
                while u64::from(budget.left().remaining) < self.operation.cost {
                    sleep(PAUSE).await;
                }
            }
            (_, Code::TimedOut) if self.alone == 0 && self.most > 1 => self.alone = self.most,
            ([position], Code::AnswerTooLarge) => {
                let errors = vec![error.into_server_error()];
                let event = self.event(Value::Null, errors, *position, &Tally::default());
                self.ready.push_back(event);
                self.position = *position;
                self.alone = self.alone.saturating_sub(1);
            }
            (_, Code::Internal | Code::Unavailable | Code::TimedOut) if self.tries < TRIES => {
                self.tries += 1;
                sleep(PAUSE).await;
            }
            _ => {
                let refusal = refusal(error, &self.id);
                self.ready.push_back(answer::refusal(&refusal));
                self.is_over = true;
            }
        }
    }
}

/// Changes as events.
struct Batch {
    events: Vec<Vec<u8>>,
    /// Where to go on.
    next: i64,
    has_more: bool,
}

/// Why changes could not be read.
struct Failure {
    error: ApiError,
    /// Their positions, where these are known.
    of: Vec<i64>,
}

fn internal(refusal: Refusal) -> ApiError {
    let message = refusal.errors.into_iter().next().map(|error| error.message);
    ApiError::new(Code::Internal, message.unwrap_or_default())
}
