//! Office holdings: who held an office, from when to when, and how sure that is on a day.
use async_graphql::{Positioned, Value, parser::types::Field};
use entities::office_holding;

use super::{person::Person, position::Position, shared::day};
use crate::{
    error::ApiError,
    record::{
        ask::{Ask, Selected, enum_name, items},
        cell::Cells,
        def::{Argument, Def, Record, Render},
        define::Define,
        filter::FilterKind,
        json,
        pred::Pred,
        relation::{EdgeField, EdgeType, EdgeValue, Scope},
        shape::EnumType,
    },
};

pub struct OfficeHolding;

pub static END_KIND: EnumType = EnumType {
    name: "EndKind",
    about: "What an end date, or its absence, means.",
    values: &[
        ("ENDED", "It is over, since `endDate` if known."),
        ("OPEN", "It lasts."),
        ("UNKNOWN", "No source says whether it lasts."),
    ],
};

pub static CERTAINTY: EnumType = EnumType {
    name: "Certainty",
    about: "Whether something held on a day.",
    values: &[
        ("YES", "Inside known ends, or attested on that day."),
        ("POSSIBLE", "Ends or dates are not known well enough."),
        ("NO", "Outside known ends."),
    ],
};

impl Record for OfficeHolding {
    type Entity = office_holding::Entity;
    const NAME: &str = "OfficeHolding";
    const ONE: &str = "officeHolding";
    const MANY: &str = "officeHoldings";
    const ABOUT: &str = "One person's time in one office.";
    const CODE: u16 = 6;
    const PREFIX: &str = "holding";

    fn define(d: &mut Define<Self>) {
        use office_holding::Column::*;
        d.record();
        d.tells_of(&["person"]);
        d.citable();
        d.one::<Person>("person", PersonId, "Who holds or held it.").filter();
        d.one::<Position>("position", PositionId, "The office held.").filter();
        d.date("startDate", StartDate, "First day; null when not known.");
        d.date(
            "endDate",
            EndDate,
            "Last day; null when not known or not ended: `endKind` tells which.",
        );
        d.choice("endKind", EndKind, &END_KIND, "What the missing or given end means.").filter();
        d.dates(
            "attestedDates",
            AttestedDates,
            "Days on which a source shows it held, in the order of their texts. At most 100.",
        );
        d.plain(IsActing, "Whether it is held in an acting capacity.").filter();
        let columns = [StartEarliest, StartLatest, EndEarliest, EndLatest, EndKind, AttestedDates]
            .map(|it| d.place(it));
        d.value(
            "certaintyAt",
            "Certainty!",
            &columns,
            certainty_at,
            "Whether it was held on that day.",
        )
        .arguments(&[Argument::new("date", "Date!", "Day in question.")]);
        let held_at = FilterKind::Custom { ty: "HeldAtFilter", parse: held_at };
        d.filter("heldAt", held_at, "Held on a day.");
        let start = d.place(StartEarliest);
        d.default_order(&[(start, true)]);
    }
}

/// Whether the holding of alias `{t}` was held on a day: YES, POSSIBLE or NO. The day is put in as it is, so it must be
/// checked to be one. The same rule as `certainty`.
pub fn certainty_sql(day: &str) -> String {
    let attested = format!("CAST({{t}}.attested_dates AS TEXT) LIKE '%\"{day}\"%'");
    let inside = format!(
        "{{t}}.start_latest <= '{day}' AND ({{t}}.end_kind = 'OPEN' OR {{t}}.end_earliest >= '{day}')"
    );
    let outside = format!("{{t}}.start_earliest > '{day}' OR {{t}}.end_latest < '{day}'");
    format!(
        "(CASE WHEN {attested} OR ({inside}) THEN 'YES' WHEN {outside} THEN 'NO' ELSE 'POSSIBLE' END)"
    )
}

/// The condition that a holding was held on a day.
pub fn held_sql(day: &str, include_unknown: bool) -> String {
    let answers = if include_unknown { "'YES', 'POSSIBLE'" } else { "'YES'" };
    format!("{} IN ({answers})", certainty_sql(day))
}

fn certainty_at(
    ask: &Ask<'_>,
    selected: &Selected<'_>,
    columns: &[usize],
) -> Result<Render, ApiError> {
    let day = day(&ask.given(selected.field(), "date").unwrap_or(Value::Null))?;
    let columns = columns.to_vec();
    Ok(Box::new(move |out, cells| json::string(out, certainty(&day, &columns, cells))))
}

fn certainty(day: &str, columns: &[usize], cells: Cells<'_>) -> &'static str {
    let [start_earliest, start_latest, end_earliest, end_latest, end_kind, attested] =
        [0, 1, 2, 3, 4, 5].map(|place| cells.text(columns[place]));
    let attested = attested.is_some_and(|dates| dates.contains(&format!("\"{day}\"")));
    let begun = start_latest.is_some_and(|start| start <= day);
    let not_over = end_kind == Some("OPEN") || end_earliest.is_some_and(|end| end >= day);
    let outside =
        start_earliest.is_some_and(|start| start > day) || end_latest.is_some_and(|end| end < day);
    match (attested || (begun && not_over), outside) {
        (true, _) => "YES",
        (false, true) => "NO",
        (false, false) => "POSSIBLE",
    }
}

fn held_at(_: &'static Def, value: &Value) -> Result<Pred, ApiError> {
    let Value::Object(given) = value else {
        return Err(ApiError::filter("`heldAt` takes a `date`"));
    };
    let date = day(given.get("date").unwrap_or(&Value::Null))?;
    match given.get("includeUnknown") {
        Some(Value::Null) => {
            Err(ApiError::filter("null is no operand of `includeUnknown`: leave it out"))
        }
        include_unknown => {
            Ok(Pred::Sql(held_sql(&date, include_unknown == Some(&Value::Boolean(true)))))
        }
    }
}

/// Arguments of `Position.holders`.
pub const HOLDERS_ARGUMENTS: &[Argument] = &[
    Argument::new("at", "Date!", "Day in question."),
    Argument::new("certainty", "[Certainty!]!", "Answers to show.").with_default("[YES, POSSIBLE]"),
];

/// What the arguments of `Position.holders` mean: the scope is the day.
pub fn holders_asked(ask: &Ask<'_>, field: &Positioned<Field>) -> Result<Scope, ApiError> {
    let date = day(&ask.given(field, "at").unwrap_or(Value::Null)).map_err(|e| e.at(field.pos))?;
    let asked = ask.given(field, "certainty").map(items);
    let shown = |name: &str| match &asked {
        Some(asked) => asked.iter().any(|it| enum_name(it) == Some(name)),
        None => name != "NO",
    };
    let shown: Vec<String> = CERTAINTY
        .values
        .iter()
        .filter(|(name, _)| shown(name))
        .map(|(name, _)| format!("'{name}'"))
        .collect();
    let condition = match shown.is_empty() {
        true => Pred::never(),
        false => Pred::Sql(format!("{} IN ({})", certainty_sql(&date), shown.join(", "))),
    };
    Ok(Scope { sql: Some(date), condition: Some(condition), ranks: false })
}

/// The certainty on the edge. YES, POSSIBLE and NO are in the order of their letters, backwards.
pub fn certainty_edge() -> EdgeField {
    let about = "Whether it was held on that day.";
    EdgeField {
        name: "certainty",
        about,
        ty: EdgeType::Text("Certainty!"),
        value: EdgeValue::Sql(certainty_sql("{s}")),
        leads: true,
    }
}
