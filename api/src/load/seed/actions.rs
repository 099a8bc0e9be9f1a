//! Initiatives and challenges. The article links none to another, so neither do we.

use serde_json::{Value, json};

use super::super::facts::{FactValue, Statement};
use super::super::form::vi_en;
use super::super::{LoadError, Place, Put, entities, facts};
use super::Context;

pub(super) fn initiatives(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let Context { facts, terms, .. } = context;
    let mut puts = Vec::new();
    for statement in facts.statements.iter().filter(|statement| statement.property == "undertakes")
    {
        let at = Place::item(facts::FILE, &statement.id);
        let entity = facts.entity(&at, statement.value.entity().unwrap_or_default())?;
        let status = statement.qualifiers.status.as_ref();
        puts.push(entities::put(
            entity,
            "Initiative",
            json!({
                "city": entities::reference(facts, &at, &statement.subject)?,
                "status": status.map(|status| terms.reference(&at, STATUSES, status)).transpose()?,
                "listPosition": entity.position_in_list,
                "partOf": context.leads_to(&entity.id, "partOf")?,
                "outcomes": context.texts(&entity.id, "expectedOutcome"),
                "modality": statement.modality.as_str(),
                "rank": statement.rank.as_str(),
                "assertedBy": entities::reference(facts, &at, &statement.asserted_by)?,
            }),
        ));
    }
    Ok(puts)
}

pub(super) const STATUSES: &str = "initiative-status";

/// They face the city and come with its membership.
pub(super) fn challenges(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let facts = context.facts;
    let mut puts = Vec::new();
    for statement in
        facts.statements.iter().filter(|statement| statement.property == "facesChallenge")
    {
        let at = Place::item(facts::FILE, &statement.id);
        let entity = facts.entity(&at, statement.value.entity().unwrap_or_default())?;
        let memberships =
            facts.statements.iter().filter(|other| other.property == "comesWithChallenges");
        let membership = memberships.map(|other| &other.subject).find(|id| {
            facts.of(id, "member").any(|member| member.value.entity() == Some(&statement.subject))
        });
        let is_open = facts
            .of(&statement.subject, "challengeListOpenEnded")
            .any(|statement| matches!(statement.value, FactValue::Boolean { value: true }));
        puts.push(entities::put(
            entity,
            "Challenge",
            json!({
                "city": entities::reference(facts, &at, &statement.subject)?,
                "membership": membership.map(|id| entities::reference(facts, &at, id)).transpose()?,
                "listPosition": entity.position_in_list,
                "isFromOpenList": is_open,
                "factors": context.texts(&entity.id, "hasFactor"),
                "context": context.text(&entity.id, "context"),
                "modality": statement.modality.as_str(),
                "rank": statement.rank.as_str(),
                "assertedBy": entities::reference(facts, &at, &statement.asserted_by)?,
            }),
        ));
    }
    Ok(puts)
}

impl Context<'_> {
    /// The texts that statements give for a property, in their order.
    fn texts(&self, subject: &str, property: &str) -> Vec<Value> {
        self.facts.of(subject, property).map(|statement| self.words(statement)).collect()
    }

    /// The text that a statement gives for a property.
    pub(super) fn text(&self, subject: &str, property: &str) -> Option<Value> {
        self.texts(subject, property).into_iter().find(|words| !words.is_null())
    }

    /// The value of a statement as a text; empty for what is none.
    pub(super) fn words(&self, statement: &Statement) -> Value {
        match &statement.value {
            FactValue::Multilingual(words) => vi_en(&words.vi, &words.en),
            FactValue::String { value, .. } => {
                json!([{ "lang": self.facts.source.language, "value": value }])
            }
            _ => Value::Null,
        }
    }
}
