//! Reading the files: rows with their lines, numbers with what was expected.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::de::DeserializeOwned;

use super::{LoadError, Place};

/// A row and the line that it starts on, for messages.
pub(super) struct Row<T> {
    pub(super) at: Place,
    pub(super) value: T,
}

/// All rows of a CSV file with exactly these columns: a column that is new, gone or moved is an error, not a guess.
pub(super) fn rows<T: DeserializeOwned>(
    file: &'static str,
    text: &str,
    columns: &[&str],
) -> Result<Vec<Row<T>>, LoadError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| csv_error(file, &error))?.clone();
    if headers.iter().ne(columns.iter().copied()) {
        let found = headers.iter().collect::<Vec<_>>().join(",");
        return Err(LoadError::unexpected(
            Place::line(file, 1),
            format!("the columns {}", columns.join(",")),
            found,
        ));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| csv_error(file, &error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let value = record.deserialize(Some(&headers)).map_err(|error| csv_error(file, &error))?;
        rows.push(Row { at: Place::line(file, line), value });
    }
    Ok(rows)
}

/// That no two rows have the same id, in the rows that have one.
pub(super) fn unique<'a, T>(
    rows: &'a [Row<T>],
    what: &'static str,
    id: impl Fn(&'a T) -> Option<&'a String>,
) -> Result<(), LoadError> {
    let mut lines = BTreeMap::new();
    for Row { at, value } in rows {
        let Some(id) = id(value) else { continue };
        if let Some(first) = lines.insert(id, at.line.unwrap_or_default()) {
            let (value, first) = (id.clone(), format!("line {first}"));
            return Err(LoadError::Twice { at: at.clone(), what, value, first });
        }
    }
    Ok(())
}

fn csv_error(file: &'static str, error: &csv::Error) -> LoadError {
    let at =
        error.position().map_or(Place::file(file), |position| Place::line(file, position.line()));
    LoadError::Unreadable { at, reason: error.to_string() }
}

/// A JSON document.
pub(super) fn json<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, LoadError> {
    serde_json::from_str(text).map_err(|error| LoadError::Unreadable {
        at: Place::line(file, u64::try_from(error.line()).unwrap_or(u64::MAX)),
        reason: error.to_string(),
    })
}

/// A number in a column.
pub(super) fn number<T: FromStr>(at: &Place, expected: &str, found: &str) -> Result<T, LoadError> {
    found.parse().map_err(|_| LoadError::unknown(at.clone(), expected, found))
}

/// Degrees between `-limit` and `limit`.
pub(super) fn degrees(at: &Place, limit: f64, found: &str) -> Result<f64, LoadError> {
    let expected = format!("degrees between -{limit} and {limit}");
    let degrees: f64 = number(at, &expected, found)?;
    if degrees.abs() <= limit {
        Ok(degrees)
    } else {
        Err(LoadError::unknown(at.clone(), expected, found))
    }
}

/// A year of four digits, which is EDTF as it stands.
pub(super) fn year<'a>(at: &Place, found: &'a str) -> Result<&'a str, LoadError> {
    if found.len() == 4 && found.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(found)
    } else {
        Err(LoadError::unknown(at.clone(), "a year of four digits", found))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Pair {
        a: String,
        b: Option<String>,
    }

    #[test]
    fn rows_know_their_lines_even_after_a_quoted_line_break() {
        let rows: Vec<Row<Pair>> =
            rows("x.csv", "a,b\n\"1\n2\",\n3,4\n", &["a", "b"]).expect("well formed");

        assert_eq!(rows[0].value.b, None);
        assert_eq!((rows[1].value.a.as_str(), rows[1].at.line), ("3", Some(4)));
    }

    #[test]
    fn a_moved_column_is_refused() {
        let error = rows::<Pair>("x.csv", "b,a\n1,2\n", &["a", "b"]).err().expect("refused");

        assert_eq!(error.to_string(), "x.csv, line 1: expected the columns a,b, found b,a");
    }

    #[test]
    fn a_row_that_is_too_short_is_refused_with_its_line() {
        let error = rows::<Pair>("x.csv", "a,b\n1,2\n3\n", &["a", "b"]).err().expect("refused");

        assert!(matches!(error, LoadError::Unreadable { at, .. } if at == Place::line("x.csv", 3)));
    }

    #[test]
    fn degrees_have_a_range() {
        let at = Place::line("x.csv", 2);

        assert_eq!(degrees(&at, 90.0, "-34.5"), Ok(-34.5));
        for wrong in ["90.1", "NaN", "inf", "", "north"] {
            assert!(degrees(&at, 90.0, wrong).is_err(), "{wrong}");
        }
    }
}
