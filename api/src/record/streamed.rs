//! The root of subscriptions, as the schema shows it. The engine only looks whether a document fits it: what comes of one
//! is read as queries are, by those who run it.
use std::{borrow::Cow, pin::Pin};

use async_graphql::{
    Context, Response, SubscriptionType,
    registry::{MetaType, Registry},
};
use futures_util::{Stream, stream};

use super::{
    catalog,
    def::Argument,
    meta::{field, object},
};

/// A field of the root of subscriptions.
pub struct RootStream {
    pub name: &'static str,
    pub ty: &'static str,
    pub about: &'static str,
    pub arguments: &'static [Argument],
}

/// The name of the root.
pub const SUBSCRIPTION: &str = "Subscription";

/// Where following begins.
pub struct Subscription;

impl SubscriptionType for Subscription {
    fn type_name() -> Cow<'static, str> {
        SUBSCRIPTION.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_subscription_type::<Self, _>(|_| {
            let streams = catalog().parts.streams.iter();
            let fields = streams.map(|it| field(it.name, it.ty, it.about, it.arguments));
            let about = "What is pushed, over WebSocket (graphql-transport-ws) and server-sent events (graphql-sse). An operation has one field of it.";
            let mut root = object(
                SUBSCRIPTION.into(),
                about,
                fields.collect(),
                std::any::type_name::<Self>(),
            );
            if let MetaType::Object { is_subscription, .. } = &mut root {
                *is_subscription = true;
            }
            root
        })
    }

    /// Nothing: a document that fits has no answer from the engine.
    fn create_field_stream<'a>(
        &'a self,
        _: &'a Context<'_>,
    ) -> Option<Pin<Box<dyn Stream<Item = Response> + Send + 'a>>> {
        Some(Box::pin(stream::empty()))
    }
}
