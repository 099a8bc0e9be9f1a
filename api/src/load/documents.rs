//! The sources as documents: one for each address, whichever file names it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::facts::{ExternalReference, Facts};
use super::form::{Cited, text, to};
use super::heritage::Property;
use super::origins::{GEONAMES, ORIGINS, geonames};
use super::read::{self, Row};
use super::vocabularies::{self, Lists, Terms};
use super::{LoadError, Place, Put, slug};

const FILE: &str = "uccn_sources.csv";
const COLUMNS: [&str; 7] = ["id", "title", "url", "kind", "published", "read_from", "note"];

/// Language of the title and of the document, by the source's id or the first statement that cites it. The titles are
/// ours in English unless they are the document's own.
const LANGUAGES: [(&str, &str, &str); 34] = [
    ("S-repo-2024-10", "en", "en"),
    ("S-press2023", "en", "en"),
    ("S-press2021", "en", "en"),
    ("S-press2019", "en", "en"),
    ("S-press2015", "en", "en"),
    ("S-press2014", "en", "fr"),
    ("S-infogalactic", "en", "en"),
    ("S-cityoflit", "en", "en"),
    ("S-bplus2013", "en", "en"),
    ("S-wanderlust2025", "en", "en"),
    ("S-sufe2025", "en", "en"),
    ("S-allafrica2025", "fr", "fr"),
    ("S-lntribune2025", "fr", "fr"),
    ("S-abc2025", "es", "es"),
    ("S-teleamazonas2025", "es", "es"),
    ("S-nie2025", "en", "en"),
    ("S-menafn2025", "en", "en"),
    ("S-sggp2025", "vi", "vi"),
    ("S-vnexpress2025", "vi", "vi"),
    ("S-vietnamvn2025", "ms", "ms"),
    ("S-unn2025", "en", "en"),
    ("S-interfax2025", "en", "en"),
    ("S-people2025", "en", "ja"),
    ("S-gifu2025", "ja", "ja"),
    ("S-onuitalia2025", "it", "it"),
    ("S-adda2025", "en", "en"),
    ("S-monitoring2021", "en", "en"),
    ("S-members2014", "en", "en"),
    ("cscs", "vi", "vi"),
    ("htpl", "vi", "vi"),
    ("vnplus", "vi", "vi"),
    ("fcs", "en", "en"),
    ("GeoNames", "en", "en"),
    ("x12", "en", "und"),
];
/// What the article's external statements cite is Vietnamese press but for the entries above.
const VIETNAMESE: (&str, &str) = ("vi", "vi");
const OURS: (&str, &str) = ("en", "und");

#[derive(Debug, Deserialize)]
struct SourceRow {
    id: String,
    title: String,
    url: Option<String>,
    kind: String,
    published: Option<String>,
    note: Option<String>,
}

/// All documents but those of the article, and how the files name them.
#[derive(Default)]
pub(super) struct Documents {
    pub(super) puts: Vec<Put>,
    by_source: BTreeMap<String, Source>,
    by_list_source: BTreeMap<String, Cited>,
    /// Several sources can lie at one address.
    by_address: BTreeMap<String, Vec<Source>>,
    slugs: BTreeSet<String>,
}

#[derive(Clone)]
struct Source {
    cited: Cited,
    published: Option<String>,
}

struct Draft<'a> {
    key: String,
    /// Name of the source in the files.
    id: &'a str,
    title: &'a str,
    kind: Option<Value>,
    url: Option<&'a str>,
    published: Option<&'a str>,
    description: Option<String>,
    /// Of title and document, where the table has none.
    languages: (&'static str, &'static str),
}

impl Documents {
    pub(super) fn read(
        uccn_sources: &str,
        properties: &[Row<Property>],
        lists: &Lists,
        facts: &Facts,
        terms: &Terms,
    ) -> Result<Self, LoadError> {
        let mut documents = Self::default();
        documents.add_origins(terms)?;
        let rows = read::rows::<SourceRow>(FILE, uccn_sources, &COLUMNS)?;
        read::unique(&rows, "id", |row| Some(&row.id))?;
        documents.add_uccn_sources(&rows, terms)?;
        documents.add_list_sources(lists);
        documents.add_external(facts);
        documents.add_pages(properties, terms)?;
        Ok(documents)
    }

