//! Licenses: the terms of use of data sets, shown beside what was read from them.
use entities::dataset;

use crate::record::{def::Record, define::Define, scalar, source::Source};

/// The license of a data set: a part of its row, shown as an object of its own.
pub struct License;

impl Record for License {
    type Entity = dataset::Entity;
    const NAME: &str = "License";
    const ONE: &str = "license";
    const MANY: &str = "licenses";
    const ABOUT: &str = "Terms of use of a data set.";
    /// That of data sets: it is found by their ids.
    const CODE: u16 = 32;
    const PREFIX: &str = "dataset";

    fn define(d: &mut Define<Self>) {
        use dataset::Column::*;
        d.view();
        let [name, spdx, url, attribution] =
            [LicenseName, LicenseSpdxId, LicenseUrl, Attribution].map(|it| d.place(it));
        d.value(
            "name",
            "String!",
            &[name],
            scalar::string,
            "Its name, e.g. Creative Commons Attribution 4.0.",
        );
        d.value(
            "spdxId",
            "String",
            &[spdx],
            scalar::string,
            "SPDX identifier, e.g. `CC-BY-4.0`; null when it has none.",
        );
        d.value("url", "URL", &[url], scalar::string, "Its text; null when not known.");
        d.value(
            "attribution",
            "String",
            &[attribution],
            scalar::string,
            "Line to show beside the data; null when none is asked for.",
        );
        d.default_order(&[(name, false)]);
    }
}

impl<T: Record> Define<T> {
    /// Licenses of the data sets that a record has identifiers or a membership from.
    pub fn licenses(&mut self) {
        let source = "EXISTS (SELECT 1 FROM record_identifier i WHERE i.record_id = {k} AND i.scheme = {t}.scheme) \
             OR EXISTS (SELECT 1 FROM membership m WHERE {k} IN (m.id, m.city_id) AND m.network_id = {t}.network_id)";
        self.list::<License>(
            "licenses",
            Source::Where(source),
            "Licenses of the data sets it draws on, by name; show their attribution. At most 20.",
        )
        .plain();
    }
}
