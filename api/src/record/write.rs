//! From written values to rows: what a changeset holds for a record, in the API's field names, becomes the cells of its table.
use std::collections::HashMap;

use sea_orm::Value as Bind;
use serde_json::{Map, Value as Json};
use url::Url;

use super::{
    cell::Kind,
    def::{Def, Field},
    relation::Target,
    shape::EnumType,
};
use crate::value::fold;

/// The fields of a record as they are written and logged. References are public ids.
pub type Fields = Map<String, Json>;

/// How a written value becomes cells.
#[derive(Clone)]
pub enum Store {
    Scalar(usize),
    Choice(usize, &'static EnumType),
    One {
        column: usize,
        target: Target,
    },
    /// A list of rows of another table that are parts of the record; `owner` is their column that holds its id.
    Parts {
        def: fn() -> &'static Def,
        owner: usize,
    },
    /// A value of several cells, or one that needs a check of its own.
    Value {
        columns: Vec<usize>,
        write: WriteValue,
    },
}

/// The largest number that GraphQL's `Int` has.
const LARGEST_INT: i64 = i32::MAX as i64;

/// What records are told apart by fits into an index, whatever its characters.
const LONGEST_KEY: usize = 500;

/// A record has at most this many parts in a list.
pub const MOST_PARTS: usize = 20;

pub type WriteValue = fn(&Json, &[usize], &Refs<'_>, &mut Cells) -> Result<(), Mistake>;

/// Something wrong in what was given, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Field, and places below it.
    pub path: Vec<String>,
    pub code: MistakeCode,
    pub message: String,
    /// With [`MistakeCode::StaleVersion`]: what became of the field that the path ends with.
    pub differs: Option<Box<Differs>>,
}

/// A field that has changed since the writer saw it; null where it has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differs {
    /// As the writer saw it.
    pub base: Json,
    pub current: Json,
    /// As the writer wants it; null where that is not said.
    pub proposed: Json,
}

/// Why a value is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MistakeCode {
    Required,
    UnknownField,
    Format,
    UnknownReference,
    Duplicate,
    QuoteNotFound,
    StaleVersion,
    /// Two periods overlap that must not.
    Overlap,
    /// Other records point to what is to go.
    InUse,
    /// The value stands against another one, and both are not wanted.
    Contradiction,
    /// What others have said is changed by those who may decide: it needs the scope `PUBLISH`.
    Forbidden,
    /// More than one changeset takes.
    TooMany,
}

impl Mistake {
    pub fn new(code: MistakeCode, message: impl Into<String>) -> Self {
        Mistake { path: Vec::new(), code, message: message.into(), differs: None }
    }

    pub fn format(message: impl Into<String>) -> Self {
        Mistake::new(MistakeCode::Format, message)
    }

    #[must_use]
    pub fn below(mut self, step: impl Into<String>) -> Self {
        self.path.insert(0, step.into());
        self
    }
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.join("."), self.message)
    }
}

/// Internal ids of the records that the values refer to.
pub struct Refs<'a> {
    pub ids: &'a HashMap<String, i64>,
}

impl Refs<'_> {
    /// The record of a public id, which must be of one of the target's types.
    pub fn resolve(&self, value: &Json, target: Target) -> Result<i64, Mistake> {
        let public_id =
            value.as_str().ok_or_else(|| Mistake::format("a reference is the id of a record"))?;
        let unknown = |what: String| Mistake::new(MistakeCode::UnknownReference, what);
        let id = self
            .ids
            .get(public_id)
            .ok_or_else(|| unknown(format!("there is no record `{public_id}`")))?;
        match target.of(*id) {
            Some(_) => Ok(*id),
            None => Err(unknown(format!(
                "`{public_id}` is a record of another type than this field takes"
            ))),
        }
    }
}

/// A rule of a type's own on the fields of a record.
pub type Rule = fn(&Fields) -> Option<Mistake>;

/// A rule of a type's own that looks at other records too.
pub type Check = fn(&Fields, &Known<'_>) -> Vec<Mistake>;

/// Such a rule, and the fields that it looks at.
pub struct Checked {
    pub fields: &'static [&'static str],
    pub check: Check,
}

/// What a rule can look at: the records that the written one refers to by the fields it says, and those that they refer to by
/// the fields that their own rules look at.
pub struct Known<'a> {
    pub look: &'a dyn Fn(&str) -> Option<&'a Fields>,
}

impl<'a> Known<'a> {
    /// The record that a field refers to.
    pub fn referred(&self, fields: &Fields, field: &str) -> Option<&'a Fields> {
        (self.look)(fields.get(field)?.as_str()?)
    }
}

