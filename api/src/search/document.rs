//! What is searched of a record.
use serde_json::Value as Json;

use super::words::{Word, words};
use crate::record::{def::Def, write::Fields};

/// What is searched of one record, by how much it says of it, and what it is picked by.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub names: Vec<Name>,
    pub aliases: Vec<Name>,
    /// Values of identifiers and codes, folded.
    pub identifiers: Vec<String>,
    /// Words of descriptions and of texts.
    pub text: Vec<Word>,
    /// Words of a long text, which says less of it than what is in the record itself.
    pub stored: Vec<Word>,
    /// Words that name the country and the field that it is of, and its year.
    pub context: Vec<Word>,
    /// How many look for it, from 0 to below 10.
    pub weight: f64,
    /// Internal ids of its country, and of its field of a network.
    pub country: Option<i64>,
    pub field: Option<i64>,
    pub year: Option<i64>,
}

/// A name in the forms in which it is compared.
#[derive(Clone, Debug)]
pub struct Name {
    pub lang: String,
    pub words: Vec<Word>,
}

impl Name {
    pub fn of(lang: &str, text: &str) -> Name {
        Name { lang: lang.to_owned(), words: words(text) }
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
    let mut joined = String::new();
    for (n, word) in words.enumerate() {
        if n > 0 {
            joined.push_str(between);
        }
        joined.push_str(word);
    }
    joined
}

/// What a text of a record says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Name,
    Alias,
    Identifier,
    Text,
}

/// A text of a record that is searched.
#[derive(Clone, Copy, Debug)]
pub struct Said<'f> {
    pub role: Role,
    /// The field that it stands in, by its name in the API.
    pub field: &'static str,
    pub lang: &'f str,
    pub text: &'f str,
}

/// All texts of a record that are searched, those of its log entry; names first.
pub fn said<'f>(def: &'static Def, fields: &'f Fields) -> Vec<Said<'f>> {
    let list = |name: &str| fields.get(name).and_then(Json::as_array).into_iter().flatten();
    let text = |it: &'f Json, name: &str| it.get(name).and_then(Json::as_str);
    let wording = move |role: Role, field: &'static str, it: &'f Json| {
        let lang = text(it, "lang").unwrap_or_default();
        Some(Said { role, field, lang, text: text(it, "value")? })
    };
    let mut all = Vec::new();
    all.extend(list("names").filter_map(|it| wording(Role::Name, "name", it)));
    // A name that is limited to a document is not its name elsewhere.
    let is_global = |it: &&Json| it.get("scope").is_none_or(|scope| scope == "GLOBAL");
    let aliases = list("alternateNames").filter(is_global);
    all.extend(aliases.filter_map(|it| wording(Role::Alias, "alternateNames", it)));
    for words in &def.words {
        let (role, kept) = match words.field {
            // Notices of rights say nothing of what a document is about.
            "name" | "rights" => continue,
            "abbreviation" => (Role::Alias, words.field),
            "description" => (Role::Text, "descriptions"),
            field => (Role::Text, field),
        };
        for it in list(kept) {
            // A list of texts has a list of wordings for each.
            let wordings = it.as_array().map_or(std::slice::from_ref(it), Vec::as_slice);
            all.extend(wordings.iter().filter_map(|it| wording(role, words.field, it)));
        }
    }
    all.extend(list("identifiers").filter_map(|it| wording(Role::Identifier, "identifiers", it)));
    let plain = |role: Role, field: &'static str| {
        let text = fields.get(field).and_then(Json::as_str)?;
        Some(Said { role, field, lang: "", text })
    };
    let codes = def.keys.keys().copied().chain(["notation"]);
    all.extend(codes.filter_map(|code| plain(Role::Identifier, code)));
    all.extend(def.full_texts.iter().filter_map(|field| plain(Role::Text, field)));
    all
}

impl Document {
    /// From the fields of a record, as the log has them.
    pub fn of(def: &'static Def, fields: &Fields) -> Document {
        let mut document = Document::default();
        for Said { role, lang, text, .. } in said(def, fields) {
            match role {
                Role::Name => document.names.push(Name::of(lang, text)),
                Role::Alias => document.aliases.push(Name::of(lang, text)),
                Role::Identifier => document.identifiers.push(Name::of(lang, text).folded()),
                Role::Text => document.text.extend(words(text)),
            }
        }
        document
    }

    /// Whether there is anything to find it by.
    pub fn is_empty(&self) -> bool {
        [&self.text, &self.stored].iter().all(|it| it.is_empty())
            && self.names.is_empty()
            && self.aliases.is_empty()
    }
}
