//! The entities say of the tables what the migrations have made of them.

use std::collections::{BTreeMap, BTreeSet};

use culturegraph::{content, record::catalog};
use entities::*;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, IdenStatic, Identity,
    Iterable, PrimaryKeyToColumn, RelationTrait, Statement, TransactionTrait,
    sea_query::ColumnType,
};
use serde_json::json;

use crate::app::{Backend, TestDatabase};

on_both!(
    every_table_has_its_entity,
    what_a_table_has_once_its_definition_says,
    what_refers_to_records_its_definition_knows,
    rows_can_refer_to_each_other_in_any_order,
    a_reference_to_nothing_is_refused_at_commit,
);

/// What is compared. Text is the type of JSON too where a database has no other.
#[derive(Debug, Default, PartialEq)]
struct Table {
    /// Type, and whether it can be null.
    columns: BTreeMap<String, (String, bool)>,
    key: BTreeSet<String>,
    /// Column and the table that it leads to.
    references: BTreeSet<(String, String)>,
}

async fn every_table_has_its_entity(database: TestDatabase) {
    let db = database.connect().await;
    let backend = database.backend();
    let from_entities = BTreeMap::from([
        of::<api_key::Entity>(backend),
        of::<challenge::Entity>(backend),
        of::<change_entry::Entity>(backend),
        of::<change_position::Entity>(backend),
        of::<changeset::Entity>(backend),
        of::<citation::Entity>(backend),
        of::<city::Entity>(backend),
        of::<claim::Entity>(backend),
        of::<commitment::Entity>(backend),
        of::<country::Entity>(backend),
        of::<dataset::Entity>(backend),
        of::<document::Entity>(backend),
        of::<document_version::Entity>(backend),
        of::<event::Entity>(backend),
        of::<event_series::Entity>(backend),
        of::<field_period::Entity>(backend),
        of::<goal::Entity>(backend),
        of::<heritage_property::Entity>(backend),
        of::<initiative::Entity>(backend),
        of::<kept_answer::Entity>(backend),
        of::<link::Entity>(backend),
        of::<membership::Entity>(backend),
        of::<mention::Entity>(backend),
        of::<monitoring_report::Entity>(backend),
        of::<network::Entity>(backend),
        of::<office_holding::Entity>(backend),
        of::<opportunity::Entity>(backend),
        of::<organization::Entity>(backend),
        of::<participation::Entity>(backend),
        of::<passage::Entity>(backend),
        of::<person::Entity>(backend),
        of::<position::Entity>(backend),
        of::<presentation::Entity>(backend),
        of::<qualifier::Entity>(backend),
        of::<record::Entity>(backend),
        of::<record_identifier::Entity>(backend),
        of::<record_name::Entity>(backend),
        of::<record_slug::Entity>(backend),
        of::<region::Entity>(backend),
        of::<stakeholder::Entity>(backend),
        of::<term::Entity>(backend),
        of::<vocabulary::Entity>(backend),
    ]);

    let mut from_database = match backend {
        Backend::Sqlite => sqlite_tables(&db).await,
        Backend::Postgres => postgres_tables(&db).await,
    };
    // The migrations' own, and a counter that PostgreSQL has as a sequence.
    from_database.retain(|table, _| table != "seaql_migrations" && table != "record_number");

    for (name, table) in &from_entities {
        assert_eq!(Some(table), from_database.get(name), "{name}");
    }
    let names = |tables: &BTreeMap<String, Table>| tables.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&from_entities), names(&from_database));
}

