//! What the files of places were made from, and places in it.

use super::form::Cited;

/// A data set of others, as a document, and who publishes it.
pub(super) struct Origin {
    /// Key of the publisher.
    pub(super) organization: &'static str,
    pub(super) publisher: &'static str,
    /// Key of the document.
    pub(super) document: &'static str,
    pub(super) title: &'static str,
    pub(super) url: &'static str,
    pub(super) rights: &'static str,
}

/// Of cities, and of the continents of countries.
pub(super) const GEONAMES: Origin = Origin {
    organization: "organization:geonames",
    publisher: "GeoNames",
    document: "document:https://www.geonames.org/",
    title: "GeoNames",
    url: "https://www.geonames.org/",
    rights: "Creative Commons Attribution 4.0 International (CC BY 4.0), GeoNames, www.geonames.org",
};

/// Of regions, and of the names of countries.
pub(super) const CLDR: Origin = Origin {
    organization: "organization:unicode",
    publisher: "Unicode Consortium",
    document: "document:https://cldr.unicode.org/",
    title: "Unicode Common Locale Data Repository (CLDR)",
    url: "https://cldr.unicode.org/",
    rights: "Unicode License v3, © 2004-2026 Unicode, Inc.",
};
/// The release of CLDR that the files have.
pub(super) const CLDR_RELEASE: &str = "48.2";

pub(super) const ORIGINS: [Origin; 2] = [GEONAMES, CLDR];

/// A place, by its `GeoNames` id.
pub(super) fn geonames(id: &str) -> Cited {
    Cited {
        document: GEONAMES.document.into(),
        name: "geonames".into(),
        locator: Some(id.into()),
        url: Some(format!("{}{id}", GEONAMES.url)),
    }
}

/// A territory of CLDR, by its code of UN M49: its names, and what it contains.
pub(super) fn cldr(code: &str) -> Cited {
    Cited {
        document: CLDR.document.into(),
        name: "cldr".into(),
        locator: Some(format!("territory {code}, release {CLDR_RELEASE}")),
        url: None,
    }
}
