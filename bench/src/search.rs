//! Search: what it costs to make the index, and what searches in it cost, against the least that as many hits can cost: an
//! index of as many documents in parts of the same sizes, asked for one term that stands in so many of them.
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs, hint,
    io::Write as _,
    path::{Path, PathBuf},
    process,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use clap::ValueEnum;
use culturegraph::{
    content,
    database::Database,
    progress::Silent,
    record::catalog,
    search::{self, Filter, Index, Question, Snapshot},
};
use serde::Deserialize;
use tantivy::{
    Searcher, TantivyDocument, Term,
    collector::{Count, TopDocs},
    indexer::NoMergePolicy,
    query::TermQuery,
    schema::{Field, IndexRecordOption, STRING, Schema},
};

use crate::{cpu, findable};

#[derive(Debug, clap::Args)]
pub(crate) struct Bench {
    #[arg(long)]
    database: String,
    /// An empty folder
    #[arg(long)]
    index: PathBuf,
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Strings that nobody means
    #[arg(long, default_value_t = 10_000)]
    fuzz: usize,
    /// Cities that are written and looked for
    #[arg(long, default_value_t = 200)]
    writes: usize,
    /// Only these
    #[arg(long)]
    only: Vec<Measured>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Measured {
    Queries,
    Counts,
    Suggestions,
    Fuzz,
    Writes,
}

/// As in the product.
const WRITER_BYTES: usize = 50_000_000;
const LIMIT: usize = 20;
const SUGGESTED: usize = 10;
/// A query is repeated for so long in each round.
const TURN: Duration = Duration::from_millis(1);
const SUITE: &str = include_str!("../../tests/search/relevance.json");

/// A query of the relevance suite.
#[derive(Deserialize)]
struct Asked {
    query: String,
    kind: String,
    #[serde(default)]
    expect: Option<String>,
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    lang: Option<String>,
}

impl Asked {
    fn question(&self, counts: bool) -> anyhow::Result<Question> {
        let code = |name: &String| catalog().named(name).map(|it| it.code).context("it is no type");
        let codes = self.types.iter().map(code).collect::<anyhow::Result<Vec<u16>>>()?;
        let kinds = (!codes.is_empty()).then_some(codes);
        let langs = self.lang.iter().cloned().collect();
        let filter = Filter { kinds, ..Filter::default() };
        Ok(Question { filter, langs, counts, ..Question::of(&self.query, LIMIT) })
    }
}

pub(crate) async fn run(bench: &Bench) -> anyhow::Result<()> {
    content::define();
    let wants = |what| bench.only.is_empty() || bench.only.contains(&what);
    let suite: Vec<Asked> = serde_json::from_str(SUITE)?;
    let index = make(bench).await?;
    let snapshot = index.current();
    if wants(Measured::Queries) || wants(Measured::Counts) {
        let mut numbers = BTreeSet::new();
        for asked in &suite {
            numbers.insert(snapshot.search(&asked.question(false)?)?.total);
        }
        let bare = Bare::like(&bench.index, &numbers)?;
        for (what, counts) in [(Measured::Queries, false), (Measured::Counts, true)] {
            if wants(what) {
                print(&queries(bench, &snapshot, &bare, &suite, counts)?)?;
            }
        }
    }
    if wants(Measured::Suggestions) {
        print(&suggestions(bench, &snapshot, &suite)?)?;
    }
    if wants(Measured::Fuzz) {
        for counts in [false, true] {
            print(&fuzz(bench, &snapshot, counts)?)?;
        }
    }
    drop((index, snapshot));
    if wants(Measured::Writes) {
        print(
            &findable::measured(&bench.database, &bench.index, WRITER_BYTES, bench.writes).await?,
        )?;
    }
    Ok(())
}

fn print(text: &str) -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

/// The index of all that is in the base.
async fn make(bench: &Bench) -> anyhow::Result<Arc<Index>> {
    let db = Database::open(&bench.database, 2).await.context("the database does not open")?;
    let before = (cpu::of_process(process::id()), peak()?);
    let index = Arc::new(Index::create(&bench.index, WRITER_BYTES)?);
    search::fill(&index, &db.reader, &Silent).await?;
    let time = cpu::of_process(process::id()) - before.0;
    let parts = open(&bench.index)?;
    let mut bytes = 0;
    for file in fs::read_dir(&bench.index)? {
        bytes += file?.metadata()?.len();
    }
    print(&format!(
        "{} records in {} parts; made in {:.1} s of CPU; peak memory {} MB before, {} MB after; {:.1} MB in the folder\n",
        index.current().len(),
        parts.segment_readers().len(),
        time.as_secs_f64(),
        before.1 / 1000,
        peak()? / 1000,
        bytes as f64 / 1e6,
    ))?;
    db.reads.close();
    db.reader.close().await?;
    db.writer.close().await?;
    Ok(index)
}

/// The most memory that the process has had, in kB.
fn peak() -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|it| it.split_whitespace().next()).context("no peak is told")?;
    Ok(number.parse()?)
}

