//! Documents that are made because somebody cites an address. Who cites it at the same time has made one too: there is one
//! document of it all the same.
use std::collections::{BTreeMap, HashSet};

use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::{
    current::{statement, texts},
    lookup,
    merged::{Level, replaced},
    work::Work,
};

impl Work<'_> {
    /// Uses the documents that there are by now in place of those that the changeset would make.
    pub(super) async fn share_documents(
        &mut self,
        addressed: &HashSet<String>,
    ) -> Result<(), DbErr> {
        let made = self.living().filter(|it| it.is_new() && addressed.contains(&it.public_id));
        let made: BTreeMap<String, String> = made
            .filter_map(|it| Some((it.text("url")?.to_owned(), it.public_id.clone())))
            .collect();
        if made.is_empty() {
            return Ok(());
        }
        let addresses: Vec<String> = made.keys().cloned().collect();
        if self.tx.get_database_backend() == DbBackend::Postgres {
            // In one order, so that no two wait for each other.
            let sql = "SELECT pg_advisory_xact_lock(a.hash) FROM \
                 (SELECT DISTINCT hashtextextended(t, 0) AS hash FROM unnest($1) t ORDER BY 1) a";
            let asked = statement(self.tx, sql, vec![texts(self.tx, &addresses)]);
            self.tx.query_all_raw(asked).await?;
        }
        let own = self.living().filter(|it| it.def.name == "Document");
        let mut known: BTreeMap<String, String> = own
            .filter(|it| !addressed.contains(&it.public_id))
            .filter_map(|it| Some((it.text("url")?.to_owned(), it.public_id.clone())))
            .collect();
        known.extend(lookup::documents_at(self.tx, &addresses).await?);
        let shared: Level = known
            .into_iter()
            .filter_map(|(address, known)| Some((made.get(&address)?.clone(), (known, 0))))
            .collect();
        self.states.retain(|it| !shared.contains_key(&it.public_id));
        for state in &mut self.states {
            state.fields = replaced(std::mem::take(&mut state.fields), &shared);
            for source in &mut state.cited.sources {
                *source = replaced(std::mem::take(source), &shared);
            }
        }
        self.place_states();
        Ok(())
    }
}
