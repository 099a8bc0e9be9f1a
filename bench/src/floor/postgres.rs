//! PostgreSQL, by hand: prepared statements on a few connections that take their requests in turn.
use std::{
    collections::HashMap,
    error::Error,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context, bail};
use tokio_postgres::{
    Client, NoTls, Row, Statement,
    types::{FromSql, Type},
};

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
const JSON_CITY: &str = "SELECT c.public_id AS id, c.slug, c.names->0->>'value' AS name, \
     (SELECT row_to_json(it) FROM (SELECT k.alpha2_code AS \"alpha2Code\") it) AS country, c.population, \
     c.descriptions->0->>'value' AS description FROM city c LEFT JOIN country k ON k.id = c.country_id";
const BY_NAME: &str = "WHERE (c.sort_name, c.id) > ($1, $2) ORDER BY c.sort_name, c.id";
const OFFICIALS: &str = "FROM organization o JOIN position po ON po.organization_id = o.id \
     JOIN office_holding h ON h.position_id = po.id JOIN person pe ON pe.id = h.person_id \
     WHERE o.jurisdiction_id = $city AND h.rank <> 'DEPRECATED' ORDER BY pe.sort_name, pe.id LIMIT 5";
const INITIATIVES: &str = "FROM initiative i LEFT JOIN term s ON s.id = i.status_id \
     WHERE i.city_id = $city AND i.rank <> 'DEPRECATED' ORDER BY i.list_position, i.sort_name, i.id LIMIT 5";
const CHALLENGES: &str = "FROM link l JOIN challenge h ON h.id = l.to_id WHERE l.from_id = $initiative \
     AND l.relation = 'ADDRESSES' AND l.modality IN ('STATED', 'INFERRED') AND l.rank <> 'DEPRECATED' \
     AND h.rank <> 'DEPRECATED' ORDER BY h.list_position, h.sort_name, h.id LIMIT 3";
const ACTIVE: &str = "FROM city c JOIN country k ON k.id = c.country_id WHERE k.alpha2_code = $1 AND EXISTS \
     (SELECT 1 FROM initiative i JOIN term s ON s.id = i.status_id \
     WHERE i.city_id = c.id AND i.rank <> 'DEPRECATED' AND s.notation = 'active')";
const BY_POPULATION: &str = "ORDER BY c.population DESC NULLS LAST, c.id DESC LIMIT 20";
const BY_ID: &str = "FROM city c WHERE c.id > $1 ORDER BY c.id LIMIT 101";

/// The statements by name.
fn statements() -> Vec<(&'static str, String)> {
    let list = |inner: &str| {
        format!(
            "coalesce((SELECT array_to_json(array_agg(row_to_json(it))) FROM ({inner}) it), '[]')"
        )
    };
    let one = |inner: &str| format!("(SELECT row_to_json(it) FROM (SELECT {inner}) it)");
    let lateral = |select: &str, from: &str, parent: &str| {
        let from = from.replace("$city", "k.id").replace("$initiative", "k.id");
        format!(
            "SELECT k.id AS {parent}, it.* FROM unnest($1::bigint[]) k(id) CROSS JOIN LATERAL (SELECT {select} {from}) it"
        )
    };
    let officials = list(&format!(
        "SELECT {} AS node, {} AS \"officeHolding\" {}",
        one("pe.names->0->>'value' AS name"),
        one(&format!("{} AS position", one("po.names->0->>'value' AS name"))),
        OFFICIALS.replace("$city", "c.id"),
    ));
    let challenges = list(&format!(
        "SELECT h.names->0->>'value' AS name {}",
        CHALLENGES.replace("$initiative", "i.id")
    ));
    let initiatives = list(&format!(
        "SELECT i.names->0->>'value' AS name, {} AS status, {} AS challenges {}",
        one("s.notation"),
        one(&format!("{challenges} AS nodes")),
        INITIATIVES.replace("$city", "c.id"),
    ));
    vec![
        ("q1", format!("{CITY} WHERE c.slug = $1")),
        ("q2", format!("{CITY} {BY_NAME} LIMIT 50")),
        ("q3", format!("SELECT c.id, c.names FROM city c {BY_NAME} LIMIT 20")),
        ("officials", lateral("pe.names, po.names AS position", OFFICIALS, "city")),
        ("initiatives", lateral("i.id, i.names, s.notation", INITIATIVES, "city")),
        ("challenges", lateral("h.names", CHALLENGES, "initiative")),
        (
            "q4",
            format!("SELECT c.public_id, c.slug, c.names, c.population {ACTIVE} {BY_POPULATION}"),
        ),
        ("count", format!("SELECT count(*) {ACTIVE}")),
        ("q5", format!("SELECT c.public_id, c.slug, c.names, c.population, c.id {BY_ID}")),
        (
            "q1 json",
            format!(
                "SELECT '{{\"data\":{{\"city\":' || row_to_json(it)::text || '}}}}' \
                 FROM ({JSON_CITY} WHERE c.slug = $1) it"
            ),
        ),
        (
            "q2 json",
            format!(
                "SELECT '{{\"data\":{{\"cities\":{{\"nodes\":' || {}::text || '}}}}}}'",
                list(&format!("{JSON_CITY} {BY_NAME} LIMIT 50"))
            ),
        ),
        (
            "q3 json",
            format!(
                "SELECT '{{\"data\":{{\"cities\":{{\"nodes\":' || {}::text || '}}}}}}'",
                list(&format!(
                    "SELECT c.names->0->>'value' AS name, {} AS officials, {} AS initiatives FROM city c {BY_NAME} LIMIT 20",
                    one(&format!("{officials} AS edges")),
                    one(&format!("{initiatives} AS nodes")),
                ))
            ),
        ),
        (
            "q4 json",
            format!(
                "SELECT '{{\"data\":{{\"cities\":{{\"totalCount\":' || (SELECT count(*) {ACTIVE}) || ',\"nodes\":' || {}::text || '}}}}}}'",
                list(&format!(
                    "SELECT c.public_id AS id, c.slug, c.names->0->>'value' AS name, c.population {ACTIVE} {BY_POPULATION}"
                ))
            ),
        ),
        // The cursor of the last row is put in by Rust.
        (
            "q5 json",
            format!(
                "WITH page AS (SELECT c.public_id, c.slug, c.names, c.population, c.id {BY_ID}), \
                 shown AS (SELECT * FROM page ORDER BY id LIMIT 100) \
                 SELECT '{{\"data\":{{\"cities\":{{\"nodes\":' || {}::text || ',\"pageInfo\":{{\"hasNextPage\":' \
                 || (SELECT count(*) > 100 FROM page)::text || ',\"endCursor\":', \
                 (SELECT max(id) FROM shown)",
                list(
                    "SELECT s.public_id AS id, s.slug, s.names->0->>'value' AS name, s.population FROM shown s \
                     ORDER BY s.id"
                )
            ),
        ),
    ]
}

