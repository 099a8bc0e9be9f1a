//! The article, what its page shows beside it, and its stored text in passages.

use serde_json::json;

use super::super::form::{exact, text, to, translation};
use super::super::{LoadError, Place, Put, entities, facts};
use super::Context;

/// The article itself, the ones that its page points to, and its picture.
pub(super) fn documents(context: &Context<'_>) -> Result<Vec<Put>, LoadError> {
    let Context { facts, terms, .. } = context;
    let mut puts = Vec::new();
    for entity in &facts.entities {
        // A picture has no language.
        let (kind, lang) = match &*entity.kind {
            "Article" => ("article", &*facts.source.language),
            "Image" => ("image", "und"),
            _ => continue,
        };
        let at = Place::item(facts::FILE, &entity.id);
        let is_stored = entity.source_document.as_ref() == Some(&facts.source.id);
        puts.push(entities::put(
            entity,
            "Document",
            json!({
                "kind": terms.reference(&at, "document-kind", kind)?,
                "publisher": context.leads_to(&entity.id, "publishedIn")?,
                "inLanguage": lang,
                "rights": is_stored.then(|| json!([text("en", &facts.source.rights)])),
            }),
        ));
    }
    Ok(puts)
}

/// The stored text and its passages.
pub(super) fn text_puts(context: &Context<'_>, article: &str) -> Result<Vec<Put>, LoadError> {
    let Context { facts, terms, .. } = context;
    let key = format!("SEED:{}", facts.source.id);
    let mut puts = vec![Put::new(
        "DocumentVersion",
        &*key,
        json!({
            "identifiers": [exact("SEED", &facts.source.id)],
            "document": to(entities::ARTICLE),
            "sha256": facts.source.sha256,
            "text": article,
            "mediaType": "text/plain",
        }),
    )];
    for passage in &facts.passages {
        let at = Place::item(facts::FILE, &passage.id);
        puts.push(Put::new(
            "Passage",
            passage_key(&passage.id),
            json!({
                "identifiers": [exact("SEED", &passage.id)],
                "documentVersion": to(&key),
                "anchor": passage.id,
                "role": terms.reference(&at, "passage-role", &passage.role)?,
                "span": passage.span.to_json(),
                "text": passage.text_vi,
                "translation": [translation("en", &passage.text_en)],
            }),
        ));
    }
    Ok(puts)
}

pub(super) fn passage_key(id: &str) -> String {
    format!("SEED:{id}")
}
