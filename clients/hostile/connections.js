// All that a client sends over a connection, byte by byte: what is no HTTP, no frame of a WebSocket, no body as long as
// it says.
import { DEPTHS, GOOD, NOT_UTF8, VALUES, put } from "./bodies.js";
import { Chance, times } from "./chance.js";

/** A frame that is not as it should be, or says what it should not. */
const wrongFrame = (chance) => {
  const text = Buffer.from(JSON.stringify({ type: "subscribe", id: "1", payload: JSON.parse(GOOD) }));
  return chance.pick([
    frame({ payload: put(chance, text, Buffer.from(chance.pick(NOT_UTF8), "hex")) }),
    frame({ payload: text.subarray(0, chance.int(text.length)) }),
    frame({ payload: Buffer.from(chance.pick(VALUES)) }),
    frame({ payload: Buffer.from(`{"type":"subscribe","id":"1","payload":${"[".repeat(chance.pick(DEPTHS))}`) }),
    frame({
      payload: Buffer.from(
        `{"type":${chance.pick(VALUES)},"id":${chance.pick(VALUES)},"payload":${chance.pick(VALUES)}}`,
      ),
    }),
    frame({ payload: text, length: chance.pick([2 ** 20 + 1, 2 ** 40, Number.MAX_SAFE_INTEGER]) }),
    frame({ payload: text, length: text.length + 5 }),
    frame({ payload: text, opcode: chance.int(16) }),
    frame({ payload: text, first: chance.int(256) }),
    frame({ payload: text, isMasked: false }),
    frame({ payload: Buffer.alloc(200), opcode: 9 }),
    frame({ payload: chance.bytes(chance.int(4)), opcode: 8 }),
    Buffer.concat(times(200, () => frame({ payload: text.subarray(0, 10), first: 1 }))),
    chance.bytes(100),
  ]);
};

