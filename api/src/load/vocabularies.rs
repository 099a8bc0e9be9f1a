//! Controlled lists: those of `vocabularies.json`, and small ones of the base's own for kinds and roles.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::documents::Documents;
use super::facts::Facts;
use super::form::{Support, alternate, exact, text, to, translation, vi_en};
use super::{LoadError, Place, Put, entities, read};

pub(super) const FILE: &str = "vocabularies.json";

/// Lists whose terms UNESCO words in English; the others are worded in Vietnamese first.
const OF_UNESCO: [&str; 2] = ["uccn-field", "unesco-fcs-2009"];
/// Lists whose source is in one language, so that the other wording is our translation.
const TRANSLATED_TO_ENGLISH: [&str; 2] = ["vn-cultural-industry-2016", "vn-cultural-industry-2025"];
const TRANSLATED_TO_VIETNAMESE: [&str; 1] = ["unesco-fcs-2009"];
/// Decision 2486/QĐ-TTg has ten industries in place of the twelve of Decision 1755/QĐ-TTg.
const SUPERSEDED: [(&str, &str); 1] = [("vn-cultural-industry-2016", "vn-cultural-industry-2025")];

const SAME_WORDS: &str =
    "Both lists have it in the same words; that it means the same is read from them.";
const OTHER_WORDS: &str =
    "The lists word it differently; that the meanings are close is read from the words.";

