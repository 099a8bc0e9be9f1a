//! SQL in the making: columns, conditions, orders and cursors, in the dialect of either database.
use std::fmt::Write;

use sea_orm::Value as Bind;

use super::{
    cell::Mask,
    def::Def,
    page::{Key, Listing},
    pred::{KeyTest, Pred, Quantity, Test},
    relation::KNOWN_LINKS,
};

/// A statement in the making.
#[derive(Clone, Debug)]
pub struct Sql {
    pub postgres: bool,
    pub text: String,
    /// Whether the first parameter is a list of keys, which is put in when it runs; so a statement is the same for any
    /// number of them.
    pub has_keys: bool,
    pub binds: Vec<Bind>,
    /// The level of the records that it reads: 1 at the root.
    pub level: usize,
}

/// The alias of the table that a statement is about.
pub(super) const T: &str = "t";

impl Sql {
    /// The statement, as one that reads records of this level.
    #[must_use]
    pub fn at(self, level: usize) -> Self {
        Sql { level, ..self }
    }

    pub fn new(postgres: bool) -> Self {
        Sql {
            postgres,
            text: String::with_capacity(256),
            has_keys: false,
            binds: Vec::new(),
            level: 1,
        }
    }

    /// A statement whose first parameter is a list of keys.
    pub fn with_keys(postgres: bool) -> Self {
        Sql { has_keys: true, ..Sql::new(postgres) }
    }

    /// How many parameters there are so far.
    fn parameters(&self) -> usize {
        usize::from(self.has_keys) + self.binds.len()
    }

