//! Quotes that are found before the transaction of their changeset: to read and search long texts takes a while, in which
//! nobody should wait for the writer. Stored texts never change; one that was taken out since has another version, or none.
use std::collections::{BTreeMap, HashMap};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};
use serde_json::Value as Json;
use tokio::task::spawn_blocking;

use super::{
    Contradictions, Operation,
    current::{CHUNK, statement, texts},
    quoted::{Quoted, Span, Unplaced},
};
use crate::{record::write::Fields, value::fold};

/// What a citation quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quotation {
    pub(super) from: From,
    pub(super) quote: String,
    /// The character at which it begins, where that is said.
    pub(super) start: Option<u64>,
}

/// Where a quote is from, by public ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum From {
    Text(String),
    /// Words copied by hand from a document, of which texts may be stored.
    Document(String),
}

impl Quotation {
    /// `None` for a citation that has its place already, or no words that could be looked for.
    pub(super) fn of(fields: &Fields) -> Option<Quotation> {
        let text = |name: &str| fields.get(name).and_then(Json::as_str).unwrap_or_default();
        let quote = fold::nfc(text("quote")).into_owned();
        if fields.contains_key("documentVersion") {
            let start = fields.get("span").and_then(|span| span.get("charStart")?.as_u64());
            return Some(Quotation {
                from: From::Text(text("documentVersion").to_owned()),
                quote,
                start,
            });
        }
        let is_placed = fields.contains_key("passage") || fields.contains_key("span");
        let from = From::Document(text("document").to_owned());
        (!is_placed && !quote.is_empty()).then_some(Quotation { from, quote, start: None })
    }

    /// All of an operation. What loaders say of documents is taken as given.
    fn all_of(operation: &Operation, contradictions: Contradictions) -> Vec<Quotation> {
        let (record, cited) = match operation {
            Operation::Create { def, fields, cited, .. } => {
                ((def.name == "Citation").then_some(fields), cited)
            }
            Operation::Update { cited, .. } => (None, cited),
            _ => return Vec::new(),
        };
        let is_asked = |it: &Quotation| {
            matches!(it.from, From::Text(_)) || contradictions != Contradictions::AsGiven
        };
        record
            .into_iter()
            .chain(&cited.sources)
            .filter_map(Quotation::of)
            .filter(is_asked)
            .collect()
    }
}

/// A stored text of the base.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) public_id: String,
    pub(super) id: i64,
    pub(super) version: i64,
    /// Public id of the document that it is a text of.
    pub(super) document: String,
}

/// These stored texts, and all of these documents, newest first.
pub(super) async fn stored(
    db: &impl ConnectionTrait,
    ids: &[String],
    documents: &[String],
) -> Result<Vec<Stored>, DbErr> {
    let mut found: BTreeMap<i64, Stored> = BTreeMap::new();
    for (column, asked) in [("r.public_id", ids), ("d.public_id", documents)] {
        let sql = format!(
            "SELECT r.public_id, r.id, v.version, d.public_id FROM document_version v JOIN record r ON r.id = v.id \
             JOIN record d ON d.id = v.document_id WHERE {column} = {{list}}"
        );
        for chunk in asked.chunks(CHUNK) {
            for row in db.query_all_raw(statement(db, &sql, vec![texts(db, chunk)])).await? {
                let stored = Stored {
                    public_id: row.try_get_by_index(0)?,
                    id: row.try_get_by_index(1)?,
                    version: row.try_get_by_index(2)?,
                    document: row.try_get_by_index(3)?,
                };
                found.insert(stored.id, stored);
            }
        }
    }
    Ok(found.into_values().rev().collect())
}

/// A stored text, by its internal id.
pub(super) async fn text(db: &impl ConnectionTrait, id: i64) -> Result<Option<String>, DbErr> {
    let sql = "SELECT text FROM document_version WHERE id = $1";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [id.into()]);
    db.query_one_raw(statement).await?.map(|row| row.try_get_by_index(0)).transpose()
}

