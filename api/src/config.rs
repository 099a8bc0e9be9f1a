//! The settings, read once, already typed. Each comes from a flag, else from the environment, else from a TOML file, else
//! from its default; one that is wrong, wherever it stands, stops the start with one line.
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt, fs, io,
    net::SocketAddr,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use sea_orm::sqlx::{postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
use tracing::level_filters::LevelFilter;
use url::Url;

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
    pub request_timeout: Duration,
    /// `None` is text on a terminal and JSON elsewhere.
    pub log_format: Option<LogFormat>,
    pub log_level: LevelFilter,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            database_url: DatabaseUrl("sqlite://culturegraph.db".to_owned()),
            connections: 8,
            listen: SocketAddr::from(([127, 0, 0, 1], 8000)),
            public_url: None,
            serve_full_text: false,
            show_statements: false,
            max_body_bytes: 1024 * 1024,
            request_timeout: Duration::from_secs(10),
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

/// `sqlite://file` or `postgres://…`. It may hold a password, so it is shown without.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_secrets(&self.0))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
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
    /// How long a request may take, as 10s or 500ms [default: 10s]
    #[arg(long, global = true, value_name = "TIME")]
    request_timeout: Option<OsString>,
    /// text, json, or auto: text on a terminal and json elsewhere [default: auto]
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<OsString>,
    /// off, error, warn, info, debug or trace [default: info]
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<OsString>,
}

/// The names of all settings.
const NAMES: [&str; 10] = [
    "database-url",
    "connections",
    "listen",
    "public-url",
    "serve-full-text",
    "show-statements",
    "max-body-bytes",
    "request-timeout",
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
            "request-timeout" => &self.request_timeout,
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
        let mut environment = of_environment(environment)?;
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
                let given = format!("{:?}", without_secrets(&value.to_string_lossy()));
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
            "database-url" => self.database_url = database_url(text)?,
            "connections" => self.connections = number(text, 1..=500)?,
            "listen" => self.listen = address(text)?,
            "public-url" => self.public_url = Some(public_url(text)?),
            "serve-full-text" => self.serve_full_text = boolean(text)?,
            "show-statements" => self.show_statements = boolean(text)?,
            "max-body-bytes" => self.max_body_bytes = number(text, 1024..=64 * 1024 * 1024)?,
            "request-timeout" => self.request_timeout = duration(text)?,
            "log-format" => self.log_format = log_format(text)?,
            "log-level" => self.log_level = log_level(text)?,
            _ => return Err("another name".to_owned()),
        }
        Ok(())
    }
}

type Given = BTreeMap<&'static str, (Origin, OsString)>;

fn of_environment(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Given, ConfigError> {
    let mut given = Given::new();
    for (variable, value) in environment {
        let Some(variable) = variable.to_str() else { continue };
        let Some(stem) = variable.strip_prefix(PREFIX) else { continue };
        // Kubernetes makes these for a service that is named like us.
        if stem.starts_with("SERVICE_") || stem == "PORT" || stem.starts_with("PORT_") {
            continue;
        }
        let name = stem.to_ascii_lowercase().replace('_', "-");
        let origin = Origin::Environment(variable.to_owned());
        match NAMES.into_iter().chain(["config"]).find(|known| *known == name) {
            Some(name) => given.insert(name, (origin, value)),
            None => return Err(ConfigError::Unknown { name, origin }),
        };
    }
    Ok(given)
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

fn database_url(text: &str) -> Result<DatabaseUrl, String> {
    let fits = match text.split_once(':') {
        // Readers and the writer have connections of their own, which a database in memory does not outlive.
        Some(("sqlite", rest)) if rest.contains(":memory:") || rest.contains("mode=memory") => {
            Err("a file, which a database in memory is not".to_owned())
        }
        Some(("sqlite", "" | "//")) => Err("sqlite:// followed by the path of a file".to_owned()),
        Some(("sqlite", _)) => SqliteConnectOptions::from_str(text)
            .map(drop)
            .map_err(|error| format!("sqlite:// followed by the path of a file ({error})")),
        Some(("postgres" | "postgresql", _)) => PgConnectOptions::from_str(text)
            .map(drop)
            .map_err(|error| format!("postgres://user:password@host:port/name ({error})")),
        _ => Err("a URL that begins with sqlite:// or postgres://".to_owned()),
    };
    fits.map(|()| DatabaseUrl(text.to_owned()))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "an IP address and a port, such as 127.0.0.1:8000".to_owned())
}

fn public_url(text: &str) -> Result<Url, String> {
    let fits = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    Url::parse(text)
        .ok()
        .filter(fits)
        .ok_or_else(|| "a URL that begins with http:// or https://, without ? and #".to_owned())
}

fn boolean(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "true or false".to_owned())
}

fn number<T>(text: &str, range: RangeInclusive<T>) -> Result<T, String>
where
    T: FromStr + PartialOrd + fmt::Display,
{
    let expected = || format!("a number from {} to {}", range.start(), range.end());
    text.parse().ok().filter(|number| range.contains(number)).ok_or_else(expected)
}

