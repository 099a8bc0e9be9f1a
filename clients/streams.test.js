// graphql-ws and graphql-sse against the transports, and what neither of them would ever send by a bare WebSocket.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient as sseClient } from "graphql-sse";
import { createClient as wsClient } from "graphql-ws";
import WebSocket from "ws";

import { counting } from "./counting.js";

const ENDLESS = "subscription { count(to: 1000000000, delayMs: 20) }";

/** A graphql-ws client that ends with the test, and the codes that its sockets were closed with. */
function ws(t, url, options = {}) {
  const closed = [];
  const on = { ...options.on, closed: ({ code, reason }) => closed.push(`${code} ${reason}`) };
  const retryWait = () => sleep(20);
  const client = wsClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, retryWait, ...options, on });
  t.after(() => client.dispose());
  return { client, closed };
}

/** A graphql-sse client that ends with the test. */
function sse(t, url, options = {}) {
  const client = sseClient({ url, retryAttempts: 0, retry: () => sleep(20), ...options });
  t.after(() => client.dispose());
  return client;
}

/** All that comes of an operation. */
async function all(client, query) {
  const results = [];
  for await (const result of client.iterate({ query })) results.push(result);
  return results;
}

/** Waits until something is so. */
async function eventually(isSo) {
  for (let tries = 0; tries < 500; tries += 1) {
    if (isSo()) return;
    await sleep(20);
  }
  assert.fail(`it never became so: ${isSo}`);
}

/** What an operation of graphql-ws is refused with. */
async function refused(client, query) {
  try {
    return await all(client, query);
  } catch (error) {
    return Array.isArray(error) ? error.map(({ extensions }) => extensions.code) : `${error.code} ${error.reason}`;
  }
}

const both = [
  ["graphql-ws", (t, { ws: url }) => ws(t, url).client],
  ["graphql-sse", (t, { http: url }) => sse(t, url)],
];

for (const [name, client] of both) {
  test(`${name}: all three kinds of operations`, async (t) => {
    const server = await counting(t);
    const it = client(t, server);

    assert.deepEqual(await all(it, "{ total }"), [{ data: { total: 0 } }]);
    assert.deepEqual(await all(it, "mutation { add(number: 2) }"), [{ data: { add: 2 } }]);
    const counted = [1, 2, 3].map((count) => ({ data: { count } }));
    assert.deepEqual(await all(it, "subscription { count(to: 3) }"), counted);
    const [{ data }] = await all(it, "{ text(length: 300000) }");
    assert.equal(data.text, "ộ".repeat(300_000));
  });

  test(`${name}: operations beside each other, each ended alone`, async (t) => {
    const server = await counting(t);
    const it = client(t, server);

    const first = it.iterate({ query: ENDLESS });
    const second = it.iterate({ query: ENDLESS });
    for (const count of [1, 2]) {
      for (const iterator of [first, second]) {
        assert.deepEqual((await iterator.next()).value, { data: { count } });
      }
    }
    await first.return();

    assert.deepEqual((await second.next()).value, { data: { count: 3 } });
    assert.deepEqual(await all(it, "{ total }"), [{ data: { total: 0 } }]);
  });

  test(`${name}: a server that stops completes streams and answers queries`, async (t) => {
    const server = await counting(t);
    const it = client(t, server);
    const stream = it.iterate({ query: ENDLESS });
    await stream.next();
    const query = all(it, "{ slow(ms: 500) }");
    await sleep(100);

    server.stop();

    let last;
    for await (const result of stream) last = result;
    assert.ok(last === undefined || last.data.count > 1);
    assert.deepEqual(await query, [{ data: { slow: 500 } }]);
    assert.equal(await server.exited, 0);
  });
}

test("graphql-ws: a document that is wrong is an error", async (t) => {
  const { client, closed } = ws(t, (await counting(t)).ws);

  assert.deepEqual(await refused(client, "{ total"), ["SYNTAX_INVALID"]);
  assert.deepEqual(await refused(client, "subscription { counts }"), ["DOCUMENT_INVALID"]);
  assert.deepEqual(closed.slice(0, -1), closed.slice(0, -1).map(() => "1000 Normal Closure"));
});

test("graphql-sse: a document that is wrong is a result", async (t) => {
  const client = sse(t, (await counting(t)).http);

  for (const query of ["{ sum }", "subscription { counts }"]) {
    const [{ errors }, ...more] = await all(client, query);
    assert.equal(errors[0].extensions.code, "DOCUMENT_INVALID");
    assert.deepEqual(more, []);
  }
});

