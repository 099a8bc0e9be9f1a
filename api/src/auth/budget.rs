//! What callers may spend: points, which are rows that operations could read, a minute. The minute of a caller begins with
//! the first operation after the last minute has ended. Budgets are kept in memory, so each instance counts for itself.
use std::{
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard},
};

use quick_cache::sync::Cache;

use crate::clock::Clock;

/// How long a budget is for, in seconds.
pub const WINDOW_SECONDS: u32 = 60;
const SECOND: i64 = 1_000_000;
const WINDOW: i64 = WINDOW_SECONDS as i64 * SECOND;
/// The most budgets that are kept, of keys and of addresses, at some hundred bytes each. Who is forgotten, because so many
/// others came after, begins anew: addresses push out addresses and never keys.
const KEYS_MAX: usize = 10_000;
const ADDRESSES_MAX: usize = 50_000;

/// The budget of one caller. What is spent by several operations at the same time is counted once for each.
#[derive(Debug)]
pub struct Budget {
    limit: u32,
    clock: Clock,
    window: Mutex<Window>,
}

/// In microseconds since the Unix epoch, and in points.
#[derive(Clone, Copy, Debug)]
struct Window {
    ends: i64,
    spent: u64,
}

/// What is left of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Points of a whole window.
    pub limit: u32,
    pub remaining: u32,
    /// When there are as many as `limit` again, in microseconds since the Unix epoch.
    pub resets_at: i64,
    /// The same in seconds from now, at least 1.
    pub resets_in: u32,
}

/// Why nothing was spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unspent {
    /// So much is left only later.
    Exhausted(Left),
    /// It is more than a whole window has.
    TooDear { limit: u32 },
}

impl Budget {
    pub fn new(limit: u32, clock: Clock) -> Budget {
        Budget { limit, clock, window: Mutex::new(Window { ends: i64::MIN, spent: 0 }) }
    }

    /// For those whose spending nobody counts.
    pub fn unbounded() -> Budget {
        Budget::new(u32::MAX, Clock::default())
    }

    pub fn left(&self) -> Left {
        let now = self.clock.micros();
        let window = self.current(now);
        self.left_of(&window, now)
    }

    /// Spends so many points, at least one: also what reads nothing is work.
    pub fn spend(&self, cost: u64) -> Result<Left, Unspent> {
        let cost = cost.max(1);
        if cost > self.limit.into() {
            return Err(Unspent::TooDear { limit: self.limit });
        }
        let now = self.clock.micros();
        let mut window = self.current(now);
        if window.spent + cost > self.limit.into() {
            return Err(Unspent::Exhausted(self.left_of(&window, now)));
        }
        window.spent += cost;
        Ok(self.left_of(&window, now))
    }

    /// The window that an instant is in. One that ends too far ahead was begun by a clock that has been put back since.
    fn current(&self, now: i64) -> MutexGuard<'_, Window> {
        let mut window = self.window.lock().unwrap_or_else(|e| e.into_inner());
        if window.ends <= now || window.ends > now.saturating_add(WINDOW) {
            // At a whole second, as it is told.
            let second = now - now.rem_euclid(SECOND);
            *window = Window { ends: second.saturating_add(WINDOW), spent: 0 };
        }
        window
    }

    fn left_of(&self, window: &Window, now: i64) -> Left {
        let spent = u32::try_from(window.spent).unwrap_or(u32::MAX);
        let micros = window.ends.saturating_sub(now).clamp(1, WINDOW);
        let resets_in = u32::try_from((micros + SECOND - 1) / SECOND).unwrap_or(WINDOW_SECONDS);
        let remaining = self.limit.saturating_sub(spent);
        Left { limit: self.limit, remaining, resets_at: window.ends, resets_in }
    }
}

/// Where somebody calls from: an address of IPv4, or the 64 bits of one of IPv6 that say which network it is in, since who
/// has one such address has all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Network(u128);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        const OF_NETWORK: u128 = !(u64::MAX as u128);
        Network(match address.to_canonical() {
            IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
            IpAddr::V6(address) => Ipv6Addr::to_bits(address) & OF_NETWORK,
        })
    }
}

