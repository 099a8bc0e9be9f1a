//! Slugs for new records that are given none. They are chosen in the transaction: what another writer takes meanwhile makes a
//! collision, after which another one is chosen.
use std::collections::{HashMap, HashSet};

use sea_orm::DbErr;
use serde_json::Value as Json;

use super::{Contradictions, lookup, work::Work};
use crate::{
    record::write::{Fields, Mistake, MistakeCode},
    value::{fold, public_id},
};

/// So many records have the same name before one must be given a slug.
const MOST_ALIKE: usize = 50;

impl Work<'_> {
    /// The name's slug, and if that leads to another record already, with a number.
    pub(super) async fn choose_slugs(&mut self) -> Result<(), DbErr> {
        // Loaders give slugs, or have forgotten to.
        if self.contradictions == Contradictions::AsGiven {
            return Ok(());
        }
        let mut wanted: HashMap<u16, Vec<(usize, Vec<String>)>> = HashMap::new();
        let mut used: HashSet<(u16, String)> = HashSet::new();
        for (at, state) in self.states.iter().enumerate().filter(|(_, it)| it.lives()) {
            if let Some(slug) = state.text("slug") {
                used.insert((state.def.code, slug.to_owned()));
            } else if state.is_new() && state.def.is_described() {
                // Names such as 東京 have no letters for one.
                let base =
                    slug_of(&state.fields).unwrap_or_else(|| public_id::slug_of(&state.public_id));
                let more = (2..=MOST_ALIKE).map(|n| format!("{base}-{n}"));
                let candidates = [base.clone()].into_iter().chain(more).collect();
                wanted.entry(state.def.code).or_default().push((at, candidates));
            }
        }
        for (code, of_type) in wanted {
            let all: Vec<String> = of_type.iter().flat_map(|(_, it)| it.clone()).collect();
            let taken = lookup::taken_slugs(self.tx, code, &all).await?;
            for (at, candidates) in of_type {
                let is_free = |slug: &&String| {
                    !taken.contains(*slug) && !used.contains(&(code, (*slug).clone()))
                };
                if let Some(slug) = candidates.iter().find(is_free).cloned() {
                    used.insert((code, slug.clone()));
                    let state = &mut self.states[at];
                    state.fields.insert("slug".to_owned(), slug.into());
                    self.chosen.insert(state.public_id.clone());
                    continue;
                }
                let base = candidates.first().cloned().unwrap_or_default();
                let message = format!(
                    "`{base}` and that with a number up to {MOST_ALIKE} lead to other records: give this one a slug"
                );
                let mistake = Mistake::new(MistakeCode::Required, message).below("slug");
                self.mistakes.push(self.states[at].mistake(mistake));
            }
        }
        Ok(())
    }
}

/// A slug from the first of the names that has letters for one.
fn slug_of(fields: &Fields) -> Option<String> {
    /// Longer names are cut, so that a number still fits.
    const LONGEST: usize = 190;
    let names = fields.get("names")?.as_array()?;
    let slugs =
        names.iter().filter_map(|it| Some(fold::slug(it.get("value").and_then(Json::as_str)?)));
    let slug = slugs.into_iter().find(|it| !it.is_empty())?;
    Some(slug.chars().take(LONGEST).collect::<String>().trim_end_matches('-').to_owned())
}
