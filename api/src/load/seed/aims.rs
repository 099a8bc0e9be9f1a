//! Goals, opportunities and commitments. A goal is not a title: nothing here says that it has been reached.

use serde_json::json;

use super::super::facts::{Entity, Modality, Statement};
use super::super::form::vi_en;
use super::super::{LoadError, Place, Put, entities, facts};
use super::Context;

impl Context<'_> {
    /// The first statement that somebody has this goal.
    pub(super) fn goal_of(&self, goal: &str) -> Option<&Statement> {
        self.facts
            .statements
            .iter()
            .find(|it| it.property == "hasGoal" && it.value.entity() == Some(goal))
    }

    fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &Entity> {
        self.facts.entities.iter().filter(move |entity| entity.kind == kind)
    }
}

/// A goal that a stated one contributes to is the same subject's, which is inferred.
pub(super) fn goals(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let facts = context.facts;
    let mut puts = Vec::new();
    for entity in context.of_kind("Goal") {
        let at = Place::item(facts::FILE, &entity.id);
        let contributes = facts
            .statements
            .iter()
            .find(|it| it.property == "contributesTo" && it.value.entity() == Some(&entity.id));
        let served = contributes.and_then(|it| Some((context.goal_of(&it.subject)?, it)));
        let (subject, said, modality) = match (context.goal_of(&entity.id), served) {
            (Some(stated), _) => (&stated.subject, stated, stated.modality),
            (None, Some((of, contributes))) => (&of.subject, contributes, Modality::Inferred),
            (None, None) => {
                return Err(LoadError::unexpected(at, "a statement hasGoal of it", "none"));
            }
        };
        let qualifiers = &said.qualifiers;
        let words = |words: &Option<facts::ViEn>| words.as_ref().map(|it| vi_en(&it.vi, &it.en));
        puts.push(entities::put(
            entity,
            "Goal",
            json!({
                "subject": entities::reference(facts, &at, subject)?,
                "horizon": words(&qualifiers.horizon),
                "importance": words(&qualifiers.importance),
                "scope": context.leads_to(&entity.id, "scope")?,
                "modality": modality.as_str(),
                "rank": said.rank.as_str(),
                "assertedBy": entities::reference(facts, &at, &said.asserted_by)?,
            }),
        ));
    }
    Ok(puts)
}

/// They come with a membership, and so to the member.
pub(super) fn opportunities(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let facts = context.facts;
    let mut puts = Vec::new();
    for statement in facts.statements.iter().filter(|it| it.property == "bringsOpportunity") {
        let at = Place::item(facts::FILE, &statement.id);
        let entity = facts.entity(&at, statement.value.entity().unwrap_or_default())?;
        let member = facts.entity_of(&statement.subject, "member")?;
        puts.push(entities::put(
            entity,
            "Opportunity",
            json!({
                "city": entities::reference(facts, &at, member)?,
                "membership": entities::reference(facts, &at, &statement.subject)?,
                "listPosition": entity.position_in_list,
                "modality": statement.modality.as_str(),
                "rank": statement.rank.as_str(),
                "assertedBy": entities::reference(facts, &at, &statement.asserted_by)?,
            }),
        ));
    }
    Ok(puts)
}

/// The article says on what occasion they were made, not to whom, and not what they are.
pub(super) fn commitments(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let facts = context.facts;
    let mut puts = Vec::new();
    for statement in facts.statements.iter().filter(|it| it.property == "madeBy") {
        let at = Place::item(facts::FILE, &statement.id);
        let city = statement.value.entity().unwrap_or_default();
        puts.push(entities::put(
            facts.entity(&at, &statement.subject)?,
            "Commitment",
            json!({
                "city": entities::reference(facts, &at, city)?,
                "membership": context.leads_to(&statement.subject, "arisesFrom")?,
                "modality": statement.modality.as_str(),
                "rank": statement.rank.as_str(),
                "assertedBy": entities::reference(facts, &at, &statement.asserted_by)?,
            }),
        ));
    }
    Ok(puts)
}
