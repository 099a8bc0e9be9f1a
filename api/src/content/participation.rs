//! Participations: who took part in an event.
use entities::participation;

use super::{event::Event, shared::AGENT, term::Term};
use crate::record::{def::Record, define::Define};

pub struct Participation;

impl Record for Participation {
    type Entity = participation::Entity;
    const NAME: &str = "Participation";
    const ONE: &str = "participation";
    const MANY: &str = "participations";
    const ABOUT: &str = "Who took part in an event, and as what.";
    const CODE: u16 = 25;
    const PREFIX: &str = "participation";

    fn define(d: &mut Define<Self>) {
        use participation::Column::*;
        d.record();
        d.citable();
        d.one::<Event>("event", EventId, "The event taken part in.").filter();
        d.any("agent", AgentId, &AGENT, "Who took part.").filter();
        d.one::<Term>("role", RoleId, "Organizer, speaker, chair, attendee; null when not said.")
            .filter();
    }
}
