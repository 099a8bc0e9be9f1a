//! What time it is: that of the system, or in tests one that they set.
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// Clones show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// One that stands still at a time, in microseconds since the Unix epoch.
    pub fn standing(micros: i64) -> Clock {
        Clock(Some(Arc::new(AtomicI64::new(micros))))
    }

    /// Puts a standing clock forward.
    pub fn advance(&self, time: Duration) {
        if let Some(micros) = &self.0 {
            micros.fetch_add(in_micros(time), Ordering::Relaxed);
        }
    }

    /// Microseconds since the Unix epoch.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn micros(&self) -> i64 {
        match &self.0 {
            Some(micros) => micros.load(Ordering::Relaxed),
            None => chrono::Utc::now().timestamp_micros(),
        }
    }
}

pub fn in_micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
