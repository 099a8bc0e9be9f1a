//! The server that counts as a program, for clients of other languages: `counting keep-alive=200 max-streams=2` listens on a
//! port of its own, which is all that it prints, and ends like the product on SIGTERM. Times are in milliseconds.

#[expect(dead_code, reason = "the tests in Rust ask it more")]
mod server;

use std::{
    env,
    io::{self, Write},
    time::Duration,
};

use culturegraph::server::{shutdown, streams::Limits};

#[tokio::main]
async fn main() -> io::Result<()> {
    // What the protocol's own server gives, and the tests wait for.
    let mut limits = Limits { init_timeout: Duration::from_secs(3), ..server::limits() };
    let (mut most, mut deadline) = (1000, shutdown::DEADLINE);
    for argument in env::args().skip(1) {
        let wrong = || io::Error::other(format!("{argument} is no setting"));
        let (name, value) = argument.split_once('=').ok_or_else(wrong)?;
        let number: u32 = value.parse().map_err(|_| wrong())?;
        let time = Duration::from_millis(number.into());
        let many = usize::try_from(number).map_err(|_| wrong())?;
        match name {
            "message-bytes" => limits.message_bytes = many,
            "socket-streams" => limits.socket_streams = many,
            "init-timeout" => limits.init_timeout = time,
            "keep-alive" => limits.keep_alive = time,
            "patience" => limits.patience = time,
            "max-streams" => most = number,
            "deadline" => deadline = time,
            _ => return Err(wrong()),
        }
    }
    let server = server::Server::with_deadline(limits, most, deadline).await;
    writeln!(io::stdout(), "{}", server.port)?;
    shutdown::signal().await?;
    server.stop();
    server.stopped().await;
    Ok(())
}