test("graphql-ws: an operation too many is an error, the others go on", async (t) => {
  const server = await counting(t, { "socket-streams": 1 });
  const { client } = ws(t, server.ws);
  const stream = client.iterate({ query: ENDLESS });
  await stream.next();

  assert.deepEqual(await refused(client, "{ total }"), ["TOO_MANY_STREAMS"]);
  assert.deepEqual((await stream.next()).value, { data: { count: 2 } });
});

test("graphql-ws: 4403 for who may not come in", async (t) => {
  const { client, closed } = ws(t, (await counting(t)).ws, { connectionParams: { token: "nobody" } });

  assert.equal(await refused(client, "{ me }"), "4403 Forbidden: nobody knows nobody");
  assert.deepEqual(closed, ["4403 Forbidden: nobody knows nobody"]);
});

test("graphql-ws: 4403 when the token expires, and on with a new one", async (t) => {
  const tokens = ["ann 100", "bob"];
  const connectionParams = () => ({ token: tokens.shift() });
  const { client, closed } = ws(t, (await counting(t)).ws, { connectionParams, retryAttempts: 1 });

  // What comes after the end of a socket is the stream begun again on another one.
  for await (const { data } of client.iterate({ query: ENDLESS })) {
    if (closed.length > 0) {
      assert.equal(data.count, 1);
      break;
    }
  }

  assert.deepEqual(closed, ["4403 Forbidden: the proof has expired"]);
  assert.deepEqual(tokens, []);
});

test("graphql-ws: 4408 for who takes too long to say who it is", async (t) => {
  const server = await counting(t, { "init-timeout": 100 });
  const { client, closed } = ws(t, server.ws, { connectionParams: () => sleep(1000, {}) });

  assert.equal(await refused(client, "{ me }"), "4408 Connection initialisation timeout");
  assert.deepEqual(closed, ["4408 Connection initialisation timeout"]);
});

test("graphql-ws: 4408 is three seconds away", async (t) => {
  const { ws: url } = await counting(t);
  const start = Date.now();

  assert.deepEqual(await closing(url, []), [4408, "Connection initialisation timeout"]);
  const seconds = (Date.now() - start) / 1000;
  assert.ok(seconds > 2.9 && seconds < 6, String(seconds));
});

test("graphql-ws: a message too large closes with 1009", async (t) => {
  const { client, closed } = ws(t, (await counting(t, { "message-bytes": 1000 })).ws);

  await refused(client, `{ total } # ${"x".repeat(2_000_000)}`);

  assert.deepEqual(closed, ["1009 a message is larger than 1000 bytes"]);
});

test("graphql-ws: a socket too many is closed with 1013 and comes again", async (t) => {
  const server = await counting(t, { "max-streams": 1 });
  const first = ws(t, server.ws).client.iterate({ query: ENDLESS });
  await first.next();
  const second = ws(t, server.ws, { retryAttempts: 1000 });
  const answer = all(second.client, "{ total }");
  await eventually(() => second.closed.length > 0);

  await first.return();

  assert.deepEqual(await answer, [{ data: { total: 0 } }]);
  assert.equal(second.closed[0], "1013 try again later");
});

test("graphql-ws: a server that stops closes with 1001, after which the client comes again", async (t) => {
  const server = await counting(t);
  const { client, closed } = ws(t, server.ws, { lazy: false, retryAttempts: 1, onNonLazyError() {} });
  await all(client, "{ total }");

  server.stop();

  assert.equal(await server.exited, 0);
  await eventually(() => closed.length === 2);
  assert.equal(closed[0], "1001 the server stops");
});

test("graphql-ws: a server that stops does not wait for ever", async (t) => {
  const server = await counting(t, { deadline: 200 });
  const { client, closed } = ws(t, server.ws);
  const query = refused(client, "{ slow(ms: 100000) }");
  await sleep(200);

  server.stop();

  assert.equal(await server.exited, 0);
  assert.match(await query, /^1006/);
  assert.equal(closed.length, 1);
});

test("graphql-ws: pings of both sides", async (t) => {
  const server = await counting(t, { "keep-alive": 250 });
  const heard = { ping: 0, pong: 0, frame: 0 };
  class Counting extends WebSocket {
    constructor(...args) {
      super(...args);
      this.on("ping", () => (heard.frame += 1));
    }
  }
  const on = { pong: (received) => (heard.pong += received ? 1 : 0) };
  const { client, closed } = ws(t, server.ws, { webSocketImpl: Counting, keepAlive: 50, on });

  assert.deepEqual(await all(client, "{ slow(ms: 1000) }"), [{ data: { slow: 1000 } }]);
  assert.ok(heard.frame >= 2 && heard.pong >= 2, JSON.stringify(heard));
  assert.ok(closed.every((it) => it.startsWith("1000")), closed.join());
});