    /// The one source at an address.
    pub(super) fn at(&self, at: &Place, url: &str) -> Result<&Cited, LoadError> {
        match self.by_address.get(url).map(Vec::as_slice) {
            Some([source]) => Ok(&source.cited),
            _ => Err(LoadError::unknown(at.clone(), "the address of one source", url)),
        }
    }

    /// A source of the uccn files by its id.
    pub(super) fn of_uccn(&self, at: &Place, id: &str) -> Result<&Cited, LoadError> {
        let source = self.by_source.get(id).map(|source| &source.cited);
        source.ok_or_else(|| {
            LoadError::unknown(at.clone(), format!("the id of a source of {FILE}"), id)
        })
    }

    /// The same for a list of ids with a space between.
    pub(super) fn all_of_uccn(&self, at: &Place, ids: &str) -> Result<Vec<&Cited>, LoadError> {
        let cited: Vec<_> =
            ids.split_whitespace().map(|id| self.of_uccn(at, id)).collect::<Result<_, _>>()?;
        if cited.is_empty() {
            return Err(LoadError::unexpected(
                at.clone(),
                format!("ids of sources of {FILE}"),
                "none",
            ));
        }
        Ok(cited)
    }

    /// A source of `vocabularies.json` by its id.
    pub(super) fn of_list(&self, at: &Place, id: &str) -> Result<&Cited, LoadError> {
        let cited = self.by_list_source.get(id);
        cited.ok_or_else(|| {
            LoadError::unknown(
                at.clone(),
                format!("the id of a source of {}", vocabularies::FILE),
                id,
            )
        })
    }

    /// Where an external statement was read. Of several sources at its address it is the one published that day.
    pub(super) fn of_external(
        &self,
        at: &Place,
        reference: &ExternalReference,
    ) -> Result<Cited, LoadError> {
        if let Some(id) = reference.url.strip_prefix(GEONAMES.url) {
            return Ok(geonames(id));
        }
        let sources = self.by_address.get(&reference.url).map_or(&[][..], Vec::as_slice);
        let source = sources
            .iter()
            .find(|source| sources.len() == 1 || source.published == reference.published)
            .ok_or_else(|| {
                LoadError::unknown(at.clone(), "the address and day of a source", &reference.url)
            })?;
        Ok(source.cited.clone())
    }

    /// What the files of places were made from, with the publishers.
    fn add_origins(&mut self, terms: &Terms) -> Result<(), LoadError> {
        let at = Place::file(FILE);
        for origin in &ORIGINS {
            let kind = terms.reference(&at, "organization-kind", "data-publisher")?;
            self.puts.push(Put::new(
                "Organization",
                origin.organization,
                json!({
                    "slug": slug::of_title(origin.publisher),
                    "names": [text("en", origin.publisher)],
                    "kind": kind,
                }),
            ));
            let mut put = self.put(&Draft {
                key: origin.document.into(),
                id: origin.title,
                title: origin.title,
                kind: Some(terms.reference(&at, "document-kind", "data-set")?),
                url: Some(origin.url),
                published: None,
                description: None,
                languages: OURS,
            });
            put.fields.insert("publisher".into(), to(origin.organization));
            put.fields.insert("rights".into(), json!([text("en", origin.rights)]));
            self.puts.push(put);
        }
        Ok(())
    }

    /// Rows with the same address are one document, called by what stands before the colon of the first title; what
    /// stands after the colon is the place in it.
    fn add_uccn_sources(
        &mut self,
        rows: &[Row<SourceRow>],
        terms: &Terms,
    ) -> Result<(), LoadError> {
        for Row { at, value: row } in rows {
            let together: Vec<&SourceRow> = rows
                .iter()
                .map(|other| &other.value)
                .filter(|other| other.id == row.id || (row.url.is_some() && other.url == row.url))
                .collect();
            let is_shared = together.len() > 1;
            let (whole, part) =
                row.title.split_once(": ").filter(|_| is_shared).unwrap_or((&row.title, ""));
            let key = format!("document:{}", row.url.as_ref().unwrap_or(&row.id));
            let cited = Cited {
                document: key.clone(),
                name: row.id.clone(),
                locator: (!part.is_empty()).then(|| part.to_owned()),
                url: row.url.clone(),
            };
            let source = Source { cited, published: row.published.clone() };
            if let Some(url) = &row.url {
                self.by_address.entry(url.clone()).or_default().push(source.clone());
            }
            self.by_source.insert(row.id.clone(), source);
            if together.first().is_some_and(|first| first.id != row.id) {
                continue;
            }
            let notes: Vec<&str> = together.iter().filter_map(|row| row.note.as_deref()).collect();
            let draft = Draft {
                key,
                id: &row.id,
                title: whole,
                kind: Some(kind(at, row, terms)?),
                url: row.url.as_deref(),
                published: row.published.as_deref().filter(|_| !is_shared),
                description: (!notes.is_empty()).then(|| notes.join("; ")),
                languages: OURS,
            };
            let put = self.put(&draft);
            self.puts.push(put);
        }
        Ok(())
    }

