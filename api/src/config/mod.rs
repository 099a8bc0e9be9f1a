//! The settings, read once, already typed. Each comes from a flag, else from the environment, else from a TOML file, else
//! from its default; one that is wrong, wherever it stands, stops the start with one line. An environment variable that names
//! no setting does not.
mod settings;
mod value;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt, fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use axum::http::HeaderValue;
use clap::{Arg, ArgMatches};
use tracing::level_filters::LevelFilter;
use url::Url;

pub use value::{DatabaseUrl, Proxies};

use self::settings::{SETTINGS, Setting, names};
use crate::{gate::Limits, value::near::nearest};

/// What the program is told once, at its start.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub database_url: DatabaseUrl,
    /// Connections that read at the same time.
    pub connections: u32,
    pub listen: SocketAddr,
    /// Connections of clients at the same time.
    pub max_connections: usize,
    /// How long a connection may be without a request.
    pub idle_timeout: Duration,
    /// Where users reach the server, if not where it listens.
    pub public_url: Option<Url>,
    /// Whether stored texts of third parties are served whole.
    pub serve_full_text: bool,
    /// Whether answers tell what they took: SQL statements, and time by level.
    pub show_statements: bool,
    /// Whether the schema can be asked for.
    pub introspection: bool,
    pub max_body_bytes: usize,
    /// The most operations of one request; 0 takes no lists of them.
    pub max_batch: usize,
    /// What the gate lets through.
    pub limits: Limits,
    /// Bytes of an answer.
    pub max_answer_bytes: usize,
    /// Whether those may read who have no key.
    pub anonymous_reads: bool,
    /// Points a minute of each key that has no limit of its own.
    pub key_cost: u32,
    /// Points a minute of each address that calls without a key.
    pub anonymous_cost: u32,
    /// Proxies whose word it is where a request comes from.
    pub trusted_proxies: Proxies,
    /// Origins whose pages may read answers; `None` is all.
    pub allowed_origins: Option<Vec<HeaderValue>>,
    /// Memory for documents that have run before; 0 remembers none.
    pub document_cache_bytes: usize,
    pub request_timeout: Duration,
    /// Sockets and streams of events that are open at the same time.
    pub max_streams: u32,
    /// Operations that run at the same time on one socket.
    pub socket_streams: usize,
    /// Between two signs that such a connection is alive.
    pub keep_alive: Duration,
    /// Where the search index is kept.
    pub search_folder: Folder,
    /// Memory for what is not written to the index yet.
    pub search_memory_bytes: usize,
    /// Between two looks at the change log for those who follow it.
    pub follow_interval: Duration,
    /// `None` is text on a terminal and JSON elsewhere.
    pub log_format: Option<LogFormat>,
    pub log_level: LevelFilter,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            database_url: DatabaseUrl::default(),
            connections: 8,
            listen: SocketAddr::from(([127, 0, 0, 1], 8000)),
            max_connections: 900,
            idle_timeout: Duration::from_secs(75),
            public_url: None,
            serve_full_text: false,
            show_statements: false,
            introspection: true,
            max_body_bytes: 1024 * 1024,
            max_batch: 0,
            limits: Limits::default(),
            max_answer_bytes: 8 * 1024 * 1024,
            anonymous_reads: true,
            key_cost: 5_000_000,
            anonymous_cost: 2_000_000,
            trusted_proxies: Proxies::default(),
            allowed_origins: None,
            document_cache_bytes: 16 * 1024 * 1024,
            request_timeout: Duration::from_secs(10),
            max_streams: 1000,
            socket_streams: 100,
            keep_alive: Duration::from_secs(15),
            search_folder: Folder::BesideDatabase,
            search_memory_bytes: 50_000_000,
            follow_interval: Duration::from_millis(250),
            log_format: None,
            log_level: LevelFilter::INFO,
        }
    }
}

/// Where a server keeps what it can make anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Folder {
    BesideDatabase,
    At(PathBuf),
    Memory,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// The settings as flags, each as it was typed: a wrong value is told of in the same words wherever it stands.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub settings: BTreeMap<&'static str, OsString>,
}

