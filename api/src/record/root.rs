//! The root of queries: each record type's lookup, list and counts, `node`, `nodes`, and what the content adds.
use std::borrow::Cow;

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Name, ObjectType, OutputType, Positioned,
    ServerError, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::Field as GqlField,
    registry::{MetaTypeId, Registry},
    resolver_utils,
};
use futures_util::future::{BoxFuture, join_all};

use super::{
    ask::{Ask, Selected, items},
    batch::Reader,
    catalog,
    def::{Argument, Def},
    group, json,
    plan::{ListPlan, Plan},
    render::{self, one},
    root_schema, schema,
    sql::Sql,
    statement::RecordKey,
};
use crate::{
    error::{ApiError, Code},
    value::fold,
};

/// A root field that is not of one record type.
pub struct RootQuery {
    pub name: &'static str,
    pub ty: &'static str,
    pub about: &'static str,
    pub arguments: &'static [Argument],
    pub pages: Pages,
    pub run: for<'a> fn(RootCall<'a>) -> BoxFuture<'a, Result<Vec<u8>, ApiError>>,
}

/// The pages of a root field, and so its further arguments.
#[derive(Clone, Copy)]
pub enum Pages {
    /// It is no connection.
    None,
    Forwards,
    /// It is no connection, but a list of so many objects at most.
    Few(u64),
    /// As those of the root list of a type, with its filter and order.
    Of(fn() -> &'static Def),
}

/// What a root field is asked.
#[derive(Clone, Copy)]
pub struct RootCall<'a> {
    pub reader: &'a Reader,
    pub ask: &'a Ask<'a>,
    pub selected: &'a Selected<'a>,
}

/// The most ids or values that one field takes.
pub const MOST_KEYS: usize = 100;

/// Where reading begins.
pub struct Query;

/// What a root field of the record types is.
enum Root {
    One(&'static Def),
    Many(&'static Def),
    Stats(&'static Def),
    Other(&'static RootQuery),
}

fn root(name: &str) -> Option<Root> {
    let catalog = catalog();
    if let Some(query) = catalog.parts.queries.iter().find(|query| query.name == name) {
        return Some(Root::Other(query));
    }
    catalog.defs().iter().find_map(|def| match name {
        _ if name == def.one => Some(Root::One(def)),
        _ if name == def.many => Some(Root::Many(def)),
        _ if name.strip_suffix("Stats") == Some(def.one) => Some(Root::Stats(def)),
        _ => None,
    })
}

impl OutputType for Query {
    fn type_name() -> Cow<'static, str> {
        "Query".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            schema::register(registry, |_| true);
            root_schema::query(std::any::type_name::<Self>(), |_| true)
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _: &Positioned<GqlField>,
    ) -> ServerResult<Value> {
        resolver_utils::resolve_container(ctx, self).await
    }
}

impl ContainerType for Query {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let field = ctx.item;
        let Some(root) = root(field.node.name.node.as_str()) else { return Ok(None) };
        let reader: &Reader = ctx.data_unchecked();
        let env = ctx.query_env;
        let ask = Ask::new(&env.fragments, &env.operation.node, &env.variables, &reader.reading);
        let selected = ask.root(field);
        let call = RootCall { reader, ask: &ask, selected: &selected };
        // The engine asks once for each of the fields that are merged under a key, and keeps one of the answers.
        let answer = match selected.fields.len() {
            1 => run(root, call).await,
            _ => reader.root(selected.key).get_or_init(|| run(root, call)).await.clone(),
        };
        match answer {
            Ok(bytes) => Ok(Some(json::finished(bytes))),
            Err(error) => Err(error.at(field.pos).below(selected.key).into_server_error()),
        }
    }
}

impl ObjectType for Query {}

/// Runs a query that the engine has accepted before, without the engine: what is left for it to do is to collect root fields
/// and await them. `None` for one that asks of the schema, which only the engine can tell.
pub async fn execute(reader: &Reader, ask: &Ask<'_>) -> Option<(Value, Vec<ServerError>)> {
    let roots = ask.roots();
    let mut running = Vec::with_capacity(roots.len());
    for selected in &roots {
        let root = match selected.name() {
            "__typename" => None,
            name => Some(root(name)?),
        };
        running.push(async move {
            let call = RootCall { reader, ask, selected };
            match root {
                None => Ok(Value::from("Query")),
                Some(root) => run(root, call).await.map(json::finished),
            }
        });
    }
    let (mut data, mut errors) = (IndexMap::with_capacity(roots.len()), Vec::new());
    for (selected, answer) in roots.iter().zip(join_all(running).await) {
        match answer {
            Ok(value) => {
                data.insert(Name::new(selected.key), value);
            }
            Err(error) => {
                let error = error.at(selected.field().pos).below(selected.key);
                errors.push(error.into_server_error());
            }
        }
    }
    Some((Value::Object(data), errors))
}

/// An answer that became longer than it may.
pub fn too_large(most: usize) -> ApiError {
    let message =
        format!("the answer is larger than {most} bytes: ask for shorter pages or fewer fields");
    ApiError::new(Code::AnswerTooLarge, message)
}

async fn run(root: Root, call: RootCall<'_>) -> Result<Vec<u8>, ApiError> {
    let RootCall { reader, ask, selected } = call;
    match root {
        Root::One(def) => match key(def, ask, selected)? {
            Some(key) => {
                render::lookup(reader, ask, &Plan::new(ask, def, &selected.below())?, &key).await
            }
            None => Ok(b"null".to_vec()),
        },
        Root::Many(def) => {
            render::list(reader, ask, &ListPlan::new(ask, def, None, selected)?).await
        }
        Root::Stats(def) => group::stats(reader, ask, def, selected).await,
        Root::Other(query) => (query.run)(call).await,
    }
}

/// The key of a lookup; `None` for one that no record can have.
fn key(def: &Def, ask: &Ask<'_>, selected: &Selected<'_>) -> Result<Option<RecordKey>, ApiError> {
    let Some(Value::Object(by)) = ask.given(selected.field(), "by") else {
        return Err(ApiError::value("`by` takes exactly one key"));
    };
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) if !text.contains('\0') => Some(fold::nfc(text).into_owned()),
        _ => None,
    };
    let mut keys = by.iter().filter(|(_, value)| **value != Value::Null);
    let (Some((name, value)), None) = (keys.next(), keys.next()) else {
        return Err(ApiError::value("`by` takes exactly one key, which is not null"));
    };
    Ok(match (name.as_str(), value) {
        ("id", value) => text(Some(value)).map(RecordKey::Id),
        ("slug", value) => text(Some(value)).map(RecordKey::Slug),
        (name, value) if def.keys.contains_key(name) => {
            text(Some(value)).map(|value| RecordKey::Column { column: def.keys[name], value })
        }
        (_, Value::Object(identifier)) => {
            match (text(identifier.get("scheme")), text(identifier.get("value"))) {
                (Some(scheme), Some(value)) => Some(RecordKey::Identifier { scheme, value }),
                _ => None,
            }
        }
        _ => None,
    })
}

