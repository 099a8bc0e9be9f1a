//! Sources as writers name them, found in the texts that are stored.
use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, Statement};
use serde_json::{Value as Json, json};

use super::{
    current::current,
    work::{State, Work},
};
use crate::{
    record::{
        catalog,
        write::{Fields, Mistake, MistakeCode},
    },
    value::fold,
};

/// A stored text that quotes are looked for in.
struct Stored {
    id: i64,
    document: Json,
    text: String,
}

/// Where a quote stands, as the record of a citation has it.
struct Found {
    passage: String,
    span: Json,
}

impl Work<'_> {
    /// Citations that name a stored text and a quote get the quote's place in it, and the passage that holds it.
    pub(super) async fn find_quotes(&mut self) -> Result<(), DbErr> {
        let cites_text = |fields: &Fields| fields.contains_key("documentVersion");
        let mut texts: HashMap<String, Stored> = HashMap::new();
        for at in 0..self.states.len() {
            if self.states[at].def.name == "Citation" && cites_text(&self.states[at].fields) {
                let fields = std::mem::take(&mut self.states[at].fields);
                self.states[at].fields = self.found(at, fields, &[], &mut texts).await?;
            }
            for n in 0..self.states[at].cited.sources.len() {
                let source = &mut self.states[at].cited.sources[n];
                if cites_text(source) {
                    let source = std::mem::take(source);
                    let path = ["citations".to_owned(), n.to_string()];
                    let found = self.found(at, source, &path, &mut texts).await?;
                    self.states[at].cited.sources[n] = found;
                }
            }
        }
        Ok(())
    }

    /// A citation with its passage and span in place of the text that it names.
    async fn found(
        &mut self,
        at: usize,
        mut fields: Fields,
        path: &[String],
        texts: &mut HashMap<String, Stored>,
    ) -> Result<Fields, DbErr> {
        let version = fields.remove("documentVersion").unwrap_or_default();
        let version = version.as_str().unwrap_or_default().to_owned();
        let refuse = |work: &mut Self, field: &str, code, message: String| {
            let mistake = path
                .iter()
                .rev()
                .fold(Mistake::new(code, message).below(field), |it, step| it.below(step.clone()));
            let mistake = work.states[at].mistake(mistake);
            work.mistakes.push(mistake);
        };
        if !texts.contains_key(&version) {
            match self.stored(&version).await? {
                Some(stored) => texts.insert(version.clone(), stored),
                None => {
                    let message = format!("there is no stored text `{version}`");
                    refuse(self, "documentVersion", MistakeCode::UnknownReference, message);
                    return Ok(fields);
                }
            };
        }
        let Some(stored) = texts.get(&version) else { return Ok(fields) };
        let quote = fields.get("quote").and_then(Json::as_str).unwrap_or_default();
        let quote = fold::nfc(quote).into_owned();
        let start = fields.remove("span").and_then(|span| span.get("charStart")?.as_u64());
        match place(&stored.text, &quote, start) {
            Ok(span) => {
                let (document, id) = (stored.document.clone(), stored.id);
                let found = self.in_passage(at, &version, id, &quote, span).await?;
                fields.insert("document".to_owned(), document);
                fields.insert("quote".to_owned(), quote.into());
                fields.insert("passage".to_owned(), found.passage.into());
                fields.insert("span".to_owned(), found.span);
            }
            Err((code, message)) => {
                // It is the one thing that is wrong with it.
                fields.insert("document".to_owned(), stored.document.clone());
                refuse(self, "quote", code, message);
            }
        }
        Ok(fields)
    }

    /// A stored text of the base or of the changeset.
    async fn stored(&self, version: &str) -> Result<Option<Stored>, DbErr> {
        let (id, fields) = match self.state(version) {
            Some(state) => (state.id, state.fields.clone()),
            None => match current(self.tx, &[version.to_owned()]).await?.remove(version) {
                Some(now) => (now.id, now.fields),
                None => return Ok(None),
            },
        };
        let text = fields.get("text").and_then(Json::as_str).map(|it| fold::nfc(it).into_owned());
        let document = fields.get("document").cloned();
        Ok(text.zip(document).map(|(text, document)| Stored { id, document, text }))
    }

    /// The shortest passage that holds a span; a new one if none does.
    async fn in_passage(
        &mut self,
        at: usize,
        version: &str,
        version_id: i64,
        quote: &str,
        span: [usize; 4],
    ) -> Result<Found, DbErr> {
        let [start, end, byte_start, byte_end] = span;
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let span = json!({
            "charStart": start, "charEnd": end, "byteStart": byte_start, "byteEnd": byte_end,
        });
        let holds = |state: &&State| {
            let at = |name: &str| state.fields.get("span")?.get(name)?.as_u64();
            let inside = at("charStart").zip(at("charEnd"));
            state.def.name == "Passage"
                && state.text("documentVersion") == Some(version)
                && inside.is_some_and(|(from, to)| from <= start as u64 && end as u64 <= to)
        };
        if let Some(state) = self.living().find(holds) {
            return Ok(Found { passage: state.public_id.clone(), span });
        }
        let sql = "SELECT public_id FROM passage WHERE document_version_id = $1 AND char_start <= $2 AND char_end >= $3 \
             ORDER BY char_end - char_start, id LIMIT 1";
        let values = [version_id, number(start), number(end)].map(sea_orm::Value::from);
        let backend = self.tx.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        if let Some(row) = self.tx.query_one_raw(statement).await? {
            return Ok(Found { passage: row.try_get_by_index(0)?, span });
        }
        let Some(def) = catalog().named("Passage") else {
            return Err(DbErr::Custom("there are no passages".to_owned()));
        };
        let fields = [
            ("documentVersion", json!(version)),
            ("anchor", json!(format!("c{start}-{end}"))),
            ("text", json!(quote)),
            ("span", span.clone()),
        ];
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let state = self.new_record(at, Vec::new(), def, fields);
        let passage = state.public_id.clone();
        self.add_new(vec![state]).await?;
        Ok(Found { passage, span })
    }

    /// The citations of a record or claim by these sources.
    pub(super) fn citations(&self, of: usize, subject: &str, sources: &[Fields]) -> Vec<State> {
        let Some(def) = catalog().named("Citation") else { return Vec::new() };
        let cite = |(n, source): (usize, &Fields)| {
            let mut fields = source.clone();
            fields.insert("subject".to_owned(), subject.into());
            self.new_record(of, vec!["citations".to_owned(), n.to_string()], def, fields)
        };
        sources.iter().enumerate().map(cite).collect()
    }
}

