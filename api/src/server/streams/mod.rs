//! What outlives a request: GraphQL over WebSocket (`socket`) and over server-sent events (`events`). Both take any schema;
//! what an operation may ask is said by whoever runs it. How many connections there are at the same time is bounded, and
//! nothing waits in memory for a client that does not read.
mod events;
mod open;
mod operation;
mod socket;

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::MethodRouter,
};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{
    accept,
    run::{self, Connected, Hello, Run},
};
use crate::{config::Config, gate::Refusal};
pub use open::Open;

/// Bytes that are sent at once. Longer messages go in pieces: a connection holds no more than one beside the message, and
/// each that leaves shows that the client reads.
const PIECE: usize = 64 * 1024;

/// How often it is asked whether who calls is still known.
const DOUBT: Duration = Duration::from_secs(5);

/// How much a client may ask for, and how long it is waited for.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest message of a socket, and largest body of a request that is answered with events.
    pub message_bytes: usize,
    /// Origins whose pages may open sockets; `None` is all.
    pub origins: Option<Vec<HeaderValue>>,
    /// Operations that run at the same time on one socket.
    pub socket_streams: usize,
    /// How long a new socket may take to say `connection_init`.
    pub init_timeout: Duration,
    /// Between two signs that a connection is alive. A socket that has not answered until the next one is dead.
    pub keep_alive: Duration,
    /// How long a body may take to arrive, a caller to be known, and a piece of an answer to leave.
    pub patience: Duration,
}

impl Limits {
    pub(super) fn of(config: &Config) -> Self {
        Limits {
            message_bytes: config.max_body_bytes,
            origins: config.allowed_origins.clone(),
            socket_streams: config.socket_streams,
            // What the protocol's own server gives.
            init_timeout: Duration::from_secs(3),
            keep_alive: config.keep_alive,
            patience: config.request_timeout,
        }
    }
}

/// The transports of what `run` runs.
#[derive(Clone)]
pub struct Streams<R> {
    run: R,
    limits: Arc<Limits>,
    open: Open,
}

impl<R: Run> Streams<R> {
    pub fn new(run: R, limits: Limits, open: Open) -> Self {
        Streams { run, limits: Arc::new(limits), open }
    }

    /// The routes of an endpoint with these transports before them; requests that ask for neither go on to the routes.
    pub fn before<S: Clone + Send + Sync + 'static>(
        self,
        routes: MethodRouter<S, Infallible>,
    ) -> MethodRouter<S, Infallible> {
        routes.layer(from_fn_with_state(self, serve::<R>))
    }

    /// Asks who calls, for as long as clients are waited for.
    async fn connect(&self, hello: Hello<'_>) -> Result<Connected<R::Caller>, Refusal> {
        let connected = timeout(self.limits.patience, self.run.connect(hello)).await;
        connected.unwrap_or_else(|_| Err(run::unknown_in_time()))
    }
}

async fn serve<R: Run>(
    State(streams): State<Streams<R>>,
    request: Request,
    next: Next,
) -> Response {
    match *request.method() {
        Method::GET if socket::is_asked_for(request.headers()) => socket::accept(streams, request),
        Method::GET | Method::POST if accept::prefers_events(request.headers()) => {
            Box::pin(events::answer(streams, request)).await
        }
        _ => next.run(request).await,
    }
}

/// Ends when who calls is no longer known.
async fn unknown<R: Run>(run: &R, caller: &R::Caller) {
    loop {
        sleep(DOUBT).await;
        if !run.is_still(caller).await {
            return;
        }
    }
}

/// Waits for an instant, or for ever.
async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
