//! Regions of the world and of countries.
use entities::region;

use super::{city::City, country::Country, term::Term};
use crate::record::{
    def::{Record, Searched},
    define::Define,
    source::Source,
};

pub struct Region;

/// The region and all that are in it, with the places that are said to lie in one of them.
macro_rules! inside {
    ($select:literal) => {
        concat!(
            "(WITH RECURSIVE inside(id) AS (SELECT {k} UNION SELECT r.id FROM region r JOIN inside i ON r.contained_in_id = i.id), ",
            "placed(id) AS (SELECT l.from_id FROM link l JOIN inside i ON i.id = l.to_id WHERE l.relation = 'LOCATED_IN' ",
            "AND l.modality IN ('STATED', 'INFERRED') AND l.rank <> 'DEPRECATED') ",
            $select,
            ")"
        )
    };
}

const COUNTRIES: &str = concat!("{t}.id IN ", inside!("SELECT id FROM placed"));
const CITIES: &str = concat!(
    "{t}.id IN ",
    inside!(
        "SELECT id FROM placed UNION SELECT c.id FROM city c JOIN placed p ON p.id = c.country_id"
    )
);

/// The regions that a place lies in, directly or through a smaller one; `$start` selects the place and what it is in.
#[macro_export]
macro_rules! around {
    ($start:literal) => {
        concat!(
            "{t}.id IN (WITH RECURSIVE around(id) AS (SELECT l.to_id FROM link l WHERE l.from_id IN (",
            $start,
            ") AND l.relation = 'LOCATED_IN' AND l.modality IN ('STATED', 'INFERRED') AND l.rank <> 'DEPRECATED' ",
            "UNION SELECT r.contained_in_id FROM region r JOIN around a ON a.id = r.id WHERE r.contained_in_id IS NOT NULL) ",
            "SELECT id FROM around)"
        )
    };
}

impl Record for Region {
    type Entity = region::Entity;
    const NAME: &str = "Region";
    const ONE: &str = "region";
    const MANY: &str = "regions";
    const ABOUT: &str = "A region of the world or of a country, e.g. Đông Nam Á or vùng Thủ đô.";
    const CODE: u16 = 21;
    const PREFIX: &str = "region";
    const MAX_AGE: u32 = 3_600;

    fn define(d: &mut Define<Self>) {
        use region::Column::*;
        d.described();
        d.searched(Searched { weight: 5.0, ..Searched::NAMED });
        d.one::<Term>(
            "kind",
            KindId,
            "World region, national region and so on; null when not known.",
        )
        .filter();
        d.one::<Region>(
            "containedInRegion",
            ContainedInId,
            "Next larger region; null when none is recorded.",
        )
        .filter();
        d.list::<Country>(
            "countries",
            Source::Where(COUNTRIES),
            "Countries in it, directly or through a smaller region.",
        );
        d.list::<City>(
            "cities",
            Source::Where(CITIES),
            "Cities in it, directly or through a country or a smaller region.",
        );
    }
}
