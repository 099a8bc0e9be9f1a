//! Content made up by chance, the same in every run: missing values, ties, marks, equal names, all ranks and modalities.

use culturegraph::value::{edtf::FuzzyDate, fold};
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
/// Stored texts with their SHA-256; letters of one to four bytes.
const TEXTS: [(&str, &str); 4] = [
    (
        "Hà Nội là thành phố sáng tạo.",
        "25cdcf24cffcf0e8e3434611b87f14571be331cae2b110285b62b6421035c9f4",
    ),
    (
        "Creative cities meet in 2019.",
        "6efefaf3e21604850b8340247bd54feee5090231e5eb47c2464a1fd4ae66cef0",
    ),
    (
        "Đà Lạt, thành phố âm nhạc 🎵.",
        "3423dfee76f6c6ba7f5005c8a756c244c9c7ccf9be8b330d597b4fe9d0aef69b",
    ),
    ("城市 of design", "6dc3f9a5a86954f520eb72b5f6635c6003597e84943ad031cda069b5640424fd"),
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
    maker.regions();
    maker.events();
    maker.aims();
    maker.links();
    maker.sources();
    maker.texts();
    maker.others();
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
        for kind in ["status", "field", "category", "region-kind"] {
            let vocabulary =
                json!({ "slug": kind, "names": words("en", kind), "startDate": "2004" });
            let vocabulary = self.world.add("Vocabulary", vocabulary);
            for position in 1..=4 {
                // A word that one kind of region is known by.
                let notation = match (kind, position) {
                    ("region-kind", 1) => "continent".to_owned(),
                    _ => format!("{kind}-{position}"),
                };
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
                "subdivisionCode": self.maybe(2, &["VN-HN", "VN-SG", "VN-26"]),
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
            let holding = self.asserted(in_order(holding));
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
            let membership = self.asserted(in_order(membership));
            let membership = self.described("Membership", membership);
            for n in 0..self.chance.below(3) {
                // Of one membership, one holds at a time.
                let (start, end) =
                    [("2008-05", json!("2019")), ("2019-10-30", Json::Null)][n].clone();
                let period = json!({
                    "membership": membership, "field": self.chance.pick(&terms),
                    "startDate": self.maybe(3, &[start]), "endDate": end,
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
                "location": self.maybe(2, &cities),
                "budget": self.maybe(2, &[json!({ "amount": "1.50", "currency": "VND" })]),
                "outcomes": self.maybe(2, &[json!([words("vi", "kết quả"), words("en", "result")])]),
            });
            let initiative = self.asserted(in_order(initiative));
            self.described("Initiative", initiative);
        }
        for _ in 0..40 {
            let challenge = json!({
                "city": self.chance.pick(&cities), "membership": self.maybe(2, &memberships),
                "category": self.maybe(2, &terms), "listPosition": self.maybe(3, &[1, 1, 2]),
                "isFromOpenList": self.chance.one_in(2),
                "context": self.maybe(2, &[words("vi", "bối cảnh")]),
            });
            let challenge = self.asserted(challenge);
            self.described("Challenge", challenge);
        }
    }

    fn regions(&mut self) {
        let kinds: Vec<String> = self
            .world
            .all("Term")
            .filter(|term| term.text("slug").is_some_and(|slug| slug.starts_with("region-kind")))
            .map(|term| term.id.clone())
            .collect();
        for _ in 0..8 {
            let others = self.world.ids("Region");
            let region = json!({
                "kind": self.maybe(3, &[&kinds[0], &kinds[0], &kinds[1]].map(String::as_str)),
                "containedInRegion": self.maybe(3, &others),
            });
            self.described("Region", region);
        }
        let regions = self.world.ids("Region");
        for country in self.world.ids("Country") {
            for region in &regions[self.chance.below(6)..][..2] {
                self.link(&country, "LOCATED_IN", region);
            }
        }
        for city in &self.world.ids("City")[..20] {
            let region = self.chance.pick(&regions);
            self.link(city, "LOCATED_IN", &region);
        }
        let terms = self.world.ids("Term");
        for _ in 0..6 {
            let stakeholder =
                json!({ "kind": self.maybe(2, &terms), "region": self.maybe(3, &regions) });
            self.described("Stakeholder", stakeholder);
            let years = [1993, 1999, 1999, 2010];
            let property = json!({
                "category": self.maybe(2, &terms), "inscriptionYear": self.maybe(4, &years),
            });
            let property = self.described("HeritageProperty", property);
            for of in ["Country", "City"] {
                let place = self.chance.pick(&self.world.ids(of)[..4]);
                self.link(&property, "LOCATED_IN", &place);
            }
        }
    }

    fn events(&mut self) {
        let (cities, terms) = (self.world.ids("City"), self.world.ids("Term"));
        for _ in 0..3 {
            self.described("EventSeries", json!({}));
        }
        let series = self.world.ids("EventSeries");
        for n in 0..24 {
            let others = self.world.ids("Event");
            let event = json!({
                "series": self.maybe(3, &series), "ordinal": 1 + n, "kind": self.maybe(3, &terms),
                "startDate": self.maybe(4, &DATES), "endDate": self.maybe(2, &DATES),
                "city": self.maybe(3, &cities[..6]), "format": self.maybe(2, &terms),
                "superEvent": self.maybe(2, &others), "venue": self.maybe(2, &[words("vi", "nhà hát")]),
            });
            self.described("Event", in_order(event));
        }
        let events = self.world.ids("Event");
        let agents = [self.world.ids("Person"), self.world.ids("Organization")].concat();
        for _ in 0..40 {
            let participation = json!({
                "event": self.chance.pick(&events), "agent": self.chance.pick(&agents),
                "role": self.maybe(2, &terms),
            });
            let participation = self.asserted(participation);
            self.world.add("Participation", participation);
        }
        let people = self.world.ids("Person");
        for _ in 0..12 {
            let presentation = json!({
                "kind": self.maybe(2, &terms), "event": self.maybe(4, &events),
                "inLanguage": self.maybe(2, &["vi", "en"]),
            });
            let presentation = self.described("Presentation", presentation);
            let speaker = self.chance.pick(&people);
            self.link(&presentation, "GIVEN_BY", &speaker);
        }
    }

    /// What cities want, are offered and have promised.
    fn aims(&mut self) {
        let (cities, terms) = (self.world.ids("City"), self.world.ids("Term"));
        let (memberships, regions) = (self.world.ids("Membership"), self.world.ids("Region"));
        let organizations = self.world.ids("Organization");
        let bodies = [self.world.ids("Network"), organizations.clone()].concat();
        let subjects = [&cities[..8], &organizations[..4]].concat();
        for _ in 0..16 {
            let goal = json!({
                "subject": self.chance.pick(&subjects), "targetDate": self.maybe(3, &DATES),
                "scope": self.maybe(2, &regions), "horizon": self.maybe(2, &[words("vi", "lâu dài")]),
            });
            let goal = self.asserted(goal);
            self.described("Goal", goal);
            let opportunity = json!({
                "city": self.chance.pick(&cities), "membership": self.maybe(2, &memberships),
                "category": self.maybe(2, &terms), "listPosition": self.maybe(3, &[1, 1, 2]),
            });
            let opportunity = self.asserted(opportunity);
            self.described("Opportunity", opportunity);
            let commitment = json!({
                "city": self.chance.pick(&cities[..8]), "recipient": self.maybe(3, &bodies),
                "membership": self.maybe(3, &memberships), "madeDate": self.maybe(3, &DATES),
                "dueDate": self.maybe(3, &DATES),
            });
            let commitment = self.asserted(commitment);
            self.described("Commitment", commitment);
        }
        for membership in &memberships[..12] {
            for year in &[2023, 2027][..1 + self.chance.below(2)] {
                let report = json!({
                    "membership": membership, "dueYear": year, "status": self.maybe(2, &terms),
                    "submittedOn": self.maybe(2, &["2019-10-30", "2025-12-31"]),
                });
                let report = self.asserted(report);
                self.world.add("MonitoringReport", report);
            }
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
            for (relation, of) in [
                ("PARTNERS_WITH", "Organization"),
                ("SERVES", "Goal"),
                ("FULFILLS", "Commitment"),
                ("TARGETS", "Stakeholder"),
            ] {
                if self.chance.one_in(3) {
                    let to = self.chance.pick(&self.world.ids(of));
                    self.link(&initiative, relation, &to);
                }
            }
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
                "qualifiers": self.maybe(2, &[json!([
                    { "property": "SCOPE", "value": { "string": "all" } },
                    { "property": "LOCATION", "value": { "record": subject } },
                ])]),
            });
            let claim = self.asserted(claim);
            let claim = self.world.add("Claim", claim);
            for subject in [subject, claim] {
                let citation = json!({ "subject": subject, "document": self.chance.pick(&documents), "locator": "1" });
                self.world.add("Citation", citation);
            }
        }
    }

    /// Stored texts with passages, quotes in them and what they name.
    fn texts(&mut self) {
        let (documents, terms) = (self.world.ids("Document"), self.world.ids("Term"));
        let cities = self.world.ids("City");
        for (document, (text, sha256)) in documents.iter().zip(TEXTS) {
            let version = json!({
                "document": document, "sha256": sha256, "text": text,
                "mediaType": "text/plain", "retrievedOn": self.maybe(2, &["2025-12-31"]),
            });
            let version = self.world.add("DocumentVersion", version);
            let words: Vec<&str> = text.split(' ').collect();
            for (n, word) in words.iter().enumerate() {
                let start = words[..n].iter().map(|it| it.len() + 1).sum();
                let span = span(text, start, word);
                let passage = json!({
                    "documentVersion": version, "anchor": format!("p{n}"), "text": word,
                    "span": span, "role": self.maybe(2, &terms),
                });
                let passage = self.world.add("Passage", passage);
                if self.chance.one_in(2) {
                    let mention = json!({
                        "record": self.chance.pick(&cities), "passage": passage, "quote": word,
                        "span": span,
                    });
                    self.world.add("Mention", mention);
                }
                let citation = json!({
                    "subject": self.chance.pick(&cities), "document": document,
                    "passage": passage, "quote": word, "span": span,
                });
                self.world.add("Citation", citation);
            }
        }
    }

    fn others(&mut self) {
        let (publishers, networks) = (self.world.ids("Organization"), self.world.ids("Network"));
        for _ in 0..6 {
            let dataset = json!({
                "publisher": self.maybe(2, &publishers), "network": self.maybe(2, &networks),
                "scheme": self.maybe(2, &["GEONAMES"]), "licenseName": "Any",
                "retrievedOn": self.maybe(3, &["2019-10-30", "2025-12-31"]),
                "expectedCount": self.maybe(2, &[10, 408]),
            });
            self.described("Dataset", dataset);
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

/// Where words stand in a text that has them at this byte.
fn span(text: &str, start: usize, words: &str) -> Json {
    let end = start + words.len();
    let character = |byte: usize| text[..byte].chars().count();
    json!({
        "charStart": character(start), "charEnd": character(end),
        "byteStart": start, "byteEnd": end,
    })
}

/// A record without its end if that is before its start.
fn in_order(mut fields: Json) -> Json {
    let date = |name: &str| FuzzyDate::parse(fields[name].as_str()?).ok();
    let bounds =
        date("startDate").zip(date("endDate")).map(|(start, end)| (start.earliest, end.latest));
    if let Some((Some(start), Some(end))) = bounds
        && end < start
    {
        fields["endDate"] = Json::Null;
    }
    fields
}
