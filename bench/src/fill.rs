//! The data set into culturegraph's own tables, by changesets, as everyone writes.
use std::collections::HashMap;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use culturegraph::{
    auth::Writer,
    changes::{self, Changeset, Operation},
    content,
    database::Database,
    progress::Silent,
    record::catalog,
    transfer::shipped,
    value::public_id::PublicId,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Map, Value as Json, json};

use crate::set::{self, FIELDS, MEMBER_STATUSES, POSITIONS, STATUSES, Size};

/// Records in one changeset.
const CHUNK: usize = 20_000;

/// Fills an empty base, with what the program ships before the set if it is wanted.
pub(crate) async fn fill(url: &str, size: Size, has_shipped: bool) -> anyhow::Result<()> {
    content::define();
    let db = Database::open(url, 2).await.context("the database does not open")?;
    migration::up(&db.writer).await?;
    // All in one moment, so that the base is the same whenever it is made.
    let now: DateTime<Utc> = DateTime::from_timestamp(1_767_225_600, 0).unwrap_or_default();
    if has_shipped {
        shipped::run(&db, &Silent, now).await?;
    }
    let mut records = Records { countries: countries(&db).await?, ..Records::default() };
    records.lists();
    records.cities(size);
    records.officials(size);
    records.initiatives(size);
    records.memberships(size);
    let mut operations = records.operations.into_iter().peekable();
    while operations.peek().is_some() {
        let operations = operations.by_ref().take(CHUNK).collect();
        let changeset = Changeset { operations, ..Changeset::default() };
        if let Err(error) =
            changes::apply(&db.writer, &Writer::system("bench"), changeset, now, &Silent).await
        {
            bail!("the rows do not go in: {error:?}");
        }
    }
    db.reader.close().await?;
    db.writer.close().await?;
    Ok(())
}

/// Countries that are there already, by code: no two have the same.
async fn countries(db: &Database) -> anyhow::Result<HashMap<String, String>> {
    let sql = "SELECT c.alpha2_code, r.public_id FROM country c JOIN record r ON r.id = c.id";
    let statement = Statement::from_string(db.reader.get_database_backend(), sql);
    let rows = db.reader.query_all_raw(statement).await?;
    let known = rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)));
    known.collect()
}

#[derive(Default)]
struct Records {
    operations: Vec<Operation>,
    countries: HashMap<String, String>,
}

impl Records {
    /// A record more; its id.
    fn add(&mut self, name: &str, key: &str, fields: Json) -> String {
        let def = catalog().named(name).expect("it is a record type");
        let id = id(name, key);
        let fields = match fields {
            Json::Object(fields) => fields.into_iter().filter(|(_, it)| !it.is_null()).collect(),
            _ => Map::new(),
        };
        self.operations.push(Operation::create(def, id.clone(), fields));
        id
    }

    fn named(&mut self, name: &str, key: &str, label: &str, mut fields: Json) -> String {
        fields["slug"] = fields.get("slug").cloned().unwrap_or_else(|| key.into());
        fields["names"] = words(label);
        self.add(name, key, fields)
    }

    /// Countries, and the terms that other rows point to.
    fn lists(&mut self) {
        for number in 0..20 {
            let code = set::country(number);
            if self.countries.contains_key(&code) {
                continue;
            }
            let codes = json!({ "alpha2Code": code, "alpha3Code": format!("{code}X") });
            let id =
                self.named("Country", &format!("country-{}", code.to_lowercase()), &code, codes);
            self.countries.insert(code, id);
        }
        for (vocabulary, terms) in [
            ("status", &STATUSES[..]),
            ("field", &FIELDS[..]),
            ("member-status", &MEMBER_STATUSES[..]),
        ] {
            let of = self.named("Vocabulary", vocabulary, vocabulary, json!({}));
            for (place, term) in terms.iter().enumerate() {
                let fields =
                    json!({ "vocabulary": of, "notation": term, "listPosition": place + 1 });
                self.named("Term", &format!("{vocabulary}-{term}"), term, fields);
            }
        }
        let operator = self.named("Organization", "operator", "Operator", json!({}));
        self.named("Network", "network", "Network", json!({ "operator": operator }));
    }

