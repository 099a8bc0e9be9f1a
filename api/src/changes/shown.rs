//! Fields of which claims are the truth, rewritten in the changeset that changes the claims.
use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement};
use serde_json::Value as Json;

use super::{
    best::{Side, best},
    current::current,
    work::{State, Work, merged},
};
use crate::record::{catalog, write::Fields};

impl Work<'_> {
    /// Fields of which claims are the truth show the best one, also of subjects that the changeset does not name.
    pub(super) async fn show_best_claims(&mut self) -> Result<(), DbErr> {
        let mut touched: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        let mut sources: HashMap<String, HashSet<String>> = HashMap::new();
        for (place, state) in self.states.iter().enumerate() {
            let field =
                |name: &str| state.fields.get(name).and_then(Json::as_str).map(str::to_owned);
            match (state.def.name, field("subject")) {
                ("Claim", Some(subject)) => {
                    touched
                        .entry((subject, field("property").unwrap_or_default()))
                        .or_default()
                        .push(place);
                }
                ("Citation", Some(subject)) => {
                    sources.entry(subject).or_default().extend(field("document"));
                }
                _ => {}
            }
        }
        let outside: Vec<String> = touched
            .keys()
            .map(|(subject, _)| subject.clone())
            .filter(|it| self.state(it).is_none_or(|it| !it.is_new()))
            .collect();
        let known = current(self.tx, &outside).await?;
        let mut shown: Vec<(String, &'static str, Option<Json>)> = Vec::new();
        for ((subject, property), places) in touched {
            let id = self
                .state(&subject)
                .map(|state| state.id)
                .or_else(|| Some(known.get(&subject)?.id));
            let Some(def) = id.and_then(|id| catalog().of_id(id)) else { continue };
            let Some(field) = def.claimed.get(property.as_str()) else { continue };
            let mut sides: Vec<Side> = Vec::new();
            for place in places {
                let state = &self.states[place];
                sides.push(Side {
                    id: state.id,
                    rank: state
                        .fields
                        .get("rank")
                        .and_then(Json::as_str)
                        .unwrap_or("NORMAL")
                        .to_owned(),
                    value: state.fields.get("value").cloned().unwrap_or_default(),
                    sources: sources.get(&state.public_id).cloned().unwrap_or_default(),
                });
            }
            if known.contains_key(&subject) {
                let stored = stored_sides(self.tx, id.unwrap_or_default(), &property).await?;
                sides.extend(
                    stored
                        .into_iter()
                        .filter(|it| !sides.iter().any(|side| side.id == it.id))
                        .collect::<Vec<_>>(),
                );
            }
            shown.push((subject, field, best(&sides)));
        }
        for (subject, field, value) in shown {
            let value = value.unwrap_or_default();
            if !self.places.contains_key(&subject) {
                let Some(now) = known.get(&subject) else { continue };
                if now.fields.get(field).unwrap_or(&Json::Null) == &value {
                    continue;
                }
                let Some(def) = catalog().of_id(now.id) else { continue };
                let (version, fields) = (now.version + 1, now.fields.clone());
                self.add(State {
                    operation: None,
                    def,
                    id: now.id,
                    public_id: subject.clone(),
                    version,
                    fields,
                });
            }
            if let Some(place) = self.places.get(&subject) {
                let change = Fields::from_iter([(field.to_owned(), value)]);
                let state = &mut self.states[*place];
                state.fields = merged(std::mem::take(&mut state.fields), change);
            }
        }
        Ok(())
    }
}

/// The claims about a property of a stored subject, with their sources.
async fn stored_sides(
    tx: &DatabaseTransaction,
    subject: i64,
    property: &str,
) -> Result<Vec<Side>, DbErr> {
    let sql = "SELECT c.id, c.rank, CAST(e.record AS TEXT), (SELECT string_agg(d.public_id, ' ') FROM citation s \
         JOIN document d ON d.id = s.document_id WHERE s.subject_id = c.id) FROM claim c \
         JOIN change_entry e ON e.record_id = c.id AND e.version = c.version WHERE c.subject_id = $1 AND c.property = $2";
    let statement = Statement::from_sql_and_values(
        tx.get_database_backend(),
        sql,
        [subject.into(), property.into()],
    );
    let mut sides = Vec::new();
    for row in tx.query_all_raw(statement).await? {
        let record: String = row.try_get_by_index(2)?;
        let record: Json = serde_json::from_str(&record).map_err(|e| DbErr::Json(e.to_string()))?;
        let sources: Option<String> = row.try_get_by_index(3)?;
        sides.push(Side {
            id: row.try_get_by_index(0)?,
            rank: row.try_get_by_index(1)?,
            value: record.get("value").cloned().unwrap_or_default(),
            sources: sources.unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        });
    }
    Ok(sides)
}
