//! The fields of the index, and what of a document becomes a term of which.
use tantivy::{
    TantivyDocument,
    schema::{
        FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
    },
};

use super::{
    document::{Document, Name, join},
    words::Word,
};
use crate::record::def::type_code;

/// The name of the tokenizer of words that are found already.
pub(super) const WORDS: &str = "words";

/// Letters of a word that have a term for each beginning: longer beginnings are looked up among whole words.
pub(super) const LONGEST_BEGINNING: usize = 8;
/// Words of a name that it can begin with by such terms.
pub(super) const MOST_BEGINNING_WORDS: usize = 3;

/// The fields of the index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    pub(super) id: Field,
    pub(super) kind: Field,
    pub(super) weight: Field,
    pub(super) country: Field,
    pub(super) field: Field,
    pub(super) year: Field,
    /// Whole names, in each form as one term.
    pub(super) name: Field,
    pub(super) name_exact: Field,
    pub(super) name_joined: Field,
    /// With the language before it.
    pub(super) name_lang: Field,
    pub(super) alias: Field,
    pub(super) alias_exact: Field,
    pub(super) alias_joined: Field,
    pub(super) identifier: Field,
    /// Beginnings of names, as far as they are looked for at each letter.
    pub(super) name_begun: Field,
    pub(super) alias_begun: Field,
    /// Beginnings of names and aliases whose words are written as one.
    pub(super) joined_begun: Field,
    /// Words of names and aliases, without marks; neighbours joined; their beginnings; with marks, and those of texts too.
    pub(super) words: Field,
    pub(super) joined_words: Field,
    pub(super) begun_words: Field,
    pub(super) exact_words: Field,
    pub(super) text: Field,
    /// Words of a text that is kept elsewhere.
    pub(super) stored: Field,
    /// Words of the names of its country and its field, and its year.
    pub(super) context: Field,
    /// All words without marks, those of its country and joined neighbours among them: what is not here is nowhere.
    pub(super) anywhere: Field,
}

pub(super) fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let words = || {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(WORDS)
            .set_fieldnorms(false)
            .set_index_option(IndexRecordOption::Basic);
        TextOptions::default().set_indexing_options(indexing)
    };
    let fields = Fields {
        id: schema.add_i64_field("id", INDEXED | FAST),
        kind: schema.add_u64_field("kind", FAST),
        weight: schema.add_f64_field("weight", FAST),
        country: schema.add_i64_field("country", FAST),
        field: schema.add_i64_field("field", FAST),
        year: schema.add_i64_field("year", FAST),
        name: schema.add_text_field("name", STRING),
        name_exact: schema.add_text_field("name_exact", STRING),
        name_joined: schema.add_text_field("name_joined", STRING),
        name_lang: schema.add_text_field("name_lang", STRING),
        alias: schema.add_text_field("alias", STRING),
        alias_exact: schema.add_text_field("alias_exact", STRING),
        alias_joined: schema.add_text_field("alias_joined", STRING),
        identifier: schema.add_text_field("identifier", STRING),
        name_begun: schema.add_text_field("name_begun", STRING),
        alias_begun: schema.add_text_field("alias_begun", STRING),
        joined_begun: schema.add_text_field("joined_begun", STRING),
        words: schema.add_text_field("words", words()),
        joined_words: schema.add_text_field("joined_words", words()),
        begun_words: schema.add_text_field("begun_words", words()),
        exact_words: schema.add_text_field("exact_words", words()),
        text: schema.add_text_field("text", words()),
        stored: schema.add_text_field("stored", words()),
        context: schema.add_text_field("context", words()),
        anywhere: schema.add_text_field("anywhere", words()),
    };
    (schema.build(), fields)
}

impl Fields {
    /// Those whose terms are looked for with typos.
    pub(super) fn with_typos(&self) -> [Field; 3] {
        [self.words, self.name_joined, self.alias_joined]
    }

    pub(super) fn document(&self, id: i64, document: &Document) -> TantivyDocument {
        let mut out = TantivyDocument::new();
        out.add_i64(self.id, id);
        out.add_u64(self.kind, u64::from(type_code(id)));
        out.add_f64(self.weight, document.weight);
        for (field, value) in [
            (self.country, document.country),
            (self.field, document.field),
            (self.year, document.year),
        ] {
            if let Some(value) = value {
                out.add_i64(field, value);
            }
        }
        for (names, [whole, exact, joined, begun]) in [
            (&document.names, [self.name, self.name_exact, self.name_joined, self.name_begun]),
            (
                &document.aliases,
                [self.alias, self.alias_exact, self.alias_joined, self.alias_begun],
            ),
        ] {
            for name in names {
                out.add_text(whole, name.folded());
                out.add_text(exact, name.exact());
                out.add_text(joined, name.joined());
                beginnings(name, |it| out.add_text(begun, it));
                if name.words.len() > 1 {
                    beginnings_of(&name.joined())
                        .for_each(|it| out.add_text(self.joined_begun, it));
                }
                self.words(name, &mut out);
            }
        }
        for name in &document.names {
            out.add_text(self.name_lang, in_language(&name.lang, &name.folded()));
        }
        for identifier in &document.identifiers {
            out.add_text(self.identifier, identifier);
        }
        let texts = [(self.text, &document.text), (self.stored, &document.stored)];
        for (field, text) in texts {
            let folded = all_of(text, |it| &it.folded);
            out.add_text(self.anywhere, &folded);
            out.add_text(field, folded);
            out.add_text(self.exact_words, all_of(text, |it| &it.exact));
        }
        let context = all_of(&document.context, |it| &it.folded);
        out.add_text(self.anywhere, &context);
        out.add_text(self.context, context);
        out
    }

    /// The words of a name, and two or three neighbours as one: `ha noi` is found by `hanoi`.
    fn words(&self, name: &Name, out: &mut TantivyDocument) {
        let words: Vec<&str> = name.words.iter().map(|it| it.folded.as_str()).collect();
        let joined = [2, 3].into_iter().flat_map(|size| words.windows(size)).map(|it| it.concat());
        for (field, words) in [
            (self.words, words.join(" ")),
            (self.joined_words, joined.collect::<Vec<_>>().join(" ")),
        ] {
            out.add_text(self.anywhere, &words);
            out.add_text(field, words);
        }
        let begun: Vec<&str> = words.iter().flat_map(|word| beginnings_of(word)).collect();
        out.add_text(self.begun_words, begun.join(" "));
        out.add_text(self.exact_words, all_of(&name.words, |it| &it.exact));
    }
}

fn all_of(words: &[Word], form: fn(&Word) -> &str) -> String {
    join(words.iter().map(form), " ")
}

/// A name as it is looked for by those who prefer its language.
pub(super) fn in_language(lang: &str, folded: &str) -> String {
    format!("{lang} {folded}")
}

/// The beginnings of a word that have a term of their own.
fn beginnings_of(word: &str) -> impl Iterator<Item = &str> {
    let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.take(LONGEST_BEGINNING).filter_map(|end| word.get(..end))
}

/// The beginnings of a name that have a term of their own.
fn beginnings(name: &Name, mut add: impl FnMut(&str)) {
    let mut before = String::new();
    for word in name.words.iter().take(MOST_BEGINNING_WORDS) {
        for beginning in beginnings_of(&word.folded) {
            add(&format!("{before}{beginning}"));
        }
        before.push_str(&word.folded);
        // A long word is not among its own beginnings.
        if word.folded.chars().count() > LONGEST_BEGINNING {
            add(&before);
        }
        // With the space the word is at its end there.
        before.push(' ');
        add(&before);
    }
}
