// Connections of which a test has each byte in its hand.
import { connect } from "node:net";

/** A connection; what came over it so far, and whether the server has closed it. */
export function open(server) {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port) });
  const it = { socket, said: "", isClosed: false, openedAt: Date.now(), closedAt: null };
  // What the server does not wait for may be answered by a reset.
  socket.on("error", () => {});
  socket.on("close", () => {
    it.isClosed = true;
    it.closedAt = Date.now();
  });
  socket.on("data", (chunk) => {
    it.said += chunk.toString("latin1");
  });
  return it;
}

/** Waits until something is so; whether it became so in time. */
export async function eventually(isSo, patienceMs) {
  const end = Date.now() + patienceMs;
  while (!isSo()) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

/** The status of every answer that came. */
export const statuses = (said) => [...said.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status));
