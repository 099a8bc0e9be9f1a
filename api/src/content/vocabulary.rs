//! Vocabularies: controlled lists of terms. A new edition is a new vocabulary.
use entities::{term, vocabulary};

use super::{organization::Organization, term::Term};
use crate::record::{def::Record, define::Define};

pub struct Vocabulary;

impl Record for Vocabulary {
    type Entity = vocabulary::Entity;
    const NAME: &str = "Vocabulary";
    const ONE: &str = "vocabulary";
    const MANY: &str = "vocabularies";
    const ABOUT: &str = "A controlled list of terms, e.g. the fields of a network. A new edition is a new vocabulary.";
    const CODE: u16 = 18;
    const PREFIX: &str = "vocabulary";
    const MAX_AGE: u32 = 3_600;

    fn define(d: &mut Define<Self>) {
        use vocabulary::Column::*;
        d.described();
        d.date("startDate", StartDate, "In force since; null when not known.");
        d.date("endDate", EndDate, "In force until; null when it still is or not known.");
        d.one::<Vocabulary>(
            "supersededBy",
            SupersededById,
            "Edition that came after; null when there is none.",
        );
        d.one::<Organization>("publisher", PublisherId, "Who issued it; null when not known.");
        d.many::<Term>("terms", term::Column::VocabularyId, "Its terms, ended ones too.").filter();
    }
}
