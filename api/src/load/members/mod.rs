//! Members of the UNESCO Creative Cities Network: their memberships, here; their fields in time and the claims about
//! them, in the modules below.

mod claims;
mod fields;

use serde::Deserialize;
use serde_json::json;

use self::claims::Conflict;
use self::fields::Change;
use super::cities::{Cities, City};
use super::countries::Countries;
use super::documents::Documents;
use super::facts::{Entity, ExternalStatement, Facts};
use super::form::{Support, citations, exact, text, to, vi_en};
use super::read::{self, Row};
use super::represented::Represented;
use super::vocabularies::Terms;
use super::{Files, LoadError, Place, Put, entities, facts, network};

pub(super) const FILE: &str = "uccn_members.csv";
const COLUMNS: [&str; 14] = [
    "slug",
    "name_en",
    "name_vi",
    "country_iso2",
    "country_basis",
    "field",
    "year_designated",
    "year_basis",
    "member_since_on_unesco_page",
    "geonames_id",
    "lat",
    "lon",
    "unesco_page",
    "sources",
];

#[derive(Debug, Deserialize)]
pub(super) struct Member {
    pub(super) slug: String,
    pub(super) name_en: String,
    pub(super) name_vi: Option<String>,
    pub(super) country_iso2: Option<String>,
    field: Option<String>,
    year_designated: String,
    year_basis: String,
    pub(super) geonames_id: Option<String>,
    unesco_page: Option<String>,
    sources: String,
}

pub(super) fn read(members: &str) -> Result<Vec<Row<Member>>, LoadError> {
    let rows: Vec<Row<Member>> = read::rows(FILE, members, &COLUMNS)?;
    read::unique(&rows, "slug", |member| Some(&member.slug))?;
    read::unique(&rows, "geonames_id", |member| member.geonames_id.as_ref())?;
    Ok(rows)
}

impl Member {
    /// The last part of the address of its page at UNESCO, or else our slug.
    pub(super) fn page_slug(&self) -> &str {
        self.unesco_page.as_ref().and_then(|page| page.rsplit('/').next()).unwrap_or(&self.slug)
    }

    /// Whether only a number tells its slug from another one.
    pub(super) fn has_numbered_slug(&self) -> bool {
        let number = self.slug.rsplit_once('-').map_or("", |(_, number)| number);
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// All that memberships are made from.
pub(super) struct Context<'a> {
    pub(super) facts: &'a Facts,
    pub(super) terms: &'a Terms,
    pub(super) documents: &'a Documents,
    pub(super) countries: &'a Countries,
    pub(super) cities: &'a Cities,
}

/// One member, with what the other files have of it.
struct Joined<'a> {
    at: &'a Place,
    member: &'a Member,
    city: &'a City,
    /// The membership in `facts.json`, if it is there.
    entity: Option<&'a Entity>,
    key: String,
    /// Beginning of the keys of what hangs on the membership.
    path: String,
    supports: Vec<Support>,
    /// How its year is known: modality, and in words.
    basis: (&'static str, &'static str),
    conflicts: Vec<&'a Row<Conflict>>,
    /// Its fields, if it changed them, in the order of time.
    changes: Vec<&'a Row<Change>>,
}

/// Memberships with their citations, fields and claims.
pub(super) fn puts(
    context: &Context<'_>,
    files: &Files<'_>,
    members: &[Row<Member>],
    represented: &mut Represented,
) -> Result<Vec<Put>, LoadError> {
    let conflicts = claims::read(files.uccn_conflicts, context)?;
    let changes = fields::read(files.uccn_field_history, context)?;
    let mut puts = Vec::new();
    for Row { at, value: member } in members {
        let joined = Joined {
            conflicts: conflicts.iter().filter(|row| row.value.slug == member.slug).collect(),
            changes: changes.iter().filter(|row| row.value.slug == member.slug).collect(),
            ..context.join(at, member)?
        };
        puts.push(context.membership(&joined)?);
        puts.extend(citations(&joined.key, &joined.path, &joined.supports));
        puts.append(&mut fields::puts(context, &joined, represented)?);
        puts.append(&mut claims::puts(context, &joined, represented)?);
    }
    Ok(puts)
}

