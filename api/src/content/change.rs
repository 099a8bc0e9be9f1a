//! Changes: the entries of the change log, and the changesets that they were part of. They are views of it, not records.
use entities::{change, changeset};
use futures_util::future::BoxFuture;
use serde_json::Value as Json;

use super::{
    diff,
    organization::Organization,
    shared::{RECORD, names},
};
use crate::{
    auth::Scope as May,
    changes::feed::{self, Wanted},
    error::{ApiError, Code},
    record::{
        ask::{Ask, Selected},
        catalog,
        cell::{Cells, Kind},
        def::{Argument, Def, Record, Render, def},
        define::Define,
        enum_value,
        found::{Found, FoundPage, FoundPlan},
        json,
        object::{ObjectField, ObjectShape},
        page,
        pred::{Pred, Test},
        relation::{Scope, Target},
        root::{Pages, RootCall, RootQuery},
        scalar,
        shape::EnumType,
        sql::Sql,
    },
};

pub static CHANGE_OPERATION: EnumType = EnumType {
    name: "ChangeOperation",
    about: "What a change did.",
    values: &[
        ("CREATE", "Added the record."),
        ("UPDATE", "Gave it other values."),
        ("DELETE", "Took it away."),
        ("MERGE", "Made it one with another, which stays."),
        ("REDACT", "Took out of it, and of all entries before, what must not be known."),
    ],
};

pub static ACTOR_KIND: EnumType = EnumType {
    name: "ActorKind",
    about: "How somebody came in.",
    values: &[
        ("ANONYMOUS", "Without proof of who they are."),
        ("KEY", "By an API key."),
        ("SYSTEM", "The program itself: the first load, a command."),
    ],
};

/// An entry of the change log. Its id is the position: no type has the number 0, so that it is no record's.
pub struct Change;

/// The record that took the place of the one that `{id}` was, or that one itself.
const STAYED: &str =
    "(SELECT coalesce(r.merged_into_id, r.id) FROM record r WHERE r.id = {t}.{id})";
const PUBLIC_ID: &str = "(SELECT r.public_id FROM record r WHERE r.id = {t}.{id})";

impl Record for Change {
    type Entity = change::Entity;
    const NAME: &str = "Change";
    const ONE: &str = "change";
    const MANY: &str = "changes";
    const ABOUT: &str =
        "One entry of the change log. It never changes, but for what a redaction takes out of it.";
    const CODE: u16 = 0;
    const PREFIX: &str = "change";
    /// A copy that is kept would hide what came after it.
    const MAX_AGE: u32 = 0;

    fn define(d: &mut Define<Self>) {
        use change::Column::*;
        d.view();
        d.def().is_listed = false;
        let [position, record, version] = [d.place(Id), d.place(RecordId), d.place(Version)];
        d.value("id", "ID!", &[position], id, "Opaque and global.");
        let about = "Place in the log; opaque, but later is greater in the order of strings. Give it to `after`.";
        d.value("position", "String!", &[position], place, about);
        d.choice("operation", Operation, &CHANGE_OPERATION, "What was done.");
        d.value("type", "RecordType!", &[record], record_type, "Type of the record.");
        let of_record = |sql: &str, column: &str| sql.replace("{id}", column);
        let public_id = d.expression("public_id", Kind::Text, &of_record(PUBLIC_ID, "record_id"));
        let about = "Id of the record, which may be gone.";
        d.value("recordId", "ID!", &[public_id], scalar::string, about);
        d.scalar("recordVersion", version, "Version of the record that this change made.");
        let stayed = d.expression("stayed_id", Kind::Int, &of_record(STAYED, "record_id"));
        let about =
            "The record as it is now; after a merge the one that stayed, after deletion null.";
        d.any_at("record", stayed, &RECORD, about);
        let into = d.expression("into_id", Kind::Int, &of_record(STAYED, "merged_into_id"));
        let about =
            "With `MERGE`: the record that stayed; else null, and when that one is gone too.";
        d.any_at("mergedInto", into, &RECORD, about);
        let into = of_record(PUBLIC_ID, "merged_into_id");
        let into = d.expression("into_public_id", Kind::Text, &into);
        let about =
            "With `MERGE`: id of the record that stayed, which may be gone since; else null.";
        d.value("mergedIntoId", "ID", &[into], scalar::string, about);
        let data_about = "The values of the record as this change left them, under the names that they are written by; null after deletion. References are ids. Full texts of third parties are null in it unless the server is set to serve them.";
        let fields = d.place(change::Column::Record);
        d.value("data", "JSON", &[record, fields], data, data_about);
        d.plain(SchemaVersion, "Version of the names in `data`.");
        d.diff();
        let recorded = d.place(RecordedAt);
        let about = "When it was applied. Never earlier than the change before it.";
        d.value("recordedAt", "DateTime!", &[recorded], scalar::instant, about);
        let changeset = d.place(ChangesetId);
        let about = "Who wrote it. Only for callers with a key that has the scope `READ`.";
        d.one_by::<Actor>("author", changeset, about);
        d.guard("author", May::Read);
        let comment = "(SELECT s.comment FROM changeset s WHERE s.id = {t}.changeset_id)";
        let comment = d.expression("comment", Kind::Text, comment);
        let about = "Why, in the author's words; null when not said.";
        d.value("comment", "String", &[comment], scalar::string, about);
        d.one::<Changeset>("changeset", ChangesetId, "What it was applied with, as a whole.");
        d.default_order(&[(position, false)]);
    }
}

