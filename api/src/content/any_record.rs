//! Records of any type, as the table of all records knows them: what lists over several types are made of.
use entities::record;

use super::shared::{CITABLE, RECORD};
use crate::record::{
    def::{Argument, Record},
    define::Define,
    pred::Test,
    source::Source,
};

/// A row of the table of all records. It is shown as the record itself.
pub struct AnyRecord;

impl Record for AnyRecord {
    type Entity = record::Entity;
    const NAME: &str = "AnyRecord";
    const ONE: &str = "anyRecord";
    const MANY: &str = "anyRecords";
    const ABOUT: &str = "A record of any type.";
    const CODE: u16 = 0;
    const PREFIX: &str = "";

    fn define(d: &mut Define<Self>) {
        d.view();
        let rank = d.place(record::Column::Rank);
        d.implied(rank, Test::IsNot("DEPRECATED".into()));
    }
}

impl<T: Record> Define<T> {
    /// Rows that the record asserts, of all types that can be asserted.
    pub fn assertions(&mut self) {
        let source = Source::Where("{t}.asserted_by_id = {k} AND {t}.modality IN ({s})");
        let modality = Argument::new("modality", "[Modality!]", "Only these; all when absent.");
        self.list::<AnyRecord>(
            "assertions",
            source,
            "Rows that it asserts, of all types. Order: by type, oldest first within one.",
        )
        .of(&CITABLE)
        .scoped(&[modality], super::shared::any_modality);
    }

    /// Records with a citation in it.
    pub fn cited_by(&mut self) {
        let source = Source::Where(
            "{t}.id IN (SELECT c.subject_id FROM citation c WHERE c.passage_id = {k})",
        );
        self.list::<AnyRecord>(
            "citedBy",
            source,
            "Records with a citation in it. Order: by type, oldest first within one.",
        )
        .of(&RECORD);
    }

    /// What the record is said to be about, of all types.
    pub fn about(&mut self) {
        let source = "{t}.id IN (SELECT l.to_id FROM link l WHERE l.from_id = {k} AND l.relation = 'ABOUT' \
             AND l.modality IN ('STATED', 'INFERRED') AND l.rank <> 'DEPRECATED')";
        self.list::<AnyRecord>(
            "about",
            Source::Where(source),
            "What it is about. Order: by type, oldest first within one.",
        )
        .of(&RECORD);
    }
}