/// A row that is a part of a record, in the order of its type's stored columns.
pub struct PartRow {
    pub def: &'static Def,
    pub cells: Vec<Bind>,
}

/// Ids of parts begin with their record's: there is room for so many.
const PART_IDS: i64 = 32;

fn parts(value: &Json) -> Result<&[Json], Mistake> {
    let list = value.as_array().filter(|list| list.len() <= MOST_PARTS);
    let message = || Mistake::format(format!("a list of at most {MOST_PARTS} is expected"));
    list.map(Vec::as_slice).ok_or_else(message)
}

/// The cells of one row, by column.
pub struct Cells {
    values: Vec<Option<Bind>>,
}

impl Cells {
    fn new(columns: usize) -> Self {
        Cells { values: vec![None; columns] }
    }

    pub fn set(&mut self, column: usize, value: impl Into<Bind>) {
        self.values[column] = Some(value.into());
    }

    /// The value of a column; `None` if none was set.
    pub fn get(&self, column: usize) -> Option<&Bind> {
        self.values[column].as_ref()
    }

    /// The values of these columns, which are all set.
    pub fn take(mut self, columns: &[usize]) -> Vec<Bind> {
        columns.iter().filter_map(|column| self.values[*column].take()).collect()
    }
}

/// Text as it is stored: in NFC.
pub fn text(value: &Json) -> Result<String, Mistake> {
    match value.as_str() {
        Some(text) if text.contains('\0') => {
            Err(Mistake::format("a text cannot hold the character NUL"))
        }
        Some(text) => Ok(fold::nfc(text).into_owned()),
        None => Err(Mistake::format("a text is expected")),
    }
}

/// A whole number from 1 on, such as a count or a place in a list.
pub fn from_one(
    value: &Json,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let number = value.as_i64().filter(|number| (1..=LARGEST_INT).contains(number));
    cells.set(
        columns[0],
        number.ok_or_else(|| Mistake::format("a whole number from 1 on is expected"))?,
    );
    Ok(())
}

/// A name for addresses: as [`fold::slug`] makes it, and short enough for an index.
pub fn slug(value: &Json) -> Result<String, Mistake> {
    let slug = text(value)?;
    if slug.is_empty() || fold::slug(&slug) != slug {
        let message = format!(
            "a slug is of lower-case letters, digits and single `-` between them: `{}`",
            fold::slug(&slug)
        );
        return Err(Mistake::format(message));
    }
    if slug.len() > LONGEST_SLUG {
        return Err(Mistake::format(format!("a slug has at most {LONGEST_SLUG} characters")));
    }
    Ok(slug)
}

const LONGEST_SLUG: usize = 200;

fn former_slugs(value: &Json) -> Result<(), Mistake> {
    let list = match value {
        Json::Array(list) => list.as_slice(),
        Json::Null => &[],
        _ => return Err(Mistake::format("former slugs are a list")),
    };
    let wrong = |(i, it): (usize, &Json)| Some(slug(it).err()?.below(i.to_string()));
    list.iter().enumerate().find_map(wrong).map_or(Ok(()), Err)
}

/// The address of a page: what a reader can follow without harm.
pub fn web_address(
    value: &Json,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let address = text(value)?;
    let is_plain = !address.contains(|it: char| it.is_whitespace() || it.is_control());
    let is_web = Url::parse(&address).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
    });
    if !is_plain || !is_web {
        return Err(Mistake::format(
            "an absolute http or https address is expected, without spaces and passwords",
        ));
    }
    if address.len() > LONGEST_ADDRESS {
        return Err(Mistake::format(format!("an address has at most {LONGEST_ADDRESS} bytes")));
    }
    cells.set(columns[0], address);
    Ok(())
}

/// As long as browsers and proxies take one, and an index too.
const LONGEST_ADDRESS: usize = 2_000;

/// A code of a form that is known; which codes there are is left to those who give them out.
pub fn code(
    value: &Json,
    column: usize,
    form: &str,
    is_right: fn(&str) -> bool,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let code = text(value)?;
    if !is_right(&code) {
        return Err(Mistake::format(format!("{form} is expected")));
    }
    cells.set(column, code);
    Ok(())
}

/// A number above 0, such as a size.
pub fn above_zero(
    value: &Json,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let number = value.as_f64().filter(|number| *number > 0.0);
    cells.set(columns[0], number.ok_or_else(|| Mistake::format("a number above 0 is expected"))?);
    Ok(())
}

/// The null of a column's kind.
pub fn null(kind: Kind) -> Bind {
    match kind {
        Kind::Int => Bind::BigInt(None),
        Kind::Float => Bind::Double(None),
        Kind::Bool => Bind::Bool(None),
        Kind::Text => Bind::String(None),
        Kind::Json => Bind::Json(None),
    }
}