impl Context<'_> {
    fn join<'a>(&'a self, at: &'a Place, member: &'a Member) -> Result<Joined<'a>, LoadError> {
        read::year(at, &member.year_designated)?;
        let city = self.cities.of_member(at, &member.slug)?;
        let mut entity = None;
        for membership in self.facts.entities.iter().filter(|entity| entity.kind == "Membership") {
            let place = Place::item(facts::FILE, &membership.id);
            let member = self.facts.entity_of(&membership.id, "member")?;
            if entities::key(self.facts, &place, member)? == city.key {
                entity = Some(membership);
            }
        }
        let path = format!("uccn-membership:{}", member.slug);
        Ok(Joined {
            at,
            member,
            city,
            entity,
            key: entity.map_or_else(|| path.clone(), |entity| format!("SEED:{}", entity.id)),
            path,
            supports: self.supports(at, &member.sources)?,
            basis: basis(at, &member.year_basis)?,
            conflicts: Vec::new(),
            changes: Vec::new(),
        })
    }

    fn membership(&self, joined: &Joined<'_>) -> Result<Put, LoadError> {
        let Joined { city, entity, .. } = joined;
        let network = network::entity(self.facts)?;
        let names = match entity {
            Some(entity) => vi_en(&entity.label.vi, &entity.label.en),
            // The city comes first, so that a list by name is in the order of the cities.
            None => json!([
                text("en", &format!("{} in the {}", city.en, network.label.en)),
                text("vi", &format!("{} tham gia {}", city.vi, network.label.vi)),
            ]),
        };
        let statement = entity.and_then(|entity| self.facts.of(&entity.id, "member").next());
        let asserted_by = statement
            .map(|it| entities::key(self.facts, &Place::item(facts::FILE, &it.id), &it.asserted_by))
            .transpose()?;
        Ok(Put::new(
            "Membership",
            &*joined.key,
            json!({
                "slug": format!("{}-{}", city.slug, entities::slug(&network.id)),
                "names": names,
                "identifiers": entity.map(|entity| [exact("SEED", &entity.id)]),
                "city": to(&city.key),
                "network": to(&format!("SEED:{}", network.id)),
                "modality": "STATED",
                "rank": "NORMAL",
                "assertedBy": asserted_by.as_deref().map(to),
            }),
        ))
    }

    /// The sources with these ids.
    fn supports(&self, at: &Place, ids: &str) -> Result<Vec<Support>, LoadError> {
        Ok(self.documents.all_of_uccn(at, ids)?.into_iter().map(Support::new).collect())
    }

    /// What an external statement cites, with its words.
    fn quotes(&self, statement: &ExternalStatement) -> Result<Vec<Support>, LoadError> {
        let at = Place::item(facts::FILE, &statement.id);
        let quote = |reference: &facts::ExternalReference| {
            let cited = self.documents.of_external(&at, reference)?;
            Ok(Support::of_external(cited, reference))
        };
        statement.references.iter().map(quote).collect()
    }
}

/// How the year of a member was found: modality, and in words.
fn basis(at: &Place, basis: &str) -> Result<(&'static str, &'static str), LoadError> {
    Ok(match basis {
        "unesco-page" => ("STATED", "The year is the “Member since” of the city's page at UNESCO."),
        "press-list" => ("STATED", "The city is in a list of that year's new members."),
        "other-source" => (
            "STATED",
            "The year, before 2014, is that of the source named beside UNESCO's listing.",
        ),
        "listing-order+press-total" => (
            "INFERRED",
            "Read from the order of UNESCO's listing, newest first: the city is in the block that is as long as the \
             total announced for that year. It was not read in a list of that year.",
        ),
        "listing-order-bracketed" => (
            "INFERRED",
            "Read from the order of UNESCO's listing, newest first: the city is between two members of that year.",
        ),
        other => return Err(LoadError::unknown(at.clone(), "a known year_basis", other)),
    })
}
