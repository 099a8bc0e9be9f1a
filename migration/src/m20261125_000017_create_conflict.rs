//! Conflicts: properties of records about which claims differ.
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A conflict has the number of its oldest claim, under the type code 20 instead of the claims' 16.
///
/// Only properties of which a record has one value at a time count: not those that change with the year, such as a
/// population, and not lists, whose values stand beside each other. Dates differ if the days that they can mean have none in
/// common, so that 2019 and 2019-10-30 agree; other values differ if they are not the same.
const CONFLICT: &str = "CREATE VIEW conflict AS \
    SELECT min(c.id) + 1125899906842624 AS id, \
    'conflict' || substr(min(c.public_id), 6) AS public_id, \
    c.subject_id AS subject_id, c.property AS property \
    FROM claim c \
    WHERE c.property IN \
    ('NAME', 'COUNTRY', 'GEO', 'AREA', 'FOUNDING_DATE', 'START_DATE', 'END_DATE', 'FIELD', 'STATUS') \
    GROUP BY c.subject_id, c.property \
    HAVING max(c.value_earliest) > min(c.value_latest) \
    OR count(DISTINCT CASE WHEN c.value_kind <> 'DATE' THEN coalesce(CAST(c.value_record_id AS TEXT), \
    CAST(c.value_text AS TEXT), c.value_string, c.value_amount, c.value_absence, \
    CAST(c.value_latitude AS TEXT) || ' ' || CAST(c.value_longitude AS TEXT)) END) > 1";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(CONFLICT).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP VIEW conflict").await?;
        Ok(())
    }
}
