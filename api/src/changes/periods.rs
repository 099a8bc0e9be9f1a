//! Periods of which only one holds at a time, such as the fields of a membership.
use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr, Value as Bind};

use super::{
    current::{CHUNK, ints, statement},
    lock,
    work::{State, Work},
};
use crate::record::{
    def::{Alone, Def},
    write::{Cells, Mistake, MistakeCode},
};

/// A period by the days that its ends can mean at most.
#[derive(Clone, Debug)]
struct Period {
    id: i64,
    /// Last day on which it can have begun; `None` when that is not known.
    begins: Option<String>,
    /// First day on which it can have ended; `None` when it lasts, or that is not known.
    ends: Option<String>,
}

impl Period {
    /// Whether two periods have a day in common, whatever is right of what is not known exactly.
    fn overlaps(&self, other: &Period) -> bool {
        let is_in = |begins: &Option<String>, of: &Period| match (begins, &of.begins) {
            (Some(begins), Some(from)) => {
                from <= begins && of.ends.as_ref().is_none_or(|ends| begins < ends)
            }
            _ => false,
        };
        is_in(&self.begins, other) || is_in(&other.begins, self)
    }
}

/// The periods of a type that a changeset gives, by their owners.
type OfType<'s> = (&'static Def, &'static Alone, BTreeMap<i64, Vec<(&'s State, Period)>>);

impl Work<'_> {
    /// Finds periods of one record that overlap, in the base or in the changeset.
    pub(super) async fn overlaps(&mut self, rows: &[Option<Cells>]) -> Result<(), DbErr> {
        let mut of_types: BTreeMap<u16, OfType<'_>> = BTreeMap::new();
        for (state, cells) in self.living().zip(rows) {
            let (Some(alone), Some(cells)) = (&state.def.alone, cells) else { continue };
            if state.text("rank") == Some("DEPRECATED") {
                continue;
            }
            let text = |column: usize| match cells.get(column) {
                Some(Bind::String(text)) => text.clone(),
                _ => None,
            };
            if let Some(Bind::BigInt(Some(owner))) = cells.get(alone.owner) {
                let (begins, ends) = (text(alone.begins), text(alone.ends));
                let period = Period { id: state.id, begins, ends };
                let of_type = of_types.entry(state.def.code);
                let of_type = of_type.or_insert_with(|| (state.def, alone, BTreeMap::new()));
                of_type.2.entry(*owner).or_default().push((state, period));
            }
        }
        let mut mistakes = Vec::new();
        for (def, alone, of_owners) in of_types.into_values() {
            let owners: Vec<i64> = of_owners.keys().copied().collect();
            let stored = self.stored_periods(def, alone, &owners).await?;
            for (owner, periods) in of_owners {
                let others = stored.get(&owner).map(Vec::as_slice).unwrap_or_default();
                for (place, (state, period)) in periods.iter().enumerate() {
                    let mut beside = periods.iter().take(place).map(|(_, it)| it).chain(others);
                    if beside.any(|it| it.id != period.id && it.overlaps(period)) {
                        let message = format!(
                            "it overlaps with another {} of the same {}: end the one before the other begins",
                            def.one,
                            def.field_of(alone.owner),
                        );
                        let mistake = Mistake::new(MistakeCode::Overlap, message);
                        mistakes.push(state.mistake(mistake.below(def.field_of(alone.begins))));
                    }
                }
            }
        }
        self.mistakes.extend(mistakes);
        Ok(())
    }

    /// The periods of the base that the changeset does not speak of, by their owners.
    async fn stored_periods(
        &self,
        def: &Def,
        alone: &Alone,
        owners: &[i64],
    ) -> Result<HashMap<i64, Vec<Period>>, DbErr> {
        // Nothing in the base holds them apart: who writes one waits for who writes another.
        lock::owners(self.tx, owners).await?;
        let name = |column: usize| def.columns[column].name.as_str();
        let owner = name(alone.owner);
        let sql = format!(
            "SELECT {owner}, id, {}, {} FROM {} WHERE {owner} = {{list}} AND rank <> 'DEPRECATED'",
            name(alone.begins),
            name(alone.ends),
            def.table,
        );
        let spoken_of: HashSet<i64> = self.states.iter().map(|state| state.id).collect();
        let mut periods: HashMap<i64, Vec<Period>> = HashMap::new();
        for owners in owners.chunks(CHUNK) {
            let asked = statement(self.tx, &sql, vec![ints(self.tx, owners)]);
            for row in self.tx.query_all_raw(asked).await? {
                let (owner, id): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                let (begins, ends) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
                if !spoken_of.contains(&id) {
                    periods.entry(owner).or_default().push(Period { id, begins, ends });
                }
            }
        }
        Ok(periods)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(begins: Option<&str>, ends: Option<&str>) -> Period {
        Period { id: 0, begins: begins.map(str::to_owned), ends: ends.map(str::to_owned) }
    }

    #[test]
    fn periods_that_may_follow_each_other_do_not_overlap() {
        // 2008/2023 and 2023/..: it begins on the last day of 2023 at the latest and has ended on the first at the earliest.
        let first = period(Some("2008-12-31"), Some("2023-01-01"));
        let second = period(Some("2023-12-31"), None);

        assert!(!first.overlaps(&second));
        assert!(!period(None, None).overlaps(&first));
    }

    #[test]
    fn periods_overlap_where_one_begins_in_the_other() {
        let lasting = period(Some("2008-12-31"), None);
        let later = period(Some("2019-10-30"), Some("2020-01-01"));

        assert!(lasting.overlaps(&later));
        assert!(later.overlaps(&lasting));
    }
}