/** A frame of a WebSocket, right or wrong. */
function frame({ payload, opcode = 1, first = 0x80 | opcode, isMasked = true, length = payload.length }) {
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = 127 | (isMasked ? 0x80 : 0);
  head.writeBigUInt64BE(BigInt(length), 2);
  // With a mask of zeros the payload stays what it is.
  return Buffer.concat([head, isMasked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}

const UPGRADE = [
  "GET /graphql HTTP/1.1",
  "host: a",
  "connection: upgrade",
  "upgrade: websocket",
  "sec-websocket-version: 13",
  "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol: graphql-transport-ws",
];
const head = (lines) => Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
const POST = ["POST /graphql HTTP/1.1", "host: a", "content-type: application/json"];
const length = Buffer.byteLength(GOOD);

const WAYS = {
  "a length that is wrong": (chance) => {
    const lengths = [
      0,
      1,
      length - 1,
      length + 1,
      length + 100,
      2 ** 31,
      "18446744073709551616",
      "9".repeat(300),
      -1,
      "+1",
      "1.5",
      "0x10",
      "",
      " ",
      "a",
      "1 1",
      `${length}, ${length}`,
    ];
    const lines = times(1 + chance.int(2), () => `content-length: ${chance.pick(lengths)}`);
    return Buffer.concat([head([...POST, ...lines]), Buffer.from(GOOD)]);
  },
  "no length": (chance) =>
    Buffer.concat([head([...POST, ...(chance.is(0.5) ? ["connection: close"] : [])]), Buffer.from(GOOD)]),
  "broken chunks": (chance) => {
    const size = chance.pick([
      length.toString(16),
      "0",
      "5",
      "ffffffffffffffff",
      "fffffffffffffffff",
      "-1",
      "g",
      "",
      " 5",
      "5;a=b",
      `5;${"a".repeat(20_000)}`,
      "0x5",
      "5\n",
    ]);
    const end = chance.pick([
      "\r\n0\r\n\r\n",
      "\r\n",
      "0\r\n\r\n",
      "\r\n0\r\na: b\r\n\r\n",
      `\r\n0\r\n${"a: b\r\n".repeat(2_000)}\r\n`,
      "\r\n0\r\n\u0000: \u0000\r\n\r\n",
      "",
    ]);
    const coding = chance.pick([
      "chunked",
      "chunked",
      "Chunked",
      "chunked, chunked",
      "gzip, chunked",
      "chunked, gzip",
      "x",
      "identity",
    ]);
    const more = chance.is(0.2) ? [`content-length: ${length}`] : [];
    return Buffer.concat([
      head([...POST, `transfer-encoding: ${coding}`, ...more]),
      Buffer.from(`${size}\r\n`),
      Buffer.from(GOOD),
      Buffer.from(end),
    ]);
  },
  "odd lines and headers": (chance) => {
    const line = chance.pick([
      "GET / HTTP/1.1",
      "GET /graphql?query=%7B__typename%7D HTTP/1.0",
      "GET / HTTP/0.9",
      "GET / HTTP/2.0",
      "GET / HTTP/9.9",
      "PRI * HTTP/2.0",
      "GET",
      "",
      " ",
      "GET  /  HTTP/1.1",
      `GET /graphql?query=${"a".repeat(100_000)} HTTP/1.1`,
      `GET /${"a/".repeat(30_000)} HTTP/1.1`,
      "GET /graphql?query=%ff%00%zz& HTTP/1.1",
      "GET http://a/graphql HTTP/1.1",
      "OPTIONS * HTTP/1.1",
      "CONNECT a:1 HTTP/1.1",
      "TRACE / HTTP/1.1",
      "DELETE /graphql HTTP/1.1",
      "PUT /graphql HTTP/1.1",
      "HEAD /graphql?query=%7B__typename%7D HTTP/1.1",
      `${"X".repeat(5_000)} / HTTP/1.1`,
      "G\u0000T / HTTP/1.1",
      "GET /\u00ff\u0001 HTTP/1.1",
      "GET /../../etc/passwd HTTP/1.1",
      "GET /assets/..%2f..%2fx HTTP/1.1",
      "GET /graphql#a HTTP/1.1",
      `GET /graphql?${"&=".repeat(20_000)} HTTP/1.1`,
    ]);
    const headers = times(chance.int(4), () =>
      chance.pick([
        "host: a",
        "host: b",
        "host: \u0000",
        "host",
        ": a",
        "a b: c",
        " folded: a",
        "a: b\n c",
        `a: ${"x".repeat(100_000)}`,
        "expect: 100-continue",
        "expect: x",
        "connection: close",
        "connection: upgrade",
        "upgrade: h2c",
        "upgrade: websocket",
        "range: bytes=0-0,1-",
        "if-none-match: \u00ff",
        "if-none-match: *",
        "origin: \u00ff",
        "origin: null",
        "content-length: 5",
        "transfer-encoding: chunked",
        `cookie: ${"a=b;".repeat(5_000)}`,
        "x-request-id: \u00ff",
        `x-request-id: ${"x".repeat(5_000)}`,
        "sec-websocket-version: 12",
        "te: trailers",
        "accept-encoding: gzip;q=x",
        times(150, (n) => `h${n}: a`).join("\r\n"),
      ]),
    );
    return head([line, ...headers]);
  },
  "another protocol": (chance) =>
    chance.pick([
      Buffer.from("160301020001000200fc0303", "hex"),
      Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      Buffer.from("SSH-2.0-x\r\n"),
      Buffer.from("\r\n".repeat(5_000)),
      Buffer.alloc(1_000),
      chance.bytes(300),
      Buffer.from("*1\r\n$4\r\nPING\r\n"),
      Buffer.from('{"query":"{ __typename }"}\n\n'),
    ]),
  "a byte that does not belong there": (chance) =>
    put(
      chance,
      Buffer.concat([head([...POST, `content-length: ${length}`]), Buffer.from(GOOD)]),
      chance.bytes(1 + chance.int(2)),
    ),
  "several at once, the last one cut off": (chance) => {
    const one = Buffer.concat([head([...POST, `content-length: ${length}`]), Buffer.from(GOOD)]);
    return Buffer.concat([...times(chance.int(30), () => one), one.subarray(0, chance.int(one.length))]);
  },
  "an odd upgrade": (chance) => {
    const lines = UPGRADE.filter(() => !chance.is(0.15));
    return Buffer.concat([
      head([...lines, ...(chance.is(0.3) ? [`sec-websocket-key: ${chance.pick(["", "x", "=".repeat(24)])}`] : [])]),
      chance.bytes(20),
    ]);
  },
  "odd frames": (chance) => {
    const init = frame({ payload: Buffer.from('{"type":"connection_init"}') });
    return Buffer.concat([
      head(UPGRADE),
      ...(chance.is(0.7) ? [init] : []),
      ...times(1 + chance.int(3), () => wrongFrame(chance)),
    ]);
  },
};
const NAMES = Object.keys(WAYS);

/** All that is sent over one connection, the `n`th of its seed. */
export function connection(n) {
  const name = NAMES[n % NAMES.length];
  return { name: `connection ${n}, ${name}`, bytes: WAYS[name](new Chance(n)) };
}