/// So that a changeset is refused with a place and not by the database.
async fn what_a_table_has_once_its_definition_says(database: TestDatabase) {
    let db = database.connect().await;
    content::define();
    let mut expected = BTreeSet::new();
    for def in catalog().defs() {
        expected.insert(format!("{}_public_id_key", def.table));
        expected.extend(def.is_described().then(|| format!("{}_slug_key", def.table)));
        for unique in &def.uniques {
            let names = unique.columns.iter().map(|column| def.columns[*column].name.clone());
            let mut names: Vec<String> = names.collect();
            // No value counts as an empty one.
            names.extend(unique.or_none.map(|it| format!("coalesce_{}", def.columns[it].name)));
            expected.insert(format!("{}_{}_key", def.table, names.join("_")));
        }
    }

    let sql = match database.backend() {
        Backend::Sqlite => {
            "SELECT m.name, m.tbl_name FROM sqlite_schema m WHERE m.sql LIKE 'CREATE UNIQUE INDEX%'"
        }
        Backend::Postgres => {
            "SELECT c.relname::text, t.relname::text FROM pg_index i
             JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
             WHERE i.indisunique AND NOT i.indisprimary
             AND t.relnamespace = 'public'::regnamespace"
        }
    };
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    let indexes = rows.iter().map(|row| row.try_get_many_by_index().unwrap());
    // Of the key tables and the log, which no definition is of.
    let is_of_type =
        |(_, table): &(String, String)| catalog().defs().iter().any(|def| def.table == *table);
    let found: BTreeSet<String> = indexes.filter(is_of_type).map(|(name, _)| name).collect();
    assert_eq!(found, expected);
}

/// What points to a record is asked by them before it goes.
async fn what_refers_to_records_its_definition_knows(database: TestDatabase) {
    let db = database.connect().await;
    content::define();
    let tables = match database.backend() {
        Backend::Sqlite => sqlite_tables(&db).await,
        Backend::Postgres => postgres_tables(&db).await,
    };
    let parts = catalog().defs().iter().flat_map(|def| def.parts()).map(|(_, part, _)| part);
    for def in catalog().defs().iter().copied().chain(parts) {
        let known = def.references().map(|column| def.columns[column].name.clone());
        let known: BTreeSet<String> = known.collect();
        let columns = tables[&def.table].references.iter().map(|(column, _)| column.clone());
        // A record's own id leads to its row in the table of all records.
        let expected: BTreeSet<String> = columns.filter(|column| column != "id").collect();
        assert_eq!(known, expected, "{}", def.table);
    }
}

async fn rows_can_refer_to_each_other_in_any_order(database: TestDatabase) {
    let db = database.connect().await;
    let transaction = db.begin().await.unwrap();

    let country = a_country();
    country::Entity::insert(country::ActiveModel::from(country.clone()))
        .exec_without_returning(&transaction)
        .await
        .unwrap();
    let record = record::Model {
        id: 1,
        public_id: "country_1".to_owned(),
        merged_into_id: None,
        deleted_at: None,
        asserted_by_id: None,
        modality: None,
        rank: None,
    };
    record::Entity::insert(record::ActiveModel::from(record))
        .exec_without_returning(&transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();

    assert_eq!(country::Entity::find_by_id(1).one(&db).await.unwrap(), Some(country));
}

async fn a_reference_to_nothing_is_refused_at_commit(database: TestDatabase) {
    let db = database.connect().await;
    let transaction = db.begin().await.unwrap();

    country::Entity::insert(country::ActiveModel::from(a_country()))
        .exec_without_returning(&transaction)
        .await
        .unwrap();

    assert!(transaction.commit().await.is_err());
}

fn a_country() -> country::Model {
    country::Model {
        id: 1,
        public_id: "country_1".to_owned(),
        version: 1,
        created_at: 0,
        updated_at: 0,
        identifiers: json!([]),
        slug: "viet-nam".to_owned(),
        names: json!([{ "lang": "vi", "value": "Việt Nam", "origin": "ORIGINAL" }]),
        alternate_names: json!([]),
        descriptions: json!([]),
        sort_name: "viet nam".to_owned(),
        sort_vi: "viet nam".to_owned(),
        sort_en: "viet nam".to_owned(),
        alpha2_code: "VN".to_owned(),
        alpha3_code: "VNM".to_owned(),
        numeric_code: Some("704".to_owned()),
        capital_id: None,
    }
}

fn of<E: EntityTrait>(backend: Backend) -> (String, Table) {
    let mut table = Table::default();
    for column in E::Column::iter() {
        let definition = column.def();
        let name = column.as_str().to_owned();
        let type_name = type_name(definition.get_column_type(), backend).to_owned();
        table.columns.insert(name, (type_name, definition.is_null()));
    }
    for key in E::PrimaryKey::iter() {
        table.key.insert(key.into_column().as_str().to_owned());
    }
    for relation in E::Relation::iter() {
        let definition = relation.def();
        // Only the side that does not own the other has the column.
        if let (false, Identity::Unary(column)) = (definition.is_owner, definition.from_col) {
            let to = definition.to_tbl.sea_orm_table().to_string();
            table.references.insert((column.to_string(), to));
        }
    }
    (E::default().table_name().to_owned(), table)
}

fn type_name(column_type: &ColumnType, backend: Backend) -> &'static str {
    match (column_type, backend) {
        (ColumnType::BigInteger, _) => "integer",
        (ColumnType::Double, _) => "real",
        (ColumnType::Boolean, _) => "boolean",
        (ColumnType::String(_), _) | (ColumnType::Json, Backend::Sqlite) => "text",
        (ColumnType::Json, Backend::Postgres) => "json",
        other => panic!("no table has a column of {other:?}"),
    }
}

