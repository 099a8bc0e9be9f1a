//! Countries and territories.
use entities::{city, country};

use super::{city::City, region::Region};
use crate::record::{
    cell::Kind,
    def::{Record, Searched},
    define::Define,
    source::Source,
    write,
};

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
    const MAX_AGE: u32 = 3_600;

    fn define(d: &mut Define<Self>) {
        use country::Column::*;
        d.described();
        d.searched(Searched { weight: 6.5, country: Some("{t}.id"), ..Searched::NAMED });
        for (field, column) in
            [("alpha2Code", Alpha2Code), ("alpha3Code", Alpha3Code), ("numericCode", NumericCode)]
        {
            d.unique(field, &[column]);
        }
        let [two, three, numeric] =
            [d.place(Alpha2Code), d.place(Alpha3Code), d.place(NumericCode)];
        d.scalar("alpha2Code", two, "ISO 3166-1 alpha-2, e.g. `VN`.")
            .key()
            .filter()
            .order()
            .checked(|value, columns, _, cells| {
                write::code(
                    value,
                    columns[0],
                    "two capital letters, e.g. `VN`,",
                    is_alpha::<2>,
                    cells,
                )
            });
        d.scalar("alpha3Code", three, "ISO 3166-1 alpha-3, e.g. `VNM`.").filter().checked(
            |value, columns, _, cells| {
                write::code(
                    value,
                    columns[0],
                    "three capital letters, e.g. `VNM`,",
                    is_alpha::<3>,
                    cells,
                )
            },
        );
        d.scalar("numericCode", numeric, "ISO 3166-1 numeric, three digits with leading zeros, e.g. `704`; null when it has none.").filter().checked(
            |value, columns, _, cells| {
                write::code(value, columns[0], "a code of three digits, e.g. `704`,", is_numeric, cells)
            },
        );
        d.one::<City>(
            "capital",
            CapitalId,
            "Capital; null when it has none or is not in the base.",
        )
        .filter();
        let continent = d.expression("continent_id", Kind::Int, &continent_of("{t}.id"));
        d.one_by::<Region>(
            "continent",
            continent,
            "Continent that it lies in; null when not known.",
        )
        .filter();
        d.list::<Region>(
            "regions",
            Source::Where(crate::around!("SELECT {k}")),
            "Regions that contain it.",
        )
        .filter();
        d.many::<City>("cities", city::Column::CountryId, "Cities that lie in it.").filter();
    }
}

fn is_alpha<const LENGTH: usize>(code: &str) -> bool {
    code.len() == LENGTH && code.bytes().all(|it| it.is_ascii_uppercase())
}

fn is_numeric(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|it| it.is_ascii_digit())
}

/// The continent that a country lies in, as an expression; `country` is its id.
pub fn continent_of(country: &str) -> String {
    format!(
        "(SELECT min(l.to_id) FROM link l JOIN region r ON r.id = l.to_id JOIN term k ON k.id = r.kind_id \
         WHERE l.from_id = {country} AND l.relation = 'LOCATED_IN' AND l.rank <> 'DEPRECATED' AND k.notation = 'continent')"
    )
}
