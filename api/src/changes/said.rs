//! What a changeset says of fields that others have spoken of: a value that stands against a cited one, or against another's
//! word, becomes a claim beside theirs.
use std::collections::{BTreeMap, HashMap};

use sea_orm::DbErr;
use serde_json::{Value as Json, json};

use super::{
    Contradictions,
    best::{agree, as_claimed},
    owned::Owners,
    shown::Claimed,
    work::{State, Work},
};
use crate::record::{
    catalog,
    write::{Fields, Mistake, MistakeCode},
};

/// A field that an operation gives another value, and all that matters for what becomes of it.
struct Said<'s> {
    /// Place of the state.
    at: usize,
    field: String,
    /// The property of claims that are about the field; `None` where there are no such claims.
    property: Option<&'static str>,
    before: Json,
    value: Json,
    /// The claims about it that count: those that are not deprecated.
    claims: Vec<(&'s String, &'s Claimed)>,
    /// Whether there are claims about it at all. Beside a deprecated one a plain value would not last.
    is_claimed: bool,
    /// Whether others have said what it was.
    is_anothers: bool,
    /// Public id of the organization that has said it, as far as is known.
    owner: Option<String>,
}

/// Claims by subject and property.
type ByField<'s> = HashMap<(&'s str, &'s str), Vec<(&'s String, &'s Claimed)>>;

/// What becomes of the claims.
#[derive(Default)]
struct Outcome {
    new: Vec<State>,
    /// Fields of claims that are there, by their public ids.
    changed: BTreeMap<String, Fields>,
    mistakes: Vec<Mistake>,
}

