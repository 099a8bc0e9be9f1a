//! The comparison: the product and the floors beside each other on one base. Answers must be equal before anything is timed.
use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use hyper::body::Bytes;
use serde_json::{Value as Json, json};
use tokio::process::{Child, Command};

use crate::{
    cpu,
    load::{self, Client, Target},
    queries::{QUERIES, Query, Varies, walk},
    table::{Row, SIDES, Side},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// The product's program
    #[arg(long)]
    program: PathBuf,
    /// A base that was filled
    #[arg(long)]
    database: String,
    /// The first process of the PostgreSQL server, whose time counts as the database's
    #[arg(long)]
    postgres: Option<u32>,
    /// Compare the answers and measure nothing
    #[arg(long)]
    check: bool,
    /// How long each query is asked of each server, in each round
    #[arg(long, default_value_t = 2)]
    seconds: u64,
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Only these queries
    #[arg(long)]
    only: Vec<String>,
}

/// Connections that each server has to the database: the product's default.
pub(crate) const TO_DATABASE: usize = 8;

/// A server that ends with this value.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    async fn start(program: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let process = Command::new(program)
            .args(arguments)
            .args(["--listen", &address.to_string()])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be run", program.display()))?;
        let mut server = Server { process, address };
        for _ in 0..600 {
            if let Some(status) = server.process.try_wait()? {
                bail!("{} has ended: {status}", program.display());
            }
            if server.is_ready().await {
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("{} does not become ready", program.display())
    }

    /// Any answer with 200 will do; both kinds of servers give one to a query.
    async fn is_ready(&self) -> bool {
        for (path, body) in [
            ("/graphql", json!({ "query": "{ __typename }" })),
            ("/rows/q1", json!({ "variables": {} })),
        ] {
            let target = Target { address: self.address, path: path.to_owned() };
            let Ok(mut client) = Client::connect(&target).await else { return false };
            if client.post(body.to_string().into()).await.is_ok() {
                return true;
            }
        }
        false
    }

    fn target(&self, path: &str) -> Target {
        Target { address: self.address, path: path.to_owned() }
    }

    fn pid(&self) -> u32 {
        self.process.id().unwrap_or_default()
    }
}

struct Servers {
    product: Server,
    /// The product, without a memory for documents.
    forgetful: Server,
    floor: Server,
}

/// Compares, and prints the table.
#[expect(clippy::print_stdout, reason = "to print is what it is for")]
pub(crate) async fn run(compare: &Compare) -> anyhow::Result<()> {
    let options = ["serve", "--log-level", "warn", "--database-url", &compare.database];
    let options = [&options[..], &["--anonymous-cost", "2000000000"]].concat();
    let product = Server::start(&compare.program, &options).await?;
    let forgetful = [&options[..], &["--document-cache-bytes", "0", "--show-statements"]].concat();
    let forgetful = Server::start(&compare.program, &forgetful).await?;
    let connections = TO_DATABASE.to_string();
    let floor = ["floor", "--database", &compare.database, "--connections", &connections];
    let floor = Server::start(&std::env::current_exe()?, &floor).await?;
    let servers = Servers { product, forgetful, floor };

    let mut rows = Vec::new();
    for query in QUERIES {
        if !compare.only.is_empty() && !compare.only.iter().any(|name| name == query.name) {
            continue;
        }
        let variables = variables(&servers.product, &query).await?;
        ensure!(!variables.is_empty(), "there is nothing to ask in {}", query.name);
        let bodies: Vec<Bytes> = variables
            .iter()
            .map(|it| json!({ "query": query.document, "variables": it }).to_string().into())
            .collect();
        let small: Vec<Bytes> =
            variables.iter().map(|it| json!({ "variables": it }).to_string().into()).collect();
        let bytes = servers.check(&query, &bodies, &small).await?;
        let statements = statements(&servers.forgetful, &bodies).await?;
        println!("{}: {} answers are equal, {bytes} bytes each", query.name, bodies.len());
        if !compare.check {
            let (bodies, small) = (Arc::new(bodies), Arc::new(small));
            let sides = servers.measure(compare, &query, &bodies, &small).await?;
            rows.push(Row { query, statements, sides });
        }
    }
    if !rows.is_empty() {
        println!("\n{}", crate::table::table(&rows));
    }
    Ok(())
}

