//! Periods of which only one holds at a time, such as the fields of a membership.
use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, Value as Bind};

use super::{
    current::{ints, statement},
    work::{State, Work},
};
use crate::record::write::{Cells, Mistake, MistakeCode};

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

impl Work<'_> {
    /// Finds periods of one record that overlap, in the base or in the changeset.
    pub(super) async fn overlaps(&mut self, rows: &[Option<Cells>]) -> Result<(), DbErr> {
        let mut mistakes = Vec::new();
        let mut by_owner: BTreeMap<(u16, i64), Vec<(&State, Period)>> = BTreeMap::new();
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
                by_owner.entry((state.def.code, *owner)).or_default().push((state, period));
            }
        }
        for ((_, owner), periods) in by_owner {
            let others = self.stored_periods(periods[0].0, owner).await?;
            for (place, (state, period)) in periods.iter().enumerate() {
                let beside = periods.iter().take(place).map(|(_, it)| it).chain(&others);
                if let Some(alone) = &state.def.alone
                    && beside.filter(|it| it.id != period.id).any(|it| it.overlaps(period))
                {
                    let message = format!(
                        "it overlaps with another {} of the same {}: end the one before the other begins",
                        state.def.one,
                        state.def.field_of(alone.owner),
                    );
                    let mistake = Mistake::new(MistakeCode::Overlap, message);
                    mistakes.push(state.mistake(mistake.below(state.def.field_of(alone.begins))));
                }
            }
        }
        self.mistakes.extend(mistakes);
        Ok(())
    }

    /// The periods of the base that the changeset does not speak of.
    async fn stored_periods(&self, like: &State, owner: i64) -> Result<Vec<Period>, DbErr> {
        let Some(alone) = &like.def.alone else { return Ok(Vec::new()) };
        let name = |column: usize| like.def.columns[column].name.as_str();
        let sql = format!(
            "SELECT id, {}, {} FROM {} WHERE {} = {{list}} AND rank <> 'DEPRECATED'",
            name(alone.begins),
            name(alone.ends),
            like.def.table,
            name(alone.owner),
        );
        let mut periods = Vec::new();
        let owner = vec![ints(self.tx, &[owner])];
        for row in self.tx.query_all_raw(statement(self.tx, &sql, owner)).await? {
            let id = row.try_get_by_index(0)?;
            let (begins, ends) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            periods.push(Period { id, begins, ends });
        }
        let spoken_of = |it: &Period| self.states.iter().any(|state| state.id == it.id);
        periods.retain(|it| !spoken_of(it));
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
