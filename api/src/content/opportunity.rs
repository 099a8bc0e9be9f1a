//! Opportunities of cities and of their memberships.
use entities::opportunity;

use super::{
    challenge::CITY_OR_MEMBERSHIP, city::City, membership::Membership, searched, term::Term,
};
use crate::record::{
    cell::Kind,
    def::{Record, Searched},
    define::Define,
    write,
};

pub struct Opportunity;

impl Record for Opportunity {
    type Entity = opportunity::Entity;
    const NAME: &str = "Opportunity";
    const ONE: &str = "opportunity";
    const MANY: &str = "opportunities";
    const ABOUT: &str = "What a city or its membership is said to gain.";
    const CODE: u16 = 28;
    const PREFIX: &str = "opportunity";

    fn define(d: &mut Define<Self>) {
        use opportunity::Column::*;
        d.described();
        d.citable();
        d.searched(Searched { country: Some(searched::COUNTRY_OF_CITY), ..Searched::NAMED });
        d.one::<City>(
            "city",
            CityId,
            "City whose opportunity it is, itself or through its membership.",
        )
        .filter();
        d.one::<Membership>(
            "membership",
            MembershipId,
            "Membership that brings it; null when it is the city's own.",
        )
        .filter();
        let subject =
            d.expression("subject_id", Kind::Int, "coalesce({t}.membership_id, {t}.city_id)");
        d.any_at(
            "subject",
            subject,
            &CITY_OR_MEMBERSHIP,
            "What it is an opportunity of: the membership that brings it, else the city.",
        )
        .derived()
        .filter();
        d.one::<Term>("category", CategoryId, "Category; null when none is given.").filter();
        d.plain(ListPosition, "Place in the source's list, from 1; null when there is no list.")
            .order()
            .checked(write::from_one);
        let [position, name] = [d.place(ListPosition), d.named("sort_name")];
        d.default_order(&[(position, false), (name, false)]);
    }
}
