//! The log, replayed from empty, and all that the tables hold beside it. It knows definitions, but nothing of how changesets
//! are applied.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use culturegraph::record::{
    catalog,
    cell::Kind,
    def::Def,
    write::{Fields, Refs},
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, QueryResult, Statement, Value as Bind,
};
use serde_json::{Value as Json, json};

/// What a log comes to.
pub(crate) struct Replay {
    pub(crate) entries: Vec<Entry>,
    /// The records that are there, with version and fields.
    pub(crate) living: BTreeMap<i64, (i64, Fields)>,
    /// Those that are not, with the records that took their place.
    gone: BTreeMap<i64, Option<i64>>,
    /// All that lead to records, the former ones too.
    slugs: BTreeMap<(u16, String), i64>,
    /// Public ids of the living.
    ids: HashMap<String, i64>,
    names: HashMap<i64, String>,
}

#[derive(Debug)]
pub(crate) struct Entry {
    position: i64,
    changeset: i64,
    pub(crate) record: i64,
    public_id: String,
    version: i64,
    pub(crate) operation: String,
    /// Public id of the organization of the key.
    organization: Option<String>,
    fields: Option<Fields>,
    recorded_at: i64,
    merged_into: Option<i64>,
}

/// A claim: its id, rank and value.
type Side = (i64, String, Json);

/// Reads log and tables, and panics where they are not what a replay comes to. Of each type so many rows are compared.
pub(crate) async fn replayed(db: &DatabaseConnection, of_a_type: usize) -> Replay {
    let replay = Replay::of(entries(db).await);
    replay.changesets_have_their_entries(db).await;
    replay.rows_are_as_logged(db, of_a_type).await;
    replay.keys_are_as_logged(db).await;
    replay.all_records_are_known(db).await;
    replay
}

async fn entries(db: &DatabaseConnection) -> Vec<Entry> {
    let sql = "SELECT e.position, e.changeset_id, e.record_id, r.public_id, e.version, e.operation, \
         CAST(e.record AS TEXT), e.recorded_at, e.merged_into_id, o.public_id \
         FROM change_entry e JOIN record r ON r.id = e.record_id JOIN changeset s ON s.id = e.changeset_id \
         LEFT JOIN record o ON o.id = s.organization_id ORDER BY e.position";
    let entry = |row: &QueryResult| {
        let record: Option<String> = row.try_get_by_index(6)?;
        Ok(Entry {
            position: row.try_get_by_index(0)?,
            changeset: row.try_get_by_index(1)?,
            record: row.try_get_by_index(2)?,
            public_id: row.try_get_by_index(3)?,
            version: row.try_get_by_index(4)?,
            operation: row.try_get_by_index(5)?,
            fields: record.map(|it| serde_json::from_str(&it).expect("it is an object")),
            recorded_at: row.try_get_by_index(7)?,
            merged_into: row.try_get_by_index(8)?,
            organization: row.try_get_by_index(9)?,
        })
    };
    let rows = query(db, sql, vec![]).await;
    let entries: Result<_, sea_orm::DbErr> = rows.iter().map(entry).collect();
    entries.expect("the columns are as they are")
}

impl Replay {
    /// Applies one entry after the other, each of which must be possible.
    fn of(entries: Vec<Entry>) -> Replay {
        let mut replay = Replay {
            entries: Vec::new(),
            living: BTreeMap::new(),
            gone: BTreeMap::new(),
            slugs: BTreeMap::new(),
            ids: HashMap::new(),
            names: HashMap::new(),
        };
        let mut time = 0;
        for (place, entry) in entries.iter().enumerate() {
            assert_eq!(entry.position, i64::try_from(place).unwrap() + 1, "positions have a hole");
            assert!(entry.recorded_at >= time, "time goes back: {entry:?}");
            time = entry.recorded_at;
            let of_gone = replay.gone.get(&entry.record).copied();
            if entry.operation == "REDACT"
                && let Some(went) = of_gone
            {
                // Of what is gone only the log speaks, which it goes on to do with nothing in it.
                assert_eq!((&entry.fields, entry.merged_into), (&None, went), "{entry:?}");
                continue;
            }
            let before = replay.living.remove(&entry.record).map(|(version, _)| version);
            let is_first = before.is_none() && entry.operation == "CREATE";
            assert!(is_first || (before.is_some() && entry.operation != "CREATE"), "{entry:?}");
            assert_eq!(entry.version, before.unwrap_or(0) + 1, "{entry:?}");
            assert!(!replay.gone.contains_key(&entry.record), "it was gone: {entry:?}");
            match (entry.operation.as_str(), &entry.fields) {
                ("CREATE" | "UPDATE" | "REDACT", Some(fields)) => replay.put(entry, fields),
                ("DELETE", None) => replay.slugs.retain(|_, owner| *owner != entry.record),
                ("MERGE", None) => {
                    let into = entry.merged_into.expect("it is said where it went");
                    assert!(!replay.gone.contains_key(&into), "it went to what is gone: {entry:?}");
                    let owners = replay.slugs.values_mut();
                    owners.filter(|it| **it == entry.record).for_each(|it| *it = into);
                    // Where others went that became this one.
                    let gone = replay.gone.values_mut();
                    gone.filter(|it| **it == Some(entry.record)).for_each(|it| *it = Some(into));
                }
                _ => panic!("an entry that says nothing: {entry:?}"),
            }
            if entry.fields.is_none() {
                replay.gone.insert(entry.record, entry.merged_into);
                replay.ids.remove(&entry.public_id);
            }
        }
        replay.entries = entries;
        replay
    }

