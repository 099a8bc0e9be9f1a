//! Whether records are right by the rules of their types, and what they refer to.
use std::collections::{HashMap, HashSet};

use sea_orm::DbErr;
use serde_json::Value as Json;

use super::{
    current::{current, internal_ids},
    work::{State, Work},
};
use crate::{
    record::{
        catalog,
        def::Def,
        rule,
        write::{Checked, Fields, Known},
    },
    value::public_id::PublicId,
};

impl Work<'_> {
    /// Internal ids of all records that the states refer to, themselves included.
    pub(super) async fn referenced(&self) -> Result<HashMap<String, i64>, DbErr> {
        let mut ids: HashMap<String, i64> =
            self.living().map(|it| (it.public_id.clone(), it.id)).collect();
        // Whom the writer speaks for is in the log.
        let mut asked: HashSet<&str> = self.own().into_iter().collect();
        for state in &self.states {
            state.fields.values().for_each(|value| references(value, &mut asked));
        }
        let asked: Vec<String> =
            asked.into_iter().filter(|id| self.state(id).is_none()).map(str::to_owned).collect();
        ids.extend(internal_ids(self.tx, &asked).await?);
        Ok(ids)
    }

    /// The rules that types have of their own.
    pub(super) async fn check(&mut self) -> Result<(), DbErr> {
        let known = self.looked_at().await?;
        let look = |id: &str| self.state(id).map(|state| &state.fields).or_else(|| known.get(id));
        let mut mistakes = Vec::new();
        for state in self.living() {
            // What only follows from others is right as it comes: claims may say that something ended before it began.
            if state.operation.is_some() {
                let broken = rule::broken(state.def, &state.public_id, &state.fields);
                mistakes.extend(broken.into_iter().map(|it| state.mistake(it)));
            }
            if let Some(Checked { check, .. }) = self.check_of(state) {
                let found = check(&state.fields, &Known { look: &look });
                mistakes.extend(found.into_iter().map(|it| state.mistake(it)));
            }
        }
        self.mistakes.extend(mistakes);
        Ok(())
    }

    /// The rule that a record must be held to: none where all that it looks at is kept, or was found in the text just now.
    fn check_of(&self, state: &State) -> Option<&'static Checked> {
        let checked = state.def.check.as_ref()?;
        let is_other = checked.fields.iter().any(|field| state.has_other(field));
        (is_other && !self.is_placed(state)).then_some(checked)
    }

    /// What the rules look at beside the records of the changeset: texts are among it, which are long.
    async fn looked_at(&self) -> Result<HashMap<String, Fields>, DbErr> {
        let mut known: HashMap<String, Fields> = HashMap::new();
        let mut next = HashSet::new();
        for state in self.living().filter(|state| self.check_of(state).is_some()) {
            looked_at_by(state.def, &state.fields, &mut next);
        }
        // What records refer to, and what that refers to: a rule looks no further.
        for _ in 0..2 {
            let (own, others): (Vec<String>, Vec<String>) =
                std::mem::take(&mut next).into_iter().partition(|id| self.state(id).is_some());
            for state in own.iter().filter_map(|id| self.state(id)) {
                looked_at_by(state.def, &state.fields, &mut next);
            }
            for (id, now) in current(self.tx, &others).await? {
                if let Some(def) = catalog().of_id(now.id) {
                    looked_at_by(def, &now.fields, &mut next);
                }
                known.insert(id, now.fields);
            }
        }
        Ok(known)
    }
}

/// Public ids of the records that the rule of a type looks at, by the fields of a record of it.
fn looked_at_by(def: &Def, fields: &Fields, out: &mut HashSet<String>) {
    let mut found = HashSet::new();
    let names = def.check.as_ref().map(|it| it.fields).unwrap_or_default();
    names.iter().filter_map(|name| fields.get(*name)).for_each(|it| references(it, &mut found));
    out.extend(found.into_iter().map(str::to_owned));
}

/// All texts in a value that have the form of a public id.
pub(super) fn references<'v>(value: &'v Json, out: &mut HashSet<&'v str>) {
    match value {
        Json::String(text) if PublicId::parse(text).is_some() => {
            out.insert(text);
        }
        Json::Array(list) => list.iter().for_each(|it| references(it, out)),
        Json::Object(map) => map.values().for_each(|it| references(it, out)),
        _ => {}
    }
}
