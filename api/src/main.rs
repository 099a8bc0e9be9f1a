//! The program: reads arguments and settings, and runs one command.
use std::{
    io::{self, Write},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Parser, Subcommand, error::ErrorKind};
use culturegraph::{
    commands::{self, KeyCommand},
    config::{self, Config, Flags},
    logs, schema, transfer,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A GraphQL content API for knowledge about the cultural industries.
#[derive(Parser)]
#[command(name = "culturegraph", version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Flags,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API; done when no command is given. On an empty database it loads the shipped data first
    Serve {
        /// On PostgreSQL, run the migrations first; on SQLite they always are
        #[arg(long)]
        migrate: bool,
    },
    /// Bring the shipped data into the database: what is new is created, what you have edited stays
    Load {
        /// On PostgreSQL, run the migrations first; on SQLite they always are
        #[arg(long)]
        migrate: bool,
        /// Print what became of each source's records, and where each statement of the article went
        #[arg(long)]
        report: bool,
    },
    /// Bring the tables of the database up to date
    Migrate,
    /// Make, list and revoke API keys, also beside a server that runs
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Print the schema of the API
    Schema,
}

/// What a wrong command line or setting ends with, as is the custom.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    let command = arguments.command.unwrap_or(Command::Serve { migrate: false });
    if matches!(command, Command::Schema) {
        // Who reads it may have had enough.
        let _ = io::stdout().write_all(schema::sdl().as_bytes());
        return ExitCode::SUCCESS;
    }
    let config = match Config::read(&arguments.settings, std::env::vars_os()) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("culturegraph: {error}");
            return ExitCode::from(USAGE);
        }
    };
    logs::start(&config);
    for message in config::unknown_variables(std::env::vars_os()) {
        tracing::warn!("{message}");
    }
    match run(command, config) {
        // Without waiting for what is abandoned: the database undoes what was not finished.
        Ok(()) => std::process::exit(0),
        Err(error) => {
            eprintln!("culturegraph: {}", line(&error));
            std::process::exit(1)
        }
    }
}

fn run(command: Command, config: Config) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the threads of the server cannot be started")?;
    let result = runtime.block_on(async {
        match command {
            Command::Serve { migrate } => commands::serve(config, migrate).await,
            Command::Load { migrate, report } => {
                commands::load(&config, migrate).await.map(|loaded| {
                    if report {
                        // Who reads it may have had enough.
                        let _ = io::stdout().write_all(transfer::report(&loaded).as_bytes());
                    }
                })
            }
            Command::Migrate => commands::migrate(&config).await,
            Command::Key { command } => commands::key(&config, command).await.map(|said| {
                let _ = io::stderr().write_all(said.remark.as_bytes());
                let _ = io::stdout().write_all(said.answer.as_bytes());
            }),
            Command::Schema => Ok(()),
        }
    });
    // Dropped, it would wait for work that cannot be stopped.
    runtime.shutdown_background();
    Ok(result?)
}

/// An error with its sources in one line; some repeat what their own source says.
fn line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for source in error.chain().map(ToString::to_string) {
        if line.is_empty() {
            line = source;
        } else if !line.ends_with(&source) {
            line = format!("{line}: {source}");
        }
    }
    line.replace('\n', " ")
}

/// A wrong command line in one line; help and version as clap has them.
fn refuse(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = error.print();
            ExitCode::SUCCESS
        }
        _ => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            eprintln!("culturegraph: {line}; see culturegraph --help");
            ExitCode::from(USAGE)
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn settings_may_stand_before_and_after_the_command() {
        for line in [["--log-level=warn", "load"], ["load", "--log-level=warn"]] {
            let arguments = Arguments::try_parse_from(["culturegraph"].into_iter().chain(line));

            let config = Config::read(&arguments.unwrap().settings, []).unwrap();
            assert_eq!(config.log_level.to_string(), "warn");
        }
    }

    #[test]
    fn an_error_and_its_sources_are_one_line() {
        let error = anyhow!("code 14:\nno file")
            .context("no database: code 14:\nno file")
            .context("no start");

        assert_eq!(line(&error), "no start: no database: code 14: no file");
    }
}