/// `500ms`, `10s`, `2m`; a number alone is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let milliseconds = number.parse::<u64>().ok().and_then(|number| {
        number.checked_mul(match unit {
            "ms" => 1,
            "" | "s" => 1000,
            "m" => 60_000,
            _ => return None,
        })
    });
    milliseconds
        .map(Duration::from_millis)
        .filter(|time| (Duration::from_millis(100)..=Duration::from_mins(10)).contains(time))
        .ok_or_else(|| "a time from 100ms to 10m, such as 10s".to_owned())
}

fn log_format(text: &str) -> Result<Option<LogFormat>, String> {
    match text {
        "auto" => Ok(None),
        "text" => Ok(Some(LogFormat::Text)),
        "json" => Ok(Some(LogFormat::Json)),
        _ => Err("auto, text or json".to_owned()),
    }
}

fn log_level(text: &str) -> Result<LevelFilter, String> {
    match text {
        "off" => Ok(LevelFilter::OFF),
        "error" => Ok(LevelFilter::ERROR),
        "warn" => Ok(LevelFilter::WARN),
        "info" => Ok(LevelFilter::INFO),
        "debug" => Ok(LevelFilter::DEBUG),
        "trace" => Ok(LevelFilter::TRACE),
        _ => Err("off, error, warn, info, debug or trace".to_owned()),
    }
}

