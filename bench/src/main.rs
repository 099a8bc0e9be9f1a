//! How fast culturegraph is against the least that the same answers can cost. `bench/run` runs it all.
mod compare;
mod cpu;
mod fill;
mod findable;
mod floor;
mod gate;
mod load;
mod queries;
mod search;
mod set;
mod table;
mod writes;

use std::net::SocketAddr;

use clap::Parser;

use crate::{compare::Compare, set::Size};

// As the product.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
enum Command {
    /// Fills an empty base
    Fill {
        #[arg(long)]
        database: String,
        /// All else follows from their number
        #[arg(long, default_value_t = 2_000)]
        cities: u64,
        /// Put what the program ships into it first
        #[arg(long)]
        shipped: bool,
    },
    /// Serves the floors
    Floor {
        #[arg(long)]
        database: String,
        #[arg(long)]
        listen: SocketAddr,
        #[arg(long, default_value_t = compare::TO_DATABASE)]
        connections: usize,
    },
    /// Compares the product with the floors
    Compare(Compare),
    /// Lets documents in, so many times; `bench/gate` counts the instructions
    Gate(gate::Bench),
    /// Writes, and repeats the statements of it; `bench/writes` runs it on both databases
    Writes(writes::Writes),
    /// Searches; `bench/search` runs it
    Search(search::Bench),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Fill { database, cities, shipped } => {
            fill::fill(&database, Size { cities }, shipped).await
        }
        Command::Floor { database, listen, connections } => {
            floor::serve(&database, listen, connections).await
        }
        Command::Compare(compare) => compare::run(&compare).await,
        Command::Gate(bench) => gate::run(&bench).await,
        Command::Writes(writes) => writes::run(&writes).await,
        Command::Search(bench) => search::run(&bench).await,
    }
}
