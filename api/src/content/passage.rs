//! Passages: stretches of stored texts, which quotes lie in.
use entities::{citation, mention, passage};
use serde_json::Value as Json;

use super::{
    citation::Citation, document::Document, document_version::DocumentVersion, mention::Mention,
    place, term::Term,
};
use crate::{
    error::ApiError,
    record::{
        ask::{Ask, Selected},
        cell::Kind,
        def::{Record, Render, Searched},
        define::Define,
        json, scalar,
        write::{Fields, Known, Mistake, MistakeCode, Store},
    },
};

pub struct Passage;

impl Record for Passage {
    type Entity = passage::Entity;
    const NAME: &str = "Passage";
    const ONE: &str = "passage";
    const MANY: &str = "passages";
    const ABOUT: &str =
        "A stretch of one stored text: headline, paragraph, caption. It never changes.";
    const CODE: u16 = 14;
    const PREFIX: &str = "passage";

    fn define(d: &mut Define<Self>) {
        use passage::Column::*;
        d.record();
        d.searched(Searched { weight: 0.0, ..Searched::NAMED });
        d.unique("anchor", &[DocumentVersionId, Anchor]);
        let document =
            "(SELECT v.document_id FROM document_version v WHERE v.id = {t}.document_version_id)";
        let document = d.expression("document_id", Kind::Int, document);
        d.one_by::<Document>("document", document, "The document that it stands in.").filter();
        d.one::<DocumentVersion>(
            "documentVersion",
            DocumentVersionId,
            "The stored text that the offsets hold for.",
        )
        .filter();
        d.plain(Anchor, "Short name in its document, e.g. `p25`; unique there.").filter();
        d.one::<Term>(
            "role",
            RoleId,
            "Headline, lead, body, caption and so on; null when not told apart.",
        )
        .filter();
        let [text, translation] = [d.place(Text), d.place(Translation)];
        let about =
            "Exactly the characters at `span`; null unless the server is set to serve full texts.";
        d.value("text", "String", &[text], served_text, about).store(Store::Scalar(text));
        let span = [CharStart, CharEnd, ByteStart, ByteEnd].map(|it| d.place(it));
        d.value("span", "TextSpan!", &span, place::span, "Where it stands in the stored text.")
            .store(Store::Value { columns: span.to_vec(), write: place::write_span });
        let about = "Translation of the text; null when there is none, and unless the server is set to serve full texts.";
        d.text("translation", translation, about);
        d.def().fields["translation"].shape = crate::record::def::Shape::Value {
            columns: vec![translation],
            plan: served_translation,
        };
        d.full_text("text");
        d.full_text("translation");
        d.many::<Citation>(
            "citations",
            citation::Column::PassageId,
            "Citations whose quote lies in it. Order: oldest first.",
        );
        d.many::<Mention>("mentions", mention::Column::PassageId, "Known records named in it.");
        d.cited_by();
        d.default_order(&[(span[0], false)]);
        d.check(&["documentVersion", "text", "span"], check);
    }
}

/// The text is that of the version at the span.
fn check(fields: &Fields, known: &Known<'_>) -> Vec<Mistake> {
    let Some(version) = known.referred(fields, "documentVersion") else { return Vec::new() };
    let whole = version.get("text").and_then(Json::as_str).unwrap_or_default();
    let text = fields.get("text").and_then(Json::as_str).unwrap_or_default();
    let span = fields.get("span").and_then(|span| place::read_span(span).ok());
    match span.map(|span| span.is_of(whole, text)) {
        Some(Err(found)) => {
            let message = format!("expected the passage `{text}` at its span, found {found}");
            vec![Mistake::new(MistakeCode::QuoteNotFound, message).below("text")]
        }
        _ => Vec::new(),
    }
}

/// Texts of third parties are served whole only where the setting allows it.
fn served_text(
    ask: &Ask<'_>,
    selected: &Selected<'_>,
    columns: &[usize],
) -> Result<Render, ApiError> {
    match ask.serve_full_text {
        true => scalar::string(ask, selected, columns),
        false => Ok(Box::new(|out, _| json::null(out))),
    }
}

fn served_translation(
    ask: &Ask<'_>,
    selected: &Selected<'_>,
    columns: &[usize],
) -> Result<Render, ApiError> {
    match ask.serve_full_text {
        true => super::text::one(ask, selected, columns),
        false => Ok(Box::new(|out, _| json::null(out))),
    }
}