    fn cities(&mut self, size: Size) {
        for number in 1..=size.cities {
            let city = set::city(number);
            let fields = json!({
                "slug": city.slug,
                "country": self.countries.get(&city.country),
                "population": city.population,
                "geo": { "latitude": city.latitude, "longitude": city.longitude },
                "descriptions": words(&city.summary),
            });
            self.named("City", &number.to_string(), &city.name, fields);
        }
    }

    /// People who hold a position in an organization of the city.
    fn officials(&mut self, size: Size) {
        for number in 1..=size.cities {
            let fields = json!({ "jurisdiction": id("City", &number.to_string()) });
            let name = format!("Council of city {number}");
            let organization =
                self.named("Organization", &format!("council-{number}"), &name, fields);
            let title = POSITIONS[usize::try_from(number % 5).unwrap_or_default()];
            let fields = json!({ "organization": organization, "isHeldByMany": true });
            self.named("Position", &format!("position-{number}"), title, fields);
        }
        for number in 1..=size.officials() {
            let official = size.official(number);
            let person =
                self.named("Person", &format!("official-{number}"), &official.name, json!({}));
            let holding = json!({
                "person": person,
                "position": id("Position", &format!("position-{}", official.city)),
                "endKind": "UNKNOWN",
                "attestedDates": [],
                "isActing": false,
                "modality": "STATED",
            });
            self.add("OfficeHolding", &number.to_string(), holding);
        }
    }

    fn initiatives(&mut self, size: Size) {
        for number in 1..=size.challenges() {
            let challenge = set::challenge(number);
            let fields = json!({
                // The set has challenges of nobody; here each has a city, in turn.
                "city": id("City", &((number - 1) % size.cities + 1).to_string()),
                "isFromOpenList": false,
                "descriptions": words(&challenge.description),
                "modality": "STATED",
            });
            self.named("Challenge", &format!("challenge-{number}"), &challenge.title, fields);
        }
        for number in 1..=size.initiatives() {
            let initiative = size.initiative(number);
            let fields = json!({
                "city": id("City", &initiative.city.to_string()),
                "status": id("Term", &format!("status-{}", initiative.status)),
                "startDate": initiative.starts_on,
                "endDate": initiative.ends_on,
                "descriptions": words(&initiative.summary),
                "modality": "STATED",
            });
            let key = format!("initiative-{number}");
            let from = self.named("Initiative", &key, &initiative.title, fields);
            for challenge in initiative.challenges {
                let link = json!({
                    "from": from,
                    "relation": "ADDRESSES",
                    "to": id("Challenge", &format!("challenge-{challenge}")),
                    "modality": "STATED",
                });
                self.add("Link", &format!("{number}/{challenge}"), link);
            }
        }
    }

    fn memberships(&mut self, size: Size) {
        for number in 1..=size.memberships() {
            let membership = size.membership(number);
            let year = membership.joined_year.to_string();
            let fields = json!({
                "city": id("City", &membership.city.to_string()),
                "network": id("Network", "network"),
                "startDate": year,
                "status": id("Term", &format!("member-status-{}", membership.status)),
                "modality": "STATED",
            });
            let name = format!("Membership of city {} since {year}", membership.city);
            let of = self.named("Membership", &format!("membership-{number}"), &name, fields);
            let period = json!({
                "membership": of,
                "field": id("Term", &format!("field-{}", membership.field)),
                "startDate": year,
                "modality": "STATED",
            });
            self.add("FieldPeriod", &number.to_string(), period);
        }
    }
}

fn id(name: &str, key: &str) -> String {
    let def = catalog().named(name).expect("it is a record type");
    PublicId::derived(def.prefix, &format!("bench/{key}")).to_string()
}

fn words(value: &str) -> Json {
    json!([{ "lang": "en", "value": value }])
}
