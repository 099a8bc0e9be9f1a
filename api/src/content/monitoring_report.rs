//! Monitoring reports that members owe their networks.
use entities::monitoring_report;

use super::{document::Document, membership::Membership, term::Term};
use crate::record::{def::Record, define::Define, filter::FilterKind};

pub struct MonitoringReport;

impl Record for MonitoringReport {
    type Entity = monitoring_report::Entity;
    const NAME: &str = "MonitoringReport";
    const ONE: &str = "monitoringReport";
    const MANY: &str = "monitoringReports";
    const ABOUT: &str = "A report that a member owes its network every four years.";
    const CODE: u16 = 30;
    const PREFIX: &str = "report";

    fn define(d: &mut Define<Self>) {
        use monitoring_report::Column::*;
        d.record();
        d.unique("dueYear", &[MembershipId, DueYear]);
        d.citable();
        d.one::<Membership>("membership", MembershipId, "The membership reported on.").filter();
        d.plain(DueYear, "Calendar year in which it falls due.").filter().order();
        let submitted = d.place(SubmittedOn);
        d.scalar(
            "submittedOn",
            submitted,
            "Day on which it was submitted; null when it was not or is not known.",
        )
        .typed("Date")
        .order();
        d.filter("submittedOn", FilterKind::Day(submitted), "Day on which it was submitted.");
        d.one::<Term>(
            "status",
            StatusId,
            "Due, submitted, overdue and so on; null when not known.",
        )
        .filter();
        d.one::<Document>("document", DocumentId, "The report itself; null when not in the base.");
        let due = d.place(DueYear);
        d.default_order(&[(due, true)]);
    }
}