async fn sqlite_tables(db: &DatabaseConnection) -> BTreeMap<String, Table> {
    let columns = r#"
        SELECT t.name, c.name, lower(c.type), c."notnull" = 0, c.pk > 0
        FROM sqlite_schema t, pragma_table_info(t.name) c
        WHERE t.type = 'table'"#;
    let references = r#"
        SELECT t.name, f."from", f."table"
        FROM sqlite_schema t, pragma_foreign_key_list(t.name) f
        WHERE t.type = 'table'"#;
    tables(db, columns, references).await
}

async fn postgres_tables(db: &DatabaseConnection) -> BTreeMap<String, Table> {
    // A text column that is not compared by bytes is one that no entity has.
    let columns = r#"
        SELECT t.relname::text, a.attname::text,
            CASE format_type(a.atttypid, NULL)
                WHEN 'bigint' THEN 'integer'
                WHEN 'double precision' THEN 'real'
                WHEN 'text' THEN CASE WHEN c.collname = 'C' THEN 'text' ELSE 'text in order' END
                ELSE format_type(a.atttypid, NULL)
            END,
            NOT a.attnotnull,
            coalesce(a.attnum = ANY (i.indkey), false)
        FROM pg_class t
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_collation c ON c.oid = a.attcollation
        LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
        WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace"#;
    let references = r#"
        SELECT t.relname::text, a.attname::text, target.relname::text
        FROM pg_constraint f
        JOIN pg_class t ON t.oid = f.conrelid
        JOIN pg_class target ON target.oid = f.confrelid
        JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
        WHERE f.contype = 'f' AND f.condeferred"#;
    tables(db, columns, references).await
}

async fn tables(
    db: &DatabaseConnection,
    columns: &str,
    references: &str,
) -> BTreeMap<String, Table> {
    let backend: DbBackend = db.get_database_backend();
    let mut tables = BTreeMap::<String, Table>::new();
    for row in db.query_all_raw(Statement::from_string(backend, columns)).await.unwrap() {
        let (table, column): (String, String) = row.try_get_many_by_index().unwrap();
        let table = tables.entry(table).or_default();
        let type_and_null = (row.try_get_by_index(2).unwrap(), row.try_get_by_index(3).unwrap());
        table.columns.insert(column.clone(), type_and_null);
        if row.try_get_by_index(4).unwrap() {
            table.key.insert(column);
        }
    }
    for row in db.query_all_raw(Statement::from_string(backend, references)).await.unwrap() {
        let (table, column, to): (String, String, String) = row.try_get_many_by_index().unwrap();
        tables.entry(table).or_default().references.insert((column, to));
    }
    tables
}
