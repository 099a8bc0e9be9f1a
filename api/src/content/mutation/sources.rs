//! Sources that are given beside what they support.
use async_graphql::Value;
use serde_json::{Value as Json, json};

use super::{
    expand::{Expanded, new_id},
    input::{Found, Given, Path, below, list, number, object, text},
    origin::Origin,
    shapes::MOST_CITATIONS,
};
use crate::{
    changes::{Cited, Operation},
    content::document::Document,
    record::{
        def::def,
        write::{Fields, MistakeCode},
    },
};

/// An address that stands for a title is cut.
const LONGEST_TITLE: usize = 200;

/// A source, with the places of its fields in the arguments.
#[derive(Default)]
pub(super) struct Source {
    pub(super) fields: Fields,
    pub(super) places: Vec<(&'static str, Path)>,
}

impl Source {
    fn put(&mut self, name: &'static str, value: Option<Json>, at: Path) {
        if let Some(value) = value {
            self.fields.insert(name.to_owned(), value);
            self.places.push((name, at));
        }
    }
}

impl Expanded {
    /// The sources that stand beside the fields of a record.
    pub(super) fn cited(
        &mut self,
        found: &mut Found,
        given: &Given,
        path: &[String],
        mut origin: Origin,
    ) -> (Cited, Origin) {
        const NAME: &str = "citations";
        let mut sources = Vec::new();
        let given_sources = self.sources(found, &list(given, NAME), &below(path, NAME));
        for (n, Source { fields, places }) in given_sources.into_iter().enumerate() {
            let n = n.to_string();
            for (name, path) in places {
                origin = origin.gives(&[NAME, &n, name], path);
            }
            sources.push(fields);
        }
        (Cited { sources, rank: text(given, "claimRank") }, origin)
    }

    pub(super) fn sources(
        &mut self,
        found: &mut Found,
        citations: &[Value],
        path: &[String],
    ) -> Vec<Source> {
        if citations.len() > MOST_CITATIONS {
            let count = citations.len();
            let message =
                format!("at most {MOST_CITATIONS} citations are added at once, not {count}");
            self.refuse(path.to_vec(), MistakeCode::TooMany, message);
            return Vec::new();
        }
        let mut sources = Vec::new();
        for (n, citation) in citations.iter().enumerate() {
            let Value::Object(citation) = citation else { continue };
            let at = below(path, n);
            let mut source = self.source(found, citation, &below(&at, "source"));
            if let Some(note) = citation.get("note").filter(|it| **it != Value::Null) {
                let at = below(&at, "note");
                let note = found.json("[TextInput!]", note, &at, &mut self.wrong);
                source.put("note", Some(note), at);
            }
            sources.push(source);
        }
        sources
    }

    fn source(&mut self, found: &mut Found, citation: &Given, path: &[String]) -> Source {
        let mut to = Source::default();
        let Some(source) = object(citation, "source") else { return to };
        if let Some(quote) = object(source, "quote") {
            let path = below(path, "quote");
            let version = object(quote, "documentVersion").cloned().unwrap_or_default();
            let at = below(&path, "documentVersion");
            to.put("documentVersion", Some(self.reference(found, &version, &at).into()), at);
            to.put("quote", text(quote, "quote").map(Json::from), below(&path, "quote"));
            let start = number(quote, "charStart");
            let at = below(&path, "charStart");
            if start.is_some_and(|start| start < 0) {
                let message = "the first character of a text is 0".to_owned();
                self.refuse(at.clone(), MistakeCode::Format, message);
            }
            let start = start.map(|start| json!({ "charStart": start }));
            to.put("span", start, at);
        } else if let Some(place) = object(source, "place") {
            let path = below(path, "place");
            let document = object(place, "document").cloned().unwrap_or_default();
            let at = below(&path, "document");
            to.put("document", Some(self.reference(found, &document, &at).into()), at);
            to.put("locator", text(place, "locator").map(Json::from), below(&path, "locator"));
            to.put("quote", text(place, "excerpt").map(Json::from), below(&path, "excerpt"));
        } else if let Some(address) = object(source, "address") {
            let path = below(path, "address");
            let url = text(address, "url").unwrap_or_default();
            let document = self.document_at(found, address, &url, &path);
            to.put("document", Some(document.into()), below(&path, "url"));
            to.put("quote", text(address, "excerpt").map(Json::from), below(&path, "excerpt"));
        }
        to
    }

    /// The document of an address, which is made if there is none.
    fn document_at(
        &mut self,
        found: &mut Found,
        address: &Given,
        url: &str,
        path: &[String],
    ) -> String {
        if let Some(id) = found.documents.get(url) {
            return id.clone();
        }
        let def = def::<Document>();
        let id = new_id(def);
        let lang = text(address, "inLanguage").unwrap_or_else(|| "und".to_owned());
        let name = text(address, "name")
            .unwrap_or_else(|| url.chars().take(LONGEST_TITLE).collect::<String>());
        let fields = [
            ("names", json!([{ "lang": lang, "value": name }])),
            ("url", url.into()),
            ("inLanguage", lang.into()),
        ];
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let origin = Origin::at(path.to_vec()).gives(&["names"], below(path, "name"));
        self.push(Operation::create(def, id.clone(), fields), origin);
        self.addressed.insert(id.clone());
        found.documents.insert(url.to_owned(), id.clone());
        id
    }
}
