//! Records that go: what points to them is asked first, and goes along, is told of, or is left without.
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr};
use serde_json::Value as Json;

use super::{
    Contradictions,
    checked::references,
    current::{CHUNK, ints, statement},
    lock,
    merged::Merge,
    pointing::{MOST_FOLLOWING, Pointing, pointing_to},
    work::{End, Going, Work},
};
use crate::record::write::{Fields, MistakeCode};

/// What is about a record goes along with it: type and field that says what it is about.
const ABOUT: [(&str, &str); 5] = [
    ("Citation", "subject"),
    ("Claim", "subject"),
    ("Link", "from"),
    ("Link", "to"),
    ("Mention", "named"),
];

/// So many of the records that are in the way are named.
const NAMED_MAX: usize = 3;

impl Pointing {
    fn is_about(&self) -> bool {
        ABOUT.contains(&(self.def.name, self.field.as_str()))
    }
}

/// An operation by which a record is deleted.
struct Deletion {
    place: usize,
    id: String,
    takes_along: bool,
}

/// What stands in the way of a deletion.
struct Obstacle {
    /// Place of the deletion.
    of: usize,
    from: String,
    to: String,
    /// How it is told.
    about: String,
}

impl Work<'_> {
    /// Does to others what the records that go ask for. Deletions that follow each other are one walk, and merges are: what
    /// points to a thousand records is asked as often as what points to one.
    pub(super) async fn go(&mut self) -> Result<(), DbErr> {
        // One of them is always empty.
        let (mut deletions, mut merges) = (Vec::new(), Vec::new());
        for going in std::mem::take(&mut self.going) {
            match going {
                Going::Deleted { place, id, takes_along } => {
                    self.merge(&std::mem::take(&mut merges)).await?;
                    deletions.push(Deletion { place, id, takes_along });
                }
                Going::Merged { place, from, into } => {
                    self.delete(&std::mem::take(&mut deletions)).await?;
                    merges.push(Merge { place, from, into });
                }
            }
        }
        self.delete(&deletions).await?;
        self.merge(&merges).await
    }

    /// Whether a record would point to `to` when the changeset is done.
    pub(super) fn still_points(&self, from: &str, to: &str) -> bool {
        self.state(from).is_none_or(|state| mentions(&state.fields, to))
    }

    /// Too many records would follow.
    pub(super) fn refuse_many(&mut self, place: usize, id: &str) {
        let message = format!(
            "more than {MOST_FOLLOWING} records would be changed with it: take some of them away first"
        );
        self.refuse(place, MistakeCode::TooMany, id, message);
    }

    async fn delete(&mut self, deletions: &[Deletion]) -> Result<(), DbErr> {
        // Those that go, by their internal ids, each with the place of the deletion that it goes by.
        let roots = deletions.iter().enumerate();
        let mut level: HashMap<i64, (String, usize)> =
            roots.map(|(of, it)| (self.internal_id(&it.id), (it.id.clone(), of))).collect();
        let mut gone = HashMap::new();
        let mut obstacles = Vec::new();
        while !level.is_empty() {
            let ids: Vec<i64> = level.keys().copied().collect();
            gone.extend(level.iter().map(|(id, (_, of))| (*id, *of)));
            // It will be said of these, whatever else goes with them.
            if self.are_forbidden(&ids).await? {
                return Ok(());
            }
            lock::going(self.tx, &ids).await?;
            let pointing = pointing_to(self.tx, &ids).await?;
            let is_too_many = pointing.is_none();
            let next = self.follow(deletions, &level, pointing.unwrap_or_default(), &mut obstacles);
            if is_too_many || self.states.len() > MOST_FOLLOWING {
                let of: BTreeSet<usize> = level.values().map(|(_, of)| *of).collect();
                for it in of.into_iter().filter_map(|of| deletions.get(of)) {
                    self.refuse_many(it.place, &it.id);
                }
                return Ok(());
            }
            level = next;
        }
        self.tell_obstacles(deletions, obstacles, &gone).await
    }

    /// Whether the writer may not take one of these away.
    async fn are_forbidden(&self, ids: &[i64]) -> Result<bool, DbErr> {
        let may = self.writer.decides() || self.contradictions == Contradictions::AsGiven;
        Ok(!may && !self.others_of(ids).await?.is_empty())
    }

    /// What becomes of the records that point to some that go; gives those that go along.
    fn follow(
        &mut self,
        deletions: &[Deletion],
        level: &HashMap<i64, (String, usize)>,
        pointing: Vec<Pointing>,
        obstacles: &mut Vec<Obstacle>,
    ) -> HashMap<i64, (String, usize)> {
        let mut next = HashMap::new();
        for it in pointing {
            let Some((to, of)) = level.get(&it.to) else { continue };
            let Some(deletion) = deletions.get(*of) else { continue };
            if !self.still_points(&it.from, to) {
                continue;
            }
            if it.is_about() || (deletion.takes_along && it.is_required) {
                next.insert(it.now.id, (it.from.clone(), *of));
                self.ends(deletion.place, &it, End::Deleted);
            } else if deletion.takes_along {
                if let Some(state) = self.following(&it.from, &it.now) {
                    state.cause.get_or_insert(deletion.place);
                    leave(&mut state.fields, &it.field, to);
                }
            } else {
                let about = format!("`{}.{}` of {}", it.def.name, it.field, it.from);
                obstacles.push(Obstacle { of: *of, from: it.from, to: to.clone(), about });
            }
        }
        next
    }

    /// Says of each deletion what stands in its way.
    async fn tell_obstacles(
        &mut self,
        deletions: &[Deletion],
        obstacles: Vec<Obstacle>,
        gone: &HashMap<i64, usize>,
    ) -> Result<(), DbErr> {
        let mut told: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        // Another deletion may have taken it along since.
        for it in obstacles.into_iter().filter(|it| self.still_points(&it.from, &it.to)) {
            told.entry(it.of).or_default().push(it.about);
        }
        for (of, about) in self.new_that_mention(deletions) {
            told.entry(of).or_default().push(about);
        }
        for (of, about) in self.keys_of(gone).await? {
            told.entry(of).or_default().push(about);
        }
        for (of, in_the_way) in told {
            if let Some((deletion, message)) = deletions.get(of).zip(self::told(&in_the_way)) {
                self.refuse(deletion.place, MistakeCode::InUse, &deletion.id, message);
            }
        }
        Ok(())
    }

    /// API keys of organizations that go: what they write is the word of somebody.
    async fn keys_of(&self, gone: &HashMap<i64, usize>) -> Result<Vec<(usize, String)>, DbErr> {
        let ids: Vec<i64> = gone.keys().copied().collect();
        let sql = "SELECT organization_id, name FROM api_key WHERE revoked_at IS NULL AND organization_id = {list} \
             ORDER BY name";
        let mut keys = Vec::new();
        for ids in ids.chunks(CHUNK) {
            for row in
                self.tx.query_all_raw(statement(self.tx, sql, vec![ints(self.tx, ids)])).await?
            {
                let (of, name): (i64, String) =
                    (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                keys.extend(gone.get(&of).map(|of| (*of, format!("the API key `{name}`"))));
            }
        }
        Ok(keys)
    }

    /// Records that the changeset makes and that point to one that goes; what is refused for them has its own path.
    fn new_that_mention(&self, deletions: &[Deletion]) -> Vec<(usize, String)> {
        let of: HashMap<&str, usize> =
            deletions.iter().enumerate().map(|(of, it)| (it.id.as_str(), of)).collect();
        let mut found = Vec::new();
        for state in self.living().filter(|state| state.is_new()) {
            let mut mentioned = HashSet::new();
            state.fields.values().for_each(|value| references(value, &mut mentioned));
            let mentioned = mentioned.into_iter().filter_map(|id| of.get(id));
            found.extend(mentioned.map(|of| (*of, format!("the new {}", state.public_id))));
        }
        found
    }

    pub(super) fn internal_id(&self, id: &str) -> i64 {
        self.state(id).map(|state| state.id).unwrap_or_default()
    }

    /// A record goes with another one.
    pub(super) fn ends(&mut self, place: usize, pointing: &Pointing, end: End) {
        if let Some(state) = self.following(&pointing.from, &pointing.now) {
            state.operation.get_or_insert(place);
            state.ends(end);
        }
    }
}

