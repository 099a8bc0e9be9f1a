// Bodies that are no requests, or only nearly: what has gone wrong on the way, and what somebody tries.
import { gzipSync } from "node:zlib";

import { Chance, times } from "./chance.js";

const QUERY = "query Q($v: CityFilter, $n: Int) { cities(filter: $v, first: $n) { nodes { id name } totalCount } }";
export const GOOD = JSON.stringify({
  query: QUERY,
  operationName: "Q",
  variables: { v: { or: [{ slug: { eq: "hue" } }, { name: { contains: 'Hà \u0110 😀 \\ "' } }] }, n: 3 },
  extensions: { persistedQuery: null, more: [1.5e3, true] },
});
const HASH = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";
const KEYS = ["query", "operationName", "variables", "extensions"];
export const DEPTHS = [2, 60, 126, 127, 128, 129, 1_000, 100_000];
const NUMBERS = [
  "9".repeat(5_000),
  `-${"9".repeat(5_000)}`,
  `0.${"0".repeat(5_000)}1`,
  `1e${"9".repeat(400)}`,
  `1e-${"9".repeat(400)}`,
  "1e400",
  "-1e400",
  "-0",
  "-0.0",
  "01",
  "+1",
  "1.",
  ".5",
  "0x10",
  "1e",
  "NaN",
  "-Infinity",
  "1_000",
  "9007199254740993",
  "18446744073709551616",
  "-9223372036854775809",
];
export const VALUES = [
  "null",
  "true",
  "0",
  "-1",
  "1.5",
  '""',
  '"x"',
  "[]",
  "{}",
  "[[]]",
  "[null]",
  '{"":""}',
  '{"v":null}',
  '{"v":[1]}',
  "undefined",
  "'x'",
  '"{ __typename }"',
  '["{ __typename }"]',
  '{"query":"{ __typename }"}',
  ...NUMBERS,
];
/** Bytes that are not UTF-8: too long, too short, surrogates, beyond the last character, ones that are never there. */
export const NOT_UTF8 = [
  "ff",
  "fe",
  "c0af",
  "c328",
  "e28228",
  "f0288cbc",
  "f4908080",
  "eda080",
  "edbfbf",
  "e1bb",
  "80",
  "f8888080",
];
const TEXTS = [
  "\\ud800",
  "\\udfff\\ud800",
  "\\u0000",
  "\\u00",
  "\\x41",
  "\\",
  "\u0000",
  "\n",
  "\t",
  "\u007f",
  "\ufeff",
  "\u2028",
  "\u{10ffff}",
];
const TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "application/json; charset=UTF-8; charset=utf-16",
  "application/json; charset=utf-16",
  'application/json; charset="',
  "application/json;;;=;",
  "application/json, text/plain",
  "application/graphql",
  "application/graphql+json",
  "application/graphql-response+json",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "multipart/form-data",
  "multipart/mixed",
  "text/plain",
  "text/html",
  "application/xml",
  "application/x-ndjson",
  "*/*",
  "/",
  "json",
  "application/json\tx",
  "x".repeat(5_000),
  "",
];
const CODINGS = ["gzip", "br", "deflate", "zstd", "identity", "gzip, gzip", "identity, gzip", "x", "", "chunked"];
const ACCEPTS = [
  "application/json",
  "application/graphql-response+json",
  "text/event-stream",
  "*/*",
  "text/html",
  "x",
  "",
  ";;;",
  "a/b;q=2",
  "*/*;q=0",
  `${"text/html,".repeat(500)}*/*`,
  "text/event-stream;q=0.1, application/json;q=0.9",
  "multipart/mixed",
];

/** A request with one of its keys given as this text. */
const key = (name, value) => {
  const all = {
    query: JSON.stringify(QUERY),
    operationName: '"Q"',
    variables: '{"n":1}',
    extensions: "{}",
    [name]: value,
  };
  const pairs = Object.entries(all).map(([name, value]) => `${JSON.stringify(name)}:${value}`);
  return `{${pairs.join(",")}}`;
};

/** A text with something put into it, in place of some of it. */
export const put = (chance, bytes, what) => {
  const at = chance.int(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at + chance.int(3))]);
};

