//! Data in and out of the base. All that comes in goes through [`crate::changes`], never around it.
pub mod shipped;
