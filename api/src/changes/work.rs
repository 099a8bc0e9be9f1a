//! A changeset at work: what its records become, and whether they may.
use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement};
use serde_json::Value as Json;
use ulid::Ulid;

use super::{
    Cited, Contradictions, Operation,
    cited::Words,
    current::{CHUNK, Current, at_versions, current, internal_ids, statement, texts},
    keys::{all_identifiers, all_slugs},
    lock,
    redacted::{Blanked, gone},
};
use crate::{
    auth::Writer,
    record::{
        catalog,
        def::{Def, type_code},
        rule,
        write::{Checked, Differs, Fields, Known, Mistake, MistakeCode},
    },
    value::public_id::PublicId,
};

/// A record as the changeset leaves it.
pub(super) struct State {
    /// Place of the operation in the changeset; `None` for a record that follows from others, such as the subject of a claim.
    pub(super) operation: Option<usize>,
    /// Place of the operation that it follows from, where that is known.
    pub(super) cause: Option<usize>,
    pub(super) def: &'static Def,
    pub(super) id: i64,
    pub(super) public_id: String,
    pub(super) version: i64,
    /// Empty for a record that goes.
    pub(super) fields: Fields,
    /// Its fields in the base; `None` for a new record.
    pub(super) before: Option<Fields>,
    /// Where in the operation stands what it is made of, if it is made of a part.
    pub(super) part: Vec<String>,
    /// Sources of what the operation gives.
    pub(super) cited: Cited,
    /// How it goes, if it does.
    pub(super) end: Option<End>,
    /// The field that is blanked in all that is known of it.
    pub(super) redacted: Option<String>,
}

/// How a record goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Deleted,
    /// Internal id of the record that takes its place.
    Merged(i64),
}

impl State {
    /// A record that is changed by what happens to others.
    pub(super) fn following(def: &'static Def, public_id: String, now: &Current) -> State {
        State {
            operation: None,
            cause: None,
            def,
            id: now.id,
            public_id,
            version: now.version + 1,
            fields: now.fields.clone(),
            before: Some(now.fields.clone()),
            part: Vec::new(),
            cited: Cited::default(),
            end: None,
            redacted: None,
        }
    }

    pub(super) fn is_new(&self) -> bool {
        self.version == 1
    }

    /// Whether it is there when the changeset is done.
    pub(super) fn lives(&self) -> bool {
        self.end.is_none()
    }

    /// Whether the changeset gives a field another value, or its first.
    pub(super) fn has_other(&self, field: &str) -> bool {
        self.before.as_ref().is_none_or(|before| before.get(field) != self.fields.get(field))
    }

    /// The record goes.
    pub(super) fn ends(&mut self, end: End) {
        self.fields.clear();
        self.end = Some(end);
    }

    /// A text of the record, as the changeset leaves it.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }

    /// A mistake in this record's operation.
    pub(super) fn mistake(&self, mut mistake: Mistake) -> Mistake {
        if !self.part.is_empty() {
            // A claim is the value of a field, which has no fields of its own.
            mistake.path.retain(|_| self.def.name != "Claim");
            mistake.path.splice(0..0, self.part.iter().cloned());
        }
        let Some(place) = self.operation.or(self.cause) else {
            return mistake.below(self.public_id.clone());
        };
        if self.operation.is_none() {
            // It gives no fields of this record.
            mistake.path.clear();
        }
        mistake.below(self.public_id.clone()).below(place.to_string())
    }
}

/// A changeset at work.
pub(super) struct Work<'a> {
    pub(super) tx: &'a DatabaseTransaction,
    pub(super) writer: &'a Writer,
    pub(super) contradictions: Contradictions,
    pub(super) states: Vec<State>,
    /// Place of a record among the states.
    pub(super) places: HashMap<String, usize>,
    pub(super) mistakes: Vec<Mistake>,
    /// What goes by operations of the changeset.
    pub(super) going: Vec<Going>,
    /// Subject and property of the fields of which operations have said something that claims speak of.
    pub(super) spoken: BTreeSet<(String, String)>,
    /// Public ids of records whose slugs were chosen for them.
    pub(super) chosen: HashSet<String>,
    /// What is to be blanked in the log.
    pub(super) blanked: Vec<Blanked>,
    /// Words that were found where they are said to stand.
    pub(super) placed: HashSet<Words>,
}

