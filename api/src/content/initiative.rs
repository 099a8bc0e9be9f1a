//! Initiatives: what cities do or plan.
use entities::initiative;

use super::{
    challenge::Challenge,
    city::City,
    commitment::Commitment,
    country::Country,
    goal::Goal,
    money,
    organization::{Organization, PLACE},
    searched,
    stakeholder::Stakeholder,
    term::Term,
};
use crate::record::{
    cell::Kind,
    def::{OrderOn, Record, Searched},
    define::Define,
    source::Source,
    write::{self, Store},
};

pub struct Initiative;

impl Record for Initiative {
    type Entity = initiative::Entity;
    const NAME: &str = "Initiative";
    const ONE: &str = "initiative";
    const MANY: &str = "initiatives";
    const ABOUT: &str = "Something that a city does or plans for its cultural life.";
    const CODE: u16 = 10;
    const PREFIX: &str = "initiative";

    fn define(d: &mut Define<Self>) {
        use initiative::Column::*;
        d.described();
        d.citable();
        d.searched(Searched {
            country: Some(searched::COUNTRY_OF_CITY),
            year: Some(searched::START_YEAR),
            ..Searched::NAMED
        });
        d.one::<City>("city", CityId, "City that runs it.").filter();
        d.one::<Term>(
            "status",
            StatusId,
            "Planned, under study, ongoing and so on; null when not said.",
        )
        .filter();
        d.date("startDate", StartDate, "First day; null when no source says.");
        d.date("endDate", EndDate, "Last day; null when no source says.");
        d.plain(ListPosition, "Place in the source's list, from 1; null when there is no list.")
            .order()
            .checked(write::from_one);
        let budget = [d.place(BudgetAmount), d.place(BudgetCurrency), d.place(BudgetYear)];
        d.value(
            "budget",
            "Money",
            &budget,
            money::money,
            "Money set aside; null when no source says.",
        )
        .store(Store::Value { columns: budget.to_vec(), write: money::write_money });
        d.any(
            "location",
            LocationId,
            &PLACE,
            "Where it takes place, if narrower or other than the city; null when not said.",
        );
        let outcomes = d.place(Outcomes);
        d.texts("outcomes", outcomes, "Expected results, in the source's order. At most 100.");
        d.one::<Initiative>("partOf", PartOfId, "Initiative that it is part of; null when none.")
            .filter();
        let parts = Source::Child { key: "part_of_id".to_owned() };
        d.list::<Initiative>("parts", parts, "Initiatives that are part of it, directly.").filter();
        d.linked::<Challenge>("challenges", "ADDRESSES", true, "Challenges that it addresses.");
        d.linked::<Organization>(
            "leadOrganizations",
            "LED_BY",
            true,
            "Organizations that lead it.",
        );
        d.linked::<Organization>(
            "partnerOrganizations",
            "PARTNERS_WITH",
            true,
            "Organizations that take part.",
        );
        d.linked::<Term>("sectors", "CONCERNS", true, "Sectors that it concerns.");
        d.linked::<Goal>("goals", "SERVES", true, "Goals that it serves.");
        d.linked::<Commitment>("commitments", "FULFILLS", true, "Commitments that it fulfills.");
        d.linked::<Stakeholder>("stakeholders", "TARGETS", true, "Groups that it is for.");
        let city_name = d.expression(
            "city_name",
            Kind::Text,
            "(SELECT c.sort_name FROM city c WHERE c.id = {t}.city_id)",
        );
        d.order("CITY_NAME", OrderOn::Column(city_name), "Name of the city that runs it.");
        let [position, name] = [d.place(ListPosition), d.named("sort_name")];
        d.default_order(&[(position, false), (name, false)]);

        let [status, city] = [d.place(StatusId), d.place(CityId)];
        d.group::<Term>("STATUS", "status", status, "Planned, under study, ongoing and so on.");
        d.group::<City>("CITY", "city", city, "City that runs them.");
        d.group_linked(
            "SECTOR",
            "sector",
            "sectors",
            "Sector that they concern, as stated or inferred; an initiative with several counts in each.",
        );
        let country = d.expression("country_id", Kind::Int, searched::COUNTRY_OF_CITY);
        let year = d.expression("start_year", Kind::Int, searched::START_YEAR);
        d.group_number("START_YEAR", "startYear", year, "Year of `startDate`.");
        d.group::<Country>("COUNTRY", "country", country, "Country of the city.");
    }
}
