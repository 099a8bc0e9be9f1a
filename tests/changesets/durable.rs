//! What is acknowledged is on the disk: the settings are read back from the connections that write.

use sea_orm::DbBackend;

use super::query;
use crate::app::TestApp;

on_both!(an_acknowledged_write_is_on_the_disk);

async fn an_acknowledged_write_is_on_the_disk(app: TestApp) {
    let writer = &app.db.writer;
    if writer.get_database_backend() == DbBackend::Sqlite {
        // FULL: the log is synced at each commit.
        let synchronous: i64 =
            query(writer, "PRAGMA synchronous").await[0].try_get_by_index(0).unwrap();
        let journal: String =
            query(writer, "PRAGMA journal_mode").await[0].try_get_by_index(0).unwrap();
        let keys: i64 = query(writer, "PRAGMA foreign_keys").await[0].try_get_by_index(0).unwrap();
        assert_eq!((synchronous, journal.as_str(), keys), (2, "wal", 1));
    } else {
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let rows = query(writer, &format!("SHOW {setting}")).await;
            let value: String = rows[0].try_get_by_index(0).unwrap();
            assert_eq!(value, "on", "{setting}");
        }
    }
}
