//! The root of mutations, as the schema shows it. What a field does is the content's; here is how it is found and asked.
use std::borrow::Cow;

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult,
    Value,
    parser::types::Field as GqlField,
    registry::{MetaTypeId, Registry},
    resolver_utils,
};
use futures_util::future::BoxFuture;

use super::{
    ask::Ask,
    batch::Reader,
    catalog,
    def::Argument,
    json,
    meta::{field, object},
    root::RootCall,
};
use crate::error::ApiError;

/// A field of the root of mutations.
pub struct RootMutation {
    pub name: &'static str,
    pub ty: &'static str,
    pub about: &'static str,
    pub arguments: Vec<Argument>,
    /// What it costs beside what its answer reads and its inputs hold.
    pub points: u64,
    pub run: for<'a> fn(MutationCall<'a>) -> BoxFuture<'a, Result<Vec<u8>, ApiError>>,
}

/// What a root field is asked, and what its request brings along.
#[derive(Clone, Copy)]
pub struct MutationCall<'a> {
    pub call: RootCall<'a>,
    pub ctx: &'a Context<'a>,
}

/// The name of the root.
pub const MUTATION: &str = "Mutation";

/// Where writing begins.
pub struct Mutation;

impl OutputType for Mutation {
    fn type_name() -> Cow<'static, str> {
        MUTATION.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |_| {
            let mutations = catalog().parts.mutations.iter();
            let fields = mutations.map(|it| field(it.name, it.ty, it.about, &it.arguments));
            let about = "Everything that can be written. Each field is a changeset: checked as a whole, applied in one transaction, entered in the change log. Fields of one operation run one after the other.";
            object(MUTATION.into(), about, fields.collect(), std::any::type_name::<Self>())
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _: &Positioned<GqlField>,
    ) -> ServerResult<Value> {
        resolver_utils::resolve_container_serial(ctx, self).await
    }
}

impl ContainerType for Mutation {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let field = ctx.item;
        let name = field.node.name.node.as_str();
        let mut mutations = catalog().parts.mutations.iter();
        let Some(mutation) = mutations.find(|it| it.name == name) else { return Ok(None) };
        let reader: &Reader = ctx.data_unchecked();
        let env = ctx.query_env;
        let ask = Ask::new(&env.fragments, &env.operation.node, &env.variables, &reader.reading);
        let selected = ask.root_of(MUTATION, field);
        let call = RootCall { reader, ask: &ask, selected: &selected };
        // The engine asks once for each of the fields that are merged under a key, and they are one write.
        let answer = reader.root(selected.key);
        let answer = answer.get_or_init(|| (mutation.run)(MutationCall { call, ctx })).await;
        match answer.clone() {
            Ok(bytes) => Ok(Some(json::finished(bytes))),
            Err(error) => Err(error.at(field.pos).below(selected.key).into_server_error()),
        }
    }
}

impl ObjectType for Mutation {}