    pub(super) fn put(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub(super) fn bind(&mut self, value: impl Into<Bind>) -> &mut Self {
        self.binds.push(value.into());
        let number = self.parameters();
        // Writing into a string cannot fail.
        let _ = write!(self.text, "${number}");
        self
    }

    pub(super) fn number(&mut self, number: usize) -> &mut Self {
        let _ = write!(self.text, "{number}");
        self
    }

    pub(super) fn separated<I>(
        &mut self,
        items: I,
        by: &str,
        mut write: impl FnMut(&mut Self, I::Item),
    ) -> &mut Self
    where
        I: IntoIterator,
    {
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.put(by);
            }
            write(self, item);
        }
        self
    }

    pub(super) fn column(&mut self, table: &str, def: &Def, column: usize) -> &mut Self {
        let column = &def.columns[column];
        match &column.expression {
            Some(sql) => {
                let sql = sql.replace("{t}", table);
                self.put(&sql)
            }
            None => self.put(table).put(".").put(&column.name),
        }
    }

    pub(super) fn columns(&mut self, table: &str, def: &Def, mask: Mask) -> &mut Self {
        let chosen = (0..def.columns.len()).filter(|column| mask >> column & 1 == 1);
        self.separated(chosen, ", ", |sql, column| {
            sql.column(table, def, column);
        })
    }

    // ---- conditions

    pub(super) fn condition(&mut self, table: &str, pred: &Pred, depth: usize) -> &mut Self {
        match pred {
            Pred::All(all) if all.is_empty() => self.put("TRUE"),
            Pred::Any(any) if any.is_empty() => self.put("FALSE"),
            Pred::All(preds) | Pred::Any(preds) => {
                let word = if matches!(pred, Pred::All(_)) { " AND " } else { " OR " };
                self.put("(");
                self.separated(preds, word, |sql, pred| {
                    sql.condition(table, pred, depth);
                });
                self.put(")")
            }
            Pred::Not(inner) => self.put("(").condition(table, inner, depth).put(") IS NOT TRUE"),
            Pred::Column { def, column, test } => {
                let mut name = Sql::new(self.postgres);
                name.column(table, def, *column);
                self.test(&name.text, test)
            }
            Pred::Key { def, column, test } => {
                let mut name = Sql::new(self.postgres);
                name.column(table, def, *column);
                self.key_test(&name.text, test)
            }
            // Inside of another relation a condition would be met for each row of that one anew. As a set it stands for
            // itself, and databases make it once.
            Pred::One { def, column, target, inner } if depth > 0 && !inner.is_always() => {
                let inside = format!("r{depth}");
                self.column(table, def, *column).put(" IN (SELECT ").put(&inside).put(".id FROM ");
                self.put(&target.table).put(" ").put(&inside).put(" WHERE ");
                self.condition(&inside, inner, depth + 1).put(")")
            }
            Pred::Many { def, list, quantity, known, inner }
                if depth > 0 && list.source.child_key().is_some() =>
            {
                let inside = format!("r{depth}");
                let key = format!("{inside}.{}", list.source.child_key().unwrap_or_default());
                let target = (list.target)();
                self.put(table).put(".").put(&def.columns[list.from].name);
                self.put(if *quantity == Quantity::Some { " IN" } else { " NOT IN" });
                self.put(" (SELECT ")
                    .put(&key)
                    .put(" FROM ")
                    .put(&target.table)
                    .put(" ")
                    .put(&inside);
                // A set with null in it holds and lacks nothing.
                self.put(" WHERE ").put(&key).put(" IS NOT NULL AND ");
                self.condition(&inside, known, depth + 1).put(" AND (");
                self.condition(&inside, inner, depth + 1);
                self.put(if *quantity == Quantity::Every { ") IS NOT TRUE)" } else { "))" })
            }
            Pred::One { def, column, target, inner } => {
                let inside = format!("r{depth}");
                self.put("EXISTS (SELECT 1 FROM ")
                    .put(&target.table)
                    .put(" ")
                    .put(&inside)
                    .put(" WHERE ");
                self.put(&inside).put(".id = ").column(table, def, *column).put(" AND ");
                self.condition(&inside, inner, depth + 1).put(")")
            }
            Pred::Many { def, list, quantity, known, inner } => {
                let inside = format!("r{depth}");
                let parent = format!("{table}.{}", def.columns[list.from].name);
                let rows = list.source.any_of((list.target)(), &inside, &parent, KNOWN_LINKS);
                self.put(if *quantity == Quantity::Some { "EXISTS" } else { "NOT EXISTS" });
                self.put(" (SELECT 1 FROM ").put(&rows).put(" AND ").condition(
                    &inside,
                    known,
                    depth + 1,
                );
                self.put(" AND (").condition(&inside, inner, depth + 1);
                self.put(if *quantity == Quantity::Every { ") IS NOT TRUE)" } else { "))" })
            }
            Pred::Sql(sql) => {
                let sql = sql.replace("{t}", table);
                self.put("(").put(&sql).put(")")
            }
        }
    }

    pub(super) fn test(&mut self, value: &str, test: &Test) -> &mut Self {
        match test {
            Test::Is(operator, operand) => {
                self.put(value).put(" ").put(operator).put(" ").bind(operand.clone())
            }
            Test::IsNot(operand) => self
                .put("(")
                .put(value)
                .put(" IS NULL OR ")
                .put(value)
                .put(" <> ")
                .bind(operand.clone())
                .put(")"),
            Test::In(operands) if operands.is_empty() => self.put("FALSE"),
            Test::In(operands) => {
                self.put(value).put(" IN (");
                self.separated(operands, ", ", |sql, operand| {
                    sql.bind(operand.clone());
                });
                self.put(")")
            }
            Test::Null(true) => self.put(value).put(" IS NULL"),
            Test::Null(false) => self.put(value).put(" IS NOT NULL"),
            // LIKE ignores case on one of the databases; the bound lets an index find where to begin.
            Test::StartsWith(prefix) => {
                self.put("(").put(value).put(" >= ").bind(prefix.clone());
                let place = self.parameters();
                let length = prefix.chars().count();
                let _ = write!(self.text, " AND substr({value}, 1, {length}) = ${place})");
                self
            }
            Test::Contains(part) => {
                self.put(if self.postgres { "strpos(" } else { "instr(" });
                self.put(value).put(", ").bind(part.clone()).put(") > 0")
            }
            Test::Lower(inner) => self.test(&format!("lower({value})"), inner),
        }
    }

    fn key_test(&mut self, id: &str, test: &KeyTest) -> &mut Self {
        match test {
            KeyTest::Id(ids) => {
                self.put(id)
                    .put(" IN (SELECT coalesce(k.merged_into_id, k.id) FROM record k WHERE ");
                self.test("k.public_id", &Test::In(ids.iter().map(Bind::from).collect())).put(")")
            }
            KeyTest::Type(ranges) if ranges.is_empty() => self.put("FALSE"),
            KeyTest::Type(ranges) => {
                self.put("(");
                self.separated(ranges, " OR ", |sql, (least, greatest)| {
                    let _ = write!(sql.text, "{id} BETWEEN {least} AND {greatest}");
                });
                self.put(")")
            }
            KeyTest::Slug(tests) => self.in_keys("record_slug", id, |sql| {
                sql.all("k.slug", tests);
            }),
            KeyTest::Name { langs, tests } => self.in_keys("record_name", id, |sql| {
                if let Some(langs) = langs {
                    sql.put(" AND ")
                        .test("k.lang", &Test::In(langs.iter().map(Bind::from).collect()));
                }
                for (folded, test) in tests {
                    sql.put(" AND ").test(if *folded { "k.folded" } else { "k.value" }, test);
                }
            }),
            KeyTest::Identifier { scheme, tests } => self.in_keys("record_identifier", id, |sql| {
                sql.put(" AND k.scheme = ").bind(scheme.clone());
                sql.all("k.value", tests);
            }),
        }
    }

    fn in_keys(&mut self, table: &str, id: &str, conditions: impl FnOnce(&mut Self)) -> &mut Self {
        self.put("EXISTS (SELECT 1 FROM ").put(table).put(" k WHERE k.record_id = ").put(id);
        conditions(self);
        self.put(")")
    }

    fn all(&mut self, value: &str, tests: &[Test]) {
        for test in tests {
            self.put(" AND ").test(value, test);
        }
    }

    // ---- order and cursor

    /// The value of a key: a column, or the field of the list's edges.
    fn key(&mut self, table: &str, def: &Def, key: &Key, extra: Option<&str>) -> &mut Self {
        match key.column {
            Some(column) => self.column(table, def, column),
            None => self.put(extra.unwrap_or("NULL")),
        }
    }

    pub(super) fn order(
        &mut self,
        table: &str,
        def: &Def,
        listing: &Listing,
        extra: Option<&str>,
    ) -> &mut Self {
        let backwards = listing.backwards;
        self.separated(&listing.order, ", ", |sql, key| {
            sql.key(table, def, key, extra);
            sql.put(if key.descending != backwards { " DESC" } else { " ASC" });
            if is_nullable(def, key) {
                sql.put(if key.nulls_first != backwards { " NULLS FIRST" } else { " NULLS LAST" });
            }
        })
    }

    /// Rows beyond the cursor, in reading direction.
    fn beyond(
        &mut self,
        table: &str,
        def: &Def,
        listing: &Listing,
        at: &[Option<Bind>],
        extra: Option<&str>,
    ) {
        let down = |key: &Key| key.descending != listing.backwards;
        let keys = &listing.order;
        let one_way = keys.iter().all(|key| down(key) == down(&keys[0]) && !is_nullable(def, key));
        if one_way && at.iter().all(Option::is_some) {
            // A row comparison, which both databases answer from an index.
            self.put("(");
            self.separated(keys, ", ", |sql, key| {
                sql.key(table, def, key, extra);
            });
            self.put(if down(&keys[0]) { ") < (" } else { ") > (" });
            self.separated(at.iter().flatten(), ", ", |sql, value| {
                sql.bind(value.clone());
            });
            self.put(")");
            return;
        }
        for (i, (key, value)) in keys.iter().zip(at).enumerate() {
            let nulls_follow = key.nulls_first == listing.backwards;
            self.put("(");
            match value {
                Some(value) => {
                    self.key(table, def, key, extra)
                        .put(if down(key) { " < " } else { " > " })
                        .bind(value.clone());
                    if nulls_follow && is_nullable(def, key) {
                        self.put(" OR ").key(table, def, key, extra).put(" IS NULL");
                    }
                }
                None if nulls_follow => {
                    self.put("FALSE");
                }
                None => {
                    self.key(table, def, key, extra).put(" IS NOT NULL");
                }
            }
            if i + 1 < keys.len() {
                self.put(" OR ").key(table, def, key, extra);
                match value {
                    Some(value) => self.put(" = ").bind(value.clone()),
                    None => self.put(" IS NULL"),
                };
                self.put(" AND ");
            }
        }
        for _ in keys {
            self.put(")");
        }
    }

    /// The list's filter, and where its page begins.
    pub(super) fn conditions(
        &mut self,
        def: &Def,
        listing: &Listing,
        extra: Option<&str>,
    ) -> &mut Self {
        self.condition(T, &listing.condition, 0);
        if let Some(at) = &listing.after {
            self.put(" AND ");
            self.beyond(T, def, listing, at, extra);
        }
        self
    }

    pub(super) fn from(&mut self, def: &Def) -> &mut Self {
        self.put(" FROM ").put(&def.table).put(" t")
    }
}

fn is_nullable(def: &Def, key: &Key) -> bool {
    key.column.is_some_and(|column| def.columns[column].nullable)
}