impl clap::Args for Flags {
    fn augment_args(command: clap::Command) -> clap::Command {
        let file = Arg::new("config")
            .long("config")
            .value_name("PATH")
            .value_parser(clap::value_parser!(PathBuf))
            .help("TOML file with settings, named as the flags are [default: ./culturegraph.toml, if it is there]");
        let settings = SETTINGS.iter().map(|setting| {
            let arg = Arg::new(setting.name)
                .long(setting.name)
                .value_name(setting.value)
                .value_parser(clap::value_parser!(OsString))
                .help(setting.help);
            match setting.value {
                "BOOL" => arg.num_args(0..=1).require_equals(true).default_missing_value("true"),
                _ => arg,
            }
        });
        command
            .next_help_heading("Settings")
            .args([file].into_iter().chain(settings).map(|arg| arg.global(true)))
            .after_help(AFTER_HELP)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = SETTINGS.iter().filter_map(|setting| {
            Some((setting.name, matches.get_one::<OsString>(setting.name)?.clone()))
        });
        Ok(Flags { config: matches.get_one("config").cloned(), settings: given.collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

const AFTER_HELP: &str = "A setting comes from its flag, else from the environment (CULTUREGRAPH_LISTEN for --listen), else from \
     the TOML file, else it has its default.";

/// Why the program does not start. Always one line.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    #[error("setting `{name}` is wrong: {origin} gives {given}, expected {expected}")]
    Value { name: String, origin: Origin, given: String, expected: String },
    #[error("there is no setting `{name}`, which {origin} gives; settings are {}", names().collect::<Vec<_>>().join(", "))]
    Unknown { name: String, origin: Origin },
    #[error("the settings file {} cannot be used: {reason}", .path.display())]
    File { path: PathBuf, reason: String },
}

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Flag(&'static str),
    Environment(String),
    File(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(name) => write!(f, "the flag --{name}"),
            Origin::Environment(name) => write!(f, "the environment variable {name}"),
            Origin::File(path) => write!(f, "the file {}", path.display()),
        }
    }
}

const PREFIX: &str = "CULTUREGRAPH_";
const DEFAULT_FILE: &str = "culturegraph.toml";

impl Config {
    /// The folder that the search index is in, with one for each instance; `None` where it is in memory.
    pub fn search_folder(&self) -> Option<PathBuf> {
        match &self.search_folder {
            Folder::BesideDatabase => Some(self.database_url.beside("search")),
            Folder::At(folder) => Some(folder.clone()),
            Folder::Memory => None,
        }
    }

    /// Reads the settings from flags, the environment (`std::env::vars_os`) and the file that either names.
    pub fn read(
        flags: &Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Config, ConfigError> {
        let mut environment = of_environment(environment);
        let named = environment.remove("config");
        let file = match flags.config.clone().or(named.map(|(_, path)| PathBuf::from(path))) {
            Some(path) => of_file(&path)?,
            None if Path::new(DEFAULT_FILE).is_file() => of_file(Path::new(DEFAULT_FILE))?,
            None => BTreeMap::new(),
        };

        let mut config = Config::default();
        for Setting { name, set, .. } in SETTINGS {
            let name = *name;
            let flag = flags.settings.get(name).map(|value| (Origin::Flag(name), value));
            let environment = environment.get(name).map(|(origin, value)| (origin.clone(), value));
            let file = file.get(name).map(|(origin, value)| (origin.clone(), value));
            // What is overridden is not looked at: it may be meant for another version of the program.
            let Some((origin, value)) = flag.or(environment).or(file) else { continue };
            let wrong = |expected: String| {
                let given = format!("{:?}", value::without_secrets(&value.to_string_lossy()));
                ConfigError::Value {
                    name: name.to_owned(),
                    origin: origin.clone(),
                    given,
                    expected,
                }
            };
            let value = value.to_str().ok_or_else(|| wrong("text in UTF-8".to_owned()))?;
            set(&mut config, value).map_err(wrong)?;
        }
        Ok(config)
    }
}

type Given = BTreeMap<&'static str, (Origin, OsString)>;

fn of_environment(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Given {
    let mut given = Given::new();
    for (variable, value) in environment {
        let Some(variable) = variable.to_str() else { continue };
        let Some(name) = setting_of(variable) else { continue };
        // One that is not known may be another program's: it is told of, and stops nothing.
        if let Some(name) = environment_names().find(|known| *known == name) {
            given.insert(name, (Origin::Environment(variable.to_owned()), value));
        }
    }
    given
}

/// The setting that an environment variable names, if it is ours.
fn setting_of(variable: &str) -> Option<String> {
    let stem = variable.strip_prefix(PREFIX)?;
    // Kubernetes makes these for a service that is named like us.
    if stem.starts_with("SERVICE_") || stem == "PORT" || stem.starts_with("PORT_") {
        return None;
    }
    Some(stem.to_ascii_lowercase().replace('_', "-"))
}

fn environment_names() -> impl Iterator<Item = &'static str> {
    names().chain(["config"])
}

/// What to say of variables that begin as ours do and name no setting.
pub fn unknown_variables(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Vec<String> {
    let message = |(variable, _): (OsString, OsString)| {
        let variable = variable.to_str()?;
        let name = setting_of(variable).filter(|name| environment_names().all(|it| it != name))?;
        let near = nearest(&name, environment_names());
        let variable_of =
            |name: &str| format!("{PREFIX}{}", name.to_ascii_uppercase().replace('-', "_"));
        let advice = near.map(|name| format!("; is {} meant?", variable_of(name)));
        let advice = advice.unwrap_or_default();
        Some(format!("the environment variable {variable} names no setting{advice}"))
    };
    environment.into_iter().filter_map(message).collect()
}

fn of_file(path: &Path) -> Result<Given, ConfigError> {
    let unusable = |reason: String| ConfigError::File { path: path.to_owned(), reason };
    let text = fs::read_to_string(path).map_err(|error| {
        unusable(match error.kind() {
            io::ErrorKind::NotFound => "there is none".to_owned(),
            _ => error.to_string(),
        })
    })?;
    let table: toml::Table = toml::from_str(&text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
        unusable(format!("line {line}: {}", error.message().replace('\n', " ")))
    })?;
    let mut given = Given::new();
    for (key, value) in table {
        let origin = Origin::File(path.to_owned());
        let Some(name) = names().find(|name| *name == key) else {
            return Err(ConfigError::Unknown { name: key, origin });
        };
        let value = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Float(number) => number.to_string(),
            toml::Value::Boolean(boolean) => boolean.to_string(),
            other => {
                let given = format!("a value of type {}", other.type_str());
                let expected = "a text, a number or a boolean".to_owned();
                return Err(ConfigError::Value { name: key, origin, given, expected });
            }
        };
        given.insert(name, (origin, value.into()));
    }
    Ok(given)
}

#[cfg(test)]
mod tests;
