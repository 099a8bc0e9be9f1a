// Every audit of graphql-http: what GraphQL over HTTP says that a server must, should and may do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { serverAudits } from "graphql-http";

import { endpoint } from "./server.js";

/**
 * Audits of older drafts, which the edition of September 2026 no longer says. It has taken out the time in which
 * `application/json` was the default (graphql-over-http #330), and the section by which answers in it were 200 also
 * when nothing ran (#404). A client that names no type, or any, gets `application/graphql-response+json`, and statuses
 * do not depend on the type. By id, the status and the type that are right.
 */
const OUTDATED = {
  "47DE": [200, "application/graphql-response+json"], // Accept: */*
  "80D8": [200, "application/graphql-response+json"], // No Accept.
  "572B": [400, "application/graphql-response+json"], // A document that does not parse, Accept: application/json.
  FDE2: [400, "application/graphql-response+json"], // A document that is not valid, likewise.
  "7B9B": [400, "application/graphql-response+json"], // Variables that do not fit, likewise.
};

const audits = serverAudits({ url: endpoint, fetchFn: fetch });

for (const { id, name, fn } of audits) {
  test(`${id} ${name}`, async (t) => {
    const { status, reason, response } = await fn();
    if (id in OUTDATED) {
      assert.equal(status, "warn", "the audit does not fail any more: take it out of the exceptions");
      const [type] = response.headers.get("content-type").split(";");
      return assert.deepEqual([response.status, type], OUTDATED[id]);
    }
    if (name.startsWith("MAY ")) return status === "ok" ? undefined : t.skip(reason);
    assert.equal(status, "ok", reason);
  });
}

test("every exception is an audit of a SHOULD", () => {
  const should = audits.filter(({ name }) => name.startsWith("SHOULD ")).map(({ id }) => id);
  for (const id of Object.keys(OUTDATED)) assert.ok(should.includes(id), id);
});
