//! Predicates: conditions on rows, before they are SQL.
use sea_orm::Value as Bind;

use super::{def::Def, relation::Many};

/// A condition on a row.
#[derive(Clone, Debug)]
pub enum Pred {
    All(Vec<Pred>),
    Any(Vec<Pred>),
    /// True wherever the inner one is not true: it holds for missing values too.
    Not(Box<Pred>),
    Column {
        def: &'static Def,
        column: usize,
        test: Test,
    },
    /// On the record that a column points to, or that the row is, by the key tables that all types share.
    Key {
        def: &'static Def,
        column: usize,
        test: KeyTest,
    },
    /// On the record that a column points to.
    One {
        def: &'static Def,
        column: usize,
        target: &'static Def,
        inner: Box<Pred>,
    },
    /// On the records of a list; `known` limits which of them count.
    Many {
        def: &'static Def,
        list: &'static Many,
        quantity: Quantity,
        known: Box<Pred>,
        inner: Box<Pred>,
    },
    /// SQL made of checked values only; `{t}` is the alias of the table.
    Sql(String),
}

impl Pred {
    pub fn column(def: &'static Def, column: usize, test: Test) -> Pred {
        Pred::Column { def, column, test }
    }

    pub fn never() -> Pred {
        Pred::Any(Vec::new())
    }

    pub fn always() -> Pred {
        Pred::All(Vec::new())
    }

    /// Whether it is no condition at all.
    pub fn is_always(&self) -> bool {
        matches!(self, Pred::All(all) if all.iter().all(Pred::is_always))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    Some,
    Every,
    None,
}

/// A condition on one value.
#[derive(Clone, Debug)]
pub enum Test {
    /// An operator of SQL and its operand.
    Is(&'static str, Bind),
    /// Is another value, or none.
    IsNot(Bind),
    In(Vec<Bind>),
    Null(bool),
    StartsWith(String),
    Contains(String),
    /// The test on the value in lower-case ASCII letters.
    Lower(Box<Test>),
}

/// A condition that the key tables answer.
#[derive(Clone, Debug)]
pub enum KeyTest {
    /// Public ids, also of records merged into it.
    Id(Vec<String>),
    /// Ranges of internal ids: types.
    Type(Vec<(i64, i64)>),
    /// One slug, current or former, that meets all tests.
    Slug(Vec<Test>),
    /// One name that meets all tests, in one of these languages if they matter; folded where the flag says so.
    Name { langs: Option<Vec<String>>, tests: Vec<(bool, Test)> },
    /// One identifier of the scheme that meets all tests.
    Identifier { scheme: String, tests: Vec<Test> },
}
