//! Counts of one time that differ are conflicts too: who contradicts a population sees it among them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What makes claims about a property differ.
const DIFFER: &str = "HAVING max(c.value_earliest) > min(c.value_latest) \
    OR count(DISTINCT CASE WHEN c.value_kind <> 'DATE' THEN coalesce(CAST(c.value_record_id AS TEXT), \
    CAST(c.value_text AS TEXT), c.value_string, c.value_amount, c.value_absence, \
    CAST(c.value_latitude AS TEXT) || ' ' || CAST(c.value_longitude AS TEXT)) END) > 1";

/// Properties of which a record has one value, whenever it was observed.
const LASTING: &str = "'NAME', 'COUNTRY', 'GEO', 'AREA', 'FOUNDING_DATE', 'START_DATE', 'END_DATE', 'FIELD', 'STATUS'";

/// The view of these properties, in groups that are alike in more than subject and property.
fn view(properties: &str, alike: &str) -> String {
    format!(
        "CREATE VIEW conflict AS \
         SELECT min(c.id) + 1125899906842624 AS id, \
         'conflict' || substr(min(c.public_id), 6) AS public_id, \
         c.subject_id AS subject_id, c.property AS property \
         FROM claim c WHERE c.property IN ({properties}) \
         GROUP BY c.subject_id, c.property{alike} {DIFFER}"
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let counted = format!("{LASTING}, 'POPULATION', 'TOTAL_MEMBERS', 'NEW_MEMBERS'");
        // Those of two years stand beside each other.
        let alike = ", CASE WHEN c.value_kind = 'QUANTITY' AND c.property <> 'AREA' THEN coalesce(c.observation_date, '') ELSE '' END";
        replace(manager, &view(&counted, alike)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        replace(manager, &view(LASTING, "")).await
    }
}

async fn replace(manager: &SchemaManager<'_>, view: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared("DROP VIEW conflict").await?;
    manager.get_connection().execute_unprepared(view).await.map(drop)
}
