//! Series of events.
use entities::{event, event_series};

use super::event::Event;
use crate::record::{def::Record, define::Define};

pub struct EventSeries;

impl Record for EventSeries {
    type Entity = event_series::Entity;
    const NAME: &str = "EventSeries";
    const ONE: &str = "eventSeries";
    const MANY: &str = "eventSeriesList";
    const ABOUT: &str = "A series of events, e.g. hội nghị Ngoại giao.";
    const CODE: u16 = 23;
    const PREFIX: &str = "series";

    fn define(d: &mut Define<Self>) {
        d.described();
        d.many::<Event>("events", event::Column::SeriesId, "All that belong to it.").filter();
    }
}