    fn add_list_sources(&mut self, lists: &Lists) {
        for (id, source) in &lists.sources {
            let cited = self.at_address(Draft {
                key: format!("document:{}", source.url),
                id,
                title: &source.title,
                kind: None,
                url: Some(&source.url),
                published: source.date.as_deref(),
                description: None,
                languages: OURS,
            });
            self.by_list_source.insert(id.clone(), cited);
        }
    }

    fn add_external(&mut self, facts: &Facts) {
        let statements = facts.external_statements.iter();
        let references = statements
            .flat_map(|statement| statement.references.iter().map(|it| (&*statement.id, it)));
        for (id, reference) in references {
            if !reference.url.starts_with(GEONAMES.url) {
                self.at_address(Draft {
                    key: format!("document:{}", reference.url),
                    id,
                    title: &reference.title,
                    kind: None,
                    url: Some(&reference.url),
                    published: reference.published.as_deref(),
                    description: None,
                    languages: VIETNAMESE,
                });
            }
        }
    }

    /// Pages of which only the address is known: they are called by what they were read for.
    fn add_pages(&mut self, properties: &[Row<Property>], terms: &Terms) -> Result<(), LoadError> {
        for Row { at, value: property } in properties {
            let url = property.source.as_str();
            let host = url
                .split('/')
                .nth(2)
                .filter(|host| !host.is_empty())
                .ok_or_else(|| LoadError::unknown(at.clone(), "the address of a page", url))?;
            self.at_address(Draft {
                key: format!("document:{url}"),
                id: host,
                title: &format!("World Heritage in Vietnam, on {host}"),
                kind: Some(terms.reference(at, "document-kind", "web-page")?),
                url: Some(url),
                published: None,
                description: None,
                languages: ("en", "vi"),
            });
        }
        Ok(())
    }

    /// The source at the address of a draft, made of it if none is there yet.
    fn at_address(&mut self, draft: Draft<'_>) -> Cited {
        let url = draft.url.unwrap_or_default();
        if let Some(source) = self.by_address.get(url).and_then(|sources| sources.first()) {
            return source.cited.clone();
        }
        let cited = Cited {
            document: draft.key.clone(),
            name: draft.id.to_owned(),
            locator: None,
            url: draft.url.map(str::to_owned),
        };
        let source = Source { cited: cited.clone(), published: draft.published.map(str::to_owned) };
        self.by_address.insert(url.to_owned(), vec![source]);
        let put = self.put(&draft);
        self.puts.push(put);
        cited
    }

    fn put(&mut self, draft: &Draft<'_>) -> Put {
        let (title_lang, lang) = LANGUAGES
            .iter()
            .find(|(id, ..)| draft.id == *id)
            .map_or(draft.languages, |&(_, title, document)| (title, document));
        let mut slug = slug::of_title(draft.title);
        if slug.is_empty() || self.slugs.contains(&slug) {
            slug = slug::of_title(&format!("{slug} {}", draft.id));
        }
        self.slugs.insert(slug.clone());
        Put::new(
            "Document",
            &*draft.key,
            json!({
                "slug": slug,
                "names": [text(title_lang, draft.title)],
                "descriptions": draft.description.as_ref().map(|description| json!([text("en", description)])),
                "kind": draft.kind,
                "datePublished": draft.published,
                "url": draft.url,
                "inLanguage": lang,
            }),
        )
    }
}

fn kind(at: &Place, row: &SourceRow, terms: &Terms) -> Result<Value, LoadError> {
    let kind = match &*row.kind {
        "press" => "article",
        "repository" => "repository",
        "wiki mirror" => "wiki-page",
        "web page" | "member's site" => "web-page",
        "guideline" => "guideline",
        other => return Err(LoadError::unknown(at.clone(), "a kind of source", other)),
    };
    terms.reference(at, "document-kind", kind)
}
