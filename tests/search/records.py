"""The records that a search can find, read from the files in data/ and from nothing that culturegraph does.

Types, slugs and names follow data/README.md and the `load` module: what an entity of facts.json is called, which city of
several with one name gets the plain slug, which alias stands for its record everywhere. Left out are records that no
file in data/ names: the lists of kinds and roles, the data sets and their publishers.
"""
import collections
import csv
import dataclasses
import functools
import json
import pathlib
import unicodedata

DATA = pathlib.Path(__file__).parent.parent.parent / "data"

PLAIN = {
    "đ": "d", "ð": "d", "ɖ": "d", "ł": "l", "ø": "o", "ɔ": "o", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n", "ə": "e",
    "ǝ": "e", "ɛ": "e", "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ς": "σ",
}

# Types of facts.json that are records of another name.
TYPES = {
    "Publication": "Organization", "Article": "Document", "Image": "Document", "Brand": "Term", "Concept": "Term",
    "Sector": "Term",
}
# Aliases that stand for the entity in the article only, as its notes and the loader have it; elsewhere they mean others.
OF_THE_ARTICLE_ONLY = {
    "city/ha-noi": {"Thủ đô", "thành phố", "TP", "the Capital"},
    "organization/ubnd-tp-ha-noi": {"UBND TP"},
    "network/uccn": {"mạng lưới"},
    "position/pho-chu-tich-thuong-truc-ubnd-tp-ha-noi": {"Phó Chủ tịch Thường trực UBND TP"},
}
# An alias that is another office in general.
NO_NAME = ("position/pho-chu-tich-thuong-truc-ubnd-tp-ha-noi", "Phó Chủ tịch UBND TP Hà Nội")
# The region that the article names, by its code in regions.csv.
SOUTHEAST_ASIA = ("035", "place/dong-nam-a")


@functools.cache
def fold(text):
    """Lower case without marks, punctuation as one space: the form in which names are compared when marks do not count."""
    letters = []
    for c in unicodedata.normalize("NFKD", text).lower():
        if unicodedata.category(c)[0] == "M" or unicodedata.category(c) == "Cf":
            continue
        is_word = c.isalnum() and not "\u02b9" <= c <= "\u02ff"
        letters.append(PLAIN.get(c, c) if is_word else " ")
    return " ".join("".join(letters).split())


def slug(text):
    words = ["".join(c for c in word if c.isascii()) for word in fold(text).split()]
    return "-".join(word for word in words if word)


def title_slug(title):
    """The slug of a title, which can be a sentence: cut between words."""
    whole = slug(title)
    if len(whole) <= 80:
        return whole
    end = whole[:81].rfind("-")
    return whole[:end if end >= 0 else 80]


@dataclasses.dataclass
class Record:
    type: str
    slug: str | None = None
    # Language and text; `und` where the source does not say which.
    names: list = dataclasses.field(default_factory=list)
    aliases: list = dataclasses.field(default_factory=list)
    # Aliases that stand for it in one document only; no search may use them.
    document_aliases: list = dataclasses.field(default_factory=list)
    identifiers: list = dataclasses.field(default_factory=list)
    # Of passages: what is written there, and its translation.
    texts: list = dataclasses.field(default_factory=list)
    country: str | None = None
    population: int = 0

    def searched(self):
        return self.names + self.aliases + self.texts

    def add_alias(self, lang, text):
        known = [name for _, name in self.names + self.aliases + self.document_aliases]
        if text not in known:
            self.aliases.append((lang, text))


def rows(name):
    """Rows of a file; empty values are None."""
    with open(DATA / name, encoding="utf-8", newline="") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


def add_aliases_of(entity, record):
    for lang in ["vi", "en"]:
        for alias in entity.get("aliases", {}).get(lang, []):
            # "Capital Youth (literal rendering)": the remark is not part of the name.
            alias = alias.split(" (")[0]
            if (entity["id"], alias) == NO_NAME:
                continue
            if alias in OF_THE_ARTICLE_ONLY.get(entity["id"], ()):
                record.document_aliases.append((lang, alias))
            else:
                record.aliases.append((lang, alias))


def of_facts(facts):
    """Records of the article but for cities, which are in cities.csv too, and for the region that is in regions.csv."""
    for entity in facts["entities"]:
        type, id, label = TYPES.get(entity["type"], entity["type"]), entity["id"], entity["label"]
        short = id.split("/", 1)[1]
        if type in ("City", "Membership") or id == SOUTHEAST_ASIA[1]:
            continue
        record = Record(type, short, [("vi", label["vi"]), ("en", label["en"])], identifiers=[("SEED", id)])
        if type == "Term":
            record.slug = f"concept-{short}"
            record.identifiers.append(("TERM", f"concept/{short}"))
        add_aliases_of(entity, record)
        yield record
    for statement in facts["statements"]:
        if statement["property"] == "series":
            value = statement["value"]
            yield Record("EventSeries", slug(value["vi"]), [("vi", value["vi"]), ("en", value["en"])])
    for name in {it["value"]["value"] for it in facts["external_statements"] if it["property"] == "organizer"}:
        yield Record("Organization", slug(name), [("vi", name)])
    for passage in facts["passages"]:
        texts = [("vi", passage["text_vi"]), ("en", passage["text_en"])]
        yield Record("Passage", texts=texts, identifiers=[("SEED", passage["id"])])


