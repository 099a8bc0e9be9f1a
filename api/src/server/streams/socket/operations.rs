//! The operations that run on one socket, by the ids that the client has given them.
use std::{collections::HashMap, sync::Arc};

use futures_util::{
    StreamExt,
    stream::{self, AbortHandle, BoxStream, SelectAll},
};

use crate::server::streams::operation::Bit;

type Id = Arc<str>;

#[derive(Default)]
pub(super) struct Operations {
    bits: SelectAll<BoxStream<'static, (Id, Bit)>>,
    running: HashMap<Id, AbortHandle>,
}

impl Operations {
    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    pub(super) fn start(&mut self, id: &str, bits: BoxStream<'static, Bit>) {
        let id = Id::from(id);
        let (bits, abort) = stream::abortable(bits);
        self.running.insert(id.clone(), abort);
        self.bits.push(bits.map(move |bit| (id.clone(), bit)).boxed());
    }

    /// Drops an operation: nothing comes of it from now on. The client may send an id that has long ended.
    pub(super) fn stop(&mut self, id: &str) {
        if let Some(abort) = self.running.remove(id) {
            abort.abort();
        }
    }

    /// The next bit of whatever operation has one first; `None` if none runs. An operation with its last bit runs no more.
    pub(super) async fn next(&mut self) -> Option<(Id, Bit)> {
        let (id, bit) = self.bits.next().await?;
        if let Bit::Refused(_) | Bit::Complete = bit {
            self.running.remove(&id);
        }
        Some((id, bit))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn next(operations: &mut Operations) -> Option<String> {
        let (id, bit) = operations.next().now_or_never()??;
        Some(match bit {
            Bit::Next(response) => format!("{id}: {}", String::from_utf8_lossy(&response)),
            Bit::Refused(_) => format!("{id} refused"),
            Bit::Complete => format!("{id} complete"),
        })
    }

    fn bits(text: &str) -> BoxStream<'static, Bit> {
        stream::iter([Bit::Next(text.into()), Bit::Complete]).boxed()
    }

    #[test]
    fn an_id_is_free_again_after_the_last_bit() {
        let mut operations = Operations::default();

        operations.start("a", bits("1"));

        assert_eq!(next(&mut operations).as_deref(), Some("a: 1"));
        assert!(operations.contains("a"));
        assert_eq!(next(&mut operations).as_deref(), Some("a complete"));
        assert!(!operations.contains("a"));
        assert_eq!(next(&mut operations), None);
    }

    #[test]
    fn nothing_comes_of_what_was_stopped_also_when_its_id_runs_again() {
        let mut operations = Operations::default();
        operations.start("a", bits("1"));
        operations.start("b", stream::pending().boxed());

        operations.stop("a");
        operations.stop("b");
        operations.stop("c");
        operations.start("a", bits("2"));

        assert_eq!(operations.len(), 1);
        assert_eq!(next(&mut operations).as_deref(), Some("a: 2"));
        assert_eq!(next(&mut operations).as_deref(), Some("a complete"));
        assert_eq!(next(&mut operations), None);
        assert!(operations.bits.is_empty());
    }
}
