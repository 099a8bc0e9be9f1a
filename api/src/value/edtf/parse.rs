//! The forms of dates, and the days that they cover.
use crate::value::day::{Day, days_in, number, two_digits};

/// Why a text is no date; the message says what is expected instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EdtfError {
    #[error(
        "expected a date in EDTF: 2019, 2019-10, 2019-10-30, a season 2019-21 to 2019-24, a quarter 2019-33 to \
         2019-36, 201X, 20XX, without a year XXXX-12 or XXXX-12-13, an interval 2019/2021, 2019/.. or 2019/, each date \
         with ?, ~ or % after it if it is uncertain, approximate or both"
    )]
    Form,
    #[error("expected a year from 0000 to 9999, in four digits")]
    Year,
    #[error(
        "expected a month from 01 to 12, a season from 21 to 24 or a quarter from 33 to 36 after the year"
    )]
    Month,
    #[error("expected a month from 01 to 12")]
    MonthOnly,
    #[error("expected a day from 01 to {last} in that month")]
    Day {
        /// The last day of the month.
        last: u8,
    },
    #[error("expected a date with a year on each side of an interval")]
    IntervalWithoutYear,
    #[error("expected a date on one side of an interval at least")]
    IntervalWithoutDate,
    #[error("expected an interval whose end is not before its start")]
    IntervalBackwards,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Moment(Moment),
    /// One side at least is a date, and all dates have a year.
    Interval(Side, Side),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    At(Moment),
    /// `..`: there is none, or none is meant.
    Open,
    /// Empty: there is one, but it is not known.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) point: Point,
    /// Uncertain (`?`), approximate (`~`), or both (`%`).
    pub(super) is_vague: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    Day(Day),
    Month {
        year: u16,
        month: u8,
    },
    /// 1 to 4: spring, summer, autumn, winter.
    Season {
        year: u16,
        season: u8,
    },
    /// 1 to 4.
    Quarter {
        year: u16,
        quarter: u8,
    },
    Year(u16),
    /// Its first year.
    Decade(u16),
    /// Its first year: 1900 for 19XX.
    Century(u16),
    DayWithoutYear {
        month: u8,
        day: u8,
    },
    MonthWithoutYear(u8),
}

pub(super) fn shape(text: &str) -> Result<Shape, EdtfError> {
    let Some((start, end)) = text.split_once('/') else {
        return moment(text).map(Shape::Moment);
    };
    let (start, end) = (side(start)?, side(end)?);
    if !matches!(start, Side::At(_)) && !matches!(end, Side::At(_)) {
        return Err(EdtfError::IntervalWithoutDate);
    }
    let shape = Shape::Interval(start, end);
    match shape.bounds() {
        (Some(earliest), Some(latest)) if latest < earliest => Err(EdtfError::IntervalBackwards),
        _ => Ok(shape),
    }
}

fn side(text: &str) -> Result<Side, EdtfError> {
    match text {
        "" => Ok(Side::Unknown),
        ".." => Ok(Side::Open),
        text => {
            let moment = moment(text)?;
            moment.point.bounds().ok_or(EdtfError::IntervalWithoutYear)?;
            Ok(Side::At(moment))
        }
    }
}

fn moment(text: &str) -> Result<Moment, EdtfError> {
    let date = text.strip_suffix(['?', '~', '%']);
    Ok(Moment { point: point(date.unwrap_or(text))?, is_vague: date.is_some() })
}