/// Columns of a type's table that `changes` fills in itself.
const OWN: [&str; 4] = ["public_id", "version", "created_at", "updated_at"];

impl Def {
    /// Columns of the table, expressions left out.
    pub fn stored_columns(&self) -> Vec<usize> {
        (0..self.columns.len())
            .filter(|column| self.columns[*column].expression.is_none())
            .collect()
    }

    /// The row of a record, but for its ids, version and times; or all mistakes in its fields.
    pub fn cells(&self, fields: &Fields, refs: &Refs<'_>) -> Result<Cells, Vec<Mistake>> {
        self.cells_but(None, fields, refs)
    }

    /// As [`Def::cells`], but for a column that the caller fills.
    fn cells_but(
        &self,
        but: Option<usize>,
        fields: &Fields,
        refs: &Refs<'_>,
    ) -> Result<Cells, Vec<Mistake>> {
        let mut cells = Cells::new(self.columns.len());
        let mut mistakes = Vec::new();
        for (name, value) in fields {
            let store = self.fields.get(name.as_str()).and_then(|field| field.store.as_ref());
            let result = match store {
                // Further slugs stand in a key table alone.
                None if name == "formerSlugs" && self.is_described() => former_slugs(value),
                None => Err(Mistake::new(
                    MistakeCode::UnknownField,
                    format!("{} has no field `{name}` to write", self.name),
                )),
                Some(_) if value.is_null() => Ok(()),
                Some(store) => self.store(store, value, refs, &mut cells),
            };
            mistakes.extend(result.err().map(|mistake| mistake.below(name.as_str())));
        }
        for column in self.stored_columns() {
            if column == self.id
                || Some(column) == but
                || OWN.contains(&self.columns[column].name.as_str())
                || cells.values[column].is_some()
            {
                continue;
            }
            match self.default(column) {
                Some(value) => cells.values[column] = Some(value),
                None => {
                    let field = self.field_of(column);
                    // A mistake in the field itself says more.
                    if !mistakes.iter().any(|mistake| mistake.path.first() == Some(&field)) {
                        mistakes.push(
                            Mistake::new(MistakeCode::Required, "a value is required").below(field),
                        );
                    }
                }
            }
        }
        if mistakes.is_empty() { Ok(cells) } else { Err(mistakes) }
    }

    fn store(
        &self,
        store: &Store,
        value: &Json,
        refs: &Refs<'_>,
        cells: &mut Cells,
    ) -> Result<(), Mistake> {
        match store {
            Store::Scalar(column) => {
                let value = scalar(self.columns[*column].kind, value)?;
                let is_key = self.uniques.iter().any(|it| it.columns.contains(column));
                if let Bind::String(Some(text)) = &value
                    && is_key
                    && text.chars().count() > LONGEST_KEY
                {
                    let message =
                        format!("at most {LONGEST_KEY} characters: records are found by it");
                    return Err(Mistake::format(message));
                }
                cells.set(*column, value);
            }
            Store::Choice(column, of) => {
                let text = text(value)?;
                if !of.values.iter().any(|(name, _)| *name == text) {
                    return Err(Mistake::format(format!("`{text}` is no value of {}", of.name)));
                }
                cells.set(*column, text);
            }
            Store::One { column, target } => cells.set(*column, refs.resolve(value, *target)?),
            Store::Parts { def, owner } => {
                for (place, part) in parts(value)?.iter().enumerate() {
                    let wrong = |mistake: Mistake| mistake.below(place.to_string());
                    def().part(*owner, part, refs).map_err(wrong)?;
                }
            }
            Store::Value { columns, write } => write(value, columns, refs, cells)?,
        }
        Ok(())
    }

    /// Whether a field takes a value that refers to no record.
    pub fn takes(&self, field: &str, value: &Json) -> Result<(), Mistake> {
        let store = self.fields.get(field).and_then(|field| field.store.as_ref());
        let (refs, mut cells) = (Refs { ids: &HashMap::new() }, Cells::new(self.columns.len()));
        store.map_or(Ok(()), |store| self.store(store, value, &refs, &mut cells))
    }

    /// The cells of a part of a record, or the first mistake in it.
    fn part(&self, owner: usize, part: &Json, refs: &Refs<'_>) -> Result<Cells, Mistake> {
        let expected = || Mistake::format("an object with its fields is expected");
        let fields = part.as_object().ok_or_else(expected)?;
        let first = |mistakes: Vec<Mistake>| mistakes.into_iter().next().unwrap_or_else(expected);
        self.cells_but(Some(owner), fields, refs).map_err(first)
    }