fn open(folder: &Path) -> anyhow::Result<Searcher> {
    Ok(tantivy::Index::open_in_dir(folder)?.reader()?.searcher())
}

/// The index of one term for each number of hits.
struct Bare {
    searcher: Searcher,
    field: Field,
}

impl Bare {
    fn like(folder: &Path, numbers: &BTreeSet<usize>) -> anyhow::Result<Bare> {
        let like = open(folder)?;
        let sizes: Vec<usize> =
            like.segment_readers().iter().map(|part| part.max_doc() as usize).collect();
        let all: usize = sizes.iter().sum();
        let mut schema = Schema::builder();
        let field = schema.add_text_field("term", STRING);
        let index = tantivy::Index::create_in_ram(schema.build());
        // More than one part needs, so that each commit makes one.
        let mut writer = index.writer_with_num_threads(1, 1_000_000_000)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        let mut doc = 0;
        for size in sizes {
            for _ in 0..size {
                // Its dictionary is as large as one of names.
                let mut document = TantivyDocument::new();
                document.add_text(field, format!("d{doc}"));
                for number in numbers {
                    if (doc + 1) * number / all > doc * number / all {
                        document.add_text(field, format!("n{number}"));
                    }
                }
                writer.add_document(document)?;
                doc += 1;
            }
            writer.commit()?;
        }
        Ok(Bare { searcher: index.reader()?.searcher(), field })
    }

    fn search(&self, number: usize) -> anyhow::Result<usize> {
        let term = Term::from_field_text(self.field, &format!("n{number}"));
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let best = TopDocs::with_limit(LIMIT).order_by_score();
        let (best, count) = self.searcher.search(&query, &(best, Count))?;
        hint::black_box(best);
        Ok(count)
    }
}

/// Microseconds of the thread for one call, of so many.
fn timed<T>(times: u32, mut call: impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<f64> {
    let before = cpu::of_thread();
    for _ in 0..times {
        hint::black_box(call()?);
    }
    Ok((cpu::of_thread() - before).as_secs_f64() * 1e6 / f64::from(times))
}

/// How often a call fits into a turn.
fn times<T>(mut call: impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<u32> {
    timed(1, &mut call)?;
    let one = Duration::from_secs_f64(timed(3, &mut call)?.max(0.1) / 1e6);
    Ok(u32::try_from(TURN.as_nanos() / one.as_nanos().max(1))?.max(1))
}

fn about(counts: bool) -> &'static str {
    if counts { "with counts" } else { "without counts" }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// A query, its hits and what both sides take for it.
struct Line<'s> {
    asked: &'s Asked,
    hits: usize,
    product: f64,
    bare: f64,
}

impl Line<'_> {
    fn ratio(&self) -> f64 {
        self.product / self.bare
    }
}

fn queries(
    bench: &Bench,
    snapshot: &Snapshot,
    bare: &Bare,
    suite: &[Asked],
    counts: bool,
) -> anyhow::Result<String> {
    let mut lines = Vec::with_capacity(suite.len());
    for asked in suite {
        let question = asked.question(counts)?;
        let hits = snapshot.search(&question)?.total;
        if bare.search(hits)? != hits {
            bail!("the bare index has not {hits} of n{hits}");
        }
        let product = || Ok(snapshot.search(&question)?);
        let floor = || bare.search(hits);
        let turns = (times(product)?, times(floor)?);
        let mut rounds = (Vec::new(), Vec::new());
        for round in 0..bench.rounds {
            // Each comes first in turn.
            for turn in 0..2 {
                if (round + turn) % 2 == 0 {
                    rounds.0.push(timed(turns.0, product)?);
                } else {
                    rounds.1.push(timed(turns.1, floor)?);
                }
            }
        }
        lines.push(Line { asked, hits, product: median(rounds.0), bare: median(rounds.1) });
    }
    let mut kinds: BTreeMap<&str, Vec<&Line<'_>>> = BTreeMap::new();
    for line in &lines {
        kinds.entry(&line.asked.kind).or_default().push(line);
    }
    let mut out = format!(
        "\n| queries {} | queries | hits, median | culturegraph µs | bare µs | ratio |\n| --- | --: | --: | --: | --: | --: |\n",
        about(counts)
    );
    for (name, of) in &kinds {
        row(&mut out, name, of);
    }
    row(&mut out, "all", &lines.iter().collect::<Vec<_>>());
    lines.sort_unstable_by(|a, b| b.ratio().total_cmp(&a.ratio()));
    let ratio = median(lines.iter().map(Line::ratio).collect());
    let _ = writeln!(out, "\nThe ratio of half of the queries is below {ratio:.2}. The worst:\n");
    worst(&mut out, &lines);
    lines.sort_unstable_by(|a, b| b.product.total_cmp(&a.product));
    out += "\nThe dearest:\n\n";
    worst(&mut out, &lines);
    Ok(out)
}

