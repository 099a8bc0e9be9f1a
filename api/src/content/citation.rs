//! Citations: what supports a record, down to the exact words.
use entities::citation;
use serde_json::Value as Json;

use super::{document::Document, passage::Passage, place, shared::RECORD};
use crate::record::{
    cell::Kind,
    def::Record,
    define::Define,
    filter::FilterKind,
    scalar,
    write::{self, Fields, Known, Mistake, MistakeCode, Store},
};

pub struct Citation;

impl Record for Citation {
    type Entity = citation::Entity;
    const NAME: &str = "Citation";
    const ONE: &str = "citation";
    const MANY: &str = "citations";
    const ABOUT: &str =
        "A source that supports a record: exact words of a stored text, or a place in a document.";
    const CODE: u16 = 15;
    const PREFIX: &str = "citation";

    fn define(d: &mut Define<Self>) {
        use citation::Column::*;
        d.record();
        d.any("subject", SubjectId, &RECORD, "What it supports.").filter();
        let subject = d.place(SubjectId);
        d.filter("subjectType", FilterKind::Types(subject), "Type of what it supports.");
        d.one::<Document>("document", DocumentId, "The source itself.").filter();
        d.one::<Passage>(
            "passage",
            PassageId,
            "Passage that holds the quote; null when the source's text is not stored.",
        )
        .filter();
        d.plain(Quote, "Exact words of the source, at most 300 characters. With `span` checked against the stored text, without it copied by hand; null when there is only a place.");
        let span = [CharStart, CharEnd, ByteStart, ByteEnd].map(|it| d.place(it));
        let about =
            "Where the quote stands in the stored text of `passage`; null without a passage.";
        d.value("span", "TextSpan", &span, place::span, about)
            .store(Store::Value { columns: span.to_vec(), write: place::write_span });
        d.plain(
            Locator,
            "Place in a source without stored text: page, table row; null when none is given.",
        );
        let own = d.place(Url);
        let url = "coalesce({t}.url, (SELECT s.url FROM document s WHERE s.id = {t}.document_id))";
        let url = d.expression("shown_url", Kind::Text, url);
        let about = "Where to read it: the document's address, at this place if it has one; null when not known.";
        d.value("url", "URL", &[url], scalar::string, about)
            .store(Store::Value { columns: vec![own], write: write::web_address });
        let note = d.place(Note);
        d.text("note", note, "Remark; null when there is none.");
        d.rule(rule);
        d.check(&CHECKED, check);
    }
}

/// Longer quotes are no quotes any more: they are served beside a third party's text that is not.
const LONGEST_QUOTE: usize = 300;

pub fn rule(fields: &Fields) -> Option<Mistake> {
    let quote = fields.get("quote")?.as_str()?;
    (quote.chars().count() > LONGEST_QUOTE).then(|| {
        let message =
            format!("a quote has at most {LONGEST_QUOTE} characters: cite its decisive words");
        Mistake::format(message).below("quote")
    })
}

/// What [`check`] looks at.
pub const CHECKED: [&str; 3] = ["quote", "span", "passage"];

/// The quote is the text at the span, inside the passage.
pub fn check(fields: &Fields, known: &Known<'_>) -> Vec<Mistake> {
    // That it is too long is all that is said of it.
    if rule(fields).is_some() {
        return Vec::new();
    }
    let quote = fields.get("quote").and_then(Json::as_str);
    let refuse =
        |field: &str, code, message: String| vec![Mistake::new(code, message).below(field)];
    let (quote, span) = match (quote, fields.get("span"), fields.get("passage")) {
        (_, None, None) => return Vec::new(),
        (Some(quote), Some(span), Some(_)) => (quote, span),
        _ => {
            let message = "a passage, a quote in it and the quote's span go together";
            return refuse("span", MistakeCode::Required, message.to_owned());
        }
    };
    let Ok(span) = place::read_span(span) else { return Vec::new() };
    let Some(passage) = known.referred(fields, "passage") else { return Vec::new() };
    let Some(version) = known.referred(passage, "documentVersion") else { return Vec::new() };
    let text = version.get("text").and_then(Json::as_str).unwrap_or_default();
    if let Err(found) = span.is_of(text, quote) {
        let [start, end, ..] = span.0;
        let message = format!("expected `{quote}` at characters {start} to {end}, found {found}");
        return refuse("quote", MistakeCode::QuoteNotFound, message);
    }
    let inside = passage
        .get("span")
        .and_then(|it| place::read_span(it).ok())
        .is_none_or(|outer| span.lies_in(outer));
    if !inside {
        return refuse(
            "span",
            MistakeCode::QuoteNotFound,
            "the quote does not lie in the passage".to_owned(),
        );
    }
    Vec::new()
}
