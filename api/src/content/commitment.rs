//! Commitments that cities have made.
use entities::commitment;

use super::{
    city::City, initiative::Initiative, membership::Membership, network::Network,
    organization::Organization, searched,
};
use crate::record::{
    def::{Record, Searched, def},
    define::Define,
    relation::{Abstract, Members},
};

pub struct Commitment;

pub static RECIPIENT: Abstract = Abstract {
    name: "CommitmentRecipient",
    about: "To whom a commitment was made.",
    members: Members::Listed(&[def::<Network>, def::<Organization>]),
};

impl Record for Commitment {
    type Entity = commitment::Entity;
    const NAME: &str = "Commitment";
    const ONE: &str = "commitment";
    const MANY: &str = "commitments";
    const ABOUT: &str = "Something that a city has promised a network or an organization.";
    const CODE: u16 = 29;
    const PREFIX: &str = "commitment";

    fn define(d: &mut Define<Self>) {
        use commitment::Column::*;
        d.described();
        d.citable();
        d.searched(Searched { country: Some(searched::COUNTRY_OF_CITY), ..Searched::NAMED });
        d.one::<City>("city", CityId, "City that made it.").filter();
        d.any(
            "recipient",
            RecipientId,
            &RECIPIENT,
            "Network or organization it was made to; null when not said.",
        );
        d.one::<Membership>(
            "membership",
            MembershipId,
            "Membership that it arises from; null when none.",
        )
        .filter();
        d.date("madeDate", MadeDate, "When it was made; null when no source says.");
        d.date("dueDate", DueDate, "When it is due; null when no source says.");
        let text = d.place(Text);
        d.text("text", text, "Wording; null when the source does not give it.");
        d.linked::<Initiative>("initiatives", "FULFILLS", false, "Initiatives that fulfill it.");
        let [made, name] = [d.place(MadeEarliest), d.named("sort_name")];
        d.default_order(&[(made, false), (name, false)]);
    }
}
