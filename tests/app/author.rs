//! Somebody with a key, who asks and writes.

use std::sync::Arc;

use culturegraph::auth::{Budget, Caller, Key, NewKey, Scope};
use serde_json::{Value as Json, json};

use super::{Answer, TestApp};

pub(crate) struct Author<'a> {
    app: &'a TestApp,
    pub(crate) secret: String,
}

impl<'a> Author<'a> {
    /// With a key of the organization that all keys of tests belong to.
    pub(crate) async fn new(app: &'a TestApp, scopes: &[Scope]) -> Self {
        Author { app, secret: app.key(scopes).await }
    }

    /// With a key of an organization by its slug.
    pub(crate) async fn of(app: &'a TestApp, organization: &str, scopes: &[Scope]) -> Self {
        let (organization, scopes) = (organization.to_owned(), scopes.iter().copied().collect());
        let secret = app.key_with(NewKey { organization, scopes, ..app.new_key() }).await;
        Author { app, secret }
    }

    /// One who decides between what others say.
    pub(crate) async fn editor(app: &'a TestApp) -> Self {
        Author::new(app, &[Scope::Read, Scope::Write, Scope::Publish, Scope::Admin]).await
    }

    pub(crate) async fn post(&self, query: &str, variables: Json) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        self.app.post_as(&self.secret, body).await
    }

    /// The data of an answer without errors.
    pub(crate) async fn data(&self, query: &str, variables: Json) -> Json {
        let answer = self.post(query, variables.clone()).await;
        let mut body = answer.json();
        assert_eq!(body.get("errors"), None, "{query}\n{variables}\n{body}");
        body["data"].take()
    }

    /// The payload of the one mutation of an operation that was taken.
    pub(crate) async fn write(&self, query: &str, variables: Json) -> Json {
        let payload = self.payload(query, variables).await;
        assert_eq!(payload["userErrors"], json!([]), "{query}\n{payload}");
        payload
    }

    /// Code and path of each mistake, in the order of the paths.
    pub(crate) async fn mistakes(&self, query: &str, variables: Json) -> Vec<(String, String)> {
        let payload = self.payload(query, variables).await;
        let errors = payload["userErrors"].as_array().expect("there is a list");
        let mut mistakes: Vec<(String, String)> = errors
            .iter()
            .map(|it| {
                let path: Vec<&str> =
                    it["path"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
                (path.join("."), it["code"].as_str().unwrap().to_owned())
            })
            .collect();
        mistakes.sort();
        mistakes
    }

    async fn payload(&self, query: &str, variables: Json) -> Json {
        let data = self.data(query, variables).await;
        data.as_object().and_then(|it| it.values().next()).expect("there is one field").clone()
    }
}

/// Who has a key of these scopes for an organization by its id, without one in the base.
pub(crate) fn caller(organization: &str, scopes: &[Scope]) -> Caller {
    let key = Key {
        public_id: "key".to_owned(),
        name: "test".to_owned(),
        prefix: "test".to_owned(),
        scopes: scopes.iter().copied().collect(),
        cost_per_minute: None,
        created_at: 0,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    };
    Caller::of_key(Arc::new(Budget::unbounded()), key, organization.to_owned())
}