test("graphql-sse: signs of life", async (t) => {
  const server = await counting(t, { "keep-alive": 50 });
  const client = sse(t, server.http);

  const answer = await all(client, "subscription { count(to: 1, delayMs: 400) }");

  assert.deepEqual(answer, [{ data: { count: 1 } }]);
});

test("graphql-sse: a stream too many is 503, and comes again", async (t) => {
  const server = await counting(t, { "max-streams": 1 });
  const first = sse(t, server.http).iterate({ query: ENDLESS });
  await first.next();

  await assert.rejects(all(sse(t, server.http), "{ total }"), /503/);
  const again = all(sse(t, server.http, { retryAttempts: 1000 }), "{ total }");
  await first.return();

  assert.deepEqual(await again, [{ data: { total: 0 } }]);
});

test("graphql-sse: a token in the headers", async (t) => {
  const { http } = await counting(t);

  assert.deepEqual(await all(sse(t, http, { headers: { authorization: "ann" } }), "{ me }"), [{ data: { me: "ann" } }]);
  await assert.rejects(all(sse(t, http, { headers: { authorization: "nobody" } }), "{ me }"), /403/);
});

// What a well-behaved client never does.

/** How a socket is closed that says these things at once: texts and buffers as they are, all else as JSON. */
async function closing(url, messages, protocol = "graphql-transport-ws", options = {}) {
  const socket = new WebSocket(url, protocol, options);
  await once(socket, "open");
  const isPlain = (message) => typeof message === "string" || Buffer.isBuffer(message);
  for (const message of messages) socket.send(isPlain(message) ? message : JSON.stringify(message));
  const [code, reason] = await once(socket, "close");
  return [code, String(reason)];
}

const INIT = { type: "connection_init" };
const subscribe = (id) => ({ type: "subscribe", id, payload: { query: ENDLESS } });

for (const [code, reason, messages] of [
  [4400, /^Invalid message: /, ["hello"]],
  [4400, /^Invalid message: /, [INIT, { type: "start", id: "1" }]],
  [4400, /^Invalid message: `id` is missing$/, [INIT, { ...subscribe("1"), id: undefined }]],
  [4400, /binary/, [Buffer.from(JSON.stringify(INIT))]],
  [4401, /^Unauthorized$/, [subscribe("1")]],
  [4409, /^Subscriber for 1 already exists$/, [INIT, ...new Array(2).fill(subscribe("1"))]],
  [4429, /^Too many initialisation requests$/, [INIT, INIT]],
]) {
  test(`ws: ${code} after ${messages.map((it) => it.type ?? `${it}`).join()}`, async (t) => {
    const server = await counting(t);

    const [closedWith, why] = await closing(server.ws, messages);

    assert.equal(closedWith, code);
    assert.match(why, reason);
  });
}

test("ws: 4406 for another protocol", async (t) => {
  const { ws: url } = await counting(t);

  assert.deepEqual(await closing(url, [], []), [4406, "Subprotocol not acceptable"]);
});

test("ws: who answers no ping is dropped", async (t) => {
  const { ws: url } = await counting(t, { "keep-alive": 50 });

  const [code] = await closing(url, [INIT], "graphql-transport-ws", { autoPong: false });

  assert.equal(code, 1006);
});

// The product itself, if there is one.

const { CULTUREGRAPH_URL: address } = process.env;
const skip = address ? false : "CULTUREGRAPH_URL names no server";

test("the product answers alike over all transports", { skip }, async (t) => {
  const url = `${address.replace(/\/$/, "")}/graphql`;
  const headers = { "content-type": "application/json" };
  const plain = async (query) => {
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
    return response.json();
  };
  const clients = [ws(t, url.replace(/^http/, "ws")).client, sse(t, url)];

  const good = "{ cities(first: 3) { totalCount nodes { slug } } }";
  // What is left of a budget is less each time.
  const lasting = ({ extensions: { cost: { remaining, resetsAt, ...cost } }, ...answer }) => ({ ...answer, cost });
  for (const client of clients) {
    assert.deepEqual((await all(client, good)).map(lasting), [lasting(await plain(good))]);
  }
  for (const bad of ["{ cities", "{ towns }", "subscription { nothing }"]) {
    const codes = (await plain(bad)).errors.map(({ extensions }) => extensions.code);
    assert.deepEqual(await refused(clients[0], bad), codes);
    const [{ errors }] = await all(clients[1], bad);
    assert.deepEqual(errors.map(({ extensions }) => extensions.code), codes);
  }
});
