//! Fields of which claims are the truth, rewritten in the changeset that changes the claims or their sources.
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use serde_json::Value as Json;

use super::{
    best::{Side, best},
    current::{CHUNK, current, statement, texts},
    lock,
    work::{State, Work, merged},
};
use crate::record::{catalog, write::Fields};

/// A claim as the changeset leaves it.
pub(super) struct Claimed {
    id: i64,
    pub(super) subject: String,
    pub(super) property: String,
    pub(super) rank: String,
    pub(super) value: Json,
    /// Public id of who asserts it.
    pub(super) asserted_by: Option<String>,
    /// Document by citation.
    pub(super) sources: HashMap<String, String>,
}

impl Claimed {
    /// What it weighs. All that one organization cites for it counts as one source: how many addresses somebody enters says
    /// nothing. What the program has loaded counts by documents.
    fn side(self, citing: &HashMap<String, String>) -> Side {
        let weight = |(citation, document): (String, String)| match citing.get(&citation) {
            Some(organization) => organization.clone(),
            None => document,
        };
        let sources = self.sources.into_iter().map(weight).collect();
        Side { id: self.id, rank: self.rank, value: self.value, sources }
    }
}

/// Claims by public id.
pub(super) type Claims = BTreeMap<String, Claimed>;

impl Work<'_> {
    /// Fields of which claims are the truth show the best one, also of subjects that the changeset does not name.
    pub(super) async fn show_best_claims(&mut self) -> Result<(), DbErr> {
        let cited = self.cited();
        let mut claims = stored_claims(self.tx, "c.public_id", &cited).await?;
        let mut touched: BTreeSet<(String, String)> =
            claims.values().map(|it| (it.subject.clone(), it.property.clone())).collect();
        for state in self.of_type("Claim") {
            let after = claimed(&state.fields);
            touched.extend(state.before.as_ref().and_then(claimed).into_iter().chain(after));
        }
        // A field that is given a value shows the best claim all the same, if there is one.
        let given = self.given_beside_claims();
        let mut subjects: Vec<String> =
            touched.union(&given).map(|(subject, _)| subject.clone()).collect();
        subjects.dedup();
        subjects.retain(|it| self.state(it).is_none_or(|state| !state.is_new()));
        if self.states.iter().any(|state| !state.lives()) {
            // What goes may be the source of a claim that no operation names.
            lock::shown(self.tx, &subjects).await?;
            claims = stored_claims(self.tx, "c.public_id", &cited).await?;
        }
        let taking_over = self.taking_over();
        subjects.extend(taking_over.iter().cloned());
        let others: Vec<String> =
            subjects.iter().filter(|it| self.state(it).is_none()).cloned().collect();
        let known = current(self.tx, &others).await?;
        claims.extend(stored_claims(self.tx, "s.public_id", &subjects).await?);
        self.put_claims(&mut claims);
        // A plain value of the record that has gone does not stand against claims about the one that stays.
        let about = claims.values().filter(|it| taking_over.contains(&it.subject));
        touched.extend(about.map(|it| (it.subject.clone(), it.property.clone())));
        add_stored_sources(self.tx, &mut claims).await?;
        self.put_sources(&mut claims);

        let mut of_fields: BTreeMap<(String, String), Vec<Claimed>> =
            touched.union(&given).map(|it| (it.clone(), Vec::new())).collect();
        for claim in claims.into_values() {
            let of = (claim.subject.clone(), claim.property.clone());
            if let Some(of_field) = of_fields.get_mut(&of) {
                of_field.push(claim);
            }
        }
        let citing = self.citing(&of_fields).await?;
        let sides = of_fields.into_iter().map(|(of, claims)| {
            let sides = claims.into_iter().map(|it| it.side(&citing)).collect::<Vec<_>>();
            (of, sides)
        });
        for (of, sides) in sides {
            let value = best(&sides);
            if value.is_none() && !touched.contains(&of) {
                continue;
            }
            let (subject, property) = of;
            let now = known.get(&subject);
            let id = self.state(&subject).map(|state| state.id).or(now.map(|it| it.id));
            let Some(def) = id.and_then(|id| catalog().of_id(id)) else { continue };
            let Some(field) = def.claimed.get(property.as_str()) else { continue };
            let value = value.unwrap_or_default();
            if !self.places.contains_key(&subject) {
                let Some(now) = now else { continue };
                if now.fields.get(*field).unwrap_or(&Json::Null) == &value {
                    continue;
                }
                self.following(&subject, now);
            }
            if let Some(place) = self.places.get(&subject).filter(|it| self.states[**it].lives()) {
                let change = Fields::from_iter([((*field).to_owned(), value)]);
                let state = &mut self.states[*place];
                state.fields = merged(std::mem::take(&mut state.fields), change);
            }
        }
        Ok(())
    }

    /// Public ids of the organizations that have cited the sources of claims that do not agree, by those of the citations.
    async fn citing(
        &self,
        of_fields: &BTreeMap<(String, String), Vec<Claimed>>,
    ) -> Result<HashMap<String, String>, DbErr> {
        let differs = |claims: &&Vec<Claimed>| {
            claims.first().is_some_and(|first| claims.iter().any(|it| it.value != first.value))
        };
        let disputed = of_fields.values().filter(differs).flatten();
        let citations: BTreeSet<&String> = disputed.flat_map(|it| it.sources.keys()).collect();
        let is_new = |id: &&&String| self.state(id).is_some_and(State::is_new);
        let (new, old): (Vec<&String>, Vec<&String>) =
            citations.into_iter().partition(|it| is_new(&it));
        let mut citing = HashMap::new();
        if let Some(own) = self.own() {
            citing.extend(new.into_iter().map(|it| (it.clone(), own.to_owned())));
        }
        let sql = "SELECT c.public_id, coalesce(m.public_id, o.public_id) FROM record c \
             JOIN change_entry e ON e.record_id = c.id AND e.version = 1 JOIN changeset s ON s.id = e.changeset_id \
             JOIN record o ON o.id = s.organization_id LEFT JOIN record m ON m.id = o.merged_into_id \
             WHERE c.public_id = {list}";
        let old: Vec<String> = old.into_iter().cloned().collect();
        for ids in old.chunks(CHUNK) {
            let asked = statement(self.tx, sql, vec![texts(self.tx, ids)]);
            for row in self.tx.query_all_raw(asked).await? {
                citing.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            }
        }
        Ok(citing)
    }

    /// Subject and property of the fields of which claims could be the truth and that operations give values.
    fn given_beside_claims(&self) -> BTreeSet<(String, String)> {
        let mut given = BTreeSet::new();
        for state in self.living() {
            let Some(before) = &state.before else { continue };
            for (property, field) in &state.def.claimed {
                if before.get(*field) != state.fields.get(*field) {
                    given.insert((state.public_id.clone(), (*property).to_owned()));
                }
            }
        }
        given
    }

    /// The claims about these records, as the changeset leaves them so far.
    pub(super) async fn claims_about(&self, subjects: &[String]) -> Result<Claims, DbErr> {
        let mut claims = stored_claims(self.tx, "s.public_id", subjects).await?;
        self.put_claims(&mut claims);
        add_stored_sources(self.tx, &mut claims).await?;
        self.put_sources(&mut claims);
        Ok(claims)
    }

    /// Public ids of the records that take the place of others.
    fn taking_over(&self) -> BTreeSet<String> {
        let into: HashSet<i64> = self.taken_over().map(|(_, into)| into).collect();
        let staying = self.living().filter(|state| into.contains(&state.id));
        staying.map(|state| state.public_id.clone()).collect()
    }

    /// The claims about these records as the base has them, with their sources.
    pub(super) async fn stored_about(&self, subjects: &[String]) -> Result<Claims, DbErr> {
        let mut claims = stored_claims(self.tx, "s.public_id", subjects).await?;
        add_stored_sources(self.tx, &mut claims).await?;
        Ok(claims)
    }

    fn of_type(&self, name: &'static str) -> impl Iterator<Item = &State> {
        self.states.iter().filter(move |state| state.def.name == name)
    }

    /// Subjects of the citations that come, change or go to another; they may be claims of the base.
    fn cited(&self) -> Vec<String> {
        let fields = self.of_type("Citation").flat_map(|it| it.before.iter().chain([&it.fields]));
        let cited: BTreeSet<String> = fields.filter_map(|it| text(it, "subject")).collect();
        cited.into_iter().filter(|it| self.state(it).is_none()).collect()
    }

    /// The claims as the changeset leaves them.
    fn put_claims(&self, claims: &mut Claims) {
        for state in self.of_type("Claim") {
            claims.remove(&state.public_id);
            let Some((subject, property)) = claimed(&state.fields) else { continue };
            let rank = text(&state.fields, "rank").unwrap_or_else(|| "NORMAL".to_owned());
            let value = state.fields.get("value").cloned().unwrap_or_default();
            let (sources, asserted_by) = (HashMap::new(), text(&state.fields, "assertedBy"));
            let id = state.id;
            let claim = Claimed { id, subject, property, rank, value, asserted_by, sources };
            claims.insert(state.public_id.clone(), claim);
        }
    }

    /// The sources as the changeset leaves them.
    fn put_sources(&self, claims: &mut Claims) {
        for state in self.of_type("Citation") {
            let before = state.before.as_ref().and_then(|it| text(it, "subject"));
            if let Some(claim) = before.and_then(|it| claims.get_mut(&it)) {
                claim.sources.remove(&state.public_id);
            }
            let claim = text(&state.fields, "subject").and_then(|it| claims.get_mut(&it));
            if let Some((claim, document)) = claim.zip(text(&state.fields, "document")) {
                claim.sources.insert(state.public_id.clone(), document);
            }
        }
    }
}

