//! SQLite, by hand: a connection for each thread, on which statements stay prepared. They take less time than handing them to
//! another thread would.
use std::{cell::RefCell, collections::HashMap, rc::Rc};

use anyhow::{Context, bail};
use rusqlite::{Connection, OpenFlags, Row, params};

use super::{
    Made, Variables,
    answer::{
        Cities, City, Counted, Country, Data, Edges, Holding, Initiative, Nodes, Official, OneCity,
        PageInfo, Paged, ShortCity, Status, WideCity, name, own,
    },
    cursor,
};

const CITY: &str = "SELECT c.public_id, c.slug, c.names, k.alpha2_code, c.population, c.descriptions \
     FROM city c LEFT JOIN country k ON k.id = c.country_id";
const JSON_CITY: &str = "json_object('id', c.public_id, 'slug', c.slug, 'name', c.names->>'$[0].value', \
     'country', iif(k.id IS NULL, NULL, json_object('alpha2Code', k.alpha2_code)), 'population', c.population, \
     'description', c.descriptions->>'$[0].value') AS it FROM city c LEFT JOIN country k ON k.id = c.country_id";
const SHORT_CITY: &str = "json_object('id', c.public_id, 'slug', c.slug, 'name', c.names->>'$[0].value', \
     'population', c.population) AS it";
const BY_NAME: &str = "WHERE (c.sort_name, c.id) > (?1, ?2) ORDER BY c.sort_name, c.id";
const OFFICIALS: &str = "FROM organization o JOIN position po ON po.organization_id = o.id \
     JOIN office_holding h ON h.position_id = po.id JOIN person pe ON pe.id = h.person_id \
     WHERE o.jurisdiction_id = $city AND h.rank <> 'DEPRECATED' ORDER BY pe.sort_name, pe.id LIMIT 5";
const INITIATIVES: &str = "FROM initiative i LEFT JOIN term s ON s.id = i.status_id \
     WHERE i.city_id = $city AND i.rank <> 'DEPRECATED' \
     ORDER BY i.list_position NULLS LAST, i.sort_name, i.id LIMIT 5";
const CHALLENGES: &str = "FROM link l JOIN challenge h ON h.id = l.to_id WHERE l.from_id = $initiative \
     AND l.relation = 'ADDRESSES' AND l.modality IN ('STATED', 'INFERRED') AND l.rank <> 'DEPRECATED' \
     AND h.rank <> 'DEPRECATED' ORDER BY h.list_position NULLS LAST, h.sort_name, h.id LIMIT 3";
const ACTIVE: &str = "FROM city c JOIN country k ON k.id = c.country_id WHERE k.alpha2_code = ?1 AND EXISTS \
     (SELECT 1 FROM initiative i JOIN term s ON s.id = i.status_id \
     WHERE i.city_id = c.id AND i.rank <> 'DEPRECATED' AND s.notation = 'active')";
const BY_POPULATION: &str = "ORDER BY c.population DESC NULLS LAST, c.id DESC LIMIT 20";
const BY_ID: &str = "FROM city c WHERE c.id > ?1 ORDER BY c.id LIMIT 101";

struct Statements {
    by_name: HashMap<&'static str, String>,
}