/// Sums of some queries, as means. Writing into a string cannot fail.
fn row(out: &mut String, name: &str, lines: &[&Line<'_>]) {
    let mean = |of: fn(&Line<'_>) -> f64| {
        lines.iter().map(|it| of(it)).sum::<f64>() / lines.len().max(1) as f64
    };
    let (product, bare) = (mean(|it| it.product), mean(|it| it.bare));
    let hits = median(lines.iter().map(|it| it.hits as f64).collect());
    let _ = writeln!(
        out,
        "| {name} | {} | {hits} | {product:.1} | {bare:.1} | {:.2} |",
        lines.len(),
        product / bare
    );
}

fn worst(out: &mut String, lines: &[Line<'_>]) {
    for line in lines.iter().take(5) {
        let _ = writeln!(
            out,
            "- `{}` ({}, {} hits): {:.1} µs, {:.1} µs, {:.2}",
            line.asked.query,
            line.asked.kind,
            line.hits,
            line.product,
            line.bare,
            line.ratio()
        );
    }
}

/// What the first letters of names take.
fn suggestions(bench: &Bench, snapshot: &Snapshot, suite: &[Asked]) -> anyhow::Result<String> {
    // What is spelled with marks has most to be read of it.
    let names = suite.iter().filter(|it| it.expect.is_some() && it.types.is_empty());
    let names: Vec<&str> = names.map(|it| it.query.as_str()).take(50).collect();
    let mut out = "\n| suggestions for | texts | median µs | most µs | of |\n| --- | --: | --: | --: | --- |\n".to_owned();
    for letters in 1..=3 {
        let mut costs = Vec::with_capacity(names.len());
        for name in &names {
            let begun: String = name.chars().take(letters).collect();
            let question = Question::of(&begun, SUGGESTED);
            let product = || Ok(snapshot.suggest(&question)?);
            let turn = times(product)?;
            let rounds = (0..bench.rounds).map(|_| timed(turn, product));
            costs.push((median(rounds.collect::<anyhow::Result<_>>()?), begun));
        }
        costs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let Some((most, of)) = costs.last() else { continue };
        let middle = median(costs.iter().map(|it| it.0).collect());
        let _ = writeln!(
            out,
            "| {letters} letters | {} | {middle:.1} | {most:.1} | `{of}` |",
            costs.len()
        );
    }
    Ok(out)
}

/// What strings take that nobody means. None may fail.
fn fuzz(bench: &Bench, snapshot: &Snapshot, counts: bool) -> anyhow::Result<String> {
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    let mut costs = Vec::with_capacity(bench.fuzz);
    for number in 0..bench.fuzz {
        let kind = KINDS[number % KINDS.len()];
        let text = chance.text(kind);
        let question = Question { counts, ..Question::of(&text, LIMIT) };
        snapshot.suggest(&question).with_context(|| format!("suggestions fail for {text:?}"))?;
        let mut product = || Ok(snapshot.search(&question)?);
        let mut least = f64::INFINITY;
        // What the machine does meanwhile is not the string's.
        for _ in 0..3 {
            least = least
                .min(timed(1, &mut product).with_context(|| format!("search fails for {text:?}"))?);
        }
        costs.push((least, kind, text));
    }
    costs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut out = format!(
        "\n| strings {} | number | median µs | p99 µs | most µs | most / median of all | the dearest |\n\
         | --- | --: | --: | --: | --: | --: | --- |\n",
        about(counts)
    );
    let all = costs.get(costs.len() / 2).map_or(0.0, |it| it.0);
    for kind in KINDS.iter().map(|kind| Some(*kind)).chain([None]) {
        let of: Vec<_> = costs.iter().filter(|it| kind.is_none_or(|kind| kind == it.1)).collect();
        let at = |share: usize| of.get(of.len() * share / 100).map_or(0.0, |it| it.0);
        let Some((most, _, text)) = of.last() else { continue };
        let name = kind.map_or("all".to_owned(), |kind| format!("{kind:?}"));
        let cut: String = text.chars().take(40).collect();
        let _ = writeln!(
            out,
            "| {name} | {} | {:.1} | {:.1} | {most:.1} | {:.1} | `{}` |",
            of.len(),
            at(50),
            at(99),
            most / all,
            cut.escape_debug()
        );
    }
    Ok(out)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Emoji,
    Marks,
    Letter,
    Syllables,
    Long,
    Syntax,
    Mixed,
}

const KINDS: [Kind; 7] = [
    Kind::Emoji,
    Kind::Marks,
    Kind::Letter,
    Kind::Syllables,
    Kind::Long,
    Kind::Syntax,
    Kind::Mixed,
];
const EMOJI: [&str; 8] = ["🎨", "👩‍🎤", "🇻🇳", "🏛️", "👍🏽", "𝓪", "🎼", "❤️‍🔥"];
const MARKS: [&str; 8] =
    ["\u{300}", "\u{301}", "\u{302}", "\u{303}", "\u{309}", "\u{323}", "\u{31b}", "\u{20dd}"];
const LETTERS: [&str; 24] = [
    "a", "b", "c", "d", "e", "g", "h", "i", "k", "l", "m", "n", "o", "p", "s", "t", "u", "v", "ộ",
    "đ", "ư", "1", "2", "я",
];
const SYLLABLES: [&str; 40] = [
    "hà",
    "nội",
    "ha",
    "noi",
    "thành",
    "phố",
    "hội",
    "an",
    "đà",
    "lạt",
    "sáng",
    "tạo",
    "thiết",
    "kế",
    "văn",
    "hóa",
    "vawn",
    "hoas",
    "ddoongf",
    "nghệ",
    "thuật",
    "con",
    "tion",
    "city",
    "creative",
    "design",
    "council",
    "initiative",
    "challenge",
    "official",
    "music",
    "film",
    "qu",
    "str",
    "ing",
    "berlin",
    "unesco",
    "2019",
    "viet",
    "nam",
];
const SYNTAX: [&str; 14] = [
    "\"", "'", " AND ", " OR ", "NOT ", "(", ")", "*", "~2", "^3", "name:", "[a TO z]", "\\", "\0",
];

/// The same numbers in each run.
struct Chance(u64);

impl Chance {
    /// Below this number.
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % most.max(1)
    }

    fn some(&mut self, of: &[&str], most: usize, between: &str) -> String {
        let count = 1 + self.below(most);
        (0..count).map(|_| of[self.below(of.len())]).collect::<Vec<_>>().join(between)
    }

    fn word(&mut self) -> String {
        self.some(&SYLLABLES, 3, "")
    }

    fn text(&mut self, kind: Kind) -> String {
        match kind {
            Kind::Emoji => self.some(&EMOJI, 8, ""),
            Kind::Marks => self.some(&MARKS, 30, ""),
            Kind::Letter => self.some(&LETTERS, 1, ""),
            Kind::Syllables => {
                let count = 1 + self.below(6);
                (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
            }
            Kind::Long => {
                let between = ["", " "][self.below(2)];
                let mut text = String::new();
                while text.chars().count() < 10_000 {
                    let more = match self.below(3) {
                        0 => self.some(&LETTERS, 200, between),
                        1 => self.some(&SYLLABLES, 200, between),
                        _ => self.some(&MARKS, 200, between),
                    };
                    text.push_str(&more);
                }
                text.chars().take(10_000).collect()
            }
            Kind::Syntax => {
                let count = 1 + self.below(4);
                (0..count).map(|_| self.some(&SYNTAX, 3, "") + &self.word()).collect()
            }
            Kind::Mixed => {
                let all = [&EMOJI[..], &MARKS, &LETTERS, &SYLLABLES, &SYNTAX];
                let count = 1 + self.below(12);
                let mut text = String::new();
                for _ in 0..count {
                    let of = all[self.below(all.len())];
                    text.push_str(&self.some(of, 2, ""));
                    text.push_str(["", " "][self.below(2)]);
                }
                text
            }
        }
    }
}
