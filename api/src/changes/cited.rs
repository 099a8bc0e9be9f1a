//! Sources as writers name them, found in the texts that are stored.
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use sea_orm::{ConnectionTrait, DbErr, Statement};
use serde_json::{Value as Json, json};

use super::{
    Contradictions,
    current::{CHUNK, table},
    quoted::{Quoted, Span, Unplaced},
    sighted::{self, From, Quotation, Sighted, Stored},
    work::{State, Work},
};
use crate::{
    record::{
        catalog,
        def::Def,
        write::{Fields, Mistake, MistakeCode},
    },
    value::fold,
};

/// A citation that is to be found in a text.
struct Asked {
    /// Place of the state.
    at: usize,
    /// Place among the sources of its operation; `None` for a record of its own.
    source: Option<usize>,
    quotation: Quotation,
}

/// A citation with its place.
struct Found {
    asked: Asked,
    /// Public ids of the text and of its document.
    text: String,
    document: Json,
    span: Span,
}

/// A text that is there when the changeset is done.
#[derive(Clone)]
struct Text {
    public_id: String,
    id: i64,
    /// `None` for one that the changeset makes.
    version: Option<i64>,
    document: Json,
}

/// The texts that citations are from, and those of them that had to be read.
struct Texts {
    sighted: Arc<Sighted>,
    by_id: HashMap<String, Text>,
    /// Public ids of the texts of a document, newest first.
    by_document: HashMap<String, Vec<String>>,
    read: HashMap<String, Quoted>,
}

/// Words with their place, in a passage or in a stored text. Who has found them there need not look again.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Words {
    /// Public id of the passage, or of the text.
    of: String,
    words: String,
    span: String,
}

impl Words {
    /// As the fields of a record say; `None` if they do not.
    fn of(def: &Def, fields: &Fields) -> Option<Words> {
        let (of, words) = match def.name {
            "Citation" => ("passage", "quote"),
            "Passage" => ("documentVersion", "text"),
            _ => return None,
        };
        let text = |name: &str| Some(fields.get(name)?.as_str()?.to_owned());
        Some(Words { of: text(of)?, words: text(words)?, span: fields.get("span")?.to_string() })
    }
}

