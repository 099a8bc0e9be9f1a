//! Cities: those of `GeoNames`, with what the network and the article say of them, and members that `GeoNames` lacks.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::countries::Countries;
use super::facts::{Entity, Facts};
use super::form::{Claim, Support, alternate, exact, near, text, to};
use super::members::{self, Member};
use super::origins::{GEONAMES, geonames};
use super::read::{self, Row};
use super::slug::{self, Candidate};
use super::{Files, LoadError, Place, Put, entities};
use crate::value::fold;

pub(super) const FILE: &str = "cities.csv";
const COLUMNS: [&str; 8] =
    ["geonames_id", "name", "country_iso2", "admin1_code", "lat", "lon", "population", "timezone"];
const NAMES_FILE: &str = "city_names.csv";
const NAMES_COLUMNS: [&str; 3] = ["geonames_id", "name", "lang"];

/// Members that are a district, a province or a metropolis, while the place in `GeoNames` is a town in it: the nearest
/// fitting place, not the same. Other differences of name, as Slemani and Sulaymaniyah, are two spellings of one city.
const NEAR: [&str; 6] =
    ["hatay", "buffalo-city", "umngeni-howick", "overstrand-hermanus", "al-ahsa", "shunde"];

#[derive(Debug, Deserialize)]
struct CityRow {
    geonames_id: String,
    name: String,
    country_iso2: String,
    lat: String,
    lon: String,
    population: String,
    timezone: Option<String>,
}

#[derive(Debug, Deserialize)]
struct NameRow {
    geonames_id: String,
    name: String,
    lang: String,
}

pub(super) struct Cities {
    pub(super) puts: Vec<Put>,
    /// By the member's slug in `uccn_members.csv`.
    by_member: BTreeMap<String, City>,
}

/// What a membership needs of its city.
pub(super) struct City {
    pub(super) key: String,
    pub(super) slug: String,
    pub(super) vi: String,
    pub(super) en: String,
}

/// Where a city is found: in one of the first two at least.
#[derive(Clone, Copy)]
struct Found<'a> {
    at: &'a Place,
    row: Option<&'a CityRow>,
    member: Option<&'a Member>,
    entity: Option<&'a Entity>,
}

/// A city and all that the files say of it.
struct Draft<'a> {
    found: Found<'a>,
    /// Language and name, the main one first.
    names: Vec<(&'a str, String)>,
    others: Vec<Value>,
    country: Option<(&'a str, &'a str)>,
    population: u64,
}

impl Cities {
    pub(super) fn read(
        files: &Files<'_>,
        members: &[Row<Member>],
        countries: &Countries,
        facts: &Facts,
    ) -> Result<Self, LoadError> {
        let rows = read::rows::<CityRow>(FILE, files.cities, &COLUMNS)?;
        read::unique(&rows, "geonames_id", |row| Some(&row.geonames_id))?;
        rows.iter().try_for_each(|row| {
            read::number::<u64>(&row.at, "a number as id", &row.value.geonames_id).map(|_| ())
        })?;
        let names = read::rows(NAMES_FILE, files.city_names, &NAMES_COLUMNS)?;
        let names = names_by_city(&rows, names)?;
        let entities = entities_by_city(facts)?;
        let with_id =
            members.iter().filter_map(|row| Some((row.value.geonames_id.as_deref()?, &row.value)));
        let mut by_city: BTreeMap<&str, &Member> = with_id.collect();
        let mut drafts = Vec::with_capacity(rows.len() + 8);
        for Row { at, value: row } in &rows {
            let id = row.geonames_id.as_str();
            let (member, entity) = (by_city.remove(id), entities.get(id).copied());
            let found = Found { at, row: Some(row), member, entity };
            let others = names.get(id).map_or(&[][..], Vec::as_slice);
            drafts.push(Draft::new(found, others, countries)?);
        }
        for Row { at, value: member } in members {
            match &member.geonames_id {
                Some(id) if by_city.contains_key(id.as_str()) => {
                    return Err(unknown_id(at, id));
                }
                Some(_) => {}
                None => {
                    let found = Found { at, row: None, member: Some(member), entity: None };
                    drafts.push(Draft::new(found, &[], countries)?);
                }
            }
        }
        Self::from_drafts(&drafts, facts)
    }

