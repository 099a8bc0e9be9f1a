//! A small server that counts: a schema with all three kinds of operations, behind a gate of its own, on the product's
//! transports. It knows callers by a token, which the product does not yet.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_graphql::{Context, Object, Schema, Subscription, parser::types::OperationType};
use axum::{Router, routing::get};
use culturegraph::{
    config::Config,
    error::Code,
    gate::{Asked, Gate, Refusal, Rules, Types},
    record::price::Prices,
    server::{
        self, Answer, Call, Connected, Connections, Hello, Ran, Run,
        shutdown::{self, Stop},
        streams::{Limits, Open, Streams},
    },
};
use futures_util::{FutureExt, Stream, StreamExt, future::BoxFuture, stream};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep},
};

/// Who calls: the name in the token; nobody without one.
#[derive(Clone, Debug)]
pub(crate) struct Caller(Option<String>);

#[derive(Clone)]
pub(crate) struct Counting(Arc<Inner>);

struct Inner {
    schema: Schema<Query, Mutation, Subscriptions>,
    gate: Gate,
    running: Arc<AtomicUsize>,
}

struct Query;

#[Object]
impl Query {
    /// What the mutations have added up to.
    async fn total(&self, ctx: &Context<'_>) -> i64 {
        ctx.data_unchecked::<Arc<AtomicI64>>().load(Ordering::Relaxed)
    }

    async fn me(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.data_unchecked::<Caller>().0.clone()
    }

    /// An answer that takes its time.
    async fn slow(&self, ms: u64) -> u64 {
        sleep(Duration::from_millis(ms)).await;
        ms
    }

    /// A text of so many characters.
    async fn text(&self, length: usize) -> String {
        "ộ".repeat(length.min(1_000_000))
    }

    /// Panics for zero.
    async fn one(&self, over: i64) -> i64 {
        1 / over
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn add(&self, ctx: &Context<'_>, number: i64) -> i64 {
        ctx.data_unchecked::<Arc<AtomicI64>>().fetch_add(number, Ordering::Relaxed) + number
    }
}

struct Subscriptions;

#[Subscription]
impl Subscriptions {
    /// The numbers from 1, one after each delay.
    async fn count(&self, to: u64, delay_ms: Option<u64>) -> impl Stream<Item = u64> {
        let delay = Duration::from_millis(delay_ms.unwrap_or(0));
        stream::iter(1..=to).then(move |number| async move {
            if !delay.is_zero() {
                sleep(delay).await;
            }
            number
        })
    }

