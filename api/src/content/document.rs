//! Documents: the sources of facts.
use entities::{document, document_version, link};

use super::{
    document_version::DocumentVersion, link::Link, mention::Mention, organization::Organization,
    passage::Passage, shared::AGENT, term::Term,
};
use crate::record::{
    cell::Kind,
    def::{Record, Searched, def},
    define::Define,
    filter::FilterKind,
    source::Source,
};

pub struct Document;

/// The version retrieved last; of those without a day of retrieval the one recorded last.
const LATEST: &str = "(SELECT v.id FROM document_version v WHERE v.document_id = {t}.id \
     ORDER BY v.retrieved_on DESC NULLS LAST, v.id DESC LIMIT 1)";

/// The text of that version.
const TEXT: &str = "(SELECT v.text FROM document_version v WHERE v.document_id = {t}.id \
     ORDER BY v.retrieved_on DESC NULLS LAST, v.id DESC LIMIT 1)";

const PASSAGES: &str = "{t}.document_version_id = (SELECT v.id FROM document_version v WHERE v.document_id = {k} \
     ORDER BY v.retrieved_on DESC NULLS LAST, v.id DESC LIMIT 1)";
const AUTHORS: &str =
    "{t}.from_id = {k} AND {t}.relation = 'AUTHORED_BY' AND {t}.modality IN ({s})";
const MENTIONS: &str = "{t}.passage_id IN (SELECT p.id FROM passage p JOIN document_version v ON v.id = p.document_version_id \
     WHERE v.document_id = {k})";

impl Record for Document {
    type Entity = document::Entity;
    const NAME: &str = "Document";
    const ONE: &str = "document";
    const MANY: &str = "documents";
    const ABOUT: &str =
        "An article, decree, report, page, image or other source; `name` is its title.";
    const CODE: u16 = 12;
    const PREFIX: &str = "doc";

    fn define(d: &mut Define<Self>) {
        use document::Column::*;
        d.described();
        let year = Some("CAST(substr({t}.published_earliest, 1, 4) AS INTEGER)");
        d.searched(Searched { year, text: Some(TEXT), ..Searched::NAMED });
        d.one::<Term>(
            "kind",
            KindId,
            "Article, decree, report, page, image and so on; null when not known.",
        )
        .filter();
        d.one::<Organization>("publisher", PublisherId, "Who published it; null when not known.")
            .filter();
        d.authors();
        d.date("datePublished", PublishedDate, "When it was published; null when it does not say.");
        d.plain(Url, "Where it can be read; null when not known.").web_address().filter();
        let language = d.place(InLanguage);
        d.plain(InLanguage, "Language of the original; `und` when not known.").typed("Lang");
        d.filter(
            "inLanguage",
            FilterKind::Langs(language),
            "Any of these languages of the original.",
        );
        let rights = d.place(Rights);
        d.text("rights", rights, "Rights notice; null when none is known. Quotes are served under it, the full text only where a setting allows.");
        let latest = d.expression("latest_version_id", Kind::Int, LATEST);
        d.one_by::<DocumentVersion>(
            "latestVersion",
            latest,
            "Version retrieved last; null when no text is stored.",
        );
        d.many::<DocumentVersion>(
            "versions",
            document_version::Column::DocumentId,
            "Stored texts of it.",
        );
        d.list::<Passage>("passages", Source::Where(PASSAGES), "Passages of the latest version.");
        d.list::<Mention>("mentions", Source::Where(MENTIONS), "Known records named in its texts.");
        d.about();
        d.linked::<Document>(
            "relatedDocuments",
            "RELATED_TO",
            true,
            "Documents that it points to.",
        );
        d.linked::<Document>("images", "ILLUSTRATED_BY", true, "Images that it shows.");
        let [published, name] = [d.place(PublishedEarliest), d.named("sort_name")];
        d.default_order(&[(published, true), (name, false)]);
    }
}

impl Define<Document> {
    /// The authors in the order in which they were linked, which is that of the source.
    fn authors(&mut self) {
        let about = "Authors in the source's order, as their links were added; empty when none is named. At most 20.";
        let link = def::<Link>();
        self.list::<Link>("authors", Source::Where(AUTHORS), about)
            .leading_to(&AGENT, link::Column::ToId)
            .ordered(&[(link.id, false)])
            .plain();
    }
}
