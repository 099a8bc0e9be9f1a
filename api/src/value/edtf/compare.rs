//! Whether two dates can be the same, and which of them says less.
use super::{
    FuzzyDate, Precision,
    parse::{Point, Shape, Side},
};
use crate::value::day::Day;

/// Whether both can be the same date told with more and with less detail: 2019 and 2019-10-30 can, 2019 and 2020
/// cannot, a day without a year can in any year that has it.
///
/// Two intervals can if their starts can and their ends can, where an open or unknown one goes with any, and they have a
/// day in common; an interval and another date can if they have a day in common. Marks of doubt make no difference: "about 2019" and 2020 differ, so
/// that somebody looks at them.
pub fn compatible(a: &FuzzyDate, b: &FuzzyDate) -> bool {
    let have_day_in_common = Days::of(a.shape).meet(Days::of(b.shape));
    match (a.shape, b.shape) {
        (Shape::Interval(a_start, a_end), Shape::Interval(b_start, b_end)) => {
            have_day_in_common && sides_meet(a_start, b_start) && sides_meet(a_end, b_end)
        }
        (Shape::Moment(a), Shape::Moment(b)) => points_meet(a.point, b.point),
        _ => have_day_in_common,
    }
}

/// Whether `a` says less than `b` and nothing against it: every day that `b` can mean `a` can mean too, and more. Of
/// two unrelated dates neither is coarser.
pub fn coarser(a: &FuzzyDate, b: &FuzzyDate) -> bool {
    let (a_days, b_days) = (Days::of(a.shape), Days::of(b.shape));
    // A season has the days of its year, but says more.
    let is_year_of_season = a.precision == Precision::Year && b.precision == Precision::Season;
    a_days.contain(b_days) && (!b_days.contain(a_days) || is_year_of_season)
}

fn sides_meet(a: Side, b: Side) -> bool {
    match (a, b) {
        (Side::At(a), Side::At(b)) => points_meet(a.point, b.point),
        _ => true,
    }
}

fn points_meet(a: Point, b: Point) -> bool {
    match (a, b) {
        (Point::Season { .. }, Point::Season { .. }) => a == b,
        _ => Days::of_point(a).meet(Days::of_point(b)),
    }
}

/// The days that a date can mean.
#[derive(Clone, Copy)]
enum Days {
    /// From one to another, both included.
    Range(Day, Day),
    /// Each year again: a month, or a day in it.
    Yearly(u8, Option<u8>),
}

impl Days {
    fn of(shape: Shape) -> Days {
        match shape {
            Shape::Moment(moment) => Days::of_point(moment.point),
            Shape::Interval(..) => {
                let (earliest, latest) = shape.bounds();
                Days::Range(earliest.unwrap_or(Day::MIN), latest.unwrap_or(Day::MAX))
            }
        }
    }

    fn of_point(point: Point) -> Days {
        match point {
            Point::DayWithoutYear { month, day } => Days::Yearly(month, Some(day)),
            Point::MonthWithoutYear(month) => Days::Yearly(month, None),
            dated => {
                let (earliest, latest) = dated.bounds().unwrap_or((Day::MIN, Day::MAX));
                Days::Range(earliest, latest)
            }
        }
    }

    fn meet(self, other: Days) -> bool {
        match (self, other) {
            (Days::Range(start, end), Days::Range(other_start, other_end)) => {
                start <= other_end && other_start <= end
            }
            (Days::Yearly(month, day), Days::Yearly(other_month, other_day)) => {
                month == other_month && (day.is_none() || other_day.is_none() || day == other_day)
            }
            (Days::Yearly(month, day), Days::Range(start, end))
            | (Days::Range(start, end), Days::Yearly(month, day)) => {
                comes_up(month, day, start, end)
            }
        }
    }

    fn contain(self, other: Days) -> bool {
        match (self, other) {
            (Days::Range(start, end), Days::Range(other_start, other_end)) => {
                start <= other_start && other_end <= end
            }
            (Days::Yearly(month, day), Days::Yearly(other_month, other_day)) => {
                month == other_month && (day.is_none() || day == other_day)
            }
            (Days::Yearly(month, Some(day)), Days::Range(start, end)) => {
                start == end && (start.month(), start.day()) == (month, day)
            }
            (Days::Yearly(month, None), Days::Range(start, end)) => {
                start.year() == end.year() && start.month() == month && end.month() == month
            }
            (Days::Range(..), Days::Yearly(..)) => false,
        }
    }
}

/// Whether a month, or a day in it, comes up between two days.
fn comes_up(month: u8, day: Option<u8>, start: Day, end: Day) -> bool {
    // 29 February can be eight years off, as between 1896 and 1904.
    let years = start.year()..=end.year().min(start.year().saturating_add(8));
    let in_year = |year| match day {
        Some(day) => Day::new(year, month, day).is_some_and(|day| start <= day && day <= end),
        None => {
            (start.year(), start.month()) <= (year, month)
                && (year, month) <= (end.year(), end.month())
        }
    };
    years.into_iter().any(in_year)
}
