//! Countries, from ISO 3166-1 and CLDR.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::form::{alternate, exact, text, to};
use super::read::{self, Row};
use super::{LoadError, Place, Put};
use crate::value::fold;

pub(super) const FILE: &str = "countries.csv";
const COLUMNS: [&str; 9] = [
    "iso2",
    "iso3",
    "iso_numeric",
    "name_en",
    "name_vi",
    "alt_names_vi",
    "continent",
    "capital_en",
    "geonames_id",
];

#[derive(Debug, Deserialize)]
struct CountryRow {
    iso2: String,
    iso3: String,
    iso_numeric: Option<String>,
    name_en: String,
    name_vi: Option<String>,
    alt_names_vi: Option<String>,
    continent: Option<String>,
    capital_en: Option<String>,
    geonames_id: Option<String>,
}

pub(super) struct Countries {
    pub(super) puts: Vec<Put>,
    by_code: BTreeMap<String, Country>,
}

pub(super) struct Country {
    pub(super) key: String,
    pub(super) slug: String,
    pub(super) at: Place,
    /// Code of the continent, as `GeoNames` has it.
    pub(super) continent: Option<String>,
    /// Name of the capital, as `GeoNames` has it.
    capital: Option<String>,
    pub(super) geonames_id: Option<String>,
}

impl Countries {
    pub(super) fn read(countries: &str) -> Result<Self, LoadError> {
        let mut puts = Vec::new();
        let mut by_code = BTreeMap::new();
        let rows = read::rows::<CountryRow>(FILE, countries, &COLUMNS)?;
        read::unique(&rows, "iso2", |row| Some(&row.iso2))?;
        for Row { at, value: row } in rows {
            for (code, length) in [(&row.iso2, 2), (&row.iso3, 3)] {
                if code.len() != length || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
                    return Err(LoadError::unknown(
                        at,
                        format!("a code of {length} capital letters"),
                        code,
                    ));
                }
            }
            let country = Country {
                key: format!("ISO_3166_1_ALPHA_2:{}", row.iso2),
                slug: fold::slug(&row.name_en),
                at,
                continent: row.continent.clone(),
                capital: row.capital_en.clone(),
                geonames_id: row.geonames_id.clone(),
            };
            puts.push(put(&row, &country));
            by_code.insert(row.iso2, country);
        }
        Ok(Self { puts, by_code })
    }

    pub(super) fn get(&self, at: &Place, code: &str) -> Result<&Country, LoadError> {
        self.by_code
            .get(code)
            .ok_or_else(|| LoadError::unknown(at.clone(), format!("an iso2 of {FILE}"), code))
    }

    /// Says which of the cities are capitals. The file has names alone, so only where exactly one city of the country bears
    /// the name, as its own or as another that it has everywhere: any other choice would be a guess.
    pub(super) fn set_capitals(&mut self, cities: &[Put]) {
        let mut by_name: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for city in cities.iter().filter(|put| put.record_type == "City") {
            let Some(country) = city.fields.get("country").and_then(|it| it["key"].as_str()) else {
                continue;
            };
            let names = ["names", "alternateNames"].map(|field| city.fields.get(field));
            for name in names.into_iter().flatten().filter_map(Value::as_array).flatten() {
                let is_global = name["scope"].as_str().is_none_or(|scope| scope == "GLOBAL");
                if let Some(name) = name["value"].as_str().filter(|_| is_global) {
                    by_name.entry((country, name)).or_default().insert(&city.key);
                }
            }
        }
        for put in &mut self.puts {
            let country = self.by_code.values().find(|country| country.key == put.key);
            let capital = country.and_then(|country| country.capital.as_deref());
            let cities = capital.and_then(|capital| by_name.get(&(&*put.key, capital)));
            if let Some(cities) = cities.filter(|cities| cities.len() == 1) {
                put.fields.extend(cities.iter().map(|key| ("capital".to_owned(), to(key))));
            }
        }
    }

    /// With their codes, in the order of these.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Country)> {
        self.by_code.iter().map(|(code, country)| (code.as_str(), country))
    }

    pub(super) fn reference(&self, at: &Place, code: &str) -> Result<Value, LoadError> {
        self.get(at, code).map(|country| to(&country.key))
    }
}

fn put(row: &CountryRow, country: &Country) -> Put {
    let names = [Some(text("en", &row.name_en)), row.name_vi.as_ref().map(|name| text("vi", name))];
    let others = row
        .alt_names_vi
        .as_ref()
        .map(|names| names.split('|').map(|name| alternate("vi", name)).collect());
    let identifiers = [
        Some(exact("ISO_3166_1_ALPHA_2", &row.iso2)),
        Some(exact("ISO_3166_1_ALPHA_3", &row.iso3)),
        row.geonames_id.as_ref().map(|id| exact("GEONAMES", id)),
    ];
    Put::new(
        "Country",
        &*country.key,
        json!({
            "slug": country.slug,
            "names": names.into_iter().flatten().collect::<Value>(),
            "alternateNames": others.map(Value::Array),
            "identifiers": identifiers.into_iter().flatten().collect::<Value>(),
            "alpha2Code": row.iso2,
            "alpha3Code": row.iso3,
            "numericCode": row.iso_numeric,
        }),
    )
}