impl Define<Change> {
    fn diff(&mut self) {
        let about = "Values that differ from an earlier version, in the order of their paths. At most 200. Empty where there is no earlier version of this number.";
        self.resolver("diff", "[FieldDiff!]!", about, diff::differences);
        let since = "Version to compare with, 0 for before the record was there; the one before this change when absent.";
        self.def().fields["diff"].arguments = vec![Argument::new("since", "Int", since)];
    }
}

/// What was applied together.
pub struct Changeset;

impl Record for Changeset {
    type Entity = changeset::Entity;
    const NAME: &str = "Changeset";
    const ONE: &str = "changeset";
    const MANY: &str = "changesets";
    const ABOUT: &str = "Changes that were checked and applied together, all or none.";
    const CODE: u16 = 0;
    const PREFIX: &str = "changeset";
    const MAX_AGE: u32 = 0;

    fn define(d: &mut Define<Self>) {
        use changeset::Column::*;
        d.view();
        d.def().is_listed = false;
        let [own, public_id, last] = [d.place(Id), d.place(PublicId), d.place(LastPosition)];
        d.value("id", "ID!", &[public_id], scalar::string, "Opaque and global.");
        let about =
            "Position of its last change in the log; who has read up to it has read all of it.";
        d.value("position", "String!", &[last], place, about);
        d.plain(Comment, "Why, in the author's words; null when not said.");
        let about = "Who wrote it. Only for callers with a key that has the scope `READ`.";
        d.one_by::<Actor>("author", own, about);
        d.guard("author", May::Read);
        let recorded = d.place(RecordedAt);
        d.value("recordedAt", "DateTime!", &[recorded], scalar::instant, "When it was applied.");
        d.many::<Change>(
            "changes",
            change::Column::ChangesetId,
            "Its entries in the change log. Order: as applied.",
        )
        .connection("History");
    }
}

/// Who wrote a changeset; it is known by that.
pub struct Actor;

impl Record for Actor {
    type Entity = changeset::Entity;
    const NAME: &str = "Actor";
    const ONE: &str = "actor";
    const MANY: &str = "actors";
    const ABOUT: &str = "Who writes or asks.";
    const CODE: u16 = 0;
    const PREFIX: &str = "actor";
    const MAX_AGE: u32 = 0;

    fn define(d: &mut Define<Self>) {
        use changeset::Column::*;
        d.view();
        d.def().is_listed = false;
        let kind = d.expression("kind", Kind::Text, "coalesce({t}.actor_kind, 'SYSTEM')");
        d.value("kind", "ActorKind!", &[kind], scalar::string, "How they came in.");
        let name = d.place(Author);
        let about = "Name of the key, or of the part of the program.";
        d.value("name", "String!", &[name], scalar::string, about);
        let organization =
            d.expression("for_id", Kind::Int, &STAYED.replace("{id}", "organization_id"));
        let about = "The organization that the key belongs to; null for none.";
        d.one_by::<Organization>("organization", organization, about);
    }
}

