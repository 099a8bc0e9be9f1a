//! Organizations, people, positions and who held them. A city is not its committee, and the committee is not the Party's.

use serde_json::json;

use super::super::facts::Entity;
use super::super::form::to;
use super::super::{LoadError, Place, Put, entities, facts};
use super::Context;

/// Kinds of the organizations that the article names, by what they are and not by what it says.
const KINDS: [(&str, &str); 4] = [
    ("organization/ubnd-tp-ha-noi", PEOPLES_COMMITTEE),
    ("organization/thanh-uy", "party-body"),
    ("organization/ban-thuong-vu-thanh-uy", "party-body"),
    ("organization/unesco", "un-agency"),
];
pub(super) const PEOPLES_COMMITTEE: &str = "peoples-committee";
/// Positions that several people hold at once: a committee has many members, and one permanent vice chairman.
const HELD_BY_MANY: [&str; 1] = ["position/uy-vien-ban-thuong-vu-thanh-uy"];

pub(super) fn kind(id: &str) -> Option<&'static str> {
    KINDS.iter().find(|(organization, _)| *organization == id).map(|(_, kind)| *kind)
}

/// Organizations that have a place or a parent, or those that have neither.
pub(super) fn organizations(context: &Context<'_>, has_place: bool) -> Result<Vec<Put>, LoadError> {
    let Context { facts, terms, .. } = context;
    let mut puts = Vec::new();
    for entity in &facts.entities {
        if entities::record_type(&entity.kind) != Some("Organization") {
            continue;
        }
        let at = Place::item(facts::FILE, &entity.id);
        let jurisdiction = context.leads_to(&entity.id, "ofCity")?;
        let parent = context.leads_to(&entity.id, "partOf")?;
        if has_place != (jurisdiction.is_some() || parent.is_some()) {
            continue;
        }
        let kind = if entity.kind == "Publication" { Some("newspaper") } else { kind(&entity.id) };
        let abbreviation =
            facts.of(&entity.id, "abbreviation").next().map(|statement| context.words(statement));
        puts.push(entities::put(
            entity,
            "Organization",
            json!({
                "kind": kind.map(|kind| terms.reference(&at, "organization-kind", kind)).transpose()?,
                "abbreviation": abbreviation,
                "jurisdiction": jurisdiction,
                "parentOrganization": parent,
            }),
        ));
    }
    Ok(puts)
}

/// Vietnamese names have the family name first and the given name last.
pub(super) fn people(context: &Context<'_>) -> Vec<Put> {
    let people = context.facts.entities.iter().filter(|entity| entity.kind == "Person");
    let put = |entity: &Entity| {
        let mut parts = entity.label.vi.split_whitespace();
        let fields = json!({
            "familyName": parts.next(),
            "givenName": parts.next_back(),
            "nameOrder": "FAMILY_FIRST",
        });
        entities::put(entity, "Person", fields)
    };
    people.map(put).collect()
}

pub(super) fn positions(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let facts = context.facts;
    let mut puts = Vec::new();
    for entity in facts.entities.iter().filter(|entity| entity.kind == "Position") {
        let at = Place::item(facts::FILE, &entity.id);
        let organization =
            entities::key(facts, &at, facts.entity_of(&entity.id, "inOrganization")?)?;
        let fields = json!({
            "organization": to(&organization),
            "isHeldByMany": HELD_BY_MANY.contains(&&*entity.id),
        });
        puts.push(entities::put(entity, "Position", fields));
    }
    Ok(puts)
}

/// Who held what. The article shows it on one day without a year; terms and an end come from elsewhere, for the
/// position whose terms are given.
pub(super) fn office_holdings(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let facts = context.facts;
    let mut puts = Vec::new();
    for statement in
        facts.statements.iter().filter(|statement| statement.property == "holdsPosition")
    {
        let at = Place::item(facts::FILE, &statement.id);
        let (person, position) =
            (&*statement.subject, statement.value.entity().unwrap_or_default());
        let terms = terms(context, person, position);
        let end = terms.and_then(|_| {
            facts.external_of(person, "positionEnded").find_map(|statement| {
                match &statement.value {
                    facts::FactValue::Date { edtf } => Some(edtf),
                    _ => None,
                }
            })
        });
        puts.push(Put::new(
            "OfficeHolding",
            holding_key(person, position),
            json!({
                "person": entities::reference(facts, &at, person)?,
                "position": entities::reference(facts, &at, position)?,
                // "2016-2021": the years of a term, not the days of an appointment.
                "startDate": terms.and_then(|terms| terms.first()?.split('-').next()),
                "endDate": end,
                "endKind": if end.is_some() { "ENDED" } else { "UNKNOWN" },
                "attestedDates": statement.qualifiers.as_of.as_ref().map(|day| [day]),
                "isActing": false,
                "modality": statement.modality.as_str(),
                "rank": statement.rank.as_str(),
                "assertedBy": entities::reference(facts, &at, &statement.asserted_by)?,
            }),
        ));
    }
    Ok(puts)
}

/// The terms of office that another source gives.
fn terms<'a>(context: &'a Context<'_>, person: &'a str, position: &str) -> Option<&'a [String]> {
    context.facts.external_of(person, "holdsPosition").find_map(|statement| {
        match &statement.value {
            facts::FactValue::Entity { id, qualifiers } if id == position => {
                Some(&*qualifiers.terms)
            }
            _ => None,
        }
    })
}

/// The position of a person whose terms another source gives: what it says of an end is about that one.
pub(super) fn position_with_terms<'a>(
    context: &'a Context<'_>,
    person: &'a str,
) -> Option<&'a str> {
    context
        .facts
        .external_of(person, "holdsPosition")
        .find_map(|statement| statement.value.entity())
}

pub(super) fn holding_key(person: &str, position: &str) -> String {
    format!("office-holding:{}/{}", entities::slug(person), entities::slug(position))
}
