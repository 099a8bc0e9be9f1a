//! How migrations describe a table: one line per column, the same for both databases.
//!
//! It knows what all records share and how each database spells a type, a foreign key and an index.
//! What a table is for is said where it is described.
//!
//! Migrations that have been released depend on it: it may learn new words, but what it makes of the
//! old ones must stay as it is.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// A table to be made, with its checks and indexes.
pub(crate) struct Table {
    name: &'static str,
    columns: Vec<Column>,
    key: &'static [&'static str],
    checks: Vec<String>,
    indexes: Vec<Index>,
}

struct Column {
    name: String,
    kind: Kind,
    is_nullable: bool,
    /// Table whose `id` this column holds.
    references: Option<&'static str>,
}

#[derive(Clone, Copy)]
enum Kind {
    /// 64 bits.
    Integer,
    /// 64 bits, binary.
    Real,
    Boolean,
    /// Compared by bytes on both databases.
    Text,
    /// Kept as the text that was written, since that is what readers are given.
    Json,
}

struct Index {
    /// Columns, or expressions over them, in their order.
    parts: Vec<String>,
    is_unique: bool,
}

/// The two databases, and what they call things.
#[derive(Clone, Copy, PartialEq)]
enum Dialect {
    Sqlite,
    Postgres,
}

impl Table {
    /// A table with the primary key `id`.
    pub(crate) fn new(name: &'static str) -> Self {
        Self::with_key(name, &["id"]).integer("id")
    }

