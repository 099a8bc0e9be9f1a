//! How far long work has come: a bar on a terminal, log lines elsewhere.

/// Who is told.
pub trait Progress: Send + Sync {
    /// A part of the work begins, of so many steps.
    fn begin(&self, what: &str, steps: u64);
    /// So many steps of it are done.
    fn step(&self, steps: u64);
    /// The part is done.
    fn end(&self);
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: u64) {}
    fn step(&self, _: u64) {}
    fn end(&self) {}
}
