//! Continents and regions of the world, and the countries in them. Two sources divide the world differently: which
//! continent a country lies in is what `GeoNames` says, the smaller regions are those of the UN as CLDR has them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::countries::Countries;
use super::facts::Facts;
use super::form::{Cited, Link, Support, exact, near, text, to};
use super::origins::{cldr, geonames};
use super::read::{self, Row};
use super::vocabularies::Terms;
use super::{LoadError, Place, Put, entities};
use crate::value::fold;

pub(super) const FILE: &str = "regions.csv";
const COLUMNS: [&str; 7] =
    ["code", "kind", "continent", "name_en", "name_vi", "contained_in", "countries"];
/// Vocabulary of their kinds.
pub(super) const KINDS: &str = "region-kind";
/// Regions that the article names: it calls them as it does, and gives the key.
const OF_THE_ARTICLE: [(&str, &str); 1] = [("035", "place/dong-nam-a")];

#[derive(Debug, Deserialize)]
struct RegionRow {
    /// UN M49.
    code: String,
    kind: String,
    /// Of a continent: code in `countries.csv`.
    continent: Option<String>,
    name_en: String,
    name_vi: String,
    contained_in: Option<String>,
    countries: Option<String>,
}

/// The code of a region of the world that the article names.
pub(super) fn code_of(entity: &str) -> Option<&'static str> {
    OF_THE_ARTICLE.iter().find(|(_, id)| *id == entity).map(|(code, _)| *code)
}

fn key(row: &RegionRow) -> String {
    match (&row.continent, OF_THE_ARTICLE.iter().find(|(code, _)| *code == row.code)) {
        (_, Some((_, id))) => format!("SEED:{id}"),
        (Some(continent), None) => format!("continent:{continent}"),
        (None, None) => format!("UN_M49:{}", row.code),
    }
}

/// The regions, and links from the countries in them.
pub(super) fn puts(
    regions: &str,
    countries: &Countries,
    terms: &Terms,
    facts: &Facts,
) -> Result<Vec<Put>, LoadError> {
    let rows = read::rows::<RegionRow>(FILE, regions, &COLUMNS)?;
    read::unique(&rows, "code", |row| Some(&row.code))?;
    read::unique(&rows, "continent", |row| row.continent.as_ref())?;
    let mut keys: BTreeMap<&str, String> = BTreeMap::new();
    let mut puts = Vec::new();
    for Row { at, value: row } in &rows {
        let outer = row.contained_in.as_ref().map(|code| {
            let key = keys.get(code.as_str());
            key.ok_or_else(|| LoadError::unknown(at.clone(), "the code of an earlier row", code))
        });
        let outer = outer.transpose()?.map(|key| to(key));
        let key = key(row);
        puts.push(put(at, row, &key, outer, terms, facts)?);
        let cited = Support::new(&cldr(in_cldr(&row.code)));
        puts.push(cited.put(&key, cited.key(&format!("region:{}", row.code))));
        keys.insert(&row.code, key);
    }
    let continents: BTreeMap<&str, &Row<RegionRow>> =
        rows.iter().filter_map(|row| Some((row.value.continent.as_deref()?, row))).collect();
    for (code, country) in countries.iter() {
        let (Some(continent), Some(id)) = (&country.continent, &country.geonames_id) else {
            continue;
        };
        let row = continents.get(continent.as_str()).ok_or_else(|| {
            LoadError::unknown(country.at.clone(), format!("a continent of {FILE}"), continent)
        })?;
        located_in(
            &mut puts,
            (code, &country.key),
            (continent, &keys[&*row.value.code]),
            geonames(id),
        );
    }
    for Row { at, value: row } in &rows {
        for code in row.countries.as_deref().unwrap_or_default().split_whitespace() {
            let country = countries.get(at, code)?;
            let region = (&*row.code, &*keys[&*row.code]);
            located_in(&mut puts, (code, &country.key), region, cldr(in_cldr(&row.code)));
        }
    }
    Ok(puts)
}

/// What CLDR calls it. There Antarctica is a territory like those of ISO 3166-1, with their code, and no region.
fn in_cldr(code: &str) -> &str {
    if code == "010" { "AQ" } else { code }
}

fn put(
    at: &Place,
    row: &RegionRow,
    key: &str,
    outer: Option<Value>,
    terms: &Terms,
    facts: &Facts,
) -> Result<Put, LoadError> {
    // A continent has the countries that GeoNames gives it, which are not quite those of the UN.
    let m49 = if row.continent.is_some() { near } else { exact };
    let mut fields = json!({
        "slug": fold::slug(&row.name_en),
        "names": [text("en", &row.name_en), text("vi", &row.name_vi)],
        "identifiers": [m49("UN_M49", &row.code)],
        "kind": terms.reference(at, KINDS, &row.kind)?,
        "containedInRegion": outer,
    });
    if let Some((_, id)) = OF_THE_ARTICLE.iter().find(|(code, _)| *code == row.code) {
        let entity = facts.entity(at, id)?;
        fields["slug"] = entities::slug(id).into();
        fields["formerSlugs"] = json!([fold::slug(&row.name_en)]);
        fields["names"] = json!([text("vi", &entity.label.vi), text("en", &row.name_en)]);
        fields["alternateNames"] = entities::alternate_names(entity).into();
        fields["identifiers"] = json!([m49("UN_M49", &row.code), exact("SEED", id)]);
    }
    Ok(Put::new("Region", key, fields))
}

/// A link between two records, each by its short name and its key, with its source.
fn located_in(
    puts: &mut Vec<Put>,
    (country, country_key): (&str, &str),
    (region, region_key): (&str, &str),
    cited: Cited,
) {
    let key = format!("link:country/{country}/LOCATED_IN/{region}");
    puts.push(Link::new(country_key, "LOCATED_IN", region_key).put(&*key));
    let support = Support::new(&cited);
    puts.push(support.put(&key, support.key(&key)));
}
