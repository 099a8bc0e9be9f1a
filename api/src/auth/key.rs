//! Keys as they are kept: made, listed and revoked.
use std::collections::HashMap;

use entities::api_key;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait,
    ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, Statement,
};

use super::{Scopes, Secret};
use crate::value::public_id::PublicId;

/// The prefix of public ids of keys.
const PREFIX: &str = "key";
/// How often another secret is made where the prefix of one is taken, which hardly ever happens.
const TRIES: usize = 5;

/// A key, without its secret. Instants are microseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub public_id: String,
    pub name: String,
    pub prefix: String,
    pub scopes: Scopes,
    /// Points that it may spend; `None` for the server's default.
    pub cost_per_minute: Option<u32>,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    pub revoked_at: Option<i64>,
    /// To a minute; `None` before the first use.
    pub last_used_at: Option<i64>,
}

/// A key that is to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Id or slug, also a former one.
    pub organization: String,
    pub scopes: Scopes,
    /// That of the organization's slug if there is none.
    pub name: Option<String>,
    pub expires_at: Option<i64>,
    pub cost_per_minute: Option<u32>,
}

/// A key with the slug of the organization that it belongs to.
#[derive(Clone, Debug)]
pub struct Listed {
    pub key: Key,
    pub organization: String,
}

/// Why nothing became of a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(
        "there is no organization `{0}`: give an id or a slug, as `{{ organizations {{ nodes {{ id slug name }} }} }}` \
         shows them"
    )]
    NoOrganization(String),
    /// Without what was asked for, which may be a secret.
    #[error(
        "there is no such key: give its id or its prefix, as `culturegraph key list` shows them"
    )]
    NoKey,
    #[error("the system has no chance to make a secret of")]
    Chance(#[from] getrandom::Error),
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<api_key::Model> for Key {
    fn from(row: api_key::Model) -> Self {
        Key {
            public_id: row.public_id,
            name: row.name,
            prefix: row.prefix,
            scopes: Scopes::parse(&row.scopes),
            cost_per_minute: row.cost_per_minute.map(|it| u32::try_from(it).unwrap_or(u32::MAX)),
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// Makes a key. Its secret is nowhere but in what this gives.
pub async fn create(
    db: &DatabaseConnection,
    new: NewKey,
    now: i64,
) -> Result<(Listed, Secret), KeyError> {
    let NewKey { organization, scopes, name, expires_at, cost_per_minute } = new;
    let Some((organization_id, slug)) = find_organization(db, &organization).await? else {
        return Err(KeyError::NoOrganization(organization));
    };
    let millis = u64::try_from(now / 1_000).unwrap_or_default();
    for _ in 0..TRIES {
        let secret = Secret::generate()?;
        let by_prefix = api_key::Column::Prefix.eq(secret.prefix());
        if api_key::Entity::find().filter(by_prefix).one(db).await?.is_some() {
            continue;
        }
        let mut random = [0; 10];
        getrandom::fill(&mut random)?;
        let row = api_key::Model {
            public_id: PublicId::new(PREFIX, millis, random).to_string(),
            name: name.clone().unwrap_or_else(|| slug.clone()),
            prefix: secret.prefix().to_owned(),
            secret_hash: secret.hash().digits(),
            scopes: scopes.to_string(),
            organization_id,
            cost_per_minute: cost_per_minute.map(i64::from),
            created_at: now,
            expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        let insert = api_key::Entity::insert(row.clone().into_active_model());
        insert.exec_without_returning(db).await?;
        return Ok((Listed { key: row.into(), organization: slug }, secret));
    }
    Err(KeyError::Database(DbErr::Custom("all prefixes of secrets are taken".to_owned())))
}

/// All keys, the oldest first.
pub async fn list(db: &DatabaseConnection) -> Result<Vec<Listed>, KeyError> {
    let keys = api_key::Entity::find()
        .order_by_asc(api_key::Column::CreatedAt)
        .order_by_asc(api_key::Column::PublicId)
        .all(db)
        .await?;
    let sql = "SELECT DISTINCT r.id, o.slug FROM api_key k JOIN record r ON r.id = k.organization_id \
               JOIN organization o ON o.id = coalesce(r.merged_into_id, r.id)";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let slugs = rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)));
    let slugs: HashMap<i64, String> = slugs.collect::<Result<_, DbErr>>()?;
    let listed = |row: api_key::Model| {
        let organization = slugs.get(&row.organization_id).cloned().unwrap_or_default();
        Listed { key: row.into(), organization }
    };
    Ok(keys.into_iter().map(listed).collect())
}

/// Ends a key; one that was revoked before stays as it is.
pub async fn revoke(db: &DatabaseConnection, which: &str, now: i64) -> Result<Key, KeyError> {
    use api_key::Column::{Prefix, PublicId};
    // Who has a secret in the wrong place may give all of it.
    let secret = Secret::parse(which);
    let prefix = secret.as_ref().map_or(which.trim_start_matches("cg_"), Secret::prefix);
    let is_meant = PublicId.eq(which).or(Prefix.eq(prefix));
    let row = api_key::Entity::find().filter(is_meant).one(db).await?.ok_or(KeyError::NoKey)?;
    if row.revoked_at.is_some() {
        return Ok(row.into());
    }
    let mut change = row.clone().into_active_model();
    change.revoked_at = Set(Some(now));
    api_key::Entity::update(change).exec(db).await?;
    Ok(Key { revoked_at: Some(now), ..row.into() })
}

/// Internal id and slug of an organization; after a merge, of the one that stayed.
async fn find_organization(
    db: &DatabaseConnection,
    by: &str,
) -> Result<Option<(i64, String)>, DbErr> {
    if by.contains('\0') {
        return Ok(None);
    }
    let sql = "SELECT o.id, o.slug FROM record r \
               JOIN organization o ON o.id = coalesce(r.merged_into_id, r.id) \
               WHERE r.public_id = $1 OR r.id IN (SELECT record_id FROM record_slug WHERE slug = $2)";
    let backend = db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [by.into(), by.into()]);
    let row = db.query_one_raw(statement).await?;
    row.map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).transpose()
}