    pub(super) fn of_member(&self, at: &Place, slug: &str) -> Result<&City, LoadError> {
        let city = self.by_member.get(slug);
        city.ok_or_else(|| {
            LoadError::unknown(at.clone(), format!("a slug of {}", members::FILE), slug)
        })
    }

    fn from_drafts(drafts: &[Draft<'_>], facts: &Facts) -> Result<Self, LoadError> {
        let candidates: Vec<Candidate<'_>> = drafts.iter().map(Draft::candidate).collect();
        let former: Vec<&str> = drafts.iter().filter_map(Draft::former_slug).collect();
        let slugs = slug::share_out(&candidates, &former);
        let mut cities =
            Self { puts: Vec::with_capacity(drafts.len() * 3), by_member: BTreeMap::new() };
        let mut claims = Vec::with_capacity(drafts.len() * 2);
        for (draft, slug) in drafts.iter().zip(slugs) {
            let put = draft.put(&slug, facts)?;
            claims.extend(draft.population_puts(&put.key));
            if let Some(member) = draft.found.member {
                let (key, vi, en) = (put.key.clone(), draft.name("vi"), draft.name("en"));
                cities.by_member.insert(member.slug.clone(), City { key, slug, vi, en });
            }
            cities.puts.push(put);
        }
        cities.puts.append(&mut claims);
        Ok(cities)
    }
}

fn names_by_city(
    rows: &[Row<CityRow>],
    names: Vec<Row<NameRow>>,
) -> Result<BTreeMap<&str, Vec<NameRow>>, LoadError> {
    let mut by_city: BTreeMap<&str, Vec<NameRow>> =
        rows.iter().map(|row| (row.value.geonames_id.as_str(), Vec::new())).collect();
    for Row { at, value: name } in names {
        if !matches!(&*name.lang, "vi" | "und") {
            return Err(LoadError::unknown(at, "the language vi or und", &name.lang));
        }
        match by_city.get_mut(name.geonames_id.as_str()) {
            Some(names) => names.push(name),
            None => return Err(unknown_id(&at, &name.geonames_id)),
        }
    }
    Ok(by_city)
}

fn unknown_id(at: &Place, id: &str) -> LoadError {
    LoadError::unknown(at.clone(), format!("a geonames_id of {FILE}"), id)
}

fn entities_by_city(facts: &Facts) -> Result<BTreeMap<&str, &Entity>, LoadError> {
    let cities =
        facts.entities.iter().filter(|entity| entities::record_type(&entity.kind) == Some("City"));
    cities.map(|entity| Ok((entities::geonames_id(facts, &entity.id)?, entity))).collect()
}

impl<'a> Draft<'a> {
    fn new(
        found: Found<'a>,
        other_names: &[NameRow],
        countries: &'a Countries,
    ) -> Result<Self, LoadError> {
        let Found { at, row, member, entity } = found;
        let code = row
            .map(|row| &row.country_iso2)
            .or(member.and_then(|member| member.country_iso2.as_ref()));
        let country = code.map(|code| countries.get(at, code)).transpose()?;
        if let (Some(row), Some(Some(code))) = (row, member.map(|member| &member.country_iso2))
            && row.country_iso2 != *code
        {
            return Err(LoadError::unknown(
                at.clone(),
                format!("{code}, its country as a member"),
                &row.country_iso2,
            ));
        }
        let population =
            row.map_or(Ok(0), |row| read::number(at, "a number of persons", &row.population))?;
        let is_vietnamese = code.is_some_and(|code| code == "VN");
        let others: Vec<(&str, String)> = other_names
            .iter()
            .map(|name| (if name.lang == "vi" { "vi" } else { "und" }, name))
            .map(|(lang, name)| (lang, with_d(&name.name, is_vietnamese || lang == "vi")))
            .collect();
        let main = row.map(|row| with_d(&row.name, is_vietnamese));
        let vi = match (entity, member.and_then(|member| member.name_vi.as_ref())) {
            (Some(entity), _) => Some(entity.label.vi.clone()),
            (None, Some(name)) => Some(name.clone()),
            _ if is_vietnamese => main.as_ref().and_then(|main| vietnamese(main, &others)),
            _ => None,
        };
        let en = entity.map(|entity| &entity.label.en).or(member.map(|member| &member.name_en));
        let mut names: Vec<(&str, String)> = Vec::new();
        names.extend(vi.map(|name| ("vi", name)));
        names.extend(en.map(|name| ("en", name.clone())));
        if names.is_empty() {
            names.extend(main.clone().map(|name| ("und", name)));
        }
        let others = other_values(entity, &names, main, others);
        let country = country.map(|country| (&*country.key, &*country.slug));
        Ok(Self { found, names, others, country, population })
    }

