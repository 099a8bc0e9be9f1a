//! Field periods: a membership's time in one field, which a city can change.
use entities::field_period;

use super::{membership::Membership, term::Term};
use crate::record::{def::Record, define::Define};

pub struct FieldPeriod;

impl Record for FieldPeriod {
    type Entity = field_period::Entity;
    const NAME: &str = "FieldPeriod";
    const ONE: &str = "fieldPeriod";
    const MANY: &str = "fieldPeriods";
    const ABOUT: &str = "A time in which a membership had one field.";
    const CODE: u16 = 9;
    const PREFIX: &str = "period";

    fn define(d: &mut Define<Self>) {
        use field_period::Column::*;
        d.record();
        d.tells_of(&["membership"]);
        d.citable();
        d.one::<Membership>("membership", MembershipId, "The membership that had it.").filter();
        d.one::<Term>("field", FieldId, "The field it had.").filter();
        d.date("startDate", StartDate, "Since when; null when not known.");
        d.date("endDate", EndDate, "Until when; null when it lasts or is not known.");
        d.alone(MembershipId, StartLatest, EndEarliest);
        let start = d.place(StartEarliest);
        d.default_order(&[(start, false)]);
    }
}
