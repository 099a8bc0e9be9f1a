//! Keys from the command line, beside servers that run or without any.
use std::fmt::Write;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, SecondsFormat};
use clap::{Args, Subcommand};

use super::{CommandError, close, now, open, prepare};
use crate::{
    auth::{self, Key, Listed, NewKey, Scope, Scopes},
    config::Config,
};

/// The longest name, in characters.
const NAME_MAX: usize = 100;
/// The most points of a minute, as of the setting `key-cost`.
const RATE_MAX: u32 = 2_000_000_000;

/// What is to become of a key.
#[derive(Subcommand)]
pub enum KeyCommand {
    /// Make a key for an organization and print its secret, this once
    Create(Create),
    /// Print all keys, the oldest first; their secrets are not kept and cannot be shown
    List,
    /// End a key; servers take it for a few seconds more
    Revoke {
        /// Its id or prefix, as `list` shows them
        key: String,
    },
}

#[derive(Args)]
pub struct Create {
    /// Id or slug of the organization whose word it is that is written with the key
    #[arg(long)]
    pub organization: String,
    /// What it allows: read, write, publish or admin, with commas between them; none includes another
    #[arg(long, required = true, value_delimiter = ',', value_parser = scope)]
    pub scope: Vec<Scope>,
    /// What it is for [default: the organization's slug]
    #[arg(long, value_parser = name)]
    pub name: Option<String>,
    /// When it ends: an instant as 2027-01-31T12:00:00Z, or a day, to its end in UTC [default: never]
    #[arg(long, value_parser = instant)]
    pub expires: Option<i64>,
    /// Points of `extensions.cost` that it may spend in a minute [default: the setting key-cost]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(RATE_MAX)))]
    pub rate: Option<u32>,
}

/// What a command has to say: on stdout what it was asked for, on stderr what people should know of it.
#[derive(Debug)]
pub struct Said {
    pub answer: String,
    pub remark: String,
}

/// Does it.
pub async fn key(config: &Config, command: KeyCommand) -> Result<Said, CommandError> {
    let database = open(config).await?;
    prepare(&database, false).await?;
    let (db, now) = (&database.writer, now().timestamp_micros());
    let said = match command {
        KeyCommand::Create(create) => self::create(db, create, now).await,
        KeyCommand::List => auth::list(db)
            .await
            .map_err(CommandError::Key)
            .map(|keys| Said { answer: table(&keys, now), remark: String::new() }),
        KeyCommand::Revoke { key } => auth::revoke(db, &key, now)
            .await
            .map_err(CommandError::Key)
            .map(|key| Said { answer: revoked(&key), remark: String::new() }),
    };
    close(&database).await;
    said
}

async fn create(
    db: &sea_orm::DatabaseConnection,
    create: Create,
    now: i64,
) -> Result<Said, CommandError> {
    let Create { organization, scope, name, expires, rate } = create;
    if expires.is_some_and(|expires| expires <= now) {
        return Err(CommandError::Expired);
    }
    let new = NewKey {
        organization,
        scopes: scope.into_iter().collect(),
        name,
        expires_at: expires,
        cost_per_minute: rate,
    };
    let (made, secret) = auth::create(db, new, now).await.map_err(CommandError::Key)?;
    let Listed { key, organization } = made;
    let ends = key.expires_at.map_or("never".to_owned(), shown);
    let remark = format!(
        "the key {} of {organization} allows {} and expires {ends}; its secret is on stdout. It is not kept and is not \
         shown again: put it where only its owner can read it.\n",
        key.public_id, key.scopes
    );
    Ok(Said { answer: format!("{}\n", secret.reveal()), remark })
}

fn revoked(key: &Key) -> String {
    let Key { public_id, prefix, name, revoked_at, .. } = key;
    let at = revoked_at.map(shown).unwrap_or_default();
    format!("{public_id} ({prefix}, {name}) is revoked since {at}\n")
}

/// One line for each key, with tabs between the columns.
fn table(keys: &[Listed], now: i64) -> String {
    let mut out = "ID\tPREFIX\tNAME\tORGANIZATION\tSCOPES\tSTATE\tCOST A MINUTE\tCREATED\tEXPIRES\tLAST USED\n"
        .to_owned();
    let time = |at: Option<i64>| at.map_or("-".to_owned(), shown);
    for Listed { key, organization } in keys {
        let state = match (key.revoked_at, key.expires_at) {
            (Some(_), _) => "revoked",
            (_, Some(at)) if at <= now => "expired",
            _ => "active",
        };
        let cost = key.cost_per_minute.map_or("-".to_owned(), |it| it.to_string());
        let scopes = scopes(key.scopes);
        // Writing into a string cannot fail.
        let _ = writeln!(
            out,
            "{}\t{}\t{}\t{organization}\t{scopes}\t{state}\t{cost}\t{}\t{}\t{}",
            key.public_id,
            key.prefix,
            key.name,
            shown(key.created_at),
            time(key.expires_at),
            time(key.last_used_at),
        );
    }
    out
}

/// As `--scope` takes them.
fn scopes(scopes: Scopes) -> String {
    let names: Vec<String> = scopes.iter().map(|scope| scope.as_str().to_lowercase()).collect();
    names.join(",")
}

fn shown(micros: i64) -> String {
    let time = DateTime::from_timestamp_micros(micros);
    time.map(|it| it.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default()
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::parse(text.trim()).ok_or_else(|| "scopes are read, write, publish and admin".to_owned())
}

fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fits =
        (1..=NAME_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    match fits {
        true => Ok(text.to_owned()),
        false => Err(format!("a name has 1 to {NAME_MAX} characters, on one line")),
    }
}

fn instant(text: &str) -> Result<i64, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.timestamp_micros());
    }
    let day: Option<NaiveDate> = text.parse().ok();
    let end = day.and_then(|day| day.checked_add_days(Days::new(1)));
    end.map(|end| end.and_time(NaiveTime::MIN).and_utc().timestamp_micros()).ok_or_else(|| {
        "an instant is written as 2027-01-31T12:00:00Z, a day as 2027-01-31".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_its_end() {
        assert_eq!(shown(instant("2027-01-31").unwrap()), "2027-02-01T00:00:00Z");
        assert_eq!(shown(instant("2027-01-31T12:00:00+07:00").unwrap()), "2027-01-31T05:00:00Z");
        for text in ["", "tomorrow", "2027-02-30", "2027-01-31 12:00", "+262143-12-31"] {
            assert!(instant(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_and_scopes_are_looked_at() {
        assert_eq!(name(" Báo Văn hóa "), Ok("Báo Văn hóa".to_owned()));
        for wrong in ["", " ", "a\tb", "a\nb", &"a".repeat(101)] {
            assert!(name(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(scope("Publish"), Ok(Scope::Publish));
        assert!(scope("all").is_err());
    }
}
