//! Document versions: stored texts, which never change.
use std::{collections::HashMap, time::Instant};

use entities::{document_version, passage};
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value as Json;

use super::{document::Document, passage::Passage};
use crate::{
    error::ApiError,
    record::{
        def::Record,
        define::Define,
        json,
        relation::Call,
        render::Chunks,
        tally::Taken,
        write::{self, Cells, Fields, Known, Mistake, MistakeCode, Refs, Store},
    },
    value::hash,
};

pub struct DocumentVersion;

impl Record for DocumentVersion {
    type Entity = document_version::Entity;
    const NAME: &str = "DocumentVersion";
    const ONE: &str = "documentVersion";
    const MANY: &str = "documentVersions";
    const ABOUT: &str =
        "One stored text of a document. It never changes: another text is another version.";
    const CODE: u16 = 13;
    const PREFIX: &str = "version";

    fn define(d: &mut Define<Self>) {
        use document_version::Column::*;
        d.record();
        d.tells_of(&["document"]);
        d.unique("sha256", &[Sha256]);
        d.one::<Document>("document", DocumentId, "The document that it is a text of.").filter();
        d.plain(Sha256, "SHA-256 of the text's UTF-8 bytes, 64 lower-case hexadecimal digits.")
            .key()
            .filter();
        d.resolver(
            "text",
            "String",
            "The whole text, in NFC; null unless the server is set to serve full texts.",
            text,
        );
        d.full_text("text");
        d.stored_text();
        d.plain(ByteLength, "Length in UTF-8 bytes.").derived();
        d.plain(CharacterLength, "Length in Unicode code points.").derived();
        d.plain(MediaType, "Media type of what was retrieved, e.g. `text/html`.");
        d.plain(RetrievedOn, "Day of retrieval (UTC); null when not known.").typed("Date");
        d.check(&["text", "sha256"], check);
        d.many::<Passage>(
            "passages",
            passage::Column::DocumentVersionId,
            "Passages of the text. Order: place in the text.",
        );
    }
}

impl Define<DocumentVersion> {
    /// The text goes in as any other field, and its lengths follow from it.
    fn stored_text(&mut self) {
        use document_version::Column::*;
        let columns = vec![self.place(Text), self.place(ByteLength), self.place(CharacterLength)];
        let store = Store::Value { columns, write: write_text };
        self.def().fields["text"].store = Some(store);
    }
}

fn write_text(
    value: &Json,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let text = write::text(value)?;
    let length = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    cells.set(columns[1], length(text.len()));
    cells.set(columns[2], length(text.chars().count()));
    cells.set(columns[0], text);
    Ok(())
}

/// The hash is that of the text.
fn check(fields: &Fields, _: &Known<'_>) -> Vec<Mistake> {
    let text = fields.get("text").and_then(Json::as_str).unwrap_or_default();
    let given = fields.get("sha256").and_then(Json::as_str).unwrap_or_default();
    let found = hash::sha256(text);
    if found == given {
        return Vec::new();
    }
    let message = format!("expected a text whose SHA-256 is {given}, found one of {found}");
    vec![Mistake::new(MistakeCode::Format, message).below("sha256")]
}

/// Whole texts are seldom asked for and long: they are read apart, and only where the setting allows it.
fn text(call: Call<'_>) -> BoxFuture<'_, Result<Chunks, ApiError>> {
    Box::pin(async move {
        let mut texts: HashMap<i64, String> = HashMap::new();
        if call.reader.reading.serve_full_text {
            use document_version::Column::{Id, Text};
            let began = Instant::now();
            let rows = document_version::Entity::find().select_only().columns([Id, Text]);
            let rows = rows.filter(Id.is_in(call.ids.clone())).into_tuple::<(i64, String)>();
            texts.extend(rows.all(&call.reader.db).await?);
            let rows = texts.len() as u64;
            call.reader.count(call.level, Taken { statements: 1, rows, time: began.elapsed() });
        }
        let mut out = Chunks::default();
        for id in &call.ids {
            out.push(|out| match texts.get(id) {
                Some(text) => json::string(out, text),
                None => json::null(out),
            });
        }
        Ok(out)
    })
}
