// Relay: its compiler takes the schema and our lists for connections, and its runtime walks them in its store.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { beforeEach, test } from "node:test";
import runtime from "relay-runtime";

import { assertWhole } from "./lists.js";
import { ask, endpoint, someRecords } from "./server.js";

const require = createRequire(import.meta.url);
const here = (path) => new URL(path, import.meta.url).pathname;

// What does not compile ends the test here, and the compiler says why.
const compile = ["--output", "quiet-with-errors", "relay.config.json"];
execFileSync(here("node_modules/.bin/relay-compiler"), compile, { cwd: here("."), stdio: "inherit" });
// As in the project of a website: tags become the operations that the compiler has made of them. By `require`, since
// Relay leaves out the endings of files, which `import` wants.
require("@babel/register")({ cwd: here("."), only: [here("relay")], plugins: ["relay"], cache: false });

const { createOperationDescriptor, fetchQuery, getPaginationMetadata, getPaginationVariables } = runtime;

let environment;
let requests;

beforeEach(() => {
  requests = 0;
  const network = runtime.Network.create(async ({ text: query }, variables) => {
    requests += 1;
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    return response.json();
  });
  environment = new runtime.Environment({ network, store: new runtime.Store(new runtime.RecordSource()) });
});

/** Runs a query, and keeps what it has read as long as the test runs. */
async function load(query, variables) {
  environment.retain(createOperationDescriptor(query, variables));
  return fetchQuery(environment, query, variables).toPromise();
}

/** What a component reads of a fragment; nothing that it asks for may be missing in the store. */
function read(fragment, reference) {
  const selector = runtime.getSingularSelector(fragment, reference);
  const { data, isMissingData } = environment.lookup(selector);
  assert.equal(isMissingData, false, `the store lacks data of ${fragment.name}`);
  return { data, variables: { ...selector.owner.variables, ...selector.variables } };
}

/** Walks a list to its end as `usePaginationFragment` does; the connection with all edges. */
async function walk(fragment, reference, count, direction = "forward") {
  const { paginationRequest, paginationMetadata, connectionPathInFragmentData, identifierField } =
    getPaginationMetadata(fragment, "walk");
  const inside = (data) => connectionPathInFragmentData.reduce((at, key) => at[key], data);
  for (;;) {
    const { data, variables } = read(fragment, reference);
    const connection = inside(data);
    const { hasNextPage, endCursor, hasPreviousPage, startCursor } = connection.pageInfo;
    const cursor = direction === "forward" ? hasNextPage && endCursor : hasPreviousPage && startCursor;
    if (!cursor) return connection;
    const next = getPaginationVariables(direction, count, cursor, variables, {}, paginationMetadata);
    await load(paginationRequest, identifierField ? { ...next, id: data[identifierField] } : next);
    const { edges } = inside(read(fragment, reference).data);
    assert.ok(edges.length > connection.edges.length, "a page without a new edge");
  }
}

const ids = ({ edges }) => edges.map(({ node }) => node.id);

test("Relay walks a list at the root", async () => {
  const { query, list } = require("./relay/Memberships.js");

  const memberships = await walk(list, await load(query, { count: 90 }), 90);

  assert.equal(requests, Math.ceil(memberships.totalCount / 90));
  assertWhole(memberships);
  const { data } = read(require("./relay/CityCard.js").city, memberships.edges.at(-1).node.city);
  assert.ok(data.slug && data.name && data.country.name, JSON.stringify(data));
});

test("Relay walks a list with a filter", async () => {
  const { query, list } = require("./relay/Memberships.js");
  const filter = { currentField: { notation: { eq: "design" } } };

  const memberships = await walk(list, await load(query, { count: 20, filter }), 20);

  const count = "query ($filter: MembershipFilter) { memberships(filter: $filter) { totalCount } }";
  const counted = await ask(count, { filter });
  assert.equal(memberships.totalCount, counted.memberships.totalCount);
  assertWhole(memberships);
  assert.ok(requests > 2);
});

test("Relay walks a list backwards, to the same records in the same order", async () => {
  const { query, list, backwardsQuery, backwards } = require("./relay/Memberships.js");

  const forwards = await walk(list, await load(query, { count: 100 }), 100);
  const reverse = await walk(backwards, await load(backwardsQuery, { count: 90 }), 90, "backward");

  assert.deepEqual(ids(reverse), ids(forwards));
});

test("Relay walks the list of a record, which goes on by the record's id", async () => {
  const { query, country } = require("./relay/CountryCities.js");
  const data = await load(query, { alpha2Code: "VN", count: 70 });

  const cities = await walk(country, data.country, 70);

  assert.equal(requests, Math.ceil(cities.totalCount / 70));
  assertWhole(cities);
});

test("Relay walks lists in a list", async () => {
  const { query, city, initiative } = require("./relay/CityPlans.js");
  const data = await load(query, { slug: "ha-noi", count: 2 });

  const initiatives = await walk(city, data.city, 2);

  assertWhole(initiatives);
  const counts = [];
  for (const { node } of initiatives.edges) {
    const claims = await walk(initiative, node, 2);
    assertWhole(claims);
    counts.push(claims.totalCount);
  }
  assert.ok(Math.max(...counts) > 4, `no list in the list has three pages: ${counts}`);
});

test("Relay fetches any record by its id, and finds it in the store afterwards", async () => {
  const { query, sources } = require("./relay/RecordPage.js");
  const { city, initiative } = await someRecords();

  const [place, plan] = await Promise.all([city, initiative].map((id) => load(query, { id, lang: "en" })));

  assert.deepEqual([place.node.__typename, place.node.title], ["City", "Hanoi"]);
  assert.equal(place.node.sources, null);
  assert.equal(read(require("./relay/CityCard.js").city, place.node.city).data.slug, "ha-noi");
  assert.equal(plan.node.__typename, "Initiative");
  assert.equal(plan.node.city, null);
  assert.equal(read(sources, plan.node.sources).data.modality, "STATED");
  const again = environment.check(createOperationDescriptor(query, { id: city, lang: "en" }));
  assert.equal(again.status, "available");
});

test("Relay fetches a fragment on an interface again", async () => {
  const { query, sources } = require("./relay/RecordPage.js");
  const { initiative: id } = await someRecords();
  const { node } = await load(query, { id, lang: "en" });
  const { refetchableRequest } = runtime.getRefetchMetadata(sources, "again");

  await load(refetchableRequest, { id, count: 1 });

  assert.equal(requests, 2);
  const { data } = read(sources, node.sources);
  assert.equal(data.citations.nodes.length, 1);
  assert.ok(data.citations.nodes[0].quote);
});

test("Relay gets null for an id that nothing has", async () => {
  const { query } = require("./relay/RecordPage.js");

  const { node } = await load(query, { id: "city_00000000000000000000000000" });

  assert.equal(node, null);
});
