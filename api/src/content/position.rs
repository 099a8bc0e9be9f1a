//! Positions: offices in organizations.
use entities::{office_holding, position};

use super::{
    office_holding::{self as holding, OfficeHolding},
    organization::Organization,
    searched,
};
use crate::record::{
    def::{Record, Searched},
    define::Define,
    source::Source,
    write,
};

pub struct Position;

impl Record for Position {
    type Entity = position::Entity;
    const NAME: &str = "Position";
    const ONE: &str = "position";
    const MANY: &str = "positions";
    const ABOUT: &str = "An office in an organization; `name` is its title.";
    const CODE: u16 = 5;
    const PREFIX: &str = "position";

    fn define(d: &mut Define<Self>) {
        use position::Column::*;
        d.described();
        d.searched(Searched {
            country: Some(searched::COUNTRY_OF_ORGANIZATION),
            ..Searched::NAMED
        });
        d.one::<Organization>("organization", OrganizationId, "Body that it is an office of.")
            .filter();
        d.plain(
            Seniority,
            "Place by rank in its organization, 1 is the highest; null when not known.",
        )
        .filter()
        .order()
        .checked(write::from_one);
        d.plain(IsHeldByMany, "Whether several people can hold it at once.").filter();
        d.many::<OfficeHolding>(
            "holdings",
            office_holding::Column::PositionId,
            "Who held it, when.",
        )
        .filter();
        let by_certainty = Source::Where("{t}.position_id = {k}");
        d.list::<OfficeHolding>(
            "holders",
            by_certainty,
            "Who held it on a day, with the certainty on the edge. Order: `YES`, `POSSIBLE`, `NO`, then start date.",
        )
        .scoped(holding::HOLDERS_ARGUMENTS, holding::holders_asked)
        .edge(holding::certainty_edge())
        .connection("PositionHolder");
        let [seniority, name] = [d.place(Seniority), d.named("sort_name")];
        d.default_order(&[(seniority, false), (name, false)]);
    }
}
