//! What became of the shipped data, in lines to read.
use std::fmt::Write;

use super::shipped::{Report, SourceReport, Went};

/// A line for each source with the numbers of its records, then a line for each statement of the article with the records
/// that say it. Citations are counted, and those that a statement shares with another one count for both.
pub fn report(run: &Report) -> String {
    let mut out = String::new();
    let all = run.sources.iter().fold(SourceReport::default(), |all, source| SourceReport {
        name: "all",
        read: all.read + source.read,
        created: all.created + source.created,
        updated: all.updated + source.updated,
        unchanged: all.unchanged + source.unchanged,
        kept: all.kept + source.kept,
        refused: all.refused + source.refused,
    });
    let width = run.sources.iter().map(|source| source.name.len()).max().unwrap_or_default();
    // Writing into a string cannot fail.
    let _ = writeln!(
        out,
        "{:width$}  {:>8}  {:>8}  {:>8}  {:>9}  {:>8}  {:>8}",
        "source", "read", "created", "updated", "unchanged", "kept", "refused"
    );
    for source in run.sources.iter().chain([&all]) {
        let SourceReport { name, read, created, updated, unchanged, kept, refused } = source;
        let _ = writeln!(
            out,
            "{name:width$}  {read:>8}  {created:>8}  {updated:>8}  {unchanged:>9}  {kept:>8}  {refused:>8}"
        );
    }
    let _ = writeln!(out, "\n{} statements", run.statements.len());
    for (statement, records) in &run.statements {
        let (citations, said): (Vec<&Went>, Vec<&Went>) =
            records.iter().partition(|went| went.record_type == "Citation");
        let said: Vec<String> = said.into_iter().map(line).collect();
        let times = if citations.len() == 1 {
            "1 citation".to_owned()
        } else {
            format!("{} citations", citations.len())
        };
        let _ = writeln!(out, "{statement}  {}; {times}", said.join(", "));
    }
    out
}

/// `Claim START_DATE claim_01H…`
fn line(went: &Went) -> String {
    let what = went.what.as_ref().map(|what| format!(" {what}")).unwrap_or_default();
    format!("{}{what} {}", went.record_type, went.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_summed_and_statements_say_where_they_went() {
        let went = |record_type, what: Option<&str>, id: &str| Went {
            record_type,
            what: what.map(str::to_owned),
            key: String::new(),
            id: id.to_owned(),
        };
        let source =
            SourceReport { name: "cities.csv", read: 3, created: 2, ..SourceReport::default() };
        let other =
            SourceReport { name: "facts.json", read: 4, refused: 1, ..SourceReport::default() };
        let records =
            vec![went("Claim", Some("NAME"), "claim_1"), went("Citation", None, "citation_1")];
        let run = Report {
            sources: vec![source, other],
            statements: [("s032".to_owned(), records)].into(),
            position: None,
        };

        let lines = report(&run);

        let lines: Vec<&str> = lines.lines().map(str::trim_end).collect();
        let expected = [
            "source          read   created   updated  unchanged      kept   refused",
            "cities.csv         3         2         0          0         0         0",
            "facts.json         4         0         0          0         0         1",
            "all                7         2         0          0         0         1",
            "",
            "1 statements",
            "s032  Claim NAME claim_1; 1 citation",
        ];
        assert_eq!(lines, expected);
    }
}
