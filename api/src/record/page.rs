//! Pages: the arguments of a list, and the cursors that say where a page begins.
use async_graphql::{Positioned, Value, parser::types::Field as GqlField};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sea_orm::Value as Bind;
use sha2::{Digest, Sha256};

use super::{
    ask::{Ask, enum_name, items},
    cell::{Cells, Kind, Mask},
    def::{Def, OrderOn},
    filter, json,
    pred::Pred,
    relation::{Many, Scope},
};
use crate::error::{ApiError, Code};

/// Page size where none is asked for, and the largest.
pub const DEFAULT_PAGE: usize = 20;
pub const LARGEST_PAGE: usize = 100;
/// The longest list that is shown whole, as an array; what may be longer is a connection.
pub const LONGEST_ARRAY: usize = 20;
/// The largest page of a root list of which only keys are asked for: sitemaps and static builds list all there is.
pub const LARGEST_KEY_PAGE: usize = 1_000;
/// The columns of such keys, and what they are called in the schema.
const KEYS: [(&str, &str); 3] =
    [("public_id", "`id`"), ("slug", "`slug`"), ("updated_at", "`updatedAt`")];
/// Keys of an order at most.
const MOST_KEYS: usize = 5;

/// One key of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Column of the definition; `None` is the field of the list's edges.
    pub column: Option<usize>,
    pub descending: bool,
    pub nulls_first: bool,
}

/// What a list was asked for.
#[derive(Clone, Debug)]
pub struct Listing {
    pub condition: Pred,
    /// Ends with the id, so that no two rows are equal.
    pub order: Vec<Key>,
    pub size: usize,
    /// Whether a row more than the page is read, to know if there is a further page.
    pub looks_ahead: bool,
    /// Values of the order's keys at the row before the page.
    pub after: Option<Vec<Option<Bind>>>,
    /// The page ends before the cursor, and is read backwards.
    pub backwards: bool,
    pub scope: Scope,
}

impl Listing {
    /// The list of a root field (`many` is `None`), or of a record's field.
    pub fn parse(
        ask: &Ask<'_>,
        field: &Positioned<GqlField>,
        def: &'static Def,
        many: Option<&Many>,
        further: Option<Pred>,
    ) -> Result<Listing, ApiError> {
        let scope = match many.and_then(|many| many.scope) {
            Some(plan) => plan(ask, field)?,
            None => Scope::default(),
        };
        let filter = ask.argument(field, "filter");
        let all_ranks = scope.ranks || many.is_some_and(|many| many.all_ranks);
        let parse = if all_ranks { filter::own } else { filter::parse };
        let mut condition = parse(def, filter.as_ref())?;
        for further in scope.condition.iter().chain(&further) {
            condition = Pred::All(vec![condition, further.clone()]);
        }
        let order = order(ask, field, def, many)?;
        let (size, cursor, backwards) = match many {
            Some(many) if many.single => (1, None, false),
            Some(many) if many.plain => (LONGEST_ARRAY, None, false),
            Some(_) => window(ask, field, LARGEST_PAGE)?,
            // How long it may be depends on what is asked of its records: see `check_size`.
            None => window(ask, field, usize::MAX)?,
        };
        let mut listing =
            Listing { condition, order, size, looks_ahead: false, after: None, backwards, scope };
        if let Some(cursor) = cursor {
            listing.after = Some(listing.read_cursor(def, many, &cursor)?);
        }
        Ok(listing)
    }

    /// Refuses a page that is larger than what is asked of its records allows: these columns of a type, and whether
    /// anything else.
    pub fn check_size(&self, def: &Def, columns: Mask, more: bool) -> Result<(), ApiError> {
        if self.size <= LARGEST_PAGE {
            return Ok(());
        }
        let (name, size) = (if self.backwards { "last" } else { "first" }, self.size.to_string());
        let is_key = |column: &usize| {
            *column == def.id || KEYS.iter().any(|(key, _)| def.columns[*column].name == *key)
        };
        let keys = (0..def.columns.len()).filter(is_key).fold(0, |mask, column| mask | 1 << column);
        let Some(advice) = long_pages(def) else {
            return Err(out_of_bounds(name, &size, LARGEST_PAGE));
        };
        match (more || columns & !keys != 0, self.size <= LARGEST_KEY_PAGE) {
            (false, true) => Ok(()),
            (false, false) => Err(out_of_bounds(name, &size, LARGEST_KEY_PAGE)),
            (true, _) => {
                let mut error = out_of_bounds(name, &size, LARGEST_PAGE);
                error.message += &format!(", or ask for {advice}");
                Err(error)
            }
        }
    }

    /// How many rows a statement reads.
    pub fn limit(&self) -> usize {
        self.size + usize::from(self.looks_ahead)
    }

    /// Says to what list, order and filter a cursor belongs: a cursor holds for no other.
    pub fn shape(&self, def: &Def, many: Option<&Many>) -> [u8; 6] {
        let list = many.map(|many| (&many.source, many.connection));
        let what = format!(
            "{} {list:?} {:?} {:?} {:?}",
            def.name, self.condition, self.order, self.scope.sql
        );
        let digest = Sha256::digest(what);
        [digest[0], digest[1], digest[2], digest[3], digest[4], digest[5]]
    }