impl Statements {
    fn new() -> Self {
        let list =
            |inner: &str| format!("(SELECT json_group_array(json(it)) FROM (SELECT {inner}))");
        let one_of_each = |select: &str, from: &str| {
            format!("SELECT {select} {}", from.replace("$city", "?1").replace("$initiative", "?1"))
        };
        let officials = list(&format!(
            "json_object('node', json_object('name', pe.names->>'$[0].value'), 'officeHolding', \
             json_object('position', json_object('name', po.names->>'$[0].value'))) AS it {}",
            OFFICIALS.replace("$city", "c.id")
        ));
        let challenges = list(&format!(
            "json_object('name', h.names->>'$[0].value') AS it {}",
            CHALLENGES.replace("$initiative", "i.id")
        ));
        let initiatives = list(&format!(
            "json_object('name', i.names->>'$[0].value', 'status', iif(s.id IS NULL, NULL, json_object('notation', s.notation)), \
             'challenges', json_object('nodes', {challenges})) AS it {}",
            INITIATIVES.replace("$city", "c.id")
        ));
        let nodes = |inner: &str| {
            format!("SELECT '{{\"data\":{{\"cities\":{{\"nodes\":' || {} || '}}}}}}'", list(inner))
        };
        let by_name = [
            ("q1", format!("{CITY} WHERE c.slug = ?1")),
            ("q2", format!("{CITY} {BY_NAME} LIMIT 50")),
            ("q3", format!("SELECT c.id, c.names FROM city c {BY_NAME} LIMIT 20")),
            ("officials", one_of_each("pe.names, po.names", OFFICIALS)),
            ("initiatives", one_of_each("i.id, i.names, s.notation", INITIATIVES)),
            ("challenges", one_of_each("h.names", CHALLENGES)),
            (
                "q4",
                format!(
                    "SELECT c.public_id, c.slug, c.names, c.population {ACTIVE} {BY_POPULATION}"
                ),
            ),
            ("count", format!("SELECT count(*) {ACTIVE}")),
            ("q5", format!("SELECT c.public_id, c.slug, c.names, c.population, c.id {BY_ID}")),
            (
                "q1 json",
                format!(
                    "SELECT '{{\"data\":{{\"city\":' || it || '}}}}' FROM (SELECT {JSON_CITY} WHERE c.slug = ?1)"
                ),
            ),
            ("q2 json", nodes(&format!("{JSON_CITY} {BY_NAME} LIMIT 50"))),
            (
                "q3 json",
                nodes(&format!(
                    "json_object('name', c.names->>'$[0].value', 'officials', json_object('edges', {officials}), \
                     'initiatives', json_object('nodes', {initiatives})) AS it FROM city c {BY_NAME} LIMIT 20"
                )),
            ),
            (
                "q4 json",
                format!(
                    "SELECT '{{\"data\":{{\"cities\":{{\"totalCount\":' || (SELECT count(*) {ACTIVE}) || ',\"nodes\":' || {} || '}}}}}}'",
                    list(&format!("{SHORT_CITY} {ACTIVE} {BY_POPULATION}"))
                ),
            ),
            (
                "q5 json",
                format!(
                    "SELECT '{{\"data\":{{\"cities\":{{\"nodes\":' || json_group_array(json(it)) FILTER (WHERE n <= 100) \
                     || ',\"pageInfo\":{{\"hasNextPage\":' || iif(count(*) > 100, 'true', 'false') || ',\"endCursor\":', \
                     max(id) FILTER (WHERE n <= 100) \
                     FROM (SELECT {SHORT_CITY}, c.id, row_number() OVER () AS n {BY_ID})"
                ),
            ),
        ];
        Statements { by_name: by_name.into() }
    }

    fn get(&self, name: &str) -> anyhow::Result<&str> {
        self.by_name.get(name).map(String::as_str).context("there is no such statement")
    }
}

pub(super) struct Sqlite {
    path: String,
    statements: Statements,
}

impl Sqlite {
    pub(super) fn new(path: &str) -> Self {
        Sqlite { path: path.to_owned(), statements: Statements::new() }
    }

    pub(super) fn answer(
        &self,
        made: Made,
        query: &str,
        variables: &Variables,
    ) -> anyhow::Result<Vec<u8>> {
        let on = On { connection: self.connection()?, statements: &self.statements };
        match made {
            Made::InRust => on.rows(query, variables),
            Made::InSql => on.json(query, variables),
        }
    }

    /// The connection of this thread.
    fn connection(&self) -> anyhow::Result<Rc<Connection>> {
        thread_local! {
            static OPEN: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
        }
        OPEN.with_borrow_mut(|open| match open {
            Some(connection) => Ok(connection.clone()),
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let connection = Connection::open_with_flags(&self.path, flags)?;
                connection.pragma_update(None, "mmap_size", 1_i64 << 30)?;
                connection.set_prepared_statement_cache_capacity(100);
                Ok(open.insert(Rc::new(connection)).clone())
            }
        })
    }
}

struct On<'a> {
    connection: Rc<Connection>,
    statements: &'a Statements,
}