    fn put(&mut self, entry: &Entry, fields: &Fields) {
        let code = def(entry.record).code;
        let former = fields.get("formerSlugs").and_then(Json::as_array).into_iter().flatten();
        let says_no_more = entry.public_id.to_lowercase().replace('_', "-");
        if entry.operation == "REDACT" && fields.get("slug") == Some(&says_no_more.into()) {
            // With a name, all slugs that led to it are gone.
            self.slugs.retain(|_, owner| *owner != entry.record);
        }
        for slug in fields.get("slug").into_iter().chain(former).filter_map(Json::as_str) {
            let owner = self.slugs.insert((code, slug.to_owned()), entry.record);
            let is_free =
                owner.is_none_or(|it| it == entry.record || !self.living.contains_key(&it));
            assert!(is_free, "`{slug}` was another's: {entry:?}");
        }
        self.ids.insert(entry.public_id.clone(), entry.record);
        self.names.insert(entry.record, entry.public_id.clone());
        self.living.insert(entry.record, (entry.version, fields.clone()));
    }

    /// Each changeset has consecutive entries, and together they have all.
    async fn changesets_have_their_entries(&self, db: &DatabaseConnection) {
        let mut of: BTreeMap<i64, (i64, i64, i64)> = BTreeMap::new();
        for it in &self.entries {
            let of = of.entry(it.changeset).or_insert((it.position, it.position, it.recorded_at));
            assert_eq!(of.2, it.recorded_at, "{it:?}");
            of.1 = it.position;
        }
        let sql = "SELECT id, first_position, last_position, recorded_at FROM changeset";
        let rows = query(db, sql, vec![]).await;
        let stored = rows.iter().map(|row| {
            let (id, first, last, at) = row.try_get_many_by_index().expect("they are numbers");
            (id, (first, last, at))
        });
        assert_eq!(stored.collect::<BTreeMap<i64, (i64, i64, i64)>>(), of);
    }

    async fn rows_are_as_logged(&self, db: &DatabaseConnection, of_a_type: usize) {
        let mut types: BTreeMap<u16, usize> = BTreeMap::new();
        for (id, (version, fields)) in &self.living {
            let def = def(*id);
            let seen = types.entry(def.code).or_insert(0);
            *seen += 1;
            if *seen <= of_a_type {
                let differing = self.differing(db, def, *id, *version, fields).await;
                assert_eq!(differing, [""; 0], "{} {id}: {fields:?}", def.name);
            }
        }
        for def in catalog().defs() {
            let rows = number(db, &format!("SELECT count(*) FROM {}", def.table)).await;
            let count = types.get(&def.code).copied().unwrap_or_default();
            assert_eq!(rows, i64::try_from(count).expect("it is small"), "{}", def.name);
        }
    }

