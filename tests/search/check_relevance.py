#!/usr/bin/env python3
"""Checks relevance.json against the files in data/: that each record is there, and that each query is of its kind.

A query is of its kind when a searched text of the expected record explains it: the same words without marks, one letter
off, joined, and so on. So nothing is asked for that the data cannot answer, whatever the search does.
"""
import collections
import json
import pathlib
import re
import sys
import unicodedata

import records
from records import fold

HERE = pathlib.Path(__file__).parent
SUITE = HERE / "relevance.json"
SCHEMA = HERE.parent.parent / "schema.graphql"

MEMBERS = {"query", "kind", "expect", "within", "below", "absent", "types", "lang", "why"}
AT_LEAST = 12
ALL_AT_LEAST = 160
# Of these a few are enough.
SMALL_KINDS = {"scope"}

nfc = lambda text: unicodedata.normalize("NFC", text)
TONES = "\u0300\u0301\u0303\u0309\u0323"


def marked(text):
    """Words in lower case with their marks."""
    return re.findall(r"\w+", nfc(text).lower())


def toneless_place(word):
    """The word with its tone behind it, so that it does not matter on which vowel the tone was put."""
    letters = unicodedata.normalize("NFD", word)
    base = "".join(c for c in letters if c not in TONES)
    return nfc(base) + "".join(c for c in letters if c in TONES)


def has(words, text):
    """Whether all words are in the text, each as often as it is asked for."""
    return not collections.Counter(words) - collections.Counter(text)


def in_order(words, text):
    rest = iter(text)
    return all(word in rest for word in words)


def is_joined(query, text):
    """Whether neighbouring words of the text make the query when all spaces are left out."""
    letters = "".join(query)
    return any("".join(text[start:end]) == letters
               for start in range(len(text)) for end in range(start + 1, len(text) + 1))


