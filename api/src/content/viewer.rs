//! Who asks, and what they may: no record, but what is known of a caller before anything is read.
use futures_util::future::BoxFuture;

use super::organization::Organization;
use crate::{
    auth::{Caller, Key, Left, Scopes},
    error::ApiError,
    record::{
        ask::Selected,
        def::def,
        json,
        object::{Object, ObjectField, ObjectShape, Picked},
        plan::Plan,
        render,
        root::{Pages, RootCall, RootQuery},
        shape::EnumType,
        statement::RecordKey,
    },
    value::lang::Lang,
};

pub const QUERY: RootQuery = RootQuery {
    name: "viewer",
    ty: "Viewer!",
    about: "Who asks, and what they may.",
    arguments: &[],
    pages: Pages::None,
    run: viewer,
};

pub static SCOPE: EnumType = EnumType {
    name: "Scope",
    about: "What a key allows; none includes another.",
    values: &[
        ("READ", "See who wrote what, and all else where reading is not open to everybody."),
        ("WRITE", "Write in one's own name."),
        ("PUBLISH", "Decide between what others say: overwrite, rank, merge, delete."),
        ("ADMIN", "Take out of the log what must not be there."),
    ],
};

pub const VIEWER: ObjectShape = ObjectShape {
    name: "Viewer",
    about: "Whoever asks. An answer with it is for nobody else, and no cache keeps it.",
    fields: &[
        ObjectField::new("actor", "Actor!", "As the change log names who writes."),
        ObjectField::new(
            "scopes",
            "[Scope!]!",
            "What they may, in the order of the enum. At most 4.",
        ),
        ObjectField::new("key", "ApiKey", "The API key in use; null without one."),
        ObjectField::new(
            "organization",
            "Organization",
            "Whose word it is that is written with the key; null without one.",
        ),
        ObjectField::new("limits", "Limits!", "How much may be asked for."),
    ],
};

const ACTOR: &str = "Actor";

/// How much a caller may ask for.
pub const LIMITS: ObjectShape = ObjectShape {
    name: "Limits",
    about: "How much a caller may ask for, in points: a point is a record that could be read.",
    fields: &[
        ObjectField::new("operationCost", "Int!", "The most points of one operation."),
        ObjectField::new("budget", "Budget!", "All that may be spent in a minute."),
    ],
};

impl Object for Left {
    const SHAPE: ObjectShape = ObjectShape {
        name: "Budget",
        about: "Points that may be spent in a minute; the instance of the server that answers counts them.",
        fields: &[
            ObjectField::new("limit", "Int!", "Points for a whole minute."),
            ObjectField::new("remaining", "Int!", "Points left of it, after this operation."),
            ObjectField::new(
                "resetsAt",
                "DateTime!",
                "When the minute ends and all are there again.",
            ),
        ],
    };

    fn write(&self, field: usize, _: &[Lang], out: &mut Vec<u8>) {
        match field {
            0 => json::int(out, self.limit.into()),
            1 => json::int(out, self.remaining.into()),
            _ => json::instant(out, self.resets_at),
        }
    }
}

impl Object for Key {
    const SHAPE: ObjectShape = ObjectShape {
        name: "ApiKey",
        about: "A key for programs. Its secret is kept nowhere and never shown again.",
        fields: &[
            ObjectField::new("id", "ID!", "Opaque and global; the log names writers by it."),
            ObjectField::new("name", "String!", "What it is for."),
            ObjectField::new(
                "prefix",
                "String!",
                "Part of the secret by which keys are told apart.",
            ),
            ObjectField::new(
                "scopes",
                "[Scope!]!",
                "What it allows, in the order of the enum. At most 4.",
            ),
            ObjectField::new(
                "costPerMinute",
                "Int",
                "Points that it may spend; null for as many as the server gives to all.",
            ),
            ObjectField::new("createdAt", "DateTime!", "When it was made."),
            ObjectField::new("expiresAt", "DateTime", "When it ends; null for never."),
            ObjectField::new(
                "lastUsedAt",
                "DateTime",
                "Its last use before this one, to a minute; null for none.",
            ),
        ],
    };

