//! Challenges: difficulties that cities and their memberships are said to face.
use entities::challenge;

use super::{city::City, initiative::Initiative, membership::Membership, searched, term::Term};
use crate::record::{
    cell::Kind,
    def::{Record, Searched, def},
    define::Define,
    filter::FilterKind,
    relation::{Abstract, Members},
    write,
};

pub struct Challenge;

pub static CITY_OR_MEMBERSHIP: Abstract = Abstract {
    name: "CityOrMembership",
    about: "What a challenge belongs to.",
    members: Members::Listed(&[def::<City>, def::<Membership>]),
};

impl Record for Challenge {
    type Entity = challenge::Entity;
    const NAME: &str = "Challenge";
    const ONE: &str = "challenge";
    const MANY: &str = "challenges";
    const ABOUT: &str = "A difficulty that a city or its membership is said to face.";
    const CODE: u16 = 11;
    const PREFIX: &str = "challenge";

    fn define(d: &mut Define<Self>) {
        use challenge::Column::*;
        d.described();
        d.citable();
        d.searched(Searched { country: Some(searched::COUNTRY_OF_CITY), ..Searched::NAMED });
        d.one::<City>("city", CityId, "City that faces it, itself or through its membership.")
            .filter();
        d.one::<Membership>(
            "membership",
            MembershipId,
            "Membership that it comes with; null when it is the city's own.",
        )
        .filter();
        let subject =
            d.expression("subject_id", Kind::Int, "coalesce({t}.membership_id, {t}.city_id)");
        d.any_at(
            "subject",
            subject,
            &CITY_OR_MEMBERSHIP,
            "What faces it: the membership if it comes with one, else the city.",
        )
        .derived();
        d.one::<Term>("category", CategoryId, "Category; null when none is given.").filter();
        d.plain(ListPosition, "Place in the source's list, from 1; null when there is no list.")
            .order()
            .checked(write::from_one);
        d.plain(IsFromOpenList, "Whether the source's list ends in “…”, so that there are more.")
            .filter();
        let [factors, context] = [d.place(Factors), d.place(Context)];
        d.texts("factors", factors, "What makes it up, in the source's order. At most 100.");
        d.text("context", context, "Circumstances; null when not said.");
        d.linked::<Initiative>("initiatives", "ADDRESSES", false, "Initiatives that address it.");
        let [position, name] = [d.place(ListPosition), d.named("sort_name")];
        d.default_order(&[(position, false), (name, false)]);
        d.filter("subject", FilterKind::Any { column: subject }, "What faces it.");
    }
}
