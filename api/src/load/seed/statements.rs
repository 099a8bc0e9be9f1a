//! Each statement of the article, with its words: a claim, a link, or the row that it is about.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::facts::{FactValue, Modality, Reference, Statement};
use super::super::form::{Claim, Link, note, to, vi_en};
use super::super::represented::Represented;
use super::super::{LoadError, Place, Put, entities, facts};
use super::Context;
use super::actions::STATUSES;
use super::actors::{self, PEOPLES_COMMITTEE};
use super::article::passage_key;
use super::events;

/// Statements that are claims. The properties of claims are a closed list, so some are close rather than the same.
const CLAIMS: [(&str, &str); 33] = [
    ("headline", "NAME"),
    ("title", "NAME"),
    ("kicker", "KICKER"),
    ("caption", "CAPTION"),
    ("abbreviation", "ABBREVIATION"),
    ("referredToAs", "REFERRED_TO_AS"),
    ("ordinal", "ORDINAL"),
    ("date", "START_DATE"),
    ("partOfDay", "PART_OF_DAY"),
    ("location", "LOCATION"),
    ("format", "FORMAT"),
    ("scope", "SCOPE"),
    ("kind", "KIND"),
    ("hasGoal", "GOAL"),
    ("requires", "REQUIREMENT"),
    ("assessment", "ASSESSMENT"),
    ("focusesOn", "FOCUS"),
    ("tiedTo", "TIED_TO"),
    ("comesWithChallenges", "CONTEXT"),
    ("challengeListOpenEnded", "LIST_IS_OPEN"),
    ("hasFactor", "FACTOR"),
    ("concernsEspecially", "FOCUS"),
    ("context", "CONTEXT"),
    ("direction", "DIRECTION"),
    ("towards", "DIRECTION"),
    ("topic", "TOPIC"),
    ("expectedOutcome", "OUTCOME"),
    ("within", "FRAMEWORK"),
    ("creates", "CREATES"),
    ("basedOn", "BASED_ON"),
    ("drawsOn", "BASED_ON"),
    ("channel", "CHANNEL"),
    ("promotes", "PROMOTES"),
];
/// Statements that are links, from subject to value.
const LINKS: [(&str, &str); 13] = [
    ("relatedLink", "RELATED_TO"),
    ("hasImage", "ILLUSTRATED_BY"),
    ("depicts", "DEPICTS"),
    ("about", "ABOUT"),
    ("speaker", "GIVEN_BY"),
    ("concernsSector", "CONCERNS"),
    ("titleSought", "SEEKS_TITLE"),
    ("contributesTo", "CONTRIBUTES_TO"),
    ("servesGoal", "SERVES"),
    ("implements", "FULFILLS"),
    ("targets", "TARGETS"),
    ("seeksSupportFrom", "SEEKS_SUPPORT_FROM"),
    ("locatedIn", "LOCATED_IN"),
];

pub(super) fn puts(
    context: &Context<'_>,
    represented: &mut Represented,
) -> Result<Vec<Put>, LoadError> {
    let mut writer = Writer { context, represented, puts: Vec::new(), cited: BTreeMap::new() };
    for statement in &context.facts.statements {
        let at = Place::item(facts::FILE, &statement.id);
        let asserted_by = entities::key(context.facts, &at, &statement.asserted_by)?;
        let said = Said { statement, at, key: format!("seed:{}", statement.id), asserted_by };
        writer.add_rows(&said)?;
        writer.add_claim(&said)?;
        writer.add_qualifiers(&said)?;
        writer.add_link(&said)?;
    }
    Ok(writer.puts)
}

/// A statement on its way to becoming records.
struct Said<'a> {
    statement: &'a Statement,
    at: Place,
    /// Beginning of the keys of its records.
    key: String,
    /// Key of who says it.
    asserted_by: String,
}

impl Said<'_> {
    /// Its remark, for a record that has no modality of its own to say that it is inferred.
    fn remark(&self) -> Option<String> {
        let statement = self.statement;
        match (statement.modality, &statement.note) {
            (Modality::Inferred, Some(note)) => Some(format!("Inferred: {note}")),
            (Modality::Inferred, None) => Some("Inferred from the context.".into()),
            (Modality::Stated, note) => note.clone(),
        }
    }
}

struct Writer<'a, 'b> {
    context: &'a Context<'b>,
    represented: &'a mut Represented,
    puts: Vec<Put>,
    /// Citation by what it supports and where its words stand: statements about one record can share them.
    cited: BTreeMap<(String, usize, usize), String>,
}

impl Writer<'_, '_> {
    fn record(&self, at: &Place, entity: &str) -> Result<String, LoadError> {
        entities::key(self.context.facts, at, entity)
    }

