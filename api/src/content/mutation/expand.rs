//! From the arguments of a mutation to the operations of a changeset.
use std::collections::{HashMap, HashSet};

use async_graphql::Value;
use sea_orm::{DatabaseConnection, DbErr};
use serde_json::Value as Json;
use ulid::Ulid;

use super::{
    input::{self, Found, Given, Path, Sought, Wrong, below, list, shape, text},
    origin::Origin,
    shapes::{MOST_CITATIONS, MOST_LINKS},
    sources::Source,
    wanted::{Place, Wanted},
};
use crate::{
    changes::{self, Operation},
    content::{citation::Citation, link::Link},
    record::{
        catalog,
        def::{Def, Record, def},
        write::{Fields, MistakeCode},
    },
    value::{fold, hash, public_id::PublicId},
};

/// The operations of a changeset.
#[derive(Default)]
pub(super) struct Expanded {
    pub(super) operations: Vec<Operation>,
    pub(super) origins: Vec<Origin>,
    /// Client keys with the ids of their records, in the order of the operations.
    pub(super) keys: Vec<(String, String)>,
    /// Documents that are made for an address.
    pub(super) addressed: HashSet<String>,
    /// The record that each wanted operation is about.
    pub(super) about: Vec<String>,
    pub(super) wrong: Vec<Wrong>,
}

/// An id that no record has had.
pub(super) fn new_id(def: &Def) -> String {
    PublicId { prefix: def.prefix, ulid: Ulid::generate() }.to_string()
}

impl Expanded {
    /// Finds what is referred to, and makes the operations.
    pub(super) async fn of(
        db: &DatabaseConnection,
        wanted: Vec<(Wanted, Place)>,
        wrong: Vec<Wrong>,
    ) -> Result<Expanded, DbErr> {
        let mut all = Expanded { wrong, ..Expanded::default() };
        let mut keys = HashMap::new();
        let mut sought = Sought::default();
        let mut new = Vec::with_capacity(wanted.len());
        for (operation, place) in &wanted {
            operation.seek(&mut sought);
            let id = operation.makes().map(|(def, key)| {
                let id = new_id(def);
                if let Some(key) = key {
                    if keys.insert(key.clone(), id.clone()).is_some() {
                        let message = format!("the key `{key}` is another operation's");
                        all.refuse(below(&place.whole, "key"), MistakeCode::Duplicate, message);
                    }
                    all.keys.push((key.clone(), id.clone()));
                }
                id
            });
            new.push(id);
        }
        let mut found = sought.find(db, keys).await?;
        let updated: Vec<String> = wanted
            .iter()
            .filter_map(|(it, _)| match it {
                Wanted::Update { record, .. } => {
                    found.reference(record, &[], &mut Vec::new()).as_str().map(str::to_owned)
                }
                _ => None,
            })
            .collect();
        let now = changes::current(db, &updated).await?;
        for ((operation, place), id) in wanted.into_iter().zip(new) {
            all.expand(&mut found, &now, operation, place, id.unwrap_or_default());
        }
        Ok(all)
    }

    pub(super) fn refuse(&mut self, path: Path, code: MistakeCode, message: String) {
        self.wrong.push(Wrong { path, code, message });
    }

    pub(super) fn push(&mut self, operation: Operation, origin: Origin) {
        self.operations.push(operation);
        self.origins.push(origin);
    }

    /// The record that an operation is done to. One that was merged is gone: what was meant for it is not done to the one that
    /// took its place.
    fn named(&mut self, found: &Found, given: &Given, path: &[String]) -> String {
        let id = self.reference(found, given, path);
        match text(given, "id").filter(|it| *it != id) {
            Some(old) => {
                let message =
                    format!("`{old}` was made one with `{id}`: read that one, and name it");
                self.refuse(path.to_vec(), MistakeCode::UnknownReference, message);
                old
            }
            None => id,
        }
    }

    pub(super) fn reference(&mut self, found: &Found, given: &Given, path: &[String]) -> String {
        let id = found.reference(given, path, &mut self.wrong);
        id.as_str().unwrap_or_default().to_owned()
    }