    /// A table with a primary key of other columns, which the caller describes.
    pub(crate) fn with_key(name: &'static str, key: &'static [&'static str]) -> Self {
        Self { name, columns: vec![], key, checks: vec![], indexes: vec![] }
    }

    /// A table of records of one type, with what every record has.
    pub(crate) fn record(name: &'static str) -> Self {
        Self::with_key(name, &["id"])
            .reference("id", "record")
            .text("public_id")
            .unique()
            .integer("version")
            .integer("created_at")
            .integer("updated_at")
            .json("identifiers")
    }

    /// Adds what people name and describe a record by, and the orders by name.
    pub(crate) fn described(self) -> Self {
        self.text("slug")
            .unique()
            .json("names")
            .json("alternate_names")
            .json("descriptions")
            .text("sort_name")
            .text("sort_vi")
            .text("sort_en")
            .index(&["sort_name", "id"])
            .index(&["sort_vi", "id"])
            .index(&["sort_en", "id"])
    }

    /// Adds how a record is asserted, and by whom.
    pub(crate) fn citable(self) -> Self {
        self.text("modality")
            .one_of(&["STATED", "INFERRED", "EDITORIAL"])
            .text("rank")
            .one_of(&["PREFERRED", "NORMAL", "DEPRECATED"])
            .reference("asserted_by_id", "record")
            .nullable()
            .check("modality <> 'EDITORIAL' OR asserted_by_id IS NOT NULL")
    }

    pub(crate) fn integer(self, name: &str) -> Self {
        self.column(name, Kind::Integer)
    }

    pub(crate) fn real(self, name: &str) -> Self {
        self.column(name, Kind::Real)
    }

    pub(crate) fn boolean(self, name: &str) -> Self {
        self.column(name, Kind::Boolean)
    }

    pub(crate) fn text(self, name: &str) -> Self {
        self.column(name, Kind::Text)
    }

    pub(crate) fn json(self, name: &str) -> Self {
        self.column(name, Kind::Json)
    }

    /// The `id` of another table. It is checked at commit, so that the records of one changeset can
    /// refer to each other in any order.
    pub(crate) fn reference(mut self, name: &str, table: &'static str) -> Self {
        self = self.column(name, Kind::Integer);
        self.last().references = Some(table);
        self
    }

    /// A date as a source has it: `…_date` in EDTF, and the first and last day that it can mean.
    pub(crate) fn fuzzy_date(mut self, stem: &str) -> Self {
        for part in ["date", "earliest", "latest"] {
            self = self.text(&format!("{stem}_{part}")).nullable();
        }
        self
    }

    /// A place on Earth: degrees in WGS 84, both or neither.
    pub(crate) fn geo(self, latitude: &str, longitude: &str) -> Self {
        self.real(latitude)
            .nullable()
            .check(&format!("{latitude} BETWEEN -90 AND 90"))
            .real(longitude)
            .nullable()
            .check(&format!("{longitude} BETWEEN -180 AND 180"))
            .check(&format!("({latitude} IS NULL) = ({longitude} IS NULL)"))
    }

    /// Where a passage lies in a text, in code points and in bytes; the ends are exclusive.
    pub(crate) fn span(self) -> Self {
        self.integer("char_start")
            .integer("char_end")
            .integer("byte_start")
            .integer("byte_end")
            .check("0 <= char_start AND char_start < char_end")
            .check("0 <= byte_start AND byte_start < byte_end")
    }

    /// A span, or none of its four columns.
    pub(crate) fn nullable_span(mut self) -> Self {
        self = self.span();
        for column in self.columns.iter_mut().rev().take(4) {
            column.is_nullable = true;
        }
        self.check("(char_start IS NULL) = (char_end IS NULL)")
            .check("(char_start IS NULL) = (byte_start IS NULL)")
            .check("(char_start IS NULL) = (byte_end IS NULL)")
    }

    /// Lets the last column be null.
    pub(crate) fn nullable(mut self) -> Self {
        self.last().is_nullable = true;
        self
    }

    /// Allows each value of the last column once.
    pub(crate) fn unique(mut self) -> Self {
        let name = self.last().name.clone();
        self.indexes.push(Index { parts: vec![name], is_unique: true });
        self
    }

    /// Limits the last column to these values.
    pub(crate) fn one_of(mut self, values: &[&str]) -> Self {
        let check = format!("{} IN ('{}')", self.last().name, values.join("', '"));
        self.check(&check)
    }

    /// A condition that every row meets. As everywhere in SQL, one that comes out null is met.
    pub(crate) fn check(mut self, condition: &str) -> Self {
        self.checks.push(condition.to_owned());
        self
    }

    pub(crate) fn index(mut self, parts: &[&str]) -> Self {
        self.indexes.push(Index::new(parts, false));
        self
    }

    pub(crate) fn unique_index(mut self, parts: &[&str]) -> Self {
        self.indexes.push(Index::new(parts, true));
        self
    }

    fn column(mut self, name: &str, kind: Kind) -> Self {
        let name = name.to_owned();
        self.columns.push(Column { name, kind, is_nullable: false, references: None });
        self
    }

    fn last(&mut self) -> &mut Column {
        self.columns.last_mut().expect("a column is described before what is said of it")
    }

    fn create_table(&self, dialect: Dialect) -> String {
        let mut lines: Vec<String> = self.columns.iter().map(|c| c.sql(dialect)).collect();
        lines.push(format!("PRIMARY KEY ({})", self.key.join(", ")));
        lines.extend(self.checks.iter().map(|check| format!("CHECK ({check})")));
        // A table with another key than a number is looked up by that key alone, so the key should
        // be the table and not an index beside it.
        let options =
            if dialect == Dialect::Sqlite && self.key != ["id"] { " WITHOUT ROWID" } else { "" };
        format!("CREATE TABLE {} (\n  {}\n){options}", self.name, lines.join(",\n  "))
    }

    /// The foreign keys as statements of their own, for tables that refer to each other.
    fn add_foreign_keys(&self) -> impl Iterator<Item = String> {
        self.columns.iter().filter_map(|column| {
            let foreign_key = column.foreign_key()?;
            let (table, name) = (self.name, &column.name);
            Some(format!(
                "ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_fkey \
                 FOREIGN KEY ({name}) {foreign_key}"
            ))
        })
    }

    /// The described indexes, and one for each foreign key that none of them begins with.
    fn create_indexes(&self) -> impl Iterator<Item = String> {
        let begins_one = |name: &str| {
            self.key[0] == name || self.indexes.iter().any(|index| index.parts[0] == name)
        };
        let foreign_keys = self
            .columns
            .iter()
            .filter(move |column| column.references.is_some() && !begins_one(&column.name))
            .map(|column| Index::new(&[&column.name], false).sql(self.name));
        self.indexes.iter().map(|index| index.sql(self.name)).chain(foreign_keys)
    }
}

impl Column {
    fn sql(&self, dialect: Dialect) -> String {
        let mut sql = format!("{} {}", self.name, self.kind.sql(dialect));
        if !self.is_nullable {
            sql += " NOT NULL";
        }
        if let (Dialect::Sqlite, Some(foreign_key)) = (dialect, self.foreign_key()) {
            sql = format!("{sql} {foreign_key}");
        }
        sql
    }

