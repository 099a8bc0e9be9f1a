//! Countries and territories.
use entities::{city, country};

use super::city::City;
use crate::record::{def::Record, define::Define};

pub struct Country;

impl Record for Country {
    type Entity = country::Entity;
    const NAME: &str = "Country";
    const ONE: &str = "country";
    const MANY: &str = "countries";
    const ABOUT: &str =
        "A country or territory of ISO 3166-1, or with a user-assigned code (Kosovo).";
    const CODE: u16 = 1;
    const PREFIX: &str = "country";

    fn define(d: &mut Define<Self>) {
        use country::Column::*;
        d.described();
        let [two, three, numeric] =
            [d.place(Alpha2Code), d.place(Alpha3Code), d.place(NumericCode)];
        d.scalar("alpha2Code", two, "ISO 3166-1 alpha-2, e.g. `VN`.").filter().order();
        d.scalar("alpha3Code", three, "ISO 3166-1 alpha-3, e.g. `VNM`.").filter();
        d.scalar("numericCode", numeric, "ISO 3166-1 numeric, three digits with leading zeros, e.g. `704`; null when it has none.").filter();
        d.many::<City>("cities", city::Column::CountryId, "Cities that lie in it.").filter();
    }
}
