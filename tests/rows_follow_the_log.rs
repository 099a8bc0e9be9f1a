//! The tables hold what the log says, and nothing else: whoever has the log has it all.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use culturegraph::record::{
    catalog,
    cell::Kind,
    def::Def,
    write::{Fields, Refs},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, Value as Bind};
use serde_json::Value as Json;

use crate::app::{Shipped, TestApp, fixtures};

on_both!(
    shipped_rows_are_the_records_of_their_last_entries,
    changed_rows_are_the_records_of_their_last_entries,
);

/// More of a type would say no more.
const OF_A_TYPE: usize = 40;

async fn shipped_rows_are_the_records_of_their_last_entries(app: Shipped) {
    rows_are_as_logged(&app.db.reader).await;
}

async fn changed_rows_are_the_records_of_their_last_entries(app: TestApp) {
    fixtures::by_chance().write(&app).await;

    rows_are_as_logged(&app.db.reader).await;
}

/// What the log leads to, read from its beginning, is what the tables hold.
pub(crate) async fn rows_are_as_logged(db: &DatabaseConnection) {
    let log = Log::read(db).await;
    let mut types: BTreeMap<u16, usize> = BTreeMap::new();
    for (id, (version, fields)) in &log.last {
        let def = catalog().of_id(*id).expect("the id is of a type");
        let seen = types.entry(def.code).or_insert(0);
        *seen += 1;
        if *seen <= OF_A_TYPE {
            let differing = log.differing(db, def, *id, *version, fields).await;
            assert_eq!(differing, [""; 0], "{} {id}: {fields:?}", def.name);
        }
    }
    for def in catalog().defs() {
        let count = types.get(&def.code).copied().unwrap_or_default();
        let rows = number(db, &format!("SELECT count(*) FROM {}", def.table)).await;
        assert_eq!(rows, i64::try_from(count).expect("it is small"), "{}", def.name);
    }
    assert_eq!(
        log.names(),
        texts(db, "SELECT record_id, lang || ' ' || value FROM record_name").await
    );
    let qualifiers = "SELECT subject_id, property || ' ' || (id - 32 * subject_id) FROM qualifier";
    assert_eq!(log.qualifiers(), texts(db, qualifiers).await);
    let identifiers = "SELECT record_id, scheme || ' ' || value FROM record_identifier";
    assert_eq!(log.identifiers(), texts(db, identifiers).await);
    assert_eq!(log.slugs(), texts(db, "SELECT record_id, slug FROM record_slug").await);
    let gone = "SELECT r.id, coalesce(m.public_id, '') FROM record r LEFT JOIN record m ON m.id = r.merged_into_id \
         WHERE r.merged_into_id IS NOT NULL OR r.deleted_at IS NOT NULL";
    assert_eq!(log.gone(), texts(db, gone).await);
}

struct Log {
    ids: HashMap<String, i64>,
    /// Version and fields of each record after its last entry.
    last: BTreeMap<i64, (i64, Fields)>,
    /// Records that are no more, and where they went.
    gone: BTreeMap<i64, Option<i64>>,
}

impl Log {
    async fn read(db: &DatabaseConnection) -> Log {
        let sql = "SELECT e.record_id, r.public_id, e.version, CAST(e.record AS TEXT), e.merged_into_id \
             FROM change_entry e JOIN record r ON r.id = e.record_id ORDER BY e.position";
        let mut log = Log { ids: HashMap::new(), last: BTreeMap::new(), gone: BTreeMap::new() };
        for row in query(db, sql, vec![]).await {
            let id: i64 = row.try_get_by_index(0).expect("it is a number");
            let version: i64 = row.try_get_by_index(2).expect("it is a number");
            let before = log.last.remove(&id).map_or(0, |(version, _)| version);
            assert_eq!(version, before + 1, "{id}");
            let record: Option<String> = row.try_get_by_index(3).expect("it is a text");
            let Some(record) = record else {
                log.gone.insert(id, row.try_get_by_index(4).expect("it is a number"));
                continue;
            };
            let fields: Fields = serde_json::from_str(&record).expect("it is an object");
            log.ids.insert(row.try_get_by_index(1).expect("it is a text"), id);
            log.last.insert(id, (version, fields));
        }
        log
    }