    fn foreign_key(&self) -> Option<String> {
        let table = self.references?;
        Some(format!("REFERENCES {table} (id) DEFERRABLE INITIALLY DEFERRED"))
    }
}

impl Kind {
    fn sql(self, dialect: Dialect) -> &'static str {
        match (self, dialect) {
            // A key of exactly this type is SQLite's own row id, which saves an index.
            (Self::Integer, Dialect::Sqlite) => "INTEGER",
            (Self::Integer, Dialect::Postgres) => "BIGINT",
            (Self::Real, Dialect::Sqlite) => "REAL",
            (Self::Real, Dialect::Postgres) => "DOUBLE PRECISION",
            (Self::Boolean, _) => "BOOLEAN",
            (Self::Text | Self::Json, Dialect::Sqlite) => "TEXT",
            (Self::Text, Dialect::Postgres) => "TEXT COLLATE \"C\"",
            (Self::Json, Dialect::Postgres) => "JSON",
        }
    }
}

impl Index {
    fn new(parts: &[&str], is_unique: bool) -> Self {
        Self { parts: parts.iter().map(|&part| part.to_owned()).collect(), is_unique }
    }

    fn sql(&self, table: &str) -> String {
        let (unique, suffix) = if self.is_unique { ("UNIQUE ", "key") } else { ("", "idx") };
        let columns = self.parts.join(", ");
        let words = columns.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let name: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let name = name.join("_");
        format!("CREATE {unique}INDEX {table}_{name}_{suffix} ON {table} ({columns})")
    }
}

impl Dialect {
    fn of(manager: &SchemaManager<'_>) -> Result<Self, DbErr> {
        match manager.get_database_backend() {
            DbBackend::Sqlite => Ok(Self::Sqlite),
            DbBackend::Postgres => Ok(Self::Postgres),
            other => Err(DbErr::Migration(format!("{} is not supported", other.as_str()))),
        }
    }
}

/// Makes tables, which may refer to each other in any order.
pub(crate) async fn create(manager: &SchemaManager<'_>, tables: &[Table]) -> Result<(), DbErr> {
    let dialect = Dialect::of(manager)?;
    let mut statements: Vec<String> = tables.iter().map(|t| t.create_table(dialect)).collect();
    if dialect == Dialect::Postgres {
        // SQLite takes a foreign key to a table that does not exist yet, and none afterwards.
        statements.extend(tables.iter().flat_map(Table::add_foreign_keys));
    }
    statements.extend(tables.iter().flat_map(Table::create_indexes));
    for statement in statements {
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Adds columns to a table that was made before, with what is said of them. They are null until they are set.
pub(crate) async fn extend(manager: &SchemaManager<'_>, table: &Table) -> Result<(), DbErr> {
    let dialect = Dialect::of(manager)?;
    let mut statements = Vec::new();
    for column in &table.columns {
        let mut add = format!("ALTER TABLE {} ADD COLUMN {}", table.name, column.sql(dialect));
        if let (Dialect::Postgres, Some(foreign_key)) = (dialect, column.foreign_key()) {
            add = format!("{add} {foreign_key}");
        }
        statements.push(add);
    }
    statements.extend(table.create_indexes());
    for statement in statements {
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Takes back [`extend`].
pub(crate) async fn shrink(manager: &SchemaManager<'_>, table: &Table) -> Result<(), DbErr> {
    let name = table.name;
    for column in table.columns.iter().rev() {
        let column_name = &column.name;
        let mut statements = vec![format!("ALTER TABLE {name} DROP COLUMN {column_name}")];
        if column.references.is_some() {
            statements.insert(0, format!("DROP INDEX {name}_{column_name}_idx"));
        }
        for statement in statements {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
    }
    Ok(())
}

/// Drops tables, which may refer to each other.
pub(crate) async fn drop(manager: &SchemaManager<'_>, names: &[&str]) -> Result<(), DbErr> {
    let statements = match Dialect::of(manager)? {
        Dialect::Sqlite => names.iter().map(|name| format!("DROP TABLE {name}")).collect(),
        // Together, since a table cannot go before the ones that refer to it.
        Dialect::Postgres => vec![format!("DROP TABLE {}", names.join(", "))],
    };
    for statement in statements {
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Runs a statement on the one database that needs it.
pub(crate) async fn execute_on(
    manager: &SchemaManager<'_>,
    backend: DbBackend,
    statement: &str,
) -> Result<(), DbErr> {
    if manager.get_database_backend() == backend {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