impl Work<'_> {
    /// Turns values into claims where claims are the truth, or become it by this changeset.
    pub(super) async fn say(&mut self) -> Result<(), DbErr> {
        if self.contradictions == Contradictions::AsGiven {
            return Ok(());
        }
        let subjects: Vec<String> = (self.living())
            .filter(|it| {
                it.operation.is_some() && !it.is_new() && it.before.as_ref() != Some(&it.fields)
            })
            .map(|it| it.public_id.clone())
            .collect();
        let claims = self.claims_about(&subjects).await?;
        let mut about: ByField<'_> = HashMap::new();
        for (id, claim) in &claims {
            about.entry((&claim.subject, &claim.property)).or_default().push((id, claim));
        }
        let mut outcome = Outcome::default();
        let speaks = |it: &State| it.operation.is_some() && it.lives() && it.redacted.is_none();
        let changed = self.states.iter().filter(|it| speaks(it) && !it.is_new());
        let changed: Vec<i64> = match self.writer.decides() {
            true => Vec::new(),
            false => changed.map(|it| it.id).collect(),
        };
        let mut owners = self.owners(&changed).await?;
        for at in 0..self.states.len() {
            let state = &self.states[at];
            if !speaks(state) {
                continue;
            }
            let owners = owners.remove(&state.id).unwrap_or_default();
            let said = self.said(at, &owners, &about);
            let is_cited = !self.states[at].cited.sources.is_empty();
            let mut claimed = Vec::new();
            for it in said {
                claimed.extend(self.decide(it, is_cited, &mut outcome));
            }
            // Sources of fields that claims are not about are those of the record.
            let sources = std::mem::take(&mut self.states[at].cited.sources);
            if claimed.is_empty() && is_cited {
                claimed.push(self.states[at].public_id.clone());
            }
            for subject in claimed {
                outcome.new.extend(self.citations(at, &subject, &sources));
            }
        }
        self.mistakes.append(&mut outcome.mistakes);
        self.add_new(outcome.new).await?;
        let ids: Vec<String> = outcome.changed.keys().cloned().collect();
        let now = super::current(self.tx, &ids).await?;
        for (id, change) in outcome.changed {
            let Some(state) = now.get(&id).and_then(|now| self.following(&id, now)) else {
                continue;
            };
            state.fields.extend(change);
        }
        Ok(())
    }

    /// The fields that an operation gives other values than they have.
    fn said<'s>(&self, at: usize, owners: &Owners, about: &ByField<'s>) -> Vec<Said<'s>> {
        let state = &self.states[at];
        let none = Fields::new();
        let before = state.before.as_ref().unwrap_or(&none);
        let names: std::collections::BTreeSet<&String> =
            before.keys().chain(state.fields.keys()).collect();
        let own = self.own();
        let mut all = Vec::new();
        for name in names {
            let [was, is] =
                [before, &state.fields].map(|it| it.get(name).cloned().unwrap_or_default());
            let property = state.def.property_of(name);
            // Of a new record only what claims are about is said, and what is the same is nothing new.
            if was == is || (state.is_new() && property.is_none()) {
                continue;
            }
            let about = property.and_then(|it| about.get(&(state.public_id.as_str(), it)));
            let about = about.map(Vec::as_slice).unwrap_or_default();
            let is_claimed = !about.is_empty();
            let owner = owners.of(name).map(str::to_owned);
            let is_anothers = !state.is_new()
                && !self.writer.decides()
                && owners.are_others(state.def, name, [&was, &is], own);
            all.push(Said {
                at,
                field: name.clone(),
                property,
                before: was,
                value: is,
                claims: about.iter().copied().filter(|it| it.1.rank != "DEPRECATED").collect(),
                is_claimed,
                is_anothers,
                owner,
            });
        }
        all
    }

    /// Decides on one field; gives the claim that the sources of the operation are about.
    fn decide(&mut self, said: Said<'_>, is_cited: bool, outcome: &mut Outcome) -> Option<String> {
        if let Some(property) = said.property {
            self.spoken.insert((self.states[said.at].public_id.clone(), property.to_owned()));
        }
        let state = &self.states[said.at];
        let refuse = |code, message: &str| {
            state.mistake(Mistake::new(code, message).below(said.field.clone()))
        };
        let kind = said.property.filter(|_| !said.value.is_null());
        let value = kind.and_then(|_| as_claimed(state.def, &said.field, &said.value));
        let is_against =
            |claim: &Claimed| value.as_ref().is_none_or(|value| !agree(value, &claim.value));
        let own = self.own();
        let is_others_claim =
            |claim: &Claimed| claim.asserted_by.as_deref() != own || own.is_none();
        let contradicts = said.claims.iter().any(|(_, it)| {
            is_against(it)
                && is_others_claim(it)
                && (!it.sources.is_empty() || !self.writer.decides())
        });
        let Some((property, value)) = said.property.zip(value.clone()) else {
            // It is cleared, or no claims are about it.
            if said.is_anothers || contradicts {
                let (code, message) = match self.contradictions {
                    Contradictions::Replace if self.writer.decides() => {
                        return self.silence(&said, outcome);
                    }
                    _ if self.writer.decides() => (
                        MistakeCode::Contradiction,
                        "a cited claim says otherwise: say that it is replaced, or deprecate the claim",
                    ),
                    _ => (
                        MistakeCode::Forbidden,
                        "others have said what it is: who changes it needs the scope `PUBLISH`",
                    ),
                };
                outcome.mistakes.push(refuse(code, message));
                return None;
            }
            return self.silence(&said, outcome);
        };
        if (contradicts || said.is_anothers) && self.contradictions == Contradictions::Refuse {
            let message = "it stands against what others have said, and `onConflict` is `REFUSE`";
            outcome.mistakes.push(refuse(MistakeCode::Contradiction, message));
            return None;
        }
        let replaces =
            self.contradictions == Contradictions::Replace && (contradicts || said.is_anothers);
        if replaces && !self.writer.decides() {
            let message = "who replaces what others have said needs the scope `PUBLISH`; by `KEEP_BOTH` yours stands beside it";
            outcome.mistakes.push(refuse(MistakeCode::Forbidden, message));
            return None;
        }
        let keeps = (contradicts || said.is_anothers) && !replaces;
        // A plain value, of which no claim speaks: it stays one.
        if !said.is_claimed && !keeps && !is_cited {
            return None;
        }
        if keeps && said.claims.is_empty() {
            // What was said becomes a claim too, or the new one would stand alone.
            if let Some(was) = as_claimed(state.def, &said.field, &said.before) {
                outcome.new.push(self.claim(&said, property, was, said.owner.as_deref(), None)?);
            }
        }
        let rank = state.cited.rank.clone();
        let is_mine = |it: &Claimed| own.is_some() && it.asserted_by.as_deref() == own;
        let same = said.claims.iter().find(|(_, it)| it.value == value);
        // Sources support what they say: with another value, it is another claim.
        let uncited = |it: &Claimed| is_mine(it) && it.sources.is_empty();
        let spoken = same.or(said.claims.iter().find(|(_, it)| uncited(it)));
        let is_spoken = |id: &str| spoken.is_some_and(|(it, _)| *it == id);
        let gives_way = |id: &str, claim: &Claimed| {
            !is_spoken(id) && is_against(claim) && (!keeps || is_mine(claim))
        };
        self.deprecate(&said, &gives_way, outcome);
        let id = match spoken {
            Some((id, claim)) => {
                let mut change = Fields::new();
                if claim.value != value {
                    change.insert("value".to_owned(), value);
                }
                let ranks = self.writer.decides() || is_mine(claim);
                change.extend(rank.filter(|_| ranks).map(|rank| ("rank".to_owned(), rank.into())));
                if !change.is_empty() {
                    outcome.changed.entry((*id).clone()).or_default().extend(change);
                }
                (*id).clone()
            }
            None => {
                let claim = self.claim(&said, property, value, own, rank)?;
                let id = claim.public_id.clone();
                outcome.new.push(claim);
                id
            }
        };
        // The claims say from now on what the field shows.
        let back = said.before.clone();
        let state = &mut self.states[said.at];
        match back {
            Json::Null => state.fields.remove(&said.field),
            back => state.fields.insert(said.field.clone(), back),
        };
        Some(id)
    }

    /// The claims about a field that is cleared or replaced no longer count.
    fn silence(&self, said: &Said<'_>, outcome: &mut Outcome) -> Option<String> {
        self.deprecate(said, &|_, _| true, outcome);
        None
    }

    fn deprecate(
        &self,
        said: &Said<'_>,
        which: &dyn Fn(&str, &Claimed) -> bool,
        outcome: &mut Outcome,
    ) {
        for (id, _) in said.claims.iter().filter(|(id, it)| which(id, it)) {
            let rank = outcome.changed.entry((*id).clone()).or_default();
            rank.insert("rank".to_owned(), "DEPRECATED".into());
        }
    }

    fn claim(
        &self,
        said: &Said<'_>,
        property: &str,
        value: Json,
        asserted_by: Option<&str>,
        rank: Option<String>,
    ) -> Option<State> {
        let mut fields = Fields::new();
        fields.insert("subject".to_owned(), json!(self.states[said.at].public_id));
        fields.insert("property".to_owned(), json!(property));
        fields.insert("value".to_owned(), value);
        if let Some(asserted_by) = asserted_by {
            fields.insert("assertedBy".to_owned(), json!(asserted_by));
        }
        if let Some(rank) = rank {
            fields.insert("rank".to_owned(), json!(rank));
        }
        let part = vec![said.field.clone()];
        Some(self.new_record(said.at, part, catalog().named("Claim")?, fields))
    }
}
