//! Keys are made, listed and revoked, beside a server that runs; their secrets are shown once and kept nowhere.

use culturegraph::{
    auth::{self, Key, KeyError, NewKey, Scope, Scopes, Secret},
    commands::{self, Create, KeyCommand},
    config::Config,
};
use entities::api_key;
use sea_orm::EntityTrait;
use serde_json::json;

use crate::app::{KEEPER, TestApp};

on_both!(
    a_secret_is_shown_once_and_kept_nowhere,
    keys_are_made_listed_and_revoked_beside_a_server,
    a_key_needs_an_organization,
);

async fn a_secret_is_shown_once_and_kept_nowhere(app: TestApp) {
    let secret = app.key(&[Scope::Read, Scope::Write]).await;

    let rows = api_key::Entity::find().all(&app.db.writer).await.unwrap();

    let [row] = &rows[..] else { panic!("{rows:?}") };
    let (_, chance) = secret.rsplit_once('_').unwrap();
    assert_eq!(chance.len(), 64);
    assert!(!format!("{row:?}").contains(chance));
    assert_eq!(secret, format!("cg_{}_{chance}", row.prefix));
    assert_eq!(row.secret_hash, Secret::parse(&secret).unwrap().hash().digits());
    assert_eq!((&*row.scopes, &*row.name, row.last_used_at), ("READ WRITE", KEEPER, None));
}

async fn keys_are_made_listed_and_revoked_beside_a_server(app: TestApp) {
    let keeper = app.keeper().await;
    let url = app.database().url();
    let config =
        Config::read(&Default::default(), [("CULTUREGRAPH_DATABASE_URL".into(), url.into())])
            .unwrap();
    let create = Create {
        organization: keeper.clone(),
        scope: vec![Scope::Write, Scope::Read],
        name: Some("The desk".to_owned()),
        expires: Some(4_102_444_800_000_000),
        rate: Some(500),
    };

    let made = commands::key(&config, KeyCommand::Create(create)).await.unwrap();
    let secret = made.answer.trim();
    assert!(made.remark.contains("not shown again") && !made.remark.contains(secret));
    let body = json!({ "query": "{ __typename }" });
    assert_eq!(app.post_as(secret, body.clone()).await.status, 200);

    let listed = commands::key(&config, KeyCommand::List).await.unwrap().answer;
    let prefix = Secret::parse(secret).unwrap().prefix().to_owned();
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        lines[1][1..7],
        [prefix.as_str(), "The desk", KEEPER, "read,write", "active", "500"]
    );
    assert_eq!(lines[1][8], "2100-01-01T00:00:00Z");
    assert!(!listed.contains(secret));

    for which in [lines[1][0], &prefix, secret] {
        let revoke = KeyCommand::Revoke { key: which.to_owned() };
        let said = commands::key(&config, revoke).await.unwrap().answer;
        assert!(said.contains("is revoked since") && said.contains(&prefix), "{said}");
        assert!(!said.contains(secret));
    }
    let keys = auth::list(&app.db.writer).await.unwrap();
    assert!(keys[0].key.revoked_at.is_some());
    let expired = Create {
        organization: keeper,
        scope: vec![Scope::Read],
        name: None,
        expires: Some(1),
        rate: None,
    };
    let error = commands::key(&config, KeyCommand::Create(expired)).await.unwrap_err();
    assert!(error.to_string().contains("expired already"), "{error}");
}

async fn a_key_needs_an_organization(app: TestApp) {
    let keeper = app.keeper().await;
    let db = &app.db.writer;
    let of = |organization: &str| NewKey {
        organization: organization.to_owned(),
        scopes: Scopes::parse("READ"),
        ..app.new_key()
    };

    for by in [&*keeper, KEEPER] {
        let (made, _) = auth::create(db, of(by), 7).await.unwrap();
        assert_eq!(made.organization, KEEPER);
    }
    for by in ["", "ha-noi", "organization_01KDVDNA00SNAS028NXQBEZJKG", "\0", "' OR 1=1 --"] {
        let error = auth::create(db, of(by), 7).await.unwrap_err();
        assert!(matches!(error, KeyError::NoOrganization(_)), "{error}");
    }
    let keys = auth::list(db).await.unwrap();
    assert_eq!(keys.len(), 2);
    for which in ["", "cg_", "nothing", "key_01KDVDNA00SNAS028NXQBEZJKG"] {
        let error = auth::revoke(db, which, 8).await.unwrap_err();
        assert!(matches!(error, KeyError::NoKey), "{error}");
    }
    let Key { public_id, .. } = &keys[0].key;
    assert_eq!(auth::revoke(db, public_id, 8).await.unwrap().revoked_at, Some(8));
    // The first time counts.
    assert_eq!(auth::revoke(db, public_id, 9).await.unwrap().revoked_at, Some(8));
}
