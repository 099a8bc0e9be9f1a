//! Goals that cities and organizations have set themselves.
use entities::goal;

use super::{
    city::City, initiative::Initiative, organization::Organization, region::Region, searched,
    term::Term,
};
use crate::record::{
    def::{Record, Searched, def},
    define::Define,
    filter::FilterKind,
    relation::{Abstract, Members},
};

pub struct Goal;

pub static GOAL_SUBJECT: Abstract = Abstract {
    name: "GoalSubject",
    about: "Whose goal it is.",
    members: Members::Listed(&[def::<City>, def::<Organization>]),
};

impl Record for Goal {
    type Entity = goal::Entity;
    const NAME: &str = "Goal";
    const ONE: &str = "goal";
    const MANY: &str = "goals";
    const ABOUT: &str = "What a city or an organization wants to reach.";
    const CODE: u16 = 27;
    const PREFIX: &str = "goal";

    fn define(d: &mut Define<Self>) {
        use goal::Column::*;
        d.described();
        d.citable();
        d.searched(Searched { country: Some(searched::COUNTRY_OF_SUBJECT), ..Searched::NAMED });
        d.any("subject", SubjectId, &GOAL_SUBJECT, "City or organization whose goal it is.");
        let subject = d.place(SubjectId);
        d.filter(
            "city",
            FilterKind::One { column: subject, target: def::<City> },
            "City whose goal it is.",
        );
        let organization = FilterKind::One { column: subject, target: def::<Organization> };
        d.filter("organization", organization, "Organization whose goal it is.");
        let [horizon, importance] = [d.place(Horizon), d.place(Importance)];
        d.text(
            "horizon",
            horizon,
            "Time in the source's words, e.g. trong tương lai gần; null when not said.",
        );
        d.date("targetDate", TargetDate, "When it is to be reached; null when no source says.");
        d.one::<Region>("scope", ScopeId, "Region that it is about; null when not said.").filter();
        d.text(
            "importance",
            importance,
            "Weight in the source's words, e.g. mục tiêu lớn; null when not said.",
        );
        d.linked::<Goal>("contributesTo", "CONTRIBUTES_TO", true, "Larger goals that it serves.");
        d.linked::<Goal>("contributors", "CONTRIBUTES_TO", false, "Goals that serve it.");
        d.linked::<Initiative>("initiatives", "SERVES", false, "Initiatives that serve it.");
        d.linked::<Term>("titlesSought", "SEEKS_TITLE", true, "Titles that it seeks.");
        d.claimed("targetDate", "TARGET_DATE");
        d.default_order(&[]);
    }
}