    /// The cursor of a row, as a JSON string. `extra` is where the row has the field of the list's edges.
    pub fn write_cursor(
        &self,
        out: &mut Vec<u8>,
        def: &Def,
        shape: [u8; 6],
        cells: Cells<'_>,
        extra: Option<usize>,
    ) {
        let mut raw = cursor_head(shape);
        json::list(&mut raw, json::ARRAY, &self.order, |raw, key| match key.column {
            Some(column) => match def.columns[column].kind {
                Kind::Int => optional(raw, cells.int(column), json::int),
                Kind::Float => optional(raw, cells.float(column), json::float),
                Kind::Bool => optional(raw, cells.bool(column), json::bool),
                Kind::Text | Kind::Json => optional(raw, cells.text(column), json::string),
            },
            None => optional(raw, extra.and_then(|extra| cells.row.text(extra)), json::string),
        });
        json::string(out, &BASE64_URL_SAFE_NO_PAD.encode(raw));
    }

    fn read_cursor(
        &self,
        def: &Def,
        many: Option<&Many>,
        cursor: &str,
    ) -> Result<Vec<Option<Bind>>, ApiError> {
        let values = open_cursor(self.shape(def, many), cursor)?;
        if values.len() != self.order.len() {
            return Err(broken_cursor());
        }
        let pairs = self.order.iter().zip(values);
        pairs
            .map(|(key, value)| {
                bind(key.column.map_or(Kind::Text, |c| def.columns[c].kind), value, broken_cursor)
            })
            .collect()
    }
}

/// First byte of every cursor.
const VERSION: u8 = 1;

fn cursor_head(shape: [u8; 6]) -> Vec<u8> {
    let mut raw = vec![VERSION];
    raw.extend_from_slice(&shape);
    raw
}

/// The cursor of a list that is no [`Listing`]; `values` is an array in JSON.
pub(super) fn cursor(shape: [u8; 6], values: &str) -> String {
    let mut raw = cursor_head(shape);
    raw.extend_from_slice(values.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(raw)
}

/// The values of a cursor, which must be of this list.
pub(super) fn open_cursor(
    shape: [u8; 6],
    cursor: &str,
) -> Result<Vec<serde_json::Value>, ApiError> {
    let raw = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| broken_cursor())?;
    let (head, values) = raw.split_at_checked(7).ok_or_else(broken_cursor)?;
    if head[0] != VERSION {
        return Err(broken_cursor());
    }
    if head[1..] != shape {
        let message =
            "this cursor belongs to another list, order or filter; begin without a cursor";
        return Err(ApiError::new(Code::CursorMismatch, message));
    }
    serde_json::from_slice(values).map_err(|_| broken_cursor())
}

pub fn broken_cursor() -> ApiError {
    let message = "this cursor is not one of this server's; take `endCursor`, `startCursor` or an edge's `cursor`";
    ApiError::new(Code::CursorInvalid, message)
}

fn optional<T>(out: &mut Vec<u8>, value: Option<T>, write: impl Fn(&mut Vec<u8>, T)) {
    match value {
        Some(value) => write(out, value),
        None => json::null(out),
    }
}

fn bind(
    kind: Kind,
    value: serde_json::Value,
    broken: impl Fn() -> ApiError,
) -> Result<Option<Bind>, ApiError> {
    if value.is_null() {
        return Ok(None);
    }
    let bind = match kind {
        Kind::Int => value.as_i64().map(Bind::from),
        Kind::Float => value.as_f64().map(Bind::from),
        Kind::Bool => value.as_bool().map(Bind::from),
        Kind::Text | Kind::Json => {
            value.as_str().filter(|text| !text.contains('\0')).map(Bind::from)
        }
    };
    bind.map(Some).ok_or_else(broken)
}

/// The page size of a list that is no [`Listing`], which is read forwards only.
pub fn page_size(ask: &Ask<'_>, field: &Positioned<GqlField>) -> Result<usize, ApiError> {
    size("first", ask.given(field, "first"), LARGEST_PAGE)
}

fn size(name: &str, given: Option<Value>, largest: usize) -> Result<usize, ApiError> {
    let shown = match given {
        None => return Ok(DEFAULT_PAGE),
        Some(Value::Number(number)) => {
            match number.as_u64().and_then(|n| usize::try_from(n).ok()) {
                Some(size) if (1..=largest).contains(&size) => return Ok(size),
                _ => number.to_string(),
            }
        }
        Some(other) => other.to_string(),
    };
    Err(out_of_bounds(name, &shown, largest.min(LARGEST_PAGE)))
}

fn out_of_bounds(name: &str, shown: &str, largest: usize) -> ApiError {
    let message =
        format!("`{name}` is from 1 to {largest}, not {shown}; read further pages with a cursor");
    ApiError::new(Code::PageInvalid, message)
}