fn point(text: &str) -> Result<Point, EdtfError> {
    if is_distant(text) {
        return Err(EdtfError::Year);
    }
    // One part more than any form has, so that a longer text fits none.
    let parts: Vec<&str> = text.splitn(4, '-').collect();
    match parts[..] {
        ["XXXX", month] => Ok(Point::MonthWithoutYear(calendar_month(month)?)),
        ["XXXX", month, day] => {
            let month = calendar_month(month)?;
            // Any leap year: 29 February comes back in some years.
            let day = day_of(2000, month, day)?.day();
            Ok(Point::DayWithoutYear { month, day })
        }
        [year] => years(year).ok_or(EdtfError::Form),
        [year, part] => {
            let year = year_of(year)?;
            match two_digits(part).ok_or(EdtfError::Form)? {
                month @ 1..=12 => Ok(Point::Month { year, month }),
                code @ 21..=24 => Ok(Point::Season { year, season: code - 20 }),
                code @ 33..=36 => Ok(Point::Quarter { year, quarter: code - 32 }),
                _ => Err(EdtfError::Month),
            }
        }
        [year, month, day] => day_of(year_of(year)?, calendar_month(month)?, day).map(Point::Day),
        _ => Err(EdtfError::Form),
    }
}

/// Years that EDTF can write and that do not fit: `-0044`, `12019`, `Y170000002`.
fn is_distant(text: &str) -> bool {
    let unsigned = text.strip_prefix('Y').unwrap_or(text);
    let unsigned = unsigned.strip_prefix('-').unwrap_or(unsigned);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    digits > 4 && !unsigned[digits..].starts_with(|c: char| c.is_alphanumeric())
        || digits == 4 && text.starts_with('-')
}

/// `2019`, `201X` or `20XX`.
fn years(text: &str) -> Option<Point> {
    if text.len() != 4 {
        return None;
    }
    if let Some(century) = text.strip_suffix("XX") {
        number(century).map(|century| Point::Century(century * 100))
    } else if let Some(decade) = text.strip_suffix('X') {
        number(decade).map(|decade| Point::Decade(decade * 10))
    } else {
        number(text).map(Point::Year)
    }
}

fn year_of(text: &str) -> Result<u16, EdtfError> {
    let year = if text.len() == 4 { number(text) } else { None };
    year.ok_or(EdtfError::Form)
}

fn calendar_month(text: &str) -> Result<u8, EdtfError> {
    let month = two_digits(text).ok_or(EdtfError::Form)?;
    if (1..=12).contains(&month) { Ok(month) } else { Err(EdtfError::MonthOnly) }
}

fn day_of(year: u16, month: u8, day: &str) -> Result<Day, EdtfError> {
    let day = two_digits(day).ok_or(EdtfError::Form)?;
    Day::new(year, month, day).ok_or(EdtfError::Day { last: days_in(year, month) })
}

impl Shape {
    /// The first and the last day, each if there is one.
    pub(super) fn bounds(&self) -> (Option<Day>, Option<Day>) {
        let of = |side: &Side| match side {
            Side::At(moment) => moment.point.bounds(),
            Side::Open | Side::Unknown => None,
        };
        match self {
            Shape::Moment(moment) => moment.point.bounds().unzip(),
            Shape::Interval(start, end) => {
                (of(start).map(|bounds| bounds.0), of(end).map(|bounds| bounds.1))
            }
        }
    }
}

impl Point {
    /// The first and the last day; `None` without a year.
    ///
    /// A season covers its whole year. Which months it has depends on the hemisphere and the calendar (in Việt Nam
    /// spring starts at Tết, in January or February), and EDTF leaves that open: anything less would leave days out.
    pub(super) fn bounds(self) -> Option<(Day, Day)> {
        let months = |year, first, last| {
            Some((Day::new(year, first, 1)?, Day::new(year, last, days_in(year, last))?))
        };
        let years = |first, last| Some((Day::new(first, 1, 1)?, Day::new(last, 12, 31)?));
        match self {
            Point::Day(day) => Some((day, day)),
            Point::Month { year, month } => months(year, month, month),
            Point::Quarter { year, quarter } => months(year, quarter * 3 - 2, quarter * 3),
            Point::Season { year, .. } | Point::Year(year) => years(year, year),
            Point::Decade(first) => years(first, first + 9),
            Point::Century(first) => years(first, first + 99),
            Point::DayWithoutYear { .. } | Point::MonthWithoutYear(_) => None,
        }
    }
}
