//! Values that must not be known: taken out of the record, of all that the log says of it, and of kept answers. The positions
//! stay, and that it was done is an entry of its own.
use sea_orm::{ConnectionTrait, DbErr, Statement, Value as Bind};
use serde_json::{Value as Json, json};

use super::{
    current::{current, fields},
    work::{State, Work},
};
use crate::record::{
    def::Def,
    write::{Fields, Mistake, MistakeCode},
};

/// What stands where a text was that cannot be missing.
const BLANK: &str = "[redacted]";

impl Work<'_> {
    /// Blanks the fields of the records that are redacted, and the claims that say the same.
    pub(super) async fn redact(&mut self) -> Result<(), DbErr> {
        let redacted: Vec<usize> =
            (0..self.states.len()).filter(|at| self.states[*at].redacted.is_some()).collect();
        for at in redacted {
            let state = &mut self.states[at];
            let Some(field) = state.redacted.clone() else { continue };
            if state.def.fields.get(&*field).is_none_or(|it| it.store.is_none()) {
                let message = format!("{} has no field `{field}` to blank", state.def.name);
                let mistake = Mistake::new(MistakeCode::UnknownField, message).below("field");
                let mistake = state.mistake(mistake);
                self.mistakes.push(mistake);
                continue;
            }
            if !blank(state.def, &field, &mut state.fields) {
                let message = format!(
                    "`{field}` cannot be blanked, since every {} has it: delete the record",
                    state.def.one
                );
                let mistake = Mistake::new(MistakeCode::Required, message).below("field");
                let mistake = state.mistake(mistake);
                self.mistakes.push(mistake);
                continue;
            }
            let (subject, operation) = (state.public_id.clone(), state.operation);
            let Some(property) = state.def.property_of(&field) else { continue };
            let claims = self.claims_about(std::slice::from_ref(&subject)).await?;
            let about: Vec<String> = claims
                .into_iter()
                .filter(|(_, it)| it.subject == subject && it.property == property)
                .map(|(id, _)| id)
                .collect();
            let now = current(self.tx, &about).await?;
            for id in about {
                if let Some(state) = now.get(&id).and_then(|now| self.following(&id, now)) {
                    state.operation = operation;
                    state.redacted = Some("value".to_owned());
                    blank(state.def, "value", &mut state.fields);
                }
            }
        }
        Ok(())
    }

    /// Blanks the same in all entries that there are of these records, and forgets the answers that may show it.
    pub(super) async fn rewrite_history(&self) -> Result<(), DbErr> {
        let tx = self.tx;
        let backend = tx.get_database_backend();
        let statement =
            |sql: &str, values: Vec<Bind>| Statement::from_sql_and_values(backend, sql, values);
        let redacted = self.states.iter().filter_map(|it| Some((it, it.redacted.as_ref()?)));
        let mut is_any = false;
        for (state, field) in redacted {
            is_any = true;
            let sql = "SELECT position, CAST(record AS TEXT) FROM change_entry \
                 WHERE record_id = $1 AND record IS NOT NULL ORDER BY position";
            for row in tx.query_all_raw(statement(sql, vec![state.id.into()])).await? {
                let position: i64 = row.try_get_by_index(0)?;
                let mut record = fields(&row.try_get_by_index::<String>(1)?)?;
                if record.contains_key(field) {
                    blank(state.def, field, &mut record);
                    let sql = "UPDATE change_entry SET record = $1 WHERE position = $2";
                    let values = vec![Json::Object(record).into(), position.into()];
                    tx.execute_raw(statement(sql, values)).await?;
                }
            }
        }
        if is_any {
            // Any of them may show the record; made anew, they show what it is now.
            tx.execute_unprepared("UPDATE kept_answer SET answer = NULL").await?;
        }
        Ok(())
    }
}

impl State {
    /// The name of what is done to it, in the log.
    pub(super) fn operation_name(&self) -> &'static str {
        use super::work::End;
        match &self.end {
            Some(End::Merged(_)) => "MERGE",
            Some(End::Deleted) => "DELETE",
            None if self.redacted.is_some() => "REDACT",
            None if self.is_new() => "CREATE",
            None => "UPDATE",
        }
    }
}

/// Blanks a field; false if it can be neither missing nor without meaning.
fn blank(def: &Def, field: &str, fields: &mut Fields) -> bool {
    let Some(of_def) = def.fields.get(field) else { return false };
    if (def.name, field) == ("Claim", "value") {
        fields.insert(field.to_owned(), json!({ "absence": "UNKNOWN" }));
        return true;
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
