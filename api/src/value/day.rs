//! Days of the calendar, `YYYY-MM-DD`.
use std::fmt;

/// A day that the Gregorian calendar has, in the years 0000 to 9999; before 1582 counted as if it had been in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl Day {
    pub const MIN: Day = Day { year: 0, month: 1, day: 1 };
    pub const MAX: Day = Day { year: 9999, month: 12, day: 31 };

    /// `None` for a day that there is not, such as 29 February 2021.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Day> {
        let is_real = year <= 9999 && day >= 1 && day <= days_in(year, month);
        is_real.then_some(Day { year, month, day })
    }

    /// Takes `YYYY-MM-DD` and nothing else.
    pub fn parse(text: &str) -> Option<Day> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || year.len() != 4 {
            return None;
        }
        Day::new(number(year)?, two_digits(month)?, two_digits(day)?)
    }

    pub fn year(self) -> u16 {
        self.year
    }

    pub fn month(self) -> u8 {
        self.month
    }

    pub fn day(self) -> u8 {
        self.day
    }
}

/// As [`Day::parse`] reads it.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Whether the text is a day, as [`Day::parse`] takes it.
pub fn is_valid(text: &str) -> bool {
    Day::parse(text).is_some()
}

/// Days of a month; 0 for a month that there is not.
pub(super) fn days_in(year: u16, month: u8) -> u8 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    }
}

/// Digits only: `u16::from_str` would take a plus sign.
pub(super) fn number(digits: &str) -> Option<u16> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}

pub(super) fn two_digits(digits: &str) -> Option<u8> {
    if digits.len() != 2 {
        return None;
    }
    u8::try_from(number(digits)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar_parse() {
        for text in
            ["0000-01-01", "2019-10-30", "2020-02-29", "2000-02-29", "0000-02-29", "9999-12-31"]
        {
            assert_eq!(Day::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_texts_do_not() {
        let texts = [
            "",
            "-",
            "--",
            "2019",
            "2019-10",
            "2019-10-30-",
            "2021-02-29",
            "1900-02-29",
            "2019-04-31",
            "2019-00-01",
            "2019-13-01",
            "2019-01-00",
            "2019-1-01",
            "2019-01-1",
            "02019-01-01",
            "+019-01-01",
            "2019-+1-01",
            "２０１９-01-01",
            "2019-01-01T00:00",
            " 2019-01-01",
            "-2019-01-01",
        ];
        for text in texts {
            assert!(!is_valid(text), "{text}");
        }
    }

    #[test]
    fn days_have_the_order_of_their_texts() {
        let days = ["0999-12-31", "1000-01-01", "2019-09-30", "2019-10-01", "2019-10-30"];

        assert!(days.map(|text| Day::parse(text).unwrap()).is_sorted());
        assert!(days.is_sorted());
    }
}
