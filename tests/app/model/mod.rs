//! What filters and orders mean, once more and in plain words: on the records that a test has written, without SQL.
//!
//! It takes from the definitions which fields there are and of what kind, and nothing of how they are answered.

mod chosen;
mod matching;
mod operands;
mod order;

pub(crate) use self::{
    chosen::filter,
    matching::{is_listed, list},
    operands::{days, held_at},
    order::{all_orders, sorted},
};