/// Why a citation is not taken: the field that is wrong, and what with it.
type Wrong = (&'static str, MistakeCode, String);

impl Work<'_> {
    /// Citations of words that stand in a stored text get their place in it, and the passage that holds it.
    pub(super) async fn find_quotes(&mut self, sighted: Arc<Sighted>) -> Result<(), DbErr> {
        let asked = self.quotations();
        if asked.is_empty() {
            return Ok(());
        }
        let mut texts = self.texts(&asked, sighted).await?;
        let mut all = Vec::new();
        for asked in asked {
            match self.find(&asked, &mut texts).await? {
                Ok(Some((text, span))) => {
                    let (text, document) = (text.public_id, text.document);
                    all.push(Found { asked, text, document, span });
                }
                Ok(None) => {}
                Err(wrong) => {
                    let document = texts.document(&asked.quotation.from);
                    self.refuse_citation(&asked, wrong, document);
                }
            }
        }
        let mut passages = self.passages(&all, &texts).await?;
        let mut new = Vec::new();
        for found in all {
            let passage = match passages.holding(&found) {
                Some(passage) => passage,
                None => {
                    let Some(state) = self.new_passage(&found) else { continue };
                    passages.add(&found.text, found.span, state.public_id.clone());
                    self.placed.extend(Words::of(state.def, &state.fields));
                    let passage = state.public_id.clone();
                    new.push(state);
                    passage
                }
            };
            self.put(found, passage);
        }
        self.add_new(new).await
    }

    /// What the citations of the changeset quote.
    fn quotations(&self) -> Vec<Asked> {
        let mut all = Vec::new();
        for (at, state) in self.states.iter().enumerate().filter(|(_, state)| state.lives()) {
            let is_new = state.has_other("quote") || state.has_other("document");
            let record = (state.def.name == "Citation" && is_new).then_some((None, &state.fields));
            let sources = state.cited.sources.iter().enumerate().map(|(n, it)| (Some(n), it));
            for (source, fields) in record.into_iter().chain(sources) {
                all.extend(Quotation::of(fields).map(|quotation| Asked { at, source, quotation }));
            }
        }
        // What loaders say of documents is taken as given.
        let is_as_given = self.contradictions == Contradictions::AsGiven;
        all.retain(|it| !is_as_given || matches!(it.quotation.from, From::Text(_)));
        all
    }

    async fn texts(&self, asked: &[Asked], sighted: Arc<Sighted>) -> Result<Texts, DbErr> {
        let (mut ids, mut documents) = (HashSet::new(), HashSet::new());
        for it in asked {
            match &it.quotation.from {
                From::Text(id) => ids.insert(id.clone()),
                From::Document(id) => documents.insert(id.clone()),
            };
        }
        let [ids, documents]: [Vec<String>; 2] =
            [ids, documents].map(|ids| ids.into_iter().filter(|it| !it.is_empty()).collect());
        let own = self.living().filter(|it| it.def.name == "DocumentVersion").map(|it| Text {
            public_id: it.public_id.clone(),
            id: it.id,
            version: (!it.has_other("text")).then_some(it.version - 1),
            document: it.fields.get("document").cloned().unwrap_or_default(),
        });
        let stored = sighted::stored(self.tx, &ids, &documents).await?;
        let others = stored.into_iter().filter(|it| self.state(&it.public_id).is_none());
        let others = others.map(|Stored { public_id, id, version, document }| Text {
            public_id,
            id,
            version: Some(version),
            document: document.into(),
        });
        Ok(Texts::new(sighted, own.chain(others)))
    }

    /// The text and the place of a quote; nothing for words of a document without a stored text.
    async fn find(
        &self,
        asked: &Asked,
        texts: &mut Texts,
    ) -> Result<Result<Option<(Text, Span)>, Wrong>, DbErr> {
        let Quotation { from, quote, start } = &asked.quotation;
        let sought = (quote.clone(), *start);
        let meant = texts.meant(from);
        let mut unplaced = None;
        for text in meant {
            let place = match texts.sighted.place(&text.public_id, text.version, &sought) {
                Some(place) => place.clone(),
                None => self.read(&text, texts).await?.place(quote, *start),
            };
            match place {
                Ok(span) => return Ok(Ok(Some((text, span)))),
                Err(Unplaced::Missing { .. }) if unplaced.is_some() => {}
                Err(it) => unplaced = Some(it),
            }
        }
        Ok(match (unplaced, from) {
            (Some(it), _) => Err(("quote", it.code(), it.message())),
            (None, From::Document(_)) => Ok(None),
            (None, From::Text(id)) => {
                let message = format!("there is no stored text `{id}`");
                Err(("documentVersion", MistakeCode::UnknownReference, message))
            }
        })
    }

    /// A text itself, which is read once.
    async fn read<'t>(&self, text: &Text, texts: &'t mut Texts) -> Result<&'t Quoted, DbErr> {
        let id = &text.public_id;
        if !texts.read.contains_key(id) {
            let read = match self.state(id) {
                Some(state) => state.text("text").map(|it| fold::nfc(it).into_owned()),
                None => sighted::text(self.tx, text.id).await?,
            };
            texts.read.insert(id.clone(), Quoted::new(read.unwrap_or_default()));
        }
        texts.read.get(id).ok_or_else(|| DbErr::Custom("a text was not kept".to_owned()))
    }

    /// Where it cannot be found is the one thing that is wrong with it.
    fn refuse_citation(
        &mut self,
        asked: &Asked,
        (field, code, message): Wrong,
        document: Option<Json>,
    ) {
        let mut mistake = Mistake::new(code, message).below(field);
        if let Some(n) = asked.source {
            mistake = mistake.below(n.to_string()).below("citations");
        }
        let Some(state) = self.states.get_mut(asked.at) else { return };
        self.mistakes.push(state.mistake(mistake));
        if let Some(fields) = citation(state, asked.source) {
            fields.remove("documentVersion");
            fields.remove("span");
            fields.extend(document.map(|it| ("document".to_owned(), it)));
        }
    }

    /// Whether a record says of words what was found.
    pub(super) fn is_placed(&self, state: &State) -> bool {
        Words::of(state.def, &state.fields).is_some_and(|it| self.placed.contains(&it))
    }

    /// Gives a citation its place.
    fn put(&mut self, found: Found, passage: String) {
        let Found { asked, document, span, .. } = found;
        let fields = self.states.get_mut(asked.at).and_then(|it| citation(it, asked.source));
        let Some(fields) = fields else { return };
        fields.remove("documentVersion");
        fields.insert("document".to_owned(), document);
        fields.insert("quote".to_owned(), asked.quotation.quote.into());
        fields.insert("passage".to_owned(), passage.into());
        fields.insert("span".to_owned(), json(span));
        self.placed.extend(catalog().named("Citation").and_then(|def| Words::of(def, fields)));
    }

    /// The passages that could hold these quotes.
    async fn passages(&self, all: &[Found], texts: &Texts) -> Result<Passages, DbErr> {
        let mut passages = Passages::default();
        // Of each text, the last character at which a quote begins, and the first at which one ends.
        let mut asked: HashMap<&str, (usize, usize)> = HashMap::new();
        for Found { text, span: [start, end, ..], .. } in all {
            let (last, first) = asked.entry(text).or_insert((*start, *end));
            (*last, *first) = ((*last).max(*start), (*first).min(*end));
        }
        for state in self.living().filter(|it| it.def.name == "Passage") {
            let place =
                |name: &str| usize::try_from(state.fields.get("span")?.get(name)?.as_u64()?).ok();
            let text = state.text("documentVersion").filter(|it| asked.contains_key(it));
            if let Some((text, (from, to))) = text.zip(place("charStart").zip(place("charEnd"))) {
                passages.add(text, [from, to, 0, 0], state.public_id.clone());
            }
        }
        let asked = asked.into_iter().filter_map(|(id, span)| Some((texts.by_id.get(id)?, span)));
        let asked: HashMap<i64, (&Text, (usize, usize))> =
            asked.map(|(text, span)| (text.id, (text, span))).collect();
        let spans = asked.iter().map(|(id, (_, (last, first)))| (*id, *last, *first)).collect();
        for (text, passage, span) in self.stored_passages(spans).await? {
            // What the changeset does to one is said above.
            if let Some((text, _)) = asked.get(&text)
                && self.state(&passage).is_none()
            {
                passages.add(&text.public_id, span, passage);
            }
        }
        Ok(passages)
    }

    /// Passages of texts that begin before one character and end after another, each with its text and its span.
    async fn stored_passages(
        &self,
        asked: Vec<(i64, usize, usize)>,
    ) -> Result<Vec<(i64, String, Span)>, DbErr> {
        let rows: Vec<Vec<Json>> = asked
            .into_iter()
            .map(|(text, begin, end)| vec![text.into(), begin.into(), end.into()])
            .collect();
        let mut passages = Vec::new();
        for rows in rows.chunks(CHUNK) {
            let (k, values) = table(self.tx, &["text", "begin_at", "end_at"], rows);
            let sql = format!(
                "SELECT p.document_version_id, p.public_id, p.char_start, p.char_end FROM {k} CROSS JOIN passage p \
                 WHERE p.document_version_id = k.text AND p.char_start <= k.begin_at AND p.char_end >= k.end_at \
                 ORDER BY p.id"
            );
            let backend = self.tx.get_database_backend();
            let asked = Statement::from_sql_and_values(backend, sql, values);
            for row in self.tx.query_all_raw(asked).await? {
                let place = |at: usize| -> Result<usize, DbErr> {
                    Ok(usize::try_from(row.try_get_by_index::<i64>(at)?).unwrap_or_default())
                };
                let span = [place(2)?, place(3)?, 0, 0];
                passages.push((row.try_get_by_index(0)?, row.try_get_by_index(1)?, span));
            }
        }
        Ok(passages)
    }

    /// A passage of nothing but a quote.
    fn new_passage(&self, found: &Found) -> Option<State> {
        let [start, end, ..] = found.span;
        let fields = [
            ("documentVersion", json!(found.text)),
            ("anchor", json!(format!("c{start}-{end}"))),
            ("text", json!(found.asked.quotation.quote)),
            ("span", json(found.span)),
        ];
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Some(self.new_record(found.asked.at, Vec::new(), catalog().named("Passage")?, fields))
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

    /// A source is cited once for what it supports, however often the changeset says so. One that the writer has given a key is
    /// told of by it, and so it is a mistake.
    pub(super) fn cite_once(&mut self, keyed: &HashSet<String>) {
        if self.contradictions == Contradictions::AsGiven {
            return;
        }
        let mut told: HashSet<BTreeMap<String, String>> = HashSet::new();
        let (mut again, mut mistakes) = (HashSet::new(), Vec::new());
        let new = self.living().filter(|it| it.def.name == "Citation" && it.is_new());
        for state in new {
            let said =
                state.fields.iter().map(|(name, it)| (name.clone(), it.to_string())).collect();
            if told.insert(said) {
                continue;
            }
            if keyed.contains(&state.public_id) {
                let message = "the changeset cites this source for the same record already";
                mistakes.push(state.mistake(Mistake::new(MistakeCode::Duplicate, message)));
            } else {
                again.insert(state.public_id.clone());
            }
        }
        self.mistakes.extend(mistakes);
        if !again.is_empty() {
            self.states.retain(|it| !again.contains(&it.public_id));
            self.put_places();
        }
    }
}

