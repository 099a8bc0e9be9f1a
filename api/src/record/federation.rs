//! culturegraph as a subgraph of Apollo Federation 2: every record is an entity, by its id and, where people name it, by its
//! slug. The router asks `_service` once for the schema with its keys, and `_entities` for records that other subgraphs
//! refer to.
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned,
    SDLExportOptions, Schema, ServerResult, Value,
    parser::types::Field as GqlField,
    registry::{MetaType, MetaTypeId, Registry},
};
use futures_util::future::BoxFuture;

use super::{
    ask::items,
    catalog,
    def::{Argument, Def, type_code},
    json,
    object::{ObjectField, ObjectShape},
    plan::Plan,
    relation::{Abstract, Members},
    render::one,
    root::{MOST_KEYS, Pages, RootCall, RootQuery, too_many},
    root_schema, schema,
    shape::ScalarType,
    sql::Sql,
    streamed::Subscription,
    written::Mutation,
};
use crate::{error::ApiError, value::fold};

pub const ANY: ScalarType = ScalarType {
    name: "_Any",
    about: "A record as another subgraph knows it: `__typename` and one of its keys, `id` or `slug`.",
    specified_by: "https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec",
};

pub static ENTITY: Abstract = Abstract {
    name: "_Entity",
    about: "A record, for the router of a federated graph.",
    members: Members::All,
};

pub const SERVICE_TYPE: ObjectShape = ObjectShape {
    name: "_Service",
    about: "This server as a part of a federated graph.",
    fields: &[ObjectField::new("sdl", "String!", "The schema with the keys of its entities.")],
};

pub const SERVICE: RootQuery = RootQuery {
    name: "_service",
    ty: "_Service!",
    about: "The schema, for composing a federated graph.",
    arguments: &[],
    pages: Pages::None,
    run: service,
};

pub const ENTITIES: RootQuery = RootQuery {
    name: "_entities",
    ty: "[_Entity]!",
    about: "Records by their keys, in the order of `representations`; null for those that are not there. A representation that is none fails alone.",
    arguments: &[Argument::new("representations", "[_Any!]!", "At most 100.")],
    pages: Pages::None,
    run: entities,
};

/// Whether the name is of a type or field that only a federated graph has; those of introspection are the engine's.
pub(super) fn is_own(name: &str) -> bool {
    name.starts_with('_')
}

fn service(call: RootCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let mut out = Vec::new();
        let selected = call.ask.select(SERVICE_TYPE.name, &call.selected.below());
        json::list(&mut out, json::OBJECT, &selected, |out, selected| {
            out.extend_from_slice(&json::key(selected.key));
            match selected.name() {
                "sdl" => json::string(out, &SDL),
                _ => json::string(out, SERVICE_TYPE.name),
            }
        });
        Ok(out)
    })
}

/// A key of a representation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Id(String),
    Slug(u16, String),
}

fn entities(call: RootCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let RootCall { reader, ask, selected } = call;
        let given = ask.given(selected.field(), "representations").map(items).unwrap_or_default();
        if given.len() > MOST_KEYS {
            return Err(too_many("representations", given.len()));
        }
        let plans = Plan::each(ask, catalog().defs().to_vec(), &selected.below())?;
        let mut wanted = Vec::with_capacity(given.len());
        for (n, representation) in given.iter().enumerate() {
            wanted.push(match key(representation) {
                Ok(key) => Some(key),
                Err(error) => {
                    reader.fail(error.at_index(n).at(selected.field().pos).below(selected.key));
                    None
                }
            });
        }
        let found = find(call, wanted.iter().flatten()).await?;
        // An id leads to a record whatever type the representation has; one of another type is not the one that is meant.
        let id = |wanted: &Option<(&'static Def, Key)>| {
            let (def, key) = wanted.as_ref()?;
            found.get(key).copied().filter(|id| type_code(*id) == def.code)
        };
        let ids: Vec<Option<i64>> = wanted.iter().map(id).collect();
        let count = ids.len();
        let chunks = one(reader, ask, &plans, ids).await?;
        let mut out = Vec::new();
        json::list(&mut out, json::ARRAY, 0..count, |out, n| out.extend_from_slice(chunks.get(n)));
        Ok(out)
    })
}