    fn write(&self, field: usize, _: &[Lang], out: &mut Vec<u8>) {
        let instant = |out: &mut Vec<u8>, at: Option<i64>| match at {
            Some(at) => json::instant(out, at),
            None => json::null(out),
        };
        match field {
            0 => json::string(out, &self.public_id),
            1 => json::string(out, &self.name),
            2 => json::string(out, &self.prefix),
            3 => scopes(out, self.scopes),
            4 => match self.cost_per_minute {
                Some(cost) => json::int(out, cost.into()),
                None => json::null(out),
            },
            5 => json::instant(out, self.created_at),
            6 => instant(out, self.expires_at),
            _ => instant(out, self.last_used_at),
        }
    }
}

fn viewer(call: RootCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let RootCall { reader, ask, selected } = call;
        let caller = &reader.reading.caller;
        let mut fields = Vec::new();
        for inner in ask.select(VIEWER.name, &selected.below()) {
            let mut out = Vec::new();
            match inner.name() {
                "actor" => {
                    out = actor(call, &inner, caller).await.map_err(|e| e.below(inner.key))?
                }
                "scopes" => scopes(&mut out, caller.scopes()),
                "key" => match caller.key() {
                    Some(key) => Picked::new(ask, &Key::SHAPE, &inner)?.write(key, &mut out),
                    None => json::null(&mut out),
                },
                "organization" => {
                    out =
                        organization(call, &inner, caller).await.map_err(|e| e.below(inner.key))?;
                }
                "limits" => limits(call, &inner, &mut out)?,
                _ => json::string(&mut out, VIEWER.name),
            }
            fields.push((json::key(inner.key), out));
        }
        Ok(object(fields))
    })
}

/// The type is one that the log's readers have too.
async fn actor(
    call: RootCall<'_>,
    selected: &Selected<'_>,
    caller: &Caller,
) -> Result<Vec<u8>, ApiError> {
    let actor = caller.actor();
    let mut fields = Vec::new();
    for inner in call.ask.select(ACTOR, &selected.below()) {
        let mut out = Vec::new();
        match inner.name() {
            "kind" => json::string(&mut out, actor.kind.as_str()),
            "name" => json::string(&mut out, &actor.name),
            "organization" => {
                out = organization(call, &inner, caller).await.map_err(|e| e.below(inner.key))?;
            }
            _ => json::string(&mut out, ACTOR),
        }
        fields.push((json::key(inner.key), out));
    }
    Ok(object(fields))
}

async fn organization(
    RootCall { reader, ask, .. }: RootCall<'_>,
    selected: &Selected<'_>,
    caller: &Caller,
) -> Result<Vec<u8>, ApiError> {
    let plan = Plan::new(ask, def::<Organization>(), &selected.below())?;
    match &caller.actor().organization {
        Some(id) => render::lookup(reader, ask, &plan, &RecordKey::Id(id.clone())).await,
        None => Ok(b"null".to_vec()),
    }
}

fn limits(
    RootCall { reader, ask, .. }: RootCall<'_>,
    selected: &Selected<'_>,
    out: &mut Vec<u8>,
) -> Result<(), ApiError> {
    let mut fields = Vec::new();
    for inner in ask.select(LIMITS.name, &selected.below()) {
        let mut out = Vec::new();
        match inner.name() {
            "operationCost" => {
                json::int(&mut out, i64::try_from(reader.reading.max_cost).unwrap_or(i64::MAX));
            }
            "budget" => {
                let left = reader.reading.caller.budget().left();
                Picked::new(ask, &Left::SHAPE, &inner)?.write(&left, &mut out);
            }
            _ => json::string(&mut out, LIMITS.name),
        }
        fields.push((json::key(inner.key), out));
    }
    out.extend(object(fields));
    Ok(())
}

/// Finished fields as an object.
fn object(fields: json::Keyed<Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::new();
    json::list(&mut out, json::OBJECT, fields, |out, (key, value)| {
        out.extend_from_slice(&key);
        out.extend_from_slice(&value);
    });
    out
}

fn scopes(out: &mut Vec<u8>, scopes: Scopes) {
    json::list(out, json::ARRAY, scopes.iter(), |out, scope| json::string(out, scope.as_str()));
}
