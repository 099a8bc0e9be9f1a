//! What points to records: asked before they go.
use std::{collections::HashMap, fmt::Write, sync::LazyLock};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

use super::current::{CHUNK, Current, current, ints, public_ids, statement};
use crate::{
    content::document::Document,
    record::{
        catalog,
        def::{Def, def, type_code},
    },
};

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
    // One more than may be, by which it is known that there are more.
    let _ = write!(sql, " LIMIT {}", MOST_FOLLOWING + 1);
    sql
});

/// Names that are limited to a document point to it too, inside of a list that has no column for it.
const NAMES: &str = "alternateNames";

/// One statement over all types that have names. It reads them all, and is for documents alone.
fn naming(backend: DbBackend) -> String {
    let items = match backend {
        DbBackend::Postgres => "json_array_elements",
        _ => "json_each",
    };
    let of_type = |def: &&Def| {
        let (code, table) = (def.code, &def.table);
        format!(
            "SELECT DISTINCT CAST({code} AS BIGINT), d.id, t.id FROM {table} t CROSS JOIN {items}(t.alternate_names) n \
             JOIN record d ON d.public_id = n.value ->> 'document' WHERE d.id = {{list}}"
        )
    };
    let described = catalog().defs().iter().copied().filter(|def| def.is_described());
    described.map(|def| of_type(&def)).collect::<Vec<_>>().join(" UNION ALL ")
}

/// A changeset changes at most so many records by what points to them: it is one transaction, which others wait for.
pub(super) const MOST_FOLLOWING: usize = 10_000;

/// What points to these records; `None` if it is more than a changeset changes, of which nothing is read then.
pub(super) async fn pointing_to(
    tx: &DatabaseTransaction,
    ids: &[i64],
) -> Result<Option<Vec<Pointing>>, DbErr> {
    let mut rows: Vec<(usize, i64, i64)> = Vec::new();
    for ids in ids.chunks(CHUNK) {
        let found = tx.query_all_raw(statement(tx, &STATEMENT, vec![ints(tx, ids)])).await?;
        for row in found {
            let place: i64 = row.try_get_by_index(0)?;
            let place = usize::try_from(place).unwrap_or_default();
            rows.push((place, row.try_get_by_index(1)?, row.try_get_by_index(2)?));
        }
        if rows.len() > MOST_FOLLOWING {
            return Ok(None);
        }
    }
    rows.sort_unstable_by_key(|(place, to, from)| (*from, *place, *to));
    let owners: Vec<i64> = rows.iter().map(|(.., from)| *from).collect();
    let names = public_ids(tx, &owners).await?;
    let of_names: Vec<String> = names.values().cloned().collect();
    let known: HashMap<String, Current> = current(tx, &of_names).await?;
    let mut pointing: Vec<Pointing> = rows
        .into_iter()
        .filter_map(|(place, to, from)| {
            let Pointer { def, field, is_required, .. } = POINTERS.get(place)?;
            let from = names.get(&from)?.clone();
            let now = known.get(&from)?.clone();
            Some(Pointing { def, from, now, to, field: field.clone(), is_required: *is_required })
        })
        .collect();
    pointing.extend(naming_in(tx, ids).await?);
    Ok(Some(pointing))
}

/// Records with names that are limited to one of these documents.
async fn naming_in(tx: &DatabaseTransaction, ids: &[i64]) -> Result<Vec<Pointing>, DbErr> {
    let is_document = |id: &&i64| type_code(**id) == def::<Document>().code;
    let documents: Vec<i64> = ids.iter().filter(is_document).copied().collect();
    let sql = naming(tx.get_database_backend());
    let mut rows: Vec<(i64, i64)> = Vec::new();
    for ids in documents.chunks(CHUNK) {
        for row in tx.query_all_raw(statement(tx, &sql, vec![ints(tx, ids)])).await? {
            rows.push((row.try_get_by_index(1)?, row.try_get_by_index(2)?));
        }
    }
    let owners: Vec<i64> = rows.iter().map(|(_, from)| *from).collect();
    let names = public_ids(tx, &owners).await?;
    let known = current(tx, &names.values().cloned().collect::<Vec<_>>()).await?;
    let pointing = rows.into_iter().filter_map(|(to, from)| {
        let def = catalog().of_id(from)?;
        let from = names.get(&from)?.clone();
        let now = known.get(&from)?.clone();
        Some(Pointing { def, from, now, to, field: NAMES.to_owned(), is_required: false })
    });
    Ok(pointing.collect())
}
