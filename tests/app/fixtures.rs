//! Content made up by chance, the same in every run: missing values, ties, marks, equal names, all ranks and modalities.

use culturegraph::value::fold;
use serde_json::{Value as Json, json};

use super::{
    chance::Chance,
    world::{World, words},
};

/// Vietnamese and English; some are equal, some differ in marks, case or punctuation alone.
const NAMES: [(&str, &str); 24] = [
    ("Hà Nội", "Hanoi"),
    ("Hạ Long", ""),
    ("Hà Giang", "Ha Giang"),
    ("Huế", "Hue"),
    ("Đà Nẵng", "Da Nang"),
    ("Đà Lạt", "Dalat"),
    ("Dĩ An", ""),
    ("Hội An", "Hoi An"),
    ("hội an", ""),
    ("Ba Bể", ""),
    ("Bà Rịa", ""),
    ("Bà Rịa–Vũng Tàu", "Bà Rịa-Vũng Tàu"),
    ("Luân Đôn", "London"),
    ("", "London"),
    ("", "Łódź"),
    ("", "Kraków"),
    ("", "Århus"),
    ("", "São Paulo"),
    ("", "Sao Paulo"),
    ("", "Québec"),
    ("", "Perth"),
    ("Cần Thơ", "Can Tho"),
    ("Kyōto", "Kyoto"),
    ("", "京都"),
];
const DATES: [&str; 17] = [
    "2019",
    "2019-10-30",
    "2019-10",
    "201X",
    "XXXX-12-13",
    "XXXX-12",
    "2004",
    "2004-10-14",
    "2015/2020",
    "2017/..",
    "../2018",
    "2021-33",
    "1998",
    "2019?",
    "20XX",
    "2025-12-31",
    "2026",
];
const MODALITIES: [&str; 4] = ["STATED", "STATED", "INFERRED", "EDITORIAL"];
const RANKS: [&str; 6] = ["NORMAL", "NORMAL", "NORMAL", "PREFERRED", "PREFERRED", "DEPRECATED"];

struct Maker {
    world: World,
    chance: Chance,
    /// Who asserts what is editorial.
    editor: Option<String>,
}

/// Some hundred records of all types that people ask about.
pub(crate) fn by_chance() -> World {
    let mut maker = Maker { world: World::new(), chance: Chance::new(7), editor: None };
    maker.terms();
    maker.places();
    maker.world.next_day();
    maker.organizations();
    maker.memberships();
    maker.initiatives();
    maker.world.next_day();
    maker.links();
    maker.sources();
    maker.world.next_day();
    maker.changes();
    maker.world
}

impl Maker {
    /// One of them, or null one time in `many`.
    fn maybe<T: Clone + Into<Json>>(&mut self, many: usize, of: &[T]) -> Json {
        if of.is_empty() || self.chance.one_in(many) {
            return Json::Null;
        }
        self.chance.pick(of).into()
    }

    /// Adds a record that people name; its slug has a number, as names are not unique.
    fn described(&mut self, name: &str, mut fields: Json) -> String {
        let (vi, en) = self.chance.pick(&NAMES);
        let mut names: Vec<Json> = [("vi", vi), ("en", en)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(lang, value)| json!({ "lang": lang, "value": value }))
            .collect();
        if self.chance.one_in(2) {
            names.reverse();
        }
        let number = self.world.records.len();
        fields["slug"] = fold::slug(&format!("{vi} {en} {number}")).into();
        fields["names"] = names.into();
        if self.chance.one_in(4) {
            let lang = self.chance.pick(&["vi", "en"]);
            fields["descriptions"] = words(lang, "words");
        }
        if self.chance.one_in(3) {
            let scheme = self.chance.pick(&["GEONAMES", "WIKIDATA"]);
            fields["identifiers"] = json!([{ "scheme": scheme, "value": format!("Q{number}") }]);
        }
        self.world.add(name, fields)
    }

    /// How a row comes to be said.
    fn asserted(&mut self, mut fields: Json) -> Json {
        let modality = self.chance.pick(&MODALITIES);
        fields["modality"] = modality.into();
        fields["rank"] = self.maybe(3, &RANKS);
        if modality == "EDITORIAL" {
            fields["assertedBy"] = self.editor.clone().into();
        }
        fields
    }

