//! How far long work has come: a bar on a terminal, log lines elsewhere.
use std::{
    sync::{Mutex, MutexGuard},
    time::Instant,
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::config::LogFormat;

/// Who is told.
pub trait Progress: Send + Sync {
    /// A part of the work begins, of so many steps.
    fn begin(&self, what: &str, steps: u64);
    /// So many steps of it are done.
    fn step(&self, steps: u64);
    /// The part is done.
    fn end(&self);
}

/// The one that fits the log: a bar belongs where text is read as it comes.
pub fn beside(log: LogFormat) -> Box<dyn Progress> {
    match log {
        LogFormat::Text => Box::new(Bar::default()),
        LogFormat::Json => Box::new(Lines::default()),
    }
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: u64) {}
    fn step(&self, _: u64) {}
    fn end(&self) {}
}

/// A bar on stderr. Where that is no terminal it shows nothing.
#[derive(Default)]
pub struct Bar(Mutex<Option<ProgressBar>>);

impl Bar {
    fn bar(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.0.lock().unwrap_or_else(|error| error.into_inner())
    }
}

impl Progress for Bar {
    fn begin(&self, what: &str, steps: u64) {
        let style = ProgressStyle::with_template("{msg:24} {bar:30} {pos}/{len}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(steps).with_style(style).with_message(what.to_owned());
        *self.bar() = Some(bar);
    }

    fn step(&self, steps: u64) {
        if let Some(bar) = &*self.bar() {
            bar.inc(steps);
        }
    }

    fn end(&self) {
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
    }
}

/// Lines in the log: where a part begins and ends, and each quarter on the way.
#[derive(Default)]
pub struct Lines(Mutex<Option<Part>>);

struct Part {
    what: String,
    start: Instant,
    steps: u64,
    done: u64,
}

impl Part {
    /// Goes on, and tells in percent which quarter that has finished, the last excepted.
    fn step(&mut self, steps: u64) -> Option<u64> {
        // In this order the product cannot be too great, and a quarter of nothing is none.
        let quarter = |done: u64| done.saturating_mul(4).checked_div(self.steps).unwrap_or(0);
        let before = quarter(self.done);
        let after = quarter(self.done.saturating_add(steps));
        self.done = self.done.saturating_add(steps);
        (before < after && after < 4).then(|| after * 25)
    }
}

impl Progress for Lines {
    fn begin(&self, what: &str, steps: u64) {
        tracing::info!(steps, "{what}: begun");
        let part = Part { what: what.to_owned(), start: Instant::now(), steps, done: 0 };
        *self.0.lock().unwrap_or_else(|error| error.into_inner()) = Some(part);
    }

    fn step(&self, steps: u64) {
        let mut part = self.0.lock().unwrap_or_else(|error| error.into_inner());
        if let Some(part) = &mut *part
            && let Some(percent) = part.step(steps)
        {
            tracing::info!(percent, "{}: under way", part.what);
        }
    }

    fn end(&self) {
        let part = self.0.lock().unwrap_or_else(|error| error.into_inner()).take();
        if let Some(Part { what, start, .. }) = part {
            let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::info!(ms, "{what}: done");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(steps: u64, by: u64) -> Vec<u64> {
        let mut part = Part { what: String::new(), start: Instant::now(), steps, done: 0 };
        (0..=steps.div_ceil(by)).filter_map(|_| part.step(by)).collect()
    }

    #[test]
    fn each_quarter_is_told_once() {
        assert_eq!(told(1_000, 1), [25, 50, 75]);
        assert_eq!(told(1_000, 300), [25, 50, 75]);
        assert_eq!(told(1_000, 600), [50]);
        for (steps, by) in [(0, 1), (1, 1), (3, u64::MAX)] {
            assert!(told(steps, by).is_empty(), "{steps} by {by}");
        }
    }
}
