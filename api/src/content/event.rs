//! Events: conferences, festivals and the like.
use entities::{event, participation, presentation};

use super::{
    city::City, event_series::EventSeries, participation::Participation,
    presentation::Presentation, searched, term::Term,
};
use crate::record::{
    cell::Kind,
    def::{Record, Searched},
    define::Define,
    source::Source,
    write,
};

pub struct Event;

impl Record for Event {
    type Entity = event::Entity;
    const NAME: &str = "Event";
    const ONE: &str = "event";
    const MANY: &str = "events";
    const ABOUT: &str = "A conference, festival or other event.";
    const CODE: u16 = 24;
    const PREFIX: &str = "event";

    fn define(d: &mut Define<Self>) {
        use event::Column::*;
        d.described();
        d.searched(Searched {
            country: Some(searched::COUNTRY_OF_CITY),
            year: Some(searched::START_YEAR),
            ..Searched::NAMED
        });
        d.unique("ordinal", &[SeriesId, Ordinal]);
        d.one::<EventSeries>(
            "series",
            SeriesId,
            "Series that it is one of; null when none or not known.",
        )
        .filter();
        d.plain(Ordinal, "Number in its series, 1 is the first; null when not known.")
            .filter()
            .order()
            .checked(write::from_one);
        d.one::<Term>("kind", KindId, "Kind of event; null when not known.").filter();
        d.date("startDate", StartDate, "First day; null when no source says.");
        d.date("endDate", EndDate, "Last day; null when no source says.");
        let [part_of_day, venue, scope] = [PartOfDay, Venue, Scope].map(|it| d.place(it));
        d.text(
            "partOfDay",
            part_of_day,
            "Part of the day in the source's words, e.g. sáng; null when not said.",
        );
        d.text("venue", venue, "Building or hall; null when not said.");
        d.one::<City>("city", CityId, "City that it is held in; null when not said.").filter();
        d.one::<Term>("format", FormatId, "In person, online or both; null when not said.")
            .filter();
        d.text("scope", scope, "Reach in the source's words, e.g. toàn quốc; null when not said.");
        d.one::<Event>(
            "superEvent",
            SuperEventId,
            "Event that it is part of; null when none or not known.",
        )
        .filter();
        let parts = Source::Child { key: "super_event_id".to_owned() };
        d.list::<Event>("subEvents", parts, "Events that are part of it, directly.").filter();
        d.many::<Participation>(
            "participations",
            participation::Column::EventId,
            "Who took part, organizers and speakers included.",
        )
        .filter();
        d.many::<Presentation>(
            "presentations",
            presentation::Column::EventId,
            "Presentations given at it.",
        )
        .filter();
        let [start, name] = [d.place(StartEarliest), d.named("sort_name")];
        d.default_order(&[(start, true), (name, false)]);
        d.claimed("startDate", "START_DATE");
        d.claimed("endDate", "END_DATE");

        let [series, kind, format, city] =
            [SeriesId, KindId, FormatId, CityId].map(|it| d.place(it));
        d.group::<EventSeries>("SERIES", "series", series, "Series that they are of.");
        d.group::<Term>("KIND", "kind", kind, "Conference, festival and so on.");
        d.group::<Term>("FORMAT", "format", format, "In person, online or both.");
        d.group::<City>("CITY", "city", city, "City that they are held in.");
        let year = d.expression("start_year", Kind::Int, searched::START_YEAR);
        d.group_number("START_YEAR", "startYear", year, "Year of `startDate`.");
    }
}
