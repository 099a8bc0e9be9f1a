//! The write form of records: the API's field names, and references by key.

use serde_json::{Map, Value, json};

use super::{Put, facts::ExternalReference};

impl Put {
    /// Fields that are null or an empty list are left out: absent means the same.
    pub(super) fn new(record_type: &'static str, key: impl Into<String>, fields: Value) -> Self {
        let mut fields = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        fields.retain(|_, value| {
            !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty())
        });
        Self { record_type, key: key.into(), fields }
    }
}

/// A reference to the record with this key.
pub(super) fn to(key: &str) -> Value {
    json!({ "key": key })
}

/// A wording from a source, or of our own where there is no source.
pub(super) fn text(lang: &str, value: &str) -> Value {
    json!({ "lang": lang, "value": value })
}

/// A wording made for the base from another one.
pub(super) fn translation(lang: &str, value: &str) -> Value {
    json!({ "lang": lang, "value": value, "origin": "TRANSLATION" })
}

/// Vietnamese from a source with our English. A name that stays as it is was not translated.
pub(super) fn vi_en(vi: &str, en: &str) -> Value {
    let en = if vi == en { text("en", en) } else { translation("en", en) };
    json!([text("vi", vi), en])
}

/// A remark of ours; they are all in English.
pub(super) fn note(value: &str) -> Value {
    json!([text("en", value)])
}

pub(super) fn exact(scheme: &str, value: &str) -> Value {
    json!({ "scheme": scheme, "value": value, "exactness": "EXACT" })
}

/// The nearest fitting thing elsewhere, which is not the same thing.
pub(super) fn near(scheme: &str, value: &str) -> Value {
    json!({ "scheme": scheme, "value": value, "exactness": "NEAR" })
}

/// Another name that stands for the record everywhere.
pub(super) fn alternate(lang: &str, value: &str) -> Value {
    json!({ "value": value, "lang": lang, "scope": "GLOBAL" })
}

/// Another name that stands for the record in one document only.
pub(super) fn alternate_in(document: &str, lang: &str, value: &str) -> Value {
    json!({ "value": value, "lang": lang, "scope": "DOCUMENT", "document": to(document) })
}

/// A source of the base: the document, and the place in it where that has one.
#[derive(Clone, Debug)]
pub(super) struct Cited {
    /// Key of the document.
    pub(super) document: String,
    /// Short name of the source, stable: keys of citations end in it.
    pub(super) name: String,
    pub(super) locator: Option<String>,
    pub(super) url: Option<String>,
}

/// What a source gives for a record, where the text of the source is not stored.
#[derive(Clone, Debug)]
pub(super) struct Support {
    pub(super) cited: Cited,
    /// Words copied by hand.
    pub(super) quote: Option<String>,
    pub(super) note: Option<String>,
}

impl Support {
    pub(super) fn new(cited: &Cited) -> Self {
        Self { cited: cited.clone(), quote: None, note: None }
    }

    /// What an address outside gives: its words, or the place in it.
    pub(super) fn of_external(cited: Cited, reference: &ExternalReference) -> Self {
        let locator = reference.locator.clone().or(cited.locator);
        let cited = Cited { locator, ..cited };
        Self { cited, quote: reference.excerpt.clone(), note: None }
    }

    pub(super) fn noted(cited: &Cited, note: &str) -> Self {
        Self { note: Some(note.to_owned()), ..Self::new(cited) }
    }

    /// The key of its citation below the path of what it supports.
    pub(super) fn key(&self, path: &str) -> String {
        format!("{path}/citation/{}", self.cited.name)
    }

    pub(super) fn put(&self, subject: &str, key: String) -> Put {
        Put::new(
            "Citation",
            key,
            json!({
                "subject": to(subject),
                "document": to(&self.cited.document),
                "quote": self.quote,
                "locator": self.cited.locator,
                "url": self.cited.url,
                "note": self.note.as_deref().map(note),
            }),
        )
    }

    /// Adds it to others. A source that is there already only gains the words.
    pub(super) fn join(self, others: &mut Vec<Self>) {
        match others.iter_mut().find(|other| other.cited.name == self.cited.name) {
            Some(other) => {
                other.quote = other.quote.take().or(self.quote);
                other.note = other.note.take().or(self.note);
            }
            None => others.push(self),
        }
    }
}

/// The citations of a record, whose keys begin with its path: its own key, but for records that have an identifier.
pub(super) fn citations(
    subject: &str,
    path: &str,
    supports: &[Support],
) -> impl Iterator<Item = Put> {
    supports.iter().map(move |support| support.put(subject, support.key(path)))
}

/// A claim, before it has a key.
pub(super) struct Claim<'a> {
    /// Key of what it is about.
    pub(super) subject: &'a str,
    pub(super) property: &'static str,
    pub(super) value: Value,
    pub(super) modality: &'static str,
    pub(super) rank: &'static str,
    /// Key of a person or an organization.
    pub(super) asserted_by: Option<&'a str>,
    pub(super) start_date: Option<&'a str>,
    pub(super) end_date: Option<&'a str>,
    pub(super) observation_date: Option<&'a str>,
    pub(super) note: Option<&'a str>,
}

impl<'a> Claim<'a> {
    /// Stated, of normal rank, with nothing beside the value.
    pub(super) fn new(subject: &'a str, property: &'static str, value: Value) -> Self {
        Self {
            subject,
            property,
            value,
            modality: "STATED",
            rank: "NORMAL",
            asserted_by: None,
            start_date: None,
            end_date: None,
            observation_date: None,
            note: None,
        }
    }

    pub(super) fn put(self, key: impl Into<String>) -> Put {
        Put::new(
            "Claim",
            key,
            json!({
                "subject": to(self.subject),
                "property": self.property,
                "value": self.value,
                "modality": self.modality,
                "rank": self.rank,
                "assertedBy": self.asserted_by.map(to),
                "startDate": self.start_date,
                "endDate": self.end_date,
                "observationDate": self.observation_date,
                "note": self.note.map(note),
            }),
        )
    }
}

/// A link, before it has a key.
pub(super) struct Link<'a> {
    /// Keys of its ends.
    pub(super) from: &'a str,
    pub(super) relation: &'a str,
    pub(super) to: &'a str,
    pub(super) modality: &'static str,
    pub(super) rank: &'static str,
    /// Key of a person or an organization.
    pub(super) asserted_by: Option<&'a str>,
}

impl<'a> Link<'a> {
    /// Stated, of normal rank.
    pub(super) fn new(from: &'a str, relation: &'a str, to: &'a str) -> Self {
        Self { from, relation, to, modality: "STATED", rank: "NORMAL", asserted_by: None }
    }

    pub(super) fn put(self, key: impl Into<String>) -> Put {
        Put::new(
            "Link",
            key,
            json!({
                "from": to(self.from),
                "relation": self.relation,
                "to": to(self.to),
                "modality": self.modality,
                "rank": self.rank,
                "assertedBy": self.asserted_by.map(to),
            }),
        )
    }
}
