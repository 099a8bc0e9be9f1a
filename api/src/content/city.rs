//! Cities: what people call so, not their governments.
use entities::{challenge, city, commitment, event, initiative, membership, opportunity};

use super::{
    challenge::Challenge, commitment::Commitment, country::Country, event::Event, goal::Goal,
    heritage_property::HeritageProperty, initiative::Initiative, membership::Membership, official,
    opportunity::Opportunity, organization::Organization, person::Person, place, region::Region,
    searched, term::Term,
};
use crate::record::{
    cell::Kind,
    def::{Record, Searched},
    define::Define,
    filter::FilterKind,
    source::Source,
    write::{self, Store},
};

pub struct City;

const REGIONS: &str = crate::around!(
    "SELECT {k} UNION SELECT c.country_id FROM city c WHERE c.id = {k} AND c.country_id IS NOT NULL"
);

/// The end of the newest link that says what governs it.
const GOVERNMENT: &str = "(SELECT l.to_id FROM link l WHERE l.from_id = {t}.id AND l.relation = 'GOVERNED_BY' \
     AND l.modality IN ('STATED', 'INFERRED') AND l.rank <> 'DEPRECATED' ORDER BY l.id DESC LIMIT 1)";

impl Record for City {
    type Entity = city::Entity;
    const NAME: &str = "City";
    const ONE: &str = "city";
    const MANY: &str = "cities";
    const ABOUT: &str = "A city or town, not its government: that is an `Organization`.";
    const CODE: u16 = 2;
    const PREFIX: &str = "city";

    fn define(d: &mut Define<Self>) {
        use city::Column::*;
        d.described();
        d.searched(Searched {
            country: Some("{t}.country_id"),
            field: Some(searched::FIELD_OF_MEMBERSHIP),
            ..Searched::NAMED
        });
        d.one::<Country>(
            "country",
            CountryId,
            "Country that it lies in; the best claim where sources differ.",
        )
        .filter();
        d.one::<Term>("kind", KindId, "Municipality, town and so on; null when not known.")
            .filter();
        let geo = [d.place(Latitude), d.place(Longitude)];
        d.value("geo", "GeoCoordinates", &geo, place::point, "A point in it; null when not known.")
            .store(Store::Value { columns: geo.to_vec(), write: place::write_point })
            .filter(FilterKind::Point { latitude: geo[0], longitude: geo[1] });
        d.plain(
            Population,
            "Inhabitants, in persons; null when not known, never 0. Claims say the year.",
        )
        .filter()
        .order()
        .checked(write::from_one);
        d.claimed("population", "POPULATION");
        d.claimed("country", "COUNTRY");
        let area = d.place(AreaKm2);
        d.scalar("areaKm2", area, "Area in square kilometers; null when not known.")
            .filter()
            .order()
            .checked(write::above_zero);
        d.plain(SubdivisionCode, "ISO 3166-2 code, e.g. `VN-HN`; null when not known.")
            .filter()
            .checked(|value, columns, _, cells| {
                write::code(value, columns[0], "a code such as `VN-HN`", is_subdivision, cells)
            });
        d.plain(TimeZone, "IANA time zone, e.g. `Asia/Ho_Chi_Minh`; null when not known.")
            .filter()
            .checked(|value, columns, _, cells| {
                write::code(value, columns[0], "a name such as `Asia/Ho_Chi_Minh`", is_zone, cells)
            });
        let jurisdiction = Source::Child { key: "jurisdiction_id".to_owned() };
        d.list::<Organization>(
            "organizations",
            jurisdiction,
            "Organizations whose jurisdiction it is.",
        )
        .filter();
        d.list::<Region>(
            "regions",
            Source::Where(REGIONS),
            "Regions that contain it or its country.",
        )
        .filter();
        let government = d.expression("government_id", Kind::Int, GOVERNMENT);
        d.one_by::<Organization>(
            "government",
            government,
            "Body that governs it; null when not known.",
        );
        d.list::<Person>(
            "officials",
            Source::Through(&official::OF_CITY),
            "People who hold or held an office in its organizations, with the office on the edge.",
        )
        .scoped(official::ARGUMENTS, official::held)
        .edge(official::office_edge())
        .connection("CityOfficial");
        d.many::<Membership>(
            "memberships",
            membership::Column::CityId,
            "Its memberships of networks, ended ones too.",
        )
        .filter();
        d.many::<Initiative>(
            "initiatives",
            initiative::Column::CityId,
            "Initiatives that it runs.",
        )
        .filter();
        d.many::<Challenge>(
            "challenges",
            challenge::Column::CityId,
            "Challenges of the city and of its memberships.",
        )
        .filter();
        d.list::<Goal>(
            "goals",
            Source::Child { key: "subject_id".to_owned() },
            "Goals that it has set itself.",
        )
        .filter();
        d.many::<Opportunity>(
            "opportunities",
            opportunity::Column::CityId,
            "Opportunities of the city and of its memberships.",
        )
        .filter();
        d.many::<Commitment>(
            "commitments",
            commitment::Column::CityId,
            "Commitments that it made.",
        )
        .filter();
        d.many::<Event>("events", event::Column::CityId, "Events held in it.").filter();
        d.linked::<HeritageProperty>(
            "heritageProperties",
            "LOCATED_IN",
            false,
            "World Heritage properties that lie in it, wholly or in part.",
        );
        let country = d.place(CountryId);
        d.group::<Country>("COUNTRY", "country", country, "Country that they lie in.");
        let kind = d.place(KindId);
        d.group::<Term>("KIND", "kind", kind, "Municipality, town and so on.");
        let continent =
            super::country::continent_of("(SELECT c.country_id FROM city c WHERE c.id = {t}.id)");
        let continent = d.expression("continent_id", Kind::Int, &continent);
        d.group::<Region>("CONTINENT", "continent", continent, "Continent of the country.");
    }
}

/// The form of ISO 3166-2: the country's letters, and up to three letters or digits.
fn is_subdivision(code: &str) -> bool {
    let is_capital = |it: u8| it.is_ascii_uppercase();
    let is_of_part = |it: u8| it.is_ascii_uppercase() || it.is_ascii_digit();
    code.split_once('-').is_some_and(|(country, part)| {
        country.len() == 2
            && country.bytes().all(is_capital)
            && (1..=3).contains(&part.len())
            && part.bytes().all(is_of_part)
    })
}

/// The form of names in the time zone database: words of letters, digits and `_+-`, with `/` between them.
fn is_zone(name: &str) -> bool {
    let is_of_word = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'+' | b'-');
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(is_of_word);
    name.starts_with(|it: char| it.is_ascii_uppercase()) && name.split('/').all(is_word)
}