/// What a representation names.
fn key(representation: &Value) -> Result<(&'static Def, Key), ApiError> {
    let Value::Object(fields) = representation else {
        return Err(ApiError::value("a representation is an object with `__typename` and a key"));
    };
    let text = |name: &str| match fields.get(name) {
        Some(Value::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let name = text("__typename").unwrap_or_default();
    let Some(def) = catalog().named(name) else {
        let shown: String = name.chars().take(40).collect();
        return Err(ApiError::value(format!("there are no entities of the type `{shown}`")));
    };
    match (text("id"), text("slug")) {
        (Some(id), _) => Ok((def, Key::Id(id.to_owned()))),
        (None, Some(slug)) if def.is_described() => {
            Ok((def, Key::Slug(def.code, fold::nfc(slug).into_owned())))
        }
        _ if def.is_described() => {
            Err(ApiError::value(format!("a {} is known by `id` or `slug`", def.name)))
        }
        _ => Err(ApiError::value(format!("a {} is known by `id`", def.name))),
    }
}

/// The internal ids of keys, by one statement for ids and one for slugs.
async fn find(
    call: RootCall<'_>,
    keys: impl Iterator<Item = &(&'static Def, Key)>,
) -> Result<HashMap<Key, i64>, ApiError> {
    let reader = call.reader;
    let (mut ids, mut slugs): (Vec<String>, BTreeMap<u16, Vec<String>>) = Default::default();
    for (_, key) in keys {
        match key {
            Key::Id(text) | Key::Slug(_, text) if text.contains('\0') => {}
            Key::Id(id) => ids.push(id.clone()),
            Key::Slug(code, slug) => slugs.entry(*code).or_default().push(slug.clone()),
        }
    }
    let mut found = HashMap::new();
    if !ids.is_empty() {
        let rows = reader.rows(Sql::ids(reader.postgres, &ids)).await?;
        found.extend(
            rows.iter().filter_map(|row| Some((Key::Id(row.text(0)?.to_owned()), row.int(1)?))),
        );
    }
    if !slugs.is_empty() {
        let rows = reader.rows(Sql::slugs(reader.postgres, &slugs)).await?;
        let key =
            |code: i64, slug: &str| Some(Key::Slug(u16::try_from(code).ok()?, slug.to_owned()));
        found.extend(
            rows.iter().filter_map(|row| Some((key(row.int(0)?, row.text(1)?)?, row.int(2)?))),
        );
    }
    Ok(found)
}

/// The schema as a subgraph: with the keys of its entities.
static SDL: LazyLock<String> = LazyLock::new(|| {
    let options = SDLExportOptions::new()
        .federation()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by();
    sdl::<true>(options)
});

/// The schema as text, without what only the router of a federated graph asks.
pub fn sdl<const KEYS: bool>(options: SDLExportOptions) -> String {
    Schema::build(Shown::<KEYS>, Mutation, Subscription).finish().sdl_with_options(options)
}

/// The root of a schema of which only the text is made. It is not that of the served one: a schema with keys would answer
/// `_entities` itself, a record at a time.
struct Shown<const KEYS: bool>;

impl<const KEYS: bool> OutputType for Shown<KEYS> {
    fn type_name() -> Cow<'static, str> {
        "Query".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            schema::register(registry, |name| !is_own(name));
            if KEYS {
                add_keys(registry);
            }
            root_schema::query(std::any::type_name::<Self>(), |name| !is_own(name))
        })
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<GqlField>,
    ) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}

impl<const KEYS: bool> ContainerType for Shown<KEYS> {
    async fn resolve_field(&self, _: &Context<'_>) -> ServerResult<Option<Value>> {
        Ok(None)
    }
}

impl<const KEYS: bool> ObjectType for Shown<KEYS> {}

fn add_keys(registry: &mut Registry) {
    for def in catalog().defs() {
        if let Some(MetaType::Object { keys, .. }) = registry.types.get_mut(def.name) {
            let mut names = vec!["id".to_owned()];
            names.extend(def.is_described().then(|| "slug".to_owned()));
            *keys = Some(names);
        }
    }
    // Every graph with Relay's connections has one.
    if let Some(MetaType::Object { shareable, .. }) = registry.types.get_mut("PageInfo") {
        *shareable = true;
    }
}
