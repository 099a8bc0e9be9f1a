//! The index, made from the base: of each record its last entry in the change log.
use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};

use super::{document::Document, index::Index};
use crate::{
    content::{city::City, country::Country, network::Network, passage::Passage, region::Region},
    record::{
        catalog,
        def::{Def, Record as _},
        write::Fields,
    },
};

/// So many records are read at once.
const CHUNK: i64 = 1_000;

/// Puts all records that can be found into an index; gives the position up to which it is all.
pub async fn fill(index: &Index, db: &DatabaseConnection) -> Result<i64, super::SearchError> {
    let position = number(db, "SELECT coalesce(max(position), 0) FROM change_entry").await?;
    let links = counts(db).await?;
    let mut after = 0;
    loop {
        let sql = "SELECT r.id, CAST(e.record AS TEXT) FROM record r JOIN change_entry e ON e.record_id = r.id \
             WHERE r.id > $1 AND r.deleted_at IS NULL AND r.merged_into_id IS NULL AND e.record IS NOT NULL \
             AND e.version = (SELECT max(l.version) FROM change_entry l WHERE l.record_id = r.id) \
             ORDER BY r.id LIMIT $2";
        let backend = db.get_database_backend();
        let asked = Statement::from_sql_and_values(backend, sql, [after.into(), CHUNK.into()]);
        let rows = db.query_all_raw(asked).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let (id, record): (i64, String) = row.try_get_many_by_index()?;
            after = id;
            let Some(def) = catalog().of_id(id).filter(|def| is_searched(def)) else { continue };
            let fields: Fields =
                serde_json::from_str(&record).map_err(|error| DbErr::Json(error.to_string()))?;
            let links = links.get(&id).copied().unwrap_or_default();
            index.put(id, &Document::of(&fields), weight(def, &fields, links))?;
        }
    }
    index.commit(position)?;
    Ok(position)
}

/// What people name, and passages of texts.
pub(super) fn is_searched(def: &Def) -> bool {
    def.is_described() || def.name == Passage::NAME
}

/// How many look for a record, from 0 to below 10: what decides between records of one name.
pub(super) fn weight(def: &Def, fields: &Fields, links: i64) -> f64 {
    let population =
        fields.get("population").and_then(serde_json::Value::as_f64).unwrap_or_default();
    let base = match def.name {
        Country::NAME => 6.5,
        Network::NAME => 6.0,
        Region::NAME => 5.0,
        City::NAME => (population + 1.0).log10().min(8.0) * 0.8,
        Passage::NAME => 0.0,
        _ => 2.0,
    };
    // What is linked to is known.
    let links = links.clamp(0, 100) as f64;
    (base + (1.0 + links).ln() * 0.3).min(9.9)
}

/// How often records are linked to, memberships included.
async fn counts(db: &DatabaseConnection) -> Result<HashMap<i64, i64>, DbErr> {
    let sql = "SELECT k.id, count(*) FROM (SELECT to_id AS id FROM link UNION ALL SELECT from_id FROM link \
         UNION ALL SELECT city_id FROM membership) k GROUP BY k.id";
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get_many_by_index()).collect()
}

async fn number(db: &DatabaseConnection, sql: &str) -> Result<i64, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
}
