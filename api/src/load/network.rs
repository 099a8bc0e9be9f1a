//! The UNESCO Creative Cities Network, and its size as announced.

use serde::Deserialize;
use serde_json::json;

use super::documents::Documents;
use super::entities;
use super::facts::{self, Entity, FactValue, Facts};
use super::form::{Claim, Support, citations, exact, text, to};
use super::read::{self, Row};
use super::represented::Represented;
use super::vocabularies::vocabulary_key;
use super::{LoadError, Place, Put};

const FILE: &str = "uccn_totals.csv";
const COLUMNS: [&str; 4] = ["year", "new_members", "total_members", "source"];
/// The vocabulary of its fields.
pub(super) const FIELDS: &str = "uccn-field";

#[derive(Debug, Deserialize)]
struct Total {
    year: String,
    new_members: String,
    total_members: String,
    source: String,
}

/// The one network of the article, which is also that of the uccn files.
pub(super) fn entity(facts: &Facts) -> Result<&Entity, LoadError> {
    let network = facts.entities.iter().find(|entity| entity.kind == "Network");
    network.ok_or_else(|| {
        LoadError::unexpected(Place::file(facts::FILE), "an entity of the type Network", "none")
    })
}

pub(super) fn puts(
    facts: &Facts,
    documents: &Documents,
    totals: &str,
    represented: &mut Represented,
) -> Result<Vec<Put>, LoadError> {
    let entity = entity(facts)?;
    let at = Place::item(facts::FILE, &entity.id);
    let key = entities::key(facts, &at, &entity.id)?;
    let mut founding_date = None;
    let mut claims = Vec::new();
    for statement in facts.external_of(&entity.id, "founded") {
        let at = Place::item(facts::FILE, &statement.id);
        let FactValue::Date { edtf } = &statement.value else {
            return Err(LoadError::unexpected(at, "a date", "another value"));
        };
        founding_date.get_or_insert(edtf);
        let claim_key = format!("seed:{}", statement.id);
        represented.add(&statement.id, &*key);
        represented.add(&statement.id, &*claim_key);
        let claim = Claim {
            rank: statement.rank.as_str(),
            note: statement.note.as_deref(),
            ..Claim::new(&key, "FOUNDING_DATE", json!({ "date": edtf }))
        };
        claims.push(claim.put(&*claim_key));
        for (number, reference) in (1..).zip(&statement.references) {
            let cited = documents.of_external(&at, reference)?;
            let support = Support::of_external(cited, reference);
            let citation_key = format!("{claim_key}/citation/{number}");
            represented.add(&statement.id, &*citation_key);
            claims.push(support.put(&claim_key, citation_key));
        }
    }
    let operator = facts.entity_of(&entity.id, "operatedBy")?;
    let mut puts = vec![Put::new(
        "Network",
        &*key,
        json!({
            "slug": entities::slug(&entity.id),
            // Both names are the network's own.
            "names": [text("en", &entity.label.en), text("vi", &entity.label.vi)],
            "alternateNames": entities::alternate_names(entity),
            "identifiers": [exact("SEED", &entity.id)],
            "operator": entities::reference(facts, &at, operator)?,
            "foundingDate": founding_date,
            "fieldVocabulary": to(&vocabulary_key(FIELDS)),
        }),
    )];
    puts.append(&mut claims);
    puts.append(&mut total_claims(&key, documents, totals)?);
    Ok(puts)
}

/// The number of members last announced.
pub(super) fn latest_total(totals: &str) -> Result<u64, LoadError> {
    let rows = read::rows::<Total>(FILE, totals, &COLUMNS)?;
    let latest = rows
        .iter()
        .max_by_key(|row| &row.value.year)
        .ok_or_else(|| LoadError::unexpected(Place::file(FILE), "a number of members", "none"))?;
    read::number(&latest.at, "a number of members", &latest.value.total_members)
}

fn total_claims(network: &str, documents: &Documents, totals: &str) -> Result<Vec<Put>, LoadError> {
    let mut puts = Vec::new();
    for Row { at, value: row } in read::rows::<Total>(FILE, totals, &COLUMNS)? {
        let year = read::year(&at, &row.year)?;
        let supports: Vec<Support> =
            documents.all_of_uccn(&at, &row.source)?.into_iter().map(Support::new).collect();
        for (property, name, amount) in [
            ("NEW_MEMBERS", "new-members", &row.new_members),
            ("TOTAL_MEMBERS", "total-members", &row.total_members),
        ] {
            let amount: u64 = read::number(&at, "a number of members", amount)?;
            let key = format!("uccn:{name}/{year}");
            let value = json!({ "quantity": { "amount": amount.to_string() } });
            let claim =
                Claim { observation_date: Some(year), ..Claim::new(network, property, value) };
            puts.push(claim.put(&*key));
            puts.extend(citations(&key, &key, &supports));
        }
    }
    Ok(puts)
}
