//! Values that must not be known: taken out of the record, of all that the log says of it, and of kept answers. The positions
//! stay, and that it was done is an entry of its own. Of records that are gone the log still speaks, so that they are redacted
//! too.
use std::{collections::BTreeMap, time::Duration};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
    Value as Bind,
};
use serde_json::{Value as Json, json};

use super::{
    best::as_claimed,
    current::{Current, current, fields, internal_ids, statement, texts},
    kept,
    shown::Claimed,
    work::{End, State, Work},
};
use crate::{
    record::{
        catalog,
        def::Def,
        write::{Fields, Mistake, MistakeCode},
    },
    value::public_id::slug_of,
};

/// What stands where a text was that cannot be missing.
const BLANK: &str = "[redacted]";

/// What is blanked in all entries of a record.
pub(super) struct Blanked {
    def: &'static Def,
    /// Internal and public id.
    record: (i64, String),
    field: String,
    /// Only where the field says what one of these claims said.
    only: Option<Vec<Json>>,
}

/// A record that is gone: how, and its last version.
pub(super) async fn gone(
    tx: &DatabaseTransaction,
    id: &str,
) -> Result<Option<(Current, End)>, DbErr> {
    let sql = "SELECT r.id, e.version, r.merged_into_id FROM record r JOIN change_entry e ON e.record_id = r.id \
         WHERE r.public_id = {list} AND (r.deleted_at IS NOT NULL OR r.merged_into_id IS NOT NULL) \
         ORDER BY e.version DESC LIMIT 1";
    let row = tx.query_one_raw(statement(tx, sql, vec![texts(tx, &[id.to_owned()])])).await?;
    let Some(row) = row else { return Ok(None) };
    let (id, version) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let now = Current { id, version, fields: Fields::new(), author: String::new() };
    let into: Option<i64> = row.try_get_by_index(2)?;
    Ok(Some((now, into.map_or(End::Deleted, End::Merged))))
}

