//! The folder of this test process, and the watchdog that clears up however the process ends.
//!
//! Destructors of statics never run, and nothing of ours runs after `kill -9`. So a shell waits for
//! the end of a pipe that only this process holds open, which no way to die can prevent.

use std::{
    env, fs,
    io::Write,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::{LazyLock, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

/// Reads ids of processes until the pipe ends, then stops them and removes the folder.
const WATCHDOG: &str = r#"
patiently() {
    tries=0
    until "$@" || [ "$tries" -ge 100 ]; do sleep 0.05; tries=$((tries + 1)); done
}
is_gone() {
    # One that nobody waits for is still known, where the system says in which state it is.
    ! kill -0 "$1" || grep -q '^State:.*Z' "/proc/$1/status"
}
while read -r pid; do pids="$pids $pid"; done
for pid in $pids; do
    kill -QUIT "$pid"
    patiently is_gone "$pid"
done
# A program that the process was just running may still write there.
patiently rm -rf "$1"
"#;

static SCRATCH: LazyLock<Scratch> = LazyLock::new(Scratch::new);

struct Scratch {
    folder: PathBuf,
    /// Its input is the pipe.
    watchdog: Mutex<Child>,
}

/// A folder that is removed when this process ends. Other users can enter it.
pub(super) fn folder() -> &'static Path {
    &SCRATCH.folder
}

/// Lets a child end with this process. It is not to be waited for, so that its id stays its own.
pub(super) fn end_with_us(child: &Child) {
    let mut watchdog = SCRATCH.watchdog.lock().expect("no thread panics while it writes");
    let pipe = watchdog.stdin.as_mut().expect("it was asked for");
    writeln!(pipe, "{}", child.id()).expect("the watchdog reads until this process ends");
}

impl Scratch {
    fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set");
        let name = format!("culturegraph-tests-{}-{}", process::id(), now.as_nanos());
        let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let parent = if is_open_to_all(&target) { target } else { env::temp_dir() };
        let folder = parent.join(name);
        fs::create_dir(&folder).expect("folders for temporary files are writable");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("it is ours");

        let watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "sh"])
            .arg(&folder)
            // What ends the tests from a terminal must not end it.
            .process_group(0)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("there is a shell");
        Self { folder, watchdog: Mutex::new(watchdog) }
    }
}

/// Whether another user, as whom PostgreSQL may have to run, can get to a folder.
fn is_open_to_all(folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    let can_be_entered = |folder: &Path| {
        fs::metadata(folder).is_ok_and(|about| about.permissions().mode() & 0o001 != 0)
    };
    folder.ancestors().all(can_be_entered)
}
