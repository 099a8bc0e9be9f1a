//! What the entities of `facts.json` are as records: their types, keys, slugs and other names.

use serde_json::{Value, json};

use super::facts::{self, Entity, Facts};
use super::form::{alternate, alternate_in, exact, to, vi_en};
use super::vocabularies::{CONCEPT, term_key};
use super::{LoadError, Place, Put};

/// Key of the operator of the network, which is in the article.
pub(super) const UNESCO: &str = "SEED:organization/unesco";
/// Key of the article.
pub(super) const ARTICLE: &str = "SEED:document/tttd-kinh-do-sang-tao";

/// Aliases that stand for the entity in this article only; elsewhere they mean many others.
const IN_THE_ARTICLE_ONLY: [(&str, &[&str]); 4] = [
    ("city/ha-noi", &["Thủ đô", "thành phố", "TP", "the Capital"]),
    ("organization/ubnd-tp-ha-noi", &["UBND TP"]),
    ("network/uccn", &["mạng lưới"]),
    ("position/pho-chu-tich-thuong-truc-ubnd-tp-ha-noi", &["Phó Chủ tịch Thường trực UBND TP"]),
];
/// Aliases that are other offices in general: the article's use of one is a claim about the person.
const NOT_NAMES: [(&str, &str); 1] =
    [("position/pho-chu-tich-thuong-truc-ubnd-tp-ha-noi", "Phó Chủ tịch UBND TP Hà Nội")];

/// The record type of an entity's type, or `None` when there is none.
pub(super) fn record_type(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "City" => "City",
        "Person" => "Person",
        "Organization" | "Publication" => "Organization",
        "Network" => "Network",
        "Article" | "Image" => "Document",
        "Position" => "Position",
        "Membership" => "Membership",
        "Initiative" => "Initiative",
        "Challenge" => "Challenge",
        "Region" => "Region",
        "Event" => "Event",
        "Presentation" => "Presentation",
        "Goal" => "Goal",
        "Opportunity" => "Opportunity",
        "Commitment" => "Commitment",
        "Stakeholder" => "Stakeholder",
        _ if is_term(kind) => "Term",
        _ => return None,
    })
}

pub(super) fn is_term(kind: &str) -> bool {
    matches!(kind, "Brand" | "Concept" | "Sector")
}

/// The part of an id after its type.
pub(super) fn slug(id: &str) -> &str {
    id.split_once('/').map_or(id, |(_, slug)| slug)
}

/// The key of the record that an entity is.
pub(super) fn key(facts: &Facts, at: &Place, id: &str) -> Result<String, LoadError> {
    let entity = facts.entity(at, id)?;
    match record_type(&entity.kind) {
        Some("City") => geonames_id(facts, &entity.id).map(|id| format!("GEONAMES:{id}")),
        Some("Term") => Ok(term_key(CONCEPT, slug(id))),
        Some(_) => Ok(format!("SEED:{id}")),
        None => Err(LoadError::unexpected(
            at.clone(),
            "an entity of a type that is loaded",
            &*entity.kind,
        )),
    }
}

/// A reference to the record that an entity is.
pub(super) fn reference(facts: &Facts, at: &Place, id: &str) -> Result<Value, LoadError> {
    key(facts, at, id).map(|key| to(&key))
}

/// A record of an entity: what the article and we call it, and its other fields.
pub(super) fn put(entity: &Entity, record_type: &'static str, fields: Value) -> Put {
    let mut put = Put::new(record_type, format!("SEED:{}", entity.id), fields);
    let called = json!({
        "slug": slug(&entity.id),
        "names": vi_en(&entity.label.vi, &entity.label.en),
        "identifiers": [exact("SEED", &entity.id)],
    });
    if let Value::Object(called) = called {
        put.fields.extend(called);
    }
    let others = alternate_names(entity);
    if !others.is_empty() {
        put.fields.insert("alternateNames".into(), others.into());
    }
    put
}

/// Identifiers elsewhere, by scheme, as other sources give them.
pub(super) fn identifiers<'a>(
    facts: &'a Facts,
    id: &'a str,
) -> impl Iterator<Item = (String, &'a str)> + 'a {
    facts.external_of(id, "identifier").filter_map(|statement| match &statement.value {
        facts::FactValue::Identifier { scheme, value } => {
            Some((scheme.to_uppercase(), value.as_str()))
        }
        _ => None,
    })
}

/// The id under which a city of the article is in `cities.csv`.
pub(super) fn geonames_id<'a>(facts: &'a Facts, id: &'a str) -> Result<&'a str, LoadError> {
    identifiers(facts, id)
        .find(|(scheme, _)| scheme == "GEONAMES")
        .map(|(_, value)| value)
        .ok_or_else(|| {
            LoadError::unexpected(
                Place::item(facts::FILE, id),
                "a statement identifier of the scheme geonames",
                "none",
            )
        })
}

/// The aliases as other names of the record.
pub(super) fn alternate_names(entity: &Entity) -> Vec<Value> {
    let only = IN_THE_ARTICLE_ONLY
        .iter()
        .find(|(id, _)| *id == entity.id)
        .map_or(&[][..], |(_, names)| names);
    let vi = entity.aliases.vi.iter().map(|name| ("vi", name));
    let en = entity.aliases.en.iter().map(|name| ("en", name));
    vi.chain(en)
        // "Capital Youth (literal rendering)": the remark is not part of the name.
        .map(|(lang, name)| (lang, name.split(" (").next().unwrap_or(name)))
        .filter(|(_, name)| !NOT_NAMES.contains(&(&*entity.id, name)))
        .map(|(lang, name)| match only.contains(&name) {
            true => alternate_in(ARTICLE, lang, name),
            false => alternate(lang, name),
        })
        .collect()
}
