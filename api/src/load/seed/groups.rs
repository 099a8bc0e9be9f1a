//! Groups that the article names without their being organizations, the regions of the country where they are, and the
//! places where it names a record.

use serde_json::json;

use super::super::form::to;
use super::super::{LoadError, Place, Put, entities, facts, regions};
use super::Context;
use super::article::passage_key;

/// Regions that are not among those of the world.
pub(super) fn regions(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let Context { facts, terms, .. } = context;
    let mut puts = Vec::new();
    for entity in facts.entities.iter().filter(|entity| entity.kind == "Region") {
        if regions::code_of(&entity.id).is_none() {
            let at = Place::item(facts::FILE, &entity.id);
            let kind = terms.reference(&at, regions::KINDS, "national-region")?;
            puts.push(entities::put(entity, "Region", json!({ "kind": kind })));
        }
    }
    Ok(puts)
}

pub(super) fn stakeholders(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let mut puts = Vec::new();
    for entity in context.facts.entities.iter().filter(|entity| entity.kind == "Stakeholder") {
        let region = context.leads_to(&entity.id, "locatedIn")?;
        puts.push(entities::put(entity, "Stakeholder", json!({ "region": region })));
    }
    Ok(puts)
}

/// Each place where the article names an entity, in whatever words.
pub(super) fn mentions(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let mut puts = Vec::new();
    for entity in &context.facts.entities {
        let at = Place::item(facts::FILE, &entity.id);
        for (number, mention) in (1..).zip(&entity.mentions) {
            puts.push(Put::new(
                "Mention",
                format!("seed:mention/{}/{number}", entity.id),
                json!({
                    "record": entities::reference(context.facts, &at, &entity.id)?,
                    "passage": to(&passage_key(&mention.passage)),
                    "quote": mention.quote,
                    "span": mention.span.to_json(),
                }),
            ));
        }
    }
    Ok(puts)
}
