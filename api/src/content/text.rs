//! Texts in several languages: names, other names, descriptions, and every property that a source puts into words.
use std::borrow::Cow;

use sea_orm::Value as Bind;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::document::Document;
use crate::{
    error::ApiError,
    record::{
        ask::{Ask, Selected, enum_name, items, language},
        def::{Argument, PlanValue, Record, Render, Words, def},
        define::Define,
        entry::ValueEntry,
        json,
        object::{Object, ObjectField, ObjectShape, Picked},
        relation::Target,
        schema::LANG,
        shape::EnumType,
        write::{Cells, Mistake, Refs, Store, text},
    },
    value::{
        fold::nfc,
        lang::{self, Lang},
        sort::{Alphabet, sort_key},
    },
};

/// One wording, as it is stored: a list of them is a text, the first in the record's own language.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Wording<'a> {
    #[serde(borrow)]
    pub lang: Cow<'a, str>,
    #[serde(borrow)]
    pub value: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Cow<'a, str>>,
}

impl Object for Wording<'_> {
    const SHAPE: ObjectShape = ObjectShape {
        name: "Text",
        about: "A text in one language.",
        fields: &[
            ObjectField::new("value", "String!", "The words themselves, in NFC."),
            ObjectField::new("lang", "Lang!", "Language that was served."),
            ObjectField::new("origin", "TextOrigin!", "Where the wording comes from."),
        ],
    };

    fn write(&self, field: usize, _: &[Lang], out: &mut Vec<u8>) {
        match field {
            0 => json::string(out, &self.value),
            1 => json::string(out, &self.lang),
            _ => json::string(out, self.origin.as_deref().unwrap_or("ORIGINAL")),
        }
    }
}

pub static TEXT_ORIGIN: EnumType = EnumType {
    name: "TextOrigin",
    about: "Where a wording comes from.",
    values: &[
        ("ORIGINAL", "From the source, in its language."),
        ("TRANSLATION", "Translated by a person."),
        ("MACHINE", "Translated by a machine, not checked."),
    ],
};

/// The wordings of a cell; none for one that is empty.
pub fn wordings(cell: Option<&str>) -> Vec<Wording<'_>> {
    cell.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// The wording to serve: in the first language wanted that has one, else in the record's own.
pub fn served<'a>(mut wordings: Vec<Wording<'a>>, wanted: &[Lang]) -> Option<Wording<'a>> {
    if wordings.is_empty() {
        return None;
    }
    let best = lang::best(wanted, wordings.iter().map(|it| &*it.lang)).unwrap_or_default();
    Some(wordings.swap_remove(best))
}

/// The words alone.
fn plain(ask: &Ask<'_>, selected: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    let (column, langs) = (columns[0], ask.languages(selected.field())?);
    Ok(Box::new(move |out, cells| match served(wordings(cells.text(column)), &langs) {
        Some(wording) => json::string(out, &wording.value),
        None => json::null(out),
    }))
}

/// The words with their language.
pub fn one(ask: &Ask<'_>, selected: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    let (column, langs) = (columns[0], ask.languages(selected.field())?);
    let picked = Picked::new(ask, &Wording::SHAPE, selected)?;
    Ok(Box::new(move |out, cells| {
        picked.write_some(served(wordings(cells.text(column)), &langs), out)
    }))
}

/// All wordings, by language tag.
pub fn all(ask: &Ask<'_>, selected: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    let column = columns[0];
    let only = only(ask, selected)?;
    let picked = Picked::new(ask, &Wording::SHAPE, selected)?;
    Ok(Box::new(move |out, cells| {
        let mut list = wordings(cells.text(column));
        list.retain(|it| {
            only.as_ref().is_none_or(|only| only.iter().any(|tag| tag.as_str() == it.lang))
        });
        list.sort_by(|a, b| a.lang.cmp(&b.lang));
        json::list(out, json::ARRAY, &list, |out, it| picked.write(it, out));
    }))
}

