//! Conferences, who held them, and what was said there. What is said of a conference is not true of the one that it is
//! part of, and conferences with like names in English are not the same.

use serde_json::{Value, json};

use super::super::facts::{ExternalStatement, FactValue, Statement};
use super::super::form::{text, to, vi_en};
use super::super::{LoadError, Place, Put, entities, facts};
use super::Context;
use crate::value::fold;

/// Organizers that other sources name and the article does not: name, English name, kind.
const ORGANIZERS: [(&str, &str, &str); 1] =
    [("Bộ Ngoại giao", "Ministry of Foreign Affairs", "ministry")];
/// Kinds of presentations by the article's word.
const KINDS: [(&str, &str); 1] = [("tham luận", "conference-paper")];

/// Series, events and their organizers, and presentations.
pub(super) fn puts(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let mut puts = series(context)?;
    puts.append(&mut events(context)?);
    puts.append(&mut participations(context)?);
    puts.append(&mut presentations(context)?);
    Ok(puts)
}

/// The key of the series that a statement names; a series is nothing but its name.
pub(super) fn series_key(at: &Place, statement: &Statement) -> Result<String, LoadError> {
    match &statement.value {
        FactValue::Multilingual(words) => Ok(format!("event-series:{}", fold::slug(&words.vi))),
        _ => Err(LoadError::unexpected(at.clone(), "the name of a series", "another value")),
    }
}

fn series(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let mut puts: Vec<Put> = Vec::new();
    for statement in context.facts.statements.iter().filter(|it| it.property == "series") {
        let key = series_key(&Place::item(facts::FILE, &statement.id), statement)?;
        let FactValue::Multilingual(words) = &statement.value else { continue };
        if puts.iter().all(|put| put.key != key) {
            let fields =
                json!({ "slug": fold::slug(&words.vi), "names": vi_en(&words.vi, &words.en) });
            puts.push(Put::new("EventSeries", key, fields));
        }
    }
    Ok(puts)
}

/// Their dates are claims.
fn events(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let Context { facts, terms, .. } = context;
    let mut puts = Vec::new();
    for entity in facts.entities.iter().filter(|entity| entity.kind == "Event") {
        let at = Place::item(facts::FILE, &entity.id);
        let series = facts.of(&entity.id, "series").next();
        let series = series.map(|statement| series_key(&at, statement)).transpose()?;
        let ordinal = facts.of(&entity.id, "ordinal").find_map(|it| match it.value {
            FactValue::Quantity { amount } => Some(amount),
            _ => None,
        });
        let format = facts.of(&entity.id, "format").find_map(|it| match &it.value {
            FactValue::Term { vocabulary, id } => Some(terms.reference(&at, vocabulary, id)),
            _ => None,
        });
        puts.push(entities::put(
            entity,
            "Event",
            json!({
                "series": series.as_deref().map(to),
                "ordinal": ordinal,
                "partOfDay": context.text(&entity.id, "partOfDay"),
                "city": context.leads_to(&entity.id, "location")?,
                "format": format.transpose()?,
                "scope": context.text(&entity.id, "scope"),
                "superEvent": context.leads_to(&entity.id, "partOf")?,
            }),
        ));
    }
    Ok(puts)
}

/// Statements of other sources on who held an event, with the name.
fn organizers<'a>(
    context: &'a Context<'_>,
) -> impl Iterator<Item = (&'a ExternalStatement, &'a str)> {
    let statements = context.facts.external_statements.iter();
    statements.filter(|it| it.property == "organizer").filter_map(|it| match &it.value {
        FactValue::String { value, .. } => Some((it, &**value)),
        _ => None,
    })
}

/// The key of an organizer's part in an event.
pub(super) fn participation_key(event: &str, organizer: &str) -> String {
    format!("participation:{}/{}/organizer", entities::slug(event), fold::slug(organizer))
}

fn participations(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let Context { facts, terms, .. } = context;
    let mut puts: Vec<Put> = Vec::new();
    for (statement, name) in organizers(context) {
        let at = Place::item(facts::FILE, &statement.id);
        let slug = fold::slug(name);
        let organization = format!("organization:{slug}");
        if puts.iter().all(|put| put.key != organization) {
            let known = ORGANIZERS.iter().find(|(vi, ..)| *vi == name);
            let names = match known {
                Some((vi, en, _)) => vi_en(vi, en),
                None => json!([text(&facts.source.language, name)]),
            };
            let kind = known.map(|(.., kind)| terms.reference(&at, "organization-kind", kind));
            let fields = json!({ "slug": slug, "names": names, "kind": kind.transpose()? });
            puts.push(Put::new("Organization", &*organization, fields));
        }
        puts.push(Put::new(
            "Participation",
            participation_key(&statement.subject, name),
            json!({
                "event": entities::reference(facts, &at, &statement.subject)?,
                "agent": to(&organization),
                "role": terms.reference(&at, "participation-role", "organizer")?,
                "modality": "STATED",
                "rank": statement.rank.as_str(),
            }),
        ));
    }
    Ok(puts)
}

fn presentations(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let Context { facts, terms, .. } = context;
    let mut puts = Vec::new();
    for entity in facts.entities.iter().filter(|entity| entity.kind == "Presentation") {
        let at = Place::item(facts::FILE, &entity.id);
        let kind = facts.of(&entity.id, "kind").find_map(|it| match &it.value {
            FactValue::Multilingual(words) => KINDS.iter().find(|(word, _)| *word == words.vi),
            _ => None,
        });
        let kind: Option<Value> =
            kind.map(|(_, kind)| terms.reference(&at, "presentation-kind", kind)).transpose()?;
        puts.push(entities::put(
            entity,
            "Presentation",
            json!({ "kind": kind, "event": context.leads_to(&entity.id, "presentedAt")? }),
        ));
    }
    Ok(puts)
}
