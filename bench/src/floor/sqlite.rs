//! SQLite, by hand: a connection for each thread, on which statements stay prepared. They take less time than handing them to
//! another thread would.
use std::{cell::RefCell, collections::HashMap, rc::Rc};

use anyhow::{Context, bail};
use rusqlite::{Connection, OpenFlags, Row, params};

use super::{
    Made, Variables,
    answer::{City, Country, ShortCity, Status, name, own},
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
        let mut out = Vec::with_capacity(32 * 1024);
        match query {
            "q1" => {
                out.extend_from_slice(b"{\"data\":{\"city\":");
                let found = self.list(&mut out, "q1", params![variables.slug], |out, row| {
                    put(out, &city(row)?)
                })?;
                if found == 0 {
                    out.extend_from_slice(b"null");
                }
                out.extend_from_slice(b"}}");
            }
            "q2" => {
                let (_, (sort, id)): (_, (String, i64)) = cursor::read(&variables.after)?;
                out.extend_from_slice(b"{\"data\":{\"cities\":{\"nodes\":[");
                self.list(&mut out, "q2", params![sort, id], |out, row| put(out, &city(row)?))?;
                out.extend_from_slice(b"]}}}");
            }
            "q3" => self.nested(&mut out, &variables.after)?,
            "q4" => {
                let count =
                    self.each("count", params![variables.country], |row| Ok(row.get(0)?))?;
                let count: i64 = *count.first().context("a count is one row")?;
                let head = format!("{{\"data\":{{\"cities\":{{\"totalCount\":{count},\"nodes\":[");
                out.extend_from_slice(head.as_bytes());
                self.list(&mut out, "q4", params![variables.country], |out, row| {
                    put(out, &short(row)?)
                })?;
                out.extend_from_slice(b"]}}}");
            }
            "q5" => {
                let (head, (id,)): (_, (i64,)) = cursor::read(&variables.after)?;
                let (mut shown, mut more, mut last) = (0, false, None);
                out.extend_from_slice(b"{\"data\":{\"cities\":{\"nodes\":[");
                self.each("q5", params![id], |row| {
                    if shown == 100 {
                        more = true;
                        return Ok(());
                    }
                    if shown > 0 {
                        out.push(b',');
                    }
                    shown += 1;
                    last = Some(row.get(4)?);
                    put(&mut out, &short(row)?)
                })?;
                let end = match last {
                    Some(id) => format!("\"{}\"", cursor::write(head, id)),
                    None => "null".to_owned(),
                };
                let tail =
                    format!("],\"pageInfo\":{{\"hasNextPage\":{more},\"endCursor\":{end}}}}}}}}}");
                out.extend_from_slice(tail.as_bytes());
            }
            other => bail!("there is no query {other}"),
        }
        Ok(out)
    }

    /// A statement for each parent: where there is no way to a server, this is cheaper than one for all.
    fn nested(&self, out: &mut Vec<u8>, after: &str) -> anyhow::Result<()> {
        let (_, (sort, id)): (_, (String, i64)) = cursor::read(after)?;
        out.extend_from_slice(b"{\"data\":{\"cities\":{\"nodes\":[");
        self.list(out, "q3", params![sort, id], |out, row| {
            let city: i64 = row.get(0)?;
            out.extend_from_slice(b"{\"name\":");
            put(out, &own(text(row, 1)?))?;
            out.extend_from_slice(b",\"officials\":{\"edges\":[");
            self.list(out, "officials", params![city], |out, row| {
                out.extend_from_slice(b"{\"node\":");
                put(out, &name(text(row, 0)?))?;
                out.extend_from_slice(b",\"officeHolding\":{\"position\":");
                put(out, &name(text(row, 1)?))?;
                out.extend_from_slice(b"}}");
                Ok(())
            })?;
            out.extend_from_slice(b"]},\"initiatives\":{\"nodes\":[");
            self.list(out, "initiatives", params![city], |out, row| {
                out.extend_from_slice(b"{\"name\":");
                put(out, &own(text(row, 1)?))?;
                out.extend_from_slice(b",\"status\":");
                let status = row.get_ref(2)?.as_str_or_null()?;
                put(out, &status.map(|notation| Status { notation }))?;
                out.extend_from_slice(b",\"challenges\":{\"nodes\":[");
                let id: i64 = row.get(0)?;
                self.list(out, "challenges", params![id], |out, row| {
                    put(out, &name(text(row, 0)?))
                })?;
                out.extend_from_slice(b"]}}");
                Ok(())
            })?;
            out.extend_from_slice(b"]}}");
            Ok(())
        })?;
        out.extend_from_slice(b"]}}}");
        Ok(())
    }

    /// What `write` makes of each row, with commas between; how many there were. Rows end when the next one is read, so each
    /// is written while it is there.
    fn list(
        &self,
        out: &mut Vec<u8>,
        name: &str,
        binds: impl rusqlite::Params,
        mut write: impl FnMut(&mut Vec<u8>, &Row<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<usize> {
        let mut written = 0;
        self.each(name, binds, |row| {
            if written > 0 {
                out.push(b',');
            }
            written += 1;
            write(out, row)
        })?;
        Ok(written)
    }
}

fn put(out: &mut Vec<u8>, part: &impl serde::Serialize) -> anyhow::Result<()> {
    Ok(serde_json::to_writer(out, part)?)
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
