//! The settings, read once, already typed. Each comes from a flag, else from the environment, else from a TOML file, else
//! from its default; one that is wrong, wherever it stands, stops the start with one line. An environment variable that names
//! no setting does not.
mod value;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt, fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use tracing::level_filters::LevelFilter;
use url::Url;

pub use value::DatabaseUrl;

use crate::value::near::nearest;

/// What the program is told once, at its start.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub database_url: DatabaseUrl,
    /// Connections that read at the same time.
    pub connections: u32,
    pub listen: SocketAddr,
    /// Where users reach the server, if not where it listens.
    pub public_url: Option<Url>,
    /// Whether stored texts of third parties are served whole.
    pub serve_full_text: bool,
    /// Whether answers tell how many SQL statements they took.
    pub show_statements: bool,
    pub max_body_bytes: usize,
    /// Memory for documents that have run before; 0 remembers none.
    pub document_cache_bytes: usize,
    pub request_timeout: Duration,
    /// Sockets and streams of events that are open at the same time.
    pub max_streams: u32,
    /// Operations that run at the same time on one socket.
    pub socket_streams: usize,
    /// Between two signs that such a connection is alive.
    pub keep_alive: Duration,
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
            public_url: None,
            serve_full_text: false,
            show_statements: false,
            max_body_bytes: 1024 * 1024,
            document_cache_bytes: 16 * 1024 * 1024,
            request_timeout: Duration::from_secs(10),
            max_streams: 1000,
            socket_streams: 100,
            keep_alive: Duration::from_secs(15),
            log_format: None,
            log_level: LevelFilter::INFO,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// The settings as flags, each as it was typed: a wrong value is told of in the same words wherever it stands.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(
    next_help_heading = "Settings",
    after_help = "A setting comes from its flag, else from the environment (CULTUREGRAPH_LISTEN for --listen), else from \
                  the TOML file, else it has its default."
)]
pub struct Flags {
    /// TOML file with settings, named as the flags are
    /// [default: ./culturegraph.toml, if it is there]
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help = "sqlite://file or postgres://user:password@host/name [default: sqlite://culturegraph.db]"
    )]
    database_url: Option<OsString>,
    /// Connections that read at the same time [default: 8]
    #[arg(long, global = true, value_name = "NUMBER")]
    connections: Option<OsString>,
    /// Address and port to listen on [default: 127.0.0.1:8000]
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Option<OsString>,
    /// Where users reach the server, if not where it listens
    #[arg(long, global = true, value_name = "URL")]
    public_url: Option<OsString>,
    /// Serve stored texts of third parties whole [default: false]
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    serve_full_text: Option<OsString>,
    /// Tell in each answer how many SQL statements it took [default: false]
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    show_statements: Option<OsString>,
    /// Largest body of a request [default: 1048576]
    #[arg(long, global = true, value_name = "BYTES")]
    max_body_bytes: Option<OsString>,
    /// Memory for documents that have run before; 0 remembers none [default: 16777216]
    #[arg(long, global = true, value_name = "BYTES")]
    document_cache_bytes: Option<OsString>,
    /// How long a request may take, as 10s or 500ms [default: 10s]
    #[arg(long, global = true, value_name = "TIME")]
    request_timeout: Option<OsString>,
    /// Sockets and event streams that are open at the same time; 0 takes none [default: 1000]
    #[arg(long, global = true, value_name = "NUMBER")]
    max_streams: Option<OsString>,
    /// Operations that run at the same time on one socket [default: 100]
    #[arg(long, global = true, value_name = "NUMBER")]
    socket_streams: Option<OsString>,
    /// How often sockets and event streams give a sign of life [default: 15s]
    #[arg(long, global = true, value_name = "TIME")]
    keep_alive: Option<OsString>,
    /// text, json, or auto: text on a terminal and json elsewhere [default: auto]
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<OsString>,
    /// off, error, warn, info, debug or trace [default: info]
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<OsString>,
}

/// The names of all settings.
const NAMES: [&str; 14] = [
    "database-url",
    "connections",
    "listen",
    "public-url",
    "serve-full-text",
    "show-statements",
    "max-body-bytes",
    "document-cache-bytes",
    "request-timeout",
    "max-streams",
    "socket-streams",
    "keep-alive",
    "log-format",
    "log-level",
];

impl Flags {
    fn get(&self, name: &str) -> Option<&OsString> {
        let value = match name {
            "database-url" => &self.database_url,
            "connections" => &self.connections,
            "listen" => &self.listen,
            "public-url" => &self.public_url,
            "serve-full-text" => &self.serve_full_text,
            "show-statements" => &self.show_statements,
            "max-body-bytes" => &self.max_body_bytes,
            "document-cache-bytes" => &self.document_cache_bytes,
            "request-timeout" => &self.request_timeout,
            "max-streams" => &self.max_streams,
            "socket-streams" => &self.socket_streams,
            "keep-alive" => &self.keep_alive,
            "log-format" => &self.log_format,
            "log-level" => &self.log_level,
            _ => &None,
        };
        value.as_ref()
    }
}

/// Why the program does not start. Always one line.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    #[error("setting `{name}` is wrong: {origin} gives {given}, expected {expected}")]
    Value { name: String, origin: Origin, given: String, expected: String },
    #[error("there is no setting `{name}`, which {origin} gives; settings are {}", NAMES.join(", "))]
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
        for name in NAMES {
            let flag = flags.get(name).map(|value| (Origin::Flag(name), value));
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
            config.set(name, value).map_err(wrong)?;
        }
        Ok(config)
    }

    /// Takes a value as it was written. The error is what was expected instead.
    fn set(&mut self, name: &str, text: &str) -> Result<(), String> {
        match name {
            "database-url" => self.database_url = value::database_url(text)?,
            "connections" => self.connections = value::number(text, 1..=500)?,
            "listen" => self.listen = value::address(text)?,
            "public-url" => self.public_url = Some(value::public_url(text)?),
            "serve-full-text" => self.serve_full_text = value::boolean(text)?,
            "show-statements" => self.show_statements = value::boolean(text)?,
            "max-body-bytes" => self.max_body_bytes = value::number(text, 1024..=64 * 1024 * 1024)?,
            "document-cache-bytes" => self.document_cache_bytes = value::number(text, 0..=1 << 30)?,
            "request-timeout" => self.request_timeout = value::duration(text)?,
            "max-streams" => self.max_streams = value::number(text, 0..=100_000)?,
            "socket-streams" => self.socket_streams = value::number(text, 1..=10_000)?,
            "keep-alive" => self.keep_alive = value::duration(text)?,
            "log-format" => self.log_format = value::log_format(text)?,
            "log-level" => self.log_level = value::log_level(text)?,
            _ => return Err("another name".to_owned()),
        }
        Ok(())
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
    NAMES.into_iter().chain(["config"])
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
        let Some(name) = NAMES.into_iter().find(|name| *name == key) else {
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