    fn terms(&mut self) {
        for kind in ["status", "field", "category"] {
            let vocabulary =
                json!({ "slug": kind, "names": words("en", kind), "startDate": "2004" });
            let vocabulary = self.world.add("Vocabulary", vocabulary);
            for position in 1..=4 {
                let notation = format!("{kind}-{position}");
                let term = json!({
                    "slug": notation, "names": words("en", &notation), "vocabulary": vocabulary,
                    "notation": notation, "listPosition": position,
                });
                self.world.add("Term", term);
            }
        }
    }

    fn places(&mut self) {
        for code in ["VN", "GB", "PL", "JP", "BR"] {
            self.described(
                "Country",
                json!({ "alpha2Code": code, "alpha3Code": format!("{code}X") }),
            );
        }
        let (countries, terms) = (self.world.ids("Country"), self.world.ids("Term"));
        for _ in 0..60 {
            let latitude = [-33.5, -10.0, 0.0, 10.25, 21.0278, 54.0];
            let longitude = [-180.0, -179.5, -43.2, 0.0, 105.8342, 179.75];
            let geo = json!({
                "latitude": self.chance.pick(&latitude), "longitude": self.chance.pick(&longitude),
            });
            let city = json!({
                "country": self.maybe(6, &countries), "kind": self.maybe(2, &terms),
                "geo": self.maybe(4, &[geo]),
                "population": self.maybe(4, &[1, 1_000, 1_000, 50_000, 50_000, 8_435_700]),
                "areaKm2": self.maybe(4, &[0.5, 12.0, 12.0, 3_359.84]),
                "subdivisionCode": self.maybe(2, &["VN-HN", "VN-SG", "vn-hn"]),
                "timeZone": self.maybe(2, &["Asia/Ho_Chi_Minh", "Europe/London"]),
            });
            self.described("City", city);
        }
    }

    fn organizations(&mut self) {
        let (cities, terms) = (self.world.ids("City"), self.world.ids("Term"));
        for n in 0..12 {
            let organization = json!({
                "kind": self.maybe(3, &terms), "jurisdiction": self.maybe(4, &cities[..3]),
                "foundingDate": self.maybe(3, &DATES),
            });
            let organization = self.described("Organization", organization);
            let position = json!({
                "organization": organization, "seniority": self.maybe(3, &[1, 1, 2]),
                "isHeldByMany": n % 2 == 0,
            });
            self.described("Position", position);
        }
        self.editor = self.world.ids("Organization").pop();
        for _ in 0..12 {
            let person = json!({
                "familyName": self.maybe(4, &["Lê", "Nguyễn", "Đặng", "dang"]),
                "nameOrder": self.maybe(2, &["FAMILY_FIRST"]),
            });
            self.described("Person", person);
        }
        let (people, positions) = (self.world.ids("Person"), self.world.ids("Position"));
        for _ in 0..40 {
            let end_kind = self.chance.pick(&["ENDED", "OPEN", "UNKNOWN"]);
            let end = if end_kind == "ENDED" { self.maybe(3, &DATES) } else { Json::Null };
            let attested = self.maybe(2, &["2019-10-30", "2021"]);
            let holding = json!({
                "person": self.chance.pick(&people), "position": self.chance.pick(&positions[..5]),
                "startDate": self.maybe(3, &DATES), "endDate": end, "endKind": end_kind,
                "attestedDates": if attested.is_null() { json!([]) } else { json!([attested]) },
                "isActing": self.chance.one_in(4),
            });
            let holding = self.asserted(holding);
            self.world.add("OfficeHolding", holding);
        }
    }

    fn memberships(&mut self) {
        let terms = self.world.ids("Term");
        let operator = self.editor.clone();
        for _ in 0..2 {
            self.described("Network", json!({ "operator": operator, "foundingDate": "2004" }));
        }
        let networks = self.world.ids("Network");
        for city in self.world.ids("City") {
            let network = self.chance.pick(&networks);
            if self.chance.one_in(3) {
                continue;
            }
            let membership = json!({
                "city": city, "network": network, "status": self.maybe(3, &terms),
                "startDate": self.maybe(4, &DATES), "endDate": self.maybe(2, &DATES),
            });
            let membership = self.asserted(membership);
            let membership = self.described("Membership", membership);
            for _ in 0..self.chance.below(3) {
                let period = json!({
                    "membership": membership, "field": self.chance.pick(&terms),
                    "startDate": self.maybe(3, &DATES),
                });
                let period = self.asserted(period);
                self.world.add("FieldPeriod", period);
            }
        }
    }