/// The texts of a list argument, of which there are at most 100.
pub fn texts(ask: &Ask<'_>, selected: &Selected<'_>, name: &str) -> Result<Vec<String>, ApiError> {
    let list = ask.given(selected.field(), name).map(items).unwrap_or_default();
    if list.len() > MOST_KEYS {
        return Err(too_many(name, list.len()));
    }
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Ok(list.iter().filter_map(text).collect())
}

/// More values than one field takes.
pub fn too_many(name: &str, count: usize) -> ApiError {
    let message =
        format!("`{name}` takes at most {MOST_KEYS} values, not {count}; ask in several requests");
    ApiError::new(Code::PageInvalid, message)
}

/// Records of these types by public ids, in their order.
pub async fn by_ids(
    RootCall { reader, ask, selected }: RootCall<'_>,
    defs: Vec<&'static Def>,
    ids: Vec<String>,
) -> Result<render::Chunks, ApiError> {
    let plans = Plan::each(ask, defs, &selected.below())?;
    let askable: Vec<String> = ids.iter().filter(|id| !id.contains('\0')).cloned().collect();
    let rows = match askable.is_empty() {
        true => Vec::new(),
        false => reader.rows(Sql::ids(reader.postgres, &askable)).await?,
    };
    let known: std::collections::HashMap<&str, i64> =
        rows.iter().filter_map(|row| Some((row.text(0)?, row.int(1)?))).collect();
    one(reader, ask, &plans, ids.iter().map(|id| known.get(id.as_str()).copied()).collect()).await
}

fn node(call: RootCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let id = texts(call.ask, call.selected, "id")?;
        Ok(by_ids(call, catalog().defs().to_vec(), id).await?.get(0).to_vec())
    })
}

fn nodes(call: RootCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let ids = texts(call.ask, call.selected, "ids")?;
        let count = ids.len();
        let chunks = by_ids(call, catalog().defs().to_vec(), ids).await?;
        let mut out = Vec::new();
        json::list(&mut out, json::ARRAY, 0..count, |out, n| out.extend_from_slice(chunks.get(n)));
        Ok(out)
    })
}

pub const NODE: RootQuery = RootQuery {
    name: "node",
    ty: "Node",
    about: "The record of an id; null when there is none. After a merge, the record that stayed.",
    arguments: &[Argument::new("id", "ID!", "Id of a record of any type.")],
    pages: Pages::None,
    run: node,
};

pub const NODES: RootQuery = RootQuery {
    name: "nodes",
    ty: "[Node]!",
    about: "Records in the order of `ids`, null for those that are not there.",
    arguments: &[Argument::new("ids", "[ID!]!", "At most 100 ids.")],
    pages: Pages::None,
    run: nodes,
};
