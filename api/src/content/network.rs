//! Networks that cities are members of.
use entities::{dataset, membership, network};

use super::{
    dataset::Dataset, membership::Membership, organization::Organization, term::Term,
    vocabulary::Vocabulary,
};
use crate::record::{
    def::{Record, Searched},
    define::Define,
    source::Source,
};

pub struct Network;

const FIELDS: &str =
    "{t}.vocabulary_id = (SELECT n.field_vocabulary_id FROM network n WHERE n.id = {k})";

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
        d.searched(Searched { weight: 6.0, ..Searched::NAMED });
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
        let fields = Source::Where(FIELDS);
        d.list::<Term>("fields", fields, "Fields that its members can have, ended ones too.");
        d.many::<Dataset>(
            "datasets",
            dataset::Column::NetworkId,
            "Lists that its members were read from, with their coverage.",
        );
    }
}
