//! The load: requests over some connections, each of which waits for its answer before it asks again.
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, StatusCode,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
    header::{CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A server, and where it answers.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) path: String,
}

pub(crate) struct Client(SendRequest<Full<Bytes>>, Target);

impl Client {
    pub(crate) async fn connect(target: &Target) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(target.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Client(sender, target.clone()))
    }

    /// The body of the answer, which must be 200.
    pub(crate) async fn post(&mut self, body: Bytes) -> anyhow::Result<Bytes> {
        let request = Request::post(&self.1.path)
            .header(HOST, "localhost")
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))?;
        self.0.ready().await?;
        let response = self.0.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if status != StatusCode::OK {
            bail!("{} answered {status}: {}", self.1.path, String::from_utf8_lossy(&body));
        }
        Ok(body)
    }
}

/// What a load has come to.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// Sorted, in the order of duration.
    pub(crate) latencies: Vec<Duration>,
}

impl Run {
    pub(crate) fn requests(&self) -> usize {
        self.latencies.len()
    }

    /// The latency that so many in a hundred requests do not exceed.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let place = self.latencies.len() * percent / 100;
        self.latencies
            .get(place.min(self.latencies.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    }
}

/// Sends the bodies in turn for so long.
pub(crate) async fn run(
    target: &Target,
    bodies: &Arc<Vec<Bytes>>,
    connections: usize,
    time: Duration,
) -> anyhow::Result<Run> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = Vec::with_capacity(connections);
    for _ in 0..connections {
        clients.push(Client::connect(target).await?);
    }
    let end = Instant::now() + time;
    let tasks: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            let (next, bodies) = (next.clone(), bodies.clone());
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                loop {
                    let start = Instant::now();
                    if start >= end {
                        return anyhow::Ok(latencies);
                    }
                    let place = next.fetch_add(1, Ordering::Relaxed) % bodies.len();
                    client.post(bodies[place].clone()).await?;
                    latencies.push(start.elapsed());
                }
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.context("a connection panicked")??);
    }
    latencies.sort_unstable();
    Ok(Run { latencies })
}
