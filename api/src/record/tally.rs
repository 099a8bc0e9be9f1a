//! What an operation took from the database, by the levels of its records: those of the root are level 1, those that they
//! lead to level 2.
use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

/// Counts while an operation runs.
#[derive(Debug, Default)]
pub struct Tally(Mutex<Vec<Taken>>);

/// What one level took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub statements: u64,
    pub rows: u64,
    /// Of its statements one after another; they may have waited for each other.
    pub time: Duration,
}

impl Taken {
    fn add(&mut self, other: Taken) {
        self.statements += other.statements;
        self.rows += other.rows;
        self.time += other.time;
    }
}

impl Tally {
    pub fn add(&self, level: usize, taken: Taken) {
        let mut levels = self.levels();
        let place = level.saturating_sub(1);
        if levels.len() <= place {
            levels.resize(place + 1, Taken::default());
        }
        levels[place].add(taken);
    }

    /// What each level took, in their order.
    pub fn taken(&self) -> Vec<Taken> {
        self.levels().clone()
    }

    fn levels(&self) -> MutexGuard<'_, Vec<Taken>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
}
