//! Organizations: bodies that act, newspapers among them.
use entities::{document, organization, position};

use super::{
    city::City, country::Country, document::Document, initiative::Initiative, position::Position,
    region::Region, searched, term::Term,
};
use crate::record::{
    def::{Record, Searched, def},
    define::Define,
    relation::{Abstract, Members},
    source::Source,
};

pub struct Organization;

pub static PLACE: Abstract = Abstract {
    name: "Place",
    about: "A place of any size.",
    members: Members::Listed(&[def::<City>, def::<Region>, def::<Country>]),
};

impl Record for Organization {
    type Entity = organization::Entity;
    const NAME: &str = "Organization";
    const ONE: &str = "organization";
    const MANY: &str = "organizations";
    const ABOUT: &str = "A body that acts: committee, ministry, UN agency, newspaper, association.";
    const CODE: u16 = 4;
    const PREFIX: &str = "org";

    fn define(d: &mut Define<Self>) {
        use organization::Column::*;
        d.described();
        d.searched(Searched {
            country: Some(searched::COUNTRY_OF_JURISDICTION),
            ..Searched::NAMED
        });
        d.one::<Term>(
            "kind",
            KindId,
            "People's committee, party body, newspaper and so on; null when not known.",
        )
        .filter();
        let abbreviation = d.place(Abbreviation);
        d.text(
            "abbreviation",
            abbreviation,
            "Short form as written, e.g. UBND; null when none is recorded.",
        );
        d.any(
            "jurisdiction",
            JurisdictionId,
            &PLACE,
            "City or country it is responsible for; null when none or not known.",
        );
        let jurisdiction = d.place(JurisdictionId);
        let city =
            crate::record::filter::FilterKind::One { column: jurisdiction, target: def::<City> };
        d.filter("jurisdictionCity", city, "City it is responsible for.");
        d.one::<Organization>(
            "parentOrganization",
            ParentId,
            "Body that it belongs to; null when none or not known.",
        )
        .filter();
        let parts = Source::Child { key: "parent_id".to_owned() };
        d.list::<Organization>("subOrganizations", parts, "Bodies that belong to it, directly.");
        d.date("foundingDate", FoundingDate, "When it was founded; null when not known.");
        d.claimed("foundingDate", "FOUNDING_DATE");
        d.date(
            "dissolutionDate",
            DissolutionDate,
            "When it was dissolved; null when it was not or is not known to be.",
        );
        d.many::<Position>("positions", position::Column::OrganizationId, "Offices in it.")
            .filter();
        d.many::<Document>(
            "documents",
            document::Column::PublisherId,
            "Documents that it published.",
        );
        d.linked_by::<Initiative>(
            "initiatives",
            &["LED_BY", "PARTNERS_WITH"],
            false,
            "Initiatives that it leads or takes part in.",
        );
        d.linked::<Initiative>("ledInitiatives", "LED_BY", false, "Initiatives that it leads.");
        d.linked::<Initiative>(
            "partnerInitiatives",
            "PARTNERS_WITH",
            false,
            "Initiatives that it takes part in.",
        );
        d.assertions();
    }
}
