#!/usr/bin/env python3
"""Writes the expected answers NN.json from the files in data/, and from nothing that culturegraph does.

The rules are those of data/README.md and of the schema's descriptions. Run it after the data have changed, read the
difference, and commit it; never copy an answer of the server.
"""
import collections
import csv
import hashlib
import json
import pathlib
import unicodedata

HERE = pathlib.Path(__file__).parent
DATA = HERE.parent.parent / "data"


def rows(name):
    """Rows of a file, with the line on which each stands; empty values are None."""
    with open(DATA / name, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return [{key: value or None for key, value in row.items()} | {"line": reader.line_num} for row in reader]


FACTS = json.loads((DATA / "facts.json").read_text(encoding="utf-8"))
STATEMENTS = {it["id"]: it for it in FACTS["statements"] + FACTS["external_statements"]}
ENTITIES = {it["id"]: it for it in FACTS["entities"]}
LISTS = {it["id"]: it for it in json.loads((DATA / "vocabularies.json").read_text(encoding="utf-8"))["vocabularies"]}
MEMBERS = rows("uccn_members.csv")
CONFLICTS = rows("uccn_conflicts.csv")
CITIES = {row["geonames_id"]: row for row in rows("cities.csv")}
COUNTRIES = {row["iso2"]: row for row in rows("countries.csv")}
SOURCES = {row["id"]: row for row in rows("uccn_sources.csv")}
FIELDS = {term["id"]: term for term in LISTS["uccn-field"]["terms"]}
ORDER_OF_FIELDS = list(FIELDS) + [None]
HA_NOI = "1581130"
ARTICLE = "document/tttd-kinh-do-sang-tao"


def public_id(prefix, key):
    """The id of a shipped record: a ULID of the first of January 2026 and of a hash of its key."""
    digest = hashlib.sha256(b"culturegraph public id 1\0" + prefix.encode() + b"\0" + key.encode()).digest()
    number = 1767225600000 << 80 | int.from_bytes(digest[:10], "big")
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return prefix + "_" + "".join(letters[number >> 5 * place & 31] for place in reversed(range(26)))


def label(entity, lang):
    return ENTITIES[entity]["label"][lang]


def city_name(member):
    """In Vietnamese where the data have it, else the network's own."""
    if member["geonames_id"] == HA_NOI:
        return label("city/ha-noi", "vi")
    return member["name_vi"] or member["name_en"]


def city_slug(member):
    """The article's, else the network's. Homonyms take their country; none of them is asked for."""
    if member["geonames_id"] == HA_NOI:
        return "ha-noi"
    assert member["slug"] not in {"london", "perth"}
    return member["slug"]


def geo(geonames_id):
    row = CITIES[geonames_id]
    return {"latitude": float(row["lat"]), "longitude": float(row["lon"])}


def is_in(box, geonames_id):
    if geonames_id is None:
        return False
    place = geo(geonames_id)
    return box["south"] <= place["latitude"] <= box["north"] and box["west"] <= place["longitude"] <= box["east"]


def q01():
    city, country = CITIES[HA_NOI], COUNTRIES["VN"]
    said = [
        f"city/ha-noi: its labels; cities.csv, line {city['line']}: geo; countries.csv, line {country['line']}: name_vi",
        "s040, s041: member of the network; x02, x04: since 2019 (x03, 2019-10-30, agrees, and the coarser shows)",
        "x01: the field is the term design of uccn-field. The article itself has neither year nor field (unknown).",
    ]
    assert STATEMENTS["x02"]["value"]["edtf"] == STATEMENTS["x04"]["value"]["edtf"] == "2019"
    membership = {
        "network": {"name": label("network/uccn", "vi")},
        "startDate": {"edtf": "2019"},
        "currentField": {"name": FIELDS[STATEMENTS["x01"]["value"]["id"]]["vi"]},
    }
    return said, {}, {"city": {
        "nameText": {"value": label("city/ha-noi", "vi"), "lang": "vi"},
        "country": {"name": country["name_vi"]},
        "geo": geo(HA_NOI),
        "memberships": {"nodes": [membership]},
    }}


def q02():
    said = ["s059 to s062: one challenge each, with its one reference in p17; s002: the publication"]
    nodes = []
    for id in ["s059", "s060", "s061", "s062"]:
        challenge = STATEMENTS[id]["value"]["id"]
        assert ENTITIES[challenge]["position_in_list"] == len(nodes) + 1
        (reference,) = STATEMENTS[id]["references"]
        assert reference["passage"] == "p17"
        publisher = STATEMENTS["s002"]["value"]["id"]
        nodes.append({
            "vi": label(challenge, "vi"),
            "en": label(challenge, "en"),
            "citations": {"nodes": [{
                "quote": reference["quote"],
                "span": {"charStart": reference["char_start"], "charEnd": reference["char_end"]},
                "passage": {"anchor": "p17"},
                "document": {"name": label(ARTICLE, "vi"), "publisher": {"name": label(publisher, "vi")}},
            }]},
        })
    return said, {}, {"city": {"challenges": {"totalCount": 4, "nodes": nodes}}}


def q07():
    box = {"south": -12, "west": 92, "north": 29, "east": 142}
    members = [it for it in MEMBERS if it["field"] == "design" and is_in(box, it["geonames_id"])]
    # By year, then as they entered the base: in the order of the file.
    members.sort(key=lambda it: (it["year_designated"], it["line"]))
    said = ["uccn_members.csv, lines " + ", ".join(str(it["line"]) for it in members) + "; places from cities.csv"]
    nodes = [{
        "startDate": {"edtf": it["year_designated"]},
        "city": {"name": city_name(it), "geo": geo(it["geonames_id"])},
    } for it in members]
    page = {"hasNextPage": False, "endCursor": "(opaque)"}
    return said, {}, {"memberships": {"totalCount": len(nodes), "pageInfo": page, "nodes": nodes}}


def q08():
    counts = collections.Counter((it["field"], int(it["year_designated"])) for it in MEMBERS)
    of_year = lambda year: sum(count for (_, of), count in counts.items() if of == year)
    assert (of_year(2019), of_year(2025), sum(counts.values())) == (66, 46, 396)
    said = [
        "uccn_members.csv: field (of Lyon the last one in uccn_field_history.csv, the same) and year_designated;",
        "66 of 2019 and 46 of 2025. The fields are in the order of vocabularies.json, none is last.",
    ]
    groups = [{
        "field": field and {"notation": field, "name": FIELDS[field]["vi"]},
        "startYear": year,
        "count": counts[field, year],
    } for field, year in sorted(counts, key=lambda key: (ORDER_OF_FIELDS.index(key[0]), key[1]))]
    return said, {}, {"membershipStats": {"totalCount": 396, "groupCount": len(groups), "groups": groups}}


def q14():
    known = [
        ("City", public_id("city", f"GEONAMES:{HA_NOI}"), label("city/ha-noi", "vi")),
        ("Country", public_id("country", "ISO_3166_1_ALPHA_2:VN"), COUNTRIES["VN"]["name_vi"]),
        ("Passage", public_id("passage", "SEED:p17"), None),
        ("Person", public_id("person", "SEED:person/le-hong-son"), label("person/le-hong-son", "vi")),
        ("Term", public_id("term", "TERM:uccn-field/design"), FIELDS["design"]["vi"]),
    ]
    nodes = [{"__typename": type, "id": id} | ({"name": name} if name else {}) for type, id, name in known]
    missing = "city_00000000000000000000000000"
    said = [
        "city/ha-noi, countries.csv VN, p17 (which nobody names), person/le-hong-son, uccn-field/design;",
        "an id that nobody has, one that is none, and one that is asked for twice",
    ]
    ids = [nodes[3]["id"], missing, nodes[0]["id"], nodes[2]["id"], "ha-noi", nodes[4]["id"], nodes[0]["id"], nodes[1]["id"]]
    return said, {"ids": ids}, {"nodes": [next((it for it in nodes if it["id"] == id), None) for id in ids]}


def q16():
    values = [HA_NOI, "0", "323779", "1566083", HA_NOI, "1850147"]
    members = {it["geonames_id"]: it for it in MEMBERS}
    tokyo = CITIES["1850147"]
    assert (tokyo["name"], "1850147" in members) == ("Tokyo", False)
    said = [
        f"uccn_members.csv, lines {members[HA_NOI]['line']}, {members['323779']['line']}, {members['1566083']['line']};"
        f" cities.csv, line {tokyo['line']}: Tokyo, which is no member",
        "323779 is Antakya in cities.csv, only the place nearest to Hatay (data/README.md, traps); nothing has 0",
    ]
    answers = []
    for value in values:
        record = None
        if value in CITIES:
            member = members.get(value)
            networks = [{"network": {"slug": "uccn"}}] if member else []
            record = {
                "id": public_id("city", f"GEONAMES:{value}"),
                "slug": city_slug(member) if member else "tokyo",
                "memberships": {"nodes": networks},
            }
        exactness = "NEAR" if value == "323779" else "EXACT"
        answers.append({"value": value, "identifier": record and {"exactness": exactness}, "record": record})
    return said, {"values": values}, {"byIdentifier": answers}


def q17():
    years = [it for it in CONFLICTS if it["property"] == "year_designated"]
    said = ["uccn_conflicts.csv, lines " + ", ".join(str(it["line"]) for it in years) + "; addresses from uccn_sources.csv;",
            "ha-noi is not among them: 2019 and 2019-10-30 can be the same (x02 to x04)"]
    nodes = []
    # In the order in which the members entered the base.
    for member in MEMBERS:
        sides = [it for it in years if it["slug"] == member["slug"]]
        if not sides:
            continue
        sides.sort(key=lambda it: ["preferred", "normal", "deprecated"].index(it["rank"]))
        nodes.append({
            "subject": {"city": {"slug": city_slug(member)}},
            "claims": [{
                "rank": it["rank"].upper(),
                "value": {"date": {"edtf": it["value"]}},
                "note": {"value": it["reason"]},
                "citations": {"nodes": [{"document": {"url": SOURCES[id]["url"]}} for id in it["source"].split()]},
            } for it in sides],
        })
    assert [it["subject"]["city"]["slug"] for it in nodes] == ["berlin", "krakow", "overstrand-hermanus"]
    return said, {}, {"conflicts": {"nodes": nodes}}


def q19():
    said = [
        "s023: three references of the article, which has no address, and as of 13/12 without a year (POSSIBLE);",
        "x07: terms from 2016; x08: ended on 2025-11-13. 2021-12-13 lies inside: YES.",
    ]
    held, terms, ended = STATEMENTS["s023"], STATEMENTS["x07"], STATEMENTS["x08"]
    assert terms["value"]["qualifiers"]["terms"][0].startswith("2016-")
    citations = [{"quote": it["quote"], "document": {"url": None}} for it in held["references"]]
    citations += [
        {"quote": reference["excerpt"], "document": {"url": reference["url"]}}
        for statement in [terms, ended] for reference in statement["references"]
    ]
    return said, {}, {"position": {"holders": {"edges": [{
        "certainty": "YES",
        "node": {
            "person": {"name": label(held["subject"], "vi")},
            "startDate": {"edtf": "2016"},
            "endDate": {"edtf": ended["value"]["edtf"]},
            "attestedDates": [{"edtf": held["qualifiers"]["asOf"]}],
            "citations": {"nodes": citations},
        },
    }]}}}


def q22():
    of_2025 = LISTS["vn-cultural-industry-2025"]
    said = ["vocabularies.json, vn-cultural-industry-2025: valid_from, and of each term same_as or close_match"]

    def matches(term, name):
        if name not in term:
            return {"nodes": []}
        vocabulary, notation = term[name].split("/")
        return {"nodes": [{"vocabulary": {"slug": vocabulary}, "notation": notation}]}

    nodes = [{
        "notation": term["id"],
        "vi": term["vi"],
        "en": term["en"],
        "exactMatches": matches(term, "same_as"),
        "closeMatches": matches(term, "close_match"),
    } for term in of_2025["terms"]]
    assert {"vocabulary": {"slug": "vn-cultural-industry-2016"}, "notation": "thiet-ke"} in nodes[7]["closeMatches"]["nodes"]
    terms = {"totalCount": len(nodes), "nodes": nodes}
    return said, {}, {"vocabulary": {"startDate": {"edtf": of_2025["valid_from"]}, "terms": terms}}


def q24():
    without = [it for it in MEMBERS if it["field"] is None]
    assert [it["slug"] for it in without] == ["korhogo", "lubango"]
    said = [
        "a: s072 to s082, and facts.json, unknown: no task names a lead organization;",
        "b: uccn_members.csv, lines " + ", ".join(str(it["line"]) for it in without) + ": no field",
    ]
    tasks = [it for it in STATEMENTS.values() if it["property"] == "undertakes"]
    nodes = [{"city": {"slug": city_slug(it)}} for it in without]
    return said, {}, {"a": {"totalCount": len(tasks)}, "b": {"totalCount": len(nodes), "nodes": nodes}}


STATUSES = {term["id"]: term for term in LISTS["initiative-status"]["terms"]}
# The initiatives by their Vietnamese names: a before ă before â, d before đ, hơn before hợp (n before p).
BY_VIETNAMESE_NAME = [
    "nang-cao-nhan-thuc",  # đẩy mạnh
    "yeu-to-sang-tao-trong-chien-luoc",  # đưa yếu tố
    "moi-truong-y-tuong-sang-tao",  # khơi thông
    "chuong-trinh-du-an-muc-tieu-mang-luoi",  # nỗ lực
    "san-pham-van-hoa-moi",  # sáng tạo
    "quang-ba-gia-tri-van-hoa",  # tăng cường hơn nữa
    "hop-tac-quoc-te-chia-se-kinh-nghiem",  # tăng cường hợp tác
    "dau-tu-nganh-cong-nghiep-van-hoa",  # tiếp tục đầu tư
    "trung-tam-thiet-ke-sang-tao",  # tiếp tục nghiên cứu
    "thuc-hien-cam-ket-uccn",  # triển khai
    "co-che-chinh-sach-sang-tao",  # xây dựng
]


def q27():
    said = [
        "s072 to s082: the initiatives and their status, none with a date; s089: the one sector named;",
        "countries.csv: VN. The facets by status do not have the filter for the status, that by country does.",
    ]
    status = {it["value"]["id"]: it["qualifiers"]["status"] for it in STATEMENTS.values() if it["property"] == "undertakes"}
    chosen = {"ongoing", "under-study"}
    sector = STATEMENTS["s089"]
    nodes = []
    for slug in BY_VIETNAMESE_NAME:
        entity = f"initiative/{slug}"
        if status[entity] not in chosen:
            continue
        sectors = [{"notation": "nganh-cong-nghiep-van-hoa", "name": label(sector["value"]["id"], "en")}]
        nodes.append({
            "id": public_id("initiative", f"SEED:{entity}"),
            "slug": slug,
            "name": label(entity, "en"),
            "description": None,
            "status": {"notation": status[entity], "name": STATUSES[status[entity]]["en"]},
            "startDate": None,
            "city": {"slug": "ha-noi", "name": label("city/ha-noi", "en"), "country": {"name": COUNTRIES["VN"]["name_en"]}},
            "sectors": {"nodes": sectors if sector["subject"] == entity else []},
        })
    by_status = [
        {"count": count, "status": {"notation": it, "name": STATUSES[it]["en"]}}
        for it, count in collections.Counter(status.values()).most_common()
    ]
    country = {"alpha2Code": "VN", "name": COUNTRIES["VN"]["name_en"]}
    variables = {
        "filter": {"city": {"slug": {"eq": "ha-noi"}}, "status": {"notation": {"in": sorted(chosen)}}},
        "filterWithoutStatus": {"city": {"slug": {"eq": "ha-noi"}}},
        "lang": ["en", "vi"],
    }
    page = {"hasNextPage": False, "endCursor": "(opaque)"}
    return said, variables, {
        "initiatives": {"totalCount": len(nodes), "pageInfo": page, "nodes": nodes},
        "byStatus": {"groups": by_status},
        "byCountry": {"groupCount": 1, "groups": [{"count": len(nodes), "country": country}]},
    }


def q28():
    box = {"south": 8, "west": 95, "north": 24, "east": 110}
    fields = ["design", "crafts-and-folk-art", "music", "film"]
    members = [it for it in MEMBERS if it["field"] in fields and is_in(box, it["geonames_id"])]
    members.sort(key=lambda it: -int(CITIES[it["geonames_id"]]["population"]))
    without = [it for it in MEMBERS if it["geonames_id"] is None]
    said = [
        "uccn_members.csv, lines " + ", ".join(str(it["line"]) for it in members) + ", by the population in cities.csv;",
        "without a place: lines " + ", ".join(str(it["line"]) for it in without),
    ]
    nodes = [{
        "id": public_id("city", f"GEONAMES:{it['geonames_id']}"),
        "slug": city_slug(it),
        "name": city_name(it),
        "geo": geo(it["geonames_id"]),
        "memberships": {"nodes": [{"currentField": {"notation": it["field"]}}]},
    } for it in members]
    page = {"hasNextPage": False, "endCursor": "(opaque)"}
    return said, {"box": box, "fields": fields, "lang": ["vi"]}, {
        "cities": {"totalCount": len(nodes), "pageInfo": page, "nodes": nodes},
        "withoutPlace": {"totalCount": len(without)},
    }


def of(property, subject=None, value=None):
    """Statements by property, and by subject or by the entity that they name, in the order of the file."""
    return [
        it for it in STATEMENTS.values()
        if it["property"] == property and subject in (None, it["subject"]) and value in (None, it["value"].get("id"))
    ]


def one(property, subject):
    (statement,) = of(property, subject)
    return statement


def quotes(statements):
    return [{"quote": it["quote"]} for statement in statements for it in statement["references"]]


def q03():
    person, membership = "person/le-hong-son", "membership/ha-noi-uccn"
    member = next(it for it in MEMBERS if it["geonames_id"] == HA_NOI)
    said = [
        "s022, s023: the offices, in the organizations of s024, s025; x07: terms from 2016, x08: ended. Without a start: last.",
        "s034: one presentation, s032 and s033: its titles, s035: its conference",
        "assertions, of the statements by the person: s040, s041: the membership, whose row has the sources of"
        f" uccn_members.csv, line {member['line']}, too (no quotes); s059 to s062: challenges; s049 to s055: opportunities;",
        "s042, s044 (the goal, and its time in words), s056 to s058, s063 to s069: claims. Types in the order of their names"
        " (the schema does not say in which order types come), rows of one in the order of the file.",
    ]

    def holding(statement, start, end, kind):
        position = statement["value"]["id"]
        organization = one("inOrganization", position)["value"]["id"]
        return {
            "position": {"name": label(position, "en"), "organization": {"name": label(organization, "en")}},
            "startDate": start and {"edtf": start},
            "endDate": end and {"edtf": end},
            "endKind": kind,
        }

    terms, ended = STATEMENTS["x07"], STATEMENTS["x08"]
    assert terms["value"]["id"] == STATEMENTS["s023"]["value"]["id"]
    start = terms["value"]["qualifiers"]["terms"][0].split("-")[0]
    holdings = [
        holding(STATEMENTS["s023"], start, ended["value"]["edtf"], "ENDED"),
        holding(STATEMENTS["s022"], None, None, "UNKNOWN"),
    ]
    (spoken,) = of("speaker", value=person)
    titles = sorted(of("title", spoken["subject"]), key=lambda it: ["preferred", "normal"].index(it["rank"]))
    presentation = {
        "titles": {"nodes": [
            {"rank": it["rank"].upper(), "value": {"text": {"value": it["value"]["vi"]}}} for it in titles
        ]},
        "event": {"name": label(one("presentedAt", spoken["subject"])["value"]["id"], "en")},
    }
    assert titles[0]["value"]["vi"].endswith("đối với Hà Nội")

    types = {"member": None, "network": None, "facesChallenge": "Challenge", "bringsOpportunity": "Opportunity"}
    rows = collections.defaultdict(list)
    for it in STATEMENTS.values():
        if it.get("asserted_by") != person:
            continue
        type = types.get(it["property"], "Claim")
        if type:
            # What qualifies a statement is a claim of its own, with the same support.
            times = 2 if "horizon" in it.get("qualifiers", {}) else 1
            rows[type] += [{"__typename": type, "citations": {"nodes": quotes([it])}}] * times
    of_row = [{"quote": None} for _ in member["sources"].split()] + quotes([one("member", membership), one("network", membership)])
    rows["Membership"] = [{"__typename": "Membership", "citations": {"nodes": of_row}}]
    nodes = [it for type in sorted(rows) for it in rows[type]]
    return said, {}, {"person": {
        "name": label(person, "en"),
        "officeHoldings": {"nodes": holdings},
        "presentations": {"nodes": [presentation]},
        "assertions": {"totalCount": len(nodes), "nodes": nodes},
    }}


def q06():
    event = "event/hoi-nghi-ngoai-vu-toan-quoc-20"
    said = [
        "s012, s014, s018 to s021: number, series, date, part of the day, place and format; s017, s013: the larger conference;",
        "s035, s034: its presentation and who gave it. The date has no year, so its text has none.",
    ]
    date, larger = one("date", event)["value"], one("partOf", event)["value"]["id"]
    assert date["precision"] == "day-without-year"
    presentations = [{"speakers": {"nodes": [
        {"name": label(by["value"]["id"], "vi")} for by in of("speaker", it["subject"])
    ]}} for it in of("presentedAt", value=event)]
    return said, {}, {"event": {
        "ordinal": one("ordinal", event)["value"]["amount"],
        "series": {"name": one("series", event)["value"]["vi"]},
        "startDate": {
            "edtf": date["edtf"],
            "precision": "DAY_WITHOUT_YEAR",
            "text": f"ngày {date['day']} tháng {date['month']}",
        },
        "partOfDay": {"value": one("partOfDay", event)["value"]["vi"]},
        "format": {"name": one("format", event)["value"]["vi"]},
        "city": {"name": label(one("location", event)["value"]["id"], "vi")},
        "superEvent": {"name": label(larger, "en"), "ordinal": one("ordinal", larger)["value"]["amount"]},
        "presentations": {"nodes": presentations},
    }}


def q09():
    totals = rows("uccn_totals.csv")
    said = [
        "uccn_members.csv: its rows; uccn_totals.csv, lines " + ", ".join(str(it["line"]) for it in totals)
        + ": total_members by year, addresses from uccn_sources.csv;",
        "the data set is uccn_members.csv, named as in data/README.md; what it should have is the last total announced",
    ]
    assert (len(MEMBERS), totals[-1]["total_members"]) == (396, "408")
    announced = [{
        "value": {"amount": it["total_members"]},
        "observationDate": {"edtf": it["year"]},
        "citations": {"nodes": [{"document": {"url": SOURCES[id]["url"]}} for id in it["source"].split()]},
    } for it in totals]
    dataset = {
        "name": "Members of the UNESCO Creative Cities Network",
        "recordedCount": len(MEMBERS),
        "expectedCount": int(totals[-1]["total_members"]),
    }
    return said, {}, {"network": {
        "memberships": {"totalCount": len(MEMBERS)},
        "announced": {"nodes": announced},
        "datasets": {"nodes": [dataset]},
    }}


def q10():
    commitment = "commitment/uccn-cam-ket-ha-noi"
    said = [
        "s097: the one initiative under it; s101 to s103: its parts; s077 to s080: their status;",
        "s090 to s092, s094, s095 are outcomes of others. The parts are in the order of their text.",
    ]

    def initiative(entity):
        (undertaken,) = of("undertakes", value=entity)
        return {"name": label(entity, "vi"), "status": {"notation": undertaken["qualifiers"]["status"]}}

    nodes = []
    for it in of("implements", value=commitment):
        parts = sorted(
            (part["subject"] for part in of("partOf", value=it["subject"])),
            key=lambda part: ENTITIES[part]["position_in_list"],
        )
        nodes.append(initiative(it["subject"]) | {"parts": {"nodes": [
            initiative(part)
            | {"outcomes": [{"value": outcome["value"]["vi"]} for outcome in of("expectedOutcome", part)]}
            for part in parts
        ]}})
    assert [len(it["parts"]["nodes"]) for it in nodes] == [3]
    return said, {}, {"commitment": {"initiatives": {"nodes": nodes}}}


def q11():
    (region,) = [it for it in rows("regions.csv") if it["name_vi"] == "Đông Nam Á"]
    sector = "concept/nganh-cong-nghiep-van-hoa"
    said = [
        f"s089: the sector; s073: Hà Nội undertakes it; s040, s041: a member of the network; cities.csv, line"
        f" {CITIES[HA_NOI]['line']}: in VN, which regions.csv, line {region['line']}, has in Southeast Asia."
        " No other city has initiatives.",
    ]
    assert CITIES[HA_NOI]["country_iso2"] in region["countries"].split()
    nodes = []
    for it in of("concernsSector", value=sector):
        (undertaken,) = of("undertakes", value=it["subject"])
        assert undertaken["subject"] == "city/ha-noi"
        nodes.append({
            "nameText": {"value": label(it["subject"], "en"), "lang": "en"},
            "city": {"name": label(undertaken["subject"], "vi")},
        })
    return said, {}, {"initiatives": {"nodes": nodes}}


def q13():
    passage = "p25"
    said = [
        "every statement with a reference in p25: s077 to s080: initiatives, each with a claim of its status; s101 to s103: parts"
        " of an initiative, which the initiatives themselves have; s097: a link; s099, s100: the commitment itself;",
        "s098, s104 to s106: claims. None is about the membership alone: its references are in p15 (s040, s041).",
        "Full texts are not served (data/NOTICE), so text and translation are null. Types in the order of their names (the"
        " schema does not say in which order types come), rows of one in the order of the file.",
    ]
    # drawsOn and towards have no property of their own: what it builds on, and where it is to lead.
    claims = {"assessment": "ASSESSMENT", "creates": "CREATES", "towards": "DIRECTION", "drawsOn": "BASED_ON"}
    initiatives, commitments, links, statuses, others = [], [], [], [], []
    for it in STATEMENTS.values():
        if passage not in [reference.get("passage") for reference in it["references"]]:
            continue
        match it["property"]:
            case "undertakes":
                initiatives.append({"__typename": "Initiative", "name": label(it["value"]["id"], "vi")})
                statuses.append({"__typename": "Claim", "property": "STATUS"})
            case "implements":
                links.append({"__typename": "Link", "relation": "FULFILLS"})
            case "madeBy":
                commitments.append({"__typename": "Commitment", "name": label(it["subject"], "vi")})
            case "partOf" | "arisesFrom":
                pass
            case property:
                others.append({"__typename": "Claim", "property": claims[property]})
    nodes = statuses + others + commitments + initiatives + links
    return said, {}, {"passage": {"text": None, "translation": None, "citedBy": {"nodes": nodes}}}


def q20():
    said = [
        "s044, s069: of the statements by person/le-hong-son those of city/ha-noi, all stated; s059 to s062 are challenges,"
        " no claims. GOAL before LIST_IS_OPEN; bytes and SHA-256 of article.vi.txt",
    ]
    kinds = {"hasGoal": ("GOAL", "RecordValue"), "challengeListOpenEnded": ("LIST_IS_OPEN", "BooleanValue")}
    version = {"documentVersion": {"sha256": hashlib.sha256((DATA / "article.vi.txt").read_bytes()).hexdigest()}}
    nodes = []
    for it in STATEMENTS.values():
        by = (it.get("asserted_by"), it.get("modality")) == ("person/le-hong-son", "stated")
        if not by or it["property"] == "facesChallenge" or "city/ha-noi" not in (it["subject"], it["value"].get("id")):
            continue
        if it["property"] == "member":  # the membership itself
            continue
        property, type = kinds[it["property"]]
        nodes.append({"property": property, "value": {"__typename": type}, "citations": {"nodes": [{
            "quote": reference["quote"],
            "span": {"byteStart": reference["byte_start"], "byteEnd": reference["byte_end"]},
            "passage": version,
        } for reference in it["references"]]}})
    return said, {}, {"claims": {"nodes": nodes}}


def q21():
    due = [
        it for it in MEMBERS
        if it["country_iso2"] == "VN" and (years := 2027 - int(it["year_designated"])) > 0 and years % 4 == 0
    ]
    said = [
        "uccn_members.csv, lines " + ", ".join(str(it["line"]) for it in due) + ": 2019 + 8 and 2023 + 4, by start, then name;"
        " no file has reports. nextReportDueYear follows from the day of the question: not compared.",
    ]
    nodes = [{
        "city": {"slug": city_slug(it)},
        "startDate": {"edtf": it["year_designated"]},
        "nextReportDueYear": "(of the day)",
        "reports": {"nodes": []},
    } for it in sorted(due, key=lambda it: (it["year_designated"], it["name_en"]))]
    assert [it["city"]["slug"] for it in nodes] == ["ha-noi", "da-lat", "hoi-an"]
    return said, {}, {"memberships": {"nodes": nodes}}


def q25():
    first = MEMBERS[:100]
    said = [
        f"uccn_members.csv, lines {first[0]['line']} to {first[-1]['line']} (by year, then name); name_vi of countries.csv; the"
        " identifiers are the GeoNames id and the last part of the address of UNESCO's page. Hà Nội, the only city with"
        " initiatives, is not among them.",
    ]
    assert first == sorted(first, key=lambda it: int(it["year_designated"])) and HA_NOI not in {it["geonames_id"] for it in first}
    nodes = [{"city": {
        "name": city_name(it),
        "country": {"name": COUNTRIES[it["country_iso2"]]["name_vi"]},
        "identifiers": [
            {"scheme": "GEONAMES", "value": it["geonames_id"]},
            {"scheme": "UCCN", "value": it["unesco_page"].rsplit("/", 1)[1]},
        ],
        "initiatives": {"nodes": []},
    }} for it in first]
    return said, {}, {"network": {"memberships": {"nodes": nodes}}}

def name_of(entity):
    return label(entity, "vi")


def q12():
    said = [
        "facts.json: every initiative and challenge has its label in Vietnamese and in English, and so has each text about one"
        " (s070, s071, s090 to s096): nothing is left to translate.",
    ]
    for it in ENTITIES.values():
        if it["type"] in ("Initiative", "Challenge"):
            assert it["label"].keys() == {"vi", "en"}
            for statement in of("expectedOutcome", it["id"]) + of("hasFactor", it["id"]) + of("context", it["id"]):
                assert {"vi", "en"} <= statement["value"].keys()
    return said, {}, {"translationGaps": {"totalCount": 0, "edges": []}}


def q26():
    city, membership, today = "city/ha-noi", "membership/ha-noi-uccn", "2025-06-01"
    row, country = CITIES[HA_NOI], COUNTRIES["VN"]
    member = next(it for it in MEMBERS if it["geonames_id"] == HA_NOI)
    said = [
        f"city/ha-noi: names, but for those that its note limits to the article; city_names.csv: Kẻ Chợ, the one other name"
        f" in Vietnamese; cities.csv, line {row['line']}: place and population, undated; countries.csv, line {country['line']};",
        "s027: its committee, of which s023 is an office: held from 2016 (x07) to 2025-11-13 (x08), so on that day surely;"
        " s022 is in the party's committee, which no statement calls the city's, and was held possibly;",
        f"s040, s041: the membership; x01 to x04: its field and year; s043, s047, s048: goals; s049 to s055: opportunities;"
        " s059 to s062, s069: challenges of an open list; s072 to s082: initiatives, without those of s101 to s103, which are"
        " parts; s020: the conference; data/NOTICE: licenses, of GeoNames, the article and the network, by name",
    ]
    others = [
        row["name"] for row in rows("city_names.csv")
        if row["geonames_id"] == HA_NOI and row["lang"] == "vi" and row["name"] != name_of(city)
    ]
    of_article = {"Thủ đô", "thành phố", "TP", "the Capital"}
    aliases = {lang: set(names) - of_article for lang, names in ENTITIES[city]["aliases"].items()}
    alternate = sorted(aliases["en"]) + sorted(aliases["vi"] | set(others))
    held, ended = STATEMENTS["s023"], STATEMENTS["x08"]["value"]["edtf"]
    assert STATEMENTS["x07"]["value"]["id"] == held["value"]["id"] and "2016" < today < ended
    holdings = [
        {"position": {"name": name_of(held["value"]["id"])}, "certaintyAt": "YES", "isActing": False},
        {"position": {"name": name_of(STATEMENTS["s022"]["value"]["id"])}, "certaintyAt": "POSSIBLE", "isActing": False},
    ]

    def listed(property, subject):
        found = [it["value"]["id"] for it in of(property, subject)]
        return sorted(dict.fromkeys(found), key=lambda it: ENTITIES[it].get("position_in_list", 0))

    def named(entity):
        return {"slug": entity.split("/")[1], "name": name_of(entity)}

    goals = [it["id"] for it in ENTITIES.values() if it["type"] == "Goal"]
    horizon = {it["value"]["id"]: it["qualifiers"]["horizon"]["vi"] for it in of("hasGoal") if "horizon" in it.get("qualifiers", {})}
    whole = {it["subject"]: it["value"]["id"] for it in of("partOf") if it["subject"].startswith("initiative/")}
    status = {it["value"]["id"]: it["qualifiers"]["status"] for it in of("undertakes", city)}
    initiatives = [
        named(it) | {
            "status": {"notation": status[it], "name": STATUSES[status[it]]["vi"]},
            "parts": {"totalCount": list(whole.values()).count(it)},
        }
        for it in listed("undertakes", city) if it not in whole
    ]
    assert len(initiatives) == 8
    (event,) = [it["subject"] for it in of("location", value=city)]
    date = one("date", event)["value"]
    licenses = [
        ("Creative Commons Attribution 4.0 International", "https://creativecommons.org/licenses/by/4.0/", "GeoNames, https://www.geonames.org"),
        ("No open license; rights with Tuổi trẻ Thủ đô", None, "Tuổi trẻ Thủ đô"),
        ("None stated; bare facts alone were taken", None, "UNESCO Creative Cities Network, https://www.unesco.org/en/creative-cities"),
    ]
    challenges = [named(it) | {"isFromOpenList": True} for it in listed("facesChallenge", city)]
    opportunities = [named(it) for it in listed("bringsOpportunity", membership)]
    source = {"document": {"name": "GeoNames", "url": "https://www.geonames.org/"}}
    return said, {"slug": "ha-noi", "lang": ["vi", "en"], "today": today}, {"city": {
        "id": public_id("city", f"GEONAMES:{HA_NOI}"),
        "slug": "ha-noi",
        "nameText": {"value": name_of(city), "lang": "vi"},
        "alternateNames": [{"value": it} for it in alternate],
        "descriptionText": None,
        "kind": None,
        "country": {"slug": "vietnam", "name": country["name_vi"]},
        "geo": geo(HA_NOI),
        "population": int(row["population"]),
        "populationSource": {"nodes": [{"observationDate": None, "citations": {"nodes": [source]}}]},
        "government": {"name": name_of(one("ofCity", "organization/ubnd-tp-ha-noi")["subject"]), "abbreviation": None},
        "officials": {"nodes": [named(held["subject"]) | {"officeHoldings": {"nodes": holdings}}]},
        "memberships": {"nodes": [{
            "slug": membership.split("/")[1],
            "network": {"slug": "uccn", "name": label("network/uccn", "vi")},
            "currentField": {"name": FIELDS[member["field"]]["vi"]},
            "startDate": {"text": f"năm {member['year_designated']}"},
        }]},
        "goals": {"nodes": [named(it) | {"horizon": horizon.get(it) and {"value": horizon[it]}} for it in goals]},
        "opportunities": {"totalCount": len(opportunities), "nodes": opportunities},
        "challenges": {"totalCount": len(challenges), "nodes": challenges},
        "initiatives": {
            "totalCount": len(initiatives),
            "pageInfo": {"hasNextPage": False, "endCursor": "(opaque)"},
            "nodes": initiatives,
        },
        "events": {"nodes": [named(event) | {"startDate": {"text": f"ngày {date['day']} tháng {date['month']}"}}]},
        "licenses": [{"name": name, "url": url, "attribution": line} for name, url, line in licenses],
    }}


def q29():
    (member,) = [it for it in MEMBERS if it["slug"] == "lyon"]
    periods = [it for it in rows("uccn_field_history.csv") if it["slug"] == "lyon"]
    said = [
        f"uccn_members.csv, line {member['line']}: since {member['year_designated']}; uccn_field_history.csv, lines "
        + ", ".join(str(it["line"]) for it in periods) + ": its fields, with their source; no file has an end, a status, reports"
        " or commitments of it. nextReportDueYear follows from the day of the question, history from when the base was loaded:"
        " not compared.",
    ]

    def year(value):
        return value and {"edtf": value, "earliest": f"{value}-01-01", "latest": f"{value}-12-31"}

    assert [(it["field"], it["from_year"]) for it in periods] == [("media-arts", "2008"), ("literature", "2023")]
    return said, {"slug": "lyon-uccn", "lang": ["en"]}, {"membership": {
        "city": {"slug": city_slug(member), "name": member["name_en"]},
        "network": {"slug": "uccn", "name": label("network/uccn", "en")},
        "startDate": {"edtf": member["year_designated"], "text": member["year_designated"]},
        "endDate": None,
        "status": None,
        "fieldPeriods": [{
            "field": {"notation": it["field"], "name": FIELDS[it["field"]]["en"]},
            "startDate": year(it["from_year"]),
            "endDate": year(it["to_year"]),
            "citations": {"nodes": [
                {"document": {"name": SOURCES[id]["title"], "url": SOURCES[id]["url"]}} for id in it["source"].split()
            ]},
        } for it in periods],
        "reports": {"nodes": []},
        "nextReportDueYear": "(of the day)",
        "commitments": {"nodes": []},
        "history": "(of the base)",
    }}


def q30():
    person = "person/le-hong-son"
    said = [
        "x09: what he acted as, from elsewhere, asserted by nobody; s029 to s031: what the article calls him, one of three"
        " stated; s011, s034: links to him. Claims by property, then rank, links by relation. No row cites a source for the"
        " person himself. Full texts are not served (data/NOTICE): text and translation of passages are null.",
    ]
    asserted = {"publication/tuoi-tre-thu-do": {"organizationName": label("publication/tuoi-tre-thu-do", "vi")}}

    def source(statement, number, reference):
        citation = {"id": public_id("citation", f"seed:{statement['id']}/citation/{number}"), "locator": None}
        if "passage" in reference:
            return citation | {
                "quote": reference["quote"],
                "url": None,
                "span": {"charStart": reference["char_start"], "charEnd": reference["char_end"]},
                "passage": {"anchor": reference["passage"], "text": None, "translation": None},
                "document": {
                    "slug": ARTICLE.split("/")[1],
                    "name": name_of(ARTICLE),
                    "datePublished": None,
                    "publisher": {"name": label("publication/tuoi-tre-thu-do", "vi")},
                },
            }
        year, month, day = map(int, reference["published"].split("-"))
        letters = unicodedata.normalize("NFD", reference["title"].lower().replace("đ", "d"))
        plain = "".join(it for it in letters if not unicodedata.combining(it))
        return citation | {
            "quote": reference["excerpt"],
            "url": reference["url"],
            "span": None,
            "passage": None,
            "document": {
                "slug": "-".join(plain.split()),
                "name": reference["title"],
                "datePublished": {"text": f"ngày {day} tháng {month} năm {year}"},
                "publisher": None,
            },
        }

    def assertion(statement):
        return {
            "modality": statement.get("modality", "stated").upper(),
            "assertedBy": asserted.get(statement.get("asserted_by")),
            "citations": {"nodes": [source(statement, n, it) for n, it in enumerate(statement["references"], 1)]},
        }

    def claim(statement, property):
        note = statement.get("note")
        return {
            "id": public_id("claim", f"seed:{statement['id']}"),
            "propertyName": property,
            "valueText": {"value": statement["value"]["value"]},
            "rank": statement["rank"].upper(),
            "note": note and {"value": note},
        } | assertion(statement)

    def link(statement, relation):
        return {
            "id": public_id("link", f"seed:{statement['id']}"),
            "relation": relation,
            "from": {"name": name_of(statement["subject"])},
            "to": {"name": name_of(person)},
        } | assertion(statement)

    claims = [claim(it, "đảm nhiệm") for it in of("actedAs", person)]
    claims += [claim(it, "được gọi là") for it in of("referredToAs", person)]
    links = [link(it, "DEPICTS") for it in of("depicts", value=person)]
    links += [link(it, "GIVEN_BY") for it in of("speaker", value=person)]
    id = public_id("person", f"SEED:{person}")
    license = {"name": "No open license; rights with Tuổi trẻ Thủ đô", "url": None, "attribution": "Tuổi trẻ Thủ đô"}
    return said, {"id": id, "lang": ["vi", "en"]}, {"node": {
        "id": id,
        "name": name_of(person),
        "claims": {"totalCount": len(claims), "nodes": claims},
        "links": {"nodes": links},
        "citations": {"nodes": []},
        "licenses": [license],
    }}


def written(value, indent=""):
    """JSON with an item of a list to a line."""
    short = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or len(indent + short) <= 100:
        return short
    inner = indent + "  "
    if isinstance(value, list):
        items = [json.dumps(it, ensure_ascii=False) if len(value) > 8 else written(it, inner) for it in value]
        return "[\n" + ",\n".join(inner + it for it in items) + "\n" + indent + "]"
    items = [f"{inner}{json.dumps(key)}: {written(it, inner)}" for key, it in value.items()]
    return "{\n" + ",\n".join(items) + "\n" + indent + "}"


for name, question in [(name, it) for name, it in globals().items() if name[0] == "q" and name[1:].isdigit()]:
    said, variables, data = question()
    answer = {"_from": said, "variables": variables, "data": data}
    (HERE / f"{name[1:]}.json").write_text(written(answer) + "\n", encoding="utf-8")
