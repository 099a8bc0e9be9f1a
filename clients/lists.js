// What a walk through a list has to end with, whichever client walked.
import assert from "node:assert/strict";

/** That a walk has met each record of the list once. */
export function assertWhole({ edges, totalCount }) {
  assert.equal(new Set(edges.map(({ node }) => node.id)).size, edges.length, "a record was met twice");
  assert.equal(edges.length, totalCount);
}
