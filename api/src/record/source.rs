//! Where the rows of a list are, for a parent: in its own table, or through the rows of another.
use std::borrow::Cow;

use super::{def::Def, relation::KNOWN_LINKS};

/// Where the rows of a list are, for a parent. In SQL `{t}` stands for the alias of the list's table, `{k}` for the
/// parent's id and `{s}` for the scope.
#[derive(Debug)]
pub enum Source {
    /// Rows whose `key` column holds the parent's id.
    Child { key: String },
    /// Rows at the other end of links of these relations, whose modality is in the scope.
    Link { relations: &'static [&'static str], outgoing: bool },
    /// Rows that rows of other tables lead to.
    Through(&'static Through),
    /// Rows that a condition takes.
    Where(&'static str),
}

/// Rows that lead from a parent to the records of a list, each record once or more often.
#[derive(Clone, Debug)]
pub struct Through {
    /// What stands behind SELECT and the columns: `FROM … WHERE …`.
    pub rows: Cow<'static, str>,
    /// The id of the record that a row leads to.
    pub to: &'static str,
    /// The id of the row itself.
    pub row: &'static str,
    /// Which of several rows that lead to one record stands for them: the first in this order.
    pub best: &'static str,
}

impl Through {
    /// The condition on a record `{t}` that rows lead to. On PostgreSQL the ids are read once, as an array, and looked up: a
    /// planner that sees a query joins it, for each parent anew.
    fn condition(&self, postgres: bool) -> String {
        let ids = format!("SELECT {} {}", self.to, self.rows);
        match postgres {
            true => format!("{{t}}.id = ANY (ARRAY({ids}))"),
            false => format!("{{t}}.id IN ({ids})"),
        }
    }

    /// The row that leads to the record `{t}`, as an expression.
    pub fn row_of(&self) -> String {
        let Through { rows, to, row, best } = self;
        format!("(SELECT {row} {rows} AND {to} = {{t}}.id ORDER BY {best} LIMIT 1)")
    }

    /// All records with their rows, in the dialect of PostgreSQL: `id` and `edge`.
    pub fn pairs(&self) -> String {
        let Through { rows, to, row, best } = self;
        format!("SELECT DISTINCT ON ({to}) {to} AS id, {row} AS edge {rows} ORDER BY {to}, {best}")
    }
}

impl Source {
    /// The columns of a link at the parent's and at the listed record's side.
    fn ends(outgoing: bool) -> (&'static str, &'static str) {
        if outgoing { ("from_id", "to_id") } else { ("to_id", "from_id") }
    }

    /// Links as rows that lead to the list's records.
    fn through_links(relations: &[&str], outgoing: bool) -> Through {
        let (here, _) = Source::ends(outgoing);
        let links = Source::links("l", here, "{k}", relations, "{s}");
        Through {
            rows: format!("FROM link l WHERE {links}").into(),
            to: if outgoing { "l.to_id" } else { "l.from_id" },
            row: "l.id",
            best: "l.id",
        }
    }

    /// The rows that lead to the list's records, where there are such.
    pub fn through(&self) -> Option<Through> {
        match self {
            Source::Link { relations, outgoing } => {
                Some(Source::through_links(relations, *outgoing))
            }
            Source::Through(through) => Some(Through::clone(through)),
            Source::Child { .. } | Source::Where(_) => None,
        }
    }

    /// The column of the list's table that holds the parent's id, where the rows name their parent themselves.
    pub fn child_key(&self) -> Option<&str> {
        match self {
            Source::Child { key } => Some(key),
            _ => None,
        }
    }

    /// The condition on a row of the list's table.
    pub fn condition(&self, postgres: bool, table: &str, parent: &str, scope: &str) -> String {
        let sql = match self {
            Source::Child { key } => format!("{{t}}.{key} = {{k}}"),
            Source::Link { relations, outgoing } => {
                Source::through_links(relations, *outgoing).condition(postgres)
            }
            Source::Through(through) => through.condition(postgres),
            Source::Where(sql) => (*sql).to_owned(),
        };
        sql.replace("{s}", scope).replace("{t}", table).replace("{k}", parent)
    }

    /// What stands behind FROM, up to the first condition, when one row is enough: a join that planners turn round freely.
    pub fn any_of(&self, target: &Def, table: &str, parent: &str, scope: &str) -> String {
        match self {
            Source::Link { relations, outgoing } => {
                let (here, there) = Source::ends(*outgoing);
                let link = format!("{table}l");
                let links = Source::links(&link, here, parent, relations, scope);
                format!(
                    "link {link} JOIN {} {table} ON {table}.id = {link}.{there} WHERE {links}",
                    target.table
                )
            }
            _ => {
                let condition = self.condition(false, table, parent, scope);
                format!("{} {table} WHERE {condition}", target.table)
            }
        }
    }

    fn links(link: &str, here: &str, parent: &str, relations: &[&str], scope: &str) -> String {
        format!("{link}.{here} = {parent} AND {}", Source::known(link, relations, scope))
    }

    fn known(link: &str, relations: &[&str], scope: &str) -> String {
        let relations = relations.join("', '");
        format!(
            "{link}.relation IN ('{relations}') AND {link}.modality IN ({scope}) AND {link}.rank <> 'DEPRECATED'"
        )
    }

    /// All pairs of a record and one at the other end of its links, as `here` and `there`; none for lists that are no links.
    pub fn pairs(&self) -> Option<String> {
        let Source::Link { relations, outgoing } = self else { return None };
        let (here, there) = Source::ends(*outgoing);
        let known = Source::known("l", relations, KNOWN_LINKS);
        Some(format!(
            "SELECT DISTINCT l.{here} AS here, l.{there} AS there FROM link l WHERE {known}"
        ))
    }
}
