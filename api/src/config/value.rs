//! Values of settings, from the text that they are written as. An error is what was expected instead.
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use axum::http::HeaderValue;
use sea_orm::sqlx::{postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
use tracing::level_filters::LevelFilter;
use url::Url;

use super::{Folder, LogFormat};

/// `sqlite://file` or `postgres://…`. It may hold a password, so it is shown without.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl Default for DatabaseUrl {
    fn default() -> Self {
        DatabaseUrl("sqlite://culturegraph.db".to_owned())
    }
}

impl DatabaseUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A folder of this name for what belongs to the base: beside its file, or where the program runs.
    pub fn beside(&self, name: &str) -> PathBuf {
        let file = match self.0.starts_with("sqlite:") {
            true => SqliteConnectOptions::from_str(&self.0).ok(),
            false => None,
        };
        let base = file.map_or_else(|| "culturegraph".into(), |it| it.get_filename().to_owned());
        let mut folder = base.into_os_string();
        folder.push(format!(".{name}"));
        folder.into()
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

pub(super) fn database_url(text: &str) -> Result<DatabaseUrl, String> {
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

pub(super) fn folder(text: &str) -> Result<Folder, String> {
    match text {
        path if path.is_empty() || path.chars().any(char::is_control) => {
            Err("the path of a folder, or memory".to_owned())
        }
        "memory" => Ok(Folder::Memory),
        path => Ok(Folder::At(path.into())),
    }
}

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "an IP address and a port, such as 127.0.0.1:8000".to_owned())
}

pub(super) fn public_url(text: &str) -> Result<Url, String> {
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

/// `*`, or origins such as `https://culture.example` with commas between them. `None` is all.
pub(super) fn origins(text: &str) -> Result<Option<Vec<HeaderValue>>, String> {
    if text.trim() == "*" {
        return Ok(None);
    }
    let origin = |text: &str| {
        let url = Url::parse(text.trim()).ok().filter(|url| url.has_host())?;
        // A browser sends an origin without anything after its port, and compares all of it.
        let origin = url.origin().ascii_serialization();
        (origin == text.trim()).then(|| HeaderValue::from_str(&origin).ok()).flatten()
    };
    text.split(',').map(origin).collect::<Option<Vec<_>>>().map(Some).ok_or_else(|| {
        "* or origins such as https://culture.example, with commas between them".to_owned()
    })
}

/// Networks of proxies, each by its first bits. Addresses of IPv4 are looked at as those of IPv6 that stand for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<(u128, u32)>);

impl Proxies {
    /// `10.0.0.0/8`, `::1` and so on with commas between them; nothing is none.
    pub fn parse(text: &str) -> Option<Proxies> {
        let network = |text: &str| {
            let (address, length) = match text.split_once('/') {
                Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
                None => (text, None),
            };
            let address: IpAddr = address.parse().ok()?;
            let width = if address.is_ipv4() { 32 } else { 128 };
            let length = length.unwrap_or(width);
            (length <= width).then(|| (bits(address), length + 128 - width))
        };
        let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        texts.map(network).collect::<Option<_>>().map(Proxies)
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        let address = bits(address);
        self.0.iter().any(|(network, length)| (address ^ network) & mask(*length) == 0)
    }
}

pub(super) fn proxies(text: &str) -> Result<Proxies, String> {
    Proxies::parse(text).ok_or_else(|| {
        "addresses or networks such as 10.0.0.0/8 and ::1, with commas between them".to_owned()
    })
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn mask(length: u32) -> u128 {
    u128::MAX.checked_shl(128 - length).unwrap_or(0)
}

pub(super) fn boolean(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "true or false".to_owned())
}

pub(super) fn number<T>(text: &str, range: RangeInclusive<T>) -> Result<T, String>
where
    T: FromStr + PartialOrd + fmt::Display,
{
    let expected = || format!("a number from {} to {}", range.start(), range.end());
    text.parse().ok().filter(|number| range.contains(number)).ok_or_else(expected)
}

/// `500ms`, `10s`, `2m`; a number alone is seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
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

pub(super) fn log_format(text: &str) -> Result<Option<LogFormat>, String> {
    match text {
        "auto" => Ok(None),
        "text" => Ok(Some(LogFormat::Text)),
        "json" => Ok(Some(LogFormat::Json)),
        _ => Err("auto, text or json".to_owned()),
    }
}

pub(super) fn log_level(text: &str) -> Result<LevelFilter, String> {
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
pub(super) fn without_secrets(text: &str) -> String {
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