/// A URL without its password, which may be between user and host or among the parameters. What is no URL stays as it is.
fn without_secrets(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let (rest, parameters) = match rest.split_once('?') {
        Some((rest, parameters)) if parameters.contains("password") => (rest, "?…"),
        Some((rest, _)) => (rest, &text[scheme.len() + 3 + rest.len()..]),
        None => (rest, ""),
    };
    // A password may have an `@` in it, however wrong that is.
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:…@{host}{parameters}")
        }
        None => format!("{scheme}://{rest}{parameters}"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    const NOTHING: [(&str, &str); 0] = [];

    fn read<const N: usize>(
        flags: Flags,
        environment: [(&str, &str); N],
    ) -> Result<Config, ConfigError> {
        Config::read(&flags, environment.map(|(name, value)| (name.into(), value.into())))
    }

    fn file(name: &str, text: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("culturegraph-{}-{name}", std::process::id()));
        fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn nothing_given_is_the_defaults() {
        assert_eq!(read(Flags::default(), NOTHING).unwrap(), Config::default());
    }

    #[test]
    fn a_flag_wins_over_the_environment_and_that_over_the_file() {
        let path = file("order.toml", "listen = '0.0.0.0:1'\nconnections = 3\nlog-level = 'warn'");
        let flags = Flags {
            config: Some(path.clone()),
            listen: Some("0.0.0.0:3".into()),
            ..Flags::default()
        };
        let environment = [("CULTUREGRAPH_LISTEN", "0.0.0.0:2"), ("CULTUREGRAPH_CONNECTIONS", "2")];

        let config = read(flags, environment).unwrap();

        fs::remove_file(path).unwrap();
        assert_eq!(config.listen.port(), 3);
        assert_eq!(config.connections, 2);
        assert_eq!(config.log_level, LevelFilter::WARN);
    }

    #[test]
    fn the_environment_can_name_the_file() {
        let path = file(
            "all.toml",
            "database-url = 'postgres://me@host/name'\npublic-url = 'https://culture.example/api'\n\
             serve-full-text = true\nshow-statements = true\nmax-body-bytes = 2048\n\
             request-timeout = '1m'\nlog-format = 'json'",
        );

        let config =
            read(Flags::default(), [("CULTUREGRAPH_CONFIG", path.to_str().unwrap())]).unwrap();

        fs::remove_file(path).unwrap();
        assert_eq!(config.database_url.as_str(), "postgres://me@host/name");
        assert_eq!(config.public_url.unwrap().as_str(), "https://culture.example/api");
        assert!(config.serve_full_text && config.show_statements);
        assert_eq!(config.max_body_bytes, 2048);
        assert_eq!(config.request_timeout, Duration::from_secs(60));
        assert_eq!(config.log_format, Some(LogFormat::Json));
    }

    #[test]
    fn a_wrong_value_is_one_line_that_says_all() {
        let flags = Flags { listen: Some("8000\n".into()), ..Flags::default() };

        let error = read(flags, NOTHING).unwrap_err().to_string();

        assert_eq!(
            error,
            "setting `listen` is wrong: the flag --listen gives \"8000\\n\", expected an IP address and a port, \
             such as 127.0.0.1:8000"
        );
    }

    #[test]
    fn wrong_values_are_refused() {
        let wrong = [
            ("DATABASE_URL", "mysql://host/name"),
            ("DATABASE_URL", "culturegraph.db"),
            ("DATABASE_URL", "sqlite://"),
            ("DATABASE_URL", "sqlite::memory:"),
            ("DATABASE_URL", "sqlite://a.db?mode=memory"),
            ("DATABASE_URL", "sqlite://a.db?mode=sideways"),
            ("DATABASE_URL", "postgres://host:port/name"),
            ("CONNECTIONS", "0"),
            ("CONNECTIONS", "-1"),
            ("CONNECTIONS", "501"),
            ("CONNECTIONS", ""),
            ("LISTEN", "localhost"),
            ("PUBLIC_URL", "ftp://culture.example"),
            ("PUBLIC_URL", "culture.example"),
            ("PUBLIC_URL", "https://culture.example/?a"),
            ("SERVE_FULL_TEXT", "yes"),
            ("SHOW_STATEMENTS", "1"),
            ("MAX_BODY_BYTES", "1MB"),
            ("MAX_BODY_BYTES", "99999999999999999999"),
            ("REQUEST_TIMEOUT", "0"),
            ("REQUEST_TIMEOUT", "10 s"),
            ("REQUEST_TIMEOUT", "s"),
            ("REQUEST_TIMEOUT", "9999999999999999999m"),
            ("LOG_FORMAT", "xml"),
            ("LOG_LEVEL", "loud"),
        ];
        for (name, value) in wrong {
            let variable = format!("CULTUREGRAPH_{name}");
            let error = read(Flags::default(), [(&*variable, value)]).unwrap_err();

            let message = error.to_string();
            assert!(matches!(error, ConfigError::Value { .. }), "{message}");
            assert!(message.contains(&variable) && !message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn an_unknown_name_is_refused_wherever_it_stands() {
        let path = file("unknown.toml", "listn = '0.0.0.0:1'");

        let of_file = read(Flags { config: Some(path.clone()), ..Flags::default() }, NOTHING);
        let of_environment = read(Flags::default(), [("CULTUREGRAPH_LISTN", "0.0.0.0:1")]);

        fs::remove_file(path).unwrap();
        for error in [of_file.unwrap_err(), of_environment.unwrap_err()] {
            assert!(matches!(&error, ConfigError::Unknown { name, .. } if name == "listn"));
        }
    }

    #[test]
    fn what_kubernetes_sets_is_not_ours() {
        let environment = [
            ("CULTUREGRAPH_SERVICE_HOST", "10.0.0.1"),
            ("CULTUREGRAPH_PORT", "tcp://10.0.0.1:80"),
            ("CULTUREGRAPH_PORT_80_TCP_ADDR", "10.0.0.1"),
        ];

        assert_eq!(read(Flags::default(), environment).unwrap(), Config::default());
    }

    #[test]
    fn a_file_that_cannot_be_used_is_one_line() {
        for (name, text, part) in [
            ("syntax.toml", "listen = '0.0.0.0:1'\nconnections = = 3", "line 2"),
            ("twice.toml", "connections = 1\nconnections = 2", "line 2"),
            ("type.toml", "listen = ['0.0.0.0:1']", "a value of type array"),
            ("table.toml", "[server]\nlisten = '0.0.0.0:1'", "no setting `server`"),
        ] {
            let path = file(name, text);

            let error = read(Flags { config: Some(path.clone()), ..Flags::default() }, NOTHING)
                .unwrap_err();

            fs::remove_file(path).unwrap();
            let message = error.to_string();
            assert!(message.contains(part) && message.contains(name), "{message}");
            assert!(!message.contains('\n'), "{message}");
        }
        let missing = Flags { config: Some("no/such/file.toml".into()), ..Flags::default() };
        let message = read(missing, NOTHING).unwrap_err().to_string();
        assert_eq!(message, "the settings file no/such/file.toml cannot be used: there is none");
    }

    #[test]
    fn passwords_are_not_shown() {
        for (url, shown) in [
            ("postgres://me:secret@host/name", "postgres://me:…@host/name"),
            ("postgres://me:sec@ret@host/name?a=b", "postgres://me:…@host/name?a=b"),
            ("postgres://host/name?password=secret", "postgres://host/name?…"),
            ("sqlite://culturegraph.db?mode=rw", "sqlite://culturegraph.db?mode=rw"),
            ("secret", "secret"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
        let environment = [("CULTUREGRAPH_DATABASE_URL", "mysql://me:secret@host/name")];
        assert!(!read(Flags::default(), environment).unwrap_err().to_string().contains("secret"));
    }

    #[test]
    fn every_setting_is_a_flag_and_can_be_set() {
        let wrong = "\u{1}";
        for name in NAMES {
            let variable = format!("CULTUREGRAPH_{}", name.to_uppercase().replace('-', "_"));
            assert!(read(Flags::default(), [(&*variable, wrong)]).is_err(), "{name}");

            let flag = format!("--{name}={wrong}");
            let line = Line::try_parse_from(["culturegraph", &flag]).unwrap();
            let error = read(line.flags, NOTHING).unwrap_err().to_string();
            assert!(error.contains(&format!("the flag --{name} gives")), "{error}");
        }
    }

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        flags: Flags,
    }
}