impl<T: Record> Define<T> {
    /// What the log says of the record.
    pub fn history(&mut self) {
        let key = change::Column::RecordId;
        let change = def::<Change>();
        let version = change.column("version").expect("a change has the version that it made");
        self.many::<Change>("history", key, "Its entries in the change log. Order: newest first.")
            .connection("History")
            .ordered(&[(version, true)]);
        self.many::<Change>(
            "revision",
            key,
            "The change that made this version; null if there is none such.",
        )
        .scoped(&[Argument::new("version", "Int!", "Version to show, from 1.")], of_version)
        .single();
    }
}

fn of_version(
    ask: &Ask<'_>,
    field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
) -> Result<Scope, ApiError> {
    let change = def::<Change>();
    let version = match ask.given(field, "version") {
        Some(async_graphql::Value::Number(number)) => number.as_i64(),
        _ => None,
    };
    let condition = match (change.column("version"), version) {
        (Some(column), Some(version)) => {
            Pred::column(change, column, Test::Is("=", version.into()))
        }
        _ => Pred::never(),
    };
    Ok(Scope { condition: Some(condition), ..Scope::default() })
}

/// The values of a column of positions, each written in its own way.
fn position_as(column: usize, write: fn(i64) -> String) -> Result<Render, ApiError> {
    Ok(Box::new(move |out, cells| match cells.int(column) {
        Some(position) => json::string(out, &write(position)),
        None => json::null(out),
    }))
}

fn id(_: &Ask<'_>, _: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    position_as(columns[0], |position| format!("change_{}", feed::shown(position)))
}

fn place(_: &Ask<'_>, _: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    position_as(columns[0], feed::shown)
}

fn record_type(_: &Ask<'_>, _: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    let column = columns[0];
    Ok(Box::new(move |out, cells| match cells.int(column).and_then(|id| catalog().of_id(id)) {
        Some(def) => json::string(out, &enum_value(def)),
        None => json::null(out),
    }))
}

fn data(ask: &Ask<'_>, _: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    let [record, fields] = [columns[0], columns[1]];
    let is_whole = ask.serve_full_text;
    Ok(Box::new(move |out: &mut Vec<u8>, cells: Cells<'_>| {
        let Some(text) = cells.text(fields) else { return json::null(out) };
        let hidden = match cells.int(record) {
            Some(id) if !is_whole => hidden(id),
            _ => &[],
        };
        match hidden.is_empty() {
            true => out.extend_from_slice(text.as_bytes()),
            false => out.extend_from_slice(without(text, hidden).as_bytes()),
        }
    }))
}

/// The fields of a record that show whole texts of third parties.
pub(super) fn hidden(id: i64) -> &'static [&'static str] {
    catalog().of_id(id).map_or(&[], |def| &def.full_texts)
}

/// A record of which some fields are null; null as a whole if it is none.
fn without(record: &str, fields: &[&str]) -> String {
    let Ok(Json::Object(mut record)) = serde_json::from_str(record) else {
        return "null".to_owned();
    };
    for field in fields {
        if let Some(value) = record.get_mut(*field) {
            *value = Json::Null;
        }
    }
    Json::Object(record).to_string()
}

pub const CONNECTION: ObjectShape = ObjectShape {
    name: "ChangeConnection",
    about: "A page of the change log, oldest change first; at most 100.",
    fields: &[
        ObjectField::new("edges", "[ChangeEdge!]!", "The page, with cursors."),
        ObjectField::new("nodes", "[Change!]!", "The page, without cursors."),
        ObjectField::new("pageInfo", "PageInfo!", "Where the page stands in the log."),
        ObjectField::new(
            "totalCount",
            "Int!",
            "Changes in the whole log, of the types asked for; counted only when asked for.",
        ),
        ObjectField::new(
            "position",
            "String!",
            "Position to go on from with `after`. It moves on also where a page is empty since nothing of the types asked for has changed.",
        ),
    ],
};

