//! What points to records: asked before they go.
use std::{collections::HashMap, fmt::Write, sync::LazyLock};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::current::{CHUNK, Current, current, ints, public_ids, statement};
use crate::record::{catalog, def::Def};

/// A field of a record that points to another one.
pub(super) struct Pointing {
    pub(super) def: &'static Def,
    /// Public id of the record that points.
    pub(super) from: String,
    pub(super) now: Current,
    /// Internal id of the record that it points to.
    pub(super) to: i64,
    pub(super) field: String,
    /// Whether it cannot be without.
    pub(super) is_required: bool,
}

/// A column that points to records.
struct Pointer {
    /// The type of the records that point, by a column of their own or of one of their parts.
    def: &'static Def,
    table: &'static str,
    column: &'static str,
    /// The column that holds the id of the record that points.
    owner: &'static str,
    field: String,
    is_required: bool,
}

/// All columns that point to records. Their names end so, which a test holds them to.
static POINTERS: LazyLock<Vec<Pointer>> = LazyLock::new(|| {
    let mut pointers = Vec::new();
    for def in catalog().defs() {
        for column in def.references() {
            let field = def.field_of(column);
            let is_required = !def.columns[column].nullable || !def.is_reference(&field);
            let column = def.columns[column].name.as_str();
            let owner = "id";
            pointers.push(Pointer { def, table: &def.table, column, owner, field, is_required });
        }
        for (field, part, owner) in def.parts() {
            for column in part.references().filter(|column| *column != owner) {
                pointers.push(Pointer {
                    def,
                    table: &part.table,
                    column: &part.columns[column].name,
                    owner: &part.columns[owner].name,
                    field: field.to_owned(),
                    is_required: true,
                });
            }
        }
    }
    pointers
});

/// One statement over all of them; its rows are place of the pointer, record that is pointed to, record that points.
static STATEMENT: LazyLock<String> = LazyLock::new(|| {
    let mut sql = String::new();
    for (place, Pointer { table, column, owner, .. }) in POINTERS.iter().enumerate() {
        sql.push_str(if place == 0 { "" } else { " UNION ALL " });
        // Writing into a string cannot fail.
        let _ = write!(
            sql,
            "SELECT CAST({place} AS BIGINT), {column}, {owner} FROM {table} WHERE {column} = {{list}}"
        );
    }
    sql
});

/// What points to these records.
pub(super) async fn pointing_to(
    tx: &DatabaseTransaction,
    ids: &[i64],
) -> Result<Vec<Pointing>, DbErr> {
    let mut rows: Vec<(usize, i64, i64)> = Vec::new();
    for ids in ids.chunks(CHUNK) {
        let found = tx.query_all_raw(statement(tx, &STATEMENT, vec![ints(tx, ids)])).await?;
        for row in found {
            let place: i64 = row.try_get_by_index(0)?;
            let place = usize::try_from(place).unwrap_or_default();
            rows.push((place, row.try_get_by_index(1)?, row.try_get_by_index(2)?));
        }
    }
    rows.sort_unstable_by_key(|(place, to, from)| (*from, *place, *to));
    let owners: Vec<i64> = rows.iter().map(|(.., from)| *from).collect();
    let names = public_ids(tx, &owners).await?;
    let of_names: Vec<String> = names.values().cloned().collect();
    let known: HashMap<String, Current> = current(tx, &of_names).await?;
    let pointing = rows.into_iter().filter_map(|(place, to, from)| {
        let Pointer { def, field, is_required, .. } = POINTERS.get(place)?;
        let from = names.get(&from)?.clone();
        let now = known.get(&from)?.clone();
        Some(Pointing { def, from, now, to, field: field.clone(), is_required: *is_required })
    });
    Ok(pointing.collect())
}
