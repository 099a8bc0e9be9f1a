//! Links: citable edges between records, for relations without a type of their own.
use entities::link;

use serde_json::Value as Json;

use super::shared::DESCRIBED;
use crate::record::{
    catalog,
    def::{Def, Record},
    define::Define,
    shape::EnumType,
    write::{Fields, Mistake},
};

pub struct Link;

pub static LINK_RELATION: EnumType = EnumType {
    name: "LinkRelation",
    about: "What a link says, read from its start to its end.",
    values: &[
        ("ADDRESSES", "Initiative addresses challenge."),
        ("LED_BY", "Initiative is led by organization."),
        ("PARTNERS_WITH", "Initiative is joined by organization."),
        ("SERVES", "Initiative serves goal."),
        ("FULFILLS", "Initiative fulfills commitment."),
        ("TARGETS", "Initiative is for stakeholder."),
        ("CONTRIBUTES_TO", "Goal contributes to goal."),
        ("SEEKS_TITLE", "Goal seeks a title (term)."),
        ("SEEKS_SUPPORT_FROM", "City, or one of its goals, seeks support from stakeholder."),
        ("LOCATED_IN", "City, country, stakeholder or property lies in region, country or city."),
        ("GIVEN_BY", "Presentation is given by person."),
        ("AUTHORED_BY", "Document is written by person or organization."),
        ("CONCERNS", "Initiative concerns sector (term)."),
        ("GOVERNED_BY", "City is governed by organization."),
        ("PART_OF", "Organization belongs to organization, event to event."),
        ("ABOUT", "Document or presentation is about a record."),
        ("DEPICTS", "Image shows a record."),
        ("ILLUSTRATED_BY", "Document has an image."),
        ("RELATED_TO", "Document points to document."),
        ("EXACT_MATCH", "Term means the same as term."),
        ("CLOSE_MATCH", "Term means nearly the same as term."),
    ],
};

/// What each relation starts and ends at; `Record` is any record that has names.
const ENDS: [(&str, &[&str], &[&str]); 21] = [
    ("ADDRESSES", &["Initiative"], &["Challenge"]),
    ("LED_BY", &["Initiative"], &["Organization"]),
    ("PARTNERS_WITH", &["Initiative"], &["Organization"]),
    ("SERVES", &["Initiative"], &["Goal"]),
    ("FULFILLS", &["Initiative"], &["Commitment"]),
    ("TARGETS", &["Initiative"], &["Stakeholder"]),
    ("CONTRIBUTES_TO", &["Goal"], &["Goal"]),
    ("SEEKS_TITLE", &["Goal"], &["Term"]),
    ("SEEKS_SUPPORT_FROM", &["City", "Goal"], &["Stakeholder"]),
    (
        "LOCATED_IN",
        &["City", "Country", "Stakeholder", "HeritageProperty"],
        &["Region", "Country", "City"],
    ),
    ("GIVEN_BY", &["Presentation"], &["Person"]),
    ("AUTHORED_BY", &["Document"], &["Person", "Organization"]),
    ("CONCERNS", &["Initiative"], &["Term"]),
    ("GOVERNED_BY", &["City"], &["Organization"]),
    ("PART_OF", &["Organization", "Event"], &["Organization", "Event"]),
    ("ABOUT", &["Document", "Presentation"], &["Record"]),
    ("DEPICTS", &["Document"], &["Record"]),
    ("ILLUSTRATED_BY", &["Document"], &["Document"]),
    ("RELATED_TO", &["Document"], &["Document"]),
    ("EXACT_MATCH", &["Term"], &["Term"]),
    ("CLOSE_MATCH", &["Term"], &["Term"]),
];

/// What a relation says must be of records that it can be said of, and of two.
fn rule(fields: &Fields) -> Option<Mistake> {
    let text = |name: &str| fields.get(name).and_then(Json::as_str);
    let ends = ["from", "to"].map(|name| text(name).and_then(|id| catalog().of_public_id(id)));
    let (relation, [Some(from), Some(to)]) = (text("relation")?, ends) else { return None };
    if text("from") == text("to") {
        return Some(Mistake::format("a link leads from one record to another").below("to"));
    }
    let (_, starts, goals) = ENDS.iter().find(|(name, ..)| *name == relation)?;
    let fits = |def: &Def, types: &[&str]| types.contains(&"Record") || types.contains(&def.name);
    let wrong = |field: &str, def: &Def, types: &[&str]| {
        let (is, expected) = (def.name, types.join(" or "));
        let message = match field {
            "from" => format!("{relation} starts at {expected}, not at {is}"),
            _ => format!("{relation} leads to {expected}, not to {is}"),
        };
        Mistake::format(message).below(field)
    };
    if !fits(from, starts) {
        return Some(wrong("from", from, starts));
    }
    if !fits(to, goals) {
        return Some(wrong("to", to, goals));
    }
    // A part is of the kind of its whole.
    (relation == "PART_OF" && from.code != to.code).then(|| wrong("to", to, &[from.name]))
}

impl Record for Link {
    type Entity = link::Entity;
    const NAME: &str = "Link";
    const ONE: &str = "link";
    const MANY: &str = "links";
    const ABOUT: &str =
        "A citable edge between two records, for relations without a type of their own.";
    const CODE: u16 = 17;
    const PREFIX: &str = "link";

    fn define(d: &mut Define<Self>) {
        use link::Column::*;
        d.record();
        d.tells_of(&["from", "to"]);
        d.unique_or_none("to", &[FromId, Relation, ToId], StartDate);
        d.citable();
        d.any("from", FromId, &DESCRIBED, "Where it starts.").filter();
        d.choice("relation", Relation, &LINK_RELATION, "What it says.").filter().order();
        d.any("to", ToId, &DESCRIBED, "Where it ends.").filter();
        d.date("startDate", StartDate, "From when it holds; null when not said.");
        d.date("endDate", EndDate, "Until when it holds; null when it lasts or is not said.");
        d.qualifiers();
        d.rule(rule);
        let relation = d.place(Relation);
        d.default_order(&[(relation, false)]);
    }
}