pub const EDGE: ObjectShape = ObjectShape {
    name: "ChangeEdge",
    about: "One place in the change log.",
    fields: &[
        ObjectField::new("cursor", "String!", "The position of the change, for `after`."),
        ObjectField::new("node", "Change!", "The change at this place."),
    ],
};

pub const CHANGES: RootQuery = RootQuery {
    name: "changes",
    ty: "ChangeConnection!",
    about: "The change log, with deletions, merges and redactions. Order: position, oldest first, without gaps: who has read up to a position has missed nothing before it. `after` takes a cursor or a position of the log; one that the log has not reached is an error.",
    arguments: &[Argument::new(
        "types",
        "[RecordType!]",
        "Only records of these types; all when absent.",
    )],
    pages: Pages::Forwards,
    run: changes,
};

fn changes(call: RootCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let RootCall { reader, ask, selected } = call;
        let plan = FoundPlan::new(ask, "Change", Target::Record(def::<Change>), selected)?;
        let size = page::page_size(ask, selected.field())?;
        let after = after(ask, selected)?;
        let wanted = Wanted { types: types(ask, selected), records: None };
        let mut found = FoundPage {
            records: Vec::new(),
            has_previous: after.is_some_and(|after| after > 0),
            has_next: false,
            end: None,
            total: 0,
            own: Vec::new(),
        };
        let after = after.unwrap_or_default();
        if plan.total {
            let rows = reader.rows(count(reader.postgres, &wanted)).await?;
            let number = |place| rows.first().and_then(|row| row.int(place)).unwrap_or_default();
            if number(0) < after {
                return Err(feed::unknown(number(0)));
            }
            found.total = number(1);
        }
        if plan.rows {
            let limit = size + usize::from(plan.looks_ahead);
            let (sql, _) = wanted.statement(reader.postgres, after, limit);
            let page = wanted.page(&reader.rows(sql).await?, after, size, limit)?;
            found.has_next = page.has_more;
            let mut position = Vec::new();
            json::string(&mut position, &feed::shown(page.next));
            found.own = vec![position; plan.own.len()];
            found.records = page.positions.iter().map(|position| entry(*position)).collect();
        }
        plan.write(reader, ask, &found).await
    })
}

fn entry(position: i64) -> Found {
    Found { id: position, cursor: feed::shown(position), edge: Vec::new() }
}

/// The newest position, and the number of entries in all: positions are consecutive, from 1.
fn count(postgres: bool, wanted: &Wanted) -> Sql {
    let mut sql = Sql::new(postgres);
    let count = match &wanted.types {
        None => "n.position".to_owned(),
        Some(types) if types.is_empty() => "0".to_owned(),
        Some(types) => {
            let codes: Vec<String> = types.iter().map(u16::to_string).collect();
            let codes = codes.join(", ");
            format!("(SELECT count(*) FROM change_entry e WHERE e.record_id >> 48 IN ({codes}))")
        }
    };
    sql.text = format!("SELECT n.position, {count} FROM change_position n WHERE n.id = 1");
    sql
}

fn no_position() -> ApiError {
    let message = "`after` takes a position of the change log as this server has given it, 16 digits with all zeros: `position` \
         of an answer, a change or an event, or a cursor of `changes`";
    ApiError::new(Code::CursorInvalid, message)
}

/// The position that is given as `after`.
pub fn after(ask: &Ask<'_>, selected: &Selected<'_>) -> Result<Option<i64>, ApiError> {
    match ask.given(selected.field(), "after") {
        Some(async_graphql::Value::String(text)) => {
            feed::read(&text).map(Some).ok_or_else(no_position)
        }
        _ => Ok(None),
    }
}

/// The numbers of the types that are asked for, each once; none when all are.
pub fn types(ask: &Ask<'_>, selected: &Selected<'_>) -> Option<Vec<u16>> {
    let asked = names(ask, selected.field(), "types")?;
    let asked = asked.iter().filter_map(|name| catalog().by_enum(name));
    let mut codes: Vec<u16> = asked.map(|def: &Def| def.code).collect();
    codes.sort_unstable();
    codes.dedup();
    Some(codes)
}
