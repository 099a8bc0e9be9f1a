//! Stakeholders: groups that a text names without their being organizations.
use entities::stakeholder;

use super::{initiative::Initiative, region::Region, term::Term};
use crate::record::{def::Record, define::Define};

pub struct Stakeholder;

impl Record for Stakeholder {
    type Entity = stakeholder::Entity;
    const NAME: &str = "Stakeholder";
    const ONE: &str = "stakeholder";
    const MANY: &str = "stakeholders";
    const ABOUT: &str =
        "A group that a text names without its being an organization, e.g. cộng đồng sáng tạo.";
    const CODE: u16 = 22;
    const PREFIX: &str = "stakeholder";

    fn define(d: &mut Define<Self>) {
        use stakeholder::Column::*;
        d.described();
        d.one::<Term>("kind", KindId, "Kind of group; null when not known.").filter();
        d.one::<Region>("region", RegionId, "Where it is found; null when not said.").filter();
        d.linked::<Initiative>("initiatives", "TARGETS", false, "Initiatives that are for it.");
    }
}
