//! The records of a changeset as its operations leave them, before anything follows from it.
use std::collections::{BTreeSet, HashMap};

use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::Value as Json;

use super::{
    Cited, Contradictions, Operation,
    current::{Current, at_versions, current},
    lock,
    redacted::gone,
    work::{End, Going, State, Work, draw_numbers, merged},
};
use crate::{
    auth::Writer,
    record::{
        catalog,
        def::Def,
        write::{Differs, Fields, Mistake, MistakeCode},
    },
};

/// What is known of the records that operations speak of.
struct Base {
    now: HashMap<String, Current>,
    /// Versions that writers have seen and that are others by now.
    seen: HashMap<(String, i64), Fields>,
}

impl Base {
    async fn of(tx: &DatabaseTransaction, operations: &[Operation]) -> Result<Base, DbErr> {
        let seen = || operations.iter().flat_map(Operation::seen);
        let ids: Vec<String> = seen().map(|(id, _)| id.clone()).collect();
        lock::changed(tx, operations, &ids).await?;
        let mut now = current(tx, &ids).await?;
        let stale =
            seen().filter(|(id, version)| now.get(*id).is_some_and(|it| it.version != *version));
        let stale: Vec<(String, i64)> = stale.map(|(id, version)| (id.clone(), version)).collect();
        let seen = at_versions(tx, &stale).await?;
        for operation in operations {
            if let Operation::Redact { id, .. } = operation
                && !now.contains_key(id)
            {
                // The log speaks of what is gone, too.
                now.extend(gone(tx, id).await?.map(|(now, _)| (id.clone(), now)));
            }
        }
        Ok(Base { now, seen })
    }

    /// A record that an operation is done to.
    fn state(&self, place: usize, id: &str) -> Option<State> {
        let now = self.now.get(id)?;
        let state = State::following(catalog().of_id(now.id)?, id.to_owned(), now);
        Some(State { operation: Some(place), ..state })
    }
}

