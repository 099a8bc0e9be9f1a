//! Rows as the databases send them, without a decoded model between row and answer.
use std::sync::Arc;

use sea_orm::sqlx::{Row as _, ValueRef, postgres::PgRow};

/// A row of either database. Cells are asked for by the type of their column; a test checks the definitions against the tables,
/// so that no other is asked for.
pub struct Row(Repr);

enum Repr {
    Postgres(PgRow),
    /// The rows of a statement share their bytes.
    Sqlite {
        of: Arc<Set>,
        first: usize,
    },
}

/// The rows of a statement on SQLite.
#[derive(Default)]
pub(super) struct Set {
    pub(super) width: usize,
    pub(super) cells: Vec<Cell>,
    pub(super) bytes: Vec<u8>,
}

#[derive(Clone, Copy)]
pub(super) enum Cell {
    Null,
    Int(i64),
    Float(f64),
    /// Where the text is among the bytes of the set.
    Text {
        start: usize,
        end: usize,
    },
}

impl Set {
    pub(super) fn into_rows(self) -> Vec<Row> {
        let (width, cells) = (self.width.max(1), self.cells.len());
        let of = Arc::new(self);
        (0..cells / width).map(|n| Row(Repr::Sqlite { of: of.clone(), first: n * width })).collect()
    }
}

/// A cell as its database has it.
enum Raw<'r> {
    /// The binary format of PostgreSQL; nothing for a cell that is null.
    Postgres(Option<&'r [u8]>),
    Sqlite(Cell, &'r [u8]),
}

impl Row {
    pub(super) fn postgres(row: PgRow) -> Self {
        Row(Repr::Postgres(row))
    }

    fn raw(&self, index: usize) -> Raw<'_> {
        match &self.0 {
            Repr::Postgres(row) => {
                let value = row.try_get_raw(index).ok().filter(|value| !value.is_null());
                Raw::Postgres(value.and_then(|value| value.as_bytes().ok()))
            }
            Repr::Sqlite { of, first } => {
                let cell = (index < of.width).then(|| of.cells.get(first + index)).flatten();
                Raw::Sqlite(cell.copied().unwrap_or(Cell::Null), &of.bytes)
            }
        }
    }

    /// Text, and JSON as text.
    pub fn text(&self, index: usize) -> Option<&str> {
        let bytes = match self.raw(index) {
            Raw::Postgres(bytes) => bytes?,
            Raw::Sqlite(Cell::Text { start, end }, bytes) => bytes.get(start..end)?,
            Raw::Sqlite(..) => return None,
        };
        std::str::from_utf8(bytes).ok()
    }

    pub fn int(&self, index: usize) -> Option<i64> {
        match self.raw(index) {
            Raw::Postgres(bytes) => match *bytes? {
                [a, b, c, d, e, f, g, h] => Some(i64::from_be_bytes([a, b, c, d, e, f, g, h])),
                [a, b, c, d] => Some(i64::from(i32::from_be_bytes([a, b, c, d]))),
                _ => None,
            },
            Raw::Sqlite(Cell::Int(value), _) => Some(value),
            Raw::Sqlite(..) => None,
        }
    }

    pub fn float(&self, index: usize) -> Option<f64> {
        match self.raw(index) {
            Raw::Postgres(bytes) => bytes?.try_into().ok().map(f64::from_be_bytes),
            Raw::Sqlite(Cell::Float(value), _) => Some(value),
            Raw::Sqlite(..) => None,
        }
    }

    pub fn bool(&self, index: usize) -> Option<bool> {
        match self.raw(index) {
            Raw::Postgres(bytes) => bytes?.first().map(|byte| *byte == 1),
            Raw::Sqlite(Cell::Int(value), _) => Some(value != 0),
            Raw::Sqlite(..) => None,
        }
    }
}