    /// Cites the words of a statement for the rows that it makes or fills.
    fn add_rows(&mut self, said: &Said<'_>) -> Result<(), LoadError> {
        let property = &*said.statement.property;
        // The plain key is that of the claim or link, where there is one.
        let is_taken = CLAIMS.iter().chain(&LINKS).any(|(name, _)| *name == property);
        for (number, (key, remark)) in (0..).zip(self.rows(said)?) {
            self.represented.add(&said.statement.id, &*key);
            let path = match (number, is_taken) {
                (0, false) => said.key.clone(),
                (0, true) => format!("{}/row", said.key),
                _ => format!("{}/row/{number}", said.key),
            };
            self.cite(said, &key, &path, remark.as_deref());
        }
        Ok(())
    }

    /// Keys of the rows that a statement makes or fills, with a remark: that the city undertakes an initiative is the
    /// initiative's own row.
    fn rows(&self, said: &Said<'_>) -> Result<Vec<(String, Option<String>)>, LoadError> {
        let statement = said.statement;
        let row = |entity: &str| Ok(vec![(self.record(&said.at, entity)?, said.remark())]);
        match (&*statement.property, statement.value.entity()) {
            (
                "publishedIn" | "operatedBy" | "inOrganization" | "ofCity" | "partOf" | "member"
                | "network" | "presentedAt" | "madeBy" | "arisesFrom" | "locatedIn",
                _,
            ) => row(&statement.subject),
            (
                "undertakes" | "facesChallenge" | "bringsOpportunity" | "hasGoal" | "targets"
                | "seeksSupportFrom",
                Some(value),
            ) => row(value),
            ("contributesTo", Some(value)) => {
                let is_stated = self.context.goal_of(value).is_some();
                let remark = (!is_stated).then(|| WHOSE_GOAL.to_owned());
                Ok(vec![(self.record(&said.at, value)?, remark)])
            }
            ("series", None) => {
                let series = events::series_key(&said.at, statement)?;
                Ok([row(&statement.subject)?, vec![(series, None)]].concat())
            }
            ("holdsPosition", Some(position)) => {
                let holding = actors::holding_key(&statement.subject, position);
                Ok(vec![(holding, said.remark())])
            }
            _ => Ok(Vec::new()),
        }
    }

    fn add_claim(&mut self, said: &Said<'_>) -> Result<(), LoadError> {
        let statement = said.statement;
        let Some((_, property)) = CLAIMS.iter().find(|(name, _)| *name == statement.property)
        else {
            return Ok(());
        };
        let subject = self.record(&said.at, &statement.subject)?;
        let claim = Claim {
            modality: statement.modality.as_str(),
            note: statement.note.as_deref(),
            ..Claim::new(&subject, property, self.value(said, property)?)
        };
        self.push_claim(said, &said.key, claim);
        Ok(())
    }

    fn value(&self, said: &Said<'_>, property: &str) -> Result<Value, LoadError> {
        let statement = said.statement;
        Ok(match &statement.value {
            FactValue::Boolean { value } => json!({ "boolean": value }),
            FactValue::String { value, .. } if property == "REFERRED_TO_AS" => {
                json!({ "string": value })
            }
            FactValue::String { .. } | FactValue::Multilingual(_) => {
                json!({ "text": self.context.words(statement) })
            }
            FactValue::Quantity { amount } => {
                json!({ "quantity": { "amount": amount.to_string() } })
            }
            FactValue::Date { edtf } => json!({ "date": edtf }),
            FactValue::Term { vocabulary, id } => {
                json!({ "record": self.context.terms.reference(&said.at, vocabulary, id)? })
            }
            FactValue::Entity { id, .. } => json!({ "record": to(&self.record(&said.at, id)?) }),
            FactValue::Identifier { .. } => {
                return Err(LoadError::unexpected(
                    said.at.clone(),
                    "a value that the article can give",
                    "an identifier",
                ));
            }
        })
    }

    /// What a statement says beside its value: claims of their own, about the value or about the subject.
    fn add_qualifiers(&mut self, said: &Said<'_>) -> Result<(), LoadError> {
        let statement = said.statement;
        let Some(value) = statement.value.entity() else { return Ok(()) };
        let value = self.record(&said.at, value)?;
        if let Some(status) = &statement.qualifiers.status {
            let term = self.context.terms.reference(&said.at, STATUSES, status)?;
            let claim = Claim {
                modality: Modality::Inferred.as_str(),
                note: Some("Read from the verb; the source names no status."),
                ..Claim::new(&value, "STATUS", json!({ "record": term }))
            };
            self.push_claim(said, &format!("{}/status", said.key), claim);
        }
        for (name, property, words) in [
            ("horizon", "HORIZON", &statement.qualifiers.horizon),
            ("importance", "IMPORTANCE", &statement.qualifiers.importance),
        ] {
            let Some(words) = words else { continue };
            let claim = Claim {
                modality: statement.modality.as_str(),
                ..Claim::new(&value, property, json!({ "text": vi_en(&words.vi, &words.en) }))
            };
            self.push_claim(said, &format!("{}/{name}", said.key), claim);
        }
        if let Some(words) = &statement.qualifiers.priority {
            let subject = self.record(&said.at, &statement.subject)?;
            let claim = Claim {
                modality: statement.modality.as_str(),
                note: Some(&format!("“{}”: {}.", words.vi, words.en)),
                ..Claim::new(&subject, "PRIORITY", json!({ "record": to(&value) }))
            };
            self.push_claim(said, &format!("{}/priority", said.key), claim);
        }
        Ok(())
    }