/// The budgets of all callers.
#[derive(Debug)]
pub struct Budgets {
    clock: Clock,
    /// Of keys that have none of their own, and of addresses.
    key: u32,
    address: u32,
    /// By public id.
    keys: Cache<String, Arc<Budget>>,
    addresses: Cache<Network, Arc<Budget>>,
}

impl Budgets {
    /// With what a key may spend that has no limit of its own, and an address.
    pub fn new(key: u32, address: u32, clock: Clock) -> Budgets {
        let (keys, addresses) = (Cache::new(KEYS_MAX), Cache::new(ADDRESSES_MAX));
        Budgets { clock, key, address, keys, addresses }
    }

    pub fn of_key(&self, id: &str, limit: Option<u32>) -> Arc<Budget> {
        let limit = limit.unwrap_or(self.key);
        let known = self.keys.get(id).filter(|budget| budget.limit == limit);
        known.unwrap_or_else(|| {
            let budget = Arc::new(Budget::new(limit, self.clock.clone()));
            self.keys.insert(id.to_owned(), budget.clone());
            budget
        })
    }

    pub fn of_network(&self, network: Network) -> Arc<Budget> {
        let new = || Ok(Arc::new(Budget::new(self.address, self.clock.clone())));
        let budget: Result<_, std::convert::Infallible> =
            self.addresses.get_or_insert_with(&network, new);
        match budget {
            Ok(budget) => budget,
            Err(never) => match never {},
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const START: i64 = 1_767_225_600 * SECOND;

    fn budget(limit: u32) -> (Budget, Clock) {
        let clock = Clock::standing(START);
        (Budget::new(limit, clock.clone()), clock)
    }

    #[test]
    fn what_is_spent_is_there_again_when_the_window_ends() {
        let (budget, clock) = budget(10);
        let ends = START + WINDOW;

        let left = |remaining, resets_in| Left { limit: 10, remaining, resets_at: ends, resets_in };
        assert_eq!(budget.left(), left(10, 60));
        assert_eq!(budget.spend(7), Ok(left(3, 60)));
        clock.advance(Duration::from_millis(30_500));
        assert_eq!(budget.spend(4), Err(Unspent::Exhausted(left(3, 30))));
        // What was refused was not taken.
        assert_eq!(budget.spend(3), Ok(left(0, 30)));
        clock.advance(Duration::from_millis(29_499));
        assert_eq!(budget.spend(1), Err(Unspent::Exhausted(left(0, 1))));
        clock.advance(Duration::from_millis(1));
        assert_eq!(budget.spend(10).unwrap().remaining, 0);
    }

    #[test]
    fn what_reads_nothing_costs_a_point_and_what_is_never_there_says_so() {
        let (budget, _) = budget(2);

        assert_eq!(budget.spend(0).unwrap().remaining, 1);
        assert_eq!(budget.spend(3), Err(Unspent::TooDear { limit: 2 }));
        assert_eq!(budget.spend(u64::MAX), Err(Unspent::TooDear { limit: 2 }));
        assert_eq!(budget.left().remaining, 1);
    }

    #[test]
    fn a_clock_that_is_put_back_takes_nobody_anything_for_long() {
        let (late, early) = (Clock::standing(START + 100 * WINDOW), Clock::standing(START));
        let mut budget = Budget::new(1, late);
        budget.spend(1).unwrap();

        budget.clock = early;

        assert_eq!(budget.left().resets_in, 60);
        assert!(budget.spend(1).is_ok());
    }

    #[test]
    fn a_network_of_ipv6_has_one_budget() {
        let network = |text: &str| Network::from(text.parse::<IpAddr>().unwrap());

        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn budgets_are_bounded_however_many_call_and_keys_stay() {
        let budgets = Budgets::new(10, 5, Clock::standing(START));
        budgets.of_key("a", None).spend(4).unwrap();
        budgets.of_key("b", Some(7)).spend(4).unwrap();

        for address in 0..3 * ADDRESSES_MAX as u128 {
            budgets.of_network(Network(address << 64)).spend(1).unwrap();
        }

        assert!(budgets.addresses.len() <= ADDRESSES_MAX);
        let left = |id, limit| budgets.of_key(id, limit).left().remaining;
        assert_eq!((left("a", None), left("b", Some(7)), left("c", None)), (6, 3, 10));
        assert_eq!(budgets.of_network(Network(1)).left().limit, 5);
    }
}
