//! What is searched of a record.
use serde_json::Value as Json;

use super::words::{Word, words};
use crate::record::write::Fields;

/// What is searched of one record, by how much it says of it.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub names: Vec<Name>,
    pub aliases: Vec<Name>,
    /// Values of identifiers elsewhere, folded.
    pub identifiers: Vec<String>,
    /// Words of descriptions and of texts.
    pub text: Vec<Word>,
}

/// A name in the forms in which it is compared.
#[derive(Clone, Debug)]
pub struct Name {
    pub words: Vec<Word>,
}

impl Name {
    pub fn of(text: &str) -> Name {
        Name { words: words(text) }
    }

    /// Without marks, words with a space between them.
    pub fn folded(&self) -> String {
        join(self.words.iter().map(|it| it.folded.as_str()), " ")
    }

    /// With its marks.
    pub fn exact(&self) -> String {
        join(self.words.iter().map(|it| it.exact.as_str()), " ")
    }

    /// Without marks and spaces.
    pub fn joined(&self) -> String {
        join(self.words.iter().map(|it| it.folded.as_str()), "")
    }
}

pub(super) fn join<'w>(words: impl Iterator<Item = &'w str>, between: &str) -> String {
    words.collect::<Vec<_>>().join(between)
}

impl Document {
    /// From the fields of a record, as the log has them.
    pub fn of(fields: &Fields) -> Document {
        let list = |name: &str| fields.get(name).and_then(Json::as_array).into_iter().flatten();
        let value = |it: &Json| it.get("value").and_then(Json::as_str).map(str::to_owned);
        // A name that is limited to a document is not its name elsewhere.
        let is_global = |it: &&Json| it.get("scope").is_none_or(|scope| scope == "GLOBAL");
        let aliases = list("alternateNames").filter(is_global).filter_map(value);
        let texts = list("descriptions").filter_map(value);
        let text = fields.get("text").and_then(Json::as_str).map(str::to_owned);
        Document {
            names: list("names").filter_map(value).map(|it| Name::of(&it)).collect(),
            aliases: aliases.map(|it| Name::of(&it)).collect(),
            identifiers: list("identifiers")
                .filter_map(value)
                .map(|it| Name::of(&it).folded())
                .collect(),
            text: texts.chain(text).flat_map(|it| words(&it)).collect(),
        }
    }

    /// Whether there is anything to find it by.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.aliases.is_empty() && self.text.is_empty()
    }
}
