//! The gate alone, and an operation from the gate to its answer, so many times: `bench/gate` counts their instructions.
use std::{fmt::Write, fs, path::Path, sync::Arc};

use anyhow::Context;
use clap::ValueEnum;
use culturegraph::{
    auth::Caller,
    config::Config,
    database::Database,
    gate::{Asked, Gate, Limits, Rules, Types},
    schema,
    server::{App, Call, Ran, RequestId, Run},
};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// A new document is let in.
    Cold,
    /// A document that has run before is let in.
    Known,
    /// A new document is let in, validated and run.
    RunCold,
    /// A document that has run before is let in and run.
    RunKnown,
    /// A document of many fragments, which spread each other, is let in.
    Fragments,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Bench {
    what: What,
    #[arg(long)]
    times: usize,
    /// A base with the shipped data, for what runs
    #[arg(long, default_value = "")]
    database: String,
    /// Of the document of many fragments
    #[arg(long, default_value_t = 100)]
    fragments: usize,
}

pub(crate) async fn run(bench: &Bench) -> anyhow::Result<()> {
    match bench.what {
        What::Cold | What::Known => admit(bench, &readme()?, Limits::default()),
        What::Fragments => {
            let most = usize::MAX;
            let limits = Limits {
                characters: most,
                tokens: most,
                selections: u64::MAX,
                root_fields: u64::MAX,
                ..Limits::default()
            };
            admit(bench, &fragments(bench.fragments), limits)
        }
        What::RunCold | What::RunKnown => answer(bench, &readme()?).await,
    }
}

/// The first query of the README.
fn readme() -> anyhow::Result<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(path)?;
    let (_, rest) = readme.split_once("```graphql\n").context("the README has a query")?;
    Ok(rest.split_once("\n```").context("the query ends")?.0.to_owned())
}

/// Fragments in layers, each of which spreads three of the next one: opened, it has about a hundred selections for each of
/// the first layer.
fn fragments(count: usize) -> String {
    const LAYERS: usize = 4;
    let width = (count / LAYERS).max(1);
    let mut text = "{ ".to_owned();
    // Writing into a string cannot fail.
    for n in 0..width {
        let _ = write!(text, "...f0_{n} ");
    }
    text.push_str("} ");
    for layer in 0..LAYERS {
        for n in 0..width {
            let _ = write!(text, "fragment f{layer}_{n} on Query {{ __typename ");
            for next in (n..n + 3).filter(|_| layer + 1 < LAYERS) {
                let _ = write!(text, "...f{}_{} ", layer + 1, next % width);
            }
            text.push_str("} ");
        }
    }
    text
}

fn asked(document: &str) -> Asked {
    Asked { query: Some(document.to_owned()), ..Asked::default() }
}

fn admit(bench: &Bench, document: &str, limits: Limits) -> anyhow::Result<()> {
    let document_bytes = if bench.what == What::Known { 1 << 20 } else { 0 };
    let types = Types::new(&schema::build().sdl(), &schema::prices())?;
    let gate = Gate::new(Arc::new(types), Rules { limits, document_bytes, ..Rules::default() });
    for _ in 0..bench.times {
        let admitted = gate.admit(asked(document));
        let mut operation = admitted.map_err(|it| anyhow::anyhow!("refused: {:?}", it.errors))?;
        if let Some(fresh) = operation.fresh.take() {
            gate.remember(fresh, operation.document.clone());
        }
    }
    Ok(())
}

async fn answer(bench: &Bench, document: &str) -> anyhow::Result<()> {
    let document_cache_bytes = if bench.what == What::RunKnown { 1 << 20 } else { 0 };
    let config = Config { document_cache_bytes, ..Config::default() };
    let app = App::new(config, Database::open(&bench.database, 1).await?);
    for _ in 0..bench.times {
        let call = Call {
            id: RequestId::generate(),
            langs: vec![],
            is_safe: false,
            caller: Caller::default(),
            once: None,
        };
        match app.run(asked(document), call).await {
            Ran::Once(answer) if answer.is_whole => {}
            _ => anyhow::bail!("the query of the README is not answered"),
        }
    }
    Ok(())
}