/// What root lists of a type have longer pages of; nothing for views, which have no keys to build a site from.
pub(super) fn long_pages(def: &Def) -> Option<String> {
    if def.interfaces.is_empty() {
        return None;
    }
    let keys = KEYS.iter().filter(|(column, _)| def.column(column).is_some());
    let mut keys: Vec<&str> = keys.map(|(_, name)| *name).collect();
    let last = keys.pop()?;
    let keys = format!("{} and {last}", keys.join(", "));
    Some(format!("up to {LARGEST_KEY_PAGE} records of which you select no more than {keys}"))
}

/// Page size, cursor and direction.
fn window(
    ask: &Ask<'_>,
    field: &Positioned<GqlField>,
    largest: usize,
) -> Result<(usize, Option<String>, bool), ApiError> {
    let refuse = |message: String| Err(ApiError::new(Code::PageInvalid, message));
    let cursor = |name: &str| match ask.given(field, name) {
        Some(Value::String(cursor)) => Some(cursor),
        _ => None,
    };
    let (first, last) = (ask.given(field, "first"), ask.given(field, "last"));
    let (after, before) = (cursor("after"), cursor("before"));
    let (name, given, cursor, backwards) = match (first, last) {
        (Some(_), Some(_)) => return refuse("ask for `first` or for `last`, not for both".into()),
        (None, Some(last)) if after.is_none() => ("last", Some(last), before, true),
        (None, Some(_)) => return refuse("`after` goes with `first`, `before` with `last`".into()),
        (first, None) if before.is_none() => ("first", first, after, false),
        (_, None) => return refuse("`before` goes with `last`; add `last`, or use `after`".into()),
    };
    let size = self::size(name, given, largest)?;
    Ok((size, cursor, backwards))
}

fn order(
    ask: &Ask<'_>,
    field: &Positioned<GqlField>,
    def: &Def,
    many: Option<&Many>,
) -> Result<Vec<Key>, ApiError> {
    let asked = ask.given(field, "orderBy").map(items).unwrap_or_default();
    if asked.len() > MOST_KEYS {
        return Err(ApiError::filter(format!("an order has at most {MOST_KEYS} keys")));
    }
    let mut order: Vec<Key> = Vec::with_capacity(asked.len() + 2);
    if many.and_then(|many| many.edge.as_ref()).is_some_and(|edge| edge.leads) {
        order.push(Key { column: None, descending: true, nulls_first: false });
    }
    for key in &asked {
        let key = order_key(def, key)?;
        if order.iter().any(|before| before.column == key.column) {
            return Err(ApiError::filter("a key stands twice in the order; leave the second out"));
        }
        order.push(key);
    }
    if asked.is_empty() {
        let own = many
            .map(|many| &many.order)
            .filter(|order| !order.is_empty())
            .unwrap_or(&def.default_order);
        order.extend(own.iter().map(|(column, descending)| Key {
            column: Some(*column),
            descending: *descending,
            nulls_first: false,
        }));
    }
    // A key that comes again decides nothing; all that follows the id neither.
    let mut seen = Vec::new();
    order.retain(|key| !seen.contains(&key.column) && (seen.push(key.column), true).1);
    let id = Some(def.id);
    match order.iter().position(|key| key.column == id) {
        Some(place) => order.truncate(place + 1),
        None => {
            let descending = order.last().is_some_and(|key| key.descending);
            order.push(Key { column: id, descending, nulls_first: false });
        }
    }
    Ok(order)
}

fn order_key(def: &Def, value: &Value) -> Result<Key, ApiError> {
    let Value::Object(given) = value else {
        return Err(ApiError::filter("null is no key of an order: leave it out"));
    };
    let word = |name: &str| given.get(name).and_then(enum_name);
    let field = word("field").unwrap_or_default();
    let Some(order) = def.orders.get(field) else {
        return Err(ApiError::filter(format!("{} cannot be ordered by `{field}`", def.name)));
    };
    let lang = match given.get("lang") {
        None | Some(Value::Null) => None,
        Some(value) => Some(super::ask::language(value)?),
    };
    let column = match (order.on, lang.as_ref().map(|lang| lang.as_str())) {
        (OrderOn::Name { own, .. }, None) => own,
        (OrderOn::Name { vi, .. }, Some("vi")) => vi,
        (OrderOn::Name { en, .. }, Some(tag)) if tag == "en" || tag.starts_with("en-") => en,
        (OrderOn::Name { .. }, Some(tag)) => {
            return Err(ApiError::value(format!(
                "names are kept in the order of `vi` and of `en`, not of `{tag}`"
            )));
        }
        (OrderOn::Column(column), None) => column,
        (OrderOn::Column(_), Some(_)) => {
            let message = format!("`lang` goes with NAME, not with {field}; leave it out");
            return Err(ApiError::filter(message));
        }
    };
    let descending = word("direction") == Some("DESC");
    Ok(Key { column: Some(column), descending, nulls_first: word("nulls") == Some("FIRST") })
}
