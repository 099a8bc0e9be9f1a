//! People, of whom only offices, names and public acts are kept.
use entities::{office_holding, person};
use serde_json::Value as Json;

use super::{
    office_holding::OfficeHolding, participation::Participation, presentation::Presentation,
    searched,
};
use crate::{
    record::{
        def::{Record, Searched},
        define::Define,
        shape::EnumType,
        source::Source,
        write::{Cells, Mistake, Refs, Store, text},
    },
    value::fold,
};

pub struct Person;

pub static NAME_ORDER: EnumType = EnumType {
    name: "NameOrder",
    about: "Which part of a name comes first.",
    values: &[
        ("FAMILY_FIRST", "Family name first, as in Vietnamese."),
        ("GIVEN_FIRST", "Given name first, as in English."),
    ],
};

impl Record for Person {
    type Entity = person::Entity;
    const NAME: &str = "Person";
    const ONE: &str = "person";
    const MANY: &str = "people";
    const ABOUT: &str = "A person with a public office or role; nothing private is kept.";
    const CODE: u16 = 3;
    const PREFIX: &str = "person";

    fn define(d: &mut Define<Self>) {
        use person::Column::*;
        d.described();
        d.searched(Searched {
            country: Some(searched::COUNTRY_OF_OFFICE),
            of_place: Some(searched::PERSONS_OF_PLACE),
            ..Searched::NAMED
        });
        d.family_name();
        d.plain(GivenName, "Given name alone; null when not told apart.");
        d.choice(
            "nameOrder",
            NameOrder,
            &NAME_ORDER,
            "Which part of the name comes first; null when not known.",
        );
        d.many::<OfficeHolding>(
            "officeHoldings",
            office_holding::Column::PersonId,
            "Offices held, past ones too.",
        )
        .filter();
        let participations = Source::Child { key: "agent_id".to_owned() };
        d.list::<Participation>("participations", participations, "Events taken part in.").filter();
        d.linked::<Presentation>("presentations", "GIVEN_BY", false, "Presentations given.");
        d.assertions();
    }
}

impl Define<Person> {
    /// The family name, with the folded text that its folded conditions are answered from.
    fn family_name(&mut self) {
        use person::Column::*;
        let columns = vec![self.place(FamilyName), self.place(FamilyNameFolded)];
        let written = self.place(FamilyName);
        self.scalar(
            "familyName",
            written,
            "Family name alone, e.g. `Lê`; null when not told apart.",
        )
        .filter_folded(FamilyNameFolded)
        .order()
        .stored_as(Store::Value { columns, write: write_folded });
    }
}

/// Writes a text and, beside it, the same folded.
fn write_folded(
    value: &Json,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let text = text(value)?;
    cells.set(columns[1], fold::fold(&text));
    cells.set(columns[0], text);
    Ok(())
}
