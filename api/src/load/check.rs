//! What must hold of all records together, whatever file they come from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{LoadError, Place, Put, Source};

/// Keys, slugs and identifiers stand once, names once in a language, and each reference leads to a record before it;
/// only capitals come after their countries.
pub(super) fn records(sources: &[Source]) -> Result<(), LoadError> {
    let mut checked = Checked::default();
    for source in sources {
        for put in &source.puts {
            let at = || Place::item(source.name, &*put.key);
            checked.references(&at, put)?;
            checked.key(&at, put)?;
            checked.slugs(&at, put)?;
            checked.identifiers(&at, put)?;
            names(&at, put)?;
        }
    }
    for source in sources {
        for put in &source.puts {
            let at = || Place::item(source.name, &*put.key);
            put.fields.get(LATER).map_or(Ok(()), |value| checked.references_in(&at, value))?;
        }
    }
    Ok(())
}

/// The field of countries whose records come after them.
const LATER: &str = "capital";

#[derive(Default)]
struct Checked<'a> {
    keys: BTreeMap<&'a str, &'static str>,
    slugs: BTreeMap<(&'static str, &'a str), &'a str>,
    identifiers: BTreeMap<(&'a str, &'a str), &'a str>,
}

impl<'a> Checked<'a> {
    fn key(&mut self, at: &impl Fn() -> Place, put: &'a Put) -> Result<(), LoadError> {
        match self.keys.insert(&put.key, put.record_type) {
            None => Ok(()),
            Some(record_type) => {
                let (value, first) = (put.key.clone(), format!("another {record_type}"));
                Err(LoadError::Twice { at: at(), what: "key", value, first })
            }
        }
    }

    fn slugs(&mut self, at: &impl Fn() -> Place, put: &'a Put) -> Result<(), LoadError> {
        let former = put.fields.get("formerSlugs").and_then(Value::as_array).into_iter().flatten();
        for slug in put.fields.get("slug").into_iter().chain(former).filter_map(Value::as_str) {
            if slug.is_empty()
                || slug.bytes().any(|byte| !matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            {
                return Err(LoadError::unknown(at(), "a slug of a to z, digits and hyphens", slug));
            }
            if let Some(first) = self.slugs.insert((put.record_type, slug), &put.key) {
                let (value, first) = (slug.to_owned(), first.to_owned());
                return Err(LoadError::Twice { at: at(), what: "slug", value, first });
            }
        }
        Ok(())
    }

    fn identifiers(&mut self, at: &impl Fn() -> Place, put: &'a Put) -> Result<(), LoadError> {
        for identifier in
            put.fields.get("identifiers").and_then(Value::as_array).into_iter().flatten()
        {
            let part = |name| identifier.get(name).and_then(Value::as_str).unwrap_or_default();
            let (scheme, value) = (part("scheme"), part("value"));
            if let Some(first) = self.identifiers.insert((scheme, value), &put.key) {
                let (value, first) = (format!("{scheme}:{value}"), first.to_owned());
                return Err(LoadError::Twice { at: at(), what: "identifier", value, first });
            }
        }
        Ok(())
    }

    fn references(&self, at: &impl Fn() -> Place, put: &Put) -> Result<(), LoadError> {
        let mut earlier = put.fields.iter().filter(|(name, _)| *name != LATER);
        earlier.try_for_each(|(_, value)| self.references_in(at, value))
    }

    fn references_in(&self, at: &impl Fn() -> Place, value: &Value) -> Result<(), LoadError> {
        match value {
            Value::Array(values) => {
                values.iter().try_for_each(|value| self.references_in(at, value))
            }
            Value::Object(fields) => match fields.get("key").and_then(Value::as_str) {
                Some(key) if self.keys.contains_key(key) => Ok(()),
                Some(key) => Err(LoadError::unknown(at(), "the key of an earlier record", key)),
                None => fields.values().try_for_each(|value| self.references_in(at, value)),
            },
            _ => Ok(()),
        }
    }
}

fn names(at: &impl Fn() -> Place, put: &Put) -> Result<(), LoadError> {
    let mut languages = BTreeSet::new();
    for name in put.fields.get("names").and_then(Value::as_array).into_iter().flatten() {
        let part = |field| name.get(field).and_then(Value::as_str).unwrap_or_default();
        if part("value").trim().is_empty() {
            return Err(LoadError::unexpected(at(), "a name", format!("none in {}", part("lang"))));
        }
        if !languages.insert(part("lang")) {
            let (value, first) = (part("lang").to_owned(), "an earlier name".into());
            return Err(LoadError::Twice { at: at(), what: "language", value, first });
        }
    }
    Ok(())
}
