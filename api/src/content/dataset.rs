//! Data sets: lists that records were read from, with license and coverage.
use entities::dataset;

use super::{license::License, network::Network, organization::Organization};
use crate::record::{cell::Kind, def::Record, define::Define, filter::FilterKind};

pub struct Dataset;

const RECORDED: &str = "(CASE WHEN {t}.network_id IS NOT NULL \
     THEN (SELECT count(*) FROM membership m WHERE m.network_id = {t}.network_id AND m.rank <> 'DEPRECATED') \
     ELSE (SELECT count(*) FROM record_identifier i WHERE i.scheme = {t}.scheme) END)";

impl Record for Dataset {
    type Entity = dataset::Entity;
    const NAME: &str = "Dataset";
    const ONE: &str = "dataset";
    const MANY: &str = "datasets";
    const ABOUT: &str = "A list that records were read from, with its license and coverage.";
    const CODE: u16 = 32;
    const PREFIX: &str = "dataset";

    fn define(d: &mut Define<Self>) {
        use dataset::Column::*;
        d.described();
        d.one::<Organization>("publisher", PublisherId, "Who published it; null when not known.")
            .filter();
        d.one::<Network>(
            "network",
            NetworkId,
            "Network whose members it lists; null when it lists something else.",
        )
        .filter();
        d.plain(
            Scheme,
            "Scheme of the identifiers that records have from it; null when it gives none.",
        )
        .filter();
        let id = d.place(Id);
        d.one_by::<License>("license", id, "Terms of use.").derived();
        for (name, column, about) in [
            (
                "licenseName",
                LicenseName,
                "Terms of use, by name, e.g. Creative Commons Attribution 4.0.",
            ),
            (
                "licenseSpdxId",
                LicenseSpdxId,
                "SPDX identifier of the license; null when it has none.",
            ),
            ("licenseUrl", LicenseUrl, "Text of the license; null when not known."),
            (
                "attribution",
                Attribution,
                "Line to show beside the data; null when none is asked for.",
            ),
        ] {
            let place = d.place(column);
            d.scalar(name, place, about);
        }
        d.plain(Edition, "Version in the publisher's words; null when none is given.");
        d.plain(Url, "Where it was read; null when not known.").web_address();
        let retrieved = d.place(RetrievedOn);
        d.scalar("retrievedOn", retrieved, "Day of retrieval (UTC); null when not known.")
            .typed("Date")
            .order();
        d.filter("retrievedOn", FilterKind::Day(retrieved), "Day of retrieval.");
        let recorded = d.expression("recorded_count", Kind::Int, RECORDED);
        d.scalar("recordedCount", recorded, "Rows of it that are in the base: memberships of its network, or records with an identifier of its scheme. Counted when asked for.");
        d.plain(ExpectedCount, "Rows that it should have by its publisher's own count; null when not announced. Less recorded than expected means a gap.");
    }
}
