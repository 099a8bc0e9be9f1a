// Documents and variables that nobody sends who wants an answer, and the edges of all limits. All of them are made when
// the tests run.
import { getIntrospectionQuery } from "graphql";

import { times, words } from "./chance.js";

const HUE = `city(by: { slug: "hue" })`;
const BY_FILTER = "query ($v: CityFilter) { cities(first: 1, filter: $v) { totalCount nodes { id } } }";

/** A text between as many opening and closing ones. */
const nested = (count, open, inner, close) => open.repeat(count) + inner + close.repeat(count);

/** The most of something, and one more: `code` and `limit` are what the second is refused with, and the first is not. */
const edge = (name, most, make, code, limit) => {
  const asked = (count) => {
    const made = make(count);
    return typeof made === "string" ? { query: made } : made;
  };
  const [within, beyond] = [most, most + 1].map((count) => ({ name: `${count} ${name}`, ...asked(count) }));
  return [
    { ...within, not: { code, limit } },
    { ...beyond, refused: { code, limit } },
  ];
};

const [LARGE, COMPLEX, FILTER] = ["DOCUMENT_TOO_LARGE", "DOCUMENT_TOO_COMPLEX", "FILTER_INVALID"];
const filter = (v) => ({ query: BY_FILTER, variables: { v } });
const slug = (value) => ({ slug: { eq: value } });

/** A condition below as many levels of others. */
const below = (levels, wrap, inner = slug("hue")) => times(levels, wrap).reduce((it, around) => around(it), inner);
const [and, or, not] = [(it) => ({ and: [it] }), (it) => ({ or: [it] }), (it) => ({ not: it })];
const inTurn = (n) => [and, or, not][n % 3];

/** 43 conditions: a list, two for each slug, and one for ten values of a list. */
const twenty = () => ({ or: times(20, (n) => slug(`${n}`)) });
/** Two conditions, and one for ten values. */
const oneOf = (count) => ({ slug: { in: times(count, String) } });

/** Each limit of the gate and of the filters: one step within it, and one beyond. */
const edges = [
  ...edge("characters", 15_000, (count) => "{ __typename }#".padEnd(count, "ộ"), LARGE, "characters"),
  ...edge("tokens", 2_000, (count) => `{ ${HUE} { ${"slug ".repeat(count - 14)} } }`, LARGE, "tokens"),
  ...edge("brackets", 100, (count) => `{ a(b: ${nested(count - 2, "[", "1", "]")}) }`, COMPLEX, "nesting"),
  ...edge("operations", 20, (count) => words(count, (n) => `query q${n} { __typename }`), COMPLEX, "operations"),
  ...edge(
    "selections",
    5_000,
    (count) =>
      `{ ${HUE} { ${"...f ".repeat(10)} ${"slug ".repeat(count - 4_991)} } } fragment f on City { ${"slug ".repeat(498)} }`,
    COMPLEX,
    "selections",
  ),
  ...edge(
    "fields inside each other",
    12,
    (count) =>
      `{ ${HUE} { ${times(count - 2, (n) => ["country", "cities(first: 1)", "nodes"][n % 3]).join(" { ")} { id ${"}".repeat(count)}`,
    COMPLEX,
    "depth",
  ),
  ...edge("levels", 32, (count) => `{ ${nested(count - 1, "... { ", "__typename", " }")} }`, COMPLEX, "levels"),
  ...edge("fields of the root", 20, (count) => `{ ${"__typename ".repeat(count)} }`, COMPLEX, "rootFields"),
  ...edge("aliases", 30, (count) => `{ ${HUE} { ${words(count, (n) => `a${n}: slug`)} } }`, COMPLEX, "aliases"),
  ...edge(
    "directives",
    50,
    (count) => `{ ${HUE} { ${"slug @skip(if: false) ".repeat(count)} } }`,
    COMPLEX,
    "directives",
  ),
  ...edge(
    "fields inside each other of the schema",
    20,
    (count) => `{ __schema { queryType { ${nested(count - 2, "ofType { ", "name", " }")} } } }`,
    COMPLEX,
    "introspectionDepth",
  ),
  ...edge(
    "lists inside each other of the schema",
    2,
    (count) => `{ __schema { types { ${nested(count - 1, "fields { type { ", "name", " } }")} } } }`,
    COMPLEX,
    "introspectionLists",
  ),
  ...edge("filters side by side", 20, (count) => filter({ or: times(count, (n) => slug(`${n}`)) }), FILTER),
  ...edge(
    "conditions",
    500,
    (count) => filter({ or: [...times(11, twenty), oneOf(62), oneOf(62), oneOf(62 + count - 500)] }),
    COMPLEX,
    "conditions",
  ),
  ...edge("operands", 100, (count) => filter({ slug: { in: times(count, String) } }), FILTER),
  ...edge("ids", 100, (count) => filter({ id: { in: times(count, (n) => `city_${n}`) } }), FILTER),
  ...edge("characters of an operand", 1_000, (count) => filter({ name: { contains: "ộ".repeat(count) } }), FILTER),
  ...edge("levels of filters in variables", 12, (count) => filter(below(count, inTurn)), FILTER),
  ...edge(
    "levels of filters in literals",
    12,
    (count) => `{ cities(filter: ${nested(count, "{not: ", "{}", "}")}) { totalCount } }`,
    FILTER,
  ),
  ...edge("records of a page", 100, (count) => `{ cities(first: ${count}) { nodes { name } } }`, "PAGE_INVALID"),
  ...edge("keys of a page", 1_000, (count) => `{ cities(first: ${count}) { nodes { id } } }`, "PAGE_INVALID"),
];

