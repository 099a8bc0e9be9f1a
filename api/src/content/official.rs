//! Officials: people who hold or held an office, asked for by the city or in all.
use std::borrow::Cow;

use async_graphql::{Positioned, Value, parser::types::Field};
use futures_util::future::BoxFuture;

use super::{
    office_holding::{OfficeHolding, held_sql},
    person::Person,
    shared::day,
};
use crate::{
    error::ApiError,
    record::{
        ask::Ask,
        def::{Argument, def},
        plan::ListPlan,
        pred::Pred,
        relation::{EdgeField, EdgeType, EdgeValue, Scope},
        render,
        root::{Pages, RootCall, RootQuery},
        source::Through,
    },
};

/// People who hold or held an office of a city's organizations; of several offices of one person the highest counts, then
/// the latest. The scope is a condition on the holding.
pub static OF_CITY: Through = Through {
    rows: Cow::Borrowed(
        "FROM organization o JOIN position p ON p.organization_id = o.id \
         JOIN office_holding h ON h.position_id = p.id \
         WHERE o.jurisdiction_id = {k} AND h.rank <> 'DEPRECATED' AND {s}",
    ),
    to: "h.person_id",
    row: "h.id",
    best: "p.seniority IS NULL, p.seniority, h.start_latest DESC NULLS LAST, h.id",
};

/// The office on the edge.
pub fn office_edge() -> EdgeField {
    EdgeField {
        name: "officeHolding",
        about: "The office that makes them an official of the city; of several the highest, then the latest.",
        ty: EdgeType::One(def::<OfficeHolding>),
        value: EdgeValue::Through,
        leads: false,
    }
}

pub const ARGUMENTS: &[Argument] = &[
    Argument::new("at", "Date", "Only those who held an office on this day."),
    Argument::new(
        "includeUnknown",
        "Boolean!",
        "With `at`: also those whose terms are not known well enough to tell.",
    )
    .with_default("false"),
];

/// What the arguments mean: a condition on the holding `h`.
pub fn held(ask: &Ask<'_>, field: &Positioned<Field>) -> Result<Scope, ApiError> {
    let include_unknown = ask.given(field, "includeUnknown") == Some(Value::Boolean(true));
    let sql = match ask.given(field, "at") {
        Some(value) => held_sql(&day(&value)?, include_unknown).replace("{t}", "h"),
        None => "TRUE".to_owned(),
    };
    Ok(Scope { sql: Some(sql), ..Scope::default() })
}

pub const OFFICIALS: RootQuery = RootQuery {
    name: "officials",
    ty: "PersonConnection!",
    about: "People who hold or held an office. Default order: name.",
    arguments: ARGUMENTS,
    pages: Pages::Of(def::<Person>),
    run: officials,
};

fn officials(call: RootCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let RootCall { reader, ask, selected } = call;
        let held = held(ask, selected.field())?.sql.unwrap_or_default();
        let office = format!(
            "EXISTS (SELECT 1 FROM office_holding h WHERE h.person_id = {{t}}.id AND h.rank <> 'DEPRECATED' AND {held})"
        );
        let plan = ListPlan::narrowed(ask, def::<Person>(), selected, Pred::Sql(office))?;
        render::list(reader, ask, &plan).await
    })
}
