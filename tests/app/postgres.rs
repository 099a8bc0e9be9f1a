//! A PostgreSQL server of this test process alone, started for the first test that needs it.
//!
//! Its data folder, with the migrated template, is kept in cargo's target folder for the next
//! process with the same migrations, so that a runner with a process per test is not slowed down
//! much.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    io::{Write, stderr},
    net::{TcpListener, TcpStream},
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, Database, DbErr};
use tokio::sync::OnceCell;

use super::{database::connect, scratch};

/// `fsync` and `synchronous_commit` stay on: tests of durability must mean what they say. The others
/// save work that a server with a short life need not do.
const SETTINGS: &[&str] = &[
    "fsync=on",
    "synchronous_commit=on",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=4GB",
    "checkpoint_timeout=1h",
    // It would now and then hold the template while a test copies it.
    "autovacuum=off",
    "jit=off",
];

/// Remembers the rows that the migrations have made, for [`EMPTY`].
const REMEMBER: &str = "
    CREATE SCHEMA initial;
    DO $$
    DECLARE name text; is_filled boolean;
    BEGIN
        FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('SELECT EXISTS (TABLE public.%s)', name) INTO is_filled;
            IF is_filled THEN
                EXECUTE format('CREATE TABLE initial.%s AS TABLE public.%1$s', name);
            END IF;
        END LOOP;
    END $$";

/// Makes a database as it was after the migrations, whatever its connections were about to do.
/// Rows are deleted and tables not truncated, since that would make all their files anew.
const EMPTY: &str = "
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    DO $$
    DECLARE name text; sequence record;
    BEGIN
        -- No foreign key is looked at.
        SET LOCAL session_replication_role = replica;
        FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('DELETE FROM public.%s', name);
        END LOOP;
        FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'initial' LOOP
            EXECUTE format('INSERT INTO public.%s TABLE initial.%1$s', name);
        END LOOP;
        FOR sequence IN SELECT * FROM pg_sequences WHERE schemaname = 'public' LOOP
            PERFORM setval(quote_ident(sequence.sequencename), sequence.start_value, false);
        END LOOP;
    END $$";

pub(crate) struct Cluster {
    port: u16,
    /// Databases that tests have left. To make one takes hundreds of files and, on some file
    /// systems, longer than most tests; so the next test gets one of them, emptied.
    left: Mutex<Vec<String>>,
    made: AtomicU64,
}

/// The server; none if no PostgreSQL is installed and `REQUIRE_POSTGRES` is not set.
pub(super) async fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceCell<Option<Cluster>> = OnceCell::const_new();
    let start = async || {
        let Some(programs) = find_programs() else {
            let missing = "no initdb and postgres in PATH or /usr/lib/postgresql/*/bin";
            assert!(env::var_os("REQUIRE_POSTGRES").is_none(), "{missing}");
            // Not by a macro, whose output the runner keeps for tests that fail.
            let _ = writeln!(stderr(), "SKIPPED: all tests on PostgreSQL, {missing}");
            return None;
        };
        Some(Installation::new(programs).start_cluster().await)
    };
    CLUSTER.get_or_init(start).await.as_ref()
}

impl Cluster {
    fn new(port: u16) -> Self {
        Self { port, left: Mutex::default(), made: AtomicU64::new(0) }
    }

    pub(super) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The name of a database that is as the migrations have left it, and used by nobody.
    pub(super) async fn take_database(&self) -> String {
        let left = self.left().pop();
        if let Some(name) = left
            && self.execute(&name, EMPTY).await.is_ok()
        {
            return name;
        }
        // None is left, or one that a test has made unusable.
        let name = format!("test_{}", self.made.fetch_add(1, Ordering::Relaxed));
        let create = format!("CREATE DATABASE {name}");
        self.execute("postgres", &create).await.expect("nobody else uses the template");
        name
    }

    pub(super) fn leave_database(&self, name: &str) {
        self.left().push(name.to_owned());
    }

    fn left(&self) -> MutexGuard<'_, Vec<String>> {
        self.left.lock().expect("no thread panics while it holds names")
    }

    async fn execute(&self, database: &str, statements: &str) -> Result<(), DbErr> {
        let db = connect(&self.url(database)).await;
        db.execute_unprepared(statements).await?;
        db.close().await
    }
}

/// What is installed on this machine, and what this process makes with it.
struct Installation {
    programs: PathBuf,
    /// Holds all that the server writes.
    folder: PathBuf,
    /// User and group to run as; PostgreSQL refuses to be run by root.
    account: Option<(u32, u32)>,
}

impl Installation {
    fn new(programs: PathBuf) -> Self {
        let folder = scratch::folder().join("postgres");
        fs::create_dir(&folder).expect("our folder is writable");
        let is_root = fs::metadata(&folder).expect("it was just made").uid() == 0;
        let account = is_root.then(unprivileged_account);
        if let Some((uid, gid)) = account {
            chown(&folder, Some(uid), Some(gid)).expect("root may give folders away");
        }
        Self { programs, folder, account }
    }

