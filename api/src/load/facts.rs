//! `facts.json`: what the article says, as it stands there, checked against the text.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::text::{Span, Text};
use super::{LoadError, Place, read};

pub(super) const FILE: &str = "facts.json";

#[derive(Debug, Deserialize)]
pub(super) struct Facts {
    pub(super) source: Source,
    pub(super) passages: Vec<Passage>,
    pub(super) entities: Vec<Entity>,
    pub(super) statements: Vec<Statement>,
    pub(super) external_statements: Vec<ExternalStatement>,
}

/// The text that all offsets hold for.
#[derive(Debug, Deserialize)]
pub(super) struct Source {
    pub(super) id: String,
    pub(super) sha256: String,
    pub(super) language: String,
    /// The newspaper.
    pub(super) publication: String,
    pub(super) rights: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Passage {
    pub(super) id: String,
    pub(super) role: String,
    pub(super) text_vi: String,
    pub(super) text_en: String,
    #[serde(flatten)]
    pub(super) span: Span,
}

#[derive(Debug, Deserialize)]
pub(super) struct Entity {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) label: ViEn,
    #[serde(default)]
    pub(super) aliases: Aliases,
    pub(super) position_in_list: Option<u64>,
    /// The stored text of a document.
    pub(super) source_document: Option<String>,
    pub(super) mentions: Vec<Reference>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ViEn {
    pub(super) vi: String,
    pub(super) en: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Aliases {
    pub(super) vi: Vec<String>,
    pub(super) en: Vec<String>,
}

/// Words of the article.
#[derive(Debug, Deserialize)]
pub(super) struct Reference {
    source: String,
    pub(super) passage: String,
    pub(super) quote: String,
    #[serde(flatten)]
    pub(super) span: Span,
}

#[derive(Debug, Deserialize)]
pub(super) struct Statement {
    pub(super) id: String,
    pub(super) subject: String,
    pub(super) property: String,
    pub(super) value: FactValue,
    #[serde(default)]
    pub(super) qualifiers: Qualifiers,
    pub(super) modality: Modality,
    pub(super) asserted_by: String,
    pub(super) rank: Rank,
    pub(super) note: Option<String>,
    pub(super) references: Vec<Reference>,
}

/// What a source other than the article says.
#[derive(Debug, Deserialize)]
pub(super) struct ExternalStatement {
    pub(super) id: String,
    pub(super) subject: String,
    pub(super) property: String,
    pub(super) value: FactValue,
    pub(super) rank: Rank,
    pub(super) note: Option<String>,
    pub(super) references: Vec<ExternalReference>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ExternalReference {
    pub(super) title: String,
    pub(super) url: String,
    pub(super) published: Option<String>,
    /// Its own words; none where it is cited by its place alone.
    pub(super) excerpt: Option<String>,
    pub(super) locator: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum FactValue {
    Entity {
        id: String,
        #[serde(default)]
        qualifiers: Qualifiers,
    },
    Multilingual(ViEn),
    String {
        value: String,
        from: Option<String>,
        to: Option<String>,
    },
    Boolean {
        value: bool,
    },
    Date {
        edtf: String,
    },
    Term {
        vocabulary: String,
        id: String,
    },
    Identifier {
        scheme: String,
        value: String,
    },
    Quantity {
        amount: i64,
    },
}

impl FactValue {
    /// The entity that it names, if it is one.
    pub(super) fn entity(&self) -> Option<&str> {
        match self {
            Self::Entity { id, .. } => Some(id),
            _ => None,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Qualifiers {
    /// Term of the vocabulary `initiative-status`.
    pub(super) status: Option<String>,
    /// Day on which the source shows it, EDTF.
    #[serde(rename = "asOf")]
    pub(super) as_of: Option<String>,
    /// Terms of office, `2016-2021`.
    #[serde(default)]
    pub(super) terms: Vec<String>,
    /// Of a goal: time and weight in the source's words.
    pub(super) horizon: Option<ViEn>,
    pub(super) importance: Option<ViEn>,
    /// Words that put the value before others.
    pub(super) priority: Option<ViEn>,
    /// The goal that it is done for.
    #[serde(rename = "forGoal")]
    pub(super) for_goal: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Modality {
    Stated,
    Inferred,
}

impl Modality {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Stated => "STATED",
            Self::Inferred => "INFERRED",
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Rank {
    Preferred,
    Normal,
    Deprecated,
}

impl Rank {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Preferred => "PREFERRED",
            Self::Normal => "NORMAL",
            Self::Deprecated => "DEPRECATED",
        }
    }
}

impl Facts {
    pub(super) fn read(facts: &str, article: &str) -> Result<Self, LoadError> {
        let facts: Self = read::json(FILE, facts)?;
        facts.check_text(article)?;
        facts.check_names()?;
        Ok(facts)
    }

    pub(super) fn entity(&self, at: &Place, id: &str) -> Result<&Entity, LoadError> {
        self.entities
            .iter()
            .find(|entity| entity.id == id)
            .ok_or_else(|| LoadError::unknown(at.clone(), "the id of an entity", id))
    }

    /// The statements with this property of this subject, in the order of the file.
    pub(super) fn of<'a>(
        &'a self,
        subject: &str,
        property: &str,
    ) -> impl Iterator<Item = &'a Statement> {
        let statements = self.statements.iter();
        statements
            .filter(move |statement| statement.subject == subject && statement.property == property)
    }

    /// The same among what other sources say.
    pub(super) fn external_of<'a>(
        &'a self,
        subject: &str,
        property: &str,
    ) -> impl Iterator<Item = &'a ExternalStatement> {
        let statements = self.external_statements.iter();
        statements
            .filter(move |statement| statement.subject == subject && statement.property == property)
    }

    /// The entity that a property of a subject leads to.
    pub(super) fn entity_of(&self, subject: &str, property: &str) -> Result<&str, LoadError> {
        self.of(subject, property).find_map(|statement| statement.value.entity()).ok_or_else(|| {
            LoadError::unexpected(
                Place::item(FILE, subject),
                format!("a statement {property}"),
                "none",
            )
        })
    }

    fn check_text(&self, article: &str) -> Result<(), LoadError> {
        let text = Text::new(article, &self.source.sha256)?;
        for passage in &self.passages {
            text.check(&Place::item(FILE, &passage.id), &passage.text_vi, passage.span)?;
        }
        let check = |owner: &str, what: &str, references: &[Reference]| {
            references.iter().enumerate().try_for_each(|(i, reference)| {
                let at = Place::item(FILE, format!("{owner}, {what} {}", i + 1));
                text.check(&at, &reference.quote, reference.span)?;
                self.check_passage(&at, reference)
            })
        };
        for entity in &self.entities {
            check(&entity.id, "mention", &entity.mentions)?;
        }
        for statement in &self.statements {
            check(&statement.id, "reference", &statement.references)?;
        }
        Ok(())
    }

    fn check_passage(&self, at: &Place, reference: &Reference) -> Result<(), LoadError> {
        if reference.source != self.source.id {
            return Err(LoadError::unknown(
                at.clone(),
                format!("source {}", self.source.id),
                &reference.source,
            ));
        }
        let passage =
            self.passages.iter().find(|passage| passage.id == reference.passage).ok_or_else(
                || LoadError::unknown(at.clone(), "the id of a passage", &reference.passage),
            )?;
        let (outer, inner) = (passage.span, reference.span);
        if outer.char_start <= inner.char_start && inner.char_end <= outer.char_end {
            return Ok(());
        }
        Err(LoadError::unexpected(
            at.clone(),
            format!(
                "a place inside {}, characters {}..{}",
                passage.id, outer.char_start, outer.char_end
            ),
            format!("characters {}..{}", inner.char_start, inner.char_end),
        ))
    }

    /// Ids stand once, and who or what a statement names is there.
    fn check_names(&self) -> Result<(), LoadError> {
        let statements =
            self.statements.iter().map(|it| (&it.id, &it.subject, &it.value, it.references.len()));
        let external = self
            .external_statements
            .iter()
            .map(|it| (&it.id, &it.subject, &it.value, it.references.len()));
        let statements: Vec<_> = statements.chain(external).collect();
        let mut ids = BTreeSet::new();
        let of_others =
            self.passages.iter().map(|it| &it.id).chain(self.entities.iter().map(|it| &it.id));
        for id in of_others.chain(statements.iter().map(|(id, ..)| *id)) {
            if !ids.insert(id) {
                let (value, first) = (id.clone(), "another entry".into());
                return Err(LoadError::Twice { at: Place::file(FILE), what: "id", value, first });
            }
        }
        for (id, subject, value, references) in statements {
            let at = Place::item(FILE, id);
            self.entity(&at, subject)?;
            value.entity().map(|entity| self.entity(&at, entity)).transpose()?;
            if references == 0 {
                return Err(LoadError::unexpected(at, "a reference", "none"));
            }
        }
        self.statements.iter().try_for_each(|statement| {
            self.entity(&Place::item(FILE, &statement.id), &statement.asserted_by).map(|_| ())
        })
    }
}
