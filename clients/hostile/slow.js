// Clients that take their time, each on a connection of its own: how they begin, and how the server is to end them.
import { times, words } from "./chance.js";
import { open, statuses } from "./sockets.js";

const head = (line, ...headers) => [line, "host: a", ...headers, "", ""].join("\r\n");
const JSON_TYPE = "content-type: application/json";
/** Six megabytes for each. */
const LARGE = `{ ${words(20, (n) => `a${n}: _service { sdl }`)} }`;
const UPGRADE = head(
  "GET /graphql HTTP/1.1",
  "connection: upgrade",
  "upgrade: websocket",
  "sec-websocket-version: 13",
  "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol: graphql-transport-ws",
);

/** A text as a client's frame of a WebSocket, with a mask of zeros. */
function frame(message) {
  const payload = Buffer.from(JSON.stringify(message));
  const long = payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([0x81, ...long, 0, 0, 0, 0]), payload]);
}
const INIT = frame({ type: "connection_init" });
const subscribe = (id) => frame({ type: "subscribe", id: String(id), payload: { query: LARGE } });

/** Sends the beginning, then an `x` each tenth of a second. */
function trickle({ socket }, beginning) {
  socket.write(beginning);
  const timer = setInterval(() => socket.write("x"), 100);
  socket.on("close", () => clearInterval(timer));
}

const isTold =
  (status) =>
  ({ said }) =>
    statuses(said).includes(status);
const isClosed = (it) => it.isClosed;
const isClosedAfter = (text) => (it) => it.isClosed && it.said.includes(text);

/**
 * `isEnded` is how a client sees that the server has had enough of it; one that reads nothing sees nothing, so that the
 * server's own list of connections has to tell. Some megabytes are taken by the system for whoever does not read, hence
 * several answers for each.
 */
const kinds = [
  { name: "says nothing", count: 100, begin() {}, isEnded: isClosed },
  {
    name: "sends its headers a byte at a time",
    count: 100,
    begin: (it) => trickle(it, "GET / HTTP/1.1\r\na: "),
    isEnded: isClosed,
  },
  {
    name: "sends its body a byte at a time",
    count: 100,
    begin: (it) => trickle(it, head("POST /graphql HTTP/1.1", JSON_TYPE, "content-length: 1000")),
    isEnded: isTold(408),
  },
  {
    name: "sends the body of an event stream a byte at a time",
    count: 50,
    begin: (it) =>
      trickle(it, head("POST /graphql HTTP/1.1", JSON_TYPE, "accept: text/event-stream", "content-length: 1000")),
    isEnded: isTold(408),
  },
  {
    name: "announces a large body and sends nothing",
    count: 100,
    begin: ({ socket }) => socket.write(head("POST /graphql HTTP/1.1", JSON_TYPE, "content-length: 1048576")),
    isEnded: isTold(408),
  },
  {
    name: "opens a socket and says nothing",
    count: 50,
    begin: ({ socket }) => socket.write(UPGRADE),
    isEnded: isClosedAfter("initialisation timeout"),
  },
  {
    name: "opens a socket and answers no ping",
    count: 50,
    begin: ({ socket }) => [UPGRADE, INIT].forEach((it) => socket.write(it)),
    isEnded: isClosedAfter("connection_ack"),
  },
  {
    name: "asks for long texts and reads nothing",
    count: 50,
    begin: ({ socket }) => socket.pause().write(head("GET /schema.graphql HTTP/1.1").repeat(60)),
  },
  {
    name: "asks for long answers and reads nothing",
    count: 2,
    begin: ({ socket }) =>
      socket.pause().write(head(`GET /graphql?query=${encodeURIComponent(LARGE)} HTTP/1.1`).repeat(3)),
  },
  {
    name: "asks for long answers over a socket and reads nothing",
    count: 2,
    begin({ socket }) {
      socket.pause();
      [UPGRADE, INIT, ...times(3, subscribe)].forEach((it) => socket.write(it));
    },
  },
];

/** All of them at the same time, by kind. */
export const crowd = (server) =>
  kinds.map(({ name, count, begin, isEnded }) => {
    const clients = times(count, () => open(server));
    clients.forEach(begin);
    return { name, clients, reads: isEnded !== undefined, left: () => clients.filter((it) => !isEnded(it)).length };
  });