impl On<'_> {
    /// What `read` makes of each row.
    fn each<T>(
        &self,
        name: &str,
        binds: impl rusqlite::Params,
        mut read: impl FnMut(&Row<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<Vec<T>> {
        let mut statement = self.connection.prepare_cached(self.statements.get(name)?)?;
        let mut rows = statement.query(binds)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push(read(row)?);
        }
        Ok(out)
    }

    fn json(&self, query: &str, variables: &Variables) -> anyhow::Result<Vec<u8>> {
        let name = format!("{query} json");
        let text = |row: &Row<'_>| Ok(row.get_ref(0)?.as_bytes()?.to_vec());
        let mut rows = match query {
            "q1" => self.each(&name, params![variables.slug], text)?,
            "q4" => self.each(&name, params![variables.country], text)?,
            "q5" => {
                let (head, (id,)): (_, (i64,)) = cursor::read(&variables.after)?;
                self.each(&name, params![id], |row| {
                    let mut out = text(row)?;
                    match row.get(1)? {
                        Some(id) => out.extend_from_slice(
                            format!("\"{}\"", cursor::write(head.clone(), id)).as_bytes(),
                        ),
                        None => out.extend_from_slice(b"null"),
                    }
                    out.extend_from_slice(b"}}}}");
                    Ok(out)
                })?
            }
            _ => {
                let (_, (sort, id)): (_, (String, i64)) = cursor::read(&variables.after)?;
                self.each(&name, params![sort, id], text)?
            }
        };
        rows.pop().context("there is a row")
    }

    fn rows(&self, query: &str, variables: &Variables) -> anyhow::Result<Vec<u8>> {
        match query {
            "q1" => {
                let one = |row: &Row<'_>| Ok(Data::bytes(OneCity { city: Some(city(row)?) }));
                let mut found = self.each("q1", params![variables.slug], one)?;
                Ok(found.pop().unwrap_or_else(|| Data::bytes(OneCity { city: None })))
            }
            // Rows end when the next one is read, so each is written while it is there.
            "q2" => {
                let (_, (sort, id)): (_, (String, i64)) = cursor::read(&variables.after)?;
                let write = |row: &Row<'_>| raw(&city(row)?);
                let nodes = self.each("q2", params![sort, id], write)?;
                Ok(Data::bytes(Cities { cities: Nodes { nodes } }))
            }
            "q3" => self.nested(&variables.after),
            "q4" => {
                let nodes = self.each("q4", params![variables.country], |row| raw(&short(row)?))?;
                let count =
                    self.each("count", params![variables.country], |row| Ok(row.get(0)?))?;
                let total_count = *count.first().context("a count is one row")?;
                Ok(Data::bytes(Cities { cities: Counted { total_count, nodes } }))
            }
            "q5" => {
                let (head, (id,)): (_, (i64,)) = cursor::read(&variables.after)?;
                let mut rows = self.each("q5", params![id], |row| {
                    let id: i64 = row.get(4)?;
                    Ok((raw(&short(row)?)?, id))
                })?;
                let has_next_page = rows.len() > 100;
                rows.truncate(100);
                let end = rows.last().map(|(_, id)| cursor::write(head, *id));
                let page_info = PageInfo { has_next_page, end_cursor: end };
                let nodes = rows.into_iter().map(|(node, _)| node).collect();
                Ok(Data::bytes(Cities { cities: Paged { nodes, page_info } }))
            }
            other => bail!("there is no query {other}"),
        }
    }

    /// A statement for each parent: where there is no way to a server, this is cheaper than one for all.
    fn nested(&self, after: &str) -> anyhow::Result<Vec<u8>> {
        let (_, (sort, id)): (_, (String, i64)) = cursor::read(after)?;
        let nodes = self.each("q3", params![sort, id], |row| {
            let city: i64 = row.get(0)?;
            let edges = self.each("officials", params![city], |row| {
                raw(&Official {
                    node: name(text(row, 0)?),
                    office_holding: Holding { position: name(text(row, 1)?) },
                })
            })?;
            let initiatives = self.each("initiatives", params![city], |row| {
                let id: i64 = row.get(0)?;
                let challenges =
                    self.each("challenges", params![id], |row| raw(&name(text(row, 0)?)))?;
                let status = row.get_ref(2)?.as_str_or_null()?;
                raw(&Initiative {
                    name: own(text(row, 1)?).unwrap_or_default(),
                    status: status.map(|notation| Status { notation }),
                    challenges: Nodes { nodes: challenges },
                })
            })?;
            raw(&WideCity {
                name: own(text(row, 1)?).unwrap_or_default(),
                officials: Edges { edges },
                initiatives: Nodes { nodes: initiatives },
            })
        })?;
        Ok(Data::bytes(Cities { cities: Nodes { nodes } }))
    }
}

/// A part of an answer, written.
fn raw(part: &impl serde::Serialize) -> anyhow::Result<Box<serde_json::value::RawValue>> {
    Ok(serde_json::value::to_raw_value(part)?)
}

fn text<'r>(row: &'r Row<'_>, index: usize) -> anyhow::Result<&'r str> {
    Ok(row.get_ref(index)?.as_str()?)
}

fn city<'r>(row: &'r Row<'_>) -> anyhow::Result<City<'r>> {
    let code = row.get_ref(3)?.as_str_or_null()?;
    Ok(City {
        id: text(row, 0)?,
        slug: text(row, 1)?,
        name: own(text(row, 2)?).unwrap_or_default(),
        country: code.map(|alpha2_code| Country { alpha2_code }),
        population: row.get(4)?,
        description: own(text(row, 5)?),
    })
}

fn short<'r>(row: &'r Row<'_>) -> anyhow::Result<ShortCity<'r>> {
    Ok(ShortCity {
        id: text(row, 0)?,
        slug: text(row, 1)?,
        name: own(text(row, 2)?).unwrap_or_default(),
        population: row.get(3)?,
    })
}
