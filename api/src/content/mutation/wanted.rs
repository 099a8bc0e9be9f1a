//! Operations as the arguments give them, and where they stand there.
use async_graphql::Value;

use super::{
    input::{Given, Path, Sought, Wrong, below, list, number, object, text},
    shapes::MOST_OPERATIONS,
};
use crate::{
    content::link::Link,
    record::{
        catalog,
        def::{Def, def},
        write::MistakeCode,
    },
};

/// An operation as it is given.
pub(super) enum Wanted {
    Create { def: &'static Def, key: Option<String>, input: Given },
    Update { def: Option<&'static Def>, record: Given, version: i64, input: Given },
    Delete { record: Given, version: i64, policy: Option<String>, of: Option<&'static Def> },
    Merge { into: Given, version: i64, from: Given, from_version: i64, of: Option<&'static Def> },
    Link { key: Option<String>, from: Given, link: Given },
    Cite { subject: Given, citations: Vec<Value> },
}

/// Where an operation stands in the arguments.
pub(super) struct Place {
    /// All of it.
    pub(super) whole: Path,
    /// The fields of its record.
    pub(super) fields: Path,
    /// What names its record.
    pub(super) record: Path,
}

/// A reference by id, as an argument of its own gives it.
pub(super) fn by_id(id: Option<Value>) -> Given {
    id.into_iter().map(|id| (async_graphql::Name::new("id"), id)).collect()
}

/// The operations of `applyChangeset`, each with its place in the arguments.
pub(super) fn of_changeset(given: &Given, wrong: &mut Vec<Wrong>) -> Vec<(Wanted, Place)> {
    let path = ["input".to_owned(), "operations".to_owned()];
    let operations = list(given, "operations");
    if operations.is_empty() || operations.len() > MOST_OPERATIONS {
        let message =
            format!("a changeset has 1 to {MOST_OPERATIONS} operations, not {}", operations.len());
        let code = match operations.is_empty() {
            true => MistakeCode::Required,
            false => MistakeCode::TooMany,
        };
        wrong.push(Wrong { path: path.to_vec(), code, message });
        return Vec::new();
    }
    let mut wanted = Vec::with_capacity(operations.len());
    for (n, operation) in operations.iter().enumerate() {
        let Value::Object(operation) = operation else { continue };
        let Some((kind, Value::Object(given))) =
            operation.iter().find(|(_, it)| **it != Value::Null)
        else {
            continue;
        };
        let at = below(&below(&path, n), kind);
        let one = |name: &str| object(given, name).cloned().unwrap_or_default();
        let version = |name: &str| number(given, name).unwrap_or_default();
        let only = |name: &str| -> Option<(&'static Def, Given)> {
            let (one, value) = object(given, name)?.iter().find(|(_, it)| **it != Value::Null)?;
            let def = catalog().defs().iter().copied().find(|def| def.one == one.as_str())?;
            match value {
                Value::Object(given) => Some((def, given.clone())),
                _ => None,
            }
        };
        let place = |fields: &Path, record: &str| Place {
            whole: at.clone(),
            fields: fields.clone(),
            record: below(&at, record),
        };
        let operation = match kind.as_str() {
            "create" => only("record").map(|(def, input)| {
                let fields = below(&below(&at, "record"), def.one);
                let place = Place { whole: at.clone(), record: fields.clone(), fields };
                (Wanted::Create { def, key: text(given, "key"), input }, place)
            }),
            "update" => only("changes").map(|(def, input)| {
                let fields = below(&below(&at, "changes"), def.one);
                let (record, version) = (one("record"), version("expectedVersion"));
                let update = Wanted::Update { def: Some(def), record, version, input };
                (update, place(&fields, "record"))
            }),
            "delete" | "unlink" => {
                let (record, policy) = (one("record"), text(given, "policy"));
                let of = (kind == "unlink").then(def::<Link>);
                let version = version("expectedVersion");
                Some((Wanted::Delete { record, version, policy, of }, place(&at, "record")))
            }
            "merge" => {
                let (into, from) = (one("into"), one("from"));
                let (version, from_version) = (version("expectedVersion"), version("fromVersion"));
                let merge = Wanted::Merge { into, version, from, from_version, of: None };
                Some((merge, place(&at, "into")))
            }
            "link" => {
                let (key, from, link) = (text(given, "key"), one("from"), one("link"));
                let fields = below(&at, "link");
                Some((Wanted::Link { key, from, link }, place(&fields, "from")))
            }
            _ => {
                let citations = list(given, "citations");
                Some((Wanted::Cite { subject: one("subject"), citations }, place(&at, "subject")))
            }
        };
        wanted.extend(operation);
    }
    wanted
}

impl Wanted {
    pub(super) fn seek(&self, sought: &mut Sought) {
        let mut of = |ty: &str, given: &Given| sought.of(ty, &Value::Object(given.clone()));
        match self {
            Wanted::Create { def, input, .. } => of(&format!("Create{}Input", def.name), input),
            Wanted::Update { def, record, input, .. } => {
                of("RecordRef", record);
                if let Some(def) = def {
                    of(&format!("Update{}Input", def.name), input);
                }
            }
            Wanted::Delete { record, .. } => of("RecordRef", record),
            Wanted::Merge { into, from, .. } => {
                [into, from].into_iter().for_each(|it| of("RecordRef", it))
            }
            Wanted::Link { from, link, .. } => {
                of("RecordRef", from);
                of("NewLinkInput", link);
            }
            Wanted::Cite { subject, citations } => {
                of("RecordRef", subject);
                sought.of("[CitationInput!]", &Value::List(citations.clone()));
            }
        }
    }

    /// The type and key of a record that it makes.
    pub(super) fn makes(&self) -> Option<(&'static Def, Option<&String>)> {
        match self {
            Wanted::Create { def, key, .. } => Some((def, key.as_ref())),
            Wanted::Link { key, .. } => Some((def::<Link>(), key.as_ref())),
            _ => None,
        }
    }
}
