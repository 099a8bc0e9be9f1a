//! The end of the server: when it is told, and how long what runs may take then.
use std::{io, time::Duration};

use tokio::sync::watch;

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
