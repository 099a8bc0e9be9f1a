//! What is to be said of an operation beside its data: what it took from the database, by the levels of its records (those of
//! the root are level 1, those that they lead to level 2), and which values in it failed.
use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use crate::error::ApiError;

/// Counts while an operation runs.
#[derive(Debug, Default)]
pub struct Tally {
    levels: Mutex<Vec<Taken>>,
    failures: Mutex<Vec<ApiError>>,
}

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

    pub fn fail(&self, error: ApiError) {
        self.failures.lock().unwrap_or_else(|e| e.into_inner()).push(error);
    }

    /// What failed since this was asked before.
    pub fn failures(&self) -> Vec<ApiError> {
        std::mem::take(&mut *self.failures.lock().unwrap_or_else(|e| e.into_inner()))
    }

    fn levels(&self) -> MutexGuard<'_, Vec<Taken>> {
        self.levels.lock().unwrap_or_else(|e| e.into_inner())
    }
}
