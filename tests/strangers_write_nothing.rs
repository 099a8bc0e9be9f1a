//! Nothing is written for who may not: the schema is walked, so that a new mutation is looked at on its first day.

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use culturegraph::auth::{NewKey, Scope};
use serde_json::json;

use crate::app::{Author, TestApp};

on_both!(every_mutation_refuses_who_may_not_write);

/// A document for each mutation of the schema, with arguments of the right types that need not make sense.
fn mutations() -> Vec<(String, String)> {
    let schema = parse_schema(include_str!("../schema.graphql")).expect("it is a schema");
    let mut mutations = Vec::new();
    for definition in schema.definitions {
        let TypeSystemDefinition::Type(ty) = definition else { continue };
        if ty.node.name.node != "Mutation" {
            continue;
        }
        let TypeKind::Object(object) = ty.node.kind else { panic!("a root is an object") };
        for field in object.fields {
            let field = field.node;
            let name = field.name.node.to_string();
            let declared: Vec<String> = field
                .arguments
                .iter()
                .map(|it| format!("${}: {}", it.node.name.node, it.node.ty.node))
                .collect();
            let given: Vec<String> =
                field.arguments.iter().map(|it| format!("{0}: ${0}", it.node.name.node)).collect();
            let (declared, given) = (declared.join(", "), given.join(", "));
            mutations.push((
                name.clone(),
                format!("mutation ({declared}) {{ {name}({given}) {{ userErrors {{ code }} }} }}"),
            ));
        }
    }
    mutations
}

/// What a mutation of this name can be given, as far as its arguments must be there.
fn variables(name: &str) -> serde_json::Value {
    let input = match name.strip_prefix("create") {
        Some("City") => json!({ "names": [{ "lang": "vi", "value": "Huế" }] }),
        _ => json!({}),
    };
    json!({
        "id": "city_1", "expectedVersion": 1, "from": "city_2", "fromVersion": 1, "version": 1, "field": "slug",
        "policy": "REFUSE",
        "input": if name == "applyChangeset" { json!({ "operations": [] }) } else { input },
    })
}

async fn every_mutation_refuses_who_may_not_write(app: TestApp) {
    let reader = Author::new(&app, &[Scope::Read, Scope::Publish]).await;
    let writer = Author::new(&app, &[Scope::Read, Scope::Write, Scope::Publish]).await;
    let key = NewKey { scopes: [Scope::Write].into_iter().collect(), ..app.new_key() };
    let expires_at = Some(app.state().clock().micros() + 1_000);
    let expired = app.key_with(NewKey { expires_at, ..key }).await;
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let before = app.data("{ changes { totalCount } }", json!({})).await;
    let mutations = mutations();
    assert!(mutations.len() > 60, "{}", mutations.len());
    let mut looked_at = 0;
    for (name, document) in mutations {
        let body = json!({ "query": document, "variables": variables(&name) });

        let stranger = app.post(body.clone()).await;
        let read = app.post_as(&reader.secret, body.clone()).await;
        let late = app.post_as(&expired, body.clone()).await;

        assert_eq!(late.status, 401, "{name} {}", late.text());
        // Where inputs have to have more, it is said of them first; no resolver is reached.
        if stranger.code() == "VARIABLES_INVALID" {
            assert_eq!(read.code(), "VARIABLES_INVALID", "{name}");
            continue;
        }
        looked_at += 1;
        let scope = if name == "redactRecord" { "ADMIN" } else { "WRITE" };
        for (answer, code) in [(&stranger, "UNAUTHENTICATED"), (&read, "FORBIDDEN")] {
            assert_eq!(answer.code(), code, "{name} {}", answer.text());
            let error = &answer.json()["errors"][0];
            assert_eq!(error["extensions"]["scope"], scope, "{name}");
        }
        if name == "redactRecord" {
            let written = app.post_as(&writer.secret, body).await;
            assert_eq!(written.code(), "FORBIDDEN", "{}", written.text());
        }
    }
    assert!(looked_at > 50, "{looked_at}");
    assert_eq!(app.data("{ changes { totalCount } }", json!({})).await, before);
}