def distance(a, b):
    """Letters to add, drop, change or swap with their neighbour."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (x != y)))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                row[-1] = min(row[-1], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]


def has_with_typos(words, text):
    """One typo in each word of four letters or more, or one in all when spaces are left out."""
    if distance("".join(words), "".join(text)) <= 1:
        return True
    rest, typos = list(text), 0
    for word in sorted(words, key=lambda word: word not in rest):
        near = [it for it in rest if it == word]
        near += [it for it in rest if min(len(it), len(word)) >= 4 and distance(it, word) == 1]
        if not near:
            return False
        typos += near[0] != word
        rest.remove(near[0])
    return typos > 0


def decoded(query):
    """What keys of Telex or VNI stand for, without marks."""
    words = []
    for word in fold(query).split():
        if re.search(r"[a-z]", word) and re.search(r"\d", word):
            word = re.sub(r"\d", "", word)
        else:
            # No Vietnamese syllable has these letters but at its beginning, alone or in tr.
            word = re.sub(r"(?<=.)(?<!^t)[fsrxj]", "", word)
            word = re.sub(r"(?<=[aou])w", "", re.sub(r"dd|aa|ee|oo", lambda found: found[0][0], word))
        words.append(word)
    return words


def bears(query, record, country=None):
    """Whether the query, but for the name of the country behind it, is a whole name of the record."""
    words, country = fold(query).split(), (country or record.country or "-").split("-")
    if words[-len(country):] == country and len(words) > len(country):
        words = words[:-len(country)]
    return "".join(words) in [fold(text).replace(" ", "") for _, text in record.names + record.aliases]


def is_of_kind(kind, query, record):
    """Whether some searched text of the record explains the query; see README.md for the kinds."""
    texts = [text for _, text in record.searched()]
    words, marks = fold(query).split(), marked(query)
    any_has = lambda words, form: any(has(words, form(text)) for text in texts)
    folded = lambda text: fold(text).split()
    placed = lambda text: [toneless_place(word) for word in marked(text)]
    if kind in ("marks", "near-twins") and not query.isascii():
        return any_has(marks, marked)
    if kind == "near-twins":
        return any_has(words, folded)
    if kind == "no-marks":
        return query.isascii() and any_has(words, folded)
    if kind == "scope":
        joined = any(is_joined(words, folded(text)) for text in texts)
        return joined or any_has(words, folded) or any_has(decoded(query), folded)
    if kind == "wrong-tone":
        return any_has(words, folded) and not any_has([toneless_place(word) for word in marks], placed)
    if kind == "nfd":
        return query != nfc(query) and any_has(marks, marked)
    if kind == "old-tone":
        return any_has([toneless_place(word) for word in marks], placed) and not any_has(marks, marked)
    if kind == "telex":
        keys = decoded(query)
        return query.isascii() and keys != words and any_has(keys, folded) != any_has(words, folded)
    if kind == "typos":
        return any(has_with_typos(words, folded(text)) for text in texts) and not any_has(words, folded)
    if kind == "order":
        return any_has(words, folded) and not any(in_order(words, folded(text)) for text in texts)
    if kind == "joined":
        return any(is_joined(words, folded(text)) for text in texts) and not any_has(words, folded)
    if kind == "english":
        return any(lang == "en" and has(words, folded(text)) for lang, text in record.searched())
    if kind == "exonyms":
        others = [text for _, text in record.aliases]
        others += [part for _, text in record.names for part in re.findall(r"\((.*?)\)", text)]
        names = [fold(text) for _, text in record.names]
        return fold(query) in map(fold, others) and fold(query) not in names
    if kind == "homonyms":
        return bears(query, record)
    if kind == "abbreviations":
        is_identifier = query in [value for _, value in record.identifiers]
        return is_identifier or any_has(words, folded) or any(is_joined(words, folded(text)) for text in texts)
    return False


KINDS = {"marks", "no-marks", "wrong-tone", "nfd", "old-tone", "telex", "typos", "order", "joined", "english", "exonyms",
         "homonyms", "near-twins", "abbreviations", "scope"}


def faults_of(entry, found, types):
    """What is wrong with one entry, in words."""
    if unknown := set(entry) - MEMBERS:
        yield f"unknown members {sorted(unknown)}"
    kind, query = entry.get("kind"), entry.get("query", "")
    if kind not in KINDS:
        yield f"unknown kind {kind}"
        return
    if entry.get("within") not in (1, 3, 10):
        yield "within is 1, 3 or 10"
    if entry.get("lang", "vi") not in ("vi", "en"):
        yield "lang is vi or en"
    named = [entry.get("expect")] + entry.get("below", []) + entry.get("absent", [])
    if missing := [it for it in named if it not in found]:
        yield f"not in data/: {missing}"
        return
    if len({id(found[it]) for it in named}) < len(named):
        yield "the same record twice"
    asked = entry.get("types", [])
    if unknown := set(asked) - types:
        yield f"not in the schema: {sorted(unknown)}"
    if asked and any(found[it].type not in asked for it in named):
        yield "a record of a type that is not asked for"
    if not is_of_kind(kind, query, found[named[0]]):
        texts = [text for _, text in found[named[0]].searched()][:5]
        yield f"no searched text of {named[0]} explains it as {kind}: {texts}"
    if kind == "near-twins" and not entry.get("below"):
        yield "without a record that must be lower"
    if kind == "homonyms":
        same = [it for it, record in found.items() if bears(query, record, found[named[0]].country)]
        if len({id(found[it]) for it in same}) < 2:
            yield "no other record has this name"
        yield from (f"not a homonym: {it}" for it in entry.get("below", []) if it not in same)
    if kind == "scope" and not entry.get("absent"):
        yield "without a record that must be absent"
    for it in entry.get("absent", []):
        aliases = [fold(text).replace(" ", "") for _, text in found[it].document_aliases]
        if not {fold(query).replace(" ", ""), "".join(decoded(query))} & set(aliases):
            yield f"not an alias of {it} in one document"
        if any(has(fold(query).split(), fold(name).split()) for _, name in found[it].searched()):
            yield f"{it} has these words in a name that is searched"


def main():
    text = SUITE.read_text(encoding="utf-8")
    suite = json.loads(text)
    found = records.by_reference(records.read())
    types = set(re.findall(r"^type (\w+) implements Node", SCHEMA.read_text(encoding="utf-8"), re.M))
    faults = []
    for entry in suite:
        faults += [f"{entry.get('query')!r}: {fault}" for fault in faults_of(entry, found, types)]
    keys = collections.Counter((it["query"], tuple(it.get("types", []))) for it in suite)
    faults += [f"{query!r}: stands {count} times" for (query, _), count in keys.items() if count > 1]
    counts = collections.Counter(it["kind"] for it in suite)
    faults += [f"{kind}: only {counts[kind]}" for kind in KINDS - SMALL_KINDS if counts[kind] < AT_LEAST]
    if len(suite) < ALL_AT_LEAST:
        faults.append(f"only {len(suite)} queries")
    if any(unicodedata.combining(c) for c in text):
        faults.append("a combining mark that is not written as \\u")
    lines = [line for line in text.splitlines() if line not in ("[", "]", "")]
    if len(lines) != len(suite):
        faults.append("one query stands on each line")
    print(*faults, sep="\n", end="\n" if faults else "", file=sys.stderr)
    for kind, count in counts.items():
        print(f"{count:4} {kind}")
    print(f"{len(suite):4} queries, {len({it['expect'] for it in suite})} records expected, "
          f"of {len({it['expect'].split('/')[0] for it in suite})} types")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
