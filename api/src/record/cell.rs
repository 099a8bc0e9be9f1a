//! Cells of rows as the databases send them, without a decoded model between row and answer.
use sea_orm::{
    ColumnType, QueryResult,
    sqlx::{Decode, Row as _, Sqlite, ValueRef},
};

/// What a column holds, the same on both databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Int,
    Float,
    Bool,
    Text,
    Json,
}

impl Kind {
    pub(super) fn of(column: &ColumnType) -> Kind {
        match column {
            ColumnType::SmallInteger | ColumnType::Integer | ColumnType::BigInteger => Kind::Int,
            ColumnType::Float | ColumnType::Double => Kind::Float,
            ColumnType::Boolean => Kind::Bool,
            ColumnType::Json | ColumnType::JsonBinary => Kind::Json,
            _ => Kind::Text,
        }
    }
}

/// A row of either database. A cell of another type than asked for reads as null: the definitions are checked against the
/// tables by a test, so that it cannot happen to data.
pub struct Row(QueryResult);

impl Row {
    pub(super) fn new(result: QueryResult) -> Self {
        Row(result)
    }

    /// The bytes of a cell on PostgreSQL, in its binary format. The outer `None` says that the row is of SQLite.
    fn postgres(&self, index: usize) -> Option<Option<&[u8]>> {
        let row = self.0.try_as_pg_row()?;
        Some(
            row.try_get_raw(index)
                .ok()
                .filter(|value| !value.is_null())
                .and_then(|value| value.as_bytes().ok()),
        )
    }

    fn sqlite<'r, T: Decode<'r, Sqlite>>(&'r self, index: usize) -> Option<T> {
        let value = self.0.try_as_sqlite_row()?.try_get_raw(index).ok()?;
        if value.is_null() { None } else { T::decode(value).ok() }
    }

    /// Text, and JSON as text.
    pub fn text(&self, index: usize) -> Option<&str> {
        match self.postgres(index) {
            Some(bytes) => std::str::from_utf8(bytes?).ok(),
            None => self.sqlite(index),
        }
    }

    pub fn int(&self, index: usize) -> Option<i64> {
        match self.postgres(index) {
            Some(bytes) => match *bytes? {
                [a, b, c, d, e, f, g, h] => Some(i64::from_be_bytes([a, b, c, d, e, f, g, h])),
                [a, b, c, d] => Some(i64::from(i32::from_be_bytes([a, b, c, d]))),
                _ => None,
            },
            None => self.sqlite(index),
        }
    }

    pub fn float(&self, index: usize) -> Option<f64> {
        match self.postgres(index) {
            Some(bytes) => bytes?.try_into().ok().map(f64::from_be_bytes),
            None => self.sqlite(index),
        }
    }

    pub fn bool(&self, index: usize) -> Option<bool> {
        match self.postgres(index) {
            Some(bytes) => bytes?.first().map(|byte| *byte == 1),
            None => self.sqlite(index),
        }
    }
}

/// Set of a record's columns, by their place in its definition.
pub type Mask = u128;

/// One row of a statement that selected the columns of `mask`, in the definition's order, after `lead` others.
#[derive(Clone, Copy)]
pub struct Cells<'a> {
    pub row: &'a Row,
    pub mask: Mask,
    pub lead: usize,
}

impl<'a> Cells<'a> {
    /// Where a column of the definition is in the row; `None` when the statement did not select it.
    fn index(&self, column: usize) -> Option<usize> {
        let bit: Mask = 1 << column;
        (self.mask & bit != 0).then(|| self.lead + (self.mask & (bit - 1)).count_ones() as usize)
    }

    pub fn text(&self, column: usize) -> Option<&'a str> {
        self.row.text(self.index(column)?)
    }

    pub fn int(&self, column: usize) -> Option<i64> {
        self.row.int(self.index(column)?)
    }

    pub fn float(&self, column: usize) -> Option<f64> {
        self.row.float(self.index(column)?)
    }

    pub fn bool(&self, column: usize) -> Option<bool> {
        self.row.bool(self.index(column)?)
    }
}