    /// A claim with the standing and the speaker of its statement.
    fn push_claim(&mut self, said: &Said<'_>, key: &str, claim: Claim<'_>) {
        let claim = Claim {
            rank: said.statement.rank.as_str(),
            asserted_by: Some(&said.asserted_by),
            ..claim
        };
        self.represented.add(&said.statement.id, key);
        self.puts.push(claim.put(key));
        self.cite(said, key, key, None);
    }

    fn add_link(&mut self, said: &Said<'_>) -> Result<(), LoadError> {
        let statement = said.statement;
        let Some(value) = statement.value.entity() else { return Ok(()) };
        let subject = self.context.facts.entity(&said.at, &statement.subject)?;
        let of_type = entities::record_type(&subject.kind);
        let (mut modality, mut remark) = (statement.modality, said.remark());
        let mut ends = (&*subject.id, value);
        let mut key = said.key.clone();
        let relation = match LINKS.iter().find(|(name, _)| *name == statement.property) {
            Some((_, relation)) => relation,
            // Of initiatives the row says it, with its modality; organizations and events have none.
            None if statement.property == "partOf" && of_type != Some("Initiative") => {
                key.push_str("/part-of");
                "PART_OF"
            }
            // The article says whose committee it is; that it governs the city is what a people's committee is.
            None if statement.property == "ofCity"
                && actors::kind(&subject.id) == Some(PEOPLES_COMMITTEE) =>
            {
                key.push_str("/governed-by");
                ends = (value, &*subject.id);
                modality = Modality::Inferred;
                remark = Some(
                    "Inferred: it is named as the city's people's committee, which governs a city."
                        .into(),
                );
                "GOVERNED_BY"
            }
            None => return Ok(()),
        };
        self.push_link(said, &key, (ends.0, relation, ends.1), modality, remark.as_deref())?;
        // A link has no room for what it is for: the goal has the same link.
        if let Some(goal) = &statement.qualifiers.for_goal {
            let key = format!("{key}/for-goal");
            self.push_link(said, &key, (goal, relation, value), modality, remark.as_deref())?;
        }
        Ok(())
    }

    fn push_link(
        &mut self,
        said: &Said<'_>,
        key: &str,
        (from, relation, to): (&str, &str, &str),
        modality: Modality,
        remark: Option<&str>,
    ) -> Result<(), LoadError> {
        let (from, to) = (self.record(&said.at, from)?, self.record(&said.at, to)?);
        let link = Link {
            modality: modality.as_str(),
            rank: said.statement.rank.as_str(),
            asserted_by: Some(&said.asserted_by),
            ..Link::new(&from, relation, &to)
        };
        self.represented.add(&said.statement.id, key);
        self.puts.push(link.put(key));
        self.cite(said, key, key, remark);
        Ok(())
    }

    /// Cites the words of a statement for a record. The remark goes with the first.
    fn cite(&mut self, said: &Said<'_>, subject: &str, path: &str, remark: Option<&str>) {
        for (number, reference) in (1..).zip(&said.statement.references) {
            let words = (subject.to_owned(), reference.span.char_start, reference.span.char_end);
            let key = match self.cited.get(&words) {
                Some(key) => key.clone(),
                None => {
                    let key = format!("{path}/citation/{number}");
                    self.puts.push(citation(
                        &key,
                        subject,
                        reference,
                        remark.filter(|_| number == 1),
                    ));
                    self.cited.insert(words, key.clone());
                    key
                }
            };
            self.represented.add(&said.statement.id, key);
        }
    }
}

/// Why a goal is the city's that the article does not call so.
const WHOSE_GOAL: &str = "Inferred: it is not said whose goal this is; a goal of the city's contributes to it, and it is what \
     the city is to become.";

/// Words of the article for a record.
fn citation(key: &str, subject: &str, reference: &Reference, remark: Option<&str>) -> Put {
    Put::new(
        "Citation",
        key,
        json!({
            "subject": to(subject),
            "document": to(entities::ARTICLE),
            "passage": to(&passage_key(&reference.passage)),
            "quote": reference.quote,
            "span": reference.span.to_json(),
            "note": remark.map(note),
        }),
    )
}
