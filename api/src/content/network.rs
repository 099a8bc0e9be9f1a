//! Networks that cities are members of.
use entities::{membership, network};

use super::{membership::Membership, organization::Organization, vocabulary::Vocabulary};
use crate::record::{def::Record, define::Define};

pub struct Network;

impl Record for Network {
    type Entity = network::Entity;
    const NAME: &str = "Network";
    const ONE: &str = "network";
    const MANY: &str = "networks";
    const ABOUT: &str = "A network that cities are members of.";
    const CODE: u16 = 7;
    const PREFIX: &str = "network";

    fn define(d: &mut Define<Self>) {
        use network::Column::*;
        d.described();
        d.one::<Organization>("operator", OperatorId, "Who runs it; null when not known.").filter();
        d.date("foundingDate", FoundingDate, "When it was founded; null when not known.");
        d.claimed("foundingDate", "FOUNDING_DATE");
        d.one::<Vocabulary>(
            "fieldVocabulary",
            FieldVocabularyId,
            "List of the fields that its members can have; null when it has none.",
        );
        d.many::<Membership>(
            "memberships",
            membership::Column::NetworkId,
            "Its memberships, ended ones too.",
        )
        .filter();
    }
}