    /// A long text, again and again.
    async fn texts(&self) -> impl Stream<Item = String> {
        stream::repeat_with(|| "x".repeat(100_000))
    }
}

/// Counts an operation as running for as long as it is there.
struct Running(Arc<AtomicUsize>);

impl Running {
    fn new(running: &Arc<AtomicUsize>) -> Self {
        running.fetch_add(1, Ordering::Relaxed);
        Running(running.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Counting {
    pub(crate) fn new() -> Self {
        let schema = Schema::build(Query, Mutation, Subscriptions)
            .data(Arc::new(AtomicI64::new(0)))
            .finish();
        let types = Types::new(&schema.sdl(), &Prices::default());
        let types = Arc::new(types.expect("a schema's own SDL parses"));
        let gate = Gate::new(types, Rules::default());
        Counting(Arc::new(Inner { schema, gate, running: Arc::default() }))
    }

    /// Operations that run.
    pub(crate) fn running(&self) -> usize {
        self.0.running.load(Ordering::Relaxed)
    }

    async fn answer(&self, asked: Asked, call: Call<Caller>) -> Result<Ran, Refusal> {
        let operation = self.0.gate.admit(asked)?;
        if operation.ty == OperationType::Mutation && call.is_safe {
            return Err(Refusal::new(Code::MethodNotAllowed, "send mutations by POST"));
        }
        let running = Running::new(&self.0.running);
        let request = operation.request().data(call.caller);
        // Whether the document fits the schema is known at once, and everything else later.
        let is_wrong = |response: &async_graphql::Response| {
            response.is_err() && response.errors.iter().all(|error| error.path.is_empty())
        };
        if operation.ty != OperationType::Subscription {
            let response = self.0.schema.execute(request).await;
            return match is_wrong(&response) {
                true => Err(Refusal::of(Code::DocumentInvalid, response.errors)),
                false => {
                    let (body, is_whole) = (json(&response), response.is_ok());
                    Ok(Ran::Once(Answer { body, is_whole, max_age: None }))
                }
            };
        }
        let mut responses = self.0.schema.execute_stream(request).boxed().peekable();
        match Pin::new(&mut responses).peek().now_or_never().flatten() {
            Some(response) if is_wrong(response) => {
                Err(Refusal::of(Code::DocumentInvalid, response.errors.clone()))
            }
            _ => Ok(Ran::Many(
                responses
                    .map(move |response| {
                        let _ = &running;
                        json(&response)
                    })
                    .boxed(),
            )),
        }
    }
}

fn json(response: &async_graphql::Response) -> Vec<u8> {
    serde_json::to_vec(response).expect("responses are JSON")
}

impl Run for Counting {
    type Caller = Caller;

    /// `ann` is a name, `ann 100` one for so many milliseconds; `nobody` is refused, `later` too for now, `slow` is never known.
    fn connect<'a>(
        &'a self,
        hello: Hello<'a>,
    ) -> BoxFuture<'a, Result<Connected<Caller>, Refusal>> {
        let payload = hello.payload.get("token").and_then(|token| token.as_str());
        let header = hello.headers.get("authorization").and_then(|value| value.to_str().ok());
        let token = payload.or(header);
        Box::pin(async move {
            let Some(token) = token else {
                return Ok(Connected { caller: Caller(None), expires: None });
            };
            let (name, time) = token.split_once(' ').unwrap_or((token, ""));
            let caller = Caller(Some(name.to_owned()));
            match name {
                "nobody" => Err(Refusal::new(Code::ValueInvalid, "nobody knows nobody")),
                "later" => Err(Refusal::new(Code::Unavailable, "not now")),
                "slow" => std::future::pending().await,
                _ => {
                    let time = time.parse().ok().map(Duration::from_millis);
                    Ok(Connected { caller, expires: time.map(|time| Instant::now() + time) })
                }
            }
        })
    }

    fn run(&self, asked: Asked, call: Call<Caller>) -> BoxFuture<'_, Ran> {
        Box::pin(async { self.answer(asked, call).await.unwrap_or_else(Ran::Refused) })
    }
}

/// Limits that no test comes near to, but for those that it sets itself.
pub(crate) fn limits() -> Limits {
    let long = Duration::from_secs(20);
    Limits {
        message_bytes: 100_000,
        origins: None,
        socket_streams: 100,
        init_timeout: long,
        keep_alive: long,
        patience: long,
    }
}

/// A server that counts, on a port of its own.
pub(crate) struct Server {
    pub(crate) counting: Counting,
    pub(crate) router: Router,
    pub(crate) port: u16,
    stop: watch::Sender<bool>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// With a limit on the connections that stay open.
    pub(crate) async fn start(limits: Limits, most: u32) -> Self {
        Self::with_deadline(limits, most, shutdown::DEADLINE).await
    }

    /// One that ends so long after it was told to.
    pub(crate) async fn with_deadline(limits: Limits, most: u32, deadline: Duration) -> Self {
        let (counting, open) = (Counting::new(), Open::new(most));
        let streams = Streams::new(counting.clone(), limits, open.clone());
        let other = get(async || "neither a socket nor a stream");
        let router = Router::new().route("/graphql", streams.before(other));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("ports are left");
        let port = listener.local_addr().expect("it listens").port();
        let (stop, told) = watch::channel(false);
        let end = Stop { told, deadline };
        let connections = Connections::of(&Config::default());
        let served = tokio::spawn(server::serve(listener, router.clone(), open, connections, end));
        Server { counting, router, port, stop, served }
    }

    /// Waits until an operation runs.
    pub(crate) async fn busy(&self) {
        self.wait(|running| running > 0).await;
    }

    /// Waits until no operation runs.
    pub(crate) async fn idle(&self) {
        self.wait(|running| running == 0).await;
    }

    async fn wait(&self, until: impl Fn(usize) -> bool) {
        for _ in 0..2000 {
            if until(self.counting.running()) {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("{} operations run", self.counting.running());
    }

    /// Tells the server to stop.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Waits until it has stopped.
    pub(crate) async fn stopped(self) {
        self.served.await.expect("it does not panic").expect("it does not fail");
    }
}
