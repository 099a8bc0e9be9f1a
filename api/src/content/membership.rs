//! Memberships: a city's time in a network.
use entities::{challenge, field_period, membership};

use super::{
    challenge::Challenge, city::City, country::Country, field_period::FieldPeriod,
    network::Network, term::Term,
};
use crate::record::{
    cell::Kind,
    def::{OrderOn, Record},
    define::Define,
};

pub struct Membership;

/// Field of the latest field period: the one that began last, of periods without a start the one recorded last.
const CURRENT_FIELD: &str = "(SELECT f.field_id FROM field_period f WHERE f.membership_id = {t}.id \
     AND f.rank <> 'DEPRECATED' ORDER BY f.start_latest DESC NULLS LAST, f.id DESC LIMIT 1)";

impl Record for Membership {
    type Entity = membership::Entity;
    const NAME: &str = "Membership";
    const ONE: &str = "membership";
    const MANY: &str = "memberships";
    const ABOUT: &str = "A city's time in a network. Leaving and coming back makes a second one.";
    const CODE: u16 = 8;
    const PREFIX: &str = "membership";

    fn define(d: &mut Define<Self>) {
        use membership::Column::*;
        d.described();
        d.citable();
        d.one::<City>("city", CityId, "The member city.").filter();
        d.one::<Network>("network", NetworkId, "The network that it is a member of.").filter();
        d.date("startDate", StartDate, "Since when; the best claim; null when no source says.");
        d.date(
            "endDate",
            EndDate,
            "Until when; null when it lasts or no source says: see `status`.",
        );
        d.claimed("startDate", "START_DATE");
        d.claimed("endDate", "END_DATE");
        d.one::<Term>(
            "status",
            StatusId,
            "Candidate, member, left and so on; null when no source says.",
        )
        .filter();
        let field = d.expression("current_field_id", Kind::Int, CURRENT_FIELD);
        d.one_by::<Term>(
            "currentField",
            field,
            "Field of the latest field period; null when no source says.",
        )
        .filter();
        d.many::<FieldPeriod>(
            "fieldPeriods",
            field_period::Column::MembershipId,
            "Fields in the order of time, without overlap. At most 100.",
        )
        .plain()
        .filter();
        d.many::<Challenge>(
            "challenges",
            challenge::Column::MembershipId,
            "Challenges that come with it.",
        )
        .filter();
        let city_name = d.expression(
            "city_name",
            Kind::Text,
            "(SELECT c.sort_name FROM city c WHERE c.id = {t}.city_id)",
        );
        d.order("CITY_NAME", OrderOn::Column(city_name), "Name of the member.");
        let start = d.place(StartEarliest);
        d.default_order(&[(start, false), (city_name, false)]);

        let network = d.place(NetworkId);
        d.group::<Network>("NETWORK", "network", network, "Network that they belong to.");
        d.group::<Term>("FIELD", "field", field, "Current field.");
        let year = d.expression(
            "start_year",
            Kind::Int,
            "CAST(substr({t}.start_earliest, 1, 4) AS INTEGER)",
        );
        d.group_number("START_YEAR", "startYear", year, "Year of `startDate`.");
        let country = d.expression(
            "country_id",
            Kind::Int,
            "(SELECT c.country_id FROM city c WHERE c.id = {t}.city_id)",
        );
        d.group::<Country>("COUNTRY", "country", country, "Country of the city.");
        let status = d.place(StatusId);
        d.group::<Term>("STATUS", "status", status, "Candidate, member, left and so on.");
    }
}
