//! The fields of a membership in the order of time.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::facts::{self, FactValue};
use super::super::form::{Support, citations, to};
use super::super::network::FIELDS;
use super::super::read::{self, Row};
use super::super::represented::Represented;
use super::super::{LoadError, Place, Put};
use super::{Context, Joined};

const FILE: &str = "uccn_field_history.csv";
const COLUMNS: [&str; 5] = ["slug", "field", "from_year", "to_year", "source"];

#[derive(Debug, Deserialize)]
pub(super) struct Change {
    pub(super) slug: String,
    pub(super) field: String,
    pub(super) from_year: String,
    pub(super) to_year: Option<String>,
    source: String,
}

struct Period<'a> {
    field: &'a str,
    term: Value,
    from: &'a str,
    until: Option<&'a str>,
    modality: &'static str,
    supports: Vec<Support>,
}

pub(super) fn read(history: &str, context: &Context<'_>) -> Result<Vec<Row<Change>>, LoadError> {
    let rows = read::rows::<Change>(FILE, history, &COLUMNS)?;
    for Row { at, value: row } in &rows {
        context.cities.of_member(at, &row.slug)?;
        read::year(at, &row.from_year)?;
        row.to_year.as_ref().map(|year| read::year(at, year)).transpose()?;
    }
    Ok(rows)
}

/// The changes of field that are known, else the field of the member from its first year on.
pub(super) fn puts(
    context: &Context<'_>,
    joined: &Joined<'_>,
    represented: &mut Represented,
) -> Result<Vec<Put>, LoadError> {
    let mut periods = Vec::new();
    for Row { at, value: change } in &joined.changes {
        periods.push(Period {
            field: &change.field,
            term: context.terms.reference(at, FIELDS, &change.field)?,
            from: &change.from_year,
            until: change.to_year.as_deref(),
            modality: "STATED",
            supports: context.supports(at, &change.source)?,
        });
    }
    match (&joined.member.field, periods.last()) {
        (Some(field), None) => periods.push(whole(context, joined, field)?),
        (field, Some(last)) if field.as_deref() != Some(last.field) => {
            let expected = format!("{}, the last field in {FILE}", last.field);
            return Err(LoadError::unknown(
                joined.at.clone(),
                expected,
                field.as_deref().unwrap_or_default(),
            ));
        }
        _ => {}
    }
    add_external(context, joined, &mut periods, represented)?;
    let mut puts = Vec::new();
    for (number, period) in (1..).zip(periods) {
        let key = joined.field_key(number);
        puts.push(Put::new(
            "FieldPeriod",
            &*key,
            json!({
                "membership": to(&joined.key),
                "field": period.term,
                "startDate": period.from,
                "endDate": period.until,
                "modality": period.modality,
                "rank": "NORMAL",
            }),
        ));
        puts.extend(citations(&key, &key, &period.supports));
    }
    Ok(puts)
}

fn whole<'a>(
    context: &Context<'_>,
    joined: &Joined<'a>,
    field: &'a str,
) -> Result<Period<'a>, LoadError> {
    let (modality, words) = joined.basis;
    let mut supports = joined.supports.clone();
    if modality == "INFERRED" {
        supports.iter_mut().for_each(|support| support.note = Some(words.to_owned()));
    }
    let term = context.terms.reference(joined.at, FIELDS, field)?;
    Ok(Period {
        field,
        term,
        from: &joined.member.year_designated,
        until: None,
        modality,
        supports,
    })
}

/// What other sources say of the latest field.
fn add_external(
    context: &Context<'_>,
    joined: &Joined<'_>,
    periods: &mut [Period<'_>],
    represented: &mut Represented,
) -> Result<(), LoadError> {
    let Some(entity) = joined.entity else { return Ok(()) };
    for statement in context.facts.external_of(&entity.id, "creativeField") {
        let at = Place::item(facts::FILE, &statement.id);
        let FactValue::Term { vocabulary, id } = &statement.value else {
            return Err(LoadError::unexpected(at, "a term", "another value"));
        };
        let said = context.terms.reference(&at, vocabulary, id)?;
        let key = joined.field_key(periods.len());
        let Some(period) = periods.last_mut().filter(|period| period.term == said) else {
            return Err(LoadError::unknown(at, format!("the field in {}", super::FILE), id));
        };
        represented.add(&statement.id, &*key);
        for support in context.quotes(statement)? {
            represented.add(&statement.id, support.key(&key));
            support.join(&mut period.supports);
        }
    }
    Ok(())
}

impl Joined<'_> {
    /// From 1, in the order of time.
    fn field_key(&self, number: usize) -> String {
        format!("{}/field/{number}", self.path)
    }
}
