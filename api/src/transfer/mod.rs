//! Data in and out of the base. All that comes in goes through [`crate::changes`], never around it.
mod report;
pub mod shipped;

pub use report::report;
