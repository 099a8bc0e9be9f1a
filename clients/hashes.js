// Automatic persisted queries, as every client does them: the hash alone at first, and the document once with it where
// the server does not know the hash.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

/** A document that no server has seen. */
export const unseen = () =>
  `query Q${randomUUID().replaceAll("-", "")} { city(by: { slug: "ha-noi" }) { id name(lang: "en") } }`;

/** A `fetch`, and what was sent by it: the method, and whether the document went along. */
export function recorder() {
  const sent = [];
  const recorded = (url, init) => {
    const { query, extensions } =
      init.method === "GET" ? Object.fromEntries(new URL(url).searchParams) : JSON.parse(init.body);
    assert.ok(extensions, "a request without a hash");
    sent.push(`${init.method} ${query ? "document" : "hash"}`);
    return fetch(url, init);
  };
  return { sent, fetch: recorded };
}
