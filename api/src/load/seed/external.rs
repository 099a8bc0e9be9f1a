//! What other sources say of the article's people, cities and events. The rest of it is with the members and the network.

use serde_json::{Value, json};

use super::super::facts::{ExternalStatement, FactValue, Modality};
use super::super::form::{Claim, Support, text};
use super::super::represented::Represented;
use super::super::{LoadError, Place, Put, entities, facts};
use super::Context;
use super::{actors, events};

pub(super) fn puts(
    context: &Context<'_>,
    represented: &mut Represented,
) -> Result<Vec<Put>, LoadError> {
    let mut puts = Vec::new();
    for statement in &context.facts.external_statements {
        let said = Said { context, statement, at: Place::item(facts::FILE, &statement.id) };
        for Supported { subject, path, remark } in said.records(&mut puts)? {
            represented.add(&statement.id, &*subject);
            for (number, reference) in (1..).zip(&statement.references) {
                let cited = context.documents.of_external(&said.at, reference)?;
                let support = Support::of_external(cited, reference);
                let key = format!("{path}/citation/{number}");
                represented.add(&statement.id, &*key);
                puts.push(Support { note: remark.clone(), ..support }.put(&subject, key));
            }
        }
    }
    Ok(puts)
}

/// How the year of a part is known.
const YEAR_OF_WHOLE: &str = "Inferred: the article gives the day without a year, and the source dates the event that this one was \
     held within.";

/// A statement on its way to becoming records.
struct Said<'a> {
    context: &'a Context<'a>,
    statement: &'a ExternalStatement,
    at: Place,
}

/// What a statement is cited for.
struct Supported {
    /// Key of the record.
    subject: String,
    /// Beginning of the keys of the citations.
    path: String,
    remark: Option<String>,
}

impl Supported {
    /// A record that the statement alone makes.
    fn own(key: String) -> Self {
        Self { path: key.clone(), subject: key, remark: None }
    }
}

impl Said<'_> {
    fn key(&self) -> String {
        format!("seed:{}", self.statement.id)
    }

    /// The records that say it, after making those that are only its own.
    fn records(&self, puts: &mut Vec<Put>) -> Result<Vec<Supported>, LoadError> {
        let statement = self.statement;
        let of_row = |subject: String, remark: Option<String>| {
            vec![Supported { subject, path: self.key(), remark }]
        };
        Ok(match (&*statement.property, &statement.value) {
            ("identifier", FactValue::Identifier { scheme, value }) => {
                let identifier = json!({ "scheme": scheme.to_uppercase(), "value": value });
                vec![self.claim(puts, "IDENTIFIER", json!({ "identifier": identifier }))?]
            }
            ("actedAs", FactValue::String { value, .. }) => {
                let words = json!([text(&self.context.facts.source.language, value)]);
                vec![self.claim(puts, "ACTED_AS", json!({ "text": words }))?]
            }
            ("date", FactValue::Date { edtf }) => {
                let mut records = vec![self.claim(puts, "START_DATE", json!({ "date": edtf }))?];
                records.extend(self.years_of_parts(puts, edtf)?);
                records.extend(self.organizer());
                records
            }
            ("organizer", FactValue::String { value, .. }) => {
                of_row(events::participation_key(&statement.subject, value), statement.note.clone())
            }
            ("holdsPosition", FactValue::Entity { id, qualifiers }) => {
                let note = statement.note.as_deref().unwrap_or("Terms of office.");
                let note = format!("{}. {note}", qualifiers.terms.join(", "));
                of_row(actors::holding_key(&statement.subject, id), Some(note))
            }
            ("positionEnded", FactValue::Date { .. }) => {
                let position = actors::position_with_terms(self.context, &statement.subject);
                let position = position.ok_or_else(|| {
                    LoadError::unexpected(
                        self.at.clone(),
                        "a statement holdsPosition of another source",
                        "none",
                    )
                })?;
                of_row(actors::holding_key(&statement.subject, position), statement.note.clone())
            }
            _ => Vec::new(),
        })
    }

    fn claim(
        &self,
        puts: &mut Vec<Put>,
        property: &'static str,
        value: Value,
    ) -> Result<Supported, LoadError> {
        let statement = self.statement;
        let subject = entities::key(self.context.facts, &self.at, &statement.subject)?;
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
        puts.push(claim.put(self.key()));
        Ok(Supported::own(self.key()))
    }

    /// The year of an event is that of its parts whose day the article gives without one. It is inferred, and does not
    /// replace the day without a year: both can be the same date, and of such two the one that says less is shown, so
    /// the rank need not say that one of them is wrong.
    fn years_of_parts(&self, puts: &mut Vec<Put>, edtf: &str) -> Result<Vec<Supported>, LoadError> {
        let facts = self.context.facts;
        let mut records = Vec::new();
        let is_part = |id: &str| {
            facts.of(id, "partOf").any(|it| it.value.entity() == Some(&self.statement.subject))
        };
        let dates = facts.statements.iter().filter(|it| it.property == "date");
        for part in dates.filter(|it| is_part(&it.subject)) {
            let FactValue::Date { edtf: day } = &part.value else { continue };
            let (Some(year), Some(day)) = (edtf.get(..4), day.strip_prefix("XXXX-")) else {
                continue;
            };
            let subject = entities::key(facts, &self.at, &part.subject)?;
            let key = format!("{}/{}", self.key(), entities::slug(&part.subject));
            let claim = Claim {
                modality: Modality::Inferred.as_str(),
                rank: self.statement.rank.as_str(),
                note: Some(YEAR_OF_WHOLE),
                ..Claim::new(&subject, "START_DATE", json!({ "date": format!("{year}-{day}") }))
            };
            puts.push(claim.put(&*key));
            records.push(Supported::own(key));
        }
        Ok(records)
    }

    /// Words about an event that also name its organizer.
    fn organizer(&self) -> Option<Supported> {
        let statement = self.statement;
        let organizer = self.context.facts.external_of(&statement.subject, "organizer").find_map(
            |organizer| match &organizer.value {
                FactValue::String { value, .. } => Some(value),
                _ => None,
            },
        )?;
        let is_named = statement
            .references
            .iter()
            .all(|it| it.excerpt.as_ref().is_some_and(|it| it.contains(&**organizer)));
        is_named.then(|| Supported {
            subject: events::participation_key(&statement.subject, organizer),
            path: format!("{}/organizer", self.key()),
            remark: None,
        })
    }
}