/// What stands in the way of a deletion, and what to do; `None` if nothing does.
fn told(in_the_way: &[String]) -> Option<String> {
    let first = in_the_way.get(..in_the_way.len().min(NAMED_MAX))?;
    let more = match in_the_way.len().checked_sub(NAMED_MAX) {
        Some(0) | None => String::new(),
        Some(more) => format!(" and {more} more"),
    };
    (!first.is_empty()).then(|| {
        format!(
            "still pointed to by {}{more}: change these first, or say that they go along",
            first.join(", ")
        )
    })
}

/// A field without a record that it points to: of a list, only those items go that do.
fn leave(fields: &mut Fields, field: &str, id: &str) {
    if let Some(list) = fields.get_mut(field).and_then(Json::as_array_mut) {
        list.retain(|item| !mentions_in(item, id));
        if !list.is_empty() {
            return;
        }
    }
    fields.remove(field);
}

/// Whether any of the values is this text.
pub(super) fn mentions(fields: &Fields, id: &str) -> bool {
    fields.values().any(|value| mentions_in(value, id))
}

fn mentions_in(value: &Json, id: &str) -> bool {
    match value {
        Json::String(text) => text == id,
        Json::Array(list) => list.iter().any(|it| mentions_in(it, id)),
        Json::Object(map) => mentions(map, id),
        _ => false,
    }
}
