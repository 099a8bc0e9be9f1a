//! Plain values that claims come to stand beside: they become claims of those who have said them, or the first claim about a
//! field would erase what it had.
use std::collections::{BTreeMap, BTreeSet};

use sea_orm::DbErr;
use serde_json::{Value as Json, json};

use super::{
    Contradictions,
    best::{agree, as_claimed, fits},
    current,
    shown::{Claims, claimed},
    work::Work,
};
use crate::record::{
    catalog,
    def::Def,
    write::{Fields, Mistake, MistakeCode},
};

/// Subject and property of claims.
type About = (String, String);

/// A plain value that claims come to stand beside.
struct Beside {
    /// Places of the claims that come.
    claims: Vec<usize>,
    about: About,
    plain: Json,
    /// Public id of the organization whose word it is.
    owner: Option<String>,
}

impl Work<'_> {
    /// Looks at the claims that the changeset makes, and at those that it brings to other records.
    pub(super) async fn stand_beside(&mut self) -> Result<(), DbErr> {
        if self.contradictions == Contradictions::AsGiven {
            return Ok(());
        }
        self.claims_fit();
        let coming = self.coming();
        let subjects: BTreeSet<String> =
            coming.keys().map(|(subject, _)| subject.clone()).collect();
        let subjects: Vec<String> = subjects.into_iter().filter(|it| self.is_in_base(it)).collect();
        if subjects.is_empty() {
            return Ok(());
        }
        let now = current(self.tx, &subjects).await?;
        let stored = self.stored_about(&subjects).await?;
        let own = self.own().map(str::to_owned);
        let mut alone = Vec::new();
        for (about, claims) in coming {
            let (subject, property) = &about;
            let Some(now) = now.get(subject) else { continue };
            let Some(def) = catalog().of_id(now.id) else { continue };
            let Some(field) = def.claimed.get(property.as_str()) else { continue };
            self.refuse_contradictions(&about, &claims, &stored);
            let counts = |it: &super::shown::Claimed| {
                it.subject == *subject && it.property == *property && it.rank != "DEPRECATED"
            };
            // What claims say already needs no other, and what the operations say of the field is decided.
            if stored.values().any(counts) || self.spoken.contains(&about) {
                continue;
            }
            let plain = now.fields.get(*field).and_then(|it| as_claimed(def, field, it));
            alone.extend(plain.map(|plain| (claims, about, plain, now.id, *field)));
        }
        let ids: BTreeSet<i64> = alone.iter().map(|(.., id, _)| *id).collect();
        let owners = self.owners(&ids.into_iter().collect::<Vec<_>>()).await?;
        let mut beside = Vec::new();
        for (claims, about, plain, id, field) in alone {
            let owner = owners.get(&id).and_then(|it| it.of(field)).map(str::to_owned);
            let is_own = own.is_some() && owner == own;
            let replaces = self.contradictions == Contradictions::Replace && self.writer.decides();
            if is_own || replaces {
                continue;
            }
            if self.contradictions == Contradictions::Refuse {
                self.refuse_against(&claims, &plain);
            }
            beside.push(Beside { claims, about, plain, owner });
        }
        self.add_older(beside).await
    }

    /// The claims of the changeset that were not about their subject and property before.
    fn coming(&self) -> BTreeMap<About, Vec<usize>> {
        let mut coming: BTreeMap<About, Vec<usize>> = BTreeMap::new();
        for (at, state) in self.states.iter().enumerate() {
            if state.def.name != "Claim" || !state.lives() {
                continue;
            }
            let after = claimed(&state.fields);
            if after != state.before.as_ref().and_then(claimed) {
                after.into_iter().for_each(|about| coming.entry(about).or_default().push(at));
            }
        }
        coming
    }

    fn is_in_base(&self, id: &str) -> bool {
        self.state(id).is_none_or(|state| !state.is_new() && state.lives())
    }

    /// A claim about a field has a value that the field takes, or says that there is none.
    fn claims_fit(&mut self) {
        let mut mistakes = Vec::new();
        for state in self.living().filter(|it| it.def.name == "Claim") {
            let value = |fields: &Fields| fields.get("value").cloned();
            let is_new = state.before.as_ref().and_then(value) != value(&state.fields);
            let Some((subject, property)) = claimed(&state.fields).filter(|_| is_new) else {
                continue;
            };
            let of: Option<&Def> = catalog().of_public_id(&subject);
            let field = of.and_then(|def| Some((def, *def.claimed.get(property.as_str())?)));
            let (Some((def, field)), Some(value)) = (field, value(&state.fields)) else { continue };
            if let Err(message) = fits(def, field, &value) {
                mistakes.push(state.mistake(Mistake::format(message).below("value")));
            }
        }
        self.mistakes.extend(mistakes);
    }

    /// With `Refuse`, no claim comes to stand against a cited one of others.
    fn refuse_contradictions(
        &mut self,
        (subject, property): &About,
        claims: &[usize],
        stored: &Claims,
    ) {
        if self.contradictions != Contradictions::Refuse {
            return;
        }
        let own = self.own();
        let cited: Vec<Json> = stored
            .values()
            .filter(|it| it.subject == *subject && it.property == *property)
            .filter(|it| it.rank != "DEPRECATED" && !it.sources.is_empty())
            .filter(|it| own.is_none() || it.asserted_by.as_deref() != own)
            .map(|it| it.value.clone())
            .collect();
        for value in cited {
            self.refuse_against(claims, &value);
        }
    }

    fn refuse_against(&mut self, claims: &[usize], value: &Json) {
        let against = claims.iter().filter_map(|at| self.states.get(*at)).filter(|state| {
            state.operation.is_some()
                && state.fields.get("value").is_some_and(|it| !agree(it, value))
        });
        let message = "it stands against what others have said, and `onConflict` is `REFUSE`";
        let refuse = |state: &super::work::State| {
            state.mistake(Mistake::new(MistakeCode::Contradiction, message).below("value"))
        };
        let mistakes: Vec<Mistake> = against.map(refuse).collect();
        self.mistakes.extend(mistakes);
    }

    /// Claims of what was there before those that come: among claims of as many sources, the older one is shown.
    async fn add_older(&mut self, beside: Vec<Beside>) -> Result<(), DbErr> {
        let Some(def) = catalog().named("Claim") else { return Ok(()) };
        let (mut older, mut coming) = (Vec::new(), Vec::new());
        for Beside { claims, about: (subject, property), plain, owner } in beside {
            let Some(of) = claims.first() else { continue };
            let fields = [
                ("subject", json!(subject)),
                ("property", json!(property)),
                ("value", plain),
                ("assertedBy", json!(owner)),
            ];
            let fields = fields.into_iter().filter(|(_, it)| !it.is_null());
            let fields = fields.map(|(name, it)| (name.to_owned(), it)).collect();
            older.push(self.new_record(*of, Vec::new(), def, fields));
            coming.push(claims);
        }
        let added = self.states.len()..;
        self.add_new(older).await?;
        for (added, claims) in added.zip(coming) {
            let new = claims.into_iter().filter(|at| self.states[*at].is_new());
            if let Some(first) = new.min_by_key(|at| self.states[*at].id) {
                let (older, newer) = (self.states[first].id, self.states[added].id);
                self.states[added].id = older.min(newer);
                self.states[first].id = older.max(newer);
            }
        }
        Ok(())
    }
}
