//! From the arguments of a mutation to the operations of a changeset.
use std::collections::{HashMap, HashSet};

use async_graphql::Value;
use sea_orm::{DatabaseConnection, DbErr};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use ulid::Ulid;

use super::{
    input::{self, Found, Given, Path, Sought, Wrong, below, list, number, object, shape, text},
    origin::Origin,
    types::{MOST_CITATIONS, MOST_LINKS, MOST_OPERATIONS},
};
use crate::{
    changes::{self, Cited, Operation, lookup},
    content::{citation::Citation, document::Document, link::Link},
    record::{
        catalog,
        def::{Def, Record, def},
        write::{Fields, MistakeCode},
    },
    value::{
        fold,
        public_id::{self, PublicId},
    },
};

/// An address that stands for a title is cut.
const LONGEST_TITLE: usize = 200;

/// An operation as it is given.
pub(super) enum Wanted {
    Create { def: &'static Def, key: Option<String>, input: Given },
    Update { def: Option<&'static Def>, record: Given, version: i64, input: Given },
    Delete { record: Given, version: i64, policy: Option<String>, of: Option<&'static Def> },
    Merge { into: Given, version: i64, from: Given, from_version: i64, of: Option<&'static Def> },
    Link { key: Option<String>, from: Given, link: Given },
    Cite { subject: Given, citations: Vec<Value> },
}

/// The operations of a changeset.
#[derive(Default)]
pub(super) struct Expanded {
    pub(super) operations: Vec<Operation>,
    pub(super) origins: Vec<Origin>,
    /// Client keys with the ids of their records, in the order of the operations.
    pub(super) keys: Vec<(String, String)>,
    /// The record that each wanted operation is about.
    pub(super) about: Vec<String>,
    pub(super) wrong: Vec<Wrong>,
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

/// A source, with the places of its fields in the arguments.
#[derive(Default)]
struct Source {
    fields: Fields,
    places: Vec<(&'static str, Path)>,
}

impl Source {
    fn put(&mut self, name: &'static str, value: Option<Json>, at: Path) {
        if let Some(value) = value {
            self.fields.insert(name.to_owned(), value);
            self.places.push((name, at));
        }
    }
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
    fn seek(&self, sought: &mut Sought) {
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
    fn makes(&self) -> Option<(&'static Def, Option<&String>)> {
        match self {
            Wanted::Create { def, key, .. } => Some((def, key.as_ref())),
            Wanted::Link { key, .. } => Some((def::<Link>(), key.as_ref())),
            _ => None,
        }
    }
}

/// An id that no record has had.
fn new_id(def: &Def) -> String {
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
        all.add_slugs(db).await?;
        Ok(all)
    }

    fn refuse(&mut self, path: Path, code: MistakeCode, message: String) {
        self.wrong.push(Wrong { path, code, message });
    }

    fn push(&mut self, operation: Operation, origin: Origin) {
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

    fn reference(&mut self, found: &Found, given: &Given, path: &[String]) -> String {
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
                self.push(delete, Origin::at(path).names(at_record));
            }
            Wanted::Merge { into, version, from, from_version, of } => {
                let into = self.named(found, &into, &at_record);
                let at_from = below(&whole, "from");
                let from = self.named(found, &from, &at_from);
                self.is_of(of, &into, &at_record);
                self.is_of(of, &from, &at_from);
                self.about.push(into.clone());
                let origin = Origin::at(path).names(at_record).names_other(from.clone(), at_from);
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

    /// The sources that stand beside the fields of a record.
    fn cited(
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

    fn sources(&mut self, found: &mut Found, citations: &[Value], path: &[String]) -> Vec<Source> {
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
            let start = number(quote, "charStart").map(|start| json!({ "charStart": start }));
            to.put("span", start, below(&path, "charStart"));
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
        found.documents.insert(url.to_owned(), id.clone());
        id
    }

    /// Slugs for new records without one: the name's, and if that leads to another record already, with a number.
    async fn add_slugs(&mut self, db: &DatabaseConnection) -> Result<(), DbErr> {
        /// So many records have the same name before one must give a slug.
        const MOST_ALIKE: usize = 50;
        let mut wanted: HashMap<u16, Vec<(usize, Vec<String>)>> = HashMap::new();
        let mut used: HashSet<(u16, String)> = HashSet::new();
        for (n, operation) in self.operations.iter().enumerate() {
            let Operation::Create { def, id, fields, .. } = operation else { continue };
            if let Some(slug) = fields.get("slug").and_then(Json::as_str) {
                used.insert((def.code, slug.to_owned()));
            } else if def.is_described() {
                // Names such as 東京 have no letters for one.
                let base = slug_of(fields).unwrap_or_else(|| public_id::slug_of(id));
                let more = (2..=MOST_ALIKE).map(|n| format!("{base}-{n}"));
                let candidates = [base.clone()].into_iter().chain(more).collect();
                wanted.entry(def.code).or_default().push((n, candidates));
            }
        }
        for (code, of_type) in wanted {
            let all: Vec<String> = of_type.iter().flat_map(|(_, it)| it.clone()).collect();
            let taken = lookup::taken_slugs(db, code, &all).await?;
            for (n, candidates) in of_type {
                let free = |slug: &&String| {
                    !taken.contains(*slug) && !used.contains(&(code, (*slug).clone()))
                };
                let Some(slug) = candidates.iter().find(free).cloned() else {
                    let base = candidates.first().cloned().unwrap_or_default();
                    let message = format!(
                        "`{base}` and that with a number up to {MOST_ALIKE} lead to other records: give this one a slug"
                    );
                    let steps = ["slug".to_owned()];
                    let at = self.origins.get(n).map(|origin| origin.path("", &steps));
                    self.refuse(at.unwrap_or_default(), MistakeCode::Required, message);
                    continue;
                };
                used.insert((code, slug.clone()));
                if let Some(Operation::Create { fields, .. }) = self.operations.get_mut(n) {
                    fields.insert("slug".to_owned(), slug.into());
                }
            }
        }
        Ok(())
    }
}

/// A slug from the first of the names that has letters for one.
fn slug_of(fields: &Fields) -> Option<String> {
    /// Longer names are cut, so that a number still fits.
    const LONGEST: usize = 190;
    let names = fields.get("names")?.as_array()?;
    let slugs = names.iter().filter_map(|it| Some(fold::slug(it.get("value")?.as_str()?)));
    let slug = slugs.into_iter().find(|it| !it.is_empty())?;
    Some(slug.chars().take(LONGEST).collect::<String>().trim_end_matches('-').to_owned())
}

/// The hash of a stored text follows from it.
fn hashed(def: &Def, fields: &mut Fields) {
    use crate::content::document_version::DocumentVersion;
    if def.name != DocumentVersion::NAME || fields.contains_key("sha256") {
        return;
    }
    let Some(text) = fields.get("text").and_then(Json::as_str) else { return };
    let text = fold::nfc(text).into_owned();
    let hash = Sha256::digest(&text);
    let hash =
        hash.iter().fold(String::with_capacity(64), |hex, byte| hex + &format!("{byte:02x}"));
    fields.insert("text".to_owned(), text.into());
    fields.insert("sha256".to_owned(), hash.into());
}