    async fn start_cluster(&self) -> Cluster {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres");
        let mark = kept.join("made_by");
        let lock = File::create(kept.with_extension("lock")).expect("cargo's folder is writable");
        // Other processes may be here too.
        lock.lock().expect("cargo's folder can hold locks");
        if fs::read_to_string(&mark).is_ok_and(|made_by| made_by == self.fingerprint()) {
            copy(&kept.join("data"), &self.data());
        } else {
            let _ = fs::remove_dir_all(&kept);
            self.make_data().await;
            fs::create_dir(&kept).expect("cargo's folder is writable");
            copy(&self.data(), &kept.join("data"));
            fs::write(&mark, self.fingerprint()).expect("cargo's folder is writable");
        }
        drop(lock);

        self.start().await
    }

    /// A data folder with the migrated template, and no server that runs on it.
    async fn make_data(&self) {
        // A server in earnest rarely has the locale C, and one that sorts like people shows where
        // we forgot to ask for bytes.
        let icu = ["--locale-provider=icu", "--icu-locale=vi"];
        if !self.initialize(&icu) {
            assert!(self.initialize(&[]), "initdb fails");
        }

        let cluster = self.start().await;
        // New databases are copies of this one.
        let db = connect(&cluster.url("template1")).await;
        migration::up(&db).await.expect("the migrations run on PostgreSQL");
        db.execute_unprepared(REMEMBER).await.expect("we may make schemas");
        db.close().await.expect("the server runs");

        let stop =
            self.command("pg_ctl").args(["stop", "--mode=fast", "-D"]).arg(self.data()).status();
        assert!(stop.is_ok_and(|status| status.success()), "pg_ctl cannot stop the server");
    }

    fn initialize(&self, locale: &[&str]) -> bool {
        self.command("initdb")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"])
            .args(locale)
            // The data is lost with this machine in any case; from the start on it is synced.
            .arg("--no-sync")
            .arg("-D")
            .arg(self.data())
            .status()
            .is_ok_and(|status| status.success())
    }

    async fn start(&self) -> Cluster {
        // A free port may be taken by another before the server has it.
        for _ in 0..5 {
            let cluster = Cluster::new(free_port());
            let mut server = self.command("postgres");
            server.arg("-D").arg(self.data()).args(["-p", &cluster.port.to_string()]);
            server.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
            let mut server = server.spawn().expect("postgres can be run");
            scratch::end_with_us(&server);
            if answers(&cluster, &mut server).await {
                return cluster;
            }
        }
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        panic!("postgres does not start:\n{log}");
    }

    fn command(&self, program: &str) -> Command {
        let log = File::options().create(true).append(true).open(self.log());
        let log = log.expect("our folder is writable");
        let mut command = Command::new(self.programs.join(program));
        command
            .current_dir(&self.folder)
            .env("LC_ALL", "C")
            // What ends the tests from a terminal is not for it; the watchdog stops it.
            .process_group(0)
            .stdin(std::process::Stdio::null())
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log);
        if let Some((uid, gid)) = self.account {
            command.uid(uid).gid(gid);
        }
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Differs when the migrations may differ, or the server's version.
    fn fingerprint(&self) -> String {
        let us = env::current_exe().and_then(fs::metadata).and_then(|exe| exe.modified());
        format!("{:?} {}", us.expect("this program is a file"), self.programs.display())
    }
}

/// Waits until a server answers; false if it has ended.
async fn answers(cluster: &Cluster, server: &mut Child) -> bool {
    let patience = Instant::now() + Duration::from_secs(60);
    while Instant::now() < patience {
        if server.try_wait().expect("it is our child").is_some() {
            return false;
        }
        // The database driver waits for a server that refuses connections, also for one that has
        // ended; so it is asked only once the port is open.
        if TcpStream::connect(("127.0.0.1", cluster.port)).is_ok() {
            return Database::connect(cluster.url("postgres")).await.is_ok();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// The folder of a PostgreSQL, the newest of those that PATH does not have.
fn find_programs() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path())
        .collect();
    let number = |version: &PathBuf| {
        version.file_name().and_then(OsStr::to_str).and_then(|name| name.parse::<u32>().ok())
    };
    versions.sort_by_key(|version| std::cmp::Reverse(number(version)));
    folders.extend(versions.into_iter().map(|version| version.join("bin")));
    // A link in PATH says where the others are.
    let home =
        |folder: PathBuf| Some(fs::canonicalize(folder.join("initdb")).ok()?.parent()?.to_owned());
    let has = |folder: &PathBuf, program: &str| folder.join(program).is_file();
    folders
        .into_iter()
        .filter_map(home)
        .find(|folder| has(folder, "postgres") && has(folder, "pg_ctl"))
}

/// The account that Debian's package makes or, without it, the one that owns nothing.
fn unprivileged_account() -> (u32, u32) {
    let accounts = fs::read_to_string("/etc/passwd").expect("there are accounts");
    let ids = |name: &str| {
        let mut fields =
            accounts.lines().find_map(|line| line.strip_prefix(&format!("{name}:x:")))?.split(':');
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody")).expect("there is an account without rights")
}

fn free_port() -> u16 {
    let socket = TcpListener::bind(("127.0.0.1", 0)).expect("some port is free");
    socket.local_addr().expect("it is bound").port()
}

/// A folder with its owners and modes, without which PostgreSQL refuses it.
fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-Rp").arg(from).arg(to).status();
    assert!(status.is_ok_and(|status| status.success()), "{} cannot be copied", from.display());
}