/// The text of a JSON column, without a copy.
struct Raw<'r>(&'r str);

impl<'r> FromSql<'r> for Raw<'r> {
    fn from_sql(_: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Raw(std::str::from_utf8(raw)?))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSON
    }
}

fn json(row: &Row, index: usize) -> &str {
    row.get::<_, Raw<'_>>(index).0
}

struct Connection {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

pub(super) struct Postgres {
    connections: Vec<Connection>,
    next: AtomicUsize,
}

impl Postgres {
    pub(super) async fn connect(url: &str, connections: usize) -> anyhow::Result<Self> {
        let mut open = Vec::with_capacity(connections);
        for _ in 0..connections {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            tokio::spawn(connection);
            let mut prepared = HashMap::new();
            for (name, text) in statements() {
                let statement =
                    client.prepare(&text).await.with_context(|| format!("{name}: {text}"))?;
                prepared.insert(name, statement);
            }
            open.push(Connection { client, statements: prepared });
        }
        Ok(Postgres { connections: open, next: AtomicUsize::new(0) })
    }

    pub(super) async fn answer(
        &self,
        made: Made,
        query: &str,
        variables: &Variables,
    ) -> anyhow::Result<Vec<u8>> {
        let next = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        let connection = &self.connections[next];
        match made {
            Made::InRust => connection.rows(query, variables).await,
            Made::InSql => connection.json(query, variables).await,
        }
    }
}

impl Connection {
    async fn query(
        &self,
        name: &str,
        binds: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> anyhow::Result<Vec<Row>> {
        let statement = self.statements.get(name).context("there is no such statement")?;
        Ok(self.client.query(statement, binds).await?)
    }

    async fn json(&self, query: &str, variables: &Variables) -> anyhow::Result<Vec<u8>> {
        let name = format!("{query} json");
        match query {
            "q1" => text(&self.query(&name, &[&variables.slug]).await?),
            "q4" => text(&self.query(&name, &[&variables.country]).await?),
            "q5" => {
                let (head, (id,)): (_, (i64,)) = cursor::read(&variables.after)?;
                let rows = self.query(&name, &[&id]).await?;
                let row = rows.first().context("it has one row")?;
                let (mut out, last): (String, Option<i64>) = (row.get(0), row.get(1));
                match last {
                    Some(id) => out += &format!("\"{}\"", cursor::write(head, id)),
                    None => out += "null",
                }
                out += "}}}}";
                Ok(out.into_bytes())
            }
            _ => {
                let (_, (sort, id)): (_, (String, i64)) = cursor::read(&variables.after)?;
                text(&self.query(&name, &[&sort, &id]).await?)
            }
        }
    }

    async fn rows(&self, query: &str, variables: &Variables) -> anyhow::Result<Vec<u8>> {
        match query {
            "q1" => {
                let rows = self.query("q1", &[&variables.slug]).await?;
                Ok(Data::bytes(OneCity { city: rows.first().map(city) }))
            }
            "q2" => {
                let (_, (sort, id)): (_, (String, i64)) = cursor::read(&variables.after)?;
                let rows = self.query("q2", &[&sort, &id]).await?;
                Ok(Data::bytes(Cities { cities: Nodes { nodes: rows.iter().map(city).collect() } }))
            }
            "q3" => self.nested(&variables.after).await,
            "q4" => {
                let binds: [&(dyn tokio_postgres::types::ToSql + Sync); 1] = [&variables.country];
                let (rows, count) =
                    tokio::try_join!(self.query("q4", &binds), self.query("count", &binds))?;
                let total_count = count.first().context("a count is one row")?.get(0);
                let nodes = rows.iter().map(short).collect();
                Ok(Data::bytes(Cities { cities: Counted { total_count, nodes } }))
            }
            "q5" => {
                let (head, (id,)): (_, (i64,)) = cursor::read(&variables.after)?;
                let rows = self.query("q5", &[&id]).await?;
                let shown = &rows[..rows.len().min(100)];
                let end = shown.last().map(|row| cursor::write(head, row.get(4)));
                let page_info = PageInfo { has_next_page: rows.len() > 100, end_cursor: end };
                let nodes = shown.iter().map(short).collect();
                Ok(Data::bytes(Cities { cities: Paged { nodes, page_info } }))
            }
            other => bail!("there is no query {other}"),
        }
    }

    async fn nested(&self, after: &str) -> anyhow::Result<Vec<u8>> {
        let (_, (sort, id)): (_, (String, i64)) = cursor::read(after)?;
        let cities = self.query("q3", &[&sort, &id]).await?;
        let ids: Vec<i64> = cities.iter().map(|row| row.get(0)).collect();
        let officials = async { self.query("officials", &[&ids]).await };
        let initiatives = async {
            let initiatives = self.query("initiatives", &[&ids]).await?;
            let ids: Vec<i64> = initiatives.iter().map(|row| row.get(1)).collect();
            let challenges = self.query("challenges", &[&ids]).await?;
            anyhow::Ok((initiatives, challenges))
        };
        let (officials, (initiatives, challenges)) = tokio::try_join!(officials, initiatives)?;
        let (officials, initiatives, challenges) =
            (by_parent(&officials), by_parent(&initiatives), by_parent(&challenges));
        let nodes = cities.iter().map(|city| WideCity {
            name: own(json(city, 1)).unwrap_or_default(),
            officials: Edges {
                edges: of(&officials, city.get(0))
                    .into_iter()
                    .map(|row| Official {
                        node: name(json(row, 1)),
                        office_holding: Holding { position: name(json(row, 2)) },
                    })
                    .collect(),
            },
            initiatives: Nodes {
                nodes: of(&initiatives, city.get(0))
                    .into_iter()
                    .map(|row| Initiative {
                        name: own(json(row, 2)).unwrap_or_default(),
                        status: row.get::<_, Option<&str>>(3).map(|notation| Status { notation }),
                        challenges: Nodes {
                            nodes: of(&challenges, row.get(1))
                                .into_iter()
                                .map(|row| name(json(row, 1)))
                                .collect(),
                        },
                    })
                    .collect(),
            },
        });
        Ok(Data::bytes(Cities { cities: Nodes { nodes: nodes.collect() } }))
    }
}

fn text(rows: &[Row]) -> anyhow::Result<Vec<u8>> {
    let text: &str = rows.first().context("there is a row")?.get(0);
    Ok(text.as_bytes().to_vec())
}

fn city(row: &Row) -> City<'_> {
    City {
        id: row.get(0),
        slug: row.get(1),
        name: own(json(row, 2)).unwrap_or_default(),
        country: row.get::<_, Option<&str>>(3).map(|alpha2_code| Country { alpha2_code }),
        population: row.get(4),
        description: own(json(row, 5)),
    }
}

fn short(row: &Row) -> ShortCity<'_> {
    ShortCity {
        id: row.get(0),
        slug: row.get(1),
        name: own(json(row, 2)).unwrap_or_default(),
        population: row.get(3),
    }
}

fn by_parent(rows: &[Row]) -> HashMap<i64, Vec<&Row>> {
    let mut groups: HashMap<i64, Vec<&Row>> = HashMap::new();
    for row in rows {
        groups.entry(row.get(0)).or_default().push(row);
    }
    groups
}

fn of<'r>(groups: &HashMap<i64, Vec<&'r Row>>, parent: i64) -> Vec<&'r Row> {
    groups.get(&parent).cloned().unwrap_or_default()
}
