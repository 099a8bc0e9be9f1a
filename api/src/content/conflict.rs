//! Conflicts: properties of records about which claims differ, with every side. They are a view of the claims, not records.
use entities::conflict;
use futures_util::future::BoxFuture;
use sea_orm::Value as Bind;

use super::{
    claim::{CLAIM_PROPERTY, Claim},
    shared::{DESCRIBED, names},
};
use crate::{
    error::ApiError,
    record::{
        catalog,
        def::{Argument, Def, Record, def},
        define::Define,
        plan::ListPlan,
        pred::{KeyTest, Pred, Test},
        render,
        root::{Pages, RootCall, RootQuery},
        scalar,
        source::Source,
    },
};

pub struct Conflict;

impl Record for Conflict {
    type Entity = conflict::Entity;
    const NAME: &str = "Conflict";
    const ONE: &str = "conflict";
    const MANY: &str = "conflicts";
    const ABOUT: &str = "A property of a record with claims that differ.";
    const CODE: u16 = 20;
    const PREFIX: &str = "conflict";

    fn define(d: &mut Define<Self>) {
        use conflict::Column::*;
        d.view();
        let id = d.place(PublicId);
        d.value(
            "id",
            "ID!",
            &[id],
            scalar::string,
            "Opaque and global; the same as long as its oldest claim is one of its sides.",
        );
        d.any("subject", SubjectId, &DESCRIBED, "The record that they are about.");
        d.choice("property", Property, &CLAIM_PROPERTY, "The property that they differ in.");
        let sides = "({t}.subject_id, {t}.property) = (SELECT x.subject_id, x.property FROM conflict x WHERE x.id = {k})";
        d.list::<Claim>(
            "claims",
            Source::Where(sides),
            "Its sides, best rank first. At most 20; all of them are among the subject's `claims`.",
        )
        .plain()
        .all_ranks();
        let [subject, property] = [d.place(SubjectId), d.place(Property)];
        d.default_order(&[(subject, false), (property, false)]);
    }
}

pub const CONFLICTS: RootQuery = RootQuery {
    name: "conflicts",
    ty: "ConflictConnection!",
    about: "Properties with claims that differ, whatever their ranks. Dates that can be the same, such as 2019 and 2019-10-30, do not differ. Order: type, then oldest subject first, then property.",
    arguments: &[
        Argument::new("property", "[ClaimProperty!]", "Only these properties; all when absent."),
        Argument::new("types", "[RecordType!]", "Only these types of subjects; all when absent."),
    ],
    pages: Pages::Forwards,
    run: conflicts,
};

fn conflicts(call: RootCall<'_>) -> BoxFuture<'_, Result<Vec<u8>, ApiError>> {
    Box::pin(async move {
        let RootCall { reader, ask, selected } = call;
        let conflict = def::<Conflict>();
        let mut all = Vec::new();
        if let Some(column) = conflict.column("property")
            && let Some(asked) = names(ask, selected.field(), "property")
        {
            let asked = asked.into_iter().map(Bind::from).collect();
            all.push(Pred::column(conflict, column, Test::In(asked)));
        }
        if let Some(column) = conflict.column("subject_id")
            && let Some(asked) = names(ask, selected.field(), "types")
        {
            let ranges = asked.iter().filter_map(|name| catalog().by_enum(name)).map(Def::id_range);
            all.push(Pred::Key { def: conflict, column, test: KeyTest::Type(ranges.collect()) });
        }
        let plan = ListPlan::narrowed(ask, conflict, selected, Pred::All(all))?;
        render::list(reader, ask, &plan).await
    })
}
