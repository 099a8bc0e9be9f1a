//! The product on a port of its own, for what cannot be asked in memory.

use std::io;

use culturegraph::{
    config::Config,
    server::{
        self, App, Connections,
        shutdown::{self, Stop},
    },
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// Serves until it is told to stop.
pub(crate) async fn serve(app: App) -> (u16, watch::Sender<bool>, JoinHandle<io::Result<()>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("ports are left");
    let port = listener.local_addr().expect("it listens").port();
    let (stop, told) = watch::channel(false);
    let end = Stop { told, deadline: shutdown::DEADLINE };
    let (router, open) = (server::router(app.clone()), app.open().clone());
    let connections = Connections::of(&Config::default());
    (port, stop, tokio::spawn(server::serve(listener, router, open, connections, end)))
}