    fn candidate(&self) -> Candidate<'_> {
        let country = self.country.map(|(_, slug)| slug);
        let wanted = match (self.found.entity, self.found.member) {
            (Some(entity), _) => entities::slug(&entity.id).to_owned(),
            // UNESCO numbers its second Granada; a number says nothing.
            (None, Some(member)) if member.has_numbered_slug() => match country {
                Some(country) => format!("{}-{country}", fold::slug(&member.name_en)),
                None => fold::slug(&member.name_en),
            },
            (None, Some(member)) => member.slug.clone(),
            (None, None) => {
                self.names.first().map_or_else(String::new, |(_, name)| fold::slug(name))
            }
        };
        let id = match (self.found.row, self.found.member) {
            (Some(row), _) => row.geonames_id.clone(),
            (None, member) => {
                member.map_or_else(String::new, |member| format!("uccn-{}", member.slug))
            }
        };
        let id = if wanted.is_empty() { format!("geonames-{id}") } else { id };
        Candidate {
            wanted,
            country,
            id,
            population: self.population,
            is_member: self.found.member.is_some(),
        }
    }

    /// The network's slug of a city that the article calls otherwise; it leads to the city too.
    fn former_slug(&self) -> Option<&'a str> {
        let (entity, member) = (self.found.entity?, self.found.member?);
        (entities::slug(&entity.id) != member.slug).then_some(&*member.slug)
    }

    fn put(&self, slug: &str, facts: &Facts) -> Result<Put, LoadError> {
        let mut identifiers = Vec::new();
        if let Some(row) = self.found.row {
            let is_near = self.found.member.is_some_and(|member| NEAR.contains(&&*member.slug));
            let identifier = if is_near { near } else { exact };
            identifiers.push(identifier("GEONAMES", &row.geonames_id));
        }
        identifiers.extend(self.found.member.map(|member| exact("UCCN", member.page_slug())));
        if let Some(entity) = self.found.entity {
            identifiers.push(exact("SEED", &entity.id));
            let elsewhere =
                entities::identifiers(facts, &entity.id).filter(|(scheme, _)| scheme != "GEONAMES");
            identifiers.extend(elsewhere.map(|(scheme, value)| exact(&scheme, value)));
        }
        let geo = self.found.row.map(|row| {
            let latitude = read::degrees(self.found.at, 90.0, &row.lat)?;
            let longitude = read::degrees(self.found.at, 180.0, &row.lon)?;
            Ok(json!({ "latitude": latitude, "longitude": longitude }))
        });
        let key = match (self.found.row, self.found.member) {
            (Some(row), _) => format!("GEONAMES:{}", row.geonames_id),
            (None, member) => format!("UCCN:{}", member.map_or("", Member::page_slug)),
        };
        Ok(Put::new(
            "City",
            key,
            json!({
                "slug": slug,
                "formerSlugs": self.former_slug().map(|slug| [slug]),
                "names": self.names.iter().map(|(lang, name)| text(lang, name)).collect::<Value>(),
                "alternateNames": self.others,
                "identifiers": identifiers,
                "country": self.country.map(|(key, _)| to(key)),
                "geo": geo.transpose()?,
                "timeZone": self.found.row.and_then(|row| row.timezone.as_ref()),
            }),
        ))
    }

    /// Nothing when `GeoNames` has 0, which means that it does not know.
    fn population_puts(&self, city: &str) -> Vec<Put> {
        let Some(row) = self.found.row.filter(|_| self.population > 0) else { return Vec::new() };
        let is_near = self.found.member.filter(|member| NEAR.contains(&&*member.slug));
        let note = is_near.map(|member| {
            format!("Of {}, the place in GeoNames nearest to {}.", row.name, member.name_en)
        });
        let key = format!("geonames:{}/population", row.geonames_id);
        let amount = json!({ "quantity": { "amount": self.population.to_string() } });
        let claim = Claim {
            asserted_by: Some(GEONAMES.organization),
            note: note.as_deref(),
            ..Claim::new(city, "POPULATION", amount)
        };
        let support = Support::new(&geonames(&row.geonames_id));
        vec![claim.put(&*key), support.put(&key, support.key(&key))]
    }

    /// The name in a language, or else the main one.
    fn name(&self, lang: &str) -> String {
        let name = self.names.iter().find(|(other, _)| *other == lang).or(self.names.first());
        name.map_or_else(String::new, |(_, name)| name.clone())
    }
}

