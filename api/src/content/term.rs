//! Terms: fields, sectors, kinds, statuses and concepts are rows, since they change by decree and have dates.
use entities::term;

use super::vocabulary::Vocabulary;
use crate::record::{def::Record, define::Define, source::Source, write};

pub struct Term;

impl Record for Term {
    type Entity = term::Entity;
    const NAME: &str = "Term";
    const ONE: &str = "term";
    const MANY: &str = "terms";
    const ABOUT: &str = "One term of a vocabulary: a field, sector, kind, status or concept.";
    const CODE: u16 = 19;
    const PREFIX: &str = "term";
    const MAX_AGE: u32 = 3_600;

    fn define(d: &mut Define<Self>) {
        use term::Column::*;
        d.described();
        let about = "ASCII name for addresses, unique in its type: vocabulary and notation, e.g. `uccn-field-design`. Can change; old ones still find the record.";
        d.def().fields["slug"].about = about;
        d.def().filters["slug"].about = "Slug, which begins with the vocabulary, e.g. `uccn-field-design`; `notation` is the code alone.";
        d.unique("notation", &[VocabularyId, Notation]);
        d.one::<Vocabulary>("vocabulary", VocabularyId, "The list that it belongs to.").filter();
        d.plain(Notation, "Short code, unique only in its vocabulary, e.g. `design`; `slug` says the vocabulary too.").filter().order();
        d.plain(ListPosition, "Place in its vocabulary, from 1.").order().checked(write::from_one);
        d.date("startDate", StartDate, "In force since; null when not known.");
        d.date("endDate", EndDate, "In force until; null when it still is or not known.");
        d.one::<Term>("broader", BroaderId, "Next wider term; null when none.").filter();
        let narrower = Source::Child { key: "broader_id".to_owned() };
        d.list::<Term>("narrower", narrower, "Next narrower terms.");
        d.linked::<Term>(
            "exactMatches",
            "EXACT_MATCH",
            true,
            "Terms elsewhere with the same meaning.",
        );
        d.linked::<Term>(
            "closeMatches",
            "CLOSE_MATCH",
            true,
            "Terms elsewhere with nearly the same meaning.",
        );
        let order = [d.place(VocabularyId), d.place(ListPosition)];
        d.default_order(&[(order[0], false), (order[1], false)]);
    }
}
