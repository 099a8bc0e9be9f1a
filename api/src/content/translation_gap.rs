//! Translation gaps: what editors still have to translate.
use futures_util::future::BoxFuture;

use super::shared::{DESCRIBED, names};
use crate::{
    error::ApiError,
    record::{
        ask::language,
        catalog,
        def::Argument,
        enum_value,
        found::FoundPlan,
        gap::Gaps,
        object::{ObjectField, ObjectShape},
        relation::Target,
        root::{Pages, RootCall, RootQuery},
    },
    value::lang::Lang,
};

pub const TRANSLATION_GAPS: RootQuery = RootQuery {
    name: "translationGaps",
    ty: "TranslationGapConnection!",
    about: "Records with texts that still need translating: there is a wording in `from` and none in `to`. Order: type, as in `RecordType`, then slug.",
    arguments: &[
        Argument::new("types", "[RecordType!]", "Only these types; all when absent."),
        Argument::new("from", "Lang!", "Language that a text is there in, exactly this tag."),
        Argument::new("to", "Lang!", "Language that the text lacks, exactly this tag."),
    ],
    pages: Pages::Forwards,
    run: translation_gaps,
};

pub const CONNECTION: ObjectShape = ObjectShape {
    name: "TranslationGapConnection",
    about: "A page of records with translation gaps, in the order of the list; at most 100.",
    fields: &[
        ObjectField::new("edges", "[TranslationGapEdge!]!", "The page, with cursors and fields."),
        ObjectField::new("nodes", "[Described!]!", "The page, without cursors."),
        ObjectField::new("pageInfo", "PageInfo!", "Where the page stands in the list."),
        ObjectField::new(
            "totalCount",
            "Int!",
            "Records in the whole list; counted only when asked for.",
        ),
    ],
};

pub const EDGE: ObjectShape = ObjectShape {
    name: "TranslationGapEdge",
    about: "One place in a list of translation gaps.",
    fields: &[
        ObjectField::new("cursor", "String!", "Opaque place in the list, for `after`."),
        ObjectField::new("node", "Described!", "The record at this place."),
        ObjectField::new(
            "fields",
            "[String!]!",
            "Names of its fields with a text in the one language and none in the other, in the order of the schema; of a list of texts it is enough that one is so. At most 50.",
        ),
    ],
};

fn translation_gaps(call: RootCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let RootCall { reader, ask, selected } = call;
        let lang = |name: &str| -> Result<Lang, ApiError> {
            language(&ask.given(selected.field(), name).unwrap_or_default())
        };
        let (from, to) = (lang("from")?, lang("to")?);
        if from == to {
            let message = format!("`from` and `to` are both `{from}`: no text has it and lacks it");
            return Err(ApiError::filter(message));
        }
        let asked = names(ask, selected.field(), "types");
        let is_asked = |name: String| asked.as_ref().is_none_or(|asked| asked.contains(&name));
        let all = catalog().defs().iter().copied();
        let types = all.filter(|def| def.is_described() && is_asked(enum_value(def))).collect();
        let plan = FoundPlan::new(ask, "TranslationGap", Target::Any(&DESCRIBED), selected)?;
        let page = Gaps { from, to, types }.page(call, &plan).await?;
        plan.write(reader, ask, &page).await
    })
}
