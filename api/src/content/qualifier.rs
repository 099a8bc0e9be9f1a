//! Qualifiers: further conditions of claims and links. They are parts of these, not records.
use entities::qualifier;

use super::claim::CLAIM_PROPERTY;
use crate::record::{def::Record, define::Define};

pub struct Qualifier;

impl Record for Qualifier {
    type Entity = qualifier::Entity;
    const NAME: &str = "Qualifier";
    const ONE: &str = "qualifier";
    const MANY: &str = "qualifiers";
    const ABOUT: &str = "A further condition of a claim or link: under what it holds, or how.";
    const CODE: u16 = 34;
    const PREFIX: &str = "";

    fn define(d: &mut Define<Self>) {
        d.view();
        d.choice(
            "property",
            qualifier::Column::Property,
            &CLAIM_PROPERTY,
            "Which property the condition is about.",
        );
        d.values();
    }
}

impl<T: Record> Define<T> {
    /// The further conditions of a row that says something.
    pub fn qualifiers(&mut self) {
        let about = "Further conditions, in the order given. At most 20.";
        self.parts::<Qualifier>("qualifiers", qualifier::Column::SubjectId, about);
    }
}