/** Lists of keys that are too long are refused where they are read. */
const lists = [1, 100, 101, 20_000].flatMap((count) => [
  {
    name: `${count} ids`,
    query: "query ($v: [ID!]!) { nodes(ids: $v) { id } }",
    variables: { v: times(count, (n) => `city_${n}`) },
  },
  {
    name: `${count} values`,
    query: `query ($v: [String!]!) { byIdentifier(scheme: "GEONAMES", values: $v) { value } }`,
    variables: { v: times(count, String) },
  },
  {
    name: `${count} representations`,
    query: "query ($v: [_Any!]!) { _entities(representations: $v) { __typename } }",
    variables: { v: times(count, (n) => ({ __typename: "City", slug: `${n}` })) },
  },
]);

const many = [
  // Brackets of each kind, open and closed.
  ..."{ ( [ {a( {a{ {a(b:[ {a(b:{c: ...{ [["
    .split(" ")
    .flatMap((open) => [open.repeat(Math.floor(14_000 / open.length)), `{ a(b: ${open.repeat(500)}`]),
  "}".repeat(15_000),
  `query ($v: ${nested(98, "[", "Int", "]")}) { __typename }`,
  `query ($v: ${nested(90, "[", "Int", "]")} = ${nested(90, "[", "1", "]")}) { __typename @skip(if: $v) }`,
  `{ a(b: ${nested(97, "{c:", "1", "}")}) }`,
  nested(30, "{ a ", "", "}"),
  // Fragments that open to much, hold themselves, or are not there.
  `{ ...f0 } ${words(40, (n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`)} fragment f40 on Query { __typename }`,
  `{ ...f0 } ${words(28, (n) => `fragment f${n} on Query { ...f${n + 1} }`)} fragment f28 on Query { __typename }`,
  "{ ...a } fragment a on Query { ...a }",
  `{ ...f0 } ${words(100, (n) => `fragment f${n} on Query { ...f${(n + 1) % 100} }`)}`,
  `{ ...f0 } ${words(40, (n) => `fragment f${n} on Query { ${words(5, (m) => `...f${(n * 5 + m) % 40}`)} }`)}`,
  `{ __typename } ${words(300, (n) => `fragment f${n} on City { slug }`)}`,
  `{ ${words(500, (n) => `...f${n}`)} }`,
  `{ ${HUE} { ${"...f ".repeat(980)} } } fragment f on City { slug }`,
  `{ ${HUE} { ${"...f ".repeat(980)} } }`,
  `{ ${HUE} { ${"...f ".repeat(60)} } } fragment f on City { ${"slug ".repeat(80)} }`,
  `{ ${HUE} { ${"... on City { slug } ".repeat(330)} } }`,
  `{ ${HUE} { ${nested(29, "... { slug ", "slug ".repeat(1_500), "}")} } }`,
  words(2, () => "fragment a on City { slug }") + "{ ...a }",
  // Much of the same, and of what is not there.
  `{ ${HUE} { ${"slug ".repeat(1_980)} } }`,
  `{ ${HUE} { ${words(100, (n) => `x${n}`)} } }`,
  `{ ${HUE} { ${words(100, (n) => `${"x".repeat(140)}${n}`)} } }`,
  `{ ${words(20, (n) => `${"x".repeat(740)}${n}`)} }`,
  `{ ${HUE} { ${"x".repeat(14_900)} } }`,
  `{ ${HUE} { ${words(300, (n) => `... on X${n} { a }`)} } }`,
  `{ ${HUE} { ${"links { totalCount } ".repeat(480)} } }`,
  `{ ${HUE} { ${words(150, (n) => `links(first: ${(n % 100) + 1}) { totalCount }`)} } }`,
  `{ ${HUE} { ${words(150, (n) => `a: links(first: ${n % 2}) { totalCount }`)} } }`,
  `{ ${HUE} { ${words(600, (n) => `a: ${["slug", "id", "version"][n % 3]}`)} } }`,
  `{ ${words(20, (n) => `a${n}: cities(first: 100) { nodes { name } }`)} }`,
  `{ ${HUE} { ${words(30, (n) => `a${n}: name(lang: "vi")`)} } }`,
  `{ __typename ${"@skip(if: false) ".repeat(300)} }`,
  `{ __typename ${"@x ".repeat(900)} }`,
  `query ${"@x ".repeat(900)} { __typename }`,
  `{ __typename @skip(${words(400, (n) => `if${n}: true`)}) }`,
  `{ cities(${words(400, (n) => `first: ${n}`)}) { totalCount } }`,
  `{ cities(${words(400, (n) => `x${n}: ${n}`)}) { totalCount } }`,
  `{ cities(filter: {${words(400, (n) => `x${n}: ${n}`)}}) { totalCount } }`,
  `{ cities(filter: {${words(200, () => `slug: {eq: "a"}`)}}) { totalCount } }`,
  `query (${words(500, (n) => `$v${n}: Int`)}) { __typename }`,
  `query (${words(450, () => "$v: Int")}) { __typename }`,
  `query (${words(180, (n) => `$v${n}: Int`)}) { ${HUE} { ${words(180, (n) => `links(first: $v${n}) { totalCount }`)} } }`,
  `query ($v: X${"x".repeat(14_000)}) { __typename }`,
  `query (${words(300, (n) => `$v${n}: X${n}`)}) { __typename }`,
  words(300, () => "{ __typename }"),
  words(20, () => "query a { __typename }"),
  "mutation { a } subscription { b } query { c }",
  // Long and odd words, texts and numbers.
  `{ ${"a".repeat(14_990)} }`,
  `{ ${"a".repeat(7_000)}: ${"b".repeat(7_000)} }`,
  `query ${"a".repeat(14_900)} { __typename }`,
  `{ cities(first: ${"9".repeat(14_000)}) { totalCount } }`,
  `{ cities(first: -${"9".repeat(300)}) { totalCount } }`,
  `{ cities(filter: {areaKm2: {gt: 0.${"0".repeat(9_000)}1}}) { totalCount } }`,
  `{ cities(filter: {areaKm2: {gt: 1e${"9".repeat(9_000)}}}) { totalCount } }`,
  `{ cities(filter: {areaKm2: {gt: 1e308, lt: -1e308}}) { totalCount } }`,
  `{ cities(filter: {name: {contains: "${"x".repeat(14_900)}"}}) { totalCount } }`,
  `{ cities(filter: {name: {contains: """${'\n \\""" '.repeat(1_500)}"""}}) { totalCount } }`,
  `{ cities(filter: {name: {contains: """${times(600, (n) => " ".repeat(n % 30)).join("\n")}"""}}) { totalCount } }`,
  `{ cities(filter: {name: {contains: "${"\\u0000".repeat(100)}"}}) { totalCount } }`,
  `{ cities(filter: {name: {contains: "${"\\ud83d".repeat(100)}"}}) { totalCount } }`,
  `{ cities(filter: {name: {contains: "\\u{110000}\\u{ffffffffffff}\\u{}"}}) { totalCount } }`,
  `{ cities(filter: {name: {containsFolded: "${"\u0323\u0302".repeat(490)}"}}) { totalCount } }`,
  `{ cities(filter: {name: {contains: "${"%_\\\\".repeat(300)}"}}) { totalCount } }`,
  "#".repeat(15_000),
  `{ __typename ${"#\n".repeat(7_000)} }`,
  `{ __typename ${",".repeat(14_000)} }`,
  `${"\ufeff".repeat(10)}{ __typename }`,
  "\ufeff{ __typename }",
  "{ \u202e__typename\u202c }",
  "{ __typename\u0000 }",
  "{ __typenamé }",
  "{ \ud800 }",
  "{ 😀: __typename }",
  "{\r__typename\r\n\u2028}",
  '"'.repeat(15_000),
  '"""'.repeat(5_000),
  '"\\'.repeat(7_000),
  "",
  " ",
  "\u0000",
  "type A { a: Int } extend schema @a",
  // The schema in every way.
  getIntrospectionQuery(),
  `{ ${words(20, (n) => `a${n}: __schema { types { name } }`)} }`,
  `{ ${words(20, (n) => `a${n}: __type(name: "City") { fields { name type { fields { name } } } }`)} }`,
  `{ __schema { types { ${nested(8, "fields { type { ", "name", " } }")} } } }`,
  `{ __schema { types { possibleTypes { interfaces { possibleTypes { name } } } } } }`,
  `{ ${HUE} { __schema { types { name } } __typename { name } } }`,
  `{ __type(name: "${"x".repeat(14_900)}") { name } }`,
  `{ __type(name: "\\u0000") { name } __type(name: "a") { name } }`,
  "{ _service { sdl } }",
  `{ ${words(20, (n) => `a${n}: _service { sdl }`)} }`,
  // Interfaces and unions on the way, and pages below pages.
  ...times(5, (n) => {
    const hop = (inner) => `links(first: 1) { nodes { to { ${inner} } from { ${inner} } } }`;
    return `{ ${HUE} { ${below(n, () => hop, "id name")} } }`;
  }),
  ...times(5, (n) => {
    const hop = (inner) =>
      `... on Described { links(first: 1) { nodes { to { ${inner} } } } claims(first: 1) { nodes { subject { ${inner} } } } }`;
    return `{ nodes(ids: ["a"]) { ${below(n, () => hop, "id")} } }`;
  }),
  ...[1, 10, 100].map((first) => {
    const hop = (inner) => `country { cities(first: ${first}) { nodes { ${inner} } } }`;
    return `{ ${HUE} { ${below(3, () => hop, "id name")} } }`;
  }),
  `{ ${words(20, (n) => `a${n}: cities(first: 1000) { nodes { id slug updatedAt } }`)} }`,
  `{ nodes(ids: [${words(100, (n) => `"city_${n}"`)}]) { ${words(20, (n) => `... on Described { links(first: ${n + 1}) { totalCount } }`)} } }`,
  // Orders and groups.
  `{ cities(orderBy: [${"{field: NAME} ".repeat(200)}]) { totalCount } }`,
  `{ cities(orderBy: [${"{field: X} ".repeat(200)}]) { totalCount } }`,
  `{ cityStats(groupBy: [${"COUNTRY ".repeat(1_000)}]) { groups { count } } }`,
  `{ cityStats(first: 1000, groupBy: [COUNTRY, KIND, CONTINENT]) { groups { count country { name } } } }`,
  `{ ${HUE} { name(lang: [${words(900, (n) => `"a${n}"`)}]) } }`,
  `{ ${HUE} { identifiers(scheme: [${words(900, (n) => `"A${n}"`)}]) { value } } }`,
  `{ cities(after: "${"x".repeat(14_000)}", before: "", first: -1, last: 0) { totalCount } }`,
].map((query) => ({ name: JSON.stringify(query).slice(0, 60), query }));

const values = [
  ...[13, 20, 50, 60, 100, 126, 2_000].flatMap((levels) =>
    [
      ["not", () => not],
      ["in turn", inTurn],
      ["to one", (n) => (n % 2 ? (it) => ({ country: it }) : (it) => ({ cities: { some: it } }))],
    ].map(([name, wrap]) => ({ name: `filters ${levels} levels deep: ${name}`, ...filter(below(levels, wrap)) })),
  ),
  ...[20, 90, 97].map((levels) => ({
    name: `filters ${levels} levels deep in literals`,
    query: `{ cities(filter: ${nested(levels, "{not: ", "{}", "}")}) { totalCount } }`,
  })),
  {
    name: "an empty everything",
    ...filter({ and: [], or: [], not: {}, slug: {}, id: {}, name: {}, country: {}, initiatives: {} }),
  },
  { name: "a long text", ...filter({ name: { contains: "x".repeat(900_000) } }) },
  { name: "many long texts", ...filter({ slug: { in: times(100, () => "x".repeat(9_000)) } }) },
  { name: "many texts that are none", ...filter({ slug: { in: new Array(50_000).fill(1) } }) },
  { name: "many filters that are none", ...filter({ or: new Array(50_000).fill(null) }) },
  { name: "a list of lists", ...filter(times(100, () => times(100, () => ({})))) },
  { name: "a name of a megabyte", ...filter({ ["x".repeat(900_000)]: 1 }) },
  {
    name: "many variables that nobody has declared",
    query: "{ __typename }",
    variables: Object.fromEntries(times(50_000, (n) => [`v${n}`, n])),
  },
  { name: "an operation that is not there", query: "{ __typename }", operationName: "x".repeat(500_000) },
];

/** Conditions on slugs, side by side in lists of lists of 20. */
function conditions(count) {
  let list = times(count, (n) => slug(`${n}`));
  while (list.length > 1) list = times(Math.ceil(list.length / 20), (n) => ({ or: list.slice(n * 20, n * 20 + 20) }));
  return list[0];
}

/** A list of lists of conditions: as many as may be side by side, as often as they may be there at all. */
const grid = (lists, each, make) => ({ or: times(lists, (n) => ({ or: times(each, (m) => make(`${n} ${m}`)) })) });
const operands = (text) => ({ slug: { in: times(100, (n) => `${text} ${n}`) } });

/** What would take long if it were looked at to its end. */
const uncounted = [
  { name: "20,000 keys that are not there", ...filter(Object.fromEntries(times(20_000, (n) => [`populat${n}`, 1]))) },
  {
    name: "15,000 words of an enum that are not there",
    query: "query ($v: [ClaimProperty!]) { conflicts(property: $v) { totalCount } }",
    variables: { v: times(15_000, (n) => `${"ABCDEFGHIJ".repeat(5)}${n}`) },
  },
  { name: "8,000 conditions", ...filter(conditions(8_000)) },
  { name: "40,000 conditions", ...filter(conditions(40_000)) },
  { name: "40,000 operands", ...filter(grid(20, 20, operands)) },
  { name: "240 texts to look for", ...filter(grid(12, 20, (text) => ({ name: { containsFolded: text } }))) },
  { name: "19,000 operands", ...filter(grid(10, 19, operands)) },
];

export const cases = [...edges, ...lists, ...many, ...values, ...uncounted];

/** What is allowed, and would take the database long if it were asked for each row anew. */
const cities = (quantity) => () => (it) => ({ country: { cities: { [quantity]: it } } });
export const dear = ["every", "some", "none"].flatMap((quantity) =>
  [2, 4].map((levels) => ({
    name: `${quantity} of the cities of the countries of cities, ${levels} times`,
    ...filter(below(levels, cities(quantity), { population: { gt: -1 } })),
  })),
);

/** Questions with as many operands each, of which no two are the same statement. */
export const variety = (count) =>
  times(count, (n) => filter({ or: [grid(3, 10, operands), { slug: { in: times(n + 1, String) } }] }));