impl Work<'_> {
    /// Blanks the fields of the records that are redacted, and the claims that say the same.
    pub(super) async fn redact(&mut self) -> Result<(), DbErr> {
        let redacted: Vec<usize> =
            (0..self.states.len()).filter(|at| self.states[*at].redacted.is_some()).collect();
        for at in redacted {
            let state = &mut self.states[at];
            let Some(field) = state.redacted.clone() else { continue };
            let refused = match state.def.fields.get(&*field) {
                Some(of_def) if of_def.store.is_some() => {
                    let mut fields = state.fields.clone();
                    let is_blank = blank(state.def, &field, &mut fields, &state.public_id);
                    if is_blank {
                        state.fields = fields;
                    }
                    (state.lives() && !is_blank).then(|| {
                        let message = format!(
                            "`{field}` cannot be blanked, since every {} has it: delete the record, and redact it then",
                            state.def.one
                        );
                        Mistake::new(MistakeCode::Required, message)
                    })
                }
                _ => {
                    let message = format!("{} has no field `{field}` to blank", state.def.name);
                    Some(Mistake::new(MistakeCode::UnknownField, message))
                }
            };
            if let Some(mistake) = refused {
                let mistake = state.mistake(mistake.below("field"));
                self.mistakes.push(mistake);
                continue;
            }
            let (def, record) = (state.def, (state.id, state.public_id.clone()));
            self.blanked.push(Blanked { def, record, field: field.clone(), only: None });
            match def.property_of(&field) {
                Some(property) => self.redact_claims(at, property).await?,
                None if (def.name, &*field) == ("Claim", "value") => {
                    let claim = &mut self.states[at];
                    let id = claim.id;
                    silence(claim);
                    self.redact_subjects(&[id]).await?;
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Claims about a field that is redacted, those that are gone too.
    async fn redact_claims(&mut self, at: usize, property: &str) -> Result<(), DbErr> {
        let (subject, operation) = (self.states[at].public_id.clone(), self.states[at].operation);
        let Some(def) = catalog().named("Claim") else { return Ok(()) };
        let sql = "SELECT DISTINCT r.id, r.public_id FROM change_entry e JOIN record r ON r.id = e.record_id \
             WHERE e.record_id >> 48 = $1 AND e.record ->> 'subject' = $2 AND e.record ->> 'property' = $3 ORDER BY r.id";
        let values = [i64::from(def.code).into(), subject.into(), property.into()];
        let statement = Statement::from_sql_and_values(self.tx.get_database_backend(), sql, values);
        let (mut claims, mut ids) = (Vec::new(), Vec::new());
        for row in self.tx.query_all_raw(statement).await? {
            let record: (i64, String) = row.try_get_many_by_index()?;
            claims.push(record.0);
            ids.push(record.1.clone());
            self.blanked.push(Blanked { def, record, field: "value".to_owned(), only: None });
        }
        let now = current(self.tx, &ids).await?;
        for id in ids {
            if let Some(state) = now.get(&id).and_then(|now| self.following(&id, now)) {
                state.operation = operation;
                state.redacted = Some("value".to_owned());
                blank(state.def, "value", &mut state.fields, &id);
                silence(state);
            }
        }
        // They may have been about others.
        self.redact_subjects(&claims).await
    }

    /// The fields that have shown claims that are redacted.
    async fn redact_subjects(&mut self, claims: &[i64]) -> Result<(), DbErr> {
        let mut said: BTreeMap<(String, String), Vec<Json>> = BTreeMap::new();
        for claim in claims {
            for (_, entry) in entries(self.tx, *claim).await? {
                let text = |name: &str| entry.get(name).and_then(Json::as_str).map(str::to_owned);
                let of = text("subject").zip(text("property"));
                if let Some((of, value)) = of.zip(entry.get("value")) {
                    said.entry(of).or_default().push(value.clone());
                }
            }
        }
        let subjects: Vec<String> = said.keys().map(|(subject, _)| subject.clone()).collect();
        let ids = internal_ids(self.tx, &subjects).await?;
        // What another claim says too is known all the same, and is redacted there.
        let others = self.claims_about(&subjects).await?;
        for ((subject, property), mut values) in said {
            let is_about = |it: &&Claimed| it.subject == subject && it.property == property;
            let said: Vec<&Json> = others.values().filter(is_about).map(|it| &it.value).collect();
            values.retain(|value| !said.contains(&value));
            let id = match ids.get(&subject) {
                Some(id) => Some(*id),
                None => gone(self.tx, &subject).await?.map(|(now, _)| now.id),
            };
            let Some((id, def)) = id.and_then(|id| Some((id, catalog().of_id(id)?))) else {
                continue;
            };
            if let Some(field) = def.claimed.get(&*property) {
                let (record, field) = ((id, subject), (*field).to_owned());
                self.blanked.push(Blanked { def, record, field, only: Some(values) });
            }
        }
        Ok(())
    }

    /// Blanks the same in all entries that there are of these records, and forgets the answers that may show it. Positions
    /// must be drawn: see [`kept::forget`].
    pub(super) async fn rewrite_history(&self) -> Result<(), DbErr> {
        if self.blanked.is_empty() {
            return Ok(());
        }
        let tx = self.tx;
        let backend = tx.get_database_backend();
        let statement =
            |sql: &str, values: Vec<Bind>| Statement::from_sql_and_values(backend, sql, values);
        for Blanked { def, record: (id, public_id), field, only } in &self.blanked {
            for (position, mut record) in entries(tx, *id).await? {
                let says = |values: &Vec<Json>| {
                    let value = record.get(field).and_then(|it| as_claimed(def, field, it));
                    value.is_some_and(|value| values.contains(&value))
                };
                if only.as_ref().is_some_and(|values| !says(values)) {
                    continue;
                }
                let before = record.clone();
                match only {
                    Some(_) => drop(record.remove(field)),
                    None => drop(blank(def, field, &mut record, public_id)),
                }
                if record != before {
                    let sql = "UPDATE change_entry SET record = $1 WHERE position = $2";
                    let values = vec![Json::Object(record).into(), position.into()];
                    tx.execute_raw(statement(sql, values)).await?;
                }
            }
            if blanks_slug(field) {
                let slug = Bind::from(slug_of(public_id));
                let (sql, values) = match self.state(public_id).map(|it| &it.end) {
                    // As the log says now, this one led to it before they became one.
                    Some(Some(End::Merged(into))) => (
                        "INSERT INTO record_slug (record_id, slug, type) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                        vec![(*into).into(), slug, i64::from(def.code).into()],
                    ),
                    _ => (
                        "DELETE FROM record_slug WHERE record_id = $1 AND slug <> $2",
                        vec![(*id).into(), slug],
                    ),
                };
                tx.execute_raw(statement(sql, values)).await?;
            }
        }
        kept::forget(tx).await
    }
}

/// What was redacted is not left in the write-ahead log of SQLite, from which its pages are gone with the next checkpoint.
pub(super) async fn scrub(db: &DatabaseConnection) {
    /// Whoever reads holds a checkpoint up for as long as a query takes.
    const TRIES: usize = 20;
    if db.get_database_backend() != DbBackend::Sqlite {
        return;
    }
    for _ in 0..TRIES {
        let statement =
            Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
        match db.query_one_raw(statement).await.and_then(|row| match row {
            Some(row) => row.try_get_by_index::<i64>(0),
            None => Ok(0),
        }) {
            Ok(0) => return,
            Ok(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(error) => return tracing::warn!(%error, "the write-ahead log was not emptied"),
        }
    }
    tracing::warn!(
        "the write-ahead log was not emptied: what was redacted stays in it until the next checkpoint"
    );
}

/// Positions and fields of all entries of a record that have any.
async fn entries(tx: &DatabaseTransaction, id: i64) -> Result<Vec<(i64, Fields)>, DbErr> {
    let sql = "SELECT position, CAST(record AS TEXT) FROM change_entry \
         WHERE record_id = $1 AND record IS NOT NULL ORDER BY position";
    let backend = tx.get_database_backend();
    let rows = tx.query_all_raw(Statement::from_sql_and_values(backend, sql, [id.into()])).await?;
    let entry = |row: &sea_orm::QueryResult| {
        Ok((row.try_get_by_index(0)?, fields(&row.try_get_by_index::<String>(1)?)?))
    };
    rows.iter().map(entry).collect()
}

impl State {
    /// The name of what is done to it, in the log.
    pub(super) fn operation_name(&self) -> &'static str {
        match &self.end {
            _ if self.redacted.is_some() => "REDACT",
            Some(End::Merged(_)) => "MERGE",
            Some(End::Deleted) => "DELETE",
            None if self.is_new() => "CREATE",
            None => "UPDATE",
        }
    }
}

/// A claim that says nothing any more has no say in what is shown.
fn silence(claim: &mut State) {
    if claim.lives() {
        claim.fields.insert("rank".to_owned(), "DEPRECATED".into());
    }
}

/// A slug is made of a name.
fn blanks_slug(field: &str) -> bool {
    matches!(field, "names" | "slug")
}

/// Blanks a field, with what is made of it; false if it can be neither missing nor without meaning.
fn blank(def: &Def, field: &str, fields: &mut Fields, public_id: &str) -> bool {
    let Some(of_def) = def.fields.get(field) else { return false };
    if blanks_slug(field) && def.is_described() {
        fields.remove("formerSlugs");
        if let Some(slug) = fields.get_mut("slug") {
            *slug = slug_of(public_id).into();
        }
    }
    match (def.name, field) {
        (_, "slug") => return true,
        ("Claim", "value") => {
            if let Some(value) = fields.get_mut(field) {
                *value = json!({ "absence": "UNKNOWN" });
            }
            return true;
        }
        // Where the words stand says what they are.
        ("Citation", "quote") => ["span", "passage"].iter().for_each(|it| drop(fields.remove(*it))),
        // The text of a source stays as it is, or its hash and all quotes would be wrong.
        ("Passage" | "DocumentVersion", "text") => {
            let Some(text) = fields.get_mut(field) else { return true };
            *text = BLANK.into();
            return false;
        }
        _ => {}
    }
    if !def.is_required(of_def) {
        fields.remove(field);
        return true;
    }
    let ty = of_def.ty.trim_end_matches('!');
    let Some(value) = fields.get_mut(field) else { return true };
    match (ty, value) {
        ("String", value) => *value = BLANK.into(),
        ("Text" | "[Text!]", Json::Array(texts)) => {
            for text in texts {
                text["value"] = BLANK.into();
            }
        }
        _ => return false,
    }
    true
}
