//! The end of the server: no new connections, streams are completed, what else runs has time, then a hard end.
use std::{future::IntoFuture, io, time::Duration};

use axum::{Router, serve::ListenerExt};
use tokio::{net::TcpListener, sync::watch};

use super::streams::Open;

/// How long what runs may take after the server is told to stop.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// When a server ends.
#[derive(Clone, Debug)]
pub struct Stop {
    /// True when it is to stop.
    pub told: watch::Receiver<bool>,
    /// How long what runs may take from then on.
    pub deadline: Duration,
}

/// Serves until it is told to stop, then until what runs is done, but no longer than the deadline. `open` are the
/// connections of the router that stay open.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    open: Open,
    stop: Stop,
) -> io::Result<()> {
    // Answers are small and whole: waiting for more to send with them only costs time.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let Stop { mut told, deadline } = stop;
    let (mut stopped, streams) = (told.clone(), open.clone());
    let graceful = async move {
        // Who could say so is gone: that is as good as being told.
        let _ = stopped.wait_for(|stop| *stop).await;
        streams.stop();
    };
    let served = async {
        axum::serve(listener, router).with_graceful_shutdown(graceful).into_future().await?;
        // A request that has become a socket is none to axum.
        open.closed().await;
        Ok(())
    };
    let cut = async {
        let _ = told.wait_for(|stop| *stop).await;
        tokio::time::sleep(deadline).await;
    };
    // Without the deadline a client that reads nothing could hold us.
    tokio::select! {
        result = served => result,
        () = cut => {
            tracing::warn!(?deadline, "what still runs is cut");
            Ok(())
        }
    }
}

/// Waits for SIGTERM or SIGINT.
pub async fn signal() -> io::Result<&'static str> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        tokio::select! {
            _ = terminate.recv() => Ok("SIGTERM"),
            _ = interrupt.recv() => Ok("SIGINT"),
        }
    }
    #[cfg(not(unix))]
    {
        tokio::signal::ctrl_c().await?;
        Ok("Ctrl-C")
    }
}