    fn expand(
        &mut self,
        found: &mut Found,
        now: &HashMap<String, changes::Current>,
        operation: Wanted,
        Place { whole, fields: path, record: at_record }: Place,
        new_id: String,
    ) {
        match operation {
            Wanted::Create { def, input, .. } => {
                let name = format!("Create{}Input", def.name);
                let mut fields = input::fields(found, &name, &input, None, &path, &mut self.wrong);
                fields.retain(|_, value| !value.is_null());
                hashed(def, &mut fields);
                let origin = Origin::at(path.clone());
                let (cited, origin) = self.cited(found, &input, &path, origin);
                self.about.push(new_id.clone());
                let id = new_id.clone();
                self.push(Operation::Create { def, id, fields, cited }, origin);
                for (n, link) in self.links(&input, &path).iter().enumerate() {
                    let at = below(&below(&path, "links"), n);
                    if let Value::Object(link) = link {
                        let origin = Origin::at(at.clone()).gives(&["from"], at);
                        let id = self::new_id(self::def::<Link>());
                        self.link(found, id, new_id.clone(), link, origin);
                    }
                }
            }
            Wanted::Update { def, record, version, input } => {
                let id = self.named(found, &record, &at_record);
                let known = now.get(&id);
                let is = known.and_then(|now| catalog().of_id(now.id));
                if let (Some(def), Some(is)) = (def, is)
                    && def.code != is.code
                {
                    let message = format!("`{id}` is a record of the type {}", is.name);
                    self.refuse(at_record.clone(), MistakeCode::UnknownReference, message);
                }
                let Some(def) = def.or(is) else { return };
                let name = format!("Update{}Input", def.name);
                let now = known.map(|it| &it.fields);
                let fields = input::fields(found, &name, &input, now, &path, &mut self.wrong);
                let origin = Origin::at(path.clone()).names(at_record);
                let (cited, origin) = self.cited(found, &input, &path, origin);
                self.about.push(id.clone());
                let update = Operation::Update { id, expected_version: version, fields, cited };
                self.push(update, origin);
            }
            Wanted::Delete { record, version, policy, of } => {
                let id = self.named(found, &record, &at_record);
                self.is_of(of, &id, &at_record);
                let takes_along = policy.as_deref() == Some("CASCADE");
                self.about.push(id.clone());
                let delete = Operation::Delete { id, expected_version: version, takes_along };
                self.push(delete, Origin::whole(at_record));
            }
            Wanted::Merge { into, version, from, from_version, of } => {
                let into = self.named(found, &into, &at_record);
                let at_from = below(&whole, "from");
                let from = self.named(found, &from, &at_from);
                self.is_of(of, &into, &at_record);
                self.is_of(of, &from, &at_from);
                self.about.push(into.clone());
                let origin = Origin::whole(at_record).names_other(from.clone(), at_from);
                let merge =
                    Operation::Merge { into, expected_version: version, from, from_version };
                self.push(merge, origin);
            }
            Wanted::Link { from, link, .. } => {
                let from = self.reference(found, &from, &at_record);
                self.about.push(new_id.clone());
                let origin = Origin::at(path).gives(&["from"], at_record);
                self.link(found, new_id, from, &link, origin);
            }
            Wanted::Cite { subject, citations } => {
                let subject = self.reference(found, &subject, &at_record);
                self.about.push(subject.clone());
                let at = below(&path, "citations");
                if citations.is_empty() {
                    let message = format!("there are 1 to {MOST_CITATIONS} citations to be added");
                    self.refuse(at.clone(), MistakeCode::Required, message);
                }
                let sources = self.sources(found, &citations, &at);
                for (n, Source { mut fields, places }) in sources.into_iter().enumerate() {
                    fields.insert("subject".to_owned(), subject.clone().into());
                    let def = def::<Citation>();
                    let origin = Origin::at(below(&at, n)).gives(&["subject"], at_record.clone());
                    let origin = places
                        .into_iter()
                        .fold(origin, |origin, (name, path)| origin.gives(&[name], path));
                    self.push(Operation::create(def, self::new_id(def), fields), origin);
                }
            }
        }
    }

    /// The record of an id must be of this type, as far as the id says.
    fn is_of(&mut self, def: Option<&'static Def>, id: &str, path: &[String]) {
        let prefix = PublicId::parse(id).map(|it| it.prefix.to_owned());
        if let (Some(def), Some(prefix)) = (def, prefix)
            && def.prefix != prefix
        {
            let message = format!("`{id}` is no record of the type {}", def.name);
            self.refuse(path.to_vec(), MistakeCode::UnknownReference, message);
        }
    }

    fn link(&mut self, found: &mut Found, id: String, from: String, link: &Given, origin: Origin) {
        let Some(shape) = shape("NewLinkInput") else { return };
        let path = origin.path(&id, &[]);
        let mut fields = found.object(shape, link, &path, &mut self.wrong);
        fields.remove("citations");
        fields.insert("from".to_owned(), from.into());
        let (cited, origin) = self.cited(found, link, &path, origin);
        self.push(Operation::Create { def: def::<Link>(), id, fields, cited }, origin);
    }

    /// The links that a new record is given.
    fn links(&mut self, given: &Given, path: &[String]) -> Vec<Value> {
        let links = list(given, "links");
        if links.len() <= MOST_LINKS {
            return links;
        }
        let count = links.len();
        let message =
            format!("a new record has at most {MOST_LINKS} links, not {count}: add more after it");
        self.refuse(below(path, "links"), MistakeCode::TooMany, message);
        Vec::new()
    }
}

/// The hash of a stored text follows from it.
fn hashed(def: &Def, fields: &mut Fields) {
    use crate::content::document_version::DocumentVersion;
    if def.name != DocumentVersion::NAME || fields.contains_key("sha256") {
        return;
    }
    let Some(text) = fields.get("text").and_then(Json::as_str) else { return };
    let text = fold::nfc(text).into_owned();
    fields.insert("sha256".to_owned(), hash::sha256(&text).into());
    fields.insert("text".to_owned(), text.into());
}