/// An operation by which a record goes.
pub(super) enum Going {
    Deleted { place: usize, id: String, takes_along: bool },
    Merged { place: usize, from: String, into: String },
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
        let seen: Vec<String> =
            operations.iter().flat_map(Operation::seen).map(|(id, _)| id.clone()).collect();
        lock::changed(tx, &operations, &seen).await?;
        let mut before = current(tx, &seen).await?;
        let stale: Vec<(String, i64)> = operations
            .iter()
            .flat_map(Operation::seen)
            .filter(|(id, seen)| before.get(*id).is_some_and(|now| now.version != *seen))
            .map(|(id, seen)| (id.clone(), seen))
            .collect();
        let stale = at_versions(tx, &stale).await?;
        let (states, places, mistakes) = (Vec::new(), HashMap::new(), Vec::new());
        let going = Vec::new();
        let mut work = Work {
            tx,
            writer,
            contradictions,
            states,
            places,
            mistakes,
            going,
            spoken: BTreeSet::new(),
            chosen: HashSet::new(),
            blanked: Vec::new(),
            placed: HashSet::new(),
        };
        let is_as_given = contradictions == Contradictions::AsGiven;
        for (place, operation) in operations.into_iter().enumerate() {
            if let Operation::Redact { id, .. } = &operation
                && !before.contains_key(id)
            {
                // The log speaks of what is gone, too.
                before.extend(gone(tx, id).await?.map(|(now, _)| (id.clone(), now)));
            }
            // Whatever else is wrong with new values is told too.
            if !work.is_as_seen(place, &operation, &before, &stale)
                && !matches!(operation, Operation::Update { .. })
            {
                continue;
            }
            let following = |id: &str| {
                let now = before.get(id)?;
                let state = State::following(catalog().of_id(now.id)?, id.to_owned(), now);
                Some(State { operation: Some(place), ..state })
            };
            match operation {
                Operation::Create { def, id, fields, cited } => {
                    let number = numbers.pop().unwrap_or_default();
                    let fields = merged(Fields::new(), fields);
                    let id_of_row = def.internal_id(number);
                    work.enter(State {
                        operation: Some(place),
                        cause: None,
                        def,
                        id: id_of_row,
                        public_id: id,
                        version: 1,
                        fields,
                        before: None,
                        part: Vec::new(),
                        cited,
                        end: None,
                        redacted: None,
                    });
                }
                Operation::Update { id, fields, cited, .. } => {
                    let Some(state) = following(&id) else { continue };
                    let fields = with_old_slug(merged(state.fields, fields), state.before.as_ref());
                    work.enter(State { fields, cited, ..state });
                }
                Operation::Delete { id, takes_along, .. } => {
                    let Some(mut state) = following(&id) else { continue };
                    state.ends(End::Deleted);
                    if work.enter(state) {
                        work.going.push(Going::Deleted { place, id, takes_along });
                    }
                }
                Operation::Redact { id, field, .. } => {
                    let Some(state) = following(&id) else { continue };
                    let end = match state.fields.is_empty() {
                        true => gone(tx, &id).await?.map(|(_, end)| end),
                        false => None,
                    };
                    work.enter(State { redacted: Some(field), end, ..state });
                }
                // It could be nothing else, whatever follows from it.
                Operation::Merge { from, .. } if !writer.decides() && !is_as_given => {
                    let message = "who makes two records one needs the scope `PUBLISH`".to_owned();
                    work.refuse(place, MistakeCode::Forbidden, &from, message);
                }
                Operation::Merge { into, from, .. } => {
                    let (Some(stays), Some(mut goes)) = (following(&into), following(&from)) else {
                        continue;
                    };
                    if stays.def.code != goes.def.code || stays.id == goes.id {
                        let message = "two different records of one type are made one".to_owned();
                        work.refuse(place, MistakeCode::Format, &from, message);
                        continue;
                    }
                    goes.ends(End::Merged(stays.id));
                    // In the log the one goes first: its names are free when the other takes them.
                    if work.enter(goes) && work.enter(stays) {
                        work.going.push(Going::Merged { place, from, into });
                    }
                }
            }
        }
        Ok(work)
    }

    /// Whether the records of an operation are there and as the writer saw them; what is not is a mistake.
    fn is_as_seen(
        &mut self,
        place: usize,
        operation: &Operation,
        before: &HashMap<String, Current>,
        stale: &HashMap<(String, i64), Fields>,
    ) -> bool {
        let mut is_as_seen = true;
        for (id, expected) in operation.seen() {
            match before.get(id) {
                Some(now) if now.version == expected => continue,
                Some(now) => {
                    let proposed = operation.fields();
                    let base = stale.get(&(id.clone(), expected));
                    let differing = differing(now, expected, base, proposed);
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

    /// A mistake about a record that an operation names.
    pub(super) fn refuse(&mut self, place: usize, code: MistakeCode, id: &str, message: String) {
        let mistake = Mistake::new(code, message).below(id.to_owned()).below(place.to_string());
        self.mistakes.push(mistake);
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

    /// A new record that follows from an operation; it is not numbered yet, see [`Work::number`].
    pub(super) fn new_record(
        &self,
        of: usize,
        part: Vec<String>,
        def: &'static Def,
        fields: Fields,
    ) -> State {
        State {
            operation: self.states[of].operation,
            cause: None,
            def,
            id: 0,
            public_id: PublicId { prefix: def.prefix, ulid: Ulid::generate() }.to_string(),
            version: 1,
            fields,
            before: None,
            part,
            cited: Cited::default(),
            end: None,
            redacted: None,
        }
    }

    /// Adds records that follow from operations, with numbers.
    pub(super) async fn add_new(&mut self, states: Vec<State>) -> Result<(), DbErr> {
        if states.is_empty() {
            return Ok(());
        }
        let mut numbers = draw_numbers(self.tx, states.len()).await?;
        for state in states {
            let number = numbers.pop().unwrap_or_default();
            self.add(State { id: state.def.internal_id(number), ..state });
        }
        Ok(())
    }

    /// The state of a record of the base, which is added if no operation has spoken of it.
    pub(super) fn following(&mut self, public_id: &str, now: &Current) -> Option<&mut State> {
        if !self.places.contains_key(public_id) {
            let def = catalog().of_id(now.id)?;
            self.add(State::following(def, public_id.to_owned(), now));
        }
        let place = self.places.get(public_id)?;
        self.states.get_mut(*place)
    }

    /// Forgets the records that stay as they are: what was given for them is there already, or has become a claim.
    pub(super) fn leave_unchanged(&mut self) {
        let is_same = |it: &State| it.before.as_ref() == Some(&it.fields);
        self.states.retain(|it| !it.lives() || it.redacted.is_some() || !is_same(it));
        self.put_places();
    }

    /// Takes note of where the states are.
    pub(super) fn put_places(&mut self) {
        self.place_states();
    }

    /// Takes note of where the states are, after some have gone.
    pub(super) fn place_states(&mut self) {
        let places = self.states.iter().enumerate();
        self.places = places.map(|(place, state)| (state.public_id.clone(), place)).collect();
    }

    /// The records that are there when the changeset is done.
    pub(super) fn living(&self) -> impl Iterator<Item = &State> {
        self.states.iter().filter(|state| state.lives())
    }

    /// Internal ids of the records that go.
    pub(super) fn ending(&self) -> HashSet<i64> {
        self.states.iter().filter(|state| !state.lives()).map(|state| state.id).collect()
    }

    pub(super) fn add(&mut self, state: State) {
        self.places.insert(state.public_id.clone(), self.states.len());
        self.states.push(state);
    }

    pub(super) fn state(&self, public_id: &str) -> Option<&State> {
        self.places.get(public_id).map(|place| &self.states[*place])
    }

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

    /// Slugs and identifiers lead to one record each.
    pub(super) async fn unique(&mut self) -> Result<(), DbErr> {
        let mut slugs: HashMap<(u16, String), i64> = HashMap::new();
        let mut identifiers: HashMap<(String, String), i64> = HashMap::new();
        // What a record has had before is its own.
        let of_slugs =
            self.living().filter(|it| it.has_other("slug") || it.has_other("formerSlugs"));
        let values: Vec<String> = of_slugs.flat_map(|it| all_slugs(&it.fields)).collect();
        for chunk in values.chunks(CHUNK) {
            let sql = "SELECT type, slug, record_id FROM record_slug WHERE slug = {list}";
            let asked = statement(self.tx, sql, vec![texts(self.tx, chunk)]);
            for row in self.tx.query_all_raw(asked).await? {
                let id: i64 = row.try_get_by_index(2)?;
                slugs.insert((type_code(id), row.try_get_by_index(1)?), id);
            }
        }
        let of_identifiers = self.living().filter(|it| it.has_other("identifiers"));
        let values: Vec<String> = of_identifiers
            .flat_map(|it| all_identifiers(&it.fields))
            .map(|(_, value, _)| value)
            .collect();
        for chunk in values.chunks(CHUNK) {
            let sql = "SELECT scheme, value, record_id FROM record_identifier WHERE value = {list}";
            let asked = statement(self.tx, sql, vec![texts(self.tx, chunk)]);
            for row in self.tx.query_all_raw(asked).await? {
                let key = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                identifiers.insert(key, row.try_get_by_index(2)?);
            }
        }
        // What goes leaves its names free.
        let ending = self.ending();
        slugs.retain(|_, owner| !ending.contains(owner));
        identifiers.retain(|_, owner| !ending.contains(owner));
        let mut mistakes = Vec::new();
        for state in self.living() {
            let taken = |message: String, field: &str| {
                state.mistake(Mistake::new(MistakeCode::Duplicate, message).below(field))
            };
            for slug in all_slugs(&state.fields) {
                let owner = *slugs.entry((state.def.code, slug.clone())).or_insert(state.id);
                // One that was chosen was free then. Who has taken it since collides with it, and another is chosen.
                if owner != state.id && !self.chosen.contains(&state.public_id) {
                    mistakes
                        .push(taken(format!("the slug `{slug}` leads to another record"), "slug"));
                }
            }
            for (scheme, value, _) in all_identifiers(&state.fields) {
                let owner = *identifiers.entry((scheme.clone(), value.clone())).or_insert(state.id);
                if owner != state.id {
                    let message = format!("the identifier {scheme} `{value}` is another record's");
                    mistakes.push(taken(message, "identifiers"));
                }
            }
        }
        self.mistakes.extend(mistakes);
        Ok(())
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

/// Numbers for new records, greatest first.
pub(super) async fn draw_numbers(
    tx: &DatabaseTransaction,
    count: usize,
) -> Result<Vec<i64>, DbErr> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let backend = tx.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "SELECT nextval('record_number') FROM generate_series(1, $1)",
        _ => "UPDATE record_number SET last = last + $1 WHERE id = 1 RETURNING last",
    };
    let rows =
        tx.query_all_raw(Statement::from_sql_and_values(backend, sql, vec![count.into()])).await?;
    let mut numbers =
        rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<i64>, _>>()?;
    if backend == DbBackend::Sqlite {
        let last = numbers.first().copied().unwrap_or_default();
        numbers = (last - count + 1..=last).collect();
    }
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    Ok(numbers)
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

/// Fields after a change: what is null is gone.
pub(super) fn merged(mut fields: Fields, change: Fields) -> Fields {
    for (name, value) in change {
        match value {
            Json::Null => fields.remove(&name),
            value => fields.insert(name, value),
        };
    }
    fields
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