impl<'a> Work<'a> {
    /// The records as the operations leave them.
    pub(super) async fn open(
        tx: &'a DatabaseTransaction,
        writer: &'a Writer,
        contradictions: Contradictions,
        operations: Vec<Operation>,
    ) -> Result<Work<'a>, DbErr> {
        let created = operations.iter().filter(|it| matches!(it, Operation::Create { .. })).count();
        let mut numbers = draw_numbers(tx, created).await?;
        let base = Base::of(tx, &operations).await?;
        let mut work = Work::new(tx, writer, contradictions);
        for (place, operation) in operations.into_iter().enumerate() {
            // Whatever else is wrong with new values is told too.
            let is_update = matches!(operation, Operation::Update { .. });
            if !work.is_as_seen(place, &operation, &base) && !is_update {
                continue;
            }
            match operation {
                Operation::Create { def, id, fields, cited } => {
                    let number = numbers.pop().unwrap_or_default();
                    work.create(place, (def, def.internal_id(number), id), fields, cited);
                }
                Operation::Update { id, fields, cited, .. } => {
                    if let Some(state) = base.state(place, &id) {
                        work.update(state, fields, cited);
                    }
                }
                Operation::Delete { id, takes_along, .. } => {
                    if let Some(state) = base.state(place, &id) {
                        work.take_away(place, state, takes_along);
                    }
                }
                Operation::Redact { id, field, .. } => {
                    if let Some(state) = base.state(place, &id) {
                        work.blank(state, field).await?;
                    }
                }
                Operation::Merge { into, from, .. } => {
                    let both = base.state(place, &into).zip(base.state(place, &from));
                    if let Some((stays, goes)) = both {
                        work.join(place, stays, goes);
                    }
                }
            }
        }
        Ok(work)
    }

    /// `record` is its type with its internal and its public id.
    fn create(
        &mut self,
        place: usize,
        (def, id, public_id): (&'static Def, i64, String),
        fields: Fields,
        cited: Cited,
    ) {
        self.enter(State {
            operation: Some(place),
            cause: None,
            def,
            id,
            public_id,
            version: 1,
            fields: merged(Fields::new(), fields),
            before: None,
            part: Vec::new(),
            cited,
            end: None,
            redacted: None,
        });
    }

    fn update(&mut self, state: State, fields: Fields, cited: Cited) {
        let fields = with_old_slug(merged(state.fields, fields), state.before.as_ref());
        self.enter(State { fields, cited, ..state });
    }

    fn take_away(&mut self, place: usize, mut state: State, takes_along: bool) {
        let id = state.public_id.clone();
        state.ends(End::Deleted);
        if self.enter(state) {
            self.going.push(Going::Deleted { place, id, takes_along });
        }
    }

    async fn blank(&mut self, state: State, field: String) -> Result<(), DbErr> {
        let end = match state.fields.is_empty() {
            true => gone(self.tx, &state.public_id).await?.map(|(_, end)| end),
            false => None,
        };
        self.enter(State { redacted: Some(field), end, ..state });
        Ok(())
    }

    fn join(&mut self, place: usize, stays: State, mut goes: State) {
        let (into, from) = (stays.public_id.clone(), goes.public_id.clone());
        // It could be nothing else, whatever follows from it.
        if !self.writer.decides() && self.contradictions != Contradictions::AsGiven {
            let message = "who makes two records one needs the scope `PUBLISH`".to_owned();
            return self.refuse(place, MistakeCode::Forbidden, &from, message);
        }
        if stays.def.code != goes.def.code || stays.id == goes.id {
            let message = "two different records of one type are made one".to_owned();
            return self.refuse(place, MistakeCode::Format, &from, message);
        }
        goes.ends(End::Merged(stays.id));
        // In the log the one goes first: its names are free when the other takes them.
        if self.enter(goes) && self.enter(stays) {
            self.going.push(Going::Merged { place, from, into });
        }
    }

    /// Whether the records of an operation are there and as the writer saw them; what is not is a mistake.
    fn is_as_seen(&mut self, place: usize, operation: &Operation, base: &Base) -> bool {
        let mut is_as_seen = true;
        for (id, expected) in operation.seen() {
            match base.now.get(id) {
                Some(now) if now.version == expected => continue,
                Some(now) => {
                    let proposed = operation.fields();
                    let seen = base.seen.get(&(id.clone(), expected));
                    let differing = differing(now, expected, seen, proposed);
                    let wrong = |it: Mistake| it.below(id.clone()).below(place.to_string());
                    self.mistakes.extend(differing.into_iter().map(wrong));
                }
                None => {
                    let message = format!("there is no record `{id}`");
                    self.refuse(place, MistakeCode::UnknownReference, id, message);
                }
            }
            is_as_seen = false;
        }
        is_as_seen
    }

    /// Adds what an operation makes of a record, unless another one has spoken of it before.
    fn enter(&mut self, state: State) -> bool {
        if self.places.contains_key(&state.public_id) {
            let mistake =
                Mistake::format("a changeset has one operation on a record: put them together");
            self.mistakes.push(state.mistake(mistake));
            return false;
        }
        self.add(state);
        true
    }
}

/// The fields that have changed since the version that the writer saw, which is the base.
fn differing(
    now: &Current,
    expected: i64,
    base: Option<&Fields>,
    proposed: Option<&Fields>,
) -> Vec<Mistake> {
    let at = format!("the record is at version {}, not {expected}: read it again", now.version);
    let stale = || Mistake::new(MistakeCode::StaleVersion, at.clone());
    let Some(base) = base else { return vec![stale()] };
    let names: BTreeSet<&String> = base.keys().chain(now.fields.keys()).collect();
    let value = |fields: &Fields, name: &str| fields.get(name).cloned().unwrap_or_default();
    let mut differing = Vec::new();
    for name in names.into_iter().filter(|name| base.get(*name) != now.fields.get(*name)) {
        let differs = Differs {
            base: value(base, name),
            current: value(&now.fields, name),
            proposed: proposed.map(|it| value(it, name)).unwrap_or_default(),
        };
        let message = format!("`{name}` has changed: {at}");
        let mistake = Mistake { differs: Some(Box::new(differs)), message, ..stale() };
        differing.push(mistake.below(name.clone()));
    }
    match differing.is_empty() {
        true => vec![stale()],
        false => differing,
    }
}

/// A slug that was the record's leads to it for ever, which the log says too.
fn with_old_slug(mut fields: Fields, before: Option<&Fields>) -> Fields {
    let old = before.and_then(|before| before.get("slug")).cloned();
    let Some(old) = old.filter(|old| fields.get("slug").is_some_and(|slug| slug != old)) else {
        return fields;
    };
    let former = fields.entry("formerSlugs").or_insert_with(|| Json::Array(Vec::new()));
    if let Some(former) = former.as_array_mut()
        && !former.contains(&old)
    {
        former.push(old);
    }
    fields
}