fn text(fields: &Fields, name: &str) -> Option<String> {
    fields.get(name).and_then(Json::as_str).map(str::to_owned)
}

/// Subject and property of a claim.
pub(super) fn claimed(fields: &Fields) -> Option<(String, String)> {
    text(fields, "subject").zip(text(fields, "property"))
}

/// The claims of the base whose own id, or that of their subject, is one of these. They have no sources yet.
async fn stored_claims(
    tx: &DatabaseTransaction,
    column: &str,
    ids: &[String],
) -> Result<Claims, DbErr> {
    let sql = format!(
        "SELECT c.public_id, c.id, s.public_id, c.property, c.rank, CAST(e.record AS TEXT) FROM claim c \
         JOIN record s ON s.id = c.subject_id JOIN change_entry e ON e.record_id = c.id AND e.version = c.version \
         WHERE {column} = {{list}}"
    );
    let mut claims = Claims::new();
    for ids in ids.chunks(CHUNK) {
        for row in tx.query_all_raw(statement(tx, &sql, vec![texts(tx, ids)])).await? {
            let record: String = row.try_get_by_index(5)?;
            let record: Fields =
                serde_json::from_str(&record).map_err(|e| DbErr::Json(e.to_string()))?;
            let claim = Claimed {
                id: row.try_get_by_index(1)?,
                subject: row.try_get_by_index(2)?,
                property: row.try_get_by_index(3)?,
                rank: row.try_get_by_index(4)?,
                value: record.get("value").cloned().unwrap_or_default(),
                asserted_by: text(&record, "assertedBy"),
                sources: HashMap::new(),
            };
            claims.insert(row.try_get_by_index(0)?, claim);
        }
    }
    Ok(claims)
}

async fn add_stored_sources(tx: &DatabaseTransaction, claims: &mut Claims) -> Result<(), DbErr> {
    let sql = "SELECT c.public_id, x.public_id, d.public_id FROM claim c JOIN citation x ON x.subject_id = c.id \
         JOIN document d ON d.id = x.document_id WHERE c.public_id = {list}";
    let ids: Vec<String> = claims.keys().cloned().collect();
    for ids in ids.chunks(CHUNK) {
        for row in tx.query_all_raw(statement(tx, sql, vec![texts(tx, ids)])).await? {
            let claim: String = row.try_get_by_index(0)?;
            if let Some(claim) = claims.get_mut(&claim) {
                claim.sources.insert(row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            }
        }
    }
    Ok(())
}