/// A quote, and where it is said to begin.
type Sought = (String, Option<u64>);

/// Where quotes stand, as was found before the transaction.
#[derive(Clone, Debug, Default)]
pub struct Sighted {
    /// By public id of the text.
    texts: HashMap<String, Searched>,
}

#[derive(Clone, Debug)]
struct Searched {
    /// The version of the text's record; `None` for one that the changeset makes.
    version: Option<i64>,
    places: HashMap<Sought, Result<Span, Unplaced>>,
}

impl Sighted {
    /// Finds the quotes of a changeset, one text after the other, so that no more than one is in memory.
    pub(super) async fn of(
        db: &DatabaseConnection,
        operations: &[Operation],
        contradictions: Contradictions,
    ) -> Result<Sighted, DbErr> {
        let mut asked: HashMap<String, Vec<Sought>> = HashMap::new();
        let mut of_documents: HashMap<String, Vec<Sought>> = HashMap::new();
        for it in operations.iter().flat_map(|it| Quotation::all_of(it, contradictions)) {
            let (asked, id) = match it.from {
                From::Text(id) => (&mut asked, id),
                From::Document(id) => (&mut of_documents, id),
            };
            asked.entry(id).or_default().push((it.quote, it.start));
        }
        let mut sighted = Sighted::default();
        if asked.is_empty() && of_documents.is_empty() {
            return Ok(sighted);
        }
        let ids: Vec<String> = asked.keys().cloned().collect();
        let documents: Vec<String> = of_documents.keys().cloned().collect();
        let mut sought_in = |text: &str, document: &str| {
            let mut sought = asked.remove(text).unwrap_or_default();
            sought.extend(of_documents.get(document).into_iter().flatten().cloned());
            sought
        };
        for it in stored(db, &ids, &documents).await? {
            let sought = sought_in(&it.public_id, &it.document);
            if let Some(text) = text(db, it.id).await? {
                sighted.search(it.public_id, Some(it.version), text, sought).await;
            }
        }
        for operation in operations {
            let Operation::Create { def, id, fields, .. } = operation else { continue };
            let given = |name: &str| fields.get(name).and_then(Json::as_str).unwrap_or_default();
            if def.name == "DocumentVersion" {
                let sought = sought_in(id, given("document"));
                sighted.search(id.clone(), None, given("text").to_owned(), sought).await;
            }
        }
        Ok(sighted)
    }

    async fn search(
        &mut self,
        id: String,
        version: Option<i64>,
        text: String,
        sought: Vec<Sought>,
    ) {
        if sought.is_empty() {
            return;
        }
        let search = move || {
            let quoted = Quoted::new(fold::nfc(&text).into_owned());
            let place = |it: Sought| {
                let place = quoted.place(&it.0, it.1);
                (it, place)
            };
            sought.into_iter().map(place).collect()
        };
        // What is not found here is looked for again in the transaction.
        if let Ok(places) = spawn_blocking(search).await {
            self.texts.insert(id, Searched { version, places });
        }
    }

    /// Where a quote stands in a text, if that is as it was when it was searched.
    pub(super) fn place(
        &self,
        text: &str,
        version: Option<i64>,
        sought: &Sought,
    ) -> Option<&Result<Span, Unplaced>> {
        self.texts.get(text).filter(|it| it.version == version)?.places.get(sought)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_found_holds_for_the_text_that_was_searched() {
        let mut sighted = Sighted::default();
        let sought = ("Huế".to_owned(), None);
        sighted.search("a".to_owned(), Some(1), "Ở Huế".to_owned(), vec![sought.clone()]).await;

        assert_eq!(sighted.place("a", Some(1), &sought), Some(&Ok([2, 5, 4, 9])));
        assert_eq!(sighted.place("a", Some(2), &sought), None);
        assert_eq!(sighted.place("a", None, &sought), None);
        assert_eq!(sighted.place("b", Some(1), &sought), None);
        assert_eq!(sighted.place("a", Some(1), &("Huế".to_owned(), Some(2))), None);
    }
}