def of_vocabularies(lists):
    for vocabulary in lists["vocabularies"]:
        id, title = vocabulary["id"], vocabulary["title"]
        yield Record("Vocabulary", id, [("vi", title["vi"]), ("en", title["en"])])
        for term in vocabulary["terms"]:
            names = [("vi", term["vi"]), ("en", term["en"])]
            aliases = [("en", name) for name in term.get("en_alt", [])]
            identifiers = [("TERM", f"{id}/{term['id']}")]
            yield Record("Term", f"{id}-{term['id']}", names, aliases, identifiers=identifiers)


def of_countries(countries):
    for row in countries.values():
        names = [("en", row["name_en"])] + [("vi", row["name_vi"])] * bool(row["name_vi"])
        aliases = [("vi", name) for name in (row["alt_names_vi"] or "").split("|") if name]
        identifiers = [("ISO_3166_1_ALPHA_2", row["iso2"]), ("ISO_3166_1_ALPHA_3", row["iso3"])]
        identifiers += [("GEONAMES", row["geonames_id"])] * bool(row["geonames_id"])
        yield Record("Country", slug(row["name_en"]), names, aliases, identifiers=identifiers)


def of_regions(facts):
    (named,) = [entity for entity in facts["entities"] if entity["id"] == SOUTHEAST_ASIA[1]]
    for row in rows("regions.csv"):
        record = Record("Region", slug(row["name_en"]), [("en", row["name_en"]), ("vi", row["name_vi"])])
        record.identifiers = [("UN_M49", row["code"])]
        if row["code"] == SOUTHEAST_ASIA[0]:
            record.slug = named["id"].split("/")[1]
            record.names = [("vi", named["label"]["vi"]), ("en", row["name_en"])]
            add_aliases_of(named, record)
            record.identifiers.append(("SEED", named["id"]))
        yield record


def vietnamese(main, others):
    """The Vietnamese form of a city's main name, where another name or its own marks tell."""
    letters = lambda name: slug(name).replace("-", "")
    same = [name for lang, name in others if lang == "vi" and letters(name) == letters(main)]
    if same:
        return main if main in same else same[0]
    has_marks = any(c.isalpha() and not c.isascii() for c in main)
    ends = all(slug(word).endswith(tuple("aceghimnoptuy")) for word in main.split())
    return main if has_marks and ends else None


def is_member_numbered(member):
    """UNESCO numbers its second Granada."""
    return member["slug"].rpartition("-")[2].isdigit() and "-" in member["slug"]


def page_slug(member):
    return (member["unesco_page"] or member["slug"]).rsplit("/", 1)[-1]


def of_cities(facts, countries, members):
    known = [it for it in facts["external_statements"] if it["property"] == "identifier"]
    ids = {it["subject"]: it["value"]["value"] for it in known if it["value"]["scheme"] == "geonames"}
    entities = {ids[it["id"]]: it for it in facts["entities"] if it["type"] == "City"}
    others = collections.defaultdict(list)
    for row in rows("city_names.csv"):
        others[row["geonames_id"]].append((row["lang"], row["name"]))
    of_city = {it["geonames_id"]: it for it in members if it["geonames_id"]}
    cities = [(row, of_city.get(row["geonames_id"])) for row in rows("cities.csv")]
    cities += [(None, it) for it in members if not it["geonames_id"]]
    drafts = []
    for row, member in cities:
        entity = entities.get(row["geonames_id"]) if row else None
        code = row["country_iso2"] if row else member["country_iso2"]
        is_vietnamese = code == "VN"
        with_d = lambda lang, name: name.replace("Ð", "Đ").replace("ð", "đ") if is_vietnamese or lang == "vi" else name
        more = [(lang, with_d(lang, name)) for lang, name in others[row["geonames_id"]]] if row else []
        main = with_d("und", row["name"]) if row else None
        record = Record("City", country=countries[code]["slug"] if code else None)
        record.population = int(row["population"]) if row else 0
        vi = None
        if entity:
            vi = entity["label"]["vi"]
        elif member and member["name_vi"]:
            vi = member["name_vi"]
        elif is_vietnamese and main:
            vi = vietnamese(main, more)
        en = entity["label"]["en"] if entity else member["name_en"] if member else None
        record.names = [("vi", vi)] * bool(vi) + [("en", en)] * bool(en) or [("und", main)]
        if entity:
            add_aliases_of(entity, record)
        if main:
            record.add_alias("und", main)
        for lang, name in more:
            record.add_alias(lang, name)
        record.identifiers = [("GEONAMES", row["geonames_id"])] if row else []
        record.identifiers += [("UCCN", page_slug(member))] if member else []
        if entity:
            record.identifiers.append(("SEED", entity["id"]))
            record.identifiers += [(it["value"]["scheme"].upper(), it["value"]["value"]) for it in known
                                   if it["subject"] == entity["id"] and it["value"]["scheme"] != "geonames"]
            wanted = entity["id"].split("/")[1]
        elif member and is_member_numbered(member):
            wanted = f"{slug(member['name_en'])}-{record.country}" if record.country else slug(member["name_en"])
        elif member:
            wanted = member["slug"]
        else:
            wanted = slug(record.names[0][1])
        id = row["geonames_id"] if row else f"uccn-{member['slug']}"
        drafts.append((record, wanted, id if wanted else f"geonames-{id}", member))
    # What the network calls the article's city leads to it too.
    share_out_slugs(drafts, {of_city[id]["slug"] for id in entities if id in of_city})
    for record, _, _, member in drafts:
        yield record, member


