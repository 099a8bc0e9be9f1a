//! The last step: whoever asks pays what the operation can cost, or is told when they can.
use super::Refusal;
use crate::{
    auth::{Budget, Left, Unspent},
    error::Code,
};

/// Takes the cost of an operation off a budget; what is left of it. The caller pays for what could be read, whatever comes
/// of it, since only that is known before.
pub fn charge(budget: &Budget, cost: u64) -> Result<Left, Refusal> {
    budget.spend(cost).map_err(|unspent| match unspent {
        // Waiting does not help, so it is no matter of time.
        Unspent::TooDear { limit } => {
            let message = format!(
                "the operation costs {cost}, and you may spend {limit} in a minute: it will never be let in; ask for \
                 shorter pages, or for a key that may spend more"
            );
            let refusal = Refusal::new(Code::CostTooHigh, message);
            refusal.with("limit", limit).with("requested", cost)
        }
        Unspent::Exhausted(left) => {
            let (remaining, seconds) = (left.remaining, left.resets_in);
            let message = format!(
                "the operation costs {cost}, and of the {} that you may spend in a minute {remaining} are left: try again \
                 in {seconds} seconds",
                left.limit
            );
            let refusal = Refusal::new(Code::BudgetExhausted, message)
                .with("limit", left.limit)
                .with("requested", cost)
                .with("remaining", remaining)
                .with("retryAfter", seconds);
            Refusal { retry_after: Some(seconds), ..refusal }
        }
    })
}
