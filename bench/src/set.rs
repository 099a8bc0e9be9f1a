//! The data set: made by arithmetic and md5 alone, so that every run has the same rows. The whole set has 2,000 cities,
//! 20,000 officials, 40,000 initiatives, 10,000 challenges, 80,000 links between these and 5,000 memberships.
use md5::{Digest, Md5};

/// How large a set is; all else follows from the cities.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) cities: u64,
}

pub(crate) struct City {
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) country: String,
    pub(crate) population: u64,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) summary: String,
}

pub(crate) struct Official {
    pub(crate) city: u64,
    pub(crate) name: String,
}

pub(crate) struct Initiative {
    pub(crate) city: u64,
    pub(crate) title: String,
    pub(crate) status: &'static str,
    pub(crate) starts_on: String,
    pub(crate) ends_on: Option<String>,
    pub(crate) summary: String,
    /// Numbers of the challenges that it answers.
    pub(crate) challenges: Vec<u64>,
}

pub(crate) struct Challenge {
    pub(crate) title: String,
    pub(crate) description: String,
}

pub(crate) struct Membership {
    pub(crate) city: u64,
    pub(crate) field: &'static str,
    pub(crate) joined_year: u64,
    pub(crate) status: &'static str,
}

/// Titles of positions; all officials of a city have the same one.
pub(crate) const POSITIONS: [&str; 5] =
    ["Mayor", "Deputy mayor", "Head of culture", "Focal point", "Adviser"];
pub(crate) const STATUSES: [&str; 4] = ["active", "planned", "completed", "paused"];
pub(crate) const FIELDS: [&str; 7] =
    ["literature", "music", "film", "design", "gastronomy", "crafts", "media-arts"];
pub(crate) const MEMBER_STATUSES: [&str; 3] = ["member", "candidate", "lapsed"];

impl Size {
    pub(crate) fn officials(self) -> u64 {
        self.cities * 10
    }

    pub(crate) fn initiatives(self) -> u64 {
        self.cities * 20
    }

    pub(crate) fn challenges(self) -> u64 {
        self.cities * 5
    }

    pub(crate) fn memberships(self) -> u64 {
        self.cities * 5 / 2
    }

    /// The city, from 1, of what is dealt out to the cities in turn.
    fn city_of(self, number: u64) -> u64 {
        (number - 1) % self.cities + 1
    }

    pub(crate) fn official(self, number: u64) -> Official {
        let name = format!("Official {}", hex(&format!("o{number}"), 10));
        Official { city: self.city_of(number), name }
    }

    /// Three cities in five have an active one.
    pub(crate) fn initiative(self, number: u64) -> Initiative {
        let city = self.city_of(number);
        let round = (number - 1) / self.cities;
        let status = match city / 20 % 5 < 3 && round % 4 == 1 {
            true => "active",
            false => STATUSES[1 + pick(number, 3)],
        };
        let links = [5, 1, 1, 2, 1][pick(number / 3, 5)];
        let challenge = |k: u64| 1 + (number * 37 + k * 1009) % self.challenges();
        Initiative {
            city,
            title: format!("Initiative {}", hex(&format!("t{number}"), 16)),
            status,
            starts_on: day(2018, number % 2500),
            ends_on: (!number.is_multiple_of(3)).then(|| day(2026, number % 900)),
            summary: format!("What it does: {}", hashes(["s", "u", "v"], number)),
            challenges: (1..=links).map(challenge).collect(),
        }
    }

    pub(crate) fn membership(self, number: u64) -> Membership {
        Membership {
            city: number * 7 % self.cities + 1,
            field: FIELDS[pick(number, 7)],
            joined_year: 2004 + number % 21,
            status: MEMBER_STATUSES[pick(number, 3)],
        }
    }
}

pub(crate) fn city(number: u64) -> City {
    let stem: String = hex(&format!("name{number}"), 7).chars().map(letter).collect();
    let name = format!("{}{} {number}", stem[..1].to_uppercase(), &stem[1..]);
    City {
        slug: format!("city-{number}-{}", hex(&format!("slug{number}"), 6)),
        name,
        country: country(number % 20),
        population: 20_000 + number * 1_299_709 % 4_999_999,
        latitude: thousandths(number * 104_729 % 180_000) - 90.0,
        longitude: thousandths(number * 224_737 % 360_000) - 180.0,
        summary: format!("Summary of city {number}: {}", hashes(["a", "b", "c", "d"], number)),
    }
}

pub(crate) fn challenge(number: u64) -> Challenge {
    Challenge {
        title: format!("Challenge {}", hex(&format!("h{number}"), 14)),
        description: format!("Why it matters: {}", hashes(["x", "y"], number)),
    }
}

/// The code of one of the twenty countries.
pub(crate) fn country(number: u64) -> String {
    let letter = |n: u64| char::from(b'A' + u8::try_from(n % 26).unwrap_or_default());
    format!("{}{}", letter(number), letter(number * 7))
}

fn pick(number: u64, of: u64) -> usize {
    usize::try_from(number % of).unwrap_or_default()
}

fn thousandths(number: u64) -> f64 {
    u32::try_from(number).map_or(0.0, |number| f64::from(number) / 1000.0)
}

/// A day so many days after the first of January.
fn day(year: i32, days: u64) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
    (first + chrono::Days::new(days)).to_string()
}

/// Digits of a hash as letters, so that it reads like a name.
fn letter(hex: char) -> char {
    hex.to_digit(10)
        .and_then(|digit| "aeioulmnrt".chars().nth(usize::try_from(digit).ok()?))
        .unwrap_or(hex)
}

/// The first digits of a text's hash.
fn hex(text: &str, digits: usize) -> String {
    let mut hex: String = Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    hex.truncate(digits);
    hex
}

fn hashes<const N: usize>(stems: [&str; N], number: u64) -> String {
    stems.map(|stem| hex(&format!("{stem}{number}"), 32)).join(" ")
}