impl Texts {
    fn new(sighted: Arc<Sighted>, all: impl Iterator<Item = Text>) -> Texts {
        let (by_id, by_document, read) = (HashMap::new(), HashMap::new(), HashMap::new());
        let mut texts = Texts { sighted, by_id, by_document, read };
        for text in all {
            let document = text.document.as_str().unwrap_or_default().to_owned();
            texts.by_document.entry(document).or_default().push(text.public_id.clone());
            texts.by_id.insert(text.public_id.clone(), text);
        }
        texts
    }

    /// The texts in which words may stand.
    fn meant(&self, from: &From) -> Vec<Text> {
        let ids = match from {
            From::Text(id) => std::slice::from_ref(id),
            From::Document(id) => self.by_document.get(id).map(Vec::as_slice).unwrap_or_default(),
        };
        ids.iter().filter_map(|id| self.by_id.get(id)).cloned().collect()
    }

    /// The document of a text that there is.
    fn document(&self, from: &From) -> Option<Json> {
        let From::Text(id) = from else { return None };
        self.by_id.get(id).map(|it| it.document.clone())
    }
}

/// Passages by the public id of their text, shortest first.
#[derive(Default)]
struct Passages(HashMap<String, Vec<Passage>>);

struct Passage {
    from: usize,
    to: usize,
    public_id: String,
}

impl Passages {
    fn add(&mut self, text: &str, [from, to, ..]: Span, public_id: String) {
        let of_text = self.0.entry(text.to_owned()).or_default();
        let length = to.saturating_sub(from);
        let place = of_text.partition_point(|it| it.to.saturating_sub(it.from) <= length);
        of_text.insert(place, Passage { from, to, public_id });
    }

    /// The shortest one that holds a quote.
    fn holding(&self, found: &Found) -> Option<String> {
        let [start, end, ..] = found.span;
        let mut of_text = self.0.get(&found.text)?.iter();
        let holds = |it: &&Passage| it.from <= start && end <= it.to;
        of_text.find(holds).map(|it| it.public_id.clone())
    }
}

/// The fields of a citation: of a record of its own, or of a source beside others.
fn citation(state: &mut State, source: Option<usize>) -> Option<&mut Fields> {
    match source {
        Some(n) => state.cited.sources.get_mut(n),
        None => Some(&mut state.fields),
    }
}

/// A span as the log has it.
fn json([start, end, byte_start, byte_end]: Span) -> Json {
    json!({ "charStart": start, "charEnd": end, "byteStart": byte_start, "byteEnd": byte_end })
}
