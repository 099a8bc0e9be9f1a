//! Connections: how many there are, how long a client may keep one without using it, and how they end with the server.
//!
//! axum's own loop has none of these limits: whoever sends a header a minute keeps a connection for ever.
use std::{
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::Router;
use hyper::{
    Request,
    body::Incoming,
    rt::{Sleep, Timer},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{interval, sleep},
};
use tokio_io_timeout::TimeoutStream;
use tower::Service;

use super::{caller::Peer, shutdown::Stop, streams::Open};
use crate::config::Config;

/// The most bytes of a request's line and headers: a GET has its document there.
const HEAD_MAX: usize = 64 * 1024;
/// How long nobody is let in when the system has no more connections to give.
const PAUSE: Duration = Duration::from_millis(200);

/// What clients may do with connections.
#[derive(Clone, Debug)]
pub struct Connections {
    /// Who comes beyond these waits until one of them has ended.
    pub most: usize,
    /// How long a connection may be without a request, and a request take to send its headers.
    pub idle: Duration,
    /// How long a client may read nothing of an answer.
    pub patience: Duration,
}

impl Connections {
    pub fn of(config: &Config) -> Self {
        Connections {
            most: config.max_connections,
            idle: config.idle_timeout,
            patience: config.request_timeout,
        }
    }
}

/// Serves until it is told to stop, then until what runs is done, but no longer than the deadline. `open` are the
/// connections of the router that stay open.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    open: Open,
    connections: Connections,
    stop: Stop,
) -> io::Result<()> {
    let Stop { mut told, deadline } = stop;
    let most = u32::try_from(connections.most).unwrap_or(u32::MAX);
    let places = Arc::new(Semaphore::new(connections.most));
    let accepting = accept(&listener, router, &connections, &places, told.clone());
    tokio::select! {
        () = accepting => {}
        () = is_told(&mut told) => {}
    }
    drop(listener);
    open.stop();
    let ended = async {
        // Nobody closes the semaphore.
        let _ = places.acquire_many(most).await;
        // A request that has become a socket is none of those.
        open.closed().await;
    };
    // Without the deadline a client that reads nothing could hold us.
    tokio::select! {
        () = ended => {}
        () = sleep(deadline) => tracing::warn!(?deadline, "what still runs is cut"),
    }
    Ok(())
}

async fn is_told(told: &mut watch::Receiver<bool>) {
    // Who could say so is gone: that is as good as being told.
    let _ = told.wait_for(|stop| *stop).await;
}

async fn accept(
    listener: &TcpListener,
    router: Router,
    connections: &Connections,
    places: &Arc<Semaphore>,
    told: watch::Receiver<bool>,
) {
    let mut http = http1::Builder::new();
    http.timer(Looked).header_read_timeout(connections.idle).max_buf_size(HEAD_MAX);
    while let Ok(place) = places.clone().acquire_owned().await {
        let (stream, peer) = match listener.accept().await {
            Ok((stream, address)) => (stream, Peer(address.ip())),
            Err(error) => {
                // One that is gone already is its own affair; else there are too many files open, and some end soon.
                if !is_of_client(&error) {
                    tracing::warn!(%error, "no connection can be accepted");
                    sleep(PAUSE).await;
                }
                continue;
            }
        };
        let io = TokioIo::new(Box::pin(bounded(stream, connections.patience)));
        let router = router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            // A router is always ready.
            router.clone().call(request)
        });
        let connection = http.serve_connection(io, service).with_upgrades();
        let (mut told, idle) = (told.clone(), connections.idle);
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            let mut looks = interval(idle / LOOKS);
            let mut stops = false;
            let ended = loop {
                tokio::select! {
                    ended = connection.as_mut() => break ended,
                    () = is_told(&mut told), if !stops => {
                        stops = true;
                        connection.as_mut().graceful_shutdown();
                    }
                    // Then the connection is polled, and looks at its time.
                    _ = looks.tick() => {}
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection has ended");
            }
            drop(place);
        });
    }
}

/// The time of connections as they see it when they are polled. A timer that is set and taken back for each request would
/// cost as much as a short answer; each connection is woken a few times in its idle time instead.
#[derive(Clone, Copy)]
struct Looked;

/// How often a connection is woken in its idle time, and so how finely that is kept.
const LOOKS: u32 = 4;

struct Until(Instant);

impl Timer for Looked {
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + time)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Until(deadline))
    }
}

impl Sleep for Until {}

impl Future for Until {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.0 { Poll::Ready(()) } else { Poll::Pending }
    }
}

fn bounded(stream: TcpStream, patience: Duration) -> TimeoutStream<TcpStream> {
    // Answers are small and whole: waiting for more to send with them only costs time.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(patience));
    stream
}

fn is_of_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