    fn initiatives(&mut self) {
        let (cities, terms) = (self.world.ids("City"), self.world.ids("Term"));
        let memberships = self.world.ids("Membership");
        for _ in 0..80 {
            let others = self.world.ids("Initiative");
            let initiative = json!({
                // Few cities with many, so that there are pages below a record.
                "city": self.chance.pick(&cities[..8]), "status": self.maybe(4, &terms),
                "startDate": self.maybe(4, &DATES), "endDate": self.maybe(2, &DATES),
                "listPosition": self.maybe(3, &[1, 2, 2, 3, 7]), "partOf": self.maybe(2, &others),
            });
            let initiative = self.asserted(initiative);
            self.described("Initiative", initiative);
        }
        for _ in 0..40 {
            let challenge = json!({
                "city": self.chance.pick(&cities), "membership": self.maybe(2, &memberships),
                "category": self.maybe(2, &terms), "listPosition": self.maybe(3, &[1, 1, 2]),
                "isFromOpenList": self.chance.one_in(2),
            });
            let challenge = self.asserted(challenge);
            self.described("Challenge", challenge);
        }
    }

    fn links(&mut self) {
        let (initiatives, challenges) = (self.world.ids("Initiative"), self.world.ids("Challenge"));
        let (organizations, terms) = (self.world.ids("Organization"), self.world.ids("Term"));
        for initiative in initiatives {
            // Distinct ends: a pair is linked once.
            let first = self.chance.below(challenges.len() - 9);
            for challenge in &challenges[first..first + self.chance.below(9)] {
                self.link(&initiative, "ADDRESSES", challenge);
            }
            let organization = self.chance.pick(&organizations);
            self.link(&initiative, "LED_BY", &organization);
            // Some concern one sector at two times, by two links.
            for start in &["2019", "2020", "2021"][..self.chance.below(4)] {
                let sector = self.chance.pick(&terms[..6]);
                self.link_since(&initiative, "CONCERNS", &sector, Some(start));
            }
        }
    }

    fn link(&mut self, from: &str, relation: &str, to: &str) {
        self.link_since(from, relation, to, None);
    }

    fn link_since(&mut self, from: &str, relation: &str, to: &str, start: Option<&str>) {
        let link = json!({ "from": from, "relation": relation, "to": to, "startDate": start });
        let link = self.asserted(link);
        self.world.add("Link", link);
    }

    fn sources(&mut self) {
        let publishers = self.world.ids("Organization");
        for _ in 0..4 {
            let document = json!({
                "publisher": self.maybe(3, &publishers), "datePublished": self.maybe(3, &DATES),
                "url": self.maybe(2, &["https://example.org/"]),
                "inLanguage": self.chance.pick(&["vi", "en", "zh-Hant"]),
            });
            self.described("Document", document);
        }
        let documents = self.world.ids("Document");
        for subject in ["City", "Initiative"].map(|name| self.world.ids(name)).concat() {
            if self.chance.one_in(2) {
                continue;
            }
            let claim = json!({
                "subject": subject, "property": self.chance.pick(&["CONTEXT", "TOPIC"]),
                "value": { "text": words("en", "something") },
                "observationDate": self.maybe(3, &DATES),
            });
            let claim = self.asserted(claim);
            let claim = self.world.add("Claim", claim);
            for subject in [subject, claim] {
                let citation = json!({ "subject": subject, "document": self.chance.pick(&documents), "locator": "1" });
                self.world.add("Citation", citation);
            }
        }
    }

    /// Some cities are written again.
    fn changes(&mut self) {
        for city in self.world.ids("City") {
            if self.chance.one_in(5) {
                let population = self.chance.pick(&[1_000, 50_000]);
                self.world.change(&city, json!({ "population": population }));
            }
        }
    }
}
