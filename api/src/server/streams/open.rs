//! The connections of a server that stay open: how many there may be, and how they are told that it stops.
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Clones are the same server's.
#[derive(Clone, Debug)]
pub struct Open {
    places: Arc<Semaphore>,
    most: u32,
    stop: watch::Sender<bool>,
}

/// What a connection holds for as long as it is open.
pub(super) type Place = OwnedSemaphorePermit;

impl Open {
    pub fn new(most: u32) -> Self {
        let places = Arc::new(Semaphore::new(most.try_into().unwrap_or(Semaphore::MAX_PERMITS)));
        Open { places, most, stop: watch::Sender::new(false) }
    }

    /// A place for one connection more; none when there are as many as may be, or when the server stops.
    pub(super) fn enter(&self) -> Option<Place> {
        match *self.stop.borrow() {
            true => None,
            false => self.places.clone().try_acquire_owned().ok(),
        }
    }

    /// Tells all connections to complete their streams, and to end when what else they run is done.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Ends when the server is told to stop.
    pub(super) fn stopped(&self) -> impl Future<Output = ()> + Send + Unpin + use<> {
        let mut stop = self.stop.subscribe();
        Box::pin(async move {
            // Who could say so is gone: that is as good as being told.
            let _ = stop.wait_for(|stop| *stop).await;
        })
    }

    /// Waits until there are no connections. New ones come as long as the server is not told to stop.
    pub async fn closed(&self) {
        // Nobody closes the semaphore.
        let _ = self.places.acquire_many(self.most).await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn there_are_as_many_places_as_may_be() {
        let open = Open::new(2);

        let (one, two) = (open.enter(), open.enter());

        assert!(one.is_some() && two.is_some() && open.enter().is_none());
        drop(one);
        assert!(open.enter().is_some());
    }

    #[test]
    fn nobody_comes_in_when_the_server_stops_and_it_waits_for_who_is_in() {
        let open = Open::new(2);
        let place = open.enter();
        assert_eq!(open.stopped().now_or_never(), None);

        open.stop();

        assert!(open.enter().is_none());
        assert_eq!(open.stopped().now_or_never(), Some(()));
        assert_eq!(open.closed().now_or_never(), None);
        drop(place);
        assert_eq!(open.closed().now_or_never(), Some(()));
    }
}