type Wording = (&'static str, &'static str, &'static str);

/// Lists of the base's own: id, Vietnamese, English, and their terms likewise.
const OWN: [(Wording, &[Wording]); 7] = [
    (
        ("document-kind", "Loại tài liệu", "Kinds of documents"),
        &[
            ("article", "bài báo", "article"),
            ("image", "hình ảnh", "image"),
            ("web-page", "trang web", "web page"),
            ("wiki-page", "trang wiki", "wiki page"),
            ("guideline", "hướng dẫn", "guideline"),
            ("repository", "kho lưu trữ", "repository"),
            ("data-set", "bộ dữ liệu", "data set"),
        ],
    ),
    (
        ("organization-kind", "Loại tổ chức", "Kinds of organizations"),
        &[
            ("peoples-committee", "ủy ban nhân dân", "people's committee"),
            ("party-body", "cơ quan Đảng", "Party body"),
            ("un-agency", "cơ quan của Liên Hợp Quốc", "United Nations agency"),
            ("ministry", "bộ", "ministry"),
            ("newspaper", "báo", "newspaper"),
            ("data-publisher", "đơn vị phát hành dữ liệu", "data publisher"),
        ],
    ),
    (
        ("passage-role", "Vai trò của đoạn văn", "Roles of passages"),
        &[
            ("kicker", "dòng trên tiêu đề", "kicker"),
            ("headline", "tiêu đề", "headline"),
            ("lead", "sa-pô", "lead"),
            ("body", "thân bài", "body"),
            ("related-links", "liên kết liên quan", "related links"),
            ("image-title", "tiêu đề ảnh", "image title"),
            ("image-caption", "chú thích ảnh", "image caption"),
            ("source-line", "dòng ghi nguồn", "source line"),
            ("boilerplate", "phần cố định của trang", "page furniture"),
        ],
    ),
    (
        ("region-kind", "Loại vùng", "Kinds of regions"),
        &[
            ("continent", "châu lục", "continent"),
            ("world-region", "khu vực trên thế giới", "world region"),
            ("national-region", "vùng trong nước", "region of a country"),
        ],
    ),
    (
        ("participation-role", "Vai trò trong sự kiện", "Roles in events"),
        &[
            ("organizer", "đơn vị tổ chức", "organizer"),
            ("speaker", "người trình bày", "speaker"),
            ("chair", "chủ trì", "chair"),
            ("attendee", "người tham dự", "attendee"),
        ],
    ),
    (
        ("presentation-kind", "Loại bài trình bày", "Kinds of presentations"),
        &[("conference-paper", "tham luận", "conference paper")],
    ),
    (
        ("heritage-category", "Loại di sản thế giới", "Categories of World Heritage"),
        &[
            ("cultural", "văn hóa", "cultural"),
            ("natural", "thiên nhiên", "natural"),
            ("mixed", "hỗn hợp", "mixed"),
        ],
    ),
];
/// Holds what texts speak of without its being in any list: brands, concepts, sectors.
pub(super) const CONCEPT: &str = "concept";

#[derive(Debug, Deserialize)]
pub(super) struct Lists {
    pub(super) sources: BTreeMap<String, ListSource>,
    vocabularies: Vec<List>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ListSource {
    pub(super) title: String,
    pub(super) url: String,
    pub(super) date: Option<String>,
}

#[derive(Debug, Deserialize)]
struct List {
    id: String,
    title: Item,
    valid_from: Option<String>,
    sources: Vec<String>,
    terms: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    #[serde(default)]
    id: String,
    vi: String,
    en: String,
    valid_from: Option<String>,
    same_as: Option<String>,
    close_match: Option<String>,
    /// Cultural or related domain.
    kind: Option<String>,
    #[serde(default)]
    en_alt: Vec<String>,
}

impl Lists {
    pub(super) fn read(vocabularies: &str) -> Result<Self, LoadError> {
        read::json(FILE, vocabularies)
    }

    /// The lists with their terms, sources and matches. A list comes after the one that supersedes it.
    pub(super) fn puts(&self, terms: &Terms, documents: &Documents) -> Result<Vec<Put>, LoadError> {
        let mut puts = Vec::new();
        let (superseded, current): (Vec<&List>, Vec<&List>) =
            self.vocabularies.iter().partition(|list| successor(&list.id).is_some());
        for list in current.into_iter().chain(superseded) {
            list.puts(documents, &mut puts)?;
        }
        for list in &self.vocabularies {
            self.matches(list, terms, documents, &mut puts)?;
        }
        Ok(puts)
    }

    /// Matches between the terms of two lists. They are ours, read from the wordings, so they say so.
    fn matches(
        &self,
        list: &List,
        terms: &Terms,
        documents: &Documents,
        puts: &mut Vec<Put>,
    ) -> Result<(), LoadError> {
        for term in &list.terms {
            let same = term.same_as.as_ref().map(|other| ("EXACT_MATCH", other, SAME_WORDS));
            let close = term.close_match.as_ref().map(|other| ("CLOSE_MATCH", other, OTHER_WORDS));
            for (relation, other, note) in same.into_iter().chain(close) {
                let from = format!("{}/{}", list.id, term.id);
                let at = Place::item(FILE, &from);
                let (vocabulary, id) = other.split_once('/').unwrap_or((other, ""));
                let key = format!("link:{from}/{relation}/{other}");
                puts.push(Put::new(
                    "Link",
                    &*key,
                    json!({
                        "from": terms.reference(&at, &list.id, &term.id)?,
                        "relation": relation,
                        "to": terms.reference(&at, vocabulary, id)?,
                        "modality": "INFERRED",
                        "rank": "NORMAL",
                    }),
                ));
                for source in self.sources_of(&list.id).iter().chain(self.sources_of(vocabulary)) {
                    let support = Support::noted(documents.of_list(&at, source)?, note);
                    puts.push(support.put(&key, format!("{key}/citation/{source}")));
                }
            }
        }
        Ok(())
    }

    fn sources_of(&self, id: &str) -> &[String] {
        self.vocabularies.iter().find(|list| list.id == id).map_or(&[], |list| &list.sources)
    }
}

impl List {
    fn puts(&self, documents: &Documents, puts: &mut Vec<Put>) -> Result<(), LoadError> {
        let key = vocabulary_key(&self.id);
        puts.push(Put::new(
            "Vocabulary",
            &*key,
            json!({
                "slug": self.id,
                "names": self.names(&self.title),
                "startDate": self.valid_from,
                "supersededBy": successor(&self.id).map(|id| to(&vocabulary_key(id))),
                "publisher": OF_UNESCO.contains(&&*self.id).then(|| to(entities::UNESCO)),
            }),
        ));
        for source in &self.sources {
            let at = Place::item(FILE, &self.id);
            let support = Support::new(documents.of_list(&at, source)?);
            puts.push(support.put(&key, format!("{key}/citation/{source}")));
        }
        for (position, term) in (1..).zip(&self.terms) {
            let others: Vec<Value> = term.en_alt.iter().map(|name| alternate("en", name)).collect();
            let kind =
                term.kind.as_ref().map(|kind| json!([text("en", &format!("a {kind} domain"))]));
            puts.push(term_put(
                &self.id,
                &term.id,
                json!({
                    "names": self.names(term),
                    "alternateNames": others,
                    "descriptions": kind,
                    "listPosition": position,
                    "startDate": term.valid_from,
                }),
            ));
        }
        Ok(())
    }

    fn names(&self, item: &Item) -> Value {
        let id = &*self.id;
        let worded = |translated: bool, lang, value| match translated {
            true => translation(lang, value),
            false => text(lang, value),
        };
        let vi = worded(TRANSLATED_TO_VIETNAMESE.contains(&id), "vi", &*item.vi);
        let en = worded(TRANSLATED_TO_ENGLISH.contains(&id), "en", &*item.en);
        if OF_UNESCO.contains(&id) { json!([en, vi]) } else { json!([vi, en]) }
    }
}

/// The base's own lists, and the concepts that the article speaks of.
pub(super) fn own(facts: &Facts) -> Vec<Put> {
    let vocabulary = |(id, vi, en): Wording| {
        let names = json!([text("vi", vi), text("en", en)]);
        Put::new("Vocabulary", vocabulary_key(id), json!({ "slug": id, "names": names }))
    };
    let mut puts = Vec::new();
    for (list, terms) in OWN {
        puts.push(vocabulary(list));
        puts.extend((1..).zip(terms).map(|(position, &(id, vi, en))| {
            let names = json!([text("vi", vi), text("en", en)]);
            term_put(list.0, id, json!({ "names": names, "listPosition": position }))
        }));
    }
    puts.push(vocabulary((CONCEPT, "Khái niệm", "Concepts")));
    for (position, concept) in
        (1..).zip(facts.entities.iter().filter(|entity| entities::is_term(&entity.kind)))
    {
        let id = entities::slug(&concept.id);
        puts.push(term_put(
            CONCEPT,
            id,
            json!({
                "names": vi_en(&concept.label.vi, &concept.label.en),
                "alternateNames": entities::alternate_names(concept),
                "identifiers": [exact("TERM", &format!("{CONCEPT}/{id}")), exact("SEED", &concept.id)],
                "listPosition": position,
            }),
        ));
    }
    puts
}

/// A term with the fields that all terms have, beside its own.
fn term_put(vocabulary: &str, id: &str, own: Value) -> Put {
    let mut put = Put::new("Term", term_key(vocabulary, id), own);
    let identifiers = || json!([exact("TERM", &format!("{vocabulary}/{id}"))]);
    put.fields.entry("identifiers").or_insert_with(identifiers);
    put.fields.insert("slug".into(), format!("{vocabulary}-{id}").into());
    put.fields.insert("vocabulary".into(), to(&vocabulary_key(vocabulary)));
    put.fields.insert("notation".into(), id.into());
    put
}

fn successor(id: &str) -> Option<&'static str> {
    SUPERSEDED.iter().find(|(old, _)| *old == id).map(|(_, new)| *new)
}

pub(super) fn vocabulary_key(id: &str) -> String {
    format!("vocabulary:{id}")
}

pub(super) fn term_key(vocabulary: &str, id: &str) -> String {
    format!("TERM:{vocabulary}/{id}")
}

/// All terms that there are, so that a reference to another one is found where it is made.
pub(super) struct Terms(BTreeSet<String>);

impl Terms {
    pub(super) fn new(lists: &Lists, facts: &Facts) -> Self {
        let own =
            OWN.iter().flat_map(|(list, terms)| terms.iter().map(|term| term_key(list.0, term.0)));
        let concepts = facts.entities.iter().filter(|entity| entities::is_term(&entity.kind));
        let read = lists
            .vocabularies
            .iter()
            .flat_map(|list| list.terms.iter().map(|term| term_key(&list.id, &term.id)));
        Self(
            own.chain(concepts.map(|entity| term_key(CONCEPT, entities::slug(&entity.id))))
                .chain(read)
                .collect(),
        )
    }

    pub(super) fn reference(
        &self,
        at: &Place,
        vocabulary: &str,
        id: &str,
    ) -> Result<Value, LoadError> {
        let key = term_key(vocabulary, id);
        if self.0.contains(&key) {
            return Ok(to(&key));
        }
        Err(LoadError::unknown(at.clone(), format!("a term of the vocabulary {vocabulary}"), id))
    }
}
