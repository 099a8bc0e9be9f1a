//! Cells of rows, by the columns of a definition.
use sea_orm::ColumnType;

pub use crate::database::row::Row;

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
