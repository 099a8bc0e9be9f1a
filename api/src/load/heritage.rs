//! World Heritage properties in Vietnam.

use serde::Deserialize;
use serde_json::json;

use super::countries::Countries;
use super::documents::Documents;
use super::form::{Claim, Link, Support, citations, exact, text};
use super::read::{self, Row};
use super::vocabularies::Terms;
use super::{LoadError, Put};
use crate::value::fold;

pub(super) const FILE: &str = "world_heritage_vn.csv";
const COLUMNS: [&str; 8] = [
    "whs_ref",
    "name_vi",
    "name_en",
    "year_inscribed",
    "later_decisions",
    "category",
    "country_iso2",
    "source",
];

#[derive(Debug, Deserialize)]
pub(super) struct Property {
    whs_ref: String,
    name_vi: String,
    name_en: String,
    year_inscribed: String,
    later_decisions: Option<String>,
    category: String,
    country_iso2: String,
    /// Address of the page that it was read on.
    pub(super) source: String,
}

pub(super) fn read(properties: &str) -> Result<Vec<Row<Property>>, LoadError> {
    let rows = read::rows::<Property>(FILE, properties, &COLUMNS)?;
    read::unique(&rows, "whs_ref", |row| Some(&row.whs_ref))?;
    Ok(rows)
}

/// The properties, each with its page, its countries and what was decided on it later.
pub(super) fn puts(
    rows: &[Row<Property>],
    countries: &Countries,
    documents: &Documents,
    terms: &Terms,
) -> Result<Vec<Put>, LoadError> {
    let mut puts = Vec::new();
    for Row { at, value: row } in rows {
        let key = format!("WHC:{}", row.whs_ref);
        let path = format!("whc:{}", row.whs_ref);
        let supports = [Support::new(documents.at(at, &row.source)?)];
        let year: i64 = read::number(at, "a year", read::year(at, &row.year_inscribed)?)?;
        puts.push(Put::new(
            "HeritageProperty",
            &*key,
            json!({
                "slug": fold::slug(&row.name_en),
                "names": [text("vi", &row.name_vi), text("en", &row.name_en)],
                "identifiers": [exact("WHC", &row.whs_ref)],
                "category": terms.reference(at, "heritage-category", &row.category)?,
                "inscriptionYear": year,
            }),
        ));
        puts.extend(citations(&key, &path, &supports));
        for code in row.country_iso2.split('|') {
            let link = format!("link:{path}/LOCATED_IN/{code}");
            let country = &countries.get(at, code)?.key;
            puts.push(Link::new(&key, "LOCATED_IN", country).put(&*link));
            puts.extend(citations(&link, &link, &supports));
        }
        for year in row.later_decisions.as_deref().unwrap_or_default().split_terminator('|') {
            let claim = format!("{path}/later-decision/{}", read::year(at, year)?);
            let value = json!({ "date": year });
            puts.push(Claim::new(&key, "LATER_DECISION", value).put(&*claim));
            puts.extend(citations(&claim, &claim, &supports));
        }
    }
    Ok(puts)
}
