//! Dates as sources give them: a day, a month, a decade, "about 2019", 13 December of no year.
//!
//! A part of EDTF (ISO 8601-2, <https://www.loc.gov/standards/datetime/>): level 1 in the years 0000 to 9999
//! without times, and of level 2 the quarters and the dates without a year. `parse` knows the forms, `words` says them
//! for readers, `compare` tells whether two can be the same.
mod compare;
mod parse;
#[cfg(test)]
mod tests;
mod words;

pub use compare::{coarser, compatible};
pub use parse::EdtfError;

use parse::{Point, Shape};

/// A date as it was written, with what follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FuzzyDate {
    /// As written.
    pub edtf: String,
    /// The first day that it can mean, `YYYY-MM-DD`, never after `latest`. `None` without a year, and for an interval
    /// whose start is open or unknown. Marks of doubt (`?`, `~`, `%`) widen nothing.
    pub earliest: Option<String>,
    /// The last day that it can mean; `None` as with `earliest`.
    pub latest: Option<String>,
    pub precision: Precision,
    shape: Shape,
}

/// How much of a date is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    Day,
    Month,
    /// A season or a quarter.
    Season,
    Year,
    Decade,
    Century,
    Interval,
    DayWithoutYear,
    MonthWithoutYear,
}

impl Precision {
    /// The name as clients read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Precision::Day => "DAY",
            Precision::Month => "MONTH",
            Precision::Season => "SEASON",
            Precision::Year => "YEAR",
            Precision::Decade => "DECADE",
            Precision::Century => "CENTURY",
            Precision::Interval => "INTERVAL",
            Precision::DayWithoutYear => "DAY_WITHOUT_YEAR",
            Precision::MonthWithoutYear => "MONTH_WITHOUT_YEAR",
        }
    }
}

impl FuzzyDate {
    /// Reads a date; blanks around it are not taken.
    pub fn parse(text: &str) -> Result<FuzzyDate, EdtfError> {
        let shape = parse::shape(text)?;
        let (earliest, latest) = shape.bounds();
        let precision = match shape {
            Shape::Interval(..) => Precision::Interval,
            Shape::Moment(moment) => match moment.point {
                Point::Day(_) => Precision::Day,
                Point::Month { .. } => Precision::Month,
                Point::Season { .. } | Point::Quarter { .. } => Precision::Season,
                Point::Year(_) => Precision::Year,
                Point::Decade(_) => Precision::Decade,
                Point::Century(_) => Precision::Century,
                Point::DayWithoutYear { .. } => Precision::DayWithoutYear,
                Point::MonthWithoutYear(_) => Precision::MonthWithoutYear,
            },
        };
        Ok(FuzzyDate {
            edtf: text.to_owned(),
            earliest: earliest.map(|day| day.to_string()),
            latest: latest.map(|day| day.to_string()),
            precision,
            shape,
        })
    }

    /// The date in words, in Vietnamese for `vi` and its regions, else in English.
    pub fn text(&self, lang: &str) -> String {
        words::text(&self.shape, words::Tongue::of(lang))
    }
}
