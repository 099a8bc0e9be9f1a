//! Links: citable edges between records, for relations without a type of their own.
use entities::link;

use super::shared::DESCRIBED;
use crate::record::{def::Record, define::Define, shape::EnumType};

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
        ("LOCATED_IN", "City, stakeholder or property lies in region, country or city."),
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
        d.unique_or_none("to", &[FromId, Relation, ToId], StartDate);
        d.citable();
        d.any("from", FromId, &DESCRIBED, "Where it starts.").filter();
        d.choice("relation", Relation, &LINK_RELATION, "What it says.").filter().order();
        d.any("to", ToId, &DESCRIBED, "Where it ends.").filter();
        d.date("startDate", StartDate, "From when it holds; null when not said.");
        d.date("endDate", EndDate, "Until when it holds; null when it lasts or is not said.");
        d.qualifiers();
        let relation = d.place(Relation);
        d.default_order(&[(relation, false)]);
    }
}
