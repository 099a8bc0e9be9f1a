//! The end of the server: no new connections, time for what runs, then a hard end.
use std::{future::IntoFuture, io, time::Duration};

use axum::{Router, serve::ListenerExt};
use tokio::{net::TcpListener, sync::watch};

/// How long requests that run may take after the server is told to stop.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Serves until it is told to stop, then until what runs is done, but no longer than the deadline.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    // Answers are small and whole: waiting for more to send with them only costs time.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let mut stopped = stop.clone();
    let graceful = async move {
        // Who could say so is gone: that is as good as being told.
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    let served = axum::serve(listener, router).with_graceful_shutdown(graceful).into_future();
    let cut = async {
        let _ = stop.wait_for(|stop| *stop).await;
        tokio::time::sleep(DEADLINE).await;
    };
    // Without the deadline it would wait for open streams for ever.
    tokio::select! {
        result = served => result,
        () = cut => {
            tracing::warn!(?DEADLINE, "requests that still run are cut");
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
