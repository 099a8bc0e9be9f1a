//! The article and what it says: documents and their text, who acts, what is done and why it is hard, then each
//! statement with the words that support it.

mod actions;
mod actors;
mod aims;
mod article;
mod events;
mod external;
mod groups;
mod statements;

use serde_json::Value;

use super::documents::Documents;
use super::facts::Facts;
use super::represented::Represented;
use super::vocabularies::Terms;
use super::{LoadError, Place, Put, entities, facts};

/// All that the records of the article are made from.
pub(super) struct Context<'a> {
    pub(super) facts: &'a Facts,
    pub(super) terms: &'a Terms,
    pub(super) documents: &'a Documents,
}

impl Context<'_> {
    /// What needs no city: others refer to it as publisher, operator or speaker.
    pub(super) fn first_puts(&self) -> Result<Vec<Put>, LoadError> {
        let mut puts = actors::organizations(self, false)?;
        puts.append(&mut actors::people(self));
        puts.append(&mut article::documents(self)?);
        Ok(puts)
    }

    /// All the rest, once the cities and their memberships are there.
    pub(super) fn puts(
        &self,
        article: &str,
        represented: &mut Represented,
    ) -> Result<Vec<Put>, LoadError> {
        let mut puts = article::text_puts(self, article)?;
        puts.append(&mut actors::organizations(self, true)?);
        puts.append(&mut actors::positions(self)?);
        puts.append(&mut actors::office_holdings(self)?);
        puts.append(&mut groups::regions(self)?);
        puts.append(&mut groups::stakeholders(self)?);
        puts.append(&mut aims::goals(self)?);
        puts.append(&mut aims::opportunities(self)?);
        puts.append(&mut aims::commitments(self)?);
        puts.append(&mut actions::initiatives(self)?);
        puts.append(&mut actions::challenges(self)?);
        puts.append(&mut events::puts(self)?);
        puts.append(&mut statements::puts(self, represented)?);
        puts.append(&mut external::puts(self, represented)?);
        puts.append(&mut groups::mentions(self)?);
        Ok(puts)
    }

    /// A reference to what a statement leads to, if there is one.
    fn leads_to(&self, subject: &str, property: &str) -> Result<Option<Value>, LoadError> {
        let id = self.facts.of(subject, property).find_map(|statement| statement.value.entity());
        let at = Place::item(facts::FILE, subject);
        id.map(|id| entities::reference(self.facts, &at, id)).transpose()
    }
}