/// Where a quote stands in a text: first and last character, first and last byte, half-open. With a place given, there and
/// nowhere else.
fn place(text: &str, quote: &str, start: Option<u64>) -> Result<[usize; 4], (MistakeCode, String)> {
    if quote.is_empty() {
        return Err((MistakeCode::Required, "a quote has words".to_owned()));
    }
    let mut found = text.match_indices(quote).map(|(byte, _)| byte).filter_map(|byte| {
        let chars = text.get(..byte)?.chars().count();
        start.is_none_or(|start| start == chars as u64).then_some((byte, chars))
    });
    let Some((byte, chars)) = found.next() else {
        let message = match start {
            Some(start) => format!("the text does not have these words at character {start}"),
            None => "the text does not have these words: copy them as they stand there".to_owned(),
        };
        return Err((MistakeCode::QuoteNotFound, message));
    };
    if let Some((_, other)) = found.next() {
        let message = format!(
            "the text has these words at character {chars}, at {other} and perhaps further on: say by `span` which are meant"
        );
        return Err((MistakeCode::QuoteNotFound, message));
    }
    Ok([chars, chars + quote.chars().count(), byte, byte + quote.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_found_in_characters_and_bytes() {
        assert_eq!(place("Ở Hà Nội", "Hà Nội", None), Ok([2, 8, 4, 13]));
    }

    #[test]
    fn words_that_stand_twice_need_their_place() {
        let text = "đêm, đêm";

        assert_eq!(place(text, "đêm", None).unwrap_err().0, MistakeCode::QuoteNotFound);
        assert_eq!(place(text, "đêm", Some(5)).unwrap()[0], 5);
        assert_eq!(place(text, "đêm", Some(4)).unwrap_err().0, MistakeCode::QuoteNotFound);
    }
}