/// A list of texts, each in the language served.
fn each(ask: &Ask<'_>, selected: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    let (column, langs) = (columns[0], ask.languages(selected.field())?);
    let picked = Picked::new(ask, &Wording::SHAPE, selected)?;
    Ok(Box::new(move |out, cells| {
        let list: Vec<Vec<Wording<'_>>> =
            cells.text(column).and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let served = list.into_iter().filter_map(|wordings| served(wordings, &langs));
        json::list(out, json::ARRAY, served, |out, it| picked.write(&it, out));
    }))
}

/// The languages of a `lang` argument that limits a list; `None` shows all.
fn only(ask: &Ask<'_>, selected: &Selected<'_>) -> Result<Option<Vec<Lang>>, ApiError> {
    let given = ask.given(selected.field(), "lang");
    given.map(|value| items(value).iter().map(language).collect()).transpose()
}

/// The argument that limits a list of wordings.
const ONLY: Argument =
    Argument::new("lang", "[Lang!]", "Only these languages, no fallback; all when absent.");

/// Another name, as it is stored.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct AlternateName<'a> {
    #[serde(borrow)]
    value: Cow<'a, str>,
    #[serde(borrow)]
    lang: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    scope: Option<Cow<'a, str>>,
    /// Public id of the document that a name is limited to.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    document: Option<Cow<'a, str>>,
}

impl AlternateName<'_> {
    fn scope(&self) -> &str {
        self.scope.as_deref().unwrap_or("GLOBAL")
    }
}

impl Object for AlternateName<'_> {
    const SHAPE: ObjectShape = ObjectShape {
        name: "AlternateName",
        about: "Another name of a record.",
        fields: &[
            ObjectField::new("value", "String!", "The name itself, in NFC."),
            ObjectField::new("lang", "Lang!", "Its language; `und` when not known."),
            ObjectField::new("scope", "NameScope!", "Where it stands for the record."),
            ObjectField::new(
                "documentId",
                "ID",
                "Id of the one document in which it does; null with `GLOBAL`.",
            ),
        ],
    };

    fn write(&self, field: usize, _: &[Lang], out: &mut Vec<u8>) {
        match (field, &self.document) {
            (0, _) => json::string(out, &self.value),
            (1, _) => json::string(out, &self.lang),
            (2, _) => json::string(out, self.scope()),
            (_, Some(document)) => json::string(out, document),
            (_, None) => json::null(out),
        }
    }
}

pub static NAME_SCOPE: EnumType = EnumType {
    name: "NameScope",
    about: "Where an alternate name stands for its record.",
    values: &[
        ("GLOBAL", "Everywhere; searched."),
        ("DOCUMENT", "In one document only, e.g. “Thủ đô” for Hà Nội; never searched."),
    ],
};

fn alternate_names(
    ask: &Ask<'_>,
    selected: &Selected<'_>,
    columns: &[usize],
) -> Result<Render, ApiError> {
    let column = columns[0];
    let only = only(ask, selected)?;
    let scopes = ask.given(selected.field(), "scope").map(items).unwrap_or_default();
    let scopes: Vec<String> = scopes.iter().filter_map(enum_name).map(str::to_owned).collect();
    let picked = Picked::new(ask, &AlternateName::SHAPE, selected)?;
    Ok(Box::new(move |out, cells| {
        let mut list: Vec<AlternateName<'_>> =
            cells.text(column).and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        list.retain(|it| match scopes.is_empty() {
            true => it.scope() == "GLOBAL",
            false => scopes.iter().any(|scope| scope == it.scope()),
        });
        list.retain(|it| {
            only.as_ref().is_none_or(|only| only.iter().any(|tag| tag.as_str() == it.lang))
        });
        json::list(out, json::ARRAY, &list, |out, it| picked.write(it, out));
    }))
}

