//! World Heritage properties.
use entities::heritage_property;

use super::{city::City, country::Country, searched, term::Term};
use crate::record::{
    def::{Record, Searched},
    define::Define,
};

pub struct HeritageProperty;

impl Record for HeritageProperty {
    type Entity = heritage_property::Entity;
    const NAME: &str = "HeritageProperty";
    const ONE: &str = "heritageProperty";
    const MANY: &str = "heritageProperties";
    const ABOUT: &str = "A World Heritage property.";
    const CODE: u16 = 31;
    const PREFIX: &str = "heritage";

    fn define(d: &mut Define<Self>) {
        use heritage_property::Column::*;
        d.described();
        d.searched(Searched {
            country: Some(searched::COUNTRY_OF_LOCATION),
            of_place: Some(searched::LOCATED_IN_PLACE),
            year: Some("{t}.inscription_year"),
            ..Searched::NAMED
        });
        d.one::<Term>("category", CategoryId, "Cultural, natural or mixed; null when not known.")
            .filter();
        d.plain(InscriptionYear, "Year of inscription; null when not known.").filter().order();
        d.linked::<Country>("countries", "LOCATED_IN", true, "Countries that it lies in.");
        d.linked::<City>("cities", "LOCATED_IN", true, "Cities that it lies in or next to.");
    }
}