def share_out_slugs(drafts, former):
    """Of those that want the same slug the most populous gets it, of equals a member; the others add their country,
    then their id."""
    taken, later = set(former), []
    for record, wanted, id, member in sorted(drafts, key=lambda it: (-it[0].population, it[3] is None)):
        if wanted and wanted not in taken:
            record.slug = wanted
            taken.add(wanted)
        else:
            later.append((record, wanted, id))
    for record, wanted, id in later:
        in_country = id if not wanted else f"{wanted}-{record.country}" if record.country else f"{wanted}-{id}"
        record.slug = in_country if in_country not in taken else f"{in_country}-{id}"
        taken.add(record.slug)


def of_members(facts, cities):
    (network,) = [it for it in facts["entities"] if it["type"] == "Network"]
    (known,) = [it for it in facts["entities"] if it["type"] == "Membership"]
    for city, member in cities:
        if not member:
            continue
        name = lambda lang: next((name for of, name in city.names if of == lang), city.names[0][1])
        record = Record("Membership", f"{city.slug}-uccn")
        record.names = [("en", f"{name('en')} in the {network['label']['en']}"),
                        ("vi", f"{name('vi')} tham gia {network['label']['vi']}")]
        if ("SEED", "city/ha-noi") in city.identifiers:
            record.names = [("vi", known["label"]["vi"]), ("en", known["label"]["en"])]
            record.identifiers = [("SEED", known["id"])]
        yield record


def of_heritage():
    for row in rows("world_heritage_vn.csv"):
        names = [("vi", row["name_vi"]), ("en", row["name_en"])]
        yield Record("HeritageProperty", slug(row["name_en"]), names, identifiers=[("WHC", row["whs_ref"])])


def of_sources(facts, lists):
    """Sources with a title of their own, one for each address."""
    sources = rows("uccn_sources.csv")
    at = collections.defaultdict(list)
    for row in sources:
        at[row["url"] or row["id"]].append(row["title"])
    found = [(address, titles[0].split(": ")[0] if len(titles) > 1 else titles[0], None)
             for address, titles in at.items()]
    ids = {row["url"] or row["id"]: row["id"] for row in reversed(sources)}
    found += [(it["url"], it["title"], id) for id, it in sorted(lists["sources"].items())]
    found += [(it["url"], it["title"], statement["id"]) for statement in facts["external_statements"]
              for it in statement["references"] if not it["url"].startswith("https://www.geonames.org/")]
    seen, slugs = set(), set()
    for address, title, id in found:
        if address in seen:
            continue
        seen.add(address)
        short = title_slug(title)
        if not short or short in slugs:
            short = title_slug(f"{short} {id or ids[address]}")
        slugs.add(short)
        yield Record("Document", short, [("und", title)])


def read():
    """All of them."""
    facts = json.loads((DATA / "facts.json").read_text(encoding="utf-8"))
    lists = json.loads((DATA / "vocabularies.json").read_text(encoding="utf-8"))
    countries = {row["iso2"]: row | {"slug": slug(row["name_en"])} for row in rows("countries.csv")}
    members = rows("uccn_members.csv")
    cities = list(of_cities(facts, countries, members))
    records = [city for city, _ in cities]
    for more in [of_facts(facts), of_vocabularies(lists), of_countries(countries), of_regions(facts),
                 of_members(facts, cities), of_heritage(), of_sources(facts, lists)]:
        records += more
    return records


def by_reference(records):
    """By `Type/slug`, and by `Type/SCHEME:value` for each identifier."""
    found = {}
    for record in records:
        for reference in [record.slug] * bool(record.slug) + [":".join(it) for it in record.identifiers]:
            key = f"{record.type}/{reference}"
            assert key not in found, key
            found[key] = record
    return found
