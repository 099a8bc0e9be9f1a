// Every audit of graphql-http: what GraphQL over HTTP says that a server must, should and may do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { serverAudits } from "graphql-http";

import { endpoint } from "./server.js";

const audits = serverAudits({ url: endpoint, fetchFn: fetch });

for (const { id, name, fn } of audits) {
  test(`${id} ${name}`, async (t) => {
    const { status, reason } = await fn();
    if (name.startsWith("MAY ")) return status === "ok" ? undefined : t.skip(reason);
    assert.equal(status, "ok", reason);
  });
}
