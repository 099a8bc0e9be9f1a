//! What leads to a record beside its id: slugs, identifiers, names.
use serde_json::Value as Json;

use crate::{record::write::Fields, value::fold};

pub(super) fn text(value: &Json, name: &str) -> Option<String> {
    value.get(name).and_then(Json::as_str).map(str::to_owned)
}

/// The current and the former slugs of a record.
pub(super) fn all_slugs(fields: &Fields) -> Vec<String> {
    let former = fields.get("formerSlugs").and_then(Json::as_array).into_iter().flatten();
    fields
        .get("slug")
        .into_iter()
        .chain(former)
        .filter_map(Json::as_str)
        .filter(|slug| can_be_asked(slug))
        .map(str::to_owned)
        .collect()
}

/// PostgreSQL takes no other text. That it is wrong is said where the field is written.
fn can_be_asked(text: &str) -> bool {
    !text.contains('\0')
}

/// Scheme, value and exactness of a record's identifiers.
pub(super) fn all_identifiers(fields: &Fields) -> Vec<(String, String, String)> {
    let list = fields.get("identifiers").and_then(Json::as_array).into_iter().flatten();
    let identifier = |it: &Json| {
        let value = fold::nfc(&text(it, "value")?).into_owned();
        Some((
            text(it, "scheme")?,
            value,
            text(it, "exactness").unwrap_or_else(|| "EXACT".to_owned()),
        ))
    };
    list.filter_map(identifier).filter(|(_, value, _)| can_be_asked(value)).collect()
}
