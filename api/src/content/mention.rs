//! Mentions: places in stored texts where known records are named.
use entities::mention;

use super::{citation, document::Document, passage::Passage, place, shared::DESCRIBED};
use crate::record::{cell::Kind, def::Record, define::Define, write::Store};

pub struct Mention;

impl Record for Mention {
    type Entity = mention::Entity;
    const NAME: &str = "Mention";
    const ONE: &str = "mention";
    const MANY: &str = "mentions";
    const ABOUT: &str = "A place in a stored text where a known record is named.";
    const CODE: u16 = 33;
    const PREFIX: &str = "mention";

    fn define(d: &mut Define<Self>) {
        use mention::Column::*;
        d.record();
        d.any("record", NamedId, &DESCRIBED, "What is named.").filter();
        let document = "(SELECT v.document_id FROM passage p JOIN document_version v ON v.id = p.document_version_id WHERE p.id = {t}.passage_id)";
        let document = d.expression("document_id", Kind::Int, document);
        d.one_by::<Document>("document", document, "Document that names it.").filter();
        d.one::<Passage>("passage", PassageId, "Passage that holds the words.").filter();
        d.plain(Quote, "The words that name it.");
        let span = [CharStart, CharEnd, ByteStart, ByteEnd].map(|it| d.place(it));
        d.value(
            "span",
            "TextSpan!",
            &span,
            place::span,
            "Where they stand in the stored text of `passage`.",
        )
        .store(Store::Value { columns: span.to_vec(), write: place::write_span });
        d.rule(citation::rule);
        d.check(&citation::CHECKED, citation::check);
        let passage = d.place(PassageId);
        d.default_order(&[(passage, false), (span[0], false)]);
    }
}
