//! The log, on stderr: text on a terminal, JSON elsewhere.
use std::{
    io::{self, IsTerminal},
    panic,
};

use tracing::{Level, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::config::{Config, LogFormat};

/// The format that is meant.
pub fn format(config: &Config) -> LogFormat {
    config.log_format.unwrap_or(match io::stderr().is_terminal() {
        true => LogFormat::Text,
        false => LogFormat::Json,
    })
}

/// What is written: of other people's code only what is wrong, since it may tell of values, too.
pub fn filter(level: LevelFilter) -> Targets {
    let others = level.min(LevelFilter::from_level(Level::WARN));
    Targets::new().with_default(others).with_target(env!("CARGO_CRATE_NAME"), level)
}

/// Begins the log. A second call changes nothing.
pub fn start(config: &Config) {
    let layer = match format(config) {
        LogFormat::Text => fmt::layer()
            .with_target(false)
            .with_ansi(io::stderr().is_terminal())
            .with_writer(io::stderr)
            .boxed(),
        LogFormat::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_writer(io::stderr)
            .boxed(),
    };
    let layer = layer.with_filter(filter(config.log_level));
    // Fails if there is a log already.
    let _ = tracing_subscriber::registry().with(layer).try_init();
    // Panics come in the format of the log too. Who catches one says what it was about.
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or_default();
        tracing::error!(place, message, "panic");
    }));
}