/// The other names in the order of their trust: the article's, `GeoNames`' main one, its further ones; none twice.
fn other_values(
    entity: Option<&Entity>,
    names: &[(&str, String)],
    main: Option<String>,
    others: Vec<(&'static str, String)>,
) -> Vec<Value> {
    let mut values = entity.map(entities::alternate_names).unwrap_or_default();
    let aliases = values.iter().filter_map(|value| value["value"].as_str().map(str::to_owned));
    let mut seen: BTreeSet<String> =
        names.iter().map(|(_, name)| name.clone()).chain(aliases).collect();
    for (lang, name) in main.map(|name| ("und", name)).into_iter().chain(others) {
        if !seen.contains(&name) {
            values.push(alternate(lang, &name));
            seen.insert(name);
        }
    }
    values
}

/// `GeoNames` writes some Vietnamese names with the Icelandic letter.
fn with_d(name: &str, is_vietnamese: bool) -> String {
    if is_vietnamese { name.replace('Ð', "Đ").replace('ð', "đ") } else { name.to_owned() }
}

/// The Vietnamese form of a city's main name: the same letters among the names marked as Vietnamese, or the name itself
/// where its own marks tell. "Nha Trang" and "Long Bien" do not: without marks, nothing says which of them lacks some.
fn vietnamese(main: &str, others: &[(&str, String)]) -> Option<String> {
    let letters = |name: &str| fold::slug(name).replace('-', "");
    let mut same =
        others.iter().filter(|(lang, name)| *lang == "vi" && letters(name) == letters(main));
    let first = same.clone().next();
    if let Some((_, name)) = same.find(|(_, name)| name == main).or(first) {
        return Some(name.clone());
    }
    let has_marks = main.chars().any(|c| c.is_alphabetic() && !c.is_ascii());
    // "Cẩm Phả Mines": no Vietnamese syllable ends in s.
    let ends = |word: &str| {
        fold::slug(word)
            .ends_with(['a', 'c', 'e', 'g', 'h', 'i', 'm', 'n', 'o', 'p', 't', 'u', 'y'])
    };
    (has_marks && main.split_whitespace().all(ends)).then(|| main.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_vietnamese_where_its_marks_or_another_name_tell() {
        let others = [("vi", "Hải Phòng".to_owned()), ("und", "Nha Tràng".to_owned())];

        assert_eq!(vietnamese("Haiphong", &others).as_deref(), Some("Hải Phòng"));
        assert_eq!(vietnamese("Vũng Tàu", &others).as_deref(), Some("Vũng Tàu"));
        assert_eq!(vietnamese("Ea Drăng", &others).as_deref(), Some("Ea Drăng"));
        assert_eq!(vietnamese("Nha Trang", &others), None);
        assert_eq!(vietnamese("Ea T’ling", &others), None);
        assert_eq!(vietnamese("Cẩm Phả Mines", &others), None);
    }
}
