//! Time that processes have spent on a processor, as Linux counts it, in hundredths of a second, and that of a thread.
use std::{fs, time::Duration};

use rustix::time::{ClockId, clock_gettime};

/// `USER_HZ`, which is 100 on every Linux that programs see.
const TICKS_PER_SECOND: u64 = 100;

/// The time of one process.
pub(crate) fn of_process(pid: u32) -> Duration {
    stat(pid).map(|stat| stat.time).unwrap_or_default()
}

/// The time of a process and of its children that live or have ended.
pub(crate) fn of_family(pid: u32) -> Duration {
    let children = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| {
        let stat = stat(entry.file_name().to_str()?.parse().ok()?)?;
        (stat.parent == pid).then_some(stat.time)
    });
    let own = stat(pid).map(|stat| stat.time + stat.ended).unwrap_or_default();
    own + children.sum::<Duration>()
}

/// The time of the thread that asks, in nanoseconds.
pub(crate) fn of_thread() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}

struct Stat {
    parent: u32,
    time: Duration,
    /// Of children that were waited for.
    ended: Duration,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before the bracket can have anything in it.
    let (_, rest) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks = |place: usize| fields.get(place)?.parse::<u64>().ok();
    let time = |a: u64, b: u64| Duration::from_millis((a + b) * 1000 / TICKS_PER_SECOND);
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        time: time(ticks(11)?, ticks(12)?),
        ended: time(ticks(13)?, ticks(14)?),
    })
}
