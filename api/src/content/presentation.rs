//! Presentations: talks and papers.
use entities::presentation;

use super::{document::Document, event::Event, person::Person, term::Term};
use crate::record::{def::Record, define::Define};

pub struct Presentation;

impl Record for Presentation {
    type Entity = presentation::Entity;
    const NAME: &str = "Presentation";
    const ONE: &str = "presentation";
    const MANY: &str = "presentations";
    const ABOUT: &str = "A talk or paper given at an event; `name` is its title.";
    const CODE: u16 = 26;
    const PREFIX: &str = "presentation";

    fn define(d: &mut Define<Self>) {
        use presentation::Column::*;
        d.described();
        d.one::<Term>("kind", KindId, "Talk, paper and so on; null when not known.").filter();
        d.one::<Event>("event", EventId, "Where it was given; null when not known.").filter();
        d.linked::<Person>("speakers", "GIVEN_BY", true, "Who gave it.");
        d.about();
        d.plain(InLanguage, "Language that it was given in; null when not said.").typed("Lang");
        d.one::<Document>("document", DocumentId, "Its text; null when not in the base.");
    }
}
