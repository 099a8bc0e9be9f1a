//! Failures that say more of the moment, or of the connection, than of the changeset.
use sea_orm::{DatabaseConnection, DbBackend, DbErr, RuntimeErr, sqlx};

/// What PostgreSQL says where two have written at the same time: a deadlock or a failure to serialize; and a key or a
/// reference, which the other has taken or taken away after it was looked at. Tried again, it is told with its place.
const COLLISIONS: [&str; 4] = ["40P01", "40001", "23505", "23503"];

/// Whether it can be tried again: nothing of it is in the base, and another has been faster.
pub(super) fn has_collided(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| COLLISIONS.contains(&&*code))
}

/// After a failure, lets SQLite go on with a connection that is opened anew. It may end a transaction by itself, as where the
/// disk is full, which the driver does not notice: that connection would refuse all that comes.
pub(super) async fn renew(db: &DatabaseConnection) {
    if db.get_database_backend() != DbBackend::Sqlite {
        return;
    }
    let closed = async {
        let connection = db.get_sqlite_connection_pool().acquire().await?;
        sqlx::pool::PoolConnection::close(connection).await
    };
    if let Err(error) = closed.await {
        tracing::warn!(%error, "the connection that writes was not closed");
    }
}
