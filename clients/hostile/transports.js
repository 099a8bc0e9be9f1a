// An operation over each transport, and what every answer must be.
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";
import WebSocket from "ws";

/** A request may take 10 s by the server's own settings; what takes longer hangs. */
const PATIENCE_MS = 15_000;
/** Errors say what is wrong, and do not repeat what was sent. */
const ERRORS_MAX = 64 * 1024;
/** Line and headers of a request may have 64 KiB; what is not sure to fit may be refused before anybody reads it. */
const URL_MAX = 60_000;

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** The status and the text that a request is answered with. */
export function send(url, { method = "POST", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { agent, method, headers, signal: AbortSignal.timeout(PATIENCE_MS) },
      async (response) => {
        try {
          const chunks = await response.toArray();
          resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() });
        } catch (error) {
          reject(error);
        }
      },
    );
    sent.on("error", (error) => {
      // The server may have closed a connection that was used before at the same moment.
      if (sent.reusedSocket && isOfConnection(error)) resolve(send(url, { method, headers, body }));
      else reject(error);
    });
    sent.end(body);
  });
}

/** Whether it is the connection that has ended. */
export const isOfConnection = ({ code }) => ["ECONNRESET", "EPIPE"].includes(code);

const JSON_TYPE = { "content-type": "application/json" };

/** Ways to ask a server, by their names. Each gives a status and the JSON of a response. */
export function transports(server) {
  const url = `${server.url}/graphql`;
  const post = (asked, headers) => send(url, { headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(asked) });
  const socket = new Socket(url.replace(/^http/, "ws"));
  return {
    post,
    async get({ query, variables, operationName }) {
      const all = { query, variables: variables && JSON.stringify(variables), operationName };
      const given = Object.entries(all).filter(([, value]) => value !== undefined);
      const { pathname, search } = new URL(`${url}?${new URLSearchParams(given)}`);
      const answer = await send(`${server.url}${pathname}${search}`, { method: "GET" });
      const isLong = search.length > URL_MAX;
      return isLong && [414, 431].includes(answer.status) ? { ...answer, isUnread: true } : answer;
    },
    async sse(asked) {
      const answer = await post(asked, { accept: "text/event-stream" });
      if (!answer.headers["content-type"]?.startsWith("text/event-stream")) return answer;
      const data = answer.text.match(/^event: next\n((?:data: .*\n)+)\nevent: complete\ndata:\n\n$/m)?.[1];
      assert.ok(data, `not one event and the end: ${answer.text.slice(0, 200)}`);
      return { ...answer, text: data.replaceAll(/^data: /gm, "") };
    },
    ws: (asked) => socket.ask(asked),
    close: () => socket.close(),
  };
}

/** One socket for one operation after another. When the server closes it, the next has a new one. */
class Socket {
  #url;
  #socket;
  #ids = 0;

  constructor(url) {
    this.#url = url;
  }

  async ask(asked) {
    const socket = await this.#opened();
    const id = String((this.#ids += 1));
    return new Promise((resolve, reject) => {
      let payload;
      const late = setTimeout(() => done(reject, new Error("nothing came over the socket")), PATIENCE_MS);
      const heard = (message) => {
        const it = JSON.parse(message);
        if (it.id !== id) return;
        if (it.type === "next") payload = it.payload;
        if (it.type === "error") done(resolve, { status: 200, text: JSON.stringify({ errors: it.payload }) });
        if (it.type === "complete") done(resolve, { status: 200, text: JSON.stringify(payload) });
      };
      const closed = (code) => {
        this.#socket = undefined;
        // What is no request of the protocol's closes the socket, and what is too large; all else is a failure.
        if ([4400, 1009].includes(code)) done(resolve, { isUnread: true });
        else done(reject, new Error(`the socket was closed with ${code}`));
      };
      const done = (end, value) => {
        clearTimeout(late);
        socket.off("message", heard).off("close", closed);
        end(value);
      };
      socket.on("message", heard).on("close", closed);
      socket.send(JSON.stringify({ type: "subscribe", id, payload: asked }));
    });
  }

  async #opened() {
    if (this.#socket?.readyState === WebSocket.OPEN) return this.#socket;
    const socket = new WebSocket(this.#url, "graphql-transport-ws", { maxPayload: 2 ** 30 });
    socket.on("error", () => {});
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init" }));
    await once(socket, "message");
    this.#socket = socket;
    return socket;
  }

  close() {
    this.#socket?.terminate();
  }
}

/** What must be so of every answer, whatever was asked; gives its errors, or null for what nobody has read. */
export function judged({ status, text, isUnread }) {
  if (isUnread) return null;
  assert.ok(status >= 200 && status < 500, `the status is ${status}: ${text.slice(0, 200)}`);
  const body = JSON.parse(text);
  for (const { errors, data, extensions } of [body].flat()) {
    assert.ok(errors?.length > 0 || data, "neither errors nor data");
    const { requested = 0, limit = 0 } = extensions?.cost ?? {};
    assert.ok(requested <= limit, `it ran at a cost of ${requested}`);
    assert.ok(JSON.stringify(errors ?? []).length < ERRORS_MAX, "the errors are long");
    for (const error of errors ?? []) {
      const { code } = error.extensions ?? {};
      assert.ok(code && code !== "INTERNAL", `a failure of the server: ${JSON.stringify(error)}`);
    }
  }
  return [body].flat().flatMap(({ errors }) => errors ?? []);
}