/** Ways to make a body. Each gives it, and headers if they are others than usual. */
const WAYS = {
  "cut off": (chance) => ({ body: GOOD.slice(0, chance.int(GOOD.length)) }),
  "with more behind": (chance) => ({ body: GOOD + chance.pick(["}", "]", ",", "{}", GOOD, "\u0000", " x", "\n\n"]) }),
  "not UTF-8": (chance) => ({ body: put(chance, Buffer.from(GOOD), Buffer.from(chance.pick(NOT_UTF8), "hex")) }),
  "with a byte that does not belong there": (chance) => ({
    body: put(chance, Buffer.from(GOOD), chance.bytes(1 + chance.int(3))),
  }),
  "with an odd text": (chance) => ({ body: put(chance, Buffer.from(GOOD), Buffer.from(chance.pick(TEXTS))) }),
  nested: (chance) => {
    const depth = chance.is(0.03) ? 100_000 : chance.pick(DEPTHS.slice(0, -1));
    const [open, close] = chance.pick([
      ["[", "]"],
      ['{"a":', "}"],
      ['[{"v":[', "]}]"],
    ]);
    const value = open.repeat(depth) + "1" + (chance.is(0.5) ? close.repeat(depth) : "");
    const name = chance.pick([...KEYS, "more"]);
    return {
      body: chance.is(0.2) ? value : key(name, chance.is(0.5) ? value : `{"v":${value},"persistedQuery":${value}}`),
    };
  },
  "with an odd value": (chance) => {
    const value = chance.pick(VALUES);
    const wrapped = [
      value,
      `{"v":${value}}`,
      `{"n":${value}}`,
      `{"v":{"or":${value}}}`,
      `{"v":{"slug":{"eq":${value}}}}`,
      `{"persistedQuery":${value}}`,
    ];
    return { body: key(chance.pick(KEYS), chance.pick(wrapped)) };
  },
  "a value alone": (chance) => ({ body: chance.pick(VALUES) }),
  "with a key twice": (chance) => {
    const name = chance.pick(KEYS);
    return { body: GOOD.replace(/\}$/, `,"${name}":${chance.pick(VALUES)},"${name}":${chance.pick(VALUES)}}`) };
  },
  "in another coding of Unicode": (chance) => {
    const utf16 = Buffer.from(`\ufeff${GOOD}`, "utf16le");
    const body = chance.pick([
      utf16,
      Buffer.from(utf16).swap16(),
      Buffer.from(`\ufeff${GOOD}`),
      Buffer.from(GOOD, "latin1"),
      Buffer.alloc(99),
    ]);
    return { body, headers: { "content-type": chance.pick(TYPES) } };
  },
  "of another type": (chance) => ({
    body: chance.pick([GOOD, QUERY, `query=${encodeURIComponent(QUERY)}`]),
    headers: { "content-type": chance.pick(TYPES) },
  }),
  packed: (chance) => {
    const packed = gzipSync(chance.is(0.1) ? Buffer.alloc(5_000_000, " ") : GOOD);
    return {
      body: chance.pick([packed, GOOD, packed.subarray(0, 30)]),
      headers: { "content-encoding": chance.pick(CODINGS) },
    };
  },
  "for an odd client": (chance) => ({
    body: GOOD,
    headers: {
      accept: chance.pick(ACCEPTS),
      "accept-language": chance.pick(["vi", "*", "x".repeat(3_000), "vi;q=9, en;q=-1", ",,,", "\u00ff"]),
    },
  }),
  "by a hash": (chance) => {
    const hash = chance.pick([
      HASH,
      HASH.toUpperCase(),
      "",
      "x",
      HASH.slice(1),
      `${HASH}0`,
      "g".repeat(64),
      "ộ".repeat(32),
      "\u0000".repeat(64),
      1,
      null,
      [],
      {},
      true,
    ]);
    const version = chance.pick([1, 1, 1, 0, 2, -1, 1.5, "1", null, [], 1e300]);
    const persistedQuery = chance.pick([
      { version, sha256Hash: hash },
      { version, sha256Hash: hash, more: {} },
      [version, hash],
      { sha256Hash: hash },
      { version },
      hash,
      {},
      [],
    ]);
    const query = chance.pick([undefined, null, "{ __typename }", "", QUERY, 1]);
    return {
      body: JSON.stringify({ query, extensions: chance.pick([{ persistedQuery }, [persistedQuery], persistedQuery]) }),
    };
  },
  "a list": (chance) => {
    const one = () =>
      chance.pick([GOOD, GOOD, key(chance.pick(KEYS), chance.pick(VALUES.slice(0, 14))), ...VALUES.slice(0, 14)]);
    const list = `[${times(chance.pick([0, 1, 2, 3, 10, 11, 30]), one).join(",")}]`;
    return { body: chance.pick([list, list, list, ` \n${list}`, list.slice(0, -1), `[${list}]`, `\ufeff${list}`]) };
  },
  long: (chance) => {
    const most = 1024 * 1024;
    const length = chance.pick([most - 1, most, most + 1, 2 * most]);
    return {
      body: chance.pick([
        GOOD.padEnd(length, " "),
        "x".repeat(length),
        `{"query":"${"x".repeat(length - 12)}"}`,
        `{"a":[${"1,".repeat(length / 2 - 5)}1]}`,
      ]),
    };
  },
  "nothing that anybody has thought of": (chance) => ({ body: chance.bytes(chance.int(200)) }),
};
const NAMES = Object.keys(WAYS);
/** They take a megabyte each, so that some are enough. */
const isRare = (name) => name === "long";

/** One body, the `n`th of its seed. */
export function body(n) {
  const chance = new Chance(n);
  let name = NAMES[n % NAMES.length];
  if (isRare(name) && !chance.is(0.05)) name = "with an odd value";
  const { body, headers = {} } = WAYS[name](chance);
  return { name: `body ${n}, ${name}`, body, headers: { "content-type": "application/json", ...headers } };
}
