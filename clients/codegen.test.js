// GraphQL Code Generator: typed documents that `tsc` compiles, and what they give when they are run.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { before, test } from "node:test";

import { endpoint, someRecords } from "./server.js";

const here = (path) => new URL(path, import.meta.url).pathname;
const run = (tool, ...args) =>
  execFileSync(here(`node_modules/.bin/${tool}`), args, { cwd: here("typed"), stdio: "inherit" });

// What does not compile ends the test here, and the compiler says why.
rmSync(here("typed/__generated__"), { recursive: true, force: true });
run("graphql-codegen", "--silent");
run("tsc");

let pages;

before(async () => {
  pages = await import("./typed/__generated__/build/pages.js");
});

test("typed documents read fragments, a union and scalars", async () => {
  const { slug, name, population, updated, claims } = await pages.cityPage(endpoint, { slug: "ha-noi" });

  assert.deepEqual([slug, name, typeof population], ["ha-noi", "Hanoi", "number"]);
  assert.ok(updated > new Date("2026-01-01"), String(updated));
  const of = (property) => claims.find((claim) => claim.property === property);
  assert.match(of("POPULATION").value, /^\d+$/);
  assert.equal(of("LIST_IS_OPEN").value, "yes");
  assert.ok(of("GOAL").value && of("GOAL").quote, JSON.stringify(of("GOAL")));
});

test("typed documents take each key of an input that wants exactly one", async () => {
  const { city } = await someRecords();
  const keys = [{ id: city }, { slug: "ha-noi" }, { identifier: { scheme: "GEONAMES", value: "1581130" } }];
  for (const key of keys) {
    assert.equal((await pages.cityPage(endpoint, key)).name, "Hanoi");
  }
  assert.equal(await pages.cityPage(endpoint, { slug: "no-such-city" }), null);
});

test("typed documents walk a list by filter and order", async () => {
  const { ids, totalCount } = await pages.members(endpoint, { currentField: { notation: { eq: "music" } } }, 15);

  assert.equal(new Set(ids).size, ids.length);
  assert.equal(ids.length, totalCount);
  assert.ok(totalCount > 30);
});

test("typed documents tell the types behind an interface apart", async () => {
  const { city, initiative } = await someRecords();

  const place = await pages.anyRecord(endpoint, city);
  const plan = await pages.anyRecord(endpoint, initiative);

  assert.deepEqual([place.__typename, place.name, "modality" in place], ["City", "Hanoi", false]);
  assert.deepEqual([plan.__typename, plan.modality, "population" in plan], ["Initiative", "STATED", false]);
});

test("typed documents count by an enum", async () => {
  const groups = await pages.greatestCountries(endpoint);

  assert.equal(groups.length, 3);
  for (const { country, count } of groups) assert.ok(/^[A-Z]{2}$/.test(country) && count > 100, country);
});