impl<T: Record> Define<T> {
    /// Names, other names and descriptions, as all described records have them.
    pub fn names(&mut self) {
        let names = self.named("names");
        let sort = ["sort_name", "sort_vi", "sort_en"].map(|name| self.named(name));
        let order = crate::record::def::OrderOn::Name { own: sort[0], vi: sort[1], en: sort[2] };
        self.value(
            "name",
            "String!",
            &[names],
            plain,
            "Name in the first language that has one, else in the record's own.",
        )
        .arguments(&[LANG])
        .filter(crate::record::filter::FilterKind::Name)
        .order(order);
        self.def().words.push(Words { field: "name", column: names, is_list: false });
        self.value("nameText", "Text!", &[names], one, "`name` with the language that was served.")
            .arguments(&[LANG]);
        self.value(
            "names",
            "[Text!]!",
            &[names],
            all,
            "Names, one a language, by language tag. At most 100.",
        )
        .arguments(&[ONLY])
        .store(Store::Value {
            columns: vec![names, sort[0], sort[1], sort[2]],
            write: write_names,
        });
        let others = self.named("alternate_names");
        let scope =
            Argument::new("scope", "[NameScope!]!", "Scopes to show.").with_default("[GLOBAL]");
        self.value(
            "alternateNames",
            "[AlternateName!]!",
            &[others],
            alternate_names,
            "Other names, by language, then value. At most 100.",
        )
        .arguments(&[ONLY, scope])
        .store(Store::Value { columns: vec![others], write: write_alternate_names });
        let descriptions = self.named("descriptions");
        let about = "Description, chosen as `name` is; null when there is none in any language.";
        self.value("description", "String", &[descriptions], plain, about).arguments(&[LANG]);
        self.def().words.push(Words { field: "description", column: descriptions, is_list: false });
        let about = "`description` with the language that was served; null likewise.";
        self.value("descriptionText", "Text", &[descriptions], one, about).arguments(&[LANG]);
        let about = "Descriptions, one a language, by language tag. At most 100.";
        self.value("descriptions", "[Text!]!", &[descriptions], all, about)
            .arguments(&[ONLY])
            .store(Store::Value { columns: vec![descriptions], write: write_text });
    }

    /// A property in words.
    pub fn text(
        &mut self,
        name: &'static str,
        column: usize,
        about: &'static str,
    ) -> ValueEntry<'_> {
        self.in_words(name, "Text", column, one, write_text, about)
    }

    /// A list of texts.
    pub fn texts(
        &mut self,
        name: &'static str,
        column: usize,
        about: &'static str,
    ) -> ValueEntry<'_> {
        self.in_words(name, "[Text!]!", column, each, write_texts, about)
    }

    fn in_words(
        &mut self,
        name: &'static str,
        ty: &'static str,
        column: usize,
        plan: PlanValue,
        write: crate::record::write::WriteValue,
        about: &'static str,
    ) -> ValueEntry<'_> {
        self.def().words.push(Words { field: name, column, is_list: ty != "Text" });
        let store = Store::Value { columns: vec![column], write };
        self.value(name, ty, &[column], plan, about).arguments(&[LANG]).store(store)
    }
}

/// A text has at most this many wordings, and a record as many other names.
const MOST: usize = 100;

/// Longer names do not fit into the indexes that names are found by.
const LONGEST_NAME: usize = 500;

fn checked(value: &Json) -> Result<Vec<Wording<'_>>, Mistake> {
    let list: Vec<Wording<'_>> = Deserialize::deserialize(value).map_err(|_| {
        Mistake::format("a text is a list of wordings, each with `lang` and `value`")
    })?;
    if list.is_empty() || list.len() > MOST {
        return Err(Mistake::format(format!("a text has 1 to {MOST} wordings")));
    }
    for (i, it) in list.iter().enumerate() {
        check_lang(&it.lang)?;
        text(&Json::String(it.value.to_string()))?;
        if it.value.trim().is_empty() {
            return Err(Mistake::format("a wording is not blank"));
        }
        if list[..i].iter().any(|before| before.lang == it.lang) {
            return Err(Mistake::format(format!("there are two wordings in `{}`", it.lang)));
        }
        if !it
            .origin
            .as_deref()
            .is_none_or(|origin| TEXT_ORIGIN.values.iter().any(|(name, _)| *name == origin))
        {
            return Err(Mistake::format("`origin` is ORIGINAL, TRANSLATION or MACHINE"));
        }
    }
    Ok(list)
}