impl Servers {
    /// Asks all servers the same and compares the bytes; their mean number.
    async fn check(
        &self,
        query: &Query,
        bodies: &[Bytes],
        small: &[Bytes],
    ) -> anyhow::Result<usize> {
        let mut product = Client::connect(&self.product.target("/graphql")).await?;
        let mut rows =
            Client::connect(&self.floor.target(&format!("/rows/{}", query.name))).await?;
        let mut sql = Client::connect(&self.floor.target(&format!("/sql/{}", query.name))).await?;
        let mut bytes = 0;
        for (body, small) in bodies.iter().zip(small) {
            let answer = without_budget(&product.post(body.clone()).await?);
            for (name, floor) in [("rows", &mut rows), ("sql", &mut sql)] {
                let expected = floor.post(small.clone()).await?;
                ensure!(
                    answer == expected,
                    "{} by {name} differs for {}:\n{}\n{}",
                    query.name,
                    String::from_utf8_lossy(small),
                    String::from_utf8_lossy(&answer),
                    String::from_utf8_lossy(&expected),
                );
            }
            bytes += answer.len();
        }
        Ok(bytes / bodies.len())
    }

    /// All servers in turn, in each round another one first.
    async fn measure(
        &self,
        compare: &Compare,
        query: &Query,
        bodies: &Arc<Vec<Bytes>>,
        small: &Arc<Vec<Bytes>>,
    ) -> anyhow::Result<[Side; SIDES]> {
        let mut sides = [(); SIDES].map(|()| Side::default());
        let time = Duration::from_secs(compare.seconds);
        for round in 0..compare.rounds {
            for turn in 0..SIDES {
                let place = (round + turn) % SIDES;
                let (server, path, bodies) = match place {
                    0 => (&self.product, "/graphql".to_owned(), bodies),
                    1 => (&self.forgetful, "/graphql".to_owned(), bodies),
                    2 => (&self.floor, format!("/rows/{}", query.name), small),
                    3 => (&self.floor, format!("/sql/{}", query.name), small),
                    _ => (&self.floor, format!("/constant/{}", query.name), small),
                };
                let target = server.target(&path);
                // What is prepared or opened once is not what is measured.
                load::run(&target, bodies, compare.connections, Duration::from_millis(200)).await?;
                let database = || compare.postgres.map(cpu::of_family).unwrap_or_default();
                let before = (cpu::of_process(server.pid()), database());
                let run = load::run(&target, bodies, compare.connections, time).await?;
                let after = (cpu::of_process(server.pid()), database());
                sides[place].add(run, after.0 - before.0, after.1.saturating_sub(before.1));
            }
        }
        Ok(sides)
    }
}

/// What the query is asked with: each city or country once, in an order without order.
async fn variables(product: &Server, query: &Query) -> anyhow::Result<Vec<Json>> {
    let mut client = Client::connect(&product.target("/graphql")).await?;
    let mut out = Vec::new();
    let mut after = Json::Null;
    loop {
        let answer = client.post(walk(query, &after).to_string().into()).await?;
        let answer: Json = serde_json::from_slice(&answer)?;
        let cities = &answer["data"]["cities"];
        for edge in cities["edges"].as_array().context("a page has edges")? {
            out.push(match query.varies {
                Varies::Slug => json!({ "slug": edge["node"]["slug"] }),
                Varies::Country => json!({ "country": edge["node"]["country"]["alpha2Code"] }),
                Varies::After => json!({ "after": edge["cursor"] }),
            });
        }
        if cities["pageInfo"]["hasNextPage"] != true {
            break;
        }
        after = cities["pageInfo"]["endCursor"].clone();
    }
    out.sort_by_key(Json::to_string);
    out.dedup();
    // A stride that shares no factor with most lengths: neighbours in a list are not asked one after the other.
    let length = out.len();
    Ok((0..length).map(|place| out[place * 919 % length].clone()).collect())
}

/// An answer of the product without what is left of the budget, which is another with each.
fn without_budget(answer: &[u8]) -> Vec<u8> {
    const BEGINS: &[u8] = b",\"remaining\":";
    let begins = answer.windows(BEGINS.len()).rposition(|part| part == BEGINS);
    match begins.map(|at| answer.split_at(at)) {
        // The ends of cost, extensions and the answer.
        Some((before, _)) => [before, b"}}}"].concat(),
        None => answer.to_vec(),
    }
}

/// The most statements that the product sends for one of the first requests.
async fn statements(product: &Server, bodies: &[Bytes]) -> anyhow::Result<u64> {
    let mut client = Client::connect(&product.target("/graphql")).await?;
    let mut most = 0;
    for body in bodies.iter().take(50) {
        let answer: Json = serde_json::from_slice(&client.post(body.clone()).await?)?;
        let statements = answer["extensions"]["cost"]["statements"].as_u64();
        most = most.max(statements.context("the product tells its statements")?);
    }
    Ok(most)
}
