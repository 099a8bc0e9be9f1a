//! Since when a city is a member, and the other values on which sources differ, each with its sources and rank.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::facts::{self, FactValue, Rank};
use super::super::form::{Claim, Support, citations, text};
use super::super::network::FIELDS;
use super::super::read::{self, Row};
use super::super::represented::Represented;
use super::super::{LoadError, Place, Put};
use super::{Context, Joined};

const FILE: &str = "uccn_conflicts.csv";
const COLUMNS: [&str; 6] = ["slug", "property", "value", "source", "rank", "reason"];

#[derive(Debug, Deserialize)]
pub(super) struct Conflict {
    pub(super) slug: String,
    property: Property,
    value: String,
    source: String,
    rank: Rank,
    reason: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Property {
    YearDesignated,
    Field,
    Country,
    NameEn,
}

/// A date on which a membership began, as some sources have it.
struct Start<'a> {
    date: &'a str,
    supports: Vec<Support>,
    modality: &'static str,
    rank: Rank,
    note: Option<&'a str>,
}

pub(super) fn read(
    conflicts: &str,
    context: &Context<'_>,
) -> Result<Vec<Row<Conflict>>, LoadError> {
    let rows = read::rows::<Conflict>(FILE, conflicts, &COLUMNS)?;
    rows.iter()
        .try_for_each(|row| context.cities.of_member(&row.at, &row.value.slug).map(|_| ()))?;
    Ok(rows)
}

pub(super) fn puts(
    context: &Context<'_>,
    joined: &Joined<'_>,
    represented: &mut Represented,
) -> Result<Vec<Put>, LoadError> {
    let (years, others): (Vec<_>, Vec<_>) =
        joined.conflicts.iter().partition(|row| row.value.property == Property::YearDesignated);
    let mut starts = starts(context, joined, &years)?;
    add_external(context, joined, &mut starts, represented)?;
    let mut puts = Vec::new();
    for start in &starts {
        let key = joined.start_key(start.date);
        let claim = Claim {
            modality: start.modality,
            rank: start.rank.as_str(),
            note: start.note,
            ..Claim::new(&joined.key, "START_DATE", json!({ "date": start.date }))
        };
        puts.push(claim.put(&*key));
        puts.extend(citations(&key, &key, &start.supports));
    }
    for row in others {
        puts.append(&mut other(context, joined, row)?);
    }
    Ok(puts)
}

/// The year of the member, or each year where sources differ; how it was found is in words beside it.
fn starts<'a>(
    context: &Context<'_>,
    joined: &Joined<'a>,
    conflicts: &[&'a Row<Conflict>],
) -> Result<Vec<Start<'a>>, LoadError> {
    let (modality, words) = joined.basis;
    let year = joined.member.year_designated.as_str();
    if conflicts.is_empty() {
        let supports = joined.supports.clone();
        return Ok(vec![Start {
            date: year,
            supports,
            modality,
            rank: Rank::Normal,
            note: Some(words),
        }]);
    }
    let mut starts = Vec::new();
    for Row { at, value: conflict } in conflicts {
        let date = read::year(at, &conflict.value)?;
        let is_of_member = date == year;
        let mut supports = context.supports(at, &conflict.source)?;
        if is_of_member {
            supports.iter_mut().for_each(|support| support.note = Some(words.to_owned()));
        }
        if (conflict.rank == Rank::Preferred) != is_of_member {
            return Err(LoadError::unexpected(
                at.clone(),
                format!("{year}, the year in {}, as the only preferred one", super::FILE),
                format!("{date}, {}", conflict.rank.as_str().to_lowercase()),
            ));
        }
        let modality = if is_of_member { modality } else { "STATED" };
        starts.push(Start {
            date,
            supports,
            modality,
            rank: conflict.rank,
            note: Some(&conflict.reason),
        });
    }
    Ok(starts)
}

/// What other sources say; those that say the same join the claim.
fn add_external<'a>(
    context: &'a Context<'_>,
    joined: &Joined<'a>,
    starts: &mut Vec<Start<'a>>,
    represented: &mut Represented,
) -> Result<(), LoadError> {
    let Some(entity) = joined.entity else { return Ok(()) };
    for statement in context.facts.external_of(&entity.id, "since") {
        let FactValue::Date { edtf } = &statement.value else {
            return Err(LoadError::unexpected(
                Place::item(facts::FILE, &statement.id),
                "a date",
                "another value",
            ));
        };
        let position = starts.iter().position(|start| start.date == edtf).unwrap_or_else(|| {
            starts.push(Start {
                date: edtf,
                supports: Vec::new(),
                modality: "STATED",
                rank: statement.rank,
                note: statement.note.as_deref(),
            });
            starts.len() - 1
        });
        let key = joined.start_key(edtf);
        represented.add(&statement.id, &*key);
        for support in context.quotes(statement)? {
            represented.add(&statement.id, support.key(&key));
            support.join(&mut starts[position].supports);
        }
    }
    Ok(())
}

/// A value of another property, of the membership or of the city.
fn other(
    context: &Context<'_>,
    joined: &Joined<'_>,
    Row { at, value: conflict }: &Row<Conflict>,
) -> Result<Vec<Put>, LoadError> {
    let value = conflict.value.as_str();
    let slug = &joined.member.slug;
    let (key, mut claim) = match conflict.property {
        Property::Country => {
            let country: Value = context.countries.reference(at, value)?;
            let claim = Claim::new(&joined.city.key, "COUNTRY", json!({ "record": country }));
            (format!("uccn-city:{slug}/country/{value}"), claim)
        }
        Property::NameEn => {
            let claim =
                Claim::new(&joined.city.key, "NAME", json!({ "text": [text("en", value)] }));
            (format!("uccn-city:{slug}/name/{value}"), claim)
        }
        Property::Field | Property::YearDesignated => {
            let term = context.terms.reference(at, FIELDS, value)?;
            let claim = Claim::new(&joined.key, "FIELD", json!({ "record": term }));
            (format!("{}/field-claim/{value}", joined.path), claim)
        }
    };
    let period = joined.changes.iter().map(|row| &row.value).find(|change| change.field == value);
    if let Some(change) = period.filter(|_| conflict.property == Property::Field) {
        claim.start_date = Some(&change.from_year);
        claim.end_date = change.to_year.as_deref();
    }
    claim.rank = conflict.rank.as_str();
    claim.note = Some(&conflict.reason);
    let mut puts = vec![claim.put(&*key)];
    puts.extend(citations(&key, &key, &context.supports(at, &conflict.source)?));
    Ok(puts)
}

impl Joined<'_> {
    fn start_key(&self, date: &str) -> String {
        format!("{}/start/{date}", self.path)
    }
}