    /// Columns of a row that are not as the entry says.
    async fn differing(
        &self,
        db: &DatabaseConnection,
        def: &'static Def,
        id: i64,
        version: i64,
        fields: &Fields,
    ) -> Vec<&'static str> {
        let own = ["id", "public_id", "created_at", "updated_at", "version"];
        let mut columns = def.stored_columns();
        columns.retain(|column| !own.contains(&def.columns[*column].name.as_str()));
        let cells =
            def.cells(fields, &Refs { ids: &self.ids }).expect("the log has what was right");
        let values = cells.take(&columns);
        let is_postgres = db.get_database_backend() == DbBackend::Postgres;
        let mut tests = vec!["version = $2".to_owned()];
        let mut binds: Vec<Bind> = vec![id.into(), version.into()];
        for (column, value) in columns.iter().zip(values) {
            let column = &def.columns[*column];
            let place = binds.len() + 1;
            tests.push(match column.kind {
                // The same value can be written in several ways.
                Kind::Json if is_postgres => {
                    format!(
                        "CAST({0} AS JSONB) IS NOT DISTINCT FROM CAST(${place} AS JSONB)",
                        column.name
                    )
                }
                _ => format!("{} IS NOT DISTINCT FROM ${place}", column.name),
            });
            binds.push(match value {
                Bind::Json(json) => json.map(|it| it.to_string()).into(),
                value => value,
            });
        }
        let sql = format!("SELECT {} FROM {} WHERE id = $1", tests.join(", "), def.table);
        let rows = query(db, &sql, binds).await;
        let names = columns.iter().map(|column| def.columns[*column].name.as_str());
        let names = ["version"].into_iter().chain(names).enumerate();
        let differs =
            |place| !rows[0].try_get_by_index::<bool>(place).expect("it is a truth value");
        names.filter(|(place, _)| differs(*place)).map(|(_, name)| name).collect()
    }

    /// The slugs that lead to records, former ones too.
    fn slugs(&self) -> BTreeSet<(i64, String)> {
        let mut all = BTreeSet::new();
        for (id, (_, fields)) in &self.last {
            let former = fields.get("formerSlugs").and_then(Json::as_array).into_iter().flatten();
            let slugs = fields.get("slug").into_iter().chain(former);
            all.extend(slugs.filter_map(|it| Some((*id, it.as_str()?.to_owned()))));
        }
        all
    }

    /// Records that are no more, each with the id of the one that took its place.
    fn gone(&self) -> BTreeSet<(i64, String)> {
        let public: HashMap<i64, &String> = self.ids.iter().map(|(id, it)| (*it, id)).collect();
        let last = |mut into: i64| {
            while let Some(Some(next)) = self.gone.get(&into) {
                into = *next;
            }
            into
        };
        let name =
            |into: &Option<i64>| into.map(|it| public[&last(it)].clone()).unwrap_or_default();
        self.gone.iter().map(|(id, into)| (*id, name(into))).collect()
    }

    fn names(&self) -> BTreeSet<(i64, String)> {
        self.parts("names", "lang", "value")
    }

    fn identifiers(&self) -> BTreeSet<(i64, String)> {
        self.parts("identifiers", "scheme", "value")
    }

    /// Properties with their places.
    fn qualifiers(&self) -> BTreeSet<(i64, String)> {
        let mut all = BTreeSet::new();
        for (id, (_, fields)) in &self.last {
            let items = fields.get("qualifiers").and_then(Json::as_array).into_iter().flatten();
            let property = |it: &Json| it["property"].as_str().unwrap_or_default().to_owned();
            all.extend(items.enumerate().map(|(n, it)| (*id, format!("{} {n}", property(it)))));
        }
        all
    }

    /// Two parts of each item of a list.
    fn parts(&self, field: &str, first: &str, second: &str) -> BTreeSet<(i64, String)> {
        let mut parts = BTreeSet::new();
        for (id, (_, fields)) in &self.last {
            let items = fields.get(field).and_then(Json::as_array).into_iter().flatten();
            let part = |item: &Json, name: &str| item[name].as_str().unwrap_or_default().to_owned();
            parts
                .extend(items.map(|it| (*id, format!("{} {}", part(it, first), part(it, second)))));
        }
        parts
    }
}

async fn texts(db: &DatabaseConnection, sql: &str) -> BTreeSet<(i64, String)> {
    let rows = query(db, sql, vec![]).await;
    let pair = |row: &sea_orm::QueryResult| {
        Some((row.try_get_by_index(0).ok()?, row.try_get_by_index(1).ok()?))
    };
    rows.iter().map(|row| pair(row).expect("a number and a text")).collect()
}

async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    query(db, sql, vec![]).await[0].try_get_by_index(0).expect("it is a number")
}

async fn query(db: &DatabaseConnection, sql: &str, binds: Vec<Bind>) -> Vec<sea_orm::QueryResult> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, binds);
    db.query_all_raw(statement).await.expect("the statement is right")
}