    /// The rows of a record's parts, by their types; its fields have no mistakes.
    pub fn part_rows(&self, id: i64, fields: &Fields, refs: &Refs<'_>) -> Vec<PartRow> {
        let mut rows = Vec::new();
        for (name, value) in fields {
            let Some(Field { store: Some(Store::Parts { def, owner }), .. }) =
                self.fields.get(name.as_str())
            else {
                continue;
            };
            for (place, part) in (0..).zip(parts(value).unwrap_or_default()) {
                if let Ok(mut cells) = def().part(*owner, part, refs) {
                    cells.set(def().id, id * PART_IDS + place);
                    cells.set(*owner, id);
                    rows.push(PartRow { def: def(), cells: cells.take(&def().stored_columns()) });
                }
            }
        }
        rows
    }

    /// The types of its parts, with the field that they are in and their column that holds its id.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &'static Def, usize)> {
        self.fields.iter().filter_map(|(name, field)| match field.store {
            Some(Store::Parts { def, owner }) => Some((*name, def(), owner)),
            _ => None,
        })
    }

    /// Columns of the table that hold ids of records.
    pub fn references(&self) -> impl Iterator<Item = usize> {
        let columns = self.stored_columns().into_iter().map(|it| (it, &self.columns[it]));
        let is_reference =
            |it: &super::def::Column| it.kind == Kind::Int && it.name.ends_with("_id");
        columns.filter(move |(_, column)| is_reference(column)).map(|(it, _)| it)
    }

    /// The property of claims that are about a field; `None` where claims have no say.
    pub fn property_of(&self, field: &str) -> Option<&'static str> {
        self.claimed.iter().find(|(_, of)| **of == field).map(|(property, _)| *property)
    }

    /// Whether a field is a reference to a record and nothing else.
    pub fn is_reference(&self, field: &str) -> bool {
        let store = self.fields.get(field).and_then(|it| it.store.as_ref());
        matches!(store, Some(Store::One { .. }))
    }

    /// Whether a new record must have a value for the field.
    pub fn is_required(&self, field: &Field) -> bool {
        let columns: &[usize] = match &field.store {
            Some(Store::Scalar(column) | Store::Choice(column, _) | Store::One { column, .. }) => {
                std::slice::from_ref(column)
            }
            Some(Store::Value { columns, .. }) => columns,
            Some(Store::Parts { .. }) | None => &[],
        };
        columns.iter().any(|column| self.default(*column).is_none())
    }

    /// What a column holds where nothing was given; `None` if something must be.
    fn default(&self, column: usize) -> Option<Bind> {
        let Column { kind, nullable, name } = Column::of(self, column);
        match (nullable, kind, name) {
            (true, ..) => Some(null(kind)),
            (_, _, "rank") => Some("NORMAL".into()),
            (_, _, "modality") => Some("STATED".into()),
            (_, Kind::Json, name) if name != "names" => Some(Bind::from(Json::Array(vec![]))),
            (_, Kind::Bool, _) => Some(false.into()),
            _ => None,
        }
    }

    /// The field that writes a column; for messages.
    pub fn field_of(&self, column: usize) -> String {
        let writes = |store: &Store| match store {
            Store::Scalar(place) | Store::Choice(place, _) | Store::One { column: place, .. } => {
                *place == column
            }
            Store::Value { columns, .. } => columns.contains(&column),
            Store::Parts { .. } => false,
        };
        let field = self.fields.iter().find(|(_, field)| field.store.as_ref().is_some_and(writes));
        field.map_or_else(|| self.columns[column].name.clone(), |(name, _)| (*name).to_owned())
    }
}

struct Column<'a> {
    kind: Kind,
    nullable: bool,
    name: &'a str,
}

impl<'a> Column<'a> {
    fn of(def: &'a Def, column: usize) -> Self {
        let column = &def.columns[column];
        Column { kind: column.kind, nullable: column.nullable, name: &column.name }
    }
}

fn scalar(kind: Kind, value: &Json) -> Result<Bind, Mistake> {
    match kind {
        Kind::Int => value
            .as_i64()
            .filter(|number| (-LARGEST_INT..=LARGEST_INT).contains(number))
            .map(Bind::from)
            .ok_or_else(|| Mistake::format("a whole number is expected")),
        Kind::Float => {
            value.as_f64().map(Bind::from).ok_or_else(|| Mistake::format("a number is expected"))
        }
        Kind::Bool => value
            .as_bool()
            .map(Bind::from)
            .ok_or_else(|| Mistake::format("true or false is expected")),
        Kind::Text => text(value).map(Bind::from),
        Kind::Json => Ok(Bind::from(value.clone())),
    }
}
