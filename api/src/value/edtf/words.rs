//! Dates in words for readers.
use super::parse::{Moment, Point, Shape, Side};
use crate::value::day::Day;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tongue {
    Vietnamese,
    English,
}

impl Tongue {
    pub(super) fn of(lang: &str) -> Tongue {
        let language = lang.split('-').next().unwrap_or(lang);
        if language.eq_ignore_ascii_case("vi") { Tongue::Vietnamese } else { Tongue::English }
    }
}

pub(super) fn text(shape: &Shape, tongue: Tongue) -> String {
    match (shape, tongue) {
        (Shape::Moment(moment), Tongue::Vietnamese) => vietnamese(moment),
        (Shape::Interval(start, end), Tongue::Vietnamese) => match (start, end) {
            (Side::At(start), Side::At(end)) => {
                format!("từ {} đến {}", vietnamese(start), vietnamese(end))
            }
            (Side::At(start), Side::Open) => format!("từ {} trở đi", vietnamese(start)),
            (Side::At(start), Side::Unknown) => {
                format!("từ {}, không rõ lúc kết thúc", vietnamese(start))
            }
            (Side::Unknown, Side::At(end)) => {
                format!("đến {}, không rõ lúc bắt đầu", vietnamese(end))
            }
            (Side::Open, Side::At(end)) => format!("đến {}", vietnamese(end)),
            // No such interval is parsed.
            (Side::Open | Side::Unknown, Side::Open | Side::Unknown) => "không rõ".to_owned(),
        },
        (Shape::Moment(moment), Tongue::English) => english(moment, false),
        (Shape::Interval(start, end), Tongue::English) => match (start, end) {
            (Side::At(start), Side::At(end)) => {
                format!("from {} to {}", english(start, true), english(end, true))
            }
            (Side::At(start), Side::Open) => format!("from {} on", english(start, true)),
            (Side::At(start), Side::Unknown) => {
                format!("from {}, end unknown", english(start, true))
            }
            (Side::Unknown, Side::At(end)) => {
                format!("until {}, start unknown", english(end, true))
            }
            (Side::Open, Side::At(end)) => format!("until {}", english(end, true)),
            (Side::Open | Side::Unknown, Side::Open | Side::Unknown) => "unknown".to_owned(),
        },
    }
}

fn vietnamese(moment: &Moment) -> String {
    const SEASONS: [&str; 4] = ["xuân", "hạ", "thu", "đông"];
    // The year 0000 of EDTF is the one before the year 1.
    let of_year = |year| {
        if year == 0 { "năm 1 trước Công nguyên".to_owned() } else { format!("năm {year}") }
    };
    let date = match moment.point {
        Point::Day(day) => {
            format!("ngày {} tháng {} {}", day.day(), day.month(), of_year(day.year()))
        }
        Point::Month { year, month } => format!("tháng {month} {}", of_year(year)),
        Point::Season { year, season } => {
            format!("mùa {} {}", nth(&SEASONS, season), of_year(year))
        }
        Point::Quarter { year, quarter } => format!("quý {quarter} {}", of_year(year)),
        Point::Year(year) => of_year(year),
        Point::Decade(first) => format!("thập niên {first}"),
        Point::Century(first) => format!("thế kỷ {}", first / 100 + 1),
        Point::DayWithoutYear { month, day } => format!("ngày {day} tháng {month}"),
        Point::MonthWithoutYear(month) => format!("tháng {month}"),
    };
    if moment.is_vague { format!("khoảng {date}") } else { date }
}

/// Within a phrase some dates take an article: "from the 2010s", but "2010s" by itself.
fn english(moment: &Moment, is_within: bool) -> String {
    const SEASONS: [&str; 4] = ["spring", "summer", "autumn", "winter"];
    const QUARTERS: [&str; 4] = ["first", "second", "third", "fourth"];
    let date = match moment.point {
        Point::Day(day) => english_day(day),
        Point::Month { year, month } => format!("{} {}", month_name(month), english_year(year)),
        Point::Season { year, season } => {
            format!("{} {}", nth(&SEASONS, season), english_year(year))
        }
        Point::Quarter { year, quarter } => {
            format!("{} quarter of {}", nth(&QUARTERS, quarter), english_year(year))
        }
        Point::Year(year) => english_year(year),
        Point::Decade(first) => format!("{first}s"),
        Point::Century(first) => format!("{} century", ordinal(first / 100 + 1)),
        Point::DayWithoutYear { month, day } => format!("{day} {}", month_name(month)),
        Point::MonthWithoutYear(month) => month_name(month).to_owned(),
    };
    let takes_article =
        matches!(moment.point, Point::Quarter { .. } | Point::Decade(_) | Point::Century(_));
    let article = if takes_article && (is_within || moment.is_vague) { "the " } else { "" };
    let about = if moment.is_vague { "about " } else { "" };
    format!("{about}{article}{date}")
}

fn english_day(day: Day) -> String {
    format!("{} {} {}", day.day(), month_name(day.month()), english_year(day.year()))
}

/// Small numbers would not be taken for years.
fn english_year(year: u16) -> String {
    match year {
        // The year 0000 of EDTF is the one before the year 1.
        0 => "1 BC".to_owned(),
        1..=999 => format!("AD {year}"),
        _ => year.to_string(),
    }
}

fn ordinal(number: u16) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

fn month_name(month: u8) -> &'static str {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    nth(&MONTHS, month)
}

/// The name with a number from 1 on; parsing lets no other number in.
fn nth(names: &[&'static str], number: u8) -> &'static str {
    usize::from(number)
        .checked_sub(1)
        .and_then(|index| names.get(index))
        .copied()
        .unwrap_or_default()
}