    /// Columns of a row that are not as the entry says. What it refers to must be there.
    async fn differing(
        &self,
        db: &DatabaseConnection,
        def: &'static Def,
        id: i64,
        version: i64,
        fields: &Fields,
    ) -> Vec<&'static str> {
        let own = ["id", "public_id", "created_at", "updated_at", "version"];
        let mut columns = def.stored_columns();
        columns.retain(|column| !own.contains(&def.columns[*column].name.as_str()));
        let cells = def.cells(fields, &Refs { ids: &self.ids });
        let cells = cells.unwrap_or_else(|error| panic!("{} {fields:?}: {error:?}", def.name));
        let values = cells.take(&columns);
        let is_postgres = db.get_database_backend() == DbBackend::Postgres;
        let mut tests = vec!["version = $2".to_owned()];
        let mut binds: Vec<Bind> = vec![id.into(), version.into()];
        for (column, value) in columns.iter().zip(values) {
            let column = &def.columns[*column];
            let place = binds.len() + 1;
            tests.push(match column.kind {
                // The same value can be written in several ways.
                Kind::Json if is_postgres => {
                    format!(
                        "CAST({0} AS JSONB) IS NOT DISTINCT FROM CAST(${place} AS JSONB)",
                        column.name
                    )
                }
                _ => format!("{} IS NOT DISTINCT FROM ${place}", column.name),
            });
            binds.push(match value {
                Bind::Json(json) => json.map(|it| it.to_string()).into(),
                value => value,
            });
        }
        let sql = format!("SELECT {} FROM {} WHERE id = $1", tests.join(", "), def.table);
        let rows = query(db, &sql, binds).await;
        let names = columns.iter().map(|column| def.columns[*column].name.as_str());
        let names = ["version"].into_iter().chain(names).enumerate();
        let row = rows.first().unwrap_or_else(|| panic!("{} {id} has no row", def.name));
        let differs = |place| !row.try_get_by_index::<bool>(place).expect("it is a truth value");
        names.filter(|(place, _)| differs(*place)).map(|(_, name)| name).collect()
    }

    /// Names, identifiers, qualifiers and slugs, and no others.
    async fn keys_are_as_logged(&self, db: &DatabaseConnection) {
        let names = "SELECT record_id, lang || ' ' || value FROM record_name";
        assert_eq!(self.parts("names", "lang", "value"), texts(db, names).await);
        let identifiers = "SELECT record_id, scheme || ' ' || value FROM record_identifier";
        assert_eq!(self.parts("identifiers", "scheme", "value"), texts(db, identifiers).await);
        let qualifiers =
            "SELECT subject_id, property || ' ' || (id - 32 * subject_id) FROM qualifier";
        assert_eq!(self.qualifiers(), texts(db, qualifiers).await);
        let slugs = "SELECT record_id, type || ' ' || slug FROM record_slug";
        let expected = self.slugs.iter().map(|((code, slug), id)| (*id, format!("{code} {slug}")));
        assert_eq!(expected.collect::<BTreeSet<_>>(), texts(db, slugs).await);
    }

    /// Properties with their places.
    fn qualifiers(&self) -> BTreeSet<(i64, String)> {
        let mut all = BTreeSet::new();
        for (id, (_, fields)) in &self.living {
            let items = fields.get("qualifiers").and_then(Json::as_array).into_iter().flatten();
            let property = |it: &Json| it["property"].as_str().unwrap_or_default().to_owned();
            all.extend(items.enumerate().map(|(n, it)| (*id, format!("{} {n}", property(it)))));
        }
        all
    }

    /// Two parts of each item of a list.
    fn parts(&self, field: &str, first: &str, second: &str) -> BTreeSet<(i64, String)> {
        let mut parts = BTreeSet::new();
        for (id, (_, fields)) in &self.living {
            let items = fields.get(field).and_then(Json::as_array).into_iter().flatten();
            let part = |item: &Json, name: &str| item[name].as_str().unwrap_or_default().to_owned();
            parts
                .extend(items.map(|it| (*id, format!("{} {}", part(it, first), part(it, second)))));
        }
        parts
    }

    /// The table of all records says which are gone and where, and who asserts the others.
    async fn all_records_are_known(&self, db: &DatabaseConnection) {
        let mut expected = BTreeSet::new();
        for (id, (_, fields)) in &self.living {
            let text = |name: &str| fields.get(name).and_then(Json::as_str);
            let is_citable = def(*id).is_citable();
            let or = |name: &str, other: &str| text(name).unwrap_or(other).to_owned();
            let by = text("assertedBy").map_or(0, |by| self.ids[by]);
            let said = format!("{by} {} {}", or("modality", "STATED"), or("rank", "NORMAL"));
            expected.insert((*id, format!("0 {}", if is_citable { &said } else { "0  " })));
        }
        for (id, into) in &self.gone {
            let into = into.unwrap_or(-1);
            expected.insert((*id, format!("{into} 0  ")));
        }
        let sql = "SELECT id, CAST(coalesce(merged_into_id, CASE WHEN deleted_at IS NULL THEN 0 ELSE -1 END) AS TEXT) \
             || ' ' || CAST(coalesce(asserted_by_id, 0) AS TEXT) || ' ' || coalesce(modality, '') || ' ' \
             || coalesce(rank, '') FROM record";
        let stored = texts(db, sql).await;
        let differing: Vec<_> = stored.symmetric_difference(&expected).collect();
        assert!(differing.is_empty(), "{differing:?}");
    }

    /// Fields of which claims are the truth, read from the claims by hand. Values must be equal or against each other:
    /// dates are years.
    pub(crate) fn best_claims_are_shown(&self) {
        let of =
            |name: &'static str| self.living.iter().filter(move |(id, _)| def(**id).name == name);
        let text = |fields: &Fields, name: &str| fields[name].as_str().unwrap().to_owned();
        // All that an organization cites for a claim is one source of it.
        let first = self.entries.iter().filter(|it| it.version == 1);
        let citing: HashMap<i64, &str> =
            first.filter_map(|it| Some((it.record, it.organization.as_deref()?))).collect();
        let mut sources: HashMap<String, BTreeSet<String>> = HashMap::new();
        for (id, (_, fields)) in of("Citation") {
            let source =
                citing.get(id).map_or_else(|| text(fields, "document"), |it| (*it).to_owned());
            sources.entry(text(fields, "subject")).or_default().insert(source);
        }
        // By subject and property: internal id, rank and value of each claim.
        let mut claims: BTreeMap<(String, String), Vec<Side>> = BTreeMap::new();
        for (id, (_, fields)) in of("Claim") {
            let rank = fields.get("rank").and_then(Json::as_str).unwrap_or("NORMAL").to_owned();
            let about = (text(fields, "subject"), text(fields, "property"));
            claims.entry(about).or_default().push((*id, rank, fields["value"].clone()));
        }
        for ((subject, property), claims) in claims {
            let id = self.ids[&subject];
            let Some(field) = def(id).claimed.get(property.as_str()) else { continue };
            let top = ["PREFERRED", "NORMAL"].into_iter();
            let top = top.map(|rank| claims.iter().filter(|it| it.1 == rank).collect::<Vec<_>>());
            let top = top.into_iter().find(|it| !it.is_empty()).unwrap_or_default();
            let votes = |value: &Json| {
                let same = top.iter().filter(|it| it.2 == *value);
                let cited = same.filter_map(|it| sources.get(&self.names[&it.0])).flatten();
                cited.collect::<BTreeSet<_>>().len()
            };
            let mut best: Option<&(i64, String, Json)> = None;
            // Ordered by id: the oldest comes first and stays unless another has more.
            for claim in &top {
                if best.is_none_or(|best| votes(&claim.2) > votes(&best.2)) {
                    best = Some(claim);
                }
            }
            let shown = best.map_or(Json::Null, |(_, _, value)| {
                match value.as_object().unwrap().iter().next().unwrap() {
                    (kind, value) if kind == "quantity" => {
                        json!(value["amount"].as_str().unwrap().parse::<i64>().unwrap())
                    }
                    (_, value) => value.clone(),
                }
            });
            let fields = &self.living[&id].1;
            let is = fields.get(*field).cloned().unwrap_or_default();
            assert_eq!(is, shown, "{subject} {property}: {claims:?}");
        }
    }
}

fn def(id: i64) -> &'static Def {
    catalog().of_id(id).expect("the id is of a type")
}

async fn texts(db: &DatabaseConnection, sql: &str) -> BTreeSet<(i64, String)> {
    let rows = query(db, sql, vec![]).await;
    let pair =
        |row: &QueryResult| Some((row.try_get_by_index(0).ok()?, row.try_get_by_index(1).ok()?));
    rows.iter().map(|row| pair(row).expect("a number and a text")).collect()
}

async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    query(db, sql, vec![]).await[0].try_get_by_index(0).expect("it is a number")
}

async fn query(db: &DatabaseConnection, sql: &str, binds: Vec<Bind>) -> Vec<QueryResult> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, binds);
    db.query_all_raw(statement).await.expect("the statement is right")
}
