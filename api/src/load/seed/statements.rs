//! Each statement of the article, with its words: a claim, a link, or the row that it is about.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::facts::{ExternalStatement, FactValue, Modality, Reference, Statement};
use super::super::form::{Claim, Support, note, text, to};
use super::super::represented::{self, Represented};
use super::super::{LoadError, Place, Put, entities, facts};
use super::Context;
use super::actions::STATUSES;
use super::actors::{self, PEOPLES_COMMITTEE};
use super::article::passage_key;

/// Statements that are claims. The properties of claims are a closed list, so some are close rather than the same.
const CLAIMS: [(&str, &str); 22] = [
    ("headline", "NAME"),
    ("title", "NAME"),
    ("kicker", "KICKER"),
    ("caption", "CAPTION"),
    ("abbreviation", "ABBREVIATION"),
    ("referredToAs", "REFERRED_TO_AS"),
    ("assessment", "ASSESSMENT"),
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
const LINKS: [(&str, &str); 4] = [
    ("relatedLink", "RELATED_TO"),
    ("hasImage", "ILLUSTRATED_BY"),
    ("depicts", "DEPICTS"),
    ("concernsSector", "CONCERNS"),
];

pub(super) fn puts(
    context: &Context<'_>,
    represented: &mut Represented,
) -> Result<Vec<Put>, LoadError> {
    let mut writer = Writer { context, represented, puts: Vec::new(), cited: BTreeMap::new() };
    let statements = context.facts.statements.iter();
    for statement in statements.filter(|statement| represented::awaits(&statement.id).is_none()) {
        let at = Place::item(facts::FILE, &statement.id);
        let asserted_by = entities::key(context.facts, &at, &statement.asserted_by)?;
        let said = Said { statement, at, key: format!("seed:{}", statement.id), asserted_by };
        writer.add_row(&said)?;
        writer.add_claim(&said)?;
        writer.add_status(&said)?;
        writer.add_link(&said)?;
    }
    writer.add_external()?;
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

    /// A statement that a row makes: that the city undertakes an initiative is the initiative's own row.
    fn add_row(&mut self, said: &Said<'_>) -> Result<(), LoadError> {
        let statement = said.statement;
        let key = match (&*statement.property, statement.value.entity()) {
            (
                "publishedIn" | "operatedBy" | "inOrganization" | "ofCity" | "partOf" | "member"
                | "network",
                _,
            ) => self.record(&said.at, &statement.subject)?,
            ("undertakes" | "facesChallenge", Some(value)) => self.record(&said.at, value)?,
            ("holdsPosition", Some(position)) => actors::holding_key(&statement.subject, position),
            _ => return Ok(()),
        };
        self.represented.add(&statement.id, &*key);
        self.cite(said, &key, &said.key, said.remark().as_deref());
        Ok(())
    }

    fn add_claim(&mut self, said: &Said<'_>) -> Result<(), LoadError> {
        let statement = said.statement;
        let Some((_, property)) = CLAIMS.iter().find(|(name, _)| *name == statement.property)
        else {
            return Ok(());
        };
        let value = match &statement.value {
            FactValue::Boolean { value } => json!({ "boolean": value }),
            FactValue::String { value, .. } if *property == "REFERRED_TO_AS" => {
                json!({ "string": value })
            }
            FactValue::String { .. } | FactValue::Multilingual(_) => {
                json!({ "text": self.context.words(statement) })
            }
            _ => {
                return Err(LoadError::unexpected(
                    said.at.clone(),
                    "words, or true or false",
                    "another value",
                ));
            }
        };
        let subject = self.record(&said.at, &statement.subject)?;
        let claim = Claim {
            modality: statement.modality.as_str(),
            rank: statement.rank.as_str(),
            asserted_by: Some(&said.asserted_by),
            note: statement.note.as_deref(),
            ..Claim::new(&subject, property, value)
        };
        self.represented.add(&statement.id, &*said.key);
        self.puts.push(claim.put(&*said.key));
        self.cite(said, &said.key, &said.key, None);
        Ok(())
    }

    /// The status of an initiative is read from its verb: a claim says so beside the field.
    fn add_status(&mut self, said: &Said<'_>) -> Result<(), LoadError> {
        let statement = said.statement;
        let (Some(status), Some(initiative)) =
            (&statement.qualifiers.status, statement.value.entity())
        else {
            return Ok(());
        };
        let subject = self.record(&said.at, initiative)?;
        let term = self.context.terms.reference(&said.at, STATUSES, status)?;
        let claim = Claim {
            modality: Modality::Inferred.as_str(),
            asserted_by: Some(&said.asserted_by),
            note: Some("Read from the verb; the source names no status."),
            ..Claim::new(&subject, "STATUS", json!({ "record": term }))
        };
        let key = format!("{}/status", said.key);
        self.represented.add(&statement.id, &*key);
        self.puts.push(claim.put(&*key));
        self.cite(said, &key, &key, None);
        Ok(())
    }

    fn add_link(&mut self, said: &Said<'_>) -> Result<(), LoadError> {
        let statement = said.statement;
        let Some(value) = statement.value.entity() else { return Ok(()) };
        let is_organization = actors::kind(&statement.subject).is_some();
        let (mut modality, mut remark) = (statement.modality, said.remark());
        let mut ends = (&*statement.subject, value);
        let mut key = said.key.clone();
        let relation = match LINKS.iter().find(|(name, _)| *name == statement.property) {
            Some((_, relation)) => relation,
            None if statement.property == "partOf" && is_organization => {
                key.push_str("/part-of");
                "PART_OF"
            }
            // The article says whose committee it is; that it governs the city is what a people's committee is.
            None if statement.property == "ofCity"
                && actors::kind(&statement.subject) == Some(PEOPLES_COMMITTEE) =>
            {
                key.push_str("/governed-by");
                ends = (value, &statement.subject);
                modality = Modality::Inferred;
                remark = Some(
                    "Inferred: it is named as the city's people's committee, which governs a city."
                        .into(),
                );
                "GOVERNED_BY"
            }
            None => return Ok(()),
        };
        self.represented.add(&statement.id, &*key);
        self.puts.push(Put::new(
            "Link",
            &*key,
            json!({
                "from": to(&self.record(&said.at, ends.0)?),
                "relation": relation,
                "to": to(&self.record(&said.at, ends.1)?),
                "modality": modality.as_str(),
                "rank": statement.rank.as_str(),
                "assertedBy": to(&said.asserted_by),
            }),
        ));
        self.cite(said, &key, &key, remark.as_deref());
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

    /// What other sources say of people and cities. The rest of it is with the members and the network.
    fn add_external(&mut self) -> Result<(), LoadError> {
        for statement in &self.context.facts.external_statements {
            let at = Place::item(facts::FILE, &statement.id);
            let claim_key = format!("seed:{}", statement.id);
            let (subject, remark) = match (&*statement.property, &statement.value) {
                ("identifier", FactValue::Identifier { scheme, value }) => {
                    let identifier = json!({ "scheme": scheme.to_uppercase(), "value": value });
                    self.add_external_claim(
                        statement,
                        "IDENTIFIER",
                        json!({ "identifier": identifier }),
                    )?;
                    (claim_key, None)
                }
                ("actedAs", FactValue::String { value, .. }) => {
                    let words = json!([text(&self.context.facts.source.language, value)]);
                    self.add_external_claim(statement, "ACTED_AS", json!({ "text": words }))?;
                    (claim_key, None)
                }
                ("holdsPosition", FactValue::Entity { id, qualifiers }) => {
                    let note = statement.note.as_deref().unwrap_or("Terms of office.");
                    let note = format!("{}. {note}", qualifiers.terms.join(", "));
                    (actors::holding_key(&statement.subject, id), Some(note))
                }
                ("positionEnded", FactValue::Date { .. }) => {
                    let position = actors::position_with_terms(self.context, &statement.subject);
                    let position = position.ok_or_else(|| {
                        LoadError::unexpected(
                            at.clone(),
                            "a statement holdsPosition of another source",
                            "none",
                        )
                    })?;
                    (actors::holding_key(&statement.subject, position), statement.note.clone())
                }
                _ => continue,
            };
            self.represented.add(&statement.id, &*subject);
            for (number, reference) in (1..).zip(&statement.references) {
                let cited = self.context.documents.of_external(&at, reference)?;
                let quote = Some(reference.excerpt.clone());
                let key = format!("seed:{}/citation/{number}", statement.id);
                self.puts.push(
                    Support { cited, quote, note: remark.clone() }.put(&subject, key.clone()),
                );
                self.represented.add(&statement.id, key);
            }
        }
        Ok(())
    }

    fn add_external_claim(
        &mut self,
        statement: &ExternalStatement,
        property: &'static str,
        value: Value,
    ) -> Result<(), LoadError> {
        let at = Place::item(facts::FILE, &statement.id);
        let subject = self.record(&at, &statement.subject)?;
        let (start_date, end_date) = match &statement.value {
            FactValue::String { from, to, .. } => (from.as_deref(), to.as_deref()),
            _ => (None, None),
        };
        let claim = Claim {
            rank: statement.rank.as_str(),
            start_date,
            end_date,
            note: statement.note.as_deref(),
            ..Claim::new(&subject, property, value)
        };
        self.puts.push(claim.put(format!("seed:{}", statement.id)));
        Ok(())
    }
}

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