fn check_lang(tag: &str) -> Result<(), Mistake> {
    match Lang::parse(tag) {
        Some(lang) if lang.as_str() == tag => Ok(()),
        _ => Err(Mistake::format(format!(
            "`{tag}` is not a language tag in its usual form, such as `vi` or `zh-Hant`"
        ))),
    }
}

/// Wordings as they are stored: in NFC, without what goes without saying.
fn stored(list: &[Wording<'_>]) -> Json {
    let wording = |it: &Wording<'_>| {
        let mut out = serde_json::Map::new();
        out.insert("lang".into(), it.lang.as_ref().into());
        out.insert("value".into(), nfc(&it.value).into());
        if let Some(origin) = it.origin.as_deref().filter(|origin| *origin != "ORIGINAL") {
            out.insert("origin".into(), origin.into());
        }
        Json::Object(out)
    };
    list.iter().map(wording).collect()
}

pub fn write_text(
    value: &Json,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    cells.set(columns[0], stored(&checked(value)?));
    Ok(())
}

fn write_texts(
    value: &Json,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let list = value.as_array().filter(|list| list.len() <= MOST);
    let list =
        list.ok_or_else(|| Mistake::format(format!("a list of at most {MOST} texts is expected")))?;
    let texts = list.iter().enumerate().map(|(i, text)| match checked(text) {
        Ok(wordings) => Ok(stored(&wordings)),
        Err(mistake) => Err(mistake.below(i.to_string())),
    });
    cells.set(columns[0], Bind::from(texts.collect::<Result<Json, _>>()?));
    Ok(())
}

fn write_names(
    value: &Json,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let list = checked(value)?;
    if let Some(long) = list.iter().find(|it| it.value.chars().count() > LONGEST_NAME) {
        let message =
            format!("the name in `{}` has more than {LONGEST_NAME} characters", long.lang);
        return Err(Mistake::format(message));
    }
    let own = &*list[0].value;
    let shown = |tag: &str| list.iter().find(|it| it.lang == tag).map_or(own, |it| &*it.value);
    cells.set(columns[0], stored(&list));
    // Lists without a language of their own mix the languages of the records; the Vietnamese order has all letters.
    cells.set(columns[1], sort_key(own, Alphabet::Vietnamese));
    cells.set(columns[2], sort_key(shown("vi"), Alphabet::Vietnamese));
    cells.set(columns[3], sort_key(shown("en"), Alphabet::Latin));
    Ok(())
}

fn write_alternate_names(
    value: &Json,
    columns: &[usize],
    refs: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let mut list: Vec<AlternateName<'_>> = Deserialize::deserialize(value)
        .map_err(|_| Mistake::format("other names are a list, each with `value` and `lang`"))?;
    if list.len() > MOST {
        return Err(Mistake::format(format!("a record has at most {MOST} other names")));
    }
    for it in &mut list {
        check_lang(&it.lang)?;
        it.value = text(&Json::String(it.value.to_string()))?.into();
        match (it.scope(), &it.document) {
            ("GLOBAL", None) => {}
            ("DOCUMENT", Some(document)) => {
                refs.resolve(&document.as_ref().into(), Target::Record(def::<Document>))?;
            }
            _ => return Err(Mistake::format("`scope` is GLOBAL, or DOCUMENT with the `document`")),
        }
    }
    list.sort_by(|a, b| (&a.lang, &a.value).cmp(&(&b.lang, &b.value)));
    let json = serde_json::to_value(&list).map_err(|e| Mistake::format(e.to_string()))?;
    cells.set(columns[0], json);
    Ok(())
}
