//! Memberships: a city's time in a network.
use async_graphql::Value;
use entities::{challenge, commitment, field_period, membership, monitoring_report, opportunity};
use futures_util::future::BoxFuture;

use super::{
    challenge::Challenge, city::City, commitment::Commitment, country::Country,
    field_period::FieldPeriod, monitoring_report::MonitoringReport, network::Network,
    opportunity::Opportunity, searched, shared::day, term::Term,
};
use crate::{
    error::ApiError,
    record::{
        ask::{Ask, Selected},
        cell::Kind,
        def::{Argument, Def, OrderOn, Record, Render, Searched, def},
        define::Define,
        filter::FilterKind,
        json,
        plan::Plan,
        pred::Pred,
        relation::Call,
        render::{Chunks, one},
        sql::Sql,
    },
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
        d.searched(Searched {
            country: Some(searched::COUNTRY_OF_CITY),
            field: Some(CURRENT_FIELD),
            year: Some(searched::START_YEAR),
            ..Searched::NAMED
        });
        d.tells_of(&["city"]);
        d.unique_or_none("startDate", &[CityId, NetworkId], StartDate);
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
            "Field of the latest field period, whose sources are `fieldPeriods.citations`; null when no source says.",
        )
        .filter();
        d.many::<FieldPeriod>(
            "fieldPeriods",
            field_period::Column::MembershipId,
            "Fields in the order of time, without overlap, each with its sources. At most 20.",
        )
        .plain()
        .filter();
        d.many::<Challenge>(
            "challenges",
            challenge::Column::MembershipId,
            "Challenges that come with it.",
        )
        .filter();
        d.many::<Opportunity>(
            "opportunities",
            opportunity::Column::MembershipId,
            "Opportunities that it brings.",
        )
        .filter();
        d.many::<Commitment>(
            "commitments",
            commitment::Column::MembershipId,
            "Commitments that arise from it.",
        )
        .filter();
        d.many::<MonitoringReport>(
            "reports",
            monitoring_report::Column::MembershipId,
            "Monitoring reports, submitted or not.",
        )
        .filter();
        d.reports_due();
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
        d.group::<Term>("FIELD", "field", field, "Field, the `currentField` of the memberships.");
        let year = d.expression("start_year", Kind::Int, searched::START_YEAR);
        d.group_number("START_YEAR", "startYear", year, "Year of `startDate`.");
        let country = d.expression("country_id", Kind::Int, searched::COUNTRY_OF_CITY);
        d.group::<Country>("COUNTRY", "country", country, "Country of the city.");
        let status = d.place(StatusId);
        d.group::<Term>("STATUS", "status", status, "Candidate, member, left and so on.");
    }
}

/// Reports fall due every so many years after the start (UCCN guidelines for the monitoring report, 2021).
const REPORT_YEARS: i64 = 4;

impl Define<Membership> {
    /// When reports fall due, which follows from the start.
    fn reports_due(&mut self) {
        use membership::Column::*;
        let columns = [StartEarliest, EndDate].map(|it| self.place(it));
        let about = "First year from the current one (UTC) in which a monitoring report falls due, every four years after the start; null without a start year or after the end.";
        self.value("nextReportDueYear", "Int", &columns, next_report, about);
        let due = FilterKind::Custom { ty: "Int", parse: report_due };
        let about = "A monitoring report falls due in this year; memberships without a start year or with an end never match.";
        self.filter("reportDueYear", due, about);
        self.resolver(
            "fieldAt",
            "Term",
            "Field held on that day, by `fieldPeriods`; null when not known. A period known by years ends where the next begins.",
            field_at,
        );
        self.def().fields["fieldAt"].arguments =
            vec![Argument::new("date", "Date!", "Day in question.")];
    }
}

fn next_report(ask: &Ask<'_>, _: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    let (start, end, now) = (columns[0], columns[1], ask.year);
    Ok(Box::new(move |out, cells| {
        let year = cells.text(start).and_then(|day| day.get(..4)?.parse::<i64>().ok());
        match year.filter(|_| cells.text(end).is_none()) {
            Some(year) => {
                let rounds = (now - year + REPORT_YEARS - 1).div_euclid(REPORT_YEARS).max(1);
                json::int(out, year + rounds * REPORT_YEARS);
            }
            None => json::null(out),
        }
    }))
}

fn report_due(_: &'static Def, value: &Value) -> Result<Pred, ApiError> {
    let Value::Number(year) = value else { return Err(ApiError::filter("a year is expected")) };
    let year = year.as_i64().filter(|year| (0..10_000).contains(year));
    let year = year.ok_or_else(|| ApiError::filter("a year has four digits at most"))?;
    let start = searched::START_YEAR;
    Ok(Pred::Sql(format!(
        "{{t}}.end_date IS NULL AND {start} < {year} AND ({year} - {start}) % {REPORT_YEARS} = 0"
    )))
}

/// The field of each membership on a day: that of the period that began last before it and had not ended. A period known by
/// years holds from the first day that it can mean, and until the last.
fn field_at(call: Call<'_>) -> BoxFuture<'_, Result<Chunks, ApiError>> {
    Box::pin(async move {
        let day = day(&call.ask.given(call.selected.field(), "date").unwrap_or(Value::Null))?;
        let ask = call.ask.at(call.level);
        let plans = vec![Plan::new(&ask, def::<Term>(), &call.selected.below())?];
        let mut sql = Sql::with_keys(call.reader.postgres);
        let keys = if call.reader.postgres {
            "unnest($1) k(id)"
        } else {
            "(SELECT value AS id FROM json_each($1)) k"
        };
        sql.text = format!(
            "SELECT k.id, (SELECT f.field_id FROM field_period f WHERE f.membership_id = k.id AND f.rank <> 'DEPRECATED' \
             AND f.start_earliest <= '{day}' AND (f.end_latest IS NULL OR f.end_latest >= '{day}') \
             ORDER BY f.start_earliest DESC, f.id DESC LIMIT 1) FROM {keys}"
        );
        let loaded = call.reader.load(sql.at(call.level), 0, call.ids.clone()).await?;
        let field = |id: &i64| loaded.get(id)?.as_ref()?.first()?.int(1);
        one(call.reader, call.ask, &plans, call.ids.iter().map(field).collect()).await
    })
}
