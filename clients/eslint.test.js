// graphql-eslint on the schema: the rules that it recommends, and those of Relay.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ESLint } from "eslint";

import config from "./eslint.config.js";

const here = (path) => new URL(path, import.meta.url).pathname;
const schema = readFileSync(here("../schema.graphql"), "utf8");

/**
 * What the rules say of single places, and why we leave it. The schema is written by the program, so that it cannot
 * have a comment there.
 */
const EXCEPTIONS = [
  // The changeset that a change was part of is no part of its name.
  'changeset: Changeset – Field "changeset" starts with the name of the parent type "Change"',
  // Changes are read by their positions, page by page or record by record; `node` answers with records.
  "type ChangeEdge { – Edge type's field `node` must implement `Node` interface.",
  "type HistoryEdge { – Edge type's field `node` must implement `Node` interface.",
  // A conflict is found and not stored. Its id is gone when its oldest claim is no side of it any more, while an id of
  // a `Node` answers for ever.
  "type ConflictEdge { – Edge type's field `node` must implement `Node` interface.",
];

/** What the rules say of a schema: the line, and what is wrong with it. */
async function lint(text) {
  const eslint = new ESLint({ cwd: here(".."), overrideConfigFile: here("eslint.config.js") });
  const [{ messages }] = await eslint.lintText(text, { filePath: here("../schema.graphql") });
  const lines = text.split("\n");
  return messages.map(({ line, message }) => `${lines[line - 1]?.trim()} – ${message}`);
}

test("the schema is as the rules want it", async () => {
  assert.deepEqual((await lint(schema)).sort(), [...EXCEPTIONS].sort());
});

test("every type that is said to be a value is in the schema", () => {
  const [{ rules }] = config;
  for (const type of rules["@graphql-eslint/strict-id-in-types"][1].exceptions.types) {
    assert.ok(schema.includes(`\ntype ${type} {`), type);
  }
});

test("what is wrong in a schema is found", async () => {
  const worse = schema.replace(/^"A city or town, .*"\n/m, "").replace("  NONE\n", "  none\n");
  const found = (await lint(worse)).filter((message) => !EXCEPTIONS.includes(message));
  assert.deepEqual(found, [
    'none – Enum value "none" should be in UPPER_CASE format',
    "type City implements Node & Record & Described { – Description is required for type \"City\"",
  ]);
});
